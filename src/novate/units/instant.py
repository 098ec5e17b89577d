"""Time."""

from dataclasses import dataclass
from datetime import UTC, datetime

from novate.units.bounds import TIME_BITS
from novate.units.out_of_range import within
from novate.units.tenor import Tenor


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A moment; seconds since 1970-01-01 00:00 UTC. From 0, below 2**32."""

    s: int

    def __post_init__(self) -> None:
        within("instant", self.s, high=1 << TIME_BITS)

    def until(self, expiry: "Instant") -> Tenor:
        """The time from now to an expiry.

        Raises: OutOfRange for an expiry in the past, or further off than a tenor can say.
        """
        return Tenor(expiry.s - self.s)

    def __str__(self) -> str:
        return datetime.fromtimestamp(self.s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
