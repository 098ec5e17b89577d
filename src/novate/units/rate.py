"""Rates."""

from dataclasses import dataclass

from novate.units.bounds import RATE_BITS
from novate.units.out_of_range import within
from novate.units.rounding import floor_and_rest


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """A part of a whole; one step is 1e-6. From 0, below 2**20 steps."""

    e6: int

    def __post_init__(self) -> None:
        within("rate", self.e6, high=1 << RATE_BITS)

    def __str__(self) -> str:
        whole, step = floor_and_rest(self.e6, 10**4)
        return f"{whole}.{step:04d} %"
