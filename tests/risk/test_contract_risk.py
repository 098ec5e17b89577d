"""Marks and entries against exact prices, their errors, deltas and widths."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from scipy.special import ndtr

from novate.instruments import LINEAR, Instrument, Payoff, Underlying, call, perpetual, put
from novate.pricing import price_error_e3
from novate.risk import BTC, ETH, Dials, Listing, Market, RiskParameters, RiskTable, risk_table
from novate.risk.contract_risk import contract_risk
from novate.risk.scenario import COLUMNS, TAIL_BITS, TAILS
from novate.risk.shock import RANGE_MAX_E6, Shocks
from novate.risk.stressed import stressed
from novate.units import Instant, OutOfRange, Price, bounds

from .exact import Exact
from .scene import DAY_S, NOW_S, ONE_UNIT, Scene, real, synthetic

SCENES = {
    "usual": lambda: synthetic(),
    "wild": lambda: synthetic(level_e6=2_000_000),
    "calm": lambda: synthetic(level_e6=1),
    "at the caps": lambda: synthetic(level_e6=bounds.VOL_MAX_E6),
    "10 USD": lambda: synthetic(index_e3=10_000),
    "2 million USD": lambda: synthetic(index_e3=2_000_000_000),
    "expired": lambda: synthetic(tenors_s=(DAY_S,)).but(tenor_s=0),
    "a second": lambda: synthetic(tenors_s=(1, 2)),
    "two years": lambda: synthetic(tenors_s=((1 << bounds.TENOR_BITS) - 1,)),
    "half settled": lambda: settling(2),
    "settled": lambda: settling(10**9),
    "deep": lambda: synthetic(strikes=(0.01, 1, 10, 1_000, 17_000)),
    "expires within the horizon": lambda: synthetic(tenors_s=(21_599, 21_600, 21_601)),
}


def settling(divisor: int) -> Scene:
    scene = synthetic(tenors_s=(900, 25 * DAY_S))
    shocked_e3 = scene.market.shocked_e3.copy()
    shocked_e3[1] //= divisor
    return scene.but(shocked_e3=shocked_e3)


WIDEST = replace(BTC, range_e6=RANGE_MAX_E6, range_max_e6=RANGE_MAX_E6)
TWICE = Dials(margin_buffer_e6=bounds.RATE_SCALE)


@pytest.mark.parametrize(
    ("name", "parameters", "dials"),
    [
        *((name, BTC, Dials()) for name in SCENES),
        ("usual", ETH, Dials()),
        ("usual", WIDEST, TWICE),
        ("10 USD", WIDEST, TWICE),
        ("2 million USD", WIDEST, TWICE),
    ],
)
def test_entries_and_marks_are_exact_to_within_their_errors(
    name: str, parameters: RiskParameters, dials: Dials
) -> None:
    table = SCENES[name]().table(parameters, dials)
    model = Exact.of(table)
    for row in range(len(table.mark_e3)):
        entry_error_e3 = int(table.contract.entry_error_e3[row])
        mark_error_e3 = int(table.contract.mark_error_e3[row])
        assert abs(int(table.mark_e3[row]) - model.mark(row)) <= mark_error_e3
        for column in range(COLUMNS):
            error = abs(int(table.entry_e3[row, column]) - model.entry(row, column))
            assert error <= entry_error_e3, (row, column)


@pytest.mark.parametrize("dials", [Dials(), Dials(margin_buffer_e6=0), TWICE])
@pytest.mark.parametrize("parameters", [BTC, WIDEST])
@pytest.mark.parametrize("index_e3", [10_000, 100_000_000, 2_000_000_000])
def test_an_entry_may_err_by_what_both_its_prices_may(
    index_e3: int, parameters: RiskParameters, dials: Dials
) -> None:
    """For each call: at the mark and in the farthest column; of a tail a quarter, rounded down."""
    table = synthetic(index_e3=index_e3).table(parameters, dials)
    world = stressed(table.listing, table.market, table.shocks)
    errors_e3 = price_error_e3(table.market.forward_e3)[:, None] + price_error_e3(world.forward_e3)
    errors_e3[:, TAILS] = -(-errors_e3[:, TAILS] // 4) + 1
    curved = table.listing.is_curved
    needed_e3 = errors_e3[table.listing.group[curved]]
    assert np.all(table.contract.entry_error_e3[curved, None] >= needed_e3)
    assert np.all(table.contract.entry_error_e3[curved] <= needed_e3.max(axis=1) + 1)


@pytest.mark.parametrize("currency", ["BTC", "ETH"])
def test_on_a_published_chain_every_entry_is_within_its_error(currency: str) -> None:
    table = real(currency).table(BTC if currency == "BTC" else ETH)
    entries, marks = in_floats(table)
    # Sixteen digits of a price below 2**34 leave more than enough of a milli-USD.
    error_e3 = np.abs(table.entry_e3 - entries)
    assert np.all(error_e3 <= table.contract.entry_error_e3[:, None] + 1e-3)
    assert np.all(np.abs(table.mark_e3 - marks) <= table.contract.mark_error_e3 + 1e-3)
    # And the published bound is no more than generous.
    curved = table.listing.is_curved
    assert error_e3[curved].max() > table.contract.entry_error_e3[curved].min() / 20


def in_floats(table: RiskTable) -> tuple[np.ndarray, np.ndarray]:
    """Entries and marks, by the formula in floats."""
    listing, market = table.listing, table.market
    world = stressed(listing, market, table.shocks)
    group = listing.node_group
    forwards = np.column_stack([market.forward_e3, world.forward_e3]).astype(float)
    tenor = np.column_stack([market.tenor_s, world.tenor_s])[group] / bounds.YEAR_S
    total = np.column_stack([market.vol_e6, world.vol_e6]) / 1e6 * np.sqrt(tenor)
    forward, strike = forwards[group], listing.node_strike_e3[:, None].astype(float)
    with np.errstate(divide="ignore"):
        d1 = np.log(forward / strike) / total + total / 2
    calls = forward * ndtr(d1) - strike * ndtr(d1 - total)
    worth = listing.constant_e3[:, None] + listing.slope[:, None] * forwards[listing.group]
    np.add.at(worth, listing.kink_instrument, listing.kink_turn[:, None] * calls[listing.kink_node])
    entries = worth[:, 1:] - worth[:, :1]
    entries[:, TAILS] /= 4
    curved = listing.is_curved[:, None]
    return np.where(curved, entries, np.floor(np.round(entries, 4))), worth[:, 0]


@pytest.mark.parametrize("name", ["usual", "wild", "half settled", "deep"])
def test_rows_obey_put_call_parity_to_the_last_unit(name: str) -> None:
    scene = SCENES[name]()
    table, market = scene.table(), scene.market
    world = stressed(scene.listing, market, table.shocks)
    rights = pairs(scene.listing)
    assert rights
    for group, strike_e3, call_row, put_row in rights:
        forward_e3 = market.forward_e3[group]
        assert table.mark_e3[call_row] - table.mark_e3[put_row] == forward_e3 - strike_e3
        gap_e3 = table.entry_e3[call_row] - table.entry_e3[put_row]
        moved_e3 = world.forward_e3[group] - forward_e3
        # In a tail each of the three is rounded down by itself.
        moved_e3[TAILS] >>= TAIL_BITS
        assert np.abs(gap_e3 - moved_e3)[TAILS].max() <= 1
        assert np.array_equal(np.delete(gap_e3, TAILS), np.delete(moved_e3, TAILS))
        for errors in (table.contract.entry_error_e3, table.contract.mark_error_e3):
            assert errors[call_row] == errors[put_row]


def pairs(listing: Listing) -> list[tuple[int, int, int, int]]:
    """Group, strike, call and put."""
    found: dict[tuple[int, int], dict[int, int]] = {}
    for row, one in enumerate(listing.instruments):
        if len(one.payoff.kinks) == 1:
            place = (int(listing.group[row]), one.payoff.kinks[0].strike_e3)
            found.setdefault(place, {})[one.payoff.slope] = row
    return [(*place, rows[0], rows[-1]) for place, rows in found.items() if len(rows) == 2]


def test_deltas_are_exact_to_a_millionth_of_the_forward_and_a_unit() -> None:
    for table in (synthetic().table(), real().table()):
        model = Exact.of(table)
        rows = range(0, len(table.mark_e3), 1 + len(table.mark_e3) // 60)
        for row in rows:
            forward_e3 = int(table.market.forward_e3[table.listing.group[row]])
            error = abs(int(table.contract.delta_e3[row]) - model.steepness(row))
            assert error <= mpf(forward_e3) / 10**6 + 1


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        *((name, BTC) for name in SCENES),
        ("usual", replace(BTC, least_option_e6=0)),
        ("usual", replace(BTC, least_option_e6=bounds.RATE_SCALE // 8)),
        ("wild", replace(BTC, least_option_e6=1)),
    ],
)
def test_the_least_of_an_option_is_the_exact_one_and_its_errors(
    name: str, parameters: RiskParameters
) -> None:
    """A part of the forward, or the time value and twice what its price may err; never less."""
    scene = SCENES[name]()
    table = scene.table(parameters)
    model, contract = Exact.of(table), table.contract
    for row in range(len(table.mark_e3)):
        above = int(contract.least_e3[row]) - model.least(row)
        assert mpf("-1e-12") <= above <= 2 * int(contract.mark_error_e3[row])
    assert not contract.least_e3[~scene.listing.is_curved].any()
    if parameters is BTC:
        assert np.all(contract.least_e3 <= -(-contract.gross_e3 * 2 // 1000))
    assert np.all(contract.least_e3 <= contract.gross_e3)


@pytest.mark.parametrize("name", ["usual", "deep", "settled"])
def test_a_call_and_a_put_of_a_strike_count_the_same_at_least(name: str) -> None:
    scene = SCENES[name]()
    least_e3 = scene.table().contract.least_e3
    for _, _, call_row, put_row in pairs(scene.listing):
        assert least_e3[call_row] == least_e3[put_row]


def test_the_least_of_an_option_is_a_part_of_its_forward_up_to_its_time_value() -> None:
    table = synthetic().table()
    contract, forward_e3 = table.contract, table.market.forward_e3
    scene = synthetic()
    middle = scene.call(2, 100)
    assert contract.least_e3[middle] == -(-forward_e3[2] * 2 // 1000) < table.mark_e3[middle]
    wing = scene.call(1, 160)  # worthless but for errors
    assert contract.least_e3[wing] == table.mark_e3[wing] + price_error_e3(forward_e3[1])
    deep = scene.put(1, 160)
    intrinsic_e3 = 160_000_000 - forward_e3[1]
    assert (
        contract.least_e3[deep]
        == contract.least_e3[wing]
        == table.mark_e3[deep] - (intrinsic_e3 - price_error_e3(forward_e3[1]))
    )


def test_the_least_of_a_composite_is_that_of_its_calls() -> None:
    butterfly = call(A) - 2 * call(Price(100_000_000)) + call(B)
    least_e3 = [
        int(made_of(payoff).contract.least_e3[1])
        for payoff in (butterfly, call(A), call(Price(100_000_000)), call(B))
    ]
    assert least_e3[0] == least_e3[1] + 2 * least_e3[2] + least_e3[3] > 0
    assert made_of(-butterfly).contract.least_e3[1] == least_e3[0]
    assert made_of(LINEAR - call(A)).contract.least_e3[1] == least_e3[1]


def test_a_delta_is_of_the_part_that_still_moves() -> None:
    whole, half = (SCENES[name]() for name in ("settled", "half settled"))
    assert whole.table().contract.delta_e3[whole.future(1)] == 0
    future_e3 = half.table().contract.delta_e3[half.future(1)]
    assert future_e3 == half.market.shocked_e3[1] == half.market.forward_e3[1] // 2
    assert half.table().contract.delta_e3[half.future(2)] == half.market.forward_e3[2]


A, B = Price(90_000_000), Price(110_000_000)


@pytest.mark.parametrize(
    ("payoff", "count"),
    [
        (LINEAR, 1),
        (-3 * LINEAR, 3),
        (call(A), 1),
        (put(A), 1),
        (-put(A), 1),
        (2 * put(A), 2),
        (call(A) - call(B), 2),
        (put(B) - put(A), 2),
        (call(A) + put(A), 2),
        (LINEAR - call(A), 1),  # a short put and cash
        (LINEAR + call(A), 2),
        (LINEAR + 3 * call(A), 4),
        (2 * LINEAR - call(A), 2),
        (-(LINEAR + call(A)), 2),
        (Payoff(0, 4, ()) + 4 * call(A), 8),
    ],
)
def test_a_contract_counts_as_the_options_and_linear_contracts_it_is_made_of(
    payoff: Payoff, count: int
) -> None:
    table = made_of(payoff)
    forward_e3 = int(table.market.forward_e3[1])
    assert table.contract.gross_e3[1] == max(count * forward_e3, abs(int(table.mark_e3[1])))
    gross_e3 = int(table.contract.gross_e3[1])
    assert abs(int(table.contract.delta_e3[1])) <= gross_e3
    assert np.abs(table.entry_e3[1]).max() <= 2 * gross_e3


def made_of(payoff: Payoff, index_e3: int = 100_000_000) -> RiskTable:
    expiry = Instant(NOW_S + 10 * DAY_S)
    listing = Listing.of(
        [
            perpetual(Underlying.BTC, ONE_UNIT),
            Instrument(Underlying.BTC, ONE_UNIT, expiry, payoff),
        ]
    )
    forward_e3 = np.array([index_e3, index_e3])
    market = Market(
        index_e3=index_e3,
        tenor_s=np.array([0, 10 * DAY_S]),
        forward_e3=forward_e3,
        shocked_e3=forward_e3,
        confidence_e6=np.full(2, bounds.RATE_SCALE),
        vol_e6=np.full(len(listing.node_group), 500_000),
        fortnight_vol_e6=500_000,
    )
    return risk_table(listing, market, BTC)


def test_a_mark_far_beyond_the_forward_is_the_notional() -> None:
    table = made_of(put(Price((1 << bounds.PRICE_BITS) - 1)), index_e3=10_000)
    assert table.contract.gross_e3[1] == table.mark_e3[1] == (1 << bounds.PRICE_BITS) - 1 - 10_000


def test_a_composite_is_worth_what_its_parts_are_worth() -> None:
    payoff = call(A) - 2 * call(Price(100_000_000)) + call(B)
    table = made_of(payoff)
    model = Exact.of(table)
    for column in range(COLUMNS):
        error = abs(int(table.entry_e3[1, column]) - model.entry(1, column))
        assert error <= int(table.contract.entry_error_e3[1])
    forward_e3 = table.market.forward_e3[1]
    assert table.contract.mark_error_e3[1] == 4 * price_error_e3(forward_e3)


def test_a_linear_contract_has_no_error() -> None:
    scene = synthetic()
    contract = scene.table().contract
    linear = ~scene.listing.is_curved
    assert not contract.entry_error_e3[linear].any()
    assert not contract.mark_error_e3[linear].any()
    assert np.array_equal(contract.gross_e3[linear], scene.market.forward_e3)


@given(
    st.integers(10_000, 2_000_000_000),
    st.integers(1, RANGE_MAX_E6),
    st.integers(1, 10**6),
    st.integers(0, bounds.RATE_SCALE),
)
def test_in_a_tail_a_linear_contract_loses_what_it_loses_in_the_range_and_no_more(
    index_e3: int, range_e6: int, divisor: int, buffer_e6: int
) -> None:
    """Long and short; less only where four ranges are more than all that still moves."""
    scene = synthetic(tenors_s=(900, 25 * DAY_S), with_options=False)
    forward_e3 = np.array([index_e3, index_e3 + index_e3 // 9, index_e3 * 2])
    shocked_e3 = forward_e3 // np.array([1, divisor, 1])
    market = replace(scene.market, index_e3=index_e3, forward_e3=forward_e3, shocked_e3=shocked_e3)
    shocks = Shocks(BTC, Dials(margin_buffer_e6=buffer_e6), range_e6)
    entry_e3 = contract_risk(scene.listing, market, shocks).entry_e3
    fall_e3, rise_e3 = entry_e3[:, [11, 13]], entry_e3[:, [12, 14]]
    assert np.array_equal(fall_e3[:, 0], fall_e3[:, 1])
    assert np.array_equal(rise_e3, -fall_e3)
    tail_fall_e3, tail_rise_e3 = entry_e3[:, TAILS].T
    assert np.all((rise_e3[:, 0] - tail_rise_e3 >= 0) & (rise_e3[:, 0] - tail_rise_e3 <= 1))
    assert np.all(tail_fall_e3 >= fall_e3[:, 0])
    far = 4 * range_e6 < bounds.RATE_SCALE
    lost_e3 = fall_e3[:, 0] if far else -(np.minimum(shocked_e3, forward_e3 - 1) >> TAIL_BITS)
    assert np.all(np.abs(tail_fall_e3 - lost_e3) <= 1)


def test_eight_puts_far_above_the_forward_do_not_fit_and_are_refused() -> None:
    highest = Price((1 << bounds.PRICE_BITS) - 1)
    assert made_of(put(highest), index_e3=10_000)
    assert made_of(2 * put(highest), index_e3=10_000)
    with pytest.raises(OutOfRange, match=r"(mark|gross notional) of a contract \d+ is outside"):
        made_of(4 * put(highest), index_e3=10_000)


def test_entries_fit_their_width_at_the_largest_forward() -> None:
    most_e3 = (1 << bounds.CONTRACT_BITS) - 1
    table = made_of(8 * call(Price(most_e3)), index_e3=most_e3)
    assert np.abs(table.entry_e3).max() < 1 << bounds.RISK_ENTRY_BITS
    assert table.contract.gross_e3.max() == 8 * most_e3 < 1 << bounds.RISK_ENTRY_BITS


def test_every_product_of_a_contract_fits() -> None:
    forward = (1 << bounds.CONTRACT_BITS) - 1
    steepest = bounds.STEEPNESS_MAX
    assert forward * steepest << bounds.FRACTION_BITS < 1 << 62  # a delta
    assert forward * steepest < 1 << 34  # a notional
    assert steepest * 3 * forward < 1 << 36  # a gain before a quarter of it counts
    # A held entry, and a held notional.
    held = ((1 << bounds.RISK_ENTRY_BITS) - 1) * ((1 << bounds.QTY_BITS) - 1)
    assert held < 1 << 62


def test_a_market_without_volatility_gives_intrinsic_values() -> None:
    scene = synthetic().but(vol_e6=0)
    table = scene.table()
    for row, one in enumerate(scene.listing.instruments):
        forward_e3 = int(scene.market.forward_e3[scene.listing.group[row]])
        assert int(table.mark_e3[row]) * 1000 == one.payoff.value_e6(forward_e3 * 1000)
    assert not table.entry_e3[:, :3].any()
    assert table.entry_e3[:, 3:].any(axis=0).all()
