"""Cash."""

from dataclasses import dataclass

from novate.units.bounds import AMOUNT_BITS
from novate.units.out_of_range import within
from novate.units.rounding import floor_and_rest


@dataclass(frozen=True, slots=True, order=True)
class Usd:
    """An amount of USDC, signed; one step is 1e-6 USDC. Magnitude below 2**64."""

    e6: int

    def __post_init__(self) -> None:
        within("amount", self.e6, low=1 - (1 << AMOUNT_BITS), high=1 << AMOUNT_BITS)

    def __add__(self, other: "Usd") -> "Usd":
        return Usd(self.e6 + other.e6)

    def __sub__(self, other: "Usd") -> "Usd":
        return Usd(self.e6 - other.e6)

    def __neg__(self) -> "Usd":
        return Usd(-self.e6)

    def __str__(self) -> str:
        whole, step = floor_and_rest(abs(self.e6), 10**6)
        return f"{'-' if self.e6 < 0 else ''}{whole:,}.{step:06d} USDC"
