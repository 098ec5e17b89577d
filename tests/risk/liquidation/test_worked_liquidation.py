"""Liquidation and deleveraging under the margin itself.

The examples of docs/concepts/liquidation.md, and a slice of books of perpetuals and options.
"""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from novate.instruments import Instrument, Option, Right, Tick, Underlying, perpetual
from novate.risk import (
    BTC,
    Listing,
    Market,
    Positions,
    Requirement,
    RiskTable,
    account_requirement,
    risk_table,
)
from novate.risk.liquidation.account_slice import SliceRefused, cut_e3, slice_cash
from novate.risk.liquidation.deleveraging import deleverage
from novate.risk.liquidation.insurance_fund import InsuranceFund
from novate.risk.liquidation.portfolio import Portfolio
from novate.risk.liquidation.rules import (
    ONE,
    WHOLE,
    LiquidationRules,
    largest_slice,
    taker_premium_e6,
)
from novate.risk.liquidation.take import Taken, take
from novate.units import Instant, Multiplier, Price, Qty

MONTH_S = 30 * 86_400
TENTH = Multiplier(100)  # contracts of 0.1 BTC
EXPIRY = Instant(1_764_896_400 + MONTH_S)
RULES = LiquidationRules()
FLAGGED = Instant(1_764_896_400)
CASH_E6 = 57_040 * 10**6
"""The initial margin of 40 short perpetuals at 100,000."""
LOT_E3 = 100


LOTS = Tick(Price(1), Qty(LOT_E3))


def option(right: Right, strike: int) -> Instrument:
    one = Option(Underlying.BTC, right, Price(strike * 100), EXPIRY, TENTH).instrument
    return replace(one, tick=LOTS)


PERP = replace(perpetual(Underlying.BTC, TENTH), tick=LOTS)
CALL, PUT = option(Right.CALL, 110_000), option(Right.PUT, 110_000)
LISTED = [
    PERP,
    *(option(right, strike) for right in Right for strike in range(80_000, 130_000, 10_000)),
]
LISTING = Listing.of(LISTED)
ROW = dict(zip(LISTED, LISTING.rows(LISTED).tolist(), strict=True))


@cache
def table(index: int) -> RiskTable:
    """A flat smile of 55 %, perpetual and future at the index."""
    price_e3 = index * 100
    return risk_table(
        LISTING,
        Market(
            index_e3=price_e3,
            tenor_s=np.array([0, MONTH_S]),
            forward_e3=np.array([price_e3, price_e3]),
            shocked_e3=np.array([price_e3, price_e3]),
            confidence_e6=np.array([ONE, ONE]),
            vol_e6=np.full(len(LISTING.node_group), 550_000),
            fortnight_vol_e6=550_000,
        ),
        BTC,
    )


def positions(*book: tuple[Instrument, int]) -> Positions:
    """In milli-contracts; perpetuals were entered at 100,000."""
    held = [(one, size) for one, size in book if size]
    if not held:
        held = [(PERP, 0)]
    row = np.array([ROW[one] for one, _ in held])
    size_e3 = np.array([size for _, size in held])
    entry_e3 = np.array([100_000 * 100 if one is PERP else 0 for one, _ in held])
    return Positions.of(row, size_e3, size_e3 * entry_e3)


def required(index: int, *book: tuple[Instrument, int]) -> Requirement:
    return account_requirement(table(index), positions(*book))


def maintenance_e6(index: int, *book: tuple[Instrument, int]) -> int:
    return int(required(index, *book).uncapped_maintenance_e6)


def test_a_range_of_12_4_percent_and_a_buffer_of_15() -> None:
    found = required(100_000, (PERP, -40_000))
    assert table(100_000).shocks.range_e6 == 124_000
    assert (found.initial_e6, found.maintenance_e6) == (CASH_E6, 49_600 * 10**6)


SHORT = Portfolio(1, CASH_E6, (positions((PERP, -40_000)),))
TAKER = Portfolio(2, 100_000 * 10**6, (positions(),))


def taken(index: int, elapsed_s: int, part: int, fund_usd: int = 0) -> Taken:
    """A part of the short, by somebody with 100,000 USDC."""
    return take(
        [table(index)],
        SHORT,
        TAKER,
        InsuranceFund(1, fund_usd * 10**6),
        part=part,
        flagged=FLAGGED,
        now=Instant(FLAGGED.s + elapsed_s),
        rules=RULES,
    )


@pytest.mark.parametrize(
    ("elapsed_s", "percent", "closed_e3", "charge_e6", "fund_e6", "left_e6", "still_e6", "health"),
    [
        (0, 3192, 12_700, 655_116_800, 327_558_400, 40_384_883_200, 35_206_080_000, 1.1471),
        (300, 4027, 16_100, 5_605_891_200, 415_251_200, 35_434_108_800, 30_821_440_000, 1.1497),
        (1800, 6574, 26_200, 20_641_100_056, 675_750_401, 20_398_899_944, 17_796_480_000, 1.1462),
    ],
)
def test_a_short_of_40_perpetuals_after_a_rise_of_4_percent(
    elapsed_s: int,
    percent: int,
    closed_e3: int,
    charge_e6: int,
    fund_e6: int,
    left_e6: int,
    still_e6: int,
    health: float,
) -> None:
    before = required(104_000, (PERP, -40_000))
    equity = CASH_E6 + int(before.position_value_e6)
    maintenance = int(before.maintenance_e6)
    assert (equity, maintenance) == (41_040 * 10**6, 51_584 * 10**6)
    part = largest_slice(equity, maintenance, taker_premium_e6(elapsed_s, RULES), RULES)
    assert part * 10**4 // WHOLE == percent
    found = taken(104_000, elapsed_s, part)
    assert found.account.positions[0].quantity_e3.tolist() == [closed_e3 - 40_000]
    assert found.taker.positions[0].quantity_e3.tolist() == [-closed_e3]
    assert found.cash.charge_e6 == charge_e6
    assert found.fund.balance_e6 == fund_e6
    assert found.account_margin.equity.e6 == left_e6
    assert found.account_margin.maintenance.e6 == still_e6
    assert round(left_e6 / still_e6, 4) == health
    assert found.taker_margin.equity.e6 == TAKER.cash_e6 + found.cash.premium_e6
    with pytest.raises(SliceRefused, match="largest slice"):
        taken(104_000, elapsed_s, part + 1)


