"""How an account stands, and which change of it is accepted."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from novate.risk import (
    BadPositions,
    Dials,
    Health,
    Margin,
    Margins,
    Positions,
    flagged_below,
    health,
    is_accepted,
    is_withdrawable,
    margins,
    requirement,
)
from novate.risk.liquidation.rules import LiquidationRules, is_below_threshold
from novate.units import OutOfRange, Usd, bounds

from .scene import accounts, held, synthetic

ONE = bounds.RATE_SCALE
SCENE = synthetic()
TABLE = SCENE.table()


def margin(equity: int, initial: int = 100, maintenance: int = 80, gross: int = 1_000) -> Margin:
    return Margin(Usd(equity), Usd(initial), Usd(maintenance), Usd(gross))


@pytest.mark.parametrize(
    ("equity", "threshold_e6", "stands"),
    [
        (101, ONE, Health.HEALTHY),
        (100, ONE, Health.HEALTHY),
        (99, ONE, Health.REDUCE_ONLY),
        (81, ONE, Health.REDUCE_ONLY),
        (80, ONE, Health.REDUCE_ONLY),
        (79, ONE, Health.LIQUIDATABLE),
        (-5, ONE, Health.LIQUIDATABLE),
        (40, ONE // 2, Health.REDUCE_ONLY),
        (39, ONE // 2, Health.LIQUIDATABLE),
        (88, ONE + ONE // 10, Health.REDUCE_ONLY),
        (87, ONE + ONE // 10, Health.LIQUIDATABLE),
        (81, ONE + 1, Health.REDUCE_ONLY),  # 80.00008: up
        (80, ONE + 1, Health.LIQUIDATABLE),
        (120, 3 * ONE // 2, Health.HEALTHY),
        (119, 3 * ONE // 2, Health.LIQUIDATABLE),  # although it has its initial margin
    ],
)
def test_each_threshold_is_itself_on_the_good_side(
    equity: int, threshold_e6: int, stands: Health
) -> None:
    assert health(margin(equity), Dials(liquidation_threshold_e6=threshold_e6)) is stands


@given(
    st.integers(-(1 << 55), 1 << 55),
    st.integers(0, (1 << 53) - 1),
    st.integers(0, (1 << 53) - 1),
    st.integers(ONE // 2, 2 * ONE),
)
def test_who_is_liquidatable_is_exactly_who_is_flagged(
    equity: int, maintenance: int, more: int, threshold_e6: int
) -> None:
    dials = Dials(liquidation_threshold_e6=threshold_e6)
    one = margin(equity, maintenance + more, maintenance)
    is_flagged = is_below_threshold(equity, maintenance, LiquidationRules(dials))
    assert (health(one, dials) is Health.LIQUIDATABLE) is is_flagged
    assert (equity < flagged_below(one, dials).e6) is is_flagged


def test_buying_power_is_what_equity_exceeds_initial_margin_by() -> None:
    assert margin(130).available == Usd(30)
    assert margin(70).available == Usd(-30)


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        # It has its initial margin afterwards.
        (margin(100), margin(100), True),
        (margin(0, 0, 0, 0), margin(100, 100, 80, 10**9), True),
        (margin(50), margin(200, 200, 160, 2_000), True),
        # It is short of it: maintenance margin, no shorter, not larger; each at and beyond.
        (margin(90), margin(80, 90, 80, 1_000), True),
        (margin(90), margin(79, 89, 80, 1_000), False),
        (margin(90), margin(90, 100, 80, 1_000), True),
        (margin(90), margin(89, 100, 80, 1_000), False),
        (margin(90), margin(90, 100, 80, 1_001), False),
        (margin(90), margin(90, 100, 80, 999), True),
        (margin(90), margin(95, 101, 80, 900), True),
        (margin(150), margin(90, 100, 80, 1_000), False),
        # Below maintenance margin only what restores it, or all of initial margin.
        (margin(70), margin(75, 85, 76, 900), False),
        (margin(70), margin(76, 86, 76, 900), True),
        (margin(70), margin(10, 10, 8, 10), True),
        (margin(-5), margin(-5, 0, 0, 0), False),
        (margin(-5), margin(0, 0, 0, 0), True),
    ],
)
def test_a_change_is_accepted_or_refused(before: Margin, after: Margin, may: bool) -> None:
    assert is_accepted(before, after, Dials()) is may


@pytest.mark.parametrize(
    ("threshold_e6", "may"), [(950_000, False), (900_000, True), (500_000, True)]
)
def test_who_would_not_be_flagged_may_reduce(threshold_e6: int, may: bool) -> None:
    """Below maintenance margin and above the threshold: else nobody could act."""
    dials = Dials(liquidation_threshold_e6=threshold_e6)
    assert is_accepted(margin(90, 110, 105), margin(90, 108, 100, 900), dials) is may


@pytest.mark.parametrize("part", [(1 << 62) - (1 << 50), (1 << 50) - (1 << 62)])
def test_equity_that_would_leave_62_bits_is_refused(part: int) -> None:
    """Before, the sign of such an equity turned."""
    position = Positions.of(np.array([SCENE.perp]), np.array([1]), np.array([-part]))
    asked = [requirement(TABLE, position)]
    cash_e6 = np.array([part])
    with pytest.raises(OutOfRange, match="equity"):
        margins(cash_e6, asked)
    assert abs(int(margins(0 * cash_e6, asked).equity_e6[0]) - part) < 1 << 40


@pytest.mark.parametrize(("equity", "may"), [(101, True), (100, True), (99, False), (-1, False)])
def test_what_is_above_initial_margin_may_be_withdrawn(equity: int, may: bool) -> None:
    assert is_withdrawable(margin(equity)) is may
    assert is_withdrawable(margin(equity, 0, 0, 0)) is (equity >= 0)


BOOKS = st.dictionaries(
    st.integers(0, len(TABLE.mark_e3) - 1), st.integers(-2_000, 2_000), min_size=1, max_size=5
)


def stands(book: dict[int, int], cash_e6: int) -> Margin:
    return margins(np.array([cash_e6]), [requirement(TABLE, held(*book.items()))]).of(0)


def cash_at(book: dict[int, int], part: int) -> int:
    """Cash that puts equity between the two margins, in percent of the way."""
    one = requirement(TABLE, held(*book.items()))
    low, high = int(one.maintenance_e6[0]), int(one.initial_e6[0])
    return low + (high - low) * part // 100 - int(one.position_value_e6[0])


@given(BOOKS, st.integers(1, 99), st.integers(0, 100))
def test_closing_the_same_part_of_everything_at_the_marks_is_never_refused(
    book: dict[int, int], part: int, place: int
) -> None:
    """Between the margins: requirements shrink at least as fast as the book, to a rounding."""
    book = {row: 100 * quantity for row, quantity in book.items()}
    cash_e6 = cash_at(book, place)
    before = stands(book, cash_e6)
    closed = {row: quantity * part // 100 for row, quantity in book.items()}
    paid_e6 = sum(quantity * int(TABLE.mark_e3[row]) for row, quantity in closed.items())
    after = stands({row: book[row] - closed[row] for row in book}, cash_e6 + paid_e6)
    if before.initial.e6 - after.initial.e6 > 100:
        assert is_accepted(before, after, Dials())


@given(BOOKS, st.integers(0, 100))
def test_closing_everything_at_the_marks_is_never_refused(book: dict[int, int], place: int) -> None:
    cash_e6 = cash_at(book, place)
    before = stands(book, cash_e6)
    paid_e6 = sum(quantity * int(TABLE.mark_e3[row]) for row, quantity in book.items())
    after = stands(dict.fromkeys(book, 0), cash_e6 + paid_e6)
    assume(before.equity.e6 >= 0)
    assert is_accepted(before, after, Dials())


def test_below_maintenance_margin_closing_a_part_may_be_refused() -> None:
    """What then remains is for liquidation, or for a reduction by its rules."""
    book = {SCENE.perp: -1_000}
    bare = stands(book, 0)
    cash_e6 = bare.maintenance.e6 // 10 - bare.equity.e6
    before = stands(book, cash_e6)
    half = stands({SCENE.perp: -500}, cash_e6 - 500 * int(TABLE.mark_e3[0]))
    assert half.available > before.available
    assert not is_accepted(before, half, Dials())


def test_lifting_a_hedge_is_refused_to_who_is_short_of_margin() -> None:
    book = {SCENE.perp: -1_000, SCENE.future(2): 1_000}
    cash_e6 = cash_at(book, 50)
    before = stands(book, cash_e6)
    after = stands({SCENE.perp: -1_000, SCENE.future(2): 500}, cash_e6)
    assert after.gross < before.gross
    assert not is_accepted(before, after, Dials())


EARLY = {
    threshold_e6: [
        scene.table(dials=Dials(liquidation_threshold_e6=threshold_e6))
        for scene in (SCENE, synthetic(index_e3=3_000_000))
    ]
    for threshold_e6 in (ONE // 2, ONE, 1_150_001, 2 * ONE)
}


@pytest.mark.parametrize("threshold_e6", EARLY)
@given(book=BOOKS, other=BOOKS)
@settings(max_examples=50)
def test_nobody_with_initial_margin_is_flagged_wherever_the_threshold_stands(
    threshold_e6: int, book: dict[int, int], other: dict[int, int]
) -> None:
    """Of one underlying and of several."""
    asked = [
        requirement(table, held(*one.items()))
        for table, one in zip(EARLY[threshold_e6], (book, other), strict=True)
    ]
    for requirements in (asked[:1], asked[1:], asked):
        bare = margins(np.array([-1]), requirements).of(0)
        at = replace(bare, equity=bare.initial)
        dials = Dials(liquidation_threshold_e6=threshold_e6)
        assert health(at, dials) is Health.HEALTHY
        assert health(replace(at, equity=at.equity - Usd(1)), dials) is not Health.HEALTHY
        assert at.initial.e6 >= at.maintenance.e6


def test_margins_of_several_underlyings_are_added_up() -> None:
    books = accounts([[(0, 1_000)], [(SCENE.call(1, 100), -500)]])
    other = requirement(synthetic(index_e3=3_000_000).table(), books)
    one = requirement(TABLE, books)
    found = margins(np.array([10**12, -(10**9)]), [one, other])
    assert np.array_equal(found.initial_e6, one.initial_e6 + other.initial_e6)
    assert np.array_equal(found.maintenance_e6, one.maintenance_e6 + other.maintenance_e6)
    assert np.array_equal(found.gross_e6, one.gross_e6 + other.gross_e6)
    values = one.position_value_e6 + other.position_value_e6
    assert np.array_equal(found.equity_e6, np.array([10**12, -(10**9)]) + values)
    assert isinstance(found, Margins)
    assert found.of(1) == Margin(
        Usd(int(found.equity_e6[1])),
        Usd(int(found.initial_e6[1])),
        Usd(int(found.maintenance_e6[1])),
        Usd(int(found.gross_e6[1])),
    )


@pytest.mark.parametrize(
    ("book", "cash_e6", "is_free"),
    [
        ({"call": 1_000, "put": 500}, 0, True),
        ({"call": 1_000}, -1, False),
        ({"call": 1_000, "put": -1_000}, 100_000 * 10**6, True),  # the strike, in cash
        ({"put": -1_000}, 100_000 * 10**6, True),
        ({"call": -1}, 0, False),
        ({"call": 1_000, "perp": 1}, 0, False),
        ({"perp": 0}, 0, True),
    ],
)
def test_who_can_never_owe_has_initial_margin(
    book: dict[str, int], cash_e6: int, is_free: bool
) -> None:
    """And what is available is at least what may be lost besides: here nothing."""
    rows = {"call": SCENE.call(1, 100), "put": SCENE.put(2, 100), "perp": SCENE.perp}
    sizes = {rows[what]: quantity for what, quantity in book.items()}
    found = stands(sizes, cash_e6)
    assert (found.equity >= found.initial) is is_free
    if is_free:
        assert health(found, Dials()) is Health.HEALTHY


@pytest.mark.parametrize(("owed_e6", "is_free"), [(0, True), (10**11, True), (10**11 + 1, False)])
def test_what_is_still_to_be_paid_secures_nothing(owed_e6: int, is_free: bool) -> None:
    """Of a closed perpetual, of a premium: options are not bought on credit."""
    rows = np.array([SCENE.perp, SCENE.call(1, 160)])
    for cost_e6 in ([owed_e6, 0], [0, owed_e6]):
        owing = Positions.of(rows, np.array([0, 62_700]), np.array(cost_e6))
        found = margins(np.array([10**11]), [requirement(TABLE, owing)]).of(0)
        assert (found.available.e6 >= 0) is is_free
        assert (health(found, Dials()) is Health.HEALTHY) is is_free


def test_long_options_that_are_worth_less_than_nothing_by_their_marks_are_never_flagged() -> None:
    """A mark less its error may be below zero; a right never is."""
    scene = synthetic(index_e3=2_000_000_000, strikes=(100, 400))
    table, row = scene.table(), scene.call(1, 400)
    assert table.mark_lo_e3[row] < 0
    found = margins(np.array([0]), [requirement(table, held((row, 100_000)))]).of(0)
    assert found.equity == found.maintenance == Usd(0)
    assert health(found, Dials()) is Health.HEALTHY


def test_what_is_bounded_in_one_underlying_is_asked_for_no_more_whatever_is_held_in_another() -> (
    None
):
    long, short = (
        requirement(TABLE, held((SCENE.call(1, 100), 1_000))),
        requirement(TABLE, held((SCENE.perp, -1))),
    )
    assert long.initial_e6 == long.position_value_e6 < long.uncapped_initial_e6
    both = margins(np.array([0]), [long, short])
    assert both.initial_e6 == long.initial_e6 + short.initial_e6


@pytest.mark.parametrize(
    ("cash_e6", "told"),
    [
        (np.array([1]), r"cash of shape \(1,\)"),
        (np.array([1, 2, 3]), r"cash of shape \(3,\)"),
        (np.array(1), r"cash of shape \(\)"),
        (np.array([[1, 2]]), r"cash of shape \(1, 2\)"),
        (np.array([0.5, 1.5]), "cash is float64"),
        (np.array([np.nan, 1.0]), "cash is float64"),
    ],
)
def test_cash_of_other_accounts_or_of_no_integers_is_refused(
    cash_e6: np.ndarray, told: str
) -> None:
    both = requirement(TABLE, accounts([[(0, 1)], [(1, 1)]]))
    with pytest.raises(BadPositions, match=told):
        margins(cash_e6, [both])
    assert len(margins(np.array([1, 2]), [both]).equity_e6) == 2


def test_requirements_of_other_accounts_or_none_are_refused() -> None:
    one, two = (requirement(TABLE, accounts([[(0, 1)]] * count)) for count in (1, 2))
    for requirements in ([one, two], []):
        with pytest.raises(BadPositions, match="next: give one account's or all"):
            margins(np.array([1]), requirements)


@pytest.mark.parametrize("cash_e6", [1 << 62, -(1 << 62) - 1, (1 << 63) - 1, -(1 << 63)])
def test_cash_beyond_62_bits_is_refused(cash_e6: int) -> None:
    one = requirement(TABLE, held((0, 1)))
    with pytest.raises(OutOfRange, match=f"cash {cash_e6} is outside"):
        margins(np.array([cash_e6]), [one])
    assert margins(np.array([(1 << 62) - 1]), [one]).equity_e6[0] > 1 << 61
