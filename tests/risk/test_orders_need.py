"""Open orders against all their subsets, filled one by one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.risk import (
    BTC,
    ETH,
    BadPositions,
    Dials,
    GrossTooLarge,
    Positions,
    RiskTable,
    margins,
    orders_need,
    requirement,
)
from novate.risk.orders_need import ROUNDINGS
from novate.risk.scan import depeg_factor_e6
from novate.risk.sums import GROSS
from novate.units import bounds

from .orders import Order, composites, of
from .scene import DAY_S, Scene, accounts, held, real, synthetic

SCENE = synthetic()
TABLE = SCENE.table()
CURVED = np.flatnonzero(SCENE.listing.is_curved).tolist()


def worst(
    table: RiskTable,
    book: dict[int, int],
    orders: Sequence[Order],
    parts: int = 1,
    stable_e6: int = 10**6,
) -> int:
    """Initial margin after any fills, less what they gain at the marks; each order is filled by
    none, some or all of `parts`."""
    filled = list(product(range(parts + 1), repeat=len(orders)))
    quantity = np.array(filled) * [order[1] for order in orders]
    # Towards zero, as a fill is never more than the order.
    quantity = np.sign(quantity) * (np.abs(quantity) // parts)
    rows = sorted({*book, *(order[0] for order in orders)})
    after = np.array([[book.get(row, 0) for row in rows]]).repeat(len(filled), axis=0)
    paid_e6 = np.zeros(len(filled), dtype=np.int64)
    for place, (row, _, price_e3, fee_e6) in enumerate(orders):
        after[:, rows.index(row)] += quantity[:, place]
        paid_e6 += quantity[:, place] * price_e3 + (quantity[:, place] != 0) * fee_e6
    positions = accounts([list(zip(rows, q, strict=True)) for q in after.tolist()])
    found = requirement(table, positions, stable_e6=stable_e6)
    gained_e6 = found.position_value_e6 - found.position_value_e6[0] - paid_e6
    return int((found.initial_e6 - gained_e6).max())


def need(
    table: RiskTable, book: dict[int, int], orders: Sequence[Order], stable_e6: int = 10**6
) -> int:
    found = orders_need(table, held(*book.items()), of(orders), stable_e6=stable_e6)
    return int(found.initial_e6[0])


def drawn(table: RiskTable, random: np.random.Generator) -> tuple[dict[int, int], list[Order]]:
    """A book, and orders of which some close what it holds."""
    instruments, linear = len(table.mark_e3), np.flatnonzero(~table.listing.is_curved)
    pool = np.unique([*random.choice(instruments, 8), *linear[:4]])
    size = int(10 ** random.uniform(1, 5.5))
    held_rows = random.choice(pool, size=int(random.integers(1, 6)), replace=False)
    book = {int(row): int(random.integers(-size, size + 1)) for row in held_rows}
    orders = []
    for _ in range(int(random.integers(1, 8))):
        row, quantity = int(random.choice(pool)), int(random.integers(-size, size + 1))
        quantity = int(quantity * 10 ** random.uniform(-3, 0.3)) or 1
        if random.random() < 0.25:
            row = int(random.choice(held_rows))
            quantity = -book[row] or 1
        price_e3 = int(table.mark_e3[row] * random.uniform(0.97, 1.03))
        orders.append((row, quantity, max(price_e3, 0), int(random.integers(0, 2_000))))
    return book, orders


MARKETS = {
    "usual": lambda: SCENE,
    "wild": lambda: synthetic(level_e6=1_500_000),
    "10 USD": lambda: synthetic(index_e3=10_000),
    "an hour and two years": lambda: synthetic(tenors_s=(3_600, 700 * DAY_S)),
    "uncertain": lambda: SCENE.but(confidence_e6=400_000, funding_e3=-30_000),
    "published": real,
}


@pytest.mark.parametrize("name", MARKETS)
@pytest.mark.parametrize("parts", [1, 3])
def test_what_orders_need_covers_whichever_of_them_are_filled_in_whole_or_in_part(
    name: str, parts: int
) -> None:
    scene: Scene = MARKETS[name]()
    random = np.random.default_rng(parts)
    for parameters in (BTC, ETH):
        table = scene.table(parameters)
        for _ in range(40):
            book, orders = drawn(table, random)
            if parts > 1:
                orders = orders[:4]
            assert need(table, book, orders) >= worst(table, book, orders, parts)


@pytest.mark.parametrize(
    "dials",
    [
        Dials(margin_buffer_e6=0),
        Dials(margin_buffer_e6=10**6, settlement_latency_s=86_400),
        Dials(liquidation_threshold_e6=1_300_001),
        Dials(liquidation_threshold_e6=2_000_000, margin_buffer_e6=0),
    ],
)
@pytest.mark.parametrize("stable_e6", [10**6, 950_000, 0])
def test_at_any_dials_and_price_of_usdc_what_orders_need_covers_them(
    dials: Dials, stable_e6: int
) -> None:
    random = np.random.default_rng(stable_e6)
    scene = SCENE.but(confidence_e6=400_000)
    for table in (SCENE.table(dials=dials), scene.table(dials=dials)):
        for _ in range(20):
            book, orders = drawn(table, random)
            asked = need(table, book, orders[:4], stable_e6)
            assert asked >= worst(table, book, orders[:4], 2, stable_e6)


@pytest.mark.parametrize("threshold_e6", [10**6, 1_150_000, 1_200_000, 2_000_000])
@pytest.mark.parametrize("percent", [100, 99, 95, 90, 80, 20])
@pytest.mark.parametrize("size", [1_000, -1_000])
def test_an_order_priced_better_than_the_mark_is_covered_where_accounts_are_flagged_early(
    threshold_e6: int, percent: int, size: int
) -> None:
    """What is gained counts once, what would be flagged as many times as the threshold says."""
    table = SCENE.table(dials=Dials(liquidation_threshold_e6=threshold_e6))
    mark_e3 = int(table.mark_e3[0])
    price_e3 = mark_e3 * percent // 100 if size > 0 else mark_e3 * (200 - percent) // 100
    for book in ({0: size}, {0: 0}, {SCENE.call(2, 100): -2_000}):
        orders = [(0, size, price_e3, 0)]
        above = need(table, book, orders) - worst(table, book, orders, 5)
        assert above >= 0
        if 0 in book:
            assert above <= ROUNDINGS


@settings(max_examples=60)
@given(
    st.dictionaries(st.integers(0, 33), st.integers(-5_000, 5_000), min_size=1, max_size=4),
    st.lists(
        st.tuples(
            st.integers(0, 33),
            st.integers(-5_000, 5_000),
            st.integers(0, 200_000_000),
            st.integers(0, 10**9),
        ),
        max_size=5,
    ),
)
def test_at_any_price_and_fee_what_orders_need_covers_them(
    book: dict[int, int], orders: list[Order]
) -> None:
    assert need(TABLE, book, orders) >= worst(TABLE, book, orders, 2)


def test_a_crowded_account_needs_the_larger_of_both_sides() -> None:
    table = synthetic(index_e3=100_000_000).table()
    price_e3 = int(table.mark_e3[0])
    for size in (150_000, -150_000):
        book = {0: size}
        orders = [(0, 100_000, price_e3, 0), (0, -200_000, price_e3, 0), (1, 50_000, price_e3, 0)]
        assert need(table, book, orders) >= worst(table, book, orders)


# Where it is exact, and how much above it may lie.


@pytest.mark.parametrize("size", [500, -500, -1_000, -3_000])
def test_one_linear_order_needs_exactly_what_it_will_require(size: int) -> None:
    price_e3 = int(TABLE.mark_e3[0])
    orders = [(0, size, price_e3, 77)]
    excess_e6 = need(TABLE, {0: 1_000}, orders) - worst(TABLE, {0: 1_000}, orders)
    # Where filling it helps, its fee is not paid in the worst case, and yet it is asked for.
    is_helpful = -2_000 < size < 0
    assert excess_e6 == ROUNDINGS + 77 * is_helpful


@pytest.mark.parametrize("threshold_e6", [500_000, 10**6, 1_150_000, 1_500_001, 2_000_000])
@pytest.mark.parametrize("stable_e6", [10**6, 970_000])
def test_without_orders_an_account_needs_its_initial_margin(
    threshold_e6: int, stable_e6: int
) -> None:
    scene = SCENE.but(confidence_e6=400_000, funding_e3=1_234)
    table = scene.table(dials=Dials(liquidation_threshold_e6=threshold_e6))
    hedged = {0: 1_000, SCENE.future(1): -1_001}
    books = [{0: 1_000}, {5: -300, 9: 4}, {7: 0}, hedged, {0: 900_000, 12: -50_000}]
    positions = accounts([list(book.items()) for book in books])
    found = orders_need(table, positions, of([]), stable_e6=stable_e6)
    asked = requirement(table, positions, stable_e6=stable_e6)
    assert np.array_equal(found.initial_e6, asked.initial_e6)
    assert found.is_bounded.tolist() == [0, 0, 1, 0, 0]


def test_an_account_without_positions_holds_none_of_one() -> None:
    row = SCENE.call(2, 100)
    order = (row, -1_000, int(TABLE.mark_e3[row]), 0)
    asked = need(TABLE, {0: 0}, [order])
    alone = int(requirement(TABLE, held((row, -1_000))).initial_e6[0])
    # What is sold at its mark costs as much more as the mark may err.
    error_e6 = 1_000 * int(TABLE.contract.mark_error_e3[row])
    assert asked == worst(TABLE, {0: 0}, [order]) + ROUNDINGS == alone + error_e6 + ROUNDINGS
    assert need(TABLE, {0: 0}, []) == 0


def test_orders_of_many_accounts_are_of_each_alone() -> None:
    random = np.random.default_rng(11)
    pairs = [drawn(TABLE, random) for _ in range(6)]
    flat = [(account, order) for account, (_, orders) in enumerate(pairs) for order in orders]
    random.shuffle(flat)  # type: ignore[arg-type]
    positions = accounts([list(book.items()) for book, _ in pairs])
    found = orders_need(
        TABLE, positions, of([order for _, order in flat], [account for account, _ in flat])
    )
    for account, (book, orders) in enumerate(pairs):
        assert found.initial_e6[account] == need(TABLE, book, orders)


def test_who_buys_options_alone_needs_no_more_than_they_cost() -> None:
    """Besides what is held: so much cash, and not a micro-USDC less."""
    calls, puts = SCENE.call(2, 100), SCENE.put(1, 80)
    orders = [(calls, 1_000, 400_000, 5), (puts, 2_000, 10, 7)]
    held_e6 = int(requirement(TABLE, held((calls, 10))).position_value_e6[0])
    found = orders_need(TABLE, held((calls, 10)), of(orders))
    assert found.is_bounded.tolist() == [1]
    assert found.initial_e6.tolist() == [held_e6 + 400_000_000 + 5 + 20_000 + 7 + 2]
    for stranger in ((calls, -11, 1, 0), (SCENE.perp, 1, 1, 0), (SCENE.future(2), 1, 1, 0)):
        found = orders_need(TABLE, held((calls, 10)), of([*orders, stranger]))
        assert found.is_bounded.tolist() == [0]


def test_who_sells_a_spread_needs_no_more_than_its_width() -> None:
    """What it is sold for is not counted: another order may be filled without it."""
    call, wing = SCENE.call(1, 100), SCENE.call(1, 120)
    sale = [(call, -1_000, 1, 3)]
    worth_e6 = int(requirement(TABLE, held((wing, 1_000))).position_value_e6[0])
    found = orders_need(TABLE, held((wing, 1_000)), of(sale))
    assert found.is_bounded.tolist() == [1]
    assert found.initial_e6[0] <= 20_000 * 10**6 + 1 + 3 + 1 + worth_e6
    # The wing may be filled after the call, so both in one go are not bounded.
    found = orders_need(TABLE, held((wing, 0)), of([*sale, (wing, 1_000, 7, 1)]))
    assert found.is_bounded.tolist() == [0]


@given(
    st.dictionaries(st.sampled_from(CURVED), st.integers(-500, 500), min_size=1, max_size=4),
    st.lists(
        st.tuples(st.sampled_from(CURVED), st.integers(-500, 500), st.integers(0, 10**7)),
        min_size=1,
        max_size=4,
    ),
)
def test_equity_that_is_enough_for_orders_is_enough_whichever_are_filled(
    book: dict[int, int], drawn_orders: list[tuple[int, int, int]]
) -> None:
    orders = [(row, size, price, 0) for row, size, price in drawn_orders]
    positions = held(*book.items())
    found = orders_need(TABLE, positions, of(orders))
    cash_e6 = int(found.initial_e6[0]) - int(requirement(TABLE, positions).position_value_e6[0])
    for chosen in product((0, 1), repeat=len(orders)):
        after, left_e6 = dict(book), cash_e6
        for is_filled, (row, size, price, fee) in zip(chosen, orders, strict=True):
            after[row] = after.get(row, 0) + is_filled * size
            left_e6 -= is_filled * (size * price + fee)
        margin = margins(np.array([left_e6]), [requirement(TABLE, held(*after.items()))]).of(0)
        assert margin.available.e6 >= 0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_more_orders_never_need_less(seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(40):
        book, orders = drawn(TABLE, random)
        asked = [need(TABLE, book, orders[:count]) for count in range(len(orders) + 1)]
        assert asked == sorted(asked)


def test_a_part_of_an_order_rounds_up_no_more_often_than_is_allowed_for() -> None:
    # The highest factors: of a worthless USDC, and of the threshold.
    factor, threshold = depeg_factor_e6(0) / 10**6, 2
    in_scan = 1 * factor + 1  # basis or a buffer, then the factor
    charges = 1 + 1  # value and confidence of its one expiry; funding is exact
    assert in_scan + charges <= ROUNDINGS
    assert (1 + 1) * threshold + 1 <= ROUNDINGS


# Orders that close.

LONG = {SCENE.call(1, 100): 1_000, SCENE.put(2, 80): 700, SCENE.call(3, 160): 50}


def to_close(book: dict[int, int]) -> list[Order]:
    """An order to close each position at its mark."""
    return [(row, -q, int(TABLE.mark_e3[row]), 100 + row) for row, q in book.items()]


def test_an_order_that_closes_a_long_option_needs_nothing_but_its_fee() -> None:
    found = orders_need(TABLE, held(*LONG.items()), of(to_close(LONG)))
    assert found.is_bounded.tolist() == [1]
    worth_e6 = int(requirement(TABLE, held(*LONG.items())).position_value_e6[0])
    assert found.initial_e6[0] <= worth_e6 + sum(101 + row for row in LONG)


@pytest.mark.parametrize(
    ("sold", "is_bounded"),
    [
        ([-1_000], 1),
        ([-1_001], 0),
        ([-600, -400], 1),
        ([-600, -401], 0),
        ([500, -1_001], 0),  # the sale may be filled first
        ([500, -1_000], 1),
        ([0], 1),
    ],
)
def test_orders_that_could_sell_more_calls_than_are_held_are_not_bounded(
    sold: list[int], is_bounded: int
) -> None:
    row = SCENE.call(1, 100)
    orders = of([(row, size, 1_000, 3) for size in sold])
    found = orders_need(TABLE, held(*LONG.items()), orders)
    assert found.is_bounded.tolist() == [is_bounded]


@pytest.mark.parametrize("beyond", [-1, 0, 1, 50])
def test_an_order_that_closes_a_long_option_is_not_charged_for_a_short_one(beyond: int) -> None:
    """But for what it sells beyond, in each of three expiries; whatever else is held."""
    book = LONG | {SCENE.perp: 300}
    orders = [(row, size - beyond, price, fee) for row, size, price, fee in to_close(LONG)]
    uncharged = SCENE.table(replace(BTC, short_option_e6=0))
    charged_e6 = need(TABLE, book, orders) - need(uncharged, book, orders)
    assert charged_e6 == 3 * max(beyond, 0) * SCENE.market.index_e3 * 3 // 1_000
    assert need(TABLE, book, orders) >= worst(TABLE, book, orders)


@pytest.mark.parametrize("seed", [1, 2])
def test_orders_for_contracts_of_several_options_are_covered_too(seed: int) -> None:
    table, random = composites(), np.random.default_rng(seed)
    rows = len(table.mark_e3)
    above = []
    for _ in range(60):
        book = {int(row): int(random.integers(-900, 901)) for row in random.choice(rows, 3)}
        orders = [
            (int(row), int(random.integers(-900, 901)), max(int(table.mark_e3[row]), 0), 1)
            for row in random.choice(rows, 4)
        ]
        above.append(need(table, book, orders) / worst(table, book, orders, 2) - 1)
    assert min(above) >= 0
    assert np.median(above) < 0.1


# How much above the worst subset it may lie.


def quoting(table: RiskTable, random: np.random.Generator) -> tuple[dict[int, int], list[Order]]:
    """Bids and offers in four options, on a book of five or on none."""
    options = np.flatnonzero(table.listing.is_curved)
    held_rows = random.choice(len(table.mark_e3), 5, replace=False)
    book = {int(row): int(random.integers(-1_000, 1_001)) for row in held_rows}
    orders = []
    for row in random.choice(options, 4, replace=False).tolist():
        mark_e3 = int(table.mark_e3[row])
        orders += [(row, 200, mark_e3 * 99 // 100, 0), (row, -200, mark_e3 * 101 // 100, 0)]
    return (book if random.random() < 0.5 else {0: 0}), orders


def closing(table: RiskTable, random: np.random.Generator) -> tuple[dict[int, int], list[Order]]:
    """An order to close each of five positions."""
    rows = random.choice(len(table.mark_e3), 5, replace=False).tolist()
    book = {row: int(random.integers(1, 1_001) * random.choice([-1, 1])) for row in rows}
    return book, [(row, -q, int(table.mark_e3[row]), 0) for row, q in book.items()]


@pytest.mark.parametrize(
    ("draws", "median", "tenth"),
    [(drawn, 0.01, 0.05), (quoting, 0.02, 0.05), (closing, 0.03, 0.15)],
)
def test_on_small_books_it_lies_above_the_worst_subset_by_a_median_of_a_few_percent(
    draws: Callable[[RiskTable, np.random.Generator], tuple[dict[int, int], list[Order]]],
    median: float,
    tenth: float,
) -> None:
    random = np.random.default_rng(20260115)
    table = real().table()
    excess = []
    for _ in range(100):
        book, orders = draws(table, random)
        exact = worst(table, book, orders)
        excess.append(need(table, book, orders) / exact - 1)
    assert min(excess) >= 0
    assert np.median(excess) < median
    assert np.quantile(excess, 0.9) < tenth


# What is refused.


@pytest.mark.parametrize(
    ("order", "refusal", "told"),
    [
        ((0, 1 << 27, 1, 0), BadPositions, "a size of 134217728 milli-contracts"),
        ((0, -(1 << 63), 1, 0), BadPositions, "a size of -9223372036854775808"),
        ((-1, 1, 1, 0), BadPositions, "row -1 is below 0"),
        ((34, 1, 1, 0), ValueError, "row 34 is not one of 34"),
    ],
)
def test_sizes_and_rows_that_do_not_fit_are_refused(order: Order, refusal: type, told: str) -> None:
    with pytest.raises(refusal, match=told):
        need(TABLE, {0: 1}, [order])
    with pytest.raises(refusal, match=told):
        need(TABLE, {0: 1}, [(0, 1, 1, 0), order])


@pytest.mark.parametrize("order", [(0, 1, (1 << 34) - 1, (1 << 53) - 1), (33, 0, 0, 0)])
def test_orders_at_their_limits_are_allowed(order: Order) -> None:
    assert need(TABLE, {0: 1}, [order]) > 0


@pytest.mark.parametrize("account", [-1, 2])
def test_an_order_of_no_account_is_refused(account: int) -> None:
    positions = accounts([[(0, 1)], [(0, 1)]])
    with pytest.raises(BadPositions, match=f"an order of account {account}, but there are 2"):
        orders_need(TABLE, positions, of([(0, 1, 1, 0)], [account]))
    for place in (0, 1):
        assert orders_need(TABLE, positions, of([(0, 1, 1, 0)], [place]))


def test_orders_together_with_positions_keep_the_limit_of_gross_notional() -> None:
    scene = synthetic(index_e3=2_000_000_000, with_options=False)
    table, forward_e3 = scene.table(), int(scene.market.forward_e3[0])
    left = GROSS // forward_e3 - 1_000_000
    assert need(table, {0: 1_000_000}, [(0, left, 1, 0)])
    for quantity in (left + 1, -left - 1):
        with pytest.raises(GrossTooLarge):
            need(table, {0: 1_000_000}, [(0, quantity, 1, 0)])


def test_orders_that_could_cost_62_bits_are_refused_and_never_wrap() -> None:
    table = synthetic(index_e3=10_000).table()
    most, highest = (1 << bounds.QTY_BITS) - 1, (1 << bounds.PRICE_BITS) - 1
    assert need(table, {0: 0}, [(0, most, highest, 0)]) > 1 << 60
    for count in (2, 8, 128):
        with pytest.raises(BadPositions, match="could cost 2"):
            need(table, {0: 0}, [(0, most, highest, 0)] * count)


def test_a_sale_after_which_a_size_does_not_fit_is_refused() -> None:
    table = synthetic(index_e3=10_000).table()
    least = 1 - (1 << bounds.QTY_BITS)
    assert need(table, {0: least}, [(0, 1, 10_000, 0)]) > 0
    assert need(table, {0: least + 1}, [(0, -1, 10_000, 0)]) > 0
    with pytest.raises(BadPositions, match="a size of -134217728 milli-contracts"):
        need(table, {0: least}, [(0, -1, 10_000, 0)])


def test_an_account_has_128_orders_and_no_more() -> None:
    assert need(TABLE, {0: 1}, [(0, 1, 1, 0)] * bounds.ORDER_SLOTS)
    with pytest.raises(BadPositions, match="129 orders of an account; it has 128"):
        need(TABLE, {0: 1}, [(0, 1, 1, 0)] * (bounds.ORDER_SLOTS + 1))
    positions = Positions.many(np.array([0, 1]), np.array([0, 0]), np.array([1, 1]))
    many = of([(0, 1, 1, 0)] * 200, [place % 2 for place in range(200)])
    assert len(orders_need(TABLE, positions, many).initial_e6) == 2


def test_every_sum_of_what_orders_need_fits() -> None:
    notional = ((1 << bounds.QTY_BITS) - 1) * ((1 << bounds.PRICE_BITS) - 1)
    assert notional < 1 << bounds.NOTIONAL_BITS
    # A 1024th of each price is added up first.
    assert bounds.ORDER_SLOTS * (notional >> 10) < 1 << 63
    paid, gross, fees = 1 << 61, GROSS, bounds.ORDER_SLOTS << 53
    # A loss, basis and error of an account below 2**55, with the largest buffer and factor; twice
    # that of a maintenance margin below 2**56 is less; marks, and what is paid.
    losses = 10 * (1 << 55)
    assert losses > 2 * (1 << bounds.MAINTENANCE_BITS)
    assert 2 * losses + 12 * gross + gross + paid + fees < 1 << 63
