"""The insurance fund of a compartment: receives fees and dust, covers what accounts cannot pay.

One compartment has one fund, and a loss is a value that carries its compartment: covering it from
another's fund is an error, not a decision.
"""

from dataclasses import dataclass

from novate.risk.compartment import OtherCompartment
from novate.units import Integers, Term, bounds, within


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What a compartment's accounts could not pay: micro-USDC, never negative."""

    compartment: int
    e6: int

    def __post_init__(self) -> None:
        within("compartment", self.compartment, low=1, high=1 << bounds.COMPARTMENT_BITS)
        within("shortfall", self.e6, high=1 << bounds.USD_BITS)


def fund_cover_law(need: Term, covered: Term, uncovered: Term) -> Term:
    """Zero when a need is what the fund covered and what it could not."""
    return covered + uncovered - need


def fund_exhausted_law(balance_after: Term, uncovered: Term) -> Term:
    """Zero when the fund is empty or nothing is left uncovered; both are at least zero."""
    return balance_after * uncovered


@dataclass(frozen=True, slots=True)
class InsuranceFund:
    """The fund of one compartment; micro-USDC, never negative."""

    compartment: int
    balance_e6: int = 0

    def __post_init__(self) -> None:
        within("compartment", self.compartment, low=1, high=1 << bounds.COMPARTMENT_BITS)
        within("insurance fund", self.balance_e6, high=1 << bounds.USD_BITS)

    def receive(self, amount_e6: int) -> "InsuranceFund":
        """The fund after a fee, dust, or a surplus came in.

        Raises: OutOfRange for an amount below zero: what leaves, leaves by `cover`.
        """
        within("amount for the insurance fund", amount_e6, high=1 << bounds.USD_BITS)
        return InsuranceFund(self.compartment, self.balance_e6 + amount_e6)

    def cover(self, shortfall: Shortfall) -> tuple["InsuranceFund", Shortfall]:
        """The fund after it covered what it can, and what is left.

        Witness: what is covered; `fund_cover_law` and `fund_exhausted_law` make it the minimum.
        Raises:  OtherCompartment.
        """
        if shortfall.compartment != self.compartment:
            raise OtherCompartment(
                f"a shortfall of compartment {shortfall.compartment} was brought to the fund of "
                f"compartment {self.compartment}"
            )
        covered_e6 = min(self.balance_e6, shortfall.e6)
        after = InsuranceFund(self.compartment, self.balance_e6 - covered_e6)
        left = Shortfall(self.compartment, shortfall.e6 - covered_e6)
        assert fund_cover_law(shortfall.e6, covered_e6, left.e6) == 0
        assert fund_exhausted_law(after.balance_e6, left.e6) == 0
        return after, left

    def has_open_withdrawals(self, need_e6: int) -> bool:
        """Whether the compartment pays out: while the fund covers what insolvent accounts need."""
        return self.balance_e6 >= need_e6


def open_need_e6(equity_e6: Integers, maintenance_e6: Integers) -> int:
    """The most that flagged accounts without equity can ask of the fund.

    A taker gets at most M and an account's equity E is below zero, so M - E each: their debt counts
    as well as their margin.

    Range: equity above -2**62; the sum is an integer of any size.
    """
    is_insolvent = equity_e6 < 0
    return sum((maintenance_e6[is_insolvent] - equity_e6[is_insolvent]).tolist())
