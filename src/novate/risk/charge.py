"""Charges: a part of an amount, and the parts that each expiry charges."""

from enum import IntEnum
from typing import Final

import numpy as np

from novate.risk.parameters import CONFIDENCE_E6, RiskParameters
from novate.units import Integers, Rounding, Term, bounds, div

ONE: Final = bounds.RATE_SCALE


class GroupCharge(IntEnum):
    """What each group answers for by itself: no group's gain pays for another's loss."""

    SHORT_UP = 0
    """Short calls that no others of their expiry cover, in full: a rate of one."""
    SHORT_DOWN = 1
    """And puts."""
    BASIS = 2
    VALUE = 3
    CONFIDENCE = 4


def charge_law(amount: Term, rate: Term, charge: Term, dust: Term) -> Term:
    """Zero when `charge` is the part `rate` of `amount`, rounded up; `dust` in [0, 10**6)."""
    return charge * ONE - amount * rate - dust


def charged_e6(amount_e6: Term, rate_e6: Term) -> Term:
    """The part `rate` of an amount, rounded up: exact, although the product has up to 81 bits.

    Range: an amount below 2**58 in magnitude, as losses with the highest buffer and a worthless
    USDC; a rate from 0, below 2**23, as that USDC makes 4.96. With amount = whole * 10**6 + rest,
    whole below 2**39 and rest below 2**20, both products stay below 2**62.
    """
    whole, rest = divmod(amount_e6, ONE)  # down, so that the rest is not negative
    return whole * rate_e6 - rest * -rate_e6 // ONE  # up: twice the opposite of down


def group_rates_e6(
    parameters: RiskParameters, tenor_s: Integers, confidence_e6: Integers
) -> Integers:
    """Rates of each group, in the order of `GroupCharge`, (G, 5); rounded up.

    Witness: a quotient for each rate by tenor; a side for confidence below its limit; once a tick.
    """
    lack_e6 = np.where(confidence_e6 < CONFIDENCE_E6, ONE - confidence_e6, 0)
    by_tenor = (
        fixed_e6 + div(per_year_e6 * tenor_s, bounds.YEAR_S, Rounding.CEIL)
        for fixed_e6, per_year_e6 in (
            (parameters.basis_e6, parameters.basis_per_year_e6),
            (parameters.value_e6, parameters.value_per_year_e6),
        )
    )
    in_full_e6 = np.full_like(tenor_s, ONE)
    return np.column_stack([in_full_e6, in_full_e6, *by_tenor, lack_e6])
