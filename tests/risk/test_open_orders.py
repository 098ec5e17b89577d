"""Open orders against all their subsets, filled one by one."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.risk import (
    BTC,
    ETH,
    BadPositions,
    GrossTooLarge,
    OpenOrders,
    Positions,
    RiskTable,
    orders_need,
    requirement,
)
from novate.risk.open_orders import BASIS_TIMES, ROUNDINGS
from novate.risk.sums import GROSS
from novate.units import OutOfRange, bounds

from .scene import DAY_S, Scene, accounts, held, real, synthetic

Order = tuple[int, int, int, int]
"""Row, milli-contracts, price, fee."""

SCENE = synthetic()
TABLE = SCENE.table()


def of(orders: Sequence[Order], account: Sequence[int] | None = None) -> OpenOrders:
    columns = np.array(orders, dtype=np.int64).reshape(len(orders), 4).T
    places = np.zeros(len(orders), dtype=np.int64) if account is None else np.array(account)
    return OpenOrders(places, *columns)


def worst(table: RiskTable, book: dict[int, int], orders: Sequence[Order], parts: int = 1) -> int:
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
    found = requirement(table, accounts([zip(rows, q, strict=True) for q in after.tolist()]))
    gained_e6 = found.position_value_e6 - found.position_value_e6[0] - paid_e6
    return int((found.initial_e6 - gained_e6).max())


def need(table: RiskTable, book: dict[int, int], orders: Sequence[Order]) -> int:
    return int(orders_need(table, held(*book.items()), of(orders)).initial_e6[0])


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


def test_one_linear_order_of_the_same_side_needs_exactly_what_it_will_require() -> None:
    price_e3 = int(TABLE.mark_e3[0])
    asked = need(TABLE, {0: 1_000}, [(0, 500, price_e3, 77)])
    excess_e6 = asked - worst(TABLE, {0: 1_000}, [(0, 500, price_e3, 77)])
    # All that rounding may add to a charge that is nothing: a thousandth of 0.3 %.
    assert 0 <= excess_e6 <= 1_500 * price_e3 * 3 // 10**6 + 50


def test_without_orders_an_account_needs_its_initial_margin() -> None:
    hedged = {0: 1_000, SCENE.future(1): -1_001}  # at nearly one rate
    books = [{0: 1_000}, {5: -300, 9: 4}, {7: 0}, hedged]
    positions = accounts([list(book.items()) for book in books])
    found = orders_need(TABLE, positions, of([]))
    assert np.array_equal(found.initial_e6, requirement(TABLE, positions).initial_e6)
    assert found.cost_e6.tolist() == [0, 0, 0, 0]
    assert found.is_long_only.tolist() == [0, 0, 1, 0]


def test_an_account_without_positions_holds_none_of_one() -> None:
    order = (SCENE.call(2, 100), -1_000, int(TABLE.mark_e3[SCENE.call(2, 100)]), 0)
    asked = need(TABLE, {0: 0}, [order])
    assert asked >= worst(TABLE, {0: 0}, [order])
    alone = requirement(TABLE, held((order[0], -1_000))).initial_e6[0]
    assert alone <= asked <= alone * 1.001  # one delta hedges nothing
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


def test_who_buys_options_alone_needs_what_they_cost() -> None:
    call, put = SCENE.call(2, 100), SCENE.put(1, 80)
    orders = [(call, 1_000, 4_000_000, 5), (put, 2_000, 10_000, 7)]
    found = orders_need(TABLE, held((call, 10)), of(orders))
    assert found.is_long_only.tolist() == [1]
    assert found.cost_e6.tolist() == [4_000_000_000 + 5 + 20_000_000 + 7]
    for stranger in ((call, -1, 1, 0), (SCENE.perp, 1, 1, 0)):
        found = orders_need(TABLE, held((call, 10)), of([*orders, stranger]))
        assert found.is_long_only.tolist() == [0]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_more_orders_never_need_less(seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(40):
        book, orders = drawn(TABLE, random)
        asked = [need(TABLE, book, orders[:count]) for count in range(len(orders) + 1)]
        assert asked == sorted(asked)


def test_on_small_books_it_lies_above_the_worst_subset_by_a_median_of_a_few_percent() -> None:
    random = np.random.default_rng(20260115)
    table = real().table()
    excess = []
    for _ in range(150):
        book, orders = drawn(table, random)
        exact = worst(table, book, orders)
        excess.append(need(table, book, orders) / exact - 1)
    assert min(excess) >= 0
    assert np.median(excess) < 0.05
    assert np.quantile(excess, 0.9) < 0.5


# The charge for basis: twice the delta, and no less.


def basis(deltas: Sequence[Fraction], rates: Sequence[Fraction]) -> Fraction:
    """C (T - |n|) / T."""
    whole = sum(abs(delta) for delta in deltas)
    if not whole:
        return Fraction(0)
    charge = sum(abs(delta) * rate for delta, rate in zip(deltas, rates, strict=True))
    return charge * (whole - abs(sum(deltas))) / whole


FRACTIONS = st.fractions(-1_000_000, 1_000_000, max_denominator=1000)


@settings(max_examples=500)
@given(
    st.lists(
        st.tuples(FRACTIONS, st.fractions(0, 1, max_denominator=1000)), min_size=2, max_size=5
    ),
    FRACTIONS,
    st.integers(0, 4),
)
def test_an_order_raises_the_charge_for_basis_by_at_most_twice_its_delta_at_the_highest_rate(
    groups: list[tuple[Fraction, Fraction]], delta: Fraction, place: int
) -> None:
    deltas, rates = [one for one, _ in groups], [rate for _, rate in groups]
    after = list(deltas)
    after[place % len(groups)] += delta
    rise = basis(after, rates) - basis(deltas, rates)
    assert rise <= BASIS_TIMES * abs(delta) * max(rates)


def test_twice_is_reached_so_less_would_not_do() -> None:
    rates = [Fraction(1, 100)] * 2
    rise = basis([Fraction(10), Fraction(-1)], rates) - basis([Fraction(10), Fraction(0)], rates)
    assert rise == 2 * Fraction(1, 100)
    assert BASIS_TIMES == 2


def test_a_tiny_hedge_of_a_large_book_is_covered_although_its_part_rounds_to_a_thousandth() -> None:
    future = SCENE.future(3)
    book, order = {0: 1_000_000}, (future, -1, int(TABLE.mark_e3[future]), 0)
    before = requirement(TABLE, held(*book.items())).basis_e6[0]
    after = requirement(TABLE, held(*book.items(), (future, -1))).basis_e6[0]
    assert before == 0 < after
    assert need(TABLE, book, [order]) >= worst(TABLE, book, [order])


def test_a_part_of_an_order_rounds_up_no_more_often_than_is_allowed_for() -> None:
    # Twice in the scan; once for basis, value and confidence of its one expiry.
    assert ROUNDINGS >= 2 + 3


# What is refused.


@pytest.mark.parametrize(
    ("order", "refusal", "told"),
    [
        ((0, 1, 1 << bounds.PRICE_BITS, 0), OutOfRange, "limit price 17179869184 is outside"),
        ((0, 1, -1, 0), OutOfRange, "limit price -1 is outside"),
        ((0, 1, 1, -1), OutOfRange, "fee of an order -1 is outside"),
        ((0, 1, 1, 1 << 53), OutOfRange, "fee of an order 9007199254740992 is outside"),
        ((0, 1 << 27, 1, 0), BadPositions, "a size of 134217728 milli-contracts"),
        ((0, -(1 << 63), 1, 0), BadPositions, "a size of -9223372036854775808"),
        ((-1, 1, 1, 0), BadPositions, "row -1 is below 0"),
        ((34, 1, 1, 0), ValueError, "row 34 is not one of 34"),
    ],
)
def test_orders_out_of_range_are_refused(order: Order, refusal: type, told: str) -> None:
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


@pytest.mark.parametrize("name", ["account", "row", "quantity_e3", "price_e3", "fee_e6"])
def test_arrays_of_other_kinds_or_lengths_are_refused(name: str) -> None:
    orders = of([(0, 1, 1, 0), (1, 1, 1, 0)])
    for wrong in (np.array([0.5, 1]), np.array([[1, 1]]), np.array([1, 2], dtype=np.int32)):
        with pytest.raises(BadPositions, match=f"{name} of orders is"):
            replace(orders, **{name: wrong})
    with pytest.raises(BadPositions, match="arrays of orders differ in length"):
        replace(orders, **{name: np.array([1])})


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
    # Scans at the highest factor, charges, marks, and what is paid.
    assert 2 * gross * 20 + 12 * gross + gross + paid + fees < 1 << 63
