"""Quantity."""

from dataclasses import dataclass

from novate.units.bounds import QTY_BITS
from novate.units.out_of_range import within
from novate.units.rounding import floor_and_rest


@dataclass(frozen=True, slots=True, order=True)
class Qty:
    """A number of contracts, signed: long above zero, short below; one step is a milli-contract.

    Magnitude below 2**27.
    """

    e3: int

    def __post_init__(self) -> None:
        within("quantity", self.e3, low=1 - (1 << QTY_BITS), high=1 << QTY_BITS)

    def __str__(self) -> str:
        whole, step = floor_and_rest(abs(self.e3), 1000)
        return f"{'-' if self.e3 < 0 else ''}{whole:,}.{step:03d} contracts"
