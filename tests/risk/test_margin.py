"""What positions require: against the exact model, and the properties that a margin must have."""

from collections.abc import Iterable
from dataclasses import fields, replace
from functools import cache

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
    RiskParameters,
    RiskTable,
    account_requirement,
    requirement,
)
from novate.risk.charge import GroupCharge, charged_e6
from novate.risk.margin import crowded_charge_e6
from novate.risk.scan import depeg_factor_e6
from novate.risk.scenario import TAILS
from novate.risk.shock import RANGE_MAX_E6, buffered_e6
from novate.risk.sums import GROSS, sums
from novate.units import OutOfRange, Usd, bounds

from .exact import Exact
from .scene import DAY_S, Scene, accounts, drawn, held, real, synthetic

SCENE = synthetic()
TABLE = SCENE.table()
ROWS = len(TABLE.mark_e3)
ONE = bounds.RATE_SCALE
UNCROWDED = replace(BTC, crowded=Usd((1 << bounds.CROWDED_BITS) - 1))
Book = dict[int, int]

ROW, SIZE = st.integers(0, ROWS - 1), st.integers(-20_000, 20_000)
BOOKS = st.dictionaries(ROW, SIZE, min_size=1, max_size=8)
PARTS = [column.name for column in fields(Requirement) if column.name != "compartment"]
MARGINS = ("uncapped_initial_e6", "uncapped_maintenance_e6")
ALL_DIALS = {
    "usual": Dials(),
    "no buffer": Dials(margin_buffer_e6=0),
    "twice": Dials(margin_buffer_e6=ONE),
    "odd and slow": Dials(margin_buffer_e6=333_333, settlement_latency_s=86_400),
    "flagged early": Dials(liquidation_threshold_e6=1_400_001),
    "flagged late": Dials(liquidation_threshold_e6=ONE // 2),
}


NO_BUFFER, TWICE = (SCENE.table(dials=ALL_DIALS[name]) for name in ("no buffer", "twice"))


def of(table: RiskTable, *books: Book, stable_e6: int = ONE) -> Requirement:
    return requirement(table, accounts([list(book.items()) for book in books]), stable_e6=stable_e6)


def both(one: Book, other: Book) -> Book:
    return {row: one.get(row, 0) + other.get(row, 0) for row in one | other}


def mapped(positions: Positions) -> Book:
    return dict(zip(positions.row.tolist(), positions.quantity_e3.tolist(), strict=True))


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


def hedged(scene: Scene, random: np.random.Generator) -> Book:
    """Options of one expiry whose delta a perpetual hedges: basis or the least may decide."""
    group = random.choice(scene.listing.group[scene.listing.is_curved])
    rows = np.flatnonzero((scene.listing.group == group) & scene.listing.is_curved)
    chosen = random.choice(rows, size=min(6, len(rows)), replace=False)
    sizes = random.integers(-2_000, 2_001, len(chosen))
    book = dict(zip(chosen.tolist(), sizes.tolist(), strict=True))
    delta_e3 = sizes @ scene.table().contract.delta_e3[chosen]
    return book | {0: -int(delta_e3 // scene.market.forward_e3[0])}


def books_of(scene: Scene, table: RiskTable, seed: int) -> Iterable[Book]:
    random = np.random.default_rng(seed)
    sizes = ((1, 1), (1, 1_000), (2, 1_000), (4, 50_000), (6, 1_000_000))
    for book in (
        *(mapped(drawn(scene.listing, random, count, size)) for count, size in sizes),
        *(hedged(scene, random) for _ in range(3)),
    ):
        if sum(abs(q) * int(table.contract.gross_e3[row]) for row, q in book.items()) < GROSS:
            yield book


@pytest.mark.parametrize("name", MARKETS)
@pytest.mark.parametrize(
    ("parameters", "dials", "stable_e6"),
    [
        (BTC, "usual", ONE),
        (ETH, "odd and slow", 971_000),
        (BTC, "no buffer", 990_000),
        (BTC, "flagged early", ONE),
        (BTC, "twice", 0),
    ],
)
def test_margin_is_that_of_the_exact_model_and_the_little_more_that_is_derived(
    name: str, parameters: RiskParameters, dials: str, stable_e6: int
) -> None:
    scene = MARKETS[name]()
    table = scene.table(parameters, ALL_DIALS[dials])
    model = Exact.of(table, stable_e6=stable_e6)
    for book in books_of(scene, table, len(name)):
        found = account_requirement(table, held(*book.items()), stable_e6=stable_e6)
        exact, digits = model.required(book), mpf("1e-12")
        assert -digits <= found.uncapped_initial_e6 - exact.initial <= model.initial_excess(book)
        assert -digits <= found.uncapped_maintenance_e6 - exact.maintenance
        assert found.uncapped_maintenance_e6 - exact.maintenance <= model.maintenance_excess(book)
        for part in ("scan", "initial_scan", "value", "crowded", "short", "confidence", "funding"):
            above = getattr(found, f"{part}_e6") - getattr(exact, part)
            assert -digits <= above <= model.initial_excess(book), part
        error_e6 = sum(abs(q) * int(table.contract.mark_error_e3[row]) for row, q in book.items())
        assert 0 <= exact.worth - found.position_value_e6 <= 2 * error_e6


@pytest.mark.parametrize("name", MARKETS)
def test_what_integers_ask_more_is_a_two_millionth_of_the_notional_and_16_a_contract(
    name: str,
) -> None:
    """In micro-USD, at the usual dials and price of USDC; of dated contracts besides a millionth,
    of delta with the buffer and of value, for rates by tenor that are rounded up."""
    scene = MARKETS[name]()
    table = scene.table()
    model = Exact.of(table)
    assert not set(table.group_rates_e6[0].tolist()) - {ONE, 3_000, 20_000, 0, 600_000}
    for book in books_of(scene, table, 7 + len(name)):
        gross, size = model.notional(book), sum(abs(q) for q in book.values())
        dated = model.notional({row: q for row, q in book.items() if model.groups[row]})
        allowed = gross / 2**21 + 16 * size + 2.15 * dated / 10**6 + 6
        if sum(abs(int(table.contract.delta_e3[row]) * q) for row, q in book.items()) > 20e12:
            allowed += gross / 10**6 + 1  # the rate of a crowd too
        assert model.initial_excess(book) <= allowed
        asked = account_requirement(table, held(*book.items())).uncapped_initial_e6
        assert asked - model.required(book).initial <= allowed


# Parts and how they add up.


@pytest.mark.parametrize(
    ("threshold_e6", "is_flagged"), [(ONE, False), (1_150_000, False), (1_500_001, True)]
)
def test_margins_are_the_sums_of_their_parts(threshold_e6: int, is_flagged: bool) -> None:
    scene = SCENE.but(confidence_e6=400_000, funding_e3=50_000)
    scene = scene.but(confidence_e6=400_000 if not is_flagged else ONE)
    table = scene.table(dials=Dials(liquidation_threshold_e6=threshold_e6))
    book = {SCENE.perp: 3_000_000, SCENE.future(3): -500_000, SCENE.call(2, 120): -1_000_000}
    book |= {SCENE.put(3, 80): 900_000}
    one = account_requirement(table, held(*book.items()))
    both_e6 = one.value_e6 + one.crowded_e6 + one.short_e6
    assert one.uncapped_maintenance_e6 == one.scan_e6 + both_e6
    initial_e6 = one.initial_scan_e6 + both_e6 + one.confidence_e6 + one.funding_e6
    flagged_e6 = -(-one.uncapped_maintenance_e6 * threshold_e6 // ONE)
    assert (
        one.uncapped_initial_e6
        == (flagged_e6 if is_flagged else initial_e6)
        == max(initial_e6, flagged_e6)
    )
    assert min(one.value_e6, one.crowded_e6, one.short_e6, one.funding_e6) > 0
    assert (one.confidence_e6 > 0) is not is_flagged
    assert account_requirement(table, held((SCENE.put(1, 80), -5))).funding_e6 == 0
    assert account_requirement(table, held((SCENE.perp, -5))).funding_e6 == 0


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
    flat = of(TABLE, dict.fromkeys(range(ROWS), 0))
    for part in PARTS:
        assert getattr(flat, part).tolist() == [int(part == "is_bounded")]


def test_what_is_still_to_be_paid_is_owed_and_never_required() -> None:
    row, quantity_e3 = np.array([0, 5]), np.array([1_000, 0])
    paid = requirement(TABLE, Positions.of(row, quantity_e3))
    unpaid = requirement(TABLE, Positions.of(row, quantity_e3, np.array([7, 0])))
    assert unpaid.position_value_e6 == paid.position_value_e6 - 7
    assert unpaid.uncapped_initial_e6 == paid.uncapped_initial_e6


# The dials, and a dollar that is none.


@pytest.mark.parametrize(
    ("stable_e6", "factor_e6"),
    [
        (2 * ONE - 1, ONE),
        (ONE, ONE),
        (990_001, ONE),
        (990_000, ONE),
        (989_999, 1_000_004),
        (940_000, 1_200_000),
        (1, 4_959_996),
        (0, 4_960_000),
    ],
)
def test_initial_margin_s_scan_is_more_when_usdc_is_below_99_cents(
    stable_e6: int, factor_e6: int
) -> None:
    assert depeg_factor_e6(stable_e6) == factor_e6
    book = {SCENE.perp: 1_000, SCENE.call(2, 120): -3_000}
    usual, found = of(TABLE, book), of(TABLE, book, stable_e6=stable_e6)
    scan_e6 = int(usual.initial_scan_e6[0])
    assert found.initial_scan_e6.tolist() == [-(-scan_e6 * factor_e6 // ONE)]
    assert found.uncapped_maintenance_e6 == usual.uncapped_maintenance_e6
    grown = found.uncapped_initial_e6 - usual.uncapped_initial_e6
    assert grown == found.initial_scan_e6 - usual.initial_scan_e6


@pytest.mark.parametrize("stable_e6", [-1, 2 * ONE, 1 << 62])
def test_a_price_of_usdc_that_is_none_is_refused(stable_e6: int) -> None:
    for asks in (requirement, account_requirement):
        with pytest.raises(
            OutOfRange, match=rf"price of USDC {stable_e6} is outside \[0, 2000000\)"
        ):
            asks(TABLE, held((0, 1)), stable_e6=stable_e6)


@given(BOOKS)
def test_a_buffer_raises_initial_margin_alone(book: Book) -> None:
    """But for what prices may err at forwards further away."""
    low, high = NO_BUFFER, TWICE
    errors_e3 = high.contract.entry_error_e3 - low.contract.entry_error_e3
    error_e6 = sum(abs(q) * int(errors_e3[row]) for row, q in book.items())
    raised_e6 = int(
        (of(high, book).uncapped_maintenance_e6 - of(low, book).uncapped_maintenance_e6)[0]
    )
    assert 0 <= raised_e6 <= error_e6
    assert of(low, book).uncapped_initial_e6 <= of(high, book).uncapped_initial_e6


@pytest.mark.parametrize("dials", ALL_DIALS)
@given(books=st.lists(BOOKS, min_size=1, max_size=3), stable_e6=st.integers(0, ONE))
@settings(max_examples=40)
def test_initial_margin_is_at_least_maintenance_margin_and_the_threshold_s_part_of_it(
    dials: str, books: list[Book], stable_e6: int
) -> None:
    """So that nobody may open what would be flagged at once."""
    threshold_e6 = ALL_DIALS[dials].liquidation_threshold_e6
    found = of(SCENE.table(dials=ALL_DIALS[dials]), *books, stable_e6=stable_e6)
    assert np.all(found.uncapped_initial_e6 >= found.uncapped_maintenance_e6)
    assert np.all(
        found.uncapped_initial_e6.astype(object) * ONE
        >= found.uncapped_maintenance_e6 * threshold_e6
    )


def test_where_accounts_are_flagged_early_a_perpetual_requires_no_less_than_that() -> None:
    table = SCENE.table(dials=ALL_DIALS["flagged early"])
    one = account_requirement(table, held((SCENE.perp, 1_000)))
    assert (
        one.initial_scan_e6
        < one.uncapped_initial_e6
        == -(-one.uncapped_maintenance_e6 * 1_400_001 // ONE)
    )


@pytest.mark.parametrize("dial", ["settlement_latency_s", "oracle_heartbeat_s"])
def test_who_settles_later_or_sees_less_often_asks_a_perpetual_for_more(dial: str) -> None:
    asked = [
        of(SCENE.table(dials=Dials(**{dial: second})), {0: 1_000}).uncapped_initial_e6[0]
        for second in (1, 900, 3_600, 86_400)
    ]
    assert asked == sorted(asked)
    assert asked[-1] / asked[0] == pytest.approx(((22_560 + 86_400) / 22_560) ** 0.5, rel=0.03)


# What each kind of book pays.


@pytest.mark.parametrize("size", [1_000, -1_000, 7])
@pytest.mark.parametrize("dials", ["usual", "no buffer", "odd and slow", "twice"])
@pytest.mark.parametrize("level_e6", [1, 500_000, 5_000_000])
def test_a_perpetual_s_maintenance_margin_is_the_range_and_its_initial_margin_the_buffered_one(
    size: int, dials: str, level_e6: int
) -> None:
    table = synthetic(level_e6=level_e6).table(dials=ALL_DIALS[dials])
    one = account_requirement(table, held((SCENE.perp, size)))
    mark_e3, range_e6 = int(table.mark_e3[0]), table.shocks.range_e6
    buffered = int(buffered_e6(np.array([range_e6]), table.shocks.dials)[0])
    assert one.uncapped_maintenance_e6 == one.scan_e6 == abs(size) * -(-mark_e3 * range_e6 // ONE)
    assert (
        one.uncapped_initial_e6 == one.initial_scan_e6 == abs(size) * -(-mark_e3 * buffered // ONE)
    )


def test_a_range_of_less_than_basis_is_not_what_a_perpetual_pays() -> None:
    table = SCENE.table(replace(BTC, range_e6=2_000, range_per_vol_e6=0))
    one = account_requirement(table, held((SCENE.perp, 1_000)))
    mark_e3 = int(table.mark_e3[0])
    assert one.scan_e6 == 1_000 * mark_e3 * (600 + 3_000) // ONE
    assert one.initial_scan_e6 == buffered_e6(one.scan_e6, Dials())


NEAR_STRIKES = (93, 95, 97, 103, 105, 107)


@cache
def near_the_money(dials: str) -> tuple[Scene, RiskTable]:
    scene = synthetic(strikes=NEAR_STRIKES)
    return scene, scene.table(dials=ALL_DIALS[dials])


def condor(scene: Scene, expiry: int, strikes: tuple[float, ...], size: int = 1_000) -> Book:
    """Short: an outer put, an inner put, an inner call and an outer call."""
    outer, inner, upper, uppermost = strikes
    return {
        scene.put(expiry, outer): size,
        scene.put(expiry, inner): -size,
        scene.call(expiry, upper): -size,
        scene.call(expiry, uppermost): size,
    }


def greatest_loss_e6(table: RiskTable, book: Book, width_e3: int, size: int) -> int:
    """The wider of its sides, less what it was sold for."""
    return width_e3 * size + sum(q * int(table.mark_e3[row]) for row, q in book.items())


@pytest.mark.parametrize("dials", ["usual", "no buffer", "twice", "odd and slow"])
@pytest.mark.parametrize("strikes", [(93, 97, 103, 107), (93, 95, 105, 107), (95, 97, 103, 105)])
def test_a_loss_that_is_bounded_within_the_range_is_asked_for_in_full(
    dials: str, strikes: tuple[float, ...]
) -> None:
    """An iron condor of a day and a half: not a part of what it can lose; but who may open it is
    not flagged by the next tick. Where the range is so large that a third of it is enough, basis
    comes on top."""
    scene, table = near_the_money(dials)
    book = condor(scene, 1, strikes)
    one = account_requirement(table, held(*book.items()))
    greatest_e6 = greatest_loss_e6(table, book, round(strikes[1] - strikes[0]) * 10**6, 1_000)
    error_e6 = sum(1_000 * int(table.contract.entry_error_e3[row]) for row in book)
    basis_e6 = int(sums(table, held(*book.items())).basis_e6[0])
    basis_e6 *= 3 * table.shocks.range_e6 > 10 * 70_000
    assert greatest_e6 <= one.uncapped_maintenance_e6 <= greatest_e6 + 2 * error_e6 + basis_e6
    assert one.uncapped_maintenance_e6 == one.scan_e6
    assert one.uncapped_initial_e6 == buffered_e6(one.scan_e6, table.shocks.dials)


def test_a_condor_with_time_left_is_asked_for_a_part_of_what_it_can_lose() -> None:
    scene = synthetic(strikes=(75, 90, 110, 125))
    table = scene.table()
    book = condor(scene, 2, (75, 90, 110, 125))
    one = account_requirement(table, held(*book.items()))
    greatest_e6 = greatest_loss_e6(table, book, 15 * 10**6, 1_000)
    assert (
        0.2 * greatest_e6
        < one.uncapped_maintenance_e6
        < one.uncapped_initial_e6
        < 0.5 * greatest_e6
    )
    assert one.uncapped_maintenance_e6 > 2 * least_e6(table, book)


@pytest.mark.parametrize("dials", ["usual", "twice", "odd and slow"])
@given(
    expiry=st.sampled_from([1, 2, 3]),
    strikes=st.lists(st.sampled_from(NEAR_STRIKES), min_size=4, max_size=4, unique=True),
    size=st.integers(1, 5_000),
)
@settings(max_examples=60)
def test_no_condor_is_asked_for_more_than_it_can_lose_or_the_least_of_its_options(
    dials: str, expiry: int, strikes: list[float], size: int
) -> None:
    """With errors and basis; initial margin at most for a buffer more."""
    scene, table = near_the_money(dials)
    low, inner, upper, high = sorted(strikes)
    book = condor(scene, expiry, (low, inner, upper, high), size)
    one = account_requirement(table, held(*book.items()))
    width_e3 = round(max(inner - low, high - upper)) * 10**6
    error_e6 = sum(size * int(table.contract.entry_error_e3[row]) for row in book)
    basis_e6 = int(sums(table, held(*book.items())).basis_e6[0])
    most_e6 = greatest_loss_e6(table, book, width_e3, size) + 2 * error_e6 + basis_e6
    most_e6 = max(most_e6, least_e6(table, book))
    assert one.scan_e6 <= most_e6
    assert one.initial_scan_e6 <= charged_e6(most_e6, ONE + ALL_DIALS[dials].margin_buffer_e6)


def least_e6(table: RiskTable, book: Book) -> int:
    return sum(abs(q) * int(table.contract.least_e3[row]) for row, q in book.items())


@given(st.dictionaries(ROW, st.integers(-50_000, 50_000), min_size=1, max_size=4))
def test_tails_of_linear_books_decide_nothing_that_the_range_does_not(book: Book) -> None:
    """Their loss is at most that of the range, in both margins: tails are for short options."""
    linear = np.flatnonzero(~TABLE.listing.is_curved).tolist()
    book = {linear[row % len(linear)]: q for row, q in book.items()}
    one = sums(TABLE, held(*book.items()))
    # Moves are rounded away from zero, a quarter of a tail down: each less than a unit a contract.
    slack_e6 = 3 * sum(abs(q) for q in book.values())
    for tail_e6, in_range_e6, more_e6 in zip(
        one.entry_e6[TAILS], one.entry_e6[11:13], one.entry_e6[17:19], strict=True
    ):
        assert -tail_e6 <= -in_range_e6 + slack_e6
        charged = charged_e6(-int(tail_e6[0]), ONE + Dials().margin_buffer_e6)
        assert charged <= max(-int(more_e6[0]), 0) + slack_e6 + 1


def test_a_far_strangle_is_what_tails_are_for() -> None:
    scene = synthetic(tenors_s=(8 * DAY_S,), strikes=(70, 80, 90, 110, 120, 130))
    table = scene.table()
    held_e6 = sums(table, held((scene.put(1, 80), -1_000), (scene.call(1, 120), -1_000)))
    assert held_e6.worst_e6[0] == min(gain_e6[0] for gain_e6 in held_e6.entry_e6[TAILS])
    near = sums(table, held((scene.put(1, 90), -1_000), (scene.call(1, 110), -1_000)))
    assert held_e6.worst_e6[0] / near.worst_e6[0] > 0.5


@given(st.dictionaries(st.integers(4, ROWS - 1), st.integers(0, 50_000), min_size=1, max_size=8))
def test_who_only_holds_options_can_lose_what_they_are_worth_with_errors_and_basis(
    book: Book,
) -> None:
    book = {row: size for row, size in book.items() if TABLE.listing.is_curved[row]}
    if not book:
        return
    one = account_requirement(TABLE, held(*book.items()))
    assert one.is_bounded == 1
    rows, sizes = list(book), np.array(list(book.values()))
    contract = TABLE.contract
    error_e6 = sizes @ (2 * contract.entry_error_e3[rows] + contract.mark_error_e3[rows])
    basis_e6 = int(sums(TABLE, held(*book.items())).basis_e6[0])
    most_e6 = int(sizes @ TABLE.mark_e3[rows] + error_e6 + basis_e6)
    assert one.scan_e6 <= most_e6
    assert one.initial_scan_e6 <= charged_e6(most_e6, 1_150_000)


@given(BOOKS, BOOKS)
def test_options_held_beside_other_positions_cost_no_more_than_their_charges(
    long: Book, other: Book
) -> None:
    """Their worth is equity there and nothing is required of them alone; so who takes them into the
    other account loses at most what is charged on what they are worth, basis and errors."""
    long = {row: abs(q) for row, q in long.items() if TABLE.listing.is_curved[row]} or {5: 1}
    found = of(TABLE, other, both(other, long))
    alone = account_requirement(TABLE, held(*long.items()))
    errors = TABLE.contract.entry_error_e3 + TABLE.contract.mark_error_e3
    lost_e6 = 4 * sum(q * int(errors[row]) for row, q in long.items()) + alone.value_e6
    lost_e6 += int(sums(TABLE, held(*long.items())).basis_e6[0])
    left_e6 = found.position_value_e6 - found.uncapped_maintenance_e6 + found.crowded_e6
    assert left_e6[1] >= left_e6[0] - lost_e6


def box(size: int) -> Book:
    return {
        SCENE.call(3, 80): size,
        SCENE.put(3, 80): -size,
        SCENE.call(3, 120): -size,
        SCENE.put(3, 120): size,
    }


@pytest.mark.parametrize("size", [1_000, -1_000])
def test_a_box_pays_for_its_value_and_the_least_of_its_options_and_nothing_else(size: int) -> None:
    one = account_requirement(TABLE, held(*box(size).items()))
    mark_error_e6 = sum(1_000 * int(TABLE.contract.mark_error_e3[row]) for row in box(size))
    forward_e3 = int(SCENE.market.forward_e3[3])
    assert one.scan_e6 == 4_000 * -(-forward_e3 * 2 // 1_000)
    assert one.initial_scan_e6 == -(-one.scan_e6 * 115 // 100)
    assert (one.crowded_e6, one.short_e6) == (0, 0)
    rate_e6 = int(TABLE.group_rates_e6[3, GroupCharge.VALUE])
    worth_e6 = (40_000 * 10**6 if size > 0 else -40_000 * 10**6) + mark_error_e6
    assert one.value_e6 == max(-(-worth_e6 * rate_e6 // ONE), 0)


@pytest.mark.parametrize("size", [1_000, -1_000])
def test_a_conversion_pays_for_its_short_option_and_the_least_of_both_and_nothing_else(
    size: int,
) -> None:
    """A future covers no option: see `naked_e3`."""
    book = {SCENE.future(2): size, SCENE.call(2, 100): -size, SCENE.put(2, 100): size}
    one = account_requirement(TABLE, held(*book.items()))
    error_e6 = sum(1_000 * int(TABLE.contract.entry_error_e3[row]) for row in book)
    assert one.scan_e6 == 2_000 * -(-int(SCENE.market.forward_e3[2]) * 2 // 1_000)
    assert one.initial_scan_e6 == -(-one.scan_e6 * 115 // 100)
    assert one.short_e6 == 3_000 * 100_000_000 // 10**3
    assert one.crowded_e6 == 0
    rate_e6 = int(TABLE.group_rates_e6[2, GroupCharge.VALUE])
    worth_e6 = 1_000 * abs(
        int(TABLE.mark_e3[SCENE.call(2, 100)] - TABLE.mark_e3[SCENE.put(2, 100)])
    )
    assert one.value_e6 <= -(-(worth_e6 + error_e6) * rate_e6 // ONE)


@pytest.mark.parametrize("size", [1_000, -1_000])
def test_what_is_flat_in_every_column_loses_nothing_but_errors(size: int) -> None:
    """Without a least, a box pays for its value alone, and a conversion for its short option."""
    table = SCENE.table(replace(BTC, least_option_e6=0))
    conversion = {SCENE.future(2): size, SCENE.call(2, 100): -size, SCENE.put(2, 100): size}
    for book in (box(size), conversion):
        one = account_requirement(table, held(*book.items()))
        error_e6 = sum(1_000 * int(table.contract.entry_error_e3[row]) for row in book)
        assert 0 <= one.scan_e6 <= one.initial_scan_e6 <= 2.5 * error_e6


@pytest.mark.parametrize("dials", ALL_DIALS)
@given(book=BOOKS)
@settings(max_examples=40)
def test_whatever_nets_every_option_counts_its_least_long_or_short(dials: str, book: Book) -> None:
    """So that a margin is never less than a five hundredth of the forwards of all options, or their
    time value."""
    table = SCENE.table(dials=ALL_DIALS[dials])
    found = account_requirement(table, held(*book.items()))
    at_least = least_e6(table, book)
    assert found.scan_e6 >= at_least
    buffer_e6 = ONE + ALL_DIALS[dials].margin_buffer_e6
    assert found.initial_scan_e6 >= charged_e6(at_least, buffer_e6)


def test_a_perpetual_against_a_future_pays_for_basis_of_both_in_the_worst_near_column() -> None:
    one = account_requirement(TABLE, held((SCENE.perp, 1_000), (SCENE.future(3), -1_000)))
    perp_e3, future_e3 = (int(SCENE.market.forward_e3[group]) for group in (0, 3))
    rates = TABLE.group_rates_e6[:, GroupCharge.BASIS]
    basis_e6 = sum(
        -(-1_000 * forward_e3 * int(rate) // ONE)
        for forward_e3, rate in ((perp_e3, rates[0]), (future_e3, rates[3]))
    )
    # And for their gap, in the near column where the index moves most.
    gap_e6 = 1_000 * (-(-future_e3 * 36 // 1_000) - -(-perp_e3 * 36 // 1_000))
    assert one.uncapped_maintenance_e6 == basis_e6 + gap_e6
    assert one.uncapped_initial_e6 == buffered_e6(one.uncapped_maintenance_e6, Dials())


def test_delta_of_one_group_pays_basis_only_where_the_index_stays_near() -> None:
    """So a position in one expiry pays none: it loses more where the index moves."""
    for row in (SCENE.perp, SCENE.future(3)):
        one, exact = held((row, 1_000)), 1_000 * -int(TABLE.entry_e3[row, 11])
        assert sums(TABLE, one).basis_e6[0] > 0
        assert account_requirement(TABLE, one).scan_e6 == exact


def test_a_covered_call_requires_less_than_what_covers_it() -> None:
    found = of(TABLE, {SCENE.perp: 1_000}, {SCENE.perp: 1_000, SCENE.call(2, 100): -1_000})
    assert found.uncapped_initial_e6[1] < found.uncapped_initial_e6[0]
    assert found.uncapped_maintenance_e6[1] < found.uncapped_maintenance_e6[0]


# Size.


@given(BOOKS, st.integers(2, 50))
def test_a_book_of_several_times_the_size_requires_as_many_times_as_much(
    book: Book, times: int
) -> None:
    """At least; what is rounded up in each is at most a unit for each part and group."""
    small, large = of(TABLE, book), of(TABLE, {row: times * q for row, q in book.items()})
    for part in (*MARGINS, "scan_e6", "initial_scan_e6"):
        once, often = getattr(small, part)[0], getattr(large, part)[0]
        assert often >= times * once - 16 * times
    for part in ("short_e6", "gross_e6"):
        assert getattr(large, part)[0] == times * getattr(small, part)[0]


@given(ROW, st.integers(0, 1_000_000), st.integers(0, 1_000_000), st.sampled_from([1, -1]))
def test_a_larger_position_alone_never_requires_less(
    row: int, one: int, other: int, sign: int
) -> None:
    small, large = sorted((one, other))
    found = of(TABLE, {row: sign * small}, {row: sign * large})
    for part in ("scan_e6", "initial_scan_e6", "crowded_e6", *MARGINS):
        assert getattr(found, part)[0] <= getattr(found, part)[1], part


# One account or two.


@pytest.mark.parametrize("dials", ALL_DIALS)
@given(one=BOOKS, other=BOOKS, stable_e6=st.sampled_from([ONE, 989_999, 0]))
@settings(max_examples=60)
def test_below_the_crowd_splitting_a_portfolio_never_lowers_what_it_requires(
    dials: str, one: Book, other: Book, stable_e6: int
) -> None:
    """Exactly, in both margins and in every part: losses, and parts of what is positive or of a
    magnitude, are never more in a sum than apart."""
    scene = SCENE.but(confidence_e6=400_000, funding_e3=12_345)
    table = scene.table(UNCROWDED, ALL_DIALS[dials])
    found = of(table, one, other, both(one, other), stable_e6=stable_e6)
    assert found.crowded_e6.tolist() == [0, 0, 0]
    for part in PARTS:
        if part in ("is_bounded", "initial_e6", "maintenance_e6", "gross_e6", "position_value_e6"):
            continue
        first, second, together = getattr(found, part).tolist()
        assert together <= first + second, part
    first, second, together = found.position_value_e6.tolist()
    # What is bounded may be worth its least payoff and not its mark less an error.
    assert found.is_bounded[:2].any() or together >= first + second


@pytest.mark.parametrize("currency", ["BTC", "ETH"])
def test_splitting_a_portfolio_of_a_published_chain_never_lowers_what_it_requires(
    currency: str,
) -> None:
    """Even into an expiry each, or position by position."""
    scene = real(currency)
    table = scene.table(UNCROWDED)
    random = np.random.default_rng(20260115)
    for count in (2, 3, 5, 12, 40):
        books = [drawn(scene.listing, random, count, 2_000) for _ in range(60)]
        whole = of(table, *(mapped(book) for book in books))
        for pieces in (2, 5, count):
            place = [random.integers(0, pieces, count) for _ in books]
            account = np.concatenate([pieces * at + own for at, own in enumerate(place)])
            row = np.concatenate([book.row for book in books])
            quantity_e3 = np.concatenate([book.quantity_e3 for book in books])
            apart = requirement(table, Positions.many(account, row, quantity_e3))
            owner = np.unique(account) // pieces
            for part in MARGINS:
                added = np.zeros(len(books), dtype=np.int64)
                np.add.at(added, owner, getattr(apart, part))
                assert np.all(getattr(whole, part) <= added)


@pytest.mark.parametrize(
    "pair",
    [
        # A hedge beside a far unhedged delta; and options whose deltas offset, not their losses.
        lambda s: ({s.perp: 1_000, s.future(1): -1_000}, {s.future(2): 100_000}),
        lambda s: (
            {s.call(1, 100): 1_000, s.call(1, 160): -1},
            {s.put(2, 100): 1_000, s.put(2, 60): -1},
        ),
        lambda s: ({s.call(1, 100): -1_000}, {s.perp: 500}),
        lambda s: ({s.call(1, 120): -1_000, s.put(1, 80): -1_000}, {s.call(2, 120): 1_000}),
    ],
)
@pytest.mark.parametrize("tenors_s", [(36 * 3600, 160 * DAY_S), (3_600, 350 * DAY_S)])
def test_hedges_in_one_account_never_pay_more_than_in_two(pair: object, tenors_s: tuple) -> None:
    scene = synthetic(tenors_s=tenors_s)
    near, far = pair(scene)  # type: ignore[operator]
    found = of(scene.table(UNCROWDED), near, far, both(near, far))
    for part in MARGINS:
        first, second, together = getattr(found, part).tolist()
        assert together <= first + second


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
    assert found.uncapped_initial_e6[3] > found.uncapped_initial_e6[:3].sum()
    assert found.uncapped_initial_e6[3] - found.crowded_e6[3] == found.uncapped_initial_e6[:3].sum()


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
def test_naked_short_options_require_their_charge_whatever_else_is_held(book: Book) -> None:
    found = of(TABLE, book)
    naked_e3 = sums(TABLE, held(*book.items())).naked_e3[0]
    least_e6 = naked_e3 * SCENE.market.index_e3 * 3_000 // ONE
    assert found.short_e6[0] == least_e6
    for part in MARGINS:
        assert getattr(found, part)[0] >= least_e6


@settings(max_examples=300)
@given(BOOKS, OPTION, st.integers(1, 20_000))
def test_a_short_option_alone_in_its_expiry_relieves_a_book_of_no_more_than_its_premium(
    book: Book, row: int, size: int
) -> None:
    """It gains at most its premium in any scenario; so nothing but what a hedge is worth. Its
    charges are its own."""
    group = TABLE.listing.group
    book = {one: q for one, q in book.items() if group[one] != group[row]} or {0: 1}
    table = SCENE.table(UNCROWDED)
    found = of(table, book, both(book, {row: -size}))
    contract = table.contract
    premium_e6 = size * int(table.mark_e3[row] + contract.mark_error_e3[row])
    error_e6 = 2 * size * int(contract.entry_error_e3[row])
    short_e6 = size * SCENE.market.index_e3 * 3_000 // ONE
    before, after = found.uncapped_maintenance_e6
    assert after >= before - premium_e6 - error_e6 + short_e6 - 3
    # With a buffer a tail is relieved of as much more.
    before, after = found.uncapped_initial_e6
    assert after >= before - charged_e6(premium_e6 + error_e6, 1_150_000) + short_e6 - 3
    assert after >= size * SCENE.market.index_e3 * 3_000 // ONE


# Widths.


def test_every_product_of_a_requirement_fits() -> None:
    gross, eighth = GROSS - 1, ONE // 8
    rate = eighth - -eighth * (1 << bounds.TENOR_BITS) // bounds.YEAR_S
    charge = charged_e6(gross, rate) + 64  # of basis or of value
    crowd = (1 << bounds.CROWDED_BITS) - 1
    assert 2 * crowd * 50_000 < 1 << 63
    error = 1 << 39  # see `test_sums`
    scan = 2 * gross + error + charge
    # A scan, value, crowding, and naked options at an eighth of an index of eight forwards.
    both_parts = charge + gross // 10 + 1 + gross
    maintenance = scan + both_parts
    assert maintenance < 1 << 55 < 1 << bounds.MAINTENANCE_BITS
    # The largest buffer, then a worthless USDC, then the highest threshold: each is in range.
    buffered = charged_e6(scan, 2 * ONE)
    depegged = charged_e6(buffered, depeg_factor_e6(0))
    assert max(scan, buffered, depegged, maintenance) < 1 << 58
    assert max(depeg_factor_e6(0), 2 * ONE) < 1 << 23
    initial = max(depegged + both_parts + 2 * gross, charged_e6(maintenance, 2 * ONE))
    assert initial < 1 << 58
    # A buffered range is a part of the index.
    assert charged_e6(RANGE_MAX_E6, 2 * ONE) < ONE


# What will be gone.


@pytest.mark.parametrize(("tenor_s", "hedges"), [(1, False), (21_600, False), (21_601, True)])
def test_what_expires_before_a_position_can_be_closed_hedges_no_other_expiry(
    tenor_s: int, hedges: bool
) -> None:
    """Six hours at the usual dials: a short perpetual with a call that has an hour left is a short
    perpetual."""
    scene = synthetic(tenors_s=(tenor_s, 25 * DAY_S))
    alone = requirement(scene.table(), held((scene.perp, -1_000)))
    with_call = requirement(scene.table(), held((scene.perp, -1_000), (scene.call(1, 100), 1_000)))
    assert bool(with_call.scan_e6[0] < alone.scan_e6[0]) is hedges
    assert bool(with_call.initial_scan_e6[0] < alone.initial_scan_e6[0]) is hedges


def test_an_expiry_that_will_be_gone_still_nets_in_itself() -> None:
    scene = synthetic(tenors_s=(3_600, 25 * DAY_S))
    sold = (scene.call(1, 100), -1_000)
    alone = requirement(scene.table(), held(sold))
    spread = requirement(scene.table(), held(sold, (scene.call(1, 120), 1_000)))
    assert spread.scan_e6[0] <= alone.scan_e6[0]
    covered = requirement(scene.table(), held(sold, (scene.future(1), 1_000)))
    assert covered.scan_e6[0] < alone.scan_e6[0]


def test_a_slower_chain_makes_an_expiry_gone_earlier() -> None:
    """The time that closing may take is the dials'."""
    scene = synthetic(tenors_s=(21_601, 25 * DAY_S))
    book = held((scene.perp, -1_000), (scene.call(1, 100), 1_000))
    slow = scene.table(dials=Dials(settlement_latency_s=901))
    alone = requirement(slow, held((scene.perp, -1_000)))
    assert requirement(slow, book).scan_e6[0] >= alone.scan_e6[0]
    assert requirement(scene.table(), book).scan_e6[0] < alone.scan_e6[0]