@pytest.mark.parametrize(
    ("elapsed_s", "fund_e6"),
    [(0, -8_110_720_000), (1800, -40_958_540_224), (3600, -64_496_000_000)],
)
def test_the_same_short_after_a_rise_of_16_percent_is_insolvent(
    elapsed_s: int, fund_e6: int
) -> None:
    before = required(116_000, (PERP, -40_000))
    equity = CASH_E6 + int(before.position_value_e6)
    assert (equity, before.maintenance_e6) == (-6_960 * 10**6, 57_536 * 10**6)
    found = taken(116_000, elapsed_s, WHOLE, 64_496)
    assert found.account_margin.equity.e6 == found.account.cash_e6 == 0
    assert found.fund.balance_e6 == 64_496 * 10**6 + fund_e6
    if elapsed_s == 3600:  # with less in the fund: deleveraging, which costs the debt alone
        with pytest.raises(SliceRefused, match="next: deleveraging"):
            taken(116_000, elapsed_s, WHOLE, 64_495)


CROWD = {
    1: ((PERP, 42_000), (CALL, -60_000)),  # a short gamma book, delta hedged
    2: ((PERP, 50_000),),
    3: ((PERP, 30_000), (CALL, -30_000), (PUT, 30_000)),  # conversions
    4: ((PERP, 20_000),),
    5: ((PERP, 20_000), (PUT, 60_000)),  # long gamma, partly hedged
}
"""Everybody who is long the perpetual when the shorts are bankrupt at 116,000."""


def test_outright_winners_close_a_bankrupt_short_and_hedged_books_do_not() -> None:
    alone = maintenance_e6(116_000, (PERP, 1_000))
    relief = [
        maintenance_e6(116_000, *book) - maintenance_e6(116_000, *book[1:])
        for book in CROWD.values()
    ]
    assert [usd // 10**6 for usd in relief] == [-34_910, 71_920, -40_492, 28_768, -13_474]
    held_e3 = np.array([book[0][1] for book in CROWD.values()])
    done = deleverage(
        size_e3=40_000,
        lot_e3=LOT_E3,
        deficit_e6=6_960 * 10**6,
        outright_e3=alone // 1_000,
        open_interest_e3=162_000,
        account=np.array(list(CROWD)),
        held_e3=held_e3,
        relief_e6=np.array(relief),
        gain_e3=np.full(5, 1_600_000),
        draw=WHOLE // 2,
    )
    assert done.tier.tolist() == [-5, 8, -8, 8, -4]
    assert done.closed_e3.tolist() == [0, 28_600, 0, 11_400, 0]
    assert done.charge_e6.tolist() == [0, 4_976_400_000, 0, 1_983_600_000, 0]
    assert (done.surplus_e6, done.uncovered_e6) == (0, 0)


def test_the_books_that_a_queue_would_have_closed_would_have_been_left_naked() -> None:
    naked = maintenance_e6(116_000, *CROWD[1][1:])
    assert naked * 10 > 17 * maintenance_e6(116_000, *CROWD[1])
    legs = maintenance_e6(116_000, *CROWD[3][1:])
    assert legs > 11 * maintenance_e6(116_000, *CROWD[3])


@st.composite
def books(draw: st.DrawFn) -> list[tuple[Instrument, int]]:
    lots = draw(st.lists(st.integers(-400, 400), min_size=len(LISTED), max_size=len(LISTED)))
    kept = draw(st.lists(st.booleans(), min_size=len(LISTED), max_size=len(LISTED)))
    return [
        (one, n * LOT_E3) for one, n, keep in zip(LISTED, lots, kept, strict=True) if keep and n
    ]


@given(books(), st.integers(0, ONE - 1), st.sampled_from([20_000, 250_000, 600_000]))
def test_a_slice_of_a_real_book_reaches_its_target_but_for_lots(
    book: list[tuple[Instrument, int]], ratio: int, premium: int
) -> None:
    assume(book)
    before = maintenance_e6(100_000, *book)
    cost = premium + RULES.fee_e6
    equity = before * (cost * ONE + (ONE - cost) * ratio) // ONE**2  # between G * M and M
    part = largest_slice(equity, before, premium, RULES)
    assume(part < WHOLE)
    size_e3 = np.array([size for _, size in book])
    left_e3 = size_e3 - cut_e3(size_e3, np.full(len(book), LOT_E3), part)
    instruments = [one for one, _ in book]
    after = maintenance_e6(100_000, *zip(instruments, left_e3.tolist(), strict=True))
    assume(after < before)
    moved = slice_cash(
        equity_e6=equity,
        maintenance_e6=before,
        maintenance_after_e6=after,
        value_e6=0,
        part=part,
        premium_e6=premium,
        rules=RULES,
    )
    left = equity - moved.charge_e6
    lots = sum(
        max(maintenance_e6(100_000, (one, LOT_E3)), maintenance_e6(100_000, (one, -LOT_E3)))
        for one in instruments
    )
    target = Fraction(RULES.target_e6, ONE)
    assert left >= target * (after - lots - Fraction(before, WHOLE)) - 1
    assert left * before >= equity * after - before
