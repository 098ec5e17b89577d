"""The haircut: how a compartment bears a loss that no account and no fund could.

First all who gained in the same compartment since the last fully proven tick, pro rata to what they
gained and can give without being flagged: principal is not touched. If that does not suffice, the
compartment's cash is worth less than it says, and every payout is cut by its exchange rate. Nothing
here knows of a second compartment.
"""

from dataclasses import dataclass

import numpy as np

from novate.pricing import operand
from novate.risk.health import Margins
from novate.risk.liquidation.compartment_cash import WHOLE, CompartmentCash
from novate.risk.liquidation.insurance_fund import InsuranceFund, Shortfall
from novate.risk.margin import flagged_below_e6
from novate.risk.parameters import Dials
from novate.units import Integers, Rounding, Term, bounds, div, floor_and_rest, parts


def variation_gain_e6(
    equity_before_e6: Integers, equity_e6: Integers, paid_in_e6: Integers
) -> Integers:
    """What each account gained between two ticks, or 0; hedges have netted already.

    `paid_in_e6` is deposits and transfers in, less what went out. What deleveraging took lowers
    `equity_e6`, so nobody pays for the same gain twice.

    Range:   each magnitude below 2**61, so that the difference of three fits.
    Witness: the positive and the negative part of that difference (`parts_law`, `one_part_law`).
    Raises:  NotIntegers, OutOfRange.
    """
    limit = 1 << 61
    before_e6, now_e6, in_e6 = (
        operand(what, values, low=1 - limit, high=limit)
        for what, values in (
            ("equity before", equity_before_e6),
            ("equity", equity_e6),
            ("what was paid in", paid_in_e6),
        )
    )
    gain_e6: Integers = np.maximum(now_e6 - before_e6 - in_e6, 0)
    return gain_e6


def bearable_gain_e6(gain_e6: Integers, account: Margins, dials: Dials) -> Integers:
    """The part of each gain that its account can give and not be flagged for it, (A,).

    A right that was paid for may have gained and have no cash: whoever took it at a loss's expense
    would start the next one. What nobody can bear so is borne by the worth of all cash.

    Range:    equity and thresholds below 2**62.
    Witness:  the parts of equity less what flags; which is less, they or the gain.
    """
    flagged_e6 = flagged_below_e6(account.maintenance_e6, dials)
    room_e6 = np.maximum(account.equity_e6 - flagged_e6, 0)
    bearable_e6: Integers = np.minimum(gain_e6, room_e6)
    return bearable_e6


def haircut_rate_law(amount: Term, total: Term, rate: Term, rest: Term) -> Term:
    """Zero when `rate` is amount over total in 2**-30, rounded up; `rest` in [0, total)."""
    return rate * total - amount * WHOLE - rest


def haircut_law(amount: Term, rate: Term, part: Term, rest: Term) -> Term:
    """Zero when `part` is the rate's part of an amount, rounded up; `rest` in [0, 2**30)."""
    return part * WHOLE - amount * rate - rest


def haircut_rate(loss_e6: int, gain_e6: Integers) -> int:
    """The part of every gain that is taken, in 2**-30: the loss over all gains, at most one.

    One rate for all, so that everybody can check their own haircut. `gain_e6` from 0.

    Rounding: up.
    Law:      `haircut_rate_law`, 94 bits; at one, and without gains, an inequality.
    Witness:  the sign of loss - gains, whether there are gains; the quotient and its rest.
    """
    total_e6 = int(sum(gain_e6.tolist()))
    if loss_e6 >= total_e6:
        return WHOLE if total_e6 else 0
    rate = div(loss_e6 * WHOLE, total_e6, Rounding.CEIL)
    rest = rate * total_e6 - loss_e6 * WHOLE
    assert 0 <= rest < total_e6
    assert haircut_rate_law(loss_e6, total_e6, rate, rest) == 0
    return rate


def haircuts_e6(gain_e6: Integers, rate: int) -> Integers:
    """What each account pays: the rate's part of its gain, and never more than the gain.

    Rounding: up, against the account.
    Range:    gain = whole * 2**30 + rest: whole * rate stays at most the gain, rest * rate below
              2**60.
    Law:      `haircut_law`, 94 bits.
    Witness:  of each the quotient and its rest.
    """
    whole, rest = floor_and_rest(gain_e6, WHOLE)
    return whole * rate + div(rest * rate, WHOLE, Rounding.CEIL)


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """How a shortfall was borne, in the order it was asked."""

    fund: InsuranceFund
    """After it paid, and received what rounding took too much."""
    fund_paid_e6: int
    haircut_e6: Integers
    """Of each account."""
    surplus_e6: int
    """What haircuts took beyond the need: at most the gains times 2**-30, and one an account."""
    uncovered_e6: int
    """What is left, and lowers the exchange rate."""
    cash: CompartmentCash
    """After what is left was written off."""


def cover_shortfall(
    shortfall: Shortfall, fund: InsuranceFund, gain_e6: Integers, cash: CompartmentCash
) -> Cover:
    """Cover a shortfall: the fund first, then gains, then the worth of all cash.

    `gain_e6` is what the accounts of that compartment gained and can bear (`bearable_gain_e6`),
    from 0: nobody is paid by a haircut. Exactly: shortfall + surplus = what the fund paid +
    haircuts + uncovered; and what is told of the cash grows by what is uncovered, as the debt that
    was the shortfall is forgiven and the rest only moves.

    Witness: surplus and uncovered as the parts of haircuts - shortfall left by the fund
             (`parts_law`, `one_part_law`); of fund, rate, haircuts and cash what they say.
    Raises:  OtherCompartment, NotIntegers, OutOfRange.
    """
    gain_e6 = operand("gain", gain_e6, high=1 << bounds.USD_BITS)
    after, left = fund.cover(shortfall)
    rate = haircut_rate(left.e6, gain_e6)
    haircut_e6 = haircuts_e6(gain_e6, rate)
    taken_e6 = sum(haircut_e6.tolist())
    surplus_e6, uncovered_e6 = parts(taken_e6 - left.e6)
    return Cover(
        fund=after.receive(surplus_e6),
        fund_paid_e6=fund.balance_e6 - after.balance_e6,
        haircut_e6=haircut_e6,
        surplus_e6=surplus_e6,
        uncovered_e6=uncovered_e6,
        cash=cash.written_off(Shortfall(shortfall.compartment, uncovered_e6)),
    )
