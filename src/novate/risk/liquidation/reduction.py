"""Reduce-only orders: how a flagged account is made smaller on the book, before anyone takes it.

The account's own orders are cancelled first: a flagged account has none. What is then sent for it
must close, must be near the mark, and must leave it no worse.
"""

from typing import Final

from novate.units import Rounding, bounds, div, within

BAND_PARTS: Final = 4
"""The band is a quarter of the spot range."""


class ReductionRefused(ValueError):
    """An order for a flagged account that does not reduce it, or is too far from the mark."""


def band_e3(*, mark_e3: int, delta_e3: int, range_e6: int) -> int:
    """How far from the mark a reducing order may trade: a quarter of the spot range R.

    Of a future or perpetual R/4 of its mark. An option moves by its delta, so R/4 of its delta in
    milli-USD, as the risk table has it, or of the mark if that is more: a quarter of the range must
    be able to happen before the price is called wrong.

    Rounding: down, for the account.
    Range:    mark and delta below 2**34, times a range below 2**20: 54 bits.
    Witness:  the larger of mark and delta, with the difference.
    """
    for what, amount_e3 in (("mark", mark_e3), ("delta", delta_e3)):
        within(what, abs(amount_e3), high=1 << bounds.RISK_ENTRY_BITS)
    within("spot range", range_e6, low=1, high=bounds.RATE_SCALE)
    reach_e3 = max(mark_e3, abs(delta_e3))
    return div(reach_e3 * range_e6, BAND_PARTS * bounds.RATE_SCALE, Rounding.FLOOR)


def check_reduction(
    *,
    size_e3: int,
    fill_e3: int,
    price_e3: int,
    mark_e3: int,
    band_e3: int,
    equity_e6: tuple[int, int],
    initial_e6: tuple[int, int],
) -> None:
    """Refuse a fill for a flagged account that does not make it smaller and better.

    Equity and initial margin are before and after. The fill is opposite to the position and no
    larger; its price is within the band; initial margin falls, and by no less than equity does.

    Witness: four signs.
    Raises:  ReductionRefused.
    """
    if size_e3 * fill_e3 >= 0 or abs(fill_e3) > abs(size_e3):
        raise ReductionRefused(
            f"a fill of {fill_e3} milli-contracts does not reduce a position of {size_e3}"
        )
    if abs(price_e3 - mark_e3) > band_e3:
        raise ReductionRefused(
            f"a price of {price_e3} milli-USD is further than {band_e3} from the mark {mark_e3}"
        )
    if initial_e6[1] >= initial_e6[0]:
        raise ReductionRefused(
            f"initial margin would go from {initial_e6[0]} to {initial_e6[1]} micro-USDC; "
            "next: close what binds, not its hedge"
        )
    if equity_e6[1] - initial_e6[1] < equity_e6[0] - initial_e6[0]:
        raise ReductionRefused(
            f"equity would fall from {equity_e6[0]} to {equity_e6[1]} micro-USDC, by more than "
            f"initial margin does, from {initial_e6[0]} to {initial_e6[1]}"
        )
