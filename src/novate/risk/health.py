"""How an account stands, and which change of it is accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from novate.risk.compartment import OtherCompartment
from novate.risk.margin import Requirement, flagged_below_e6
from novate.risk.parameters import Dials
from novate.risk.positions import BadPositions
from novate.units import Integers, Usd, down, within


class Health(Enum):
    """How equity compares with what is required."""

    HEALTHY = "healthy"
    """At least initial margin: positions may grow, and what is above may be withdrawn."""
    REDUCE_ONLY = "reduce only"
    """Below initial margin: only what makes the account safer."""
    LIQUIDATABLE = "liquidatable"
    """Below the liquidation threshold: anyone may take a slice."""


@dataclass(frozen=True, slots=True)
class Margin:
    """One account at one tick."""

    equity: Usd
    initial: Usd
    maintenance: Usd
    gross: Usd

    @property
    def available(self) -> Usd:
        """Buying power: equity above initial margin, which may be withdrawn or carry new risk.

        Negative when the account is short of it.
        """
        return self.equity - self.initial


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """Many accounts at one tick; micro-USD, (A,)."""

    equity_e6: Integers
    initial_e6: Integers
    maintenance_e6: Integers
    gross_e6: Integers

    def of(self, account: int) -> Margin:
        """One of them."""
        return Margin(
            equity=Usd(int(self.equity_e6[account])),
            initial=Usd(int(self.initial_e6[account])),
            maintenance=Usd(int(self.maintenance_e6[account])),
            gross=Usd(int(self.gross_e6[account])),
        )


def margins(cash_e6: Integers, requirements: Sequence[Requirement]) -> Margins:
    """Cash (A,), in USDC, and what the positions in each underlying require, added up.

    Each requirement is of the same accounts in the same order. In an underlying in which options
    alone are held, no more is asked than they can lose: so long options that are paid for, and a
    spread whose width is there in cash, are nobody's to take.

    Raises: BadPositions when cash and requirements are not of the same accounts; OtherCompartment
            for requirements of several; OutOfRange for cash, or for equity or margins of all
            underlyings together, beyond 62 bits.
    """
    _check_cash(np.asarray(cash_e6), requirements)
    _check_sums(np.asarray(cash_e6), requirements)
    return Margins(
        equity_e6=cash_e6 + sum(one.position_value_e6 for one in requirements),
        initial_e6=np.add.reduce([one.initial_e6 for one in requirements]),
        maintenance_e6=np.add.reduce([one.maintenance_e6 for one in requirements]),
        gross_e6=np.add.reduce([one.gross_e6 for one in requirements]),
    )


def _check_cash(cash_e6: Integers, requirements: Sequence[Requirement]) -> None:
    shapes = {cash_e6.shape, *(np.shape(one.initial_e6) for one in requirements)}
    if len(shapes) > 1 or not requirements:
        raise BadPositions(
            f"cash of shape {cash_e6.shape} with {len(requirements)} requirements of shapes "
            f"{[np.shape(one.initial_e6) for one in requirements]}; next: give one account's or all"
        )
    if len(compartments := {one.compartment for one in requirements}) > 1:
        raise OtherCompartment(
            f"requirements of compartments {sorted(compartments)}: no margin of one counts in "
            "another; next: give each account those of its own"
        )
    if cash_e6.dtype != np.int64:
        raise BadPositions(f"cash is {cash_e6.dtype}; next: give integers of 64 bits")
    for extreme in (int(cash_e6.min()), int(cash_e6.max())):
        within("cash", extreme, low=-(1 << 62), high=1 << 62)


def _check_sums(cash_e6: Integers, requirements: Sequence[Requirement]) -> None:
    """Refuse sums that could leave 62 bits: the magnitudes of their parts are added up in 1024ths,
    rounded up, which fit as each part fits 63 bits and an account holds few underlyings.
    """
    parts = (
        ("equity", [cash_e6, *(one.position_value_e6 for one in requirements)]),
        ("initial margin", [one.initial_e6 for one in requirements]),
        ("maintenance margin", [one.maintenance_e6 for one in requirements]),
    )
    for what, summands in parts:
        coarse = sum(down(np.abs(np.asarray(one, dtype=np.int64)), 10) + 1 for one in summands)
        within(
            f"{what} in units of 1,024 micro-USD", int(np.max(coarse)), high=(1 << 52) + (1 << 20)
        )


def health(margin: Margin, dials: Dials) -> Health:
    """Where an account stands; the thresholds themselves are on the good side.

    Witness: two differences, each with its sign.
    """
    if margin.equity < flagged_below(margin, dials):
        return Health.LIQUIDATABLE
    return Health.HEALTHY if margin.equity >= margin.initial else Health.REDUCE_ONLY


def flagged_below(margin: Margin, dials: Dials) -> Usd:
    """The equity below which an account is flagged."""
    return Usd(flagged_below_e6(margin.maintenance.e6, dials))


def is_accepted(before: Margin, after: Margin, dials: Dials) -> bool:
    """Whether an account may go from one state to the other by its own doing.

    Either it has its initial margin afterwards; or it would not be flagged, is no shorter of its
    initial margin than before, and not larger. So who is short of it can reduce, and a closer
    never leaves the account worse; who is below the liquidation threshold may be liquidated, and
    then orders reduce it by the rules of that.

    Witness: four differences, each with a sign bit.
    """
    if after.equity >= after.initial:
        return True
    holds = after.equity >= flagged_below(after, dials)
    is_no_shorter = after.available >= before.available
    return holds and is_no_shorter and after.gross <= before.gross


def is_withdrawable(after: Margin) -> bool:
    """Whether an account may be left as it would be after a withdrawal."""
    return after.equity >= after.initial
