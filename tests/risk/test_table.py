"""The table of a tick, anew and incrementally, and what it sums."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk import (
    BTC,
    COLUMNS,
    ETH,
    BadMarket,
    Dials,
    Listing,
    Market,
    RiskParameters,
    RiskTable,
    risk_table,
)
from novate.risk import table as table_module
from novate.risk.contract_risk import ContractRisk, contract_risk
from novate.risk.shock import Shocks
from novate.risk.table import Summand
from novate.units import OutOfRange, bounds

from .scene import DAY_S, Scene, real, synthetic

SCENE = synthetic()
TABLE = SCENE.table()


def same(one: RiskTable, other: RiskTable) -> bool:
    return (
        np.array_equal(one.summand_e3, other.summand_e3)
        and np.array_equal(one.group_rates_e6, other.group_rates_e6)
        and all(
            np.array_equal(getattr(one.contract, column.name), getattr(other.contract, column.name))
            for column in fields(ContractRisk)
        )
    )


def but(market: Market, name: str, place: int, step: int) -> Market:
    values = getattr(market, name).copy()
    values[place] += step
    changes = {name: values}
    if name == "forward_e3":
        changes["shocked_e3"] = values
    return replace(market, **changes)


TICKS = st.lists(
    st.one_of(
        st.tuples(st.just("forward_e3"), st.integers(0, 3), st.integers(-5_000_000, 5_000_000)),
        st.tuples(st.just("vol_e6"), st.integers(0, 14), st.integers(-100_000, 100_000)),
        st.tuples(st.just("confidence_e6"), st.integers(0, 3), st.integers(-1_000_000, 0)),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda tick: tick[:2],
)


@given(TICKS)
def test_a_table_brought_up_to_date_is_a_fresh_one_bit_for_bit(
    ticks: list[tuple[str, int, int]],
) -> None:
    market = SCENE.market
    for name, place, step in ticks:
        market = but(market, name, place, step)
    fresh = risk_table(SCENE.listing, market, BTC)
    assert same(risk_table(SCENE.listing, market, BTC, previous=TABLE), fresh)


@pytest.mark.parametrize(
    "change",
    [
        lambda market: replace(market, index_e3=market.index_e3 + 1),
        lambda market: replace(market, fortnight_vol_e6=market.fortnight_vol_e6 + 1),
        lambda market: replace(market, fortnight_vol_e6=market.fortnight_vol_e6 * 2),
        lambda market: replace(market, funding_e3=-7),
        lambda market: replace(market, tenor_s=np.maximum(market.tenor_s - 60, 0)),
        lambda market: replace(market, tenor_s=np.maximum(market.tenor_s - 36 * 3600, 0)),
        lambda market: replace(market, vol_e6=np.zeros_like(market.vol_e6)),
        lambda market: market,
    ],
)
def test_whatever_changes_a_table_brought_up_to_date_is_fresh(
    change: Callable[[Market], Market],
) -> None:
    market = change(SCENE.market)
    fresh = risk_table(SCENE.listing, market, BTC)
    assert same(risk_table(SCENE.listing, market, BTC, previous=TABLE), fresh)


@pytest.mark.parametrize(
    ("parameters", "dials"),
    [
        (ETH, Dials()),
        (replace(BTC, least_option_e6=1_999), Dials()),
        (BTC, Dials(settlement_latency_s=86_400)),
        (BTC, Dials(oracle_heartbeat_s=61)),
        (BTC, Dials(margin_buffer_e6=1)),
    ],
)
def test_other_parameters_or_dials_make_all_rows_anew(
    parameters: RiskParameters, dials: Dials
) -> None:
    fresh = risk_table(SCENE.listing, SCENE.market, parameters, dials)
    again = risk_table(SCENE.listing, SCENE.market, parameters, dials, previous=TABLE)
    assert same(again, fresh)
    assert not same(again, TABLE)


# A small tick of one expiry.


def priced_anew(
    monkeypatch: pytest.MonkeyPatch, market: Market, previous: RiskTable
) -> list[tuple[int, ...]]:
    """The expiries of every listing that is priced when a table is brought up to date."""
    seen: list[tuple[int, ...]] = []

    def spy(listing: Listing, market: Market, shocks: Shocks) -> ContractRisk:
        seen.append(tuple(listing.expiry_s.tolist()))
        return contract_risk(listing, market, shocks)

    with monkeypatch.context() as patch:
        patch.setattr(table_module, "contract_risk", spy)
        risk_table(previous.listing, market, BTC, previous=previous)
    return seen


@pytest.mark.parametrize("group", [1, 2, 3])
@pytest.mark.parametrize("name", ["forward_e3", "vol_e6"])
def test_a_small_tick_of_one_expiry_prices_its_rows_alone(
    monkeypatch: pytest.MonkeyPatch, group: int, name: str
) -> None:
    """Although the volatility that the range follows moves with it: the range goes in steps."""
    scene = SCENE.but(fortnight_vol_e6=493_200)
    table = scene.table()
    place = group if name == "forward_e3" else 5 * (group - 1) + 2
    market = replace(but(scene.market, name, place, 900), fortnight_vol_e6=493_750)
    again = risk_table(scene.listing, market, BTC, previous=table)
    assert again.shocks == table.shocks
    moved = scene.listing.group == group
    assert np.array_equal(again.entry_e3[~moved], table.entry_e3[~moved])
    assert not np.array_equal(again.entry_e3[moved], table.entry_e3[moved])
    expiry_s = int(scene.listing.expiry_s[group])
    assert priced_anew(monkeypatch, market, table) == [(expiry_s,)]
    assert priced_anew(monkeypatch, scene.market, table) == []


@pytest.mark.parametrize(
    ("before_e6", "after_e6", "is_whole"),
    [
        (487_501, 487_502, False),
        (487_501, 493_750, False),
        (493_750, 493_751, True),  # a twentieth of a point of the range
        (493_751, 493_750, True),
        (493_751, 500_000, False),
        (500_000, 500_001, True),
        (2_493_750, 2_493_751, True),
        (2_493_751, 3_010_000, False),  # the range is at its most
    ],
)
def test_all_rows_are_priced_anew_where_the_range_goes_a_step(
    monkeypatch: pytest.MonkeyPatch, before_e6: int, after_e6: int, is_whole: bool
) -> None:
    table = SCENE.but(fortnight_vol_e6=before_e6).table()
    market = SCENE.but(fortnight_vol_e6=after_e6).market
    all_of_them = [tuple(SCENE.listing.expiry_s.tolist())]
    assert priced_anew(monkeypatch, market, table) == (all_of_them if is_whole else [])


@pytest.mark.parametrize("change", [{"index_e3": 99_999_999}, {"funding_e3": 5}])
def test_what_no_row_depends_on_prices_none_anew(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, int]
) -> None:
    market = replace(SCENE.market, confidence_e6=SCENE.market.confidence_e6 - 1, **change)
    assert priced_anew(monkeypatch, market, TABLE) == []


def test_an_expiry_of_which_more_is_settled_is_made_anew() -> None:
    scene = synthetic(tenors_s=(900, 25 * DAY_S))
    table, market = scene.table(), but(scene.market, "shocked_e3", 1, -1_000_000)
    fresh = risk_table(scene.listing, market, BTC)
    assert same(risk_table(scene.listing, market, BTC, previous=table), fresh)
    assert not same(fresh, table)


def test_the_table_of_another_listing_is_not_brought_up_to_date_but_made() -> None:
    other = synthetic(strikes=(70, 80, 100, 120, 150))
    again = risk_table(other.listing, other.market, BTC, previous=TABLE)
    assert same(again, other.table())
    assert not same(again, TABLE)


def test_on_a_published_chain_one_expiry_is_brought_up_to_date() -> None:
    scene = real()
    table = scene.table()
    market = but(scene.market, "forward_e3", 3, 12_345)
    again = risk_table(scene.listing, market, BTC, previous=table)
    assert same(again, risk_table(scene.listing, market, BTC))
    moved = scene.listing.group == 3
    assert np.array_equal(again.entry_e3[~moved], table.entry_e3[~moved])
    assert not np.array_equal(again.entry_e3[moved], table.entry_e3[moved])


def test_a_chain_of_updates_does_not_drift() -> None:
    random = np.random.default_rng(5)
    market, table = SCENE.market, TABLE
    for _ in range(30):
        market = but(market, "forward_e3", int(random.integers(4)), int(random.integers(-9, 10)))
        market = but(market, "vol_e6", int(random.integers(15)), int(random.integers(-99, 100)))
        table = risk_table(SCENE.listing, market, BTC, previous=table)
    assert same(table, risk_table(SCENE.listing, market, BTC))


def test_the_table_before_is_left_as_it_was() -> None:
    before = TABLE.summand_e3.copy()
    risk_table(SCENE.listing, but(SCENE.market, "forward_e3", 1, 999), BTC, previous=TABLE)
    assert np.array_equal(TABLE.summand_e3, before)


def test_a_perpetual_moves_with_the_index_and_not_with_volatility() -> None:
    scene = SCENE
    mark_e3 = int(scene.market.forward_e3[0])
    entries = TABLE.entry_e3[scene.perp]
    assert TABLE.shocks.range_e6 == 120_000
    assert TABLE.mark_e3[scene.perp] == mark_e3
    assert entries[:3].tolist() == [0] * 3
    tenth, near, whole, far = (mark_e3 * part // 1000 for part in (12, 36, 120, 138))
    assert mark_e3 % 10_000 == 0  # so that nothing is rounded, in tails neither
    assert entries[3:19].tolist() == [
        *(-tenth, -tenth, tenth, tenth),
        *(-near, -near, near, near),
        *(-whole, whole, -whole, whole),
        *(-whole, whole),
        *(-far, far),
    ]


@pytest.mark.parametrize("index_e3", [10_000, 99_999_999, 100_000_000])
@pytest.mark.parametrize("rate_e6", [0, 1, 3_000, 125_000])
def test_a_naked_option_is_charged_a_part_of_the_index_rounded_up(
    index_e3: int, rate_e6: int
) -> None:
    scene = SCENE.but(index_e3=index_e3, forward_e3=index_e3, shocked_e3=index_e3)
    parameters = replace(BTC, short_option_e6=rate_e6)
    table = risk_table(scene.listing, scene.market, parameters)
    assert table.naked_e3 == -(-index_e3 * rate_e6 // bounds.RATE_SCALE)


def test_what_a_contract_adds_stands_in_the_order_of_its_names() -> None:
    scene = SCENE.but(funding_e3=77)
    table = scene.table()
    columns = table.summand_e3[:, COLUMNS:].T
    assert len(columns) == len(Summand)
    named = dict(zip(Summand, columns, strict=True))
    curved = scene.listing.is_curved
    assert table.summand_e3.shape[1] == 30
    assert np.array_equal(table.summand_e3[:, :COLUMNS], table.entry_e3)
    assert np.array_equal(named[Summand.MARK], table.mark_e3)
    assert named[Summand.FUNDING].tolist() == [77] + [0] * (len(curved) - 1)
    assert np.array_equal(named[Summand.SHORT_UP], -scene.listing.upside)
    assert np.array_equal(named[Summand.SHORT_DOWN], -scene.listing.downside)
    assert np.array_equal(named[Summand.DELTA], table.contract.delta_e3)
    assert np.array_equal(named[Summand.VALUE], np.where(curved, table.mark_e3, 0))
    assert np.array_equal(named[Summand.GROSS], table.contract.gross_e3)
    assert np.array_equal(named[Summand.ENTRY_ERROR], table.contract.entry_error_e3)
    assert np.array_equal(named[Summand.MARK_ERROR], table.contract.mark_error_e3)
    assert np.array_equal(named[Summand.LINEAR], ~curved)
    assert np.array_equal(named[Summand.LEAST], table.contract.least_e3)
    assert table.summand_e3.dtype == np.int64


def test_a_contract_is_worth_its_mark_less_or_with_its_error() -> None:
    error = TABLE.contract.mark_error_e3
    assert np.array_equal(TABLE.mark_hi_e3 - TABLE.mark_e3, error)
    assert np.array_equal(TABLE.mark_e3 - TABLE.mark_lo_e3, error)


def test_a_bad_market_makes_no_table_with_or_without_one_before() -> None:
    wrong: Scene = SCENE.but(vol_e6=-1)
    for previous in (None, TABLE):
        with pytest.raises((BadMarket, OutOfRange), match="volatility -1"):
            risk_table(wrong.listing, wrong.market, BTC, previous=previous)
