"""Prices: of a contract, and of the underlying."""

from dataclasses import dataclass

from novate.units.bounds import INDEX_BITS, MULTIPLIER_BITS, PRICE_BITS
from novate.units.out_of_range import within
from novate.units.qty import Qty
from novate.units.rounding import Rounding, div, floor_and_rest
from novate.units.usd import Usd


@dataclass(frozen=True, slots=True, order=True)
class Price:
    """US dollars per contract, a price or a strike; one step is 0.001 USD. Below 2**34 steps."""

    e3: int

    def __post_init__(self) -> None:
        within("price", self.e3, high=1 << PRICE_BITS)

    def times(self, qty: Qty) -> Usd:
        """The value of `qty` contracts, exact: 1e-3 USD x 1e-3 contracts = 1e-6 USD."""
        return Usd(self.e3 * qty.e3)

    def __str__(self) -> str:
        return f"{_thousandths(self.e3)} USD per contract"


@dataclass(frozen=True, slots=True, order=True)
class Multiplier:
    """Units of the underlying in one contract; one step is 0.001. From 1, below 2**28 steps."""

    e3: int

    def __post_init__(self) -> None:
        within("multiplier", self.e3, low=1, high=1 << MULTIPLIER_BITS)

    def __str__(self) -> str:
        return f"{_thousandths(self.e3)} per contract"


@dataclass(frozen=True, slots=True, order=True)
class IndexPrice:
    """US dollars per unit of the underlying; one step is 0.001 USD. From 0, below 2**34 steps."""

    e3: int

    def __post_init__(self) -> None:
        within("index price", self.e3, high=1 << INDEX_BITS)

    def per_contract(self, multiplier: Multiplier, rounding: Rounding) -> Price:
        """The price of a contract: 1e-3 USD a unit x 1e-3 units = 1e-6 USD, in steps of 1e-3.

        Raises: OutOfRange for a contract that has no `Price`.
        """
        return Price(div(self.e3 * multiplier.e3, 1000, rounding))

    def __str__(self) -> str:
        return f"{_thousandths(self.e3)} USD"


def _thousandths(value_e3: int) -> str:
    whole, step = floor_and_rest(value_e3, 1000)
    return f"{whole:,}.{step:03d}"
