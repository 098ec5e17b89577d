"""What may be sent to the book for a flagged account."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.health import Margin, margins
from novate.risk.liquidation.account_slice import slice_cash
from novate.risk.liquidation.reduction import ReductionRefused, band_e3, check_reduction
from novate.risk.liquidation.rules import (
    ONE,
    LiquidationRules,
    largest_slice,
    taker_premium_e6,
)
from novate.risk.margin import requirement
from novate.units import OutOfRange, Usd, bounds

from ..scene import held, synthetic

LIMIT = 1 << bounds.RISK_ENTRY_BITS
USUAL = LiquidationRules()
RULES = replace(USUAL, whole_below_e6=0)


@pytest.mark.parametrize(
    ("what", "mark_e3", "delta_e3", "band"),
    [
        ("a perpetual: 3.75 % of its mark", 100_000_000, 100_000_000, 3_750_000),
        ("at the money: half of that, by its delta", 4_000_000, 50_000_000, 1_875_000),
        ("a put's delta has a sign and the band has none", 4_000_000, -50_000_000, 1_875_000),
        ("in the money without gamma: its own mark counts", 99_999_999, 0, 3_749_999),
        ("worth less than nothing: so much less", -99_999_999, 0, 3_749_999),
        ("a wing of 5 USD with a delta of 1/1000", 5_000, 100_000, 3_750),
        ("rounded down", 26, 27, 1),
        ("worthless", 0, 0, 0),
    ],
)
def test_the_band_is_what_a_quarter_of_the_range_does_to_the_price(
    what: str, mark_e3: int, delta_e3: int, band: int
) -> None:
    assert band_e3(mark_e3=mark_e3, delta_e3=delta_e3, range_e6=150_000) == band, what


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mark_e3": LIMIT}, "mark"),
        ({"mark_e3": -LIMIT}, "mark"),
        ({"delta_e3": LIMIT}, "delta"),
        ({"delta_e3": -LIMIT}, "delta"),
        ({"range_e6": 0}, "spot range"),
        ({"range_e6": 1_000_000}, "spot range"),
    ],
)
def test_what_the_risk_table_cannot_hold_is_refused(change: dict[str, int], named: str) -> None:
    most = {"mark_e3": LIMIT - 1, "delta_e3": LIMIT - 1, "range_e6": 999_999}
    assert band_e3(**most) == (LIMIT - 1) * 999_999 // 4_000_000
    with pytest.raises(OutOfRange, match=named):
        band_e3(**(most | change))


@dataclass(frozen=True)
class Fill:
    """A fill of 100 milli-contracts, a lot, at 1 % over the mark, five minutes after the flag."""

    size_e3: int = -40_000
    fill_e3: int = 100
    price_e3: int = 100_000
    band_e3: int = 1_000
    premium_e6: int = 250_000
    equity_e6: tuple[int, int] = (43_000, 42_973)
    initial_e6: tuple[int, int] = (60_000, 59_850)
    maintenance_e6: tuple[int, int] = (50_000, 49_900)

    def check(self) -> None:
        states = (
            Margin(Usd(equity), Usd(initial), Usd(maintenance), Usd(0))
            for equity, initial, maintenance in zip(
                self.equity_e6, self.initial_e6, self.maintenance_e6, strict=True
            )
        )
        check_reduction(
            size_e3=self.size_e3,
            fill_e3=self.fill_e3,
            lot_e3=100,
            price_e3=self.price_e3,
            mark_e3=99_000,
            band_e3=self.band_e3,
            before=next(states),
            after=next(states),
            premium_e6=self.premium_e6,
            rules=RULES,
        )


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"fill_e3": 40_000, "maintenance_e6": (50_000, 34_000), "initial_e6": (60_000, 40_800)},
        {"size_e3": 40_000, "fill_e3": -100},
        {"price_e3": 98_000},
        {"equity_e6": (43_000, 43_000), "initial_e6": (60_000, 59_999)},
        {"equity_e6": (43_000, 43_001), "maintenance_e6": (50_000, 50_000)},
        {"equity_e6": (49_999, 49_999)},
    ],
)
def test_a_fill_that_closes_near_the_mark_and_helps_is_allowed(change: dict[str, object]) -> None:
    replace(Fill(), **change).check()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fill_e3": 40_001}, "does not reduce"),
        ({"fill_e3": -100}, "does not reduce"),
        ({"fill_e3": 0}, "does not reduce"),
        ({"size_e3": 0}, "does not reduce"),
        ({"price_e3": 100_001}, "further than 1000"),
        ({"price_e3": 97_999}, "further than 1000"),
        ({"initial_e6": (60_000, 60_000)}, "its hedge"),
        ({"maintenance_e6": (50_000, 50_001)}, "its hedge"),
        ({"initial_e6": (60_000, 59_974)}, "by more than"),
        ({"equity_e6": (50_000, 50_000)}, "is well"),
    ],
)
def test_a_fill_that_grows_strays_unhedges_or_is_not_needed_is_refused(
    change: dict[str, object], said: str
) -> None:
    with pytest.raises(ReductionRefused, match=said):
        replace(Fill(), **change).check()  # type: ignore[arg-type]


@pytest.mark.parametrize(("fill_e3", "most_e6"), [(100, 50_000), (101, 16_477)])
def test_a_fill_relieves_no_more_than_the_largest_slice_but_for_a_lot(
    fill_e3: int, most_e6: int
) -> None:
    """(1.15 * 50,000 - 43,000) / ((1.15 - 0.27) * 50,000) is 32.954 % of 50,000."""
    fill = Fill(fill_e3=fill_e3, equity_e6=(43_000, 43_000), initial_e6=(60_000, 0))
    replace(fill, maintenance_e6=(50_000, 50_000 - most_e6)).check()
    if most_e6 < 50_000:
        with pytest.raises(ReductionRefused, match="largest slice"):
            replace(fill, maintenance_e6=(50_000, 50_000 - most_e6 - 1)).check()


@pytest.mark.parametrize(
    ("premium_e6", "most_e6"),
    [
        (20_000, 4),  # 4 % of 100
        (25_000, 4),  # 4.5 %
        (250_000, 27),
        (ONE, 86),  # at last 43/50, health
    ],
)
def test_a_fill_costs_no_more_than_a_taker_would_at_that_second(
    premium_e6: int, most_e6: int
) -> None:
    fill = Fill(premium_e6=premium_e6, equity_e6=(43_000, 43_000 - most_e6))
    fill.check()
    with pytest.raises(ReductionRefused, match=r"wait for the premium|health worse"):
        replace(fill, equity_e6=(43_000, 43_000 - most_e6 - 1)).check()


@pytest.mark.parametrize(
    ("equity_e6", "least_e6"),
    [(500, 499), (499, 499), (1, 1), (0, 0), (-1, -1), (-500, -500)],  # 1 % of health, and none
)
def test_no_order_makes_or_enlarges_a_debt_or_lowers_health(equity_e6: int, least_e6: int) -> None:
    fill = Fill(equity_e6=(equity_e6, least_e6))
    fill.check()
    with pytest.raises(ReductionRefused, match="a debt"):
        replace(fill, equity_e6=(equity_e6, least_e6 - 1)).check()


def test_a_debt_without_margin_grows_by_nothing_either() -> None:
    fill = Fill(equity_e6=(-10, -10), maintenance_e6=(0, 0), initial_e6=(1, 0))
    fill.check()
    with pytest.raises(ReductionRefused, match="wait for the premium"):
        replace(fill, equity_e6=(-10, -11)).check()


def test_a_bankrupt_long_is_not_sold_at_the_edge_of_the_band() -> None:
    """40 BTC with a debt of 10 USDC: at the mark less R/4 it would have become one of 119,986."""
    table = synthetic().table()
    needed = requirement(table, held((0, 40_000)))
    bare = margins(np.array([0]), [needed]).of(0)
    before = margins(np.array([-10 * 10**6 - bare.equity.e6]), [needed]).of(0)
    mark_e3 = int(table.mark_e3[0])
    wide_e3 = band_e3(mark_e3=mark_e3, delta_e3=mark_e3, range_e6=table.shocks.range_e6)

    def sell(below_e3: int) -> None:
        check_reduction(
            size_e3=40_000,
            fill_e3=-40_000,
            lot_e3=100,
            price_e3=mark_e3 - below_e3,
            mark_e3=mark_e3,
            band_e3=wide_e3,
            before=before,
            after=Margin(before.equity - Usd(below_e3 * 40_000), Usd(0), Usd(0), Usd(0)),
            premium_e6=taker_premium_e6(3600, USUAL),
            rules=USUAL,
        )

    sell(0)
    for below_e3 in (1, wide_e3):
        with pytest.raises(ReductionRefused, match="a debt"):
            sell(below_e3)


amounts = st.integers(0, 10**6)


@given(
    st.integers(-(10**6), 10**6),
    amounts,
    amounts,
    amounts,
    st.integers(-(10**6), 10**6),
    st.integers(0, 3600),
)
def test_what_is_allowed_costs_no_more_than_a_slice_of_the_same_relief(
    equity: int, left: int, relief: int, initial: int, cost: int, elapsed_s: int
) -> None:
    premium, maintenance = taker_premium_e6(elapsed_s, USUAL), left + relief
    fill = Fill(
        fill_e3=101,
        band_e3=10**6,
        premium_e6=premium,
        equity_e6=(equity, equity - cost),
        initial_e6=(initial + relief + 1, initial),
        maintenance_e6=(maintenance, left),
    )
    try:
        fill.check()
    except ReductionRefused:
        return
    assert equity - cost >= min(equity, 0)
    if equity >= 0:
        assert (equity - cost) * maintenance >= equity * left  # health
    if not relief:
        assert cost <= 0
        return
    moved = slice_cash(
        equity_e6=equity,
        maintenance_e6=maintenance,
        maintenance_after_e6=left,
        value_e6=0,
        part=largest_slice(equity, maintenance, premium, RULES),
        premium_e6=premium,
        rules=RULES,
    )
    assert cost <= max(moved.charge_e6, 0)


def test_every_product_fits_its_width() -> None:
    assert LIMIT * bounds.RATE_SCALE < 1 << 55
    maintenance, equity = (1 << bounds.MAINTENANCE_BITS) - 1, (1 << bounds.USD_BITS) - 1
    assert maintenance * equity < 1 << bounds.CHARGE_LAW_BITS - 1
    assert maintenance * (ONE + ONE // 8) < 1 << 77
