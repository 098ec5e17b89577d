"""A slice of a flagged account: what a taker takes over, and the cash that moves with it.

Every position is cut by one part f, to whole lots, towards less; all of it is all. The taker pays
what the slice is worth at the mark, less its premium. Premium and fee are paid on the *relief*:
what the slice takes off the maintenance margin, at most f of it. So a slice that lots have cut to
nothing costs nothing, and one that breaks a hedge is refused.

With c = min(G, E / M) the account pays c * relief. An account that cannot pay G pays all its equity
pro rata, and what lacks to the premium is the fund's: one formula for solvent and insolvent, in any
number of slices. Health never falls: E' >= E * M' / M - 1 micro-USDC while there is equity, and a
debt never grows.

The bound. Let a book shrunk to 1 - f need at most (1 - f) * M, as under any margin that does not
favour size, and let cutting to whole lots add at most L to what the rest needs. Then after the
largest slice

    E' >= target * M' - target * (L + M * 2**-30) - 1 micro-USDC.

For E' >= E - G * f * M - 1, as relief <= f * M; M' <= (1 - f) * M + L; and f misses the exact part,
at which E - G * f * M = target * (1 - f) * M, by less than 2**-30.
"""

from dataclasses import dataclass

import numpy as np

from novate.pricing import operand
from novate.risk.liquidation.rules import ONE, WHOLE, LiquidationRules, largest_slice
from novate.units import Integers, Rounding, Term, bounds, div, within


class SliceRefused(ValueError):
    """A slice that the rules of liquidation do not allow."""


def slice_cut_law(size: Term, part: Term, lot: Term, lots: Term, rest: Term) -> Term:
    """Zero when `lots` whole lots are the part of a position, rounded down; sizes without sign.

    `rest` in [0, lot * 2**30).
    """
    return lots * lot * WHOLE + rest - size * part


def cut_e3(size_e3: Integers, lot_e3: Integers, part: int) -> Integers:
    """The part of each position that changes hands, with the position's sign.

    A part less than all is cut to whole lots; what is less than a lot stays, and goes with the
    last: all of an account is every position to the last unit, so that no dust keeps one alive.

    Rounding: towards less.
    Range:    size * part below 2**(27 + 30), as is lot * 2**30.
    Law:      `slice_cut_law`; of all, the size itself.
    Witness:  whether the part is all; lots and rest of each position.
    Raises:   NotIntegers; OutOfRange for a part outside (0, 2**30], a lot that is none, or a size
              beyond 27 bits.
    """
    limit = 1 << bounds.QTY_BITS
    size_e3 = operand("size", size_e3, low=1 - limit, high=limit)
    lot_e3 = operand("lot", lot_e3, low=1, high=limit)
    within("part of an account", part, low=1, high=WHOLE + 1)
    if part == WHOLE:
        return size_e3
    lots = div(np.abs(size_e3) * part, lot_e3 * WHOLE, Rounding.FLOOR)
    return np.sign(size_e3) * lots * lot_e3


def solvent_charge_law(relief: Term, cost: Term, charge: Term, dust: Term) -> Term:
    """Zero when the account pays `cost` millionths of the relief, rounded up.

    `dust` in [0, 10**6).
    """
    return charge * ONE - relief * cost - dust


def insolvent_charge_law(
    relief: Term, equity: Term, maintenance: Term, charge: Term, dust: Term
) -> Term:
    """Zero when the account pays equity as the relief is to the maintenance margin, rounded up.

    `dust` in [0, maintenance).
    """
    return charge * maintenance - relief * equity - dust


@dataclass(frozen=True, slots=True)
class SliceCash:
    """The cash that moves when a slice is taken; micro-USDC, each as its receiver sees it."""

    value_e6: int
    """What the slice is worth at the mark, as both sides' equity counts it."""
    premium_e6: int
    charge_e6: int
    """What it costs the account."""

    @property
    def taker_e6(self) -> int:
        """Pays the value less the premium: equity rises by exactly the premium."""
        return self.premium_e6 - self.value_e6

    @property
    def account_e6(self) -> int:
        """Receives the value less the charge: equity falls by exactly the charge."""
        return self.value_e6 - self.charge_e6

    @property
    def fund_e6(self) -> int:
        """The fee when positive, and when negative what the insurance fund must add."""
        return self.charge_e6 - self.premium_e6


def slice_cash(
    *,
    equity_e6: int,
    maintenance_e6: int,
    maintenance_after_e6: int,
    value_e6: int,
    part: int,
    premium_e6: int,
    rules: LiquidationRules,
) -> SliceCash:
    """What taking `part` of an account costs everybody; premium in millionths of the relief.

    Rounding: the premium down, the charge up; the insurance fund keeps the dust.
    Law:      `solvent_charge_law` with 78 bits or `insolvent_charge_law` with 120.
    Witness:  the relief as a minimum of two, both quotients, and the sign of E - G * M.
    Raises:   SliceRefused for a part above the largest, or less than all without relief.
    """
    largest = largest_slice(equity_e6, maintenance_e6, premium_e6, rules)
    if not 0 < part <= largest:
        raise SliceRefused(f"the part {part} of 2**30 is outside (0, {largest}], the largest slice")
    within("maintenance margin after", maintenance_after_e6, high=1 << bounds.MAINTENANCE_BITS)
    if maintenance_after_e6 >= maintenance_e6 and part < WHOLE:
        raise SliceRefused(
            f"the slice would leave {maintenance_after_e6} micro-USDC of maintenance margin where "
            f"{maintenance_e6} was; next: take a larger part, so that lots cut no hedge"
        )
    share_e6 = div(part * maintenance_e6, WHOLE, Rounding.FLOOR)
    relief_e6 = min(maintenance_e6 - maintenance_after_e6, share_e6)
    cost_e6 = premium_e6 + rules.fee_e6
    if equity_e6 * ONE >= cost_e6 * maintenance_e6:
        charge_e6 = _solvent_charge_e6(relief_e6, cost_e6)
    elif part == WHOLE:
        charge_e6 = equity_e6  # also where nothing was required and there is only debt
    else:
        charge_e6 = _insolvent_charge_e6(relief_e6, equity_e6, maintenance_e6)
    return SliceCash(value_e6, div(relief_e6 * premium_e6, ONE, Rounding.FLOOR), charge_e6)


def check_taker(*, equity_after_e6: int, initial_after_e6: int) -> None:
    """Refuse a taker who could not carry what it took: initial margin, in the same transition.

    Raises: SliceRefused.
    """
    if equity_after_e6 < initial_after_e6:
        raise SliceRefused(
            f"after the take the taker has {equity_after_e6} micro-USDC of equity against "
            f"{initial_after_e6} of initial margin; next: add collateral or take a smaller part"
        )


def _solvent_charge_e6(relief_e6: int, cost_e6: int) -> int:
    charge_e6 = div(relief_e6 * cost_e6, ONE, Rounding.CEIL)
    dust = charge_e6 * ONE - relief_e6 * cost_e6
    assert 0 <= dust < ONE
    assert solvent_charge_law(relief_e6, cost_e6, charge_e6, dust) == 0
    return charge_e6


def _insolvent_charge_e6(relief_e6: int, equity_e6: int, maintenance_e6: int) -> int:
    charge_e6 = div(relief_e6 * equity_e6, maintenance_e6, Rounding.CEIL)
    dust = charge_e6 * maintenance_e6 - relief_e6 * equity_e6
    assert 0 <= dust < maintenance_e6
    assert insolvent_charge_law(relief_e6, equity_e6, maintenance_e6, charge_e6, dust) == 0
    return charge_e6
