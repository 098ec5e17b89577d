"""Reduction: how a flagged account is made smaller on the book, before anyone takes it.

The account's own orders are cancelled first: a flagged account has none. What is then sent for it
must close, near the mark, no more than a taker could take, and at no more than a taker would cost:
the premium curve is the price of being made smaller, whoever does it. So at no second is there more
to be had on the book, by whoever sends the orders or meets them, than by taking a slice.
"""

from typing import Final

from novate.risk.health import Margin
from novate.risk.liquidation.rules import ONE, WHOLE, LiquidationRules, largest_slice
from novate.units import Rounding, bounds, div, within

BAND_PARTS: Final = 4
"""The band is a quarter of the spot range."""


class ReductionRefused(ValueError):
    """An order for a flagged account that does not reduce it, or costs it too much."""


def band_e3(*, mark_e3: int, delta_e3: int, range_e6: int) -> int:
    """How far from the mark a reducing order may trade: a quarter of the spot range R.

    Of a future or perpetual R/4 of its mark. An option moves by its delta, so R/4 of its delta in
    milli-USD, as the risk table has it, or of the mark if that is more: a quarter of the range must
    be able to happen before the price is called wrong. Magnitudes: what is worth less than nothing
    has a price below zero and a band all the same.

    Rounding: down, for the account.
    Range:    mark and delta below 2**35, times a range below 2**20: 55 bits.
    Witness:  the larger of the two magnitudes, with the difference, and both signs.
    Raises:   OutOfRange.
    """
    for what, amount_e3 in (("mark", mark_e3), ("delta", delta_e3)):
        within(what, abs(amount_e3), high=1 << bounds.RISK_ENTRY_BITS)
    within("spot range", range_e6, low=1, high=bounds.RATE_SCALE)
    reach_e3 = max(abs(mark_e3), abs(delta_e3))
    return div(reach_e3 * range_e6, BAND_PARTS * bounds.RATE_SCALE, Rounding.FLOOR)


def check_reduction(
    *,
    size_e3: int,
    fill_e3: int,
    lot_e3: int,
    price_e3: int,
    mark_e3: int,
    band_e3: int,
    before: Margin,
    after: Margin,
    premium_e6: int,
    rules: LiquidationRules,
) -> None:
    """Refuse a fill for a flagged account that does not make it smaller and better.

    `before` and `after` are the account without the fill and with it, fees included; `premium_e6`
    is the taker's at this second. With the *relief* as what comes off the maintenance margin M and
    the *cost* as what comes off the equity E, a fill

    - is opposite to the position, no larger, and at a price within the band;
    - comes while the account is below the threshold, and relieves no more than the largest slice
      would, but for one lot;
    - lowers initial margin, by no less than its cost, and does not raise M;
    - costs at most G of its relief, as a taker would, and at most E / M of it, nothing in debt.

    So health never falls, and no order makes a debt or enlarges one: E' >= min(E, 0).

    Range:    cost * M and E * relief below 2**(63 + 56), G * relief below 2**(21 + 56).
    Witness:  the largest slice's, and the sign of each difference.
    Raises:   ReductionRefused.
    """
    if size_e3 * fill_e3 >= 0 or abs(fill_e3) > abs(size_e3):
        raise ReductionRefused(
            f"a fill of {fill_e3} milli-contracts does not reduce a position of {size_e3}"
        )
    if abs(price_e3 - mark_e3) > band_e3:
        raise ReductionRefused(
            f"a price of {price_e3} milli-USD is further than {band_e3} from the mark {mark_e3}"
        )
    _check_relief(before, after)
    _check_size(abs(fill_e3), lot_e3, before, after, premium_e6, rules)
    _check_cost(before, after, premium_e6 + rules.fee_e6)


def _check_relief(before: Margin, after: Margin) -> None:
    if after.initial >= before.initial or after.maintenance > before.maintenance:
        raise ReductionRefused(
            f"initial margin would go from {before.initial.e6} to {after.initial.e6} micro-USDC, "
            f"maintenance margin from {before.maintenance.e6} to {after.maintenance.e6}; "
            "next: close what binds, not its hedge"
        )
    if after.available < before.available:
        raise ReductionRefused(
            f"equity would fall from {before.equity.e6} to {after.equity.e6} micro-USDC, by more "
            f"than initial margin does, from {before.initial.e6} to {after.initial.e6}"
        )


def _check_size(
    fill_e3: int,
    lot_e3: int,
    before: Margin,
    after: Margin,
    premium_e6: int,
    rules: LiquidationRules,
) -> None:
    maintenance_e6 = before.maintenance.e6
    largest = largest_slice(before.equity.e6, maintenance_e6, premium_e6, rules)
    if not largest:
        raise ReductionRefused(
            f"the account is well: it has {before.equity.e6} micro-USDC of equity against "
            f"{maintenance_e6} of maintenance margin; next: leave it to its owner"
        )
    relief_e6 = maintenance_e6 - after.maintenance.e6
    if relief_e6 * WHOLE > largest * maintenance_e6 and fill_e3 > lot_e3:
        raise ReductionRefused(
            f"the fill would relieve {relief_e6} of {maintenance_e6} micro-USDC of maintenance "
            f"margin, and the largest slice is {largest} of 2**30; next: send less, or one lot"
        )


def _check_cost(before: Margin, after: Margin, rate_e6: int) -> None:
    relief_e6 = before.maintenance.e6 - after.maintenance.e6
    cost_e6 = before.equity.e6 - after.equity.e6
    if cost_e6 * ONE > rate_e6 * relief_e6:
        raise ReductionRefused(
            f"the fill would cost {cost_e6} micro-USDC, and a taker at most {rate_e6} millionths "
            f"of the {relief_e6} it relieves; next: wait for the premium, or for a better price"
        )
    have_e6 = max(before.equity.e6, 0)
    if cost_e6 * before.maintenance.e6 > have_e6 * relief_e6:
        raise ReductionRefused(
            f"equity would go from {before.equity.e6} to {after.equity.e6} micro-USDC while "
            f"maintenance margin goes from {before.maintenance.e6} to {after.maintenance.e6}: "
            "no order makes health worse, or a debt; next: leave the account to a taker"
        )
    # Without a margin there is no relief, so by the curve no cost either.
    assert after.equity.e6 >= min(before.equity.e6, 0)
