"""A take, whole: from positions and cash of both sides to both after it, and the fund."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.instruments import Tick, Underlying, perpetual
from novate.risk.compartment import OtherCompartment
from novate.risk.health import margins
from novate.risk.liquidation.account_slice import SliceRefused
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
from novate.risk.listing import Listing
from novate.risk.margin import requirement
from novate.risk.market import Market
from novate.risk.parameters import ETH, Dials
from novate.risk.positions import BadPositions, Positions
from novate.risk.table import RiskTable, risk_table
from novate.units import Instant, Multiplier, OutOfRange, Price, Qty

from ..books import SCENE, books
from ..scene import held

USD = 10**6
RULES = LiquidationRules()
FLAGGED = Instant(1_768_435_200)
BITCOIN = SCENE.table()


def ether(compartment: int = 1, dials: Dials = RULES.dials) -> RiskTable:
    """A perpetual at 3,000 USD, alone."""
    price_e3 = np.array([3_000_000])
    market = Market(
        index_e3=3_000_000,
        tenor_s=np.array([0]),
        forward_e3=price_e3,
        shocked_e3=price_e3,
        confidence_e6=np.array([ONE]),
        vol_e6=np.array([], dtype=np.int64),
        fortnight_vol_e6=600_000,
    )
    listing = Listing.of([perpetual(Underlying.ETH, Multiplier(1000))])
    return risk_table(listing, market, ETH, dials, compartment=compartment)


ETHER = ether()
TABLES = (BITCOIN, ETHER)
NOTHING = held((0, 0))


def account(equity_usd: int, *positions: Positions) -> Portfolio:
    """With as much cash as makes its equity."""
    value_e6 = sum(
        int(requirement(table, one).position_value_e6[0])
        for table, one in zip(TABLES, positions, strict=True)
    )
    return Portfolio(1, equity_usd * USD - value_e6, positions)


def taken(
    account: Portfolio,
    part: int,
    *,
    taker: Portfolio | None = None,
    elapsed_s: int = 0,
    fund_usd: int = 0,
    tables: Sequence[RiskTable] = TABLES,
) -> Taken:
    return take(
        tables,
        account,
        taker or Portfolio(2, 10**12 * USD, (NOTHING, NOTHING)),
        InsuranceFund(1, fund_usd * USD),
        part=part,
        flagged=FLAGGED,
        now=Instant(FLAGGED.s + elapsed_s),
        rules=RULES,
    )


def maintenance_e6(*positions: Positions) -> int:
    return sum(
        int(requirement(table, one).maintenance_e6[0])
        for table, one in zip(TABLES, positions, strict=True)
    )


BOTH = (held((0, -10_000)), held((0, -200_000)))
"""Short 10 BTC and 200 ETH."""


def test_a_slice_is_the_same_part_in_every_underlying_and_judged_by_all_together() -> None:
    needed = maintenance_e6(*BOTH)
    assert needed == maintenance_e6(BOTH[0], NOTHING) + maintenance_e6(NOTHING, BOTH[1])
    equity_usd = needed * 9 // 10 // USD
    flagged = account(equity_usd, *BOTH)
    part = largest_slice(equity_usd * USD, needed, taker_premium_e6(0, RULES), RULES)
    found = taken(flagged, part)
    for before, after, got in zip(
        BOTH, found.account.positions, found.taker.positions, strict=True
    ):
        size = int(before.quantity_e3[0])
        cut = size * part // WHOLE + 1
        assert got.quantity_e3.tolist() == [cut]
        assert after.quantity_e3.tolist() == [size - cut]
    assert found.account_margin.equity.e6 == equity_usd * USD - found.cash.charge_e6
    assert found.taker_margin.equity.e6 - 10**12 * USD == found.cash.premium_e6
    health = found.account_margin.equity.e6 / found.account_margin.maintenance.e6
    assert 1.149 < health < 1.151
    with pytest.raises(SliceRefused, match="largest slice"):
        taken(flagged, part + 1)


@given(
    books(),
    st.integers(-300_000, 300_000),
    st.integers(-ONE // 2, ONE),
    st.integers(1, WHOLE),
    st.integers(0, 3600),
    books(),
)
def test_cash_contracts_and_costs_are_conserved_and_equity_moves_by_what_is_said(
    book: Positions, ethers: int, ratio: int, part: int, elapsed_s: int, other: Positions
) -> None:
    positions = (book, held((0, ethers)))
    needed = maintenance_e6(*positions)
    flagged = account(needed * ratio // ONE // USD, *positions)
    taker = Portfolio(2, 10**12 * USD, (other, NOTHING))
    try:
        found = taken(flagged, part, taker=taker, elapsed_s=elapsed_s, fund_usd=10**9)
    except SliceRefused:
        return
    fund_e6 = 10**9 * USD
    cash = found.account.cash_e6 + found.taker.cash_e6 + found.fund.balance_e6
    assert cash == flagged.cash_e6 + taker.cash_e6 + fund_e6
    for place in range(2):
        for column in ("quantity_e3", "cost_e6"):
            sums = [
                by_row(one.positions[place], column)
                for one in (flagged, taker, found.account, found.taker)
            ]
            assert np.array_equal(sums[0] + sums[1], sums[2] + sums[3])
    equity = needed * ratio // ONE // USD * USD
    assert found.account_margin.equity.e6 >= equity - found.cash.charge_e6
    before = margins(
        np.array([taker.cash_e6]),
        [requirement(table, one) for table, one in zip(TABLES, taker.positions, strict=True)],
    ).of(0)
    # Exactly the premium, and what marks lose of their error where positions net.
    assert found.taker_margin.equity.e6 >= before.equity.e6 + found.cash.premium_e6
    assert found.taker_margin.equity >= found.taker_margin.initial
    if equity > 0:
        left = found.account_margin
        assert left.equity.e6 * needed >= equity * left.maintenance.e6 - needed


def by_row(positions: Positions, column: str) -> np.ndarray:
    full = np.zeros(len(BITCOIN.mark_e3), dtype=np.int64)
    full[positions.row] = getattr(positions, column)
    return full


SHORT = (held((0, -10_000)), NOTHING)


def short(percent: int) -> Portfolio:
    """10 BTC short, with a part of its maintenance margin."""
    return account(maintenance_e6(*SHORT) * percent // 100 // USD, *SHORT)


@pytest.mark.parametrize(("percent", "is_taken"), [(99, True), (101, False)])
def test_an_account_that_is_well_is_not_taken(percent: int, is_taken: bool) -> None:
    if is_taken:
        assert taken(short(percent), WHOLE // 20)
    else:
        with pytest.raises(SliceRefused, match=r"outside \(0, 0\]"):
            taken(short(percent), WHOLE // 20)


def test_a_taker_that_could_not_carry_it_takes_nothing() -> None:
    flagged = short(90)
    for cash_usd, is_taken in ((1_000_000, True), (10_000, False)):
        taker = Portfolio(2, cash_usd * USD, (NOTHING, NOTHING))
        if is_taken:
            assert taken(flagged, WHOLE // 5, taker=taker)
        else:
            with pytest.raises(SliceRefused, match="initial margin"):
                taken(flagged, WHOLE // 5, taker=taker)


def test_whom_the_slice_hedges_needs_little_to_take_it() -> None:
    long = Portfolio(2, 60_000 * USD, (held((0, 2_000)), NOTHING))
    found = taken(short(90), WHOLE // 5, taker=long)
    assert found.taker.positions[0].quantity_e3.tolist() == [0] or (
        abs(int(found.taker.positions[0].quantity_e3[0])) < 2_000
    )


def test_the_fund_pays_what_an_insolvent_account_cannot_or_the_take_is_refused() -> None:
    flagged = short(-10)
    needed = -flagged_equity_e6(flagged) + maintenance_e6(*SHORT)
    enough = -(-needed // USD)
    found = taken(flagged, WHOLE, elapsed_s=3600, fund_usd=enough)
    assert found.fund.balance_e6 == enough * USD - needed
    assert found.account_margin.equity.e6 == 0
    with pytest.raises(SliceRefused, match="next: deleveraging"):
        taken(flagged, WHOLE, elapsed_s=3600, fund_usd=enough - 1)


def flagged_equity_e6(one: Portfolio) -> int:
    needs = [requirement(table, held) for table, held in zip(TABLES, one.positions, strict=True)]
    return margins(np.array([one.cash_e6]), needs).of(0).equity.e6


def test_an_odd_position_goes_with_the_last() -> None:
    flagged = account(10, held((0, -1)), NOTHING)
    found = taken(flagged, WHOLE)
    assert found.account.positions[0].quantity_e3.tolist() == [0]
    assert found.taker.positions[0].quantity_e3.tolist() == [-1]


def test_nobody_takes_itself() -> None:
    same = Portfolio(1, 10**9 * USD, (NOTHING, NOTHING))
    with pytest.raises(SliceRefused, match="take itself"):
        taken(short(90), WHOLE // 5, taker=same)


def test_what_is_of_other_compartments_or_dials_is_refused() -> None:
    with pytest.raises(OtherCompartment, match="fund of 1"):
        taken(short(90), WHOLE // 5, tables=(BITCOIN, ether(compartment=2)))
    other = Dials(liquidation_threshold_e6=1_100_000)
    with pytest.raises(SliceRefused, match="different dials"):
        taken(short(90), WHOLE // 5, tables=(BITCOIN, ether(dials=other)))


def test_positions_of_each_table_and_of_one_account_are_needed() -> None:
    one = short(90)
    with pytest.raises(BadPositions, match="next: give those of one account"):
        taken(Portfolio(1, one.cash_e6, one.positions[:1]), WHOLE // 5)
    two = Positions.many(np.array([1, 2]), np.array([0, 0]), np.array([1, 1]))
    with pytest.raises(BadPositions, match="next: give those of one account"):
        taken(one, WHOLE // 5, taker=Portfolio(2, 0, (two, NOTHING)))


def test_there_is_no_take_before_the_flag() -> None:
    with pytest.raises(OutOfRange, match="seconds since the flag"):
        taken(short(90), WHOLE // 5, elapsed_s=-1)


def test_of_long_options_no_more_is_relieved_than_they_can_lose() -> None:
    """Bought with a little debt: what is asked is what they are worth, if that is less."""
    book = (held((SCENE.call(2, 120), 1_000_000)), NOTHING)
    needed = maintenance_e6(*book)
    flagged = account(needed * 98 // 100 // USD, *book)
    assert flagged.cash_e6 < 0
    found = taken(flagged, WHOLE // 7)
    assert found.account_margin.maintenance.e6 == maintenance_e6(*found.account.positions)
    relief = needed - found.account_margin.maintenance.e6
    assert found.cash.charge_e6 == -(-relief * 40_000 // ONE)  # 4 %, and not of all of M


def test_premium_is_on_the_lots_that_went_and_not_on_the_part_that_was_named() -> None:
    coarse = [replace(one, tick=Tick(Price(1), Qty(100))) for one in SCENE.listing.instruments]
    table = replace(BITCOIN, listing=Listing.of(coarse))
    book = (held((SCENE.put(3, 160), -1_000)), NOTHING)
    needed = maintenance_e6(*book)
    part = WHOLE * 79 // 100
    found = taken(account(0, *book), part, fund_usd=10**6, tables=(table, ETHER))
    left = held((SCENE.put(3, 160), -300))
    assert by_row(found.account.positions[0], "quantity_e3").sum() == -300
    relief = needed - maintenance_e6(left, NOTHING)
    assert found.cash.premium_e6 == relief * 20_000 // ONE < needed * 74 // 100 * 20_000 // ONE
