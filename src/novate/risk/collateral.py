"""Collateral besides USDC: what it counts for in equity, which is less than it is worth."""

from dataclasses import dataclass
from typing import Final

from novate.units import Price, Rounding, Term, Usd, bounds, div, within

ONE: Final = bounds.RATE_SCALE
_SCALE: Final = 1000 * ONE
"""Milli-USD a unit times micro-units times millionths, in one micro-USD."""


def collateral_law(balance: Term, price: Term, counted: Term, value: Term, dust: Term) -> Term:
    """Zero when a balance counts for `value`, rounded down; `dust` in [0, 10**9).

    `counted` is what the haircut leaves of a price, in millionths.
    """
    return balance * price * counted - value * _SCALE - dust


@dataclass(frozen=True, slots=True)
class Collateral:
    """What a compartment decides about an asset that is not USDC.

    It counts in equity and secures nothing, as it may be worth less at the next tick: a book is
    cash-secured by USDC alone.
    """

    haircut_e6: int
    """The part that does not count: at least what it may fall by before it is sold."""
    most: Usd
    """The most that one account may count of it, after the haircut."""

    def __post_init__(self) -> None:
        within("haircut", self.haircut_e6, high=ONE + 1)
        within("most of a collateral", self.most.e6, high=1 << bounds.USD_BITS)

    def value(self, balance_e6: int, price: Price) -> Usd:
        """What a balance in micro-units counts for, at an index price for one unit.

        Range:    a product of 63 + 34 + 20 = 117 bits, so of one balance and not of arrays.
        Rounding: down, against the account.
        Law:      `collateral_law`.
        Witness:  quotient and dust; the side of the most.
        Raises:   OutOfRange.
        """
        within("balance of a collateral", balance_e6, high=1 << bounds.USD_BITS)
        counted_e6 = ONE - self.haircut_e6
        value_e6 = div(balance_e6 * price.e3 * counted_e6, _SCALE, Rounding.FLOOR)
        dust = balance_e6 * price.e3 * counted_e6 - value_e6 * _SCALE
        assert 0 <= dust < _SCALE
        assert collateral_law(balance_e6, price.e3, counted_e6, value_e6, dust) == 0
        return Usd(min(value_e6, self.most.e6))
