"""What positions require: against the exact model, and the properties that a margin must have."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf

from novate.risk import (
    BTC,
    ETH,
    Dials,
    Positions,
    Requirement,
    RiskTable,
    account_requirement,
    requirement,
)
from novate.risk.margin import MILLE, crowded_charge_e6, initial_scan_e6
from novate.risk.open_orders import BASIS_TIMES
from novate.risk.sums import GROSS, sums
from novate.units import Usd, bounds

from .exact import Exact
from .scene import DAY_S, accounts, drawn, held, real, synthetic

SCENE = synthetic()
TABLE = SCENE.table()
ROWS = len(TABLE.mark_e3)
UNCROWDED = replace(BTC, crowded=Usd((1 << bounds.CROWDED_BITS) - 1))
Book = dict[int, int]

ROW, SIZE = st.integers(0, ROWS - 1), st.integers(-20_000, 20_000)
BOOKS = st.dictionaries(ROW, SIZE, min_size=1, max_size=8)
PARTS = [column.name for column in fields(Requirement)]


def of(table: RiskTable, *books: Book, stable_e6: int = 10**6) -> Requirement:
    return requirement(table, accounts([list(book.items()) for book in books]), stable_e6=stable_e6)


def both(one: Book, other: Book) -> Book:
    return {row: one.get(row, 0) + other.get(row, 0) for row in one | other}


# Against the exact model.

MARKETS = {
    "usual": lambda: synthetic(),
    "wild": lambda: synthetic(level_e6=2_000_000),
    "10 USD": lambda: synthetic(index_e3=10_000),
    "2 million USD": lambda: synthetic(index_e3=2_000_000_000),
    "a minute and two years": lambda: synthetic(tenors_s=(60, 700 * DAY_S)),
    "uncertain": lambda: synthetic().but(confidence_e6=400_000, funding_e3=12_345),
    "published": real,
}


@pytest.mark.parametrize("name", MARKETS)
@pytest.mark.parametrize(
    ("parameters", "dials", "stable_e6"),
    [
        (BTC, Dials(), 10**6),
        (ETH, Dials(margin_buffer_e6=333_333, settlement_latency_s=86_400), 971_000),
        (BTC, Dials(margin_buffer_e6=0), 990_000),
    ],
)
def test_margin_is_that_of_the_exact_model_and_the_little_more_that_is_derived(
    name: str, parameters: object, dials: Dials, stable_e6: int
) -> None:
    scene = MARKETS[name]()
    table = scene.table(parameters, dials)  # type: ignore[arg-type]
    model = Exact.of(table, stable_e6=stable_e6)
    random = np.random.default_rng(len(name))
    for count, size in ((1, 1), (1, 1_000), (2, 1_000), (4, 50_000), (6, 1_000_000)):
        positions = drawn(scene.listing, random, count, size)
        if positions.quantity_e3.astype(object) @ table.contract.gross_e3[positions.row] >= GROSS:
            continue
        book = dict(zip(positions.row.tolist(), positions.quantity_e3.tolist(), strict=True))
        found = account_requirement(table, positions, stable_e6=stable_e6)
        exact, lack, excess = model.required(book), model.lack(book), model.excess(book)
        assert found.initial_e6 >= exact.initial - lack
        assert found.maintenance_e6 >= exact.maintenance - lack
        assert found.initial_e6 <= exact.initial + excess
        assert found.maintenance_e6 <= exact.maintenance + excess
        for part in ("scan", "basis", "crowded", "short", "short_initial", "confidence", "funding"):
            asked = getattr(found, f"{part}_e6")
            assert asked >= getattr(exact, part) - mpf("1e-30"), part
        assert abs(found.value_e6 - exact.value) <= lack + excess
        assert found.position_value_e6 <= exact.worth


def test_the_excess_is_a_millionth_of_the_notional_where_no_delta_is_hedged() -> None:
    book = {SCENE.call(2, 100): -1_000}
    model = Exact.of(TABLE)
    asked = account_requirement(TABLE, held(*book.items())).initial_e6
    assert 0 <= asked - model.required(book).initial < 0.000001 * 100_000 * 10**6


# Parts and how they add up.


def test_margins_are_the_sums_of_their_parts() -> None:
    scene = SCENE.but(confidence_e6=400_000, funding_e3=50_000)
    table = scene.table()
    book = {SCENE.perp: 3_000_000, SCENE.future(3): -500_000, SCENE.call(2, 120): -1_000_000}
    one = account_requirement(table, held(*book.items()))
    both_e6 = one.basis_e6 + one.value_e6 + one.crowded_e6 + one.short_e6
    alone_e6 = one.short_initial_e6 + one.confidence_e6 + one.funding_e6
    assert one.maintenance_e6 == -(-one.scan_e6 * 4 // 5) + both_e6
    assert abs(one.initial_e6 - one.scan_e6 - both_e6 - alone_e6) <= 2
    assert min(one.basis_e6, one.crowded_e6, one.short_e6, one.confidence_e6, one.funding_e6) > 0
    held_short = {SCENE.put(1, 80): -5}
    assert account_requirement(table, held(*held_short.items())).funding_e6 == 0


@given(st.lists(BOOKS, min_size=1, max_size=4))
def test_one_account_and_many_require_the_same(books: list[Book]) -> None:
    many = of(TABLE, *books)
    for account, book in enumerate(books):
        one = account_requirement(TABLE, held(*book.items()))
        for part in PARTS:
            assert getattr(one, part) == getattr(many, part)[account], part


@given(BOOKS, st.randoms())
def test_the_order_of_positions_changes_nothing(book: Book, random: object) -> None:
    pairs = list(book.items())
    random.shuffle(pairs)  # type: ignore[attr-defined]
    shuffled = of(TABLE, dict(pairs))
    for part in PARTS:
        assert np.array_equal(getattr(shuffled, part), getattr(of(TABLE, book), part))


def test_a_flat_account_needs_nothing() -> None:
    for part in PARTS[:-1]:
        assert getattr(of(TABLE, dict.fromkeys(range(ROWS), 0)), part).tolist() == [0]


def test_what_is_still_to_be_paid_is_owed_and_never_required() -> None:
    row, quantity_e3 = np.array([0, 5]), np.array([1_000, 0])
    paid = requirement(TABLE, Positions.of(row, quantity_e3))
    unpaid = requirement(TABLE, Positions.of(row, quantity_e3, np.array([7, 0])))
    assert unpaid.position_value_e6 == paid.position_value_e6 - 7
    assert unpaid.initial_e6 == paid.initial_e6


# The dials, and a dollar that is none.


@pytest.mark.parametrize(
    ("buffer_e6", "stable_e6", "part_e6"),
    [
        (250_000, 1_000_000, 1_000_000),
        (250_000, 990_000, 1_000_000),
        (250_000, 989_999, 1_000_004),
        (250_000, 940_000, 1_200_000),
        (250_000, 0, 4_960_000),
        (0, 1_000_000, 800_000),
        (1, 1_000_000, 800_000),
        (4_000_000, 1_000_000, 4_000_000),
        (4_000_000, 0, 19_840_000),
    ],
)
def test_initial_margin_asks_a_buffer_and_more_when_usdc_is_below_99_cents(
    buffer_e6: int, stable_e6: int, part_e6: int
) -> None:
    table = SCENE.table(dials=Dials(margin_buffer_e6=buffer_e6))
    scan_e6 = 10**12
    asked_e6 = initial_scan_e6(table, scan_e6, stable_e6)
    assert part_e6 * 10**6 <= asked_e6 <= part_e6 * 10**6 + 10**6
    assert initial_scan_e6(table, np.array([scan_e6]), stable_e6).tolist() == [asked_e6]


@given(BOOKS)
def test_a_buffer_raises_initial_margin_alone(book: Book) -> None:
    low, high = (SCENE.table(dials=Dials(margin_buffer_e6=one)) for one in (0, 500_000))
    assert of(low, book).maintenance_e6 == of(high, book).maintenance_e6
    assert of(low, book).initial_e6 <= of(high, book).initial_e6
    assert of(low, book).initial_e6 >= of(low, book).maintenance_e6


@pytest.mark.parametrize("dial", ["settlement_latency_s", "oracle_heartbeat_s"])
def test_who_settles_later_or_sees_less_often_asks_a_perpetual_for_more(dial: str) -> None:
    asked = [
        of(SCENE.table(dials=Dials(**{dial: second})), {0: 1_000}).initial_e6[0]
        for second in (1, 900, 3_600, 86_400)
    ]
    assert asked == sorted(asked)
    assert asked[-1] / asked[0] == pytest.approx(((22_560 + 86_400) / 22_560) ** 0.5, rel=0.03)


# What each kind of book pays.


@given(st.dictionaries(st.integers(4, ROWS - 1), st.integers(0, 50_000), min_size=1, max_size=8))
def test_who_only_holds_options_can_lose_what_they_are_worth_and_the_errors(book: Book) -> None:
    book = {row: size for row, size in book.items() if TABLE.listing.is_curved[row]}
    if not book:
        return
    one = account_requirement(TABLE, held(*book.items()))
    assert one.is_long_only == 1
    rows, sizes = list(book), np.array(list(book.values()))
    contract = TABLE.contract
    error_e6 = sizes @ (2 * contract.entry_error_e3[rows] + contract.mark_error_e3[rows])
    assert one.scan_e6 <= sizes @ TABLE.mark_e3[rows] + error_e6


@pytest.mark.parametrize("size", [1_000, -1_000])
def test_a_box_pays_for_its_value_and_for_errors_and_nothing_else(size: int) -> None:
    book = {
        SCENE.call(3, 80): size,
        SCENE.put(3, 80): -size,
        SCENE.call(3, 120): -size,
        SCENE.put(3, 120): size,
    }
    one = account_requirement(TABLE, held(*book.items()))
    error_e6 = sum(1_000 * int(TABLE.contract.entry_error_e3[row]) for row in book)
    assert 0 <= one.scan_e6 <= 2 * error_e6
    assert (one.basis_e6, one.crowded_e6, one.short_e6, one.short_initial_e6) == (0, 0, 0, 0)
    rate_e6 = int(TABLE.group_rates_e6[3, 1])
    assert one.value_e6 == (40_000 * rate_e6 * 10**6 // 10**6 if size > 0 else 0)


@pytest.mark.parametrize("size", [1_000, -1_000])
def test_a_conversion_pays_for_its_short_option_and_errors_and_nothing_else(size: int) -> None:
    """A future covers no option, so it pays the least of a short one; see `naked_e3`."""
    book = {SCENE.future(2): size, SCENE.call(2, 100): -size, SCENE.put(2, 100): size}
    one = account_requirement(TABLE, held(*book.items()))
    least_e6 = 10_000 * 100_000_000 // 10**3
    assert one.scan_e6 == least_e6
    assert one.short_e6 + one.short_initial_e6 == least_e6 * 3 // 10
    assert (one.basis_e6, one.crowded_e6) == (0, 0)
    rate_e6 = int(TABLE.group_rates_e6[2, 1])
    worth_e6 = 1_000 * abs(
        int(TABLE.mark_e3[SCENE.call(2, 100)] - TABLE.mark_e3[SCENE.put(2, 100)])
    )
    assert one.value_e6 <= -(-worth_e6 * rate_e6 // 10**6)


def test_a_perpetual_against_a_future_pays_for_basis_and_for_their_gap() -> None:
    one = account_requirement(TABLE, held((SCENE.perp, 1_000), (SCENE.future(3), -1_000)))
    perp_e3, future_e3 = (int(SCENE.market.forward_e3[group]) for group in (0, 3))
    gap_e6 = 1_000 * (future_e3 - perp_e3)
    assert abs(one.scan_e6 - gap_e6 * 15 // 100) <= 1_000
    rates = TABLE.group_rates_e6[:, 0]
    whole_e6 = (1_000 * perp_e3 * int(rates[0]) + 1_000 * future_e3 * int(rates[3])) // 10**6
    share = 2 * perp_e3 / (perp_e3 + future_e3)
    assert one.basis_e6 == pytest.approx(whole_e6 * share, rel=0.001)


def test_unhedged_delta_pays_no_basis() -> None:
    book = {SCENE.perp: 1_000, SCENE.future(1): 500, SCENE.call(2, 100): 700}
    assert account_requirement(TABLE, held(*book.items())).basis_e6 == 0


# Size.


@given(BOOKS, st.integers(2, 50))
def test_a_book_of_several_times_the_size_requires_as_many_times_as_much(
    book: Book, times: int
) -> None:
    """At least; what is rounded up in each is at most a unit for each part and group."""
    small, large = of(TABLE, book), of(TABLE, {row: times * q for row, q in book.items()})
    for part in ("maintenance_e6", "initial_e6"):
        once, often = getattr(small, part)[0], getattr(large, part)[0]
        assert often >= times * once - 20 * times
    for part in ("scan_e6", "short_e6", "gross_e6"):
        assert getattr(large, part)[0] == times * getattr(small, part)[0]


@given(ROW, st.integers(0, 1_000_000), st.integers(0, 1_000_000), st.sampled_from([1, -1]))
def test_a_larger_position_alone_never_requires_less(
    row: int, one: int, other: int, sign: int
) -> None:
    small, large = sorted((one, other))
    found = of(TABLE, {row: sign * small}, {row: sign * large})
    for part in ("scan_e6", "maintenance_e6", "initial_e6", "crowded_e6"):
        assert getattr(found, part)[0] <= getattr(found, part)[1], part


# One account or two.


def smooth(one: Requirement) -> np.ndarray:
    """Initial margin without its charges for basis and crowding."""
    return one.initial_e6 - one.basis_e6 - one.crowded_e6


@given(BOOKS, BOOKS)
def test_splitting_a_portfolio_never_lowers_what_it_requires_but_for_basis_and_crowding(
    one: Book, other: Book
) -> None:
    """Exactly: losses, and parts of what is positive, are never more in a sum than apart."""
    found = of(TABLE, one, other, both(one, other))
    apart, together = smooth(found)[:2].sum(), smooth(found)[2]
    assert together <= apart
    scan = found.scan_e6
    assert scan[2] <= scan[0] + scan[1]


@given(BOOKS, BOOKS)
def test_below_the_crowd_splitting_lowers_it_by_no_more_than_the_basis_of_the_smaller_delta(
    one: Book, other: Book
) -> None:
    """Twice the highest rate of it, and what rounding to per mille adds."""
    table = SCENE.table(UNCROWDED)
    books = (one, other, both(one, other))
    found = of(table, *books)
    deltas_e6 = sums(table, accounts([list(book.items()) for book in books])).delta_size_e6
    rate_e6 = int(table.group_rates_e6[:, 0].max())
    basis_e6 = sums(table, accounts([list(book.items()) for book in books])).basis_e6
    dust_e6 = basis_e6[2] // MILLE + table.listing.groups + 3
    gap_e6 = found.initial_e6[2] - found.initial_e6[0] - found.initial_e6[1]
    assert gap_e6 <= BASIS_TIMES * min(deltas_e6[:2]) * rate_e6 // 10**6 + dust_e6


def test_two_hedges_in_one_account_may_pay_more_basis_than_in_two() -> None:
    """The part that is hedged pays the mean rate of all deltas: a far unhedged one raises it."""
    near = {SCENE.perp: 1_000, SCENE.future(1): -1_000}
    far = {SCENE.future(3): 100_000}
    found = of(SCENE.table(UNCROWDED), near, far, both(near, far))
    basis_e6 = found.basis_e6.tolist()
    assert basis_e6[0] > 0 == basis_e6[1]
    assert basis_e6[2] > 5 * basis_e6[0]
    assert found.initial_e6[2] > found.initial_e6[0] + found.initial_e6[1]


def test_a_call_of_an_hour_and_a_far_put_pay_more_in_one_account_than_in_two() -> None:
    """Their deltas offset, so they pay basis; their losses hardly do."""
    scene = synthetic(tenors_s=(3_600, 350 * DAY_S))
    near = {scene.call(1, 100): 1_000, scene.call(1, 160): -1}
    far = {scene.put(2, 100): 1_000, scene.put(2, 60): -1}
    found = of(scene.table(), near, far, both(near, far))
    assert found.scan_e6[2] <= found.scan_e6[0] + found.scan_e6[1]
    assert found.basis_e6.tolist()[:2] == [0, 0]
    assert found.initial_e6[2] < found.initial_e6[1]  # far less than the put alone, and yet
    assert found.basis_e6[2] > found.initial_e6[0]


@pytest.mark.parametrize(
    ("delta_usd", "charge_usd"),
    [
        (0, 0),
        (20_000_000, 0),
        (20_000_001, 1.00000005),
        (30_000_000, 750_000),
        (40_000_000, 2_000_000),
        (60_000_000, 6_000_000),
        (60_000_001, 6_000_000.1),
        (100_000_000, 10_000_000),
    ],
)
def test_a_crowded_delta_pays_5_percent_of_it_for_each_time_it_exceeds_the_market_up_to_10(
    delta_usd: int, charge_usd: float
) -> None:
    delta_e6 = delta_usd * 10**6
    charge_e6 = crowded_charge_e6(BTC, delta_e6)
    # The rate is rounded up to a millionth of the delta.
    assert charge_usd * 10**6 - 1 <= charge_e6 <= charge_usd * 10**6 + delta_e6 // 10**6 + 1
    assert crowded_charge_e6(BTC, np.array([delta_e6])).tolist() == [charge_e6]


def test_crowding_alone_makes_splitting_a_large_position_pay_by_design() -> None:
    size = 600_000  # 60 million USD: three times the market's
    table = SCENE.table()
    found = of(table, {0: size // 3}, {0: size // 3}, {0: size // 3}, {0: size})
    assert found.crowded_e6[:3].tolist() == [0, 0, 0]
    assert found.crowded_e6[3] == pytest.approx(0.1 * 60e12, rel=0.001)
    assert found.initial_e6[3] > found.initial_e6[:3].sum()


@given(st.integers(0, 1 << 53), st.integers(0, 1 << 53))
def test_crowding_grows_faster_than_delta(one: int, other: int) -> None:
    together = crowded_charge_e6(BTC, one + other) if one + other < 1 << 53 else None
    apart = crowded_charge_e6(BTC, one) + crowded_charge_e6(BTC, other)
    if together is not None:
        assert together >= apart - 2
    assert crowded_charge_e6(BTC, min(one, other)) <= crowded_charge_e6(BTC, max(one, other))


# Short options.

OPTION = st.sampled_from([row for row in range(ROWS) if TABLE.listing.is_curved[row]])


@given(BOOKS, OPTION, st.integers(1, 20_000))
def test_selling_an_option_at_its_mark_adds_no_equity(book: Book, row: int, size: int) -> None:
    found = of(TABLE, book, both(book, {row: -size}))
    premium_e6 = size * int(TABLE.mark_e3[row])
    before, after = found.position_value_e6
    bought_back = max(0, min(size, book.get(row, 0)))
    error_e6 = 2 * bought_back * int(TABLE.contract.mark_error_e3[row])
    assert after + premium_e6 <= before + error_e6


@given(BOOKS)
def test_naked_short_options_require_their_least_whatever_else_is_held(book: Book) -> None:
    found = of(TABLE, book)
    naked_e3 = sums(TABLE, held(*book.items())).naked_e3[0]
    index_e3 = SCENE.market.index_e3
    assert found.maintenance_e6[0] >= naked_e3 * index_e3 * (8_000 + 2_000) // 10**6
    assert found.initial_e6[0] >= naked_e3 * index_e3 * (10_000 + 3_000) // 10**6


@settings(max_examples=300)
@given(BOOKS, OPTION, st.integers(1, 20_000))
def test_a_short_option_alone_in_its_expiry_relieves_a_book_of_no_more_than_its_premium(
    book: Book, row: int, size: int
) -> None:
    """It gains at most its premium in any scenario; so nothing but what a hedge is worth. Its
    charges are its own, and its delta lowers the charge for basis by at most twice its rate."""
    group = TABLE.listing.group
    book = {one: q for one, q in book.items() if group[one] != group[row]} or {0: 1}
    pair = (book, both(book, {row: -size}))
    found = of(TABLE, *pair)
    contract = TABLE.contract
    premium_e6 = size * int(TABLE.mark_e3[row] + contract.mark_error_e3[row])
    error_e6 = 2 * size * int(contract.entry_error_e3[row])
    short_e6 = size * SCENE.market.index_e3 * 3_000 // 10**6
    before, after = smooth(found)
    assert after >= before - premium_e6 - error_e6 + short_e6 - 3
    # The least that is asked for a naked option is its own as well.
    assert after >= size * SCENE.market.index_e3 * 13_000 // 10**6


def test_a_covered_call_requires_less_than_what_covers_it() -> None:
    found = of(TABLE, {SCENE.perp: 1_000}, {SCENE.perp: 1_000, SCENE.call(2, 100): -1_000})
    assert found.initial_e6[1] < found.initial_e6[0]


# Widths.


def test_every_product_of_a_requirement_fits() -> None:
    gross = GROSS - 1
    assert gross * MILLE < 1 << 63  # what is hedged, per mille
    rates = bounds.RATE_SCALE // 8 + bounds.RATE_SCALE // 8 * 213 // 100 + 1
    assert gross * rates // 10**6 * MILLE < 1 << 62  # a charge on all deltas, per mille
    crowd = (1 << bounds.CROWDED_BITS) - 1
    assert 2 * crowd * 50_000 < 1 << 63
    scan = 2 * gross
    assert scan < 1 << 54
    # Four fifths of a scan, and basis, value, crowding and naked options.
    charged = gross * rates // 10**6
    maintenance = scan * 4 // 5 + 2 * charged + gross // 10 + gross
    assert maintenance < 1 << bounds.MAINTENANCE_BITS
    initial = scan * 4 // 5 * 25 + 2 * charged + gross // 10 + 2 * gross + gross + gross
    assert initial < 1 << 59
