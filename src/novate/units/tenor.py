"""Time until an expiry."""

from dataclasses import dataclass

from novate.units.bounds import TENOR_BITS
from novate.units.out_of_range import within
from novate.units.rounding import floor_and_rest


@dataclass(frozen=True, slots=True, order=True)
class Tenor:
    """How long until an expiry, in seconds. From 0, at the expiry itself, below 2**26."""

    s: int

    def __post_init__(self) -> None:
        within("tenor", self.s, high=1 << TENOR_BITS)

    def __str__(self) -> str:
        days, rest = floor_and_rest(self.s, 86_400)
        hours, rest = floor_and_rest(rest, 3_600)
        minutes, seconds = floor_and_rest(rest, 60)
        return f"{days} d {hours:02d}:{minutes:02d}:{seconds:02d}"
