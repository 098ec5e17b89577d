"""The cash of a compartment: what its accounts say they have, and what stands behind it.

Inside a compartment a micro-USDC is one whatever happened. At its border it is worth the *exchange
rate*, what stands behind all cash over all cash, and at most one. Both sums are kept, and the rate
is only ever read off them: so a second loss falls on what the first one left, nothing that is lost
makes the rate rise, and no number of payouts is more than there is.
"""

from dataclasses import dataclass
from typing import Final

from novate.risk.compartment import OtherCompartment
from novate.risk.liquidation.insurance_fund import Shortfall
from novate.units import Rounding, Term, bounds, div, within

WHOLE: Final = 1 << bounds.SLICE_BITS
"""A rate of one, for haircuts and for cash."""


def cash_rate_law(told: Term, backing: Term, rate: Term, rest: Term) -> Term:
    """Zero when `rate` is backing over what is told, in 2**-30, rounded down.

    `rest` in [0, told).
    """
    return rate * told + rest - backing * WHOLE


def payout_law(amount: Term, rate: Term, payout: Term, rest: Term) -> Term:
    """Zero when `payout` is the rate's part of an amount, rounded down; `rest` in [0, 2**30)."""
    return payout * WHOLE + rest - amount * rate


def credit_law(told: Term, backing: Term, paid_in: Term, credited: Term, rest: Term) -> Term:
    """Zero when `credited` is to what is told as `paid_in` is to the backing, rounded down.

    `rest` in [0, backing).
    """
    return credited * backing + rest - paid_in * told


def payout_e6(amount_e6: int, rate: int) -> int:
    """What a withdrawal of an amount pays at an exchange rate.

    Rounding: down; the compartment keeps the dust.
    Law:      `payout_law`, 94 bits.
    Witness:  the quotient and its rest.
    Raises:   OutOfRange.
    """
    within("withdrawal", amount_e6, high=1 << bounds.USD_BITS)
    within("exchange rate", rate, high=WHOLE + 1)
    paid_e6 = div(amount_e6 * rate, WHOLE, Rounding.FLOOR)
    rest = amount_e6 * rate - paid_e6 * WHOLE
    assert 0 <= rest < WHOLE
    assert payout_law(amount_e6, rate, paid_e6, rest) == 0
    return paid_e6


@dataclass(frozen=True, slots=True)
class CompartmentCash:
    """All cash of one compartment; micro-USDC. Gains, fees and funding only move it about.

    Raises: OutOfRange, also from every change that would leave 63 bits.
    """

    compartment: int
    told_e6: int = 0
    """What its accounts and its fund say they have, together: debts count against it."""
    backing_e6: int = 0
    """What was paid in and has not been paid out."""

    def __post_init__(self) -> None:
        within("compartment", self.compartment, low=1, high=1 << bounds.COMPARTMENT_BITS)
        within("compartment's cash", self.told_e6, high=1 << bounds.USD_BITS)
        within("what stands behind cash", self.backing_e6, high=1 << bounds.USD_BITS)

    @property
    def rate(self) -> int:
        """What a micro-USDC of cash is worth at the border, in 2**-30: at most one.

        Rounding: down, so that payouts never exceed what there is.
        Law:      `cash_rate_law`, 94 bits; at one, an inequality.
        Witness:  the sign of told - backing; the quotient and its rest.
        """
        if self.backing_e6 >= self.told_e6:
            return WHOLE
        rate = div(self.backing_e6 * WHOLE, self.told_e6, Rounding.FLOOR)
        rest = self.backing_e6 * WHOLE - rate * self.told_e6
        assert 0 <= rest < self.told_e6
        assert cash_rate_law(self.told_e6, self.backing_e6, rate, rest) == 0
        return rate

    def written_off(self, loss: Shortfall) -> "CompartmentCash":
        """Once a debt that nobody covered is forgiven: as much more is told, and nothing backs it.

        The rate becomes `rate * told / (told + loss)`: it falls, by what the loss is of all cash,
        and never rises.

        Raises: OtherCompartment.
        """
        if loss.compartment != self.compartment:
            raise OtherCompartment(
                f"a loss of compartment {loss.compartment} was brought to the cash of "
                f"compartment {self.compartment}"
            )
        return CompartmentCash(self.compartment, self.told_e6 + loss.e6, self.backing_e6)

    def paid_out(self, amount_e6: int) -> tuple["CompartmentCash", int]:
        """After a withdrawal of cash, and the micro-USDC that it pays; the rate does not fall.

        Rounding: down; the dust stays behind what is left.
        Raises:   OutOfRange for more than is told.
        """
        within("withdrawal", amount_e6, high=self.told_e6 + 1)
        paid_e6 = payout_e6(amount_e6, self.rate)
        after = CompartmentCash(
            self.compartment, self.told_e6 - amount_e6, self.backing_e6 - paid_e6
        )
        return after, paid_e6

    def paid_in(self, amount_e6: int) -> tuple["CompartmentCash", int]:
        """After a deposit, and the cash that is credited for it: more than was paid, at a rate
        below one. Whoever comes later bears nothing of an earlier loss; the rate does not fall.

        Rounding: down; the dust stays behind what is told.
        Law:      `credit_law`, 127 bits.
        Witness:  the sign of told - backing; the quotient and its rest.
        Raises:   OutOfRange where nothing stands behind cash: then no deposit can be credited.
        """
        within("deposit", amount_e6, high=1 << bounds.USD_BITS)
        credited_e6 = amount_e6
        if self.backing_e6 < self.told_e6:
            within("what stands behind cash", self.backing_e6, low=1, high=1 << bounds.USD_BITS)
            credited_e6 = div(amount_e6 * self.told_e6, self.backing_e6, Rounding.FLOOR)
            rest = amount_e6 * self.told_e6 - credited_e6 * self.backing_e6
            assert 0 <= rest < self.backing_e6
            law = credit_law(self.told_e6, self.backing_e6, amount_e6, credited_e6, rest)
            assert law == 0
        after = CompartmentCash(
            self.compartment, self.told_e6 + credited_e6, self.backing_e6 + amount_e6
        )
        return after, credited_e6
