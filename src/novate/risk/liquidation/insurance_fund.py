"""The insurance fund of a compartment: receives fees and dust, covers what accounts cannot pay.

One compartment has one fund, and a loss is a value that carries its compartment: covering it from
another's fund is an error, not a decision.
"""

from dataclasses import dataclass

import numpy as np

from novate.risk.charge import charged_e6
from novate.risk.compartment import OtherCompartment
from novate.risk.liquidation.rules import ONE, LiquidationRules
from novate.risk.margin import flagged_below_e6
from novate.units import Integers, Rounding, Term, bounds, div, within


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

    def has_open_withdrawals(self, need_e6: int, cash_e6: int, rules: LiquidationRules) -> bool:
        """Whether the compartment pays out: while the fund covers what flagged accounts may need.

        What is a small part of all cash of the compartment, `tolerated_e6`, may lack: those who
        stay would lose no more than that, and nobody stops a venue with dust.

        Rounding: what is tolerated down.
        Law:      `quotient_law`, 83 bits.
        Witness:  the quotient and its rest, and the sign of what is left.
        Raises:   OutOfRange.
        """
        within("compartment's cash", cash_e6, high=1 << bounds.USD_BITS)
        tolerated_e6 = div(cash_e6 * rules.tolerated_e6, ONE, Rounding.FLOOR)
        return need_e6 <= self.balance_e6 + tolerated_e6


def open_need_e6(equity_e6: Integers, maintenance_e6: Integers, rules: LiquidationRules) -> int:
    """The most that flagged accounts can ask of the fund at the marks of now.

    A taker gets at most the last premium of the curve, usually all of M, and of that an account
    pays what equity it has; a debt comes on top. So the last premium less E each, if that is more
    than nothing: whenever it is taken, an account costs no more, in slices a micro-USDC each, and
    nobody needs to know how long it has been flagged.

    Range:   equity above -2**62; the sum is an integer of any size.
    Witness: of each account whether it is flagged, the premium with its dust (`charge_law`) and
             the positive part of the difference.
    """
    is_flagged = equity_e6 < flagged_below_e6(maintenance_e6, rules.dials)
    lack_e6 = charged_e6(maintenance_e6, rules.last_premium_e6) - equity_e6
    return sum(np.maximum(lack_e6[is_flagged], 0).tolist())
