"""Sums over accounts, beside the same sums in Python's integers of any size."""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk import BTC, GrossTooLarge, Positions, RiskTable
from novate.risk.charge import ONE, GroupCharge
from novate.risk.market import FAR
from novate.risk.scenario import COLUMNS, MAINTENANCE_COLUMNS
from novate.risk.sums import GROSS, Sums, account_sums, sums
from novate.risk.table import Summand
from novate.units import bounds

from .scene import DAY_S, accounts, drawn, held, real, synthetic

SCENE = synthetic()
TABLE = SCENE.but(funding_e3=-12_345).table()
ROWS = len(TABLE.mark_e3)
Book = Sequence[tuple[int, int]]

BOOKS = st.lists(
    st.tuples(st.integers(0, ROWS - 1), st.integers(-50_000, 50_000)),
    min_size=1,
    max_size=12,
    unique_by=lambda one: one[0],
)


NEAR = (*range(11), 19)
"""Columns in which forwards that move apart may be what decides: the index stays near."""


_, _, BASIS, VALUE, CONFIDENCE = GroupCharge


def up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def slowly(table: RiskTable, book: Book) -> dict[str, int]:
    """What `Sums` holds, position by position in Python's integers."""
    cells = table.summand_e3.tolist()
    total, by_group = [0] * len(cells[0]), dict[int, list[int]]()
    for row, quantity in book:
        group = by_group.setdefault(int(table.listing.group[row]), [0] * len(cells[0]))
        for column, cell in enumerate(cells[row]):
            part = cell * (abs(quantity) if column >= Summand.GROSS else quantity)
            group[column] += part
            total[column] += part
    rates = table.group_rates_e6.tolist()
    parts = by_group.items()
    basis = sum(up(abs(own[Summand.DELTA]) * rates[g][BASIS], ONE) for g, own in parts)
    entry = [
        total[column] - total[Summand.ENTRY_ERROR] - basis * (column in NEAR)
        for column in range(COLUMNS)
    ]
    values = {
        g: max(0, own[Summand.VALUE] + own[Summand.MARK_ERROR]) for g, own in by_group.items()
    }
    return {
        "worst_e6": min(entry[:MAINTENANCE_COLUMNS]),
        "worst_buffered_e6": min(entry[MAINTENANCE_COLUMNS:]),
        "least_e6": total[Summand.LEAST],
        "basis_e6": basis,
        "delta_e6": total[Summand.DELTA],
        "value_e6": sum(up(value * rates[g][VALUE], ONE) for g, value in values.items()),
        "confidence_e6": sum(
            up(own[Summand.GROSS] * rates[g][CONFIDENCE], ONE) for g, own in parts
        ),
        "naked_e3": sum(
            max(0, own[side]) for _, own in parts for side in (Summand.SHORT_UP, Summand.SHORT_DOWN)
        ),
        "funding_e6": total[Summand.FUNDING],
        "mark_value_e6": total[Summand.MARK] - total[Summand.MARK_ERROR],
        "gross_e6": total[Summand.GROSS],
        "is_bounded": int(
            not total[Summand.LINEAR] and all(own[Summand.SHORT_UP] <= 0 for _, own in parts)
        ),
    } | {f"entry_e6[{column}]": one for column, one in enumerate(entry)}


def told(found: Sums, account: int) -> dict[str, int]:
    values = {
        column.name: int(np.ravel(getattr(found, column.name))[account])
        for column in fields(Sums)
        if column.name != "entry_e6"
    }
    return values | {
        f"entry_e6[{column}]": int(np.ravel(gain_e6)[account])
        for column, gain_e6 in enumerate(found.entry_e6)
    }


@given(st.lists(BOOKS, min_size=1, max_size=4))
def test_sums_are_those_of_each_position_one_by_one(books: list[Book]) -> None:
    found = sums(TABLE, accounts(books))
    for account, book in enumerate(books):
        wanted = slowly(TABLE, book)
        assert told(found, account) == wanted
        assert told(account_sums(TABLE, held(*book)), 0) == wanted


def test_uncertain_expiries_charge_their_notional() -> None:
    confidence_e6 = SCENE.market.confidence_e6.copy()
    confidence_e6[2] = 300_000
    table = SCENE.but(confidence_e6=confidence_e6).table()
    book = [(SCENE.perp, 5), (SCENE.call(2, 100), -7), (SCENE.future(2), 3), (SCENE.put(3, 80), 9)]
    assert told(sums(table, accounts([book])), 0) == slowly(table, book)
    assert sums(table, accounts([book])).confidence_e6[0] > 0


def test_on_a_published_chain_many_accounts_are_summed_as_one_by_one() -> None:
    scene = real()
    table = scene.table()
    random = np.random.default_rng(3)
    books = [drawn(scene.listing, random, 64, 10_000) for _ in range(5)]
    pairs = [list(zip(one.row.tolist(), one.quantity_e3.tolist(), strict=True)) for one in books]
    found = sums(table, accounts(pairs))
    for account, pair in enumerate(pairs):
        assert told(found, account) == slowly(table, pair)


E1, E2 = 1, 2


@pytest.mark.parametrize(
    ("book", "naked_e3"),
    [
        ([("call", E1, 100, -5)], 5),
        ([("put", E1, 100, -5)], 5),
        ([("call", E1, 100, 5)], 0),
        ([("call", E1, 100, -5), ("put", E1, 100, -7)], 12),
        ([("call", E1, 100, -5), ("put", E1, 100, 7)], 5),
        ([("call", E1, 100, -5), ("call", E1, 120, 4)], 1),
        ([("call", E1, 100, -5), ("call", E1, 160, 5)], 0),
        ([("call", E1, 100, -5), ("call", E2, 100, 5)], 5),
        ([("call", E1, 100, -5), ("call", E1, 120, 6), ("call", E2, 100, -2)], 2),
    ],
)
def test_short_options_are_naked_unless_as_many_of_their_kind_and_expiry_are_long(
    book: list[tuple[str, int, int, int]], naked_e3: int
) -> None:
    pairs = [(getattr(SCENE, right)(expiry, strike), q) for right, expiry, strike, q in book]
    assert sums(TABLE, accounts([pairs])).naked_e3.tolist() == [naked_e3]


def test_linear_contracts_cover_no_short_option() -> None:
    book = [(SCENE.call(1, 100), -5), (SCENE.future(1), 5), (SCENE.perp, 5)]
    assert sums(TABLE, accounts([book])).naked_e3.tolist() == [5]


@pytest.mark.parametrize(
    ("book", "is_bounded"),
    [
        ([("call", 5), ("put", 5)], 1),
        ([("call", 0)], 1),
        ([("call", 5), ("put", -1)], 1),
        ([("call", -1), ("put", 5)], 0),
        ([("call", -5), ("wing", 5)], 1),
        ([("call", -5), ("wing", 4)], 0),
        ([("call", -5), ("later", 5)], 0),
        ([("call", 5), ("perp", 1)], 0),
        ([("perp", 0)], 1),
        ([("perp", -1)], 0),
        ([("future", 1)], 0),
    ],
)
def test_a_least_is_paid_by_options_alone_of_which_no_expiry_is_short_of_calls(
    book: list[tuple[str, int]], is_bounded: int
) -> None:
    rows = {
        "call": SCENE.call(1, 100),
        "wing": SCENE.call(1, 160),
        "later": SCENE.call(2, 100),
        "put": SCENE.put(2, 80),
        "perp": SCENE.perp,
        "future": SCENE.future(3),
    }
    pairs = [(rows[what], quantity) for what, quantity in book]
    assert sums(TABLE, accounts([pairs])).is_bounded.tolist() == [is_bounded]
    assert account_sums(TABLE, held(*pairs)).is_bounded == is_bounded


def test_only_deltas_of_one_group_net_in_basis() -> None:
    """And only the charge of a column near spot has it."""
    perp, future = (SCENE.perp, 1_000), (SCENE.future(1), -1_000)
    one, other, both = (sums(TABLE, held(*book)) for book in ([perp], [future], [perp, future]))
    assert both.basis_e6 == one.basis_e6 + other.basis_e6 > 0
    spread = sums(TABLE, held(future, (SCENE.call(1, 100), 1_900)))
    assert 0 < spread.basis_e6 < other.basis_e6
    entry_e6 = 1_000 * (TABLE.entry_e3[SCENE.perp] - TABLE.entry_e3[SCENE.future(1)])
    for column in range(COLUMNS):
        basis_e6 = both.basis_e6[0] if column in NEAR else 0
        assert both.entry_e6[column] == entry_e6[column] - basis_e6


def test_gross_notional_up_to_53_bits_is_allowed_and_no_more() -> None:
    scene = synthetic(index_e3=2_000_000_000, with_options=False)
    table = scene.table()
    size = GROSS // int(scene.market.forward_e3[0])
    assert sums(table, held((0, size))).gross_e6[0] < GROSS
    assert sums(table, held((0, -size))).gross_e6[0] < GROSS
    over = (size + 1) * int(scene.market.forward_e3[0])
    assert over >= GROSS
    for quantity in (size + 1, -size - 1):
        with pytest.raises(GrossTooLarge, match=f"gross notional of {over} micro-USD") as refusal:
            sums(table, held((0, quantity)))
        assert refusal.value.gross_e6 == over


def test_gross_notional_adds_up_over_positions_and_not_over_accounts() -> None:
    scene = synthetic(index_e3=2_000_000_000, with_options=False)
    table, half = scene.table(), GROSS // 2 // 2_000_000_000
    book = [(row, half) for row in range(4)]
    with pytest.raises(GrossTooLarge):
        sums(table, accounts([book]))
    assert sums(table, accounts([[one] for one in book])).gross_e6.max() < GROSS


def test_the_largest_positions_of_all_are_refused_and_never_wrap() -> None:
    scene = synthetic(index_e3=2_000_000_000)
    most = (1 << bounds.QTY_BITS) - 1
    for sign in (1, -1):
        book = [(row, sign * most) for row in range(len(scene.listing.instruments))]
        with pytest.raises(GrossTooLarge):
            sums(scene.table(), accounts([book]))


def test_marks_far_beyond_their_forward_are_refused_and_never_wrap() -> None:
    scene = synthetic(index_e3=10_000, tenors_s=(DAY_S,), strikes=(171_000_000, 171_500_000))
    most = (1 << bounds.QTY_BITS) - 1
    rows = [scene.put(1, 171_000_000), scene.put(1, 171_500_000)]
    with pytest.raises(GrossTooLarge):
        sums(scene.table(BTC), accounts([[(row, most) for row in rows]]))


def test_a_row_that_the_table_does_not_have_is_refused() -> None:
    assert sums(TABLE, held((ROWS - 1, 1)))
    with pytest.raises(ValueError, match=f"row {ROWS} is not one of {ROWS}"):
        sums(TABLE, held((ROWS, 1)))


def test_nobody_sums_to_nothing() -> None:
    nothing = np.array([], dtype=np.int64)
    assert sums(TABLE, Positions.apart(nothing, nothing)).gross_e6.tolist() == []


def test_every_sum_of_what_is_not_refused_fits() -> None:
    gross = GROSS - 1
    # Delta, mark and value of a contract are at most its notional, an entry at most twice.
    assert 2 * gross < 1 << 54
    # An entry's error: of each of 8 calls forward / 2**24 + 2, twice, one forward being below twice
    # the other, and what a quarter of a tail rounds away; of 64 positions.
    error = 3 * gross // (1 << 24) + (4 * 8 + 1) * 64 * (1 << bounds.QTY_BITS)
    assert error < 1 << 39
    # Basis: of a delta at most the highest rate, of a tenor of 2**26 s.
    eighth = ONE // 8
    rate = eighth + up(eighth * (1 << bounds.TENOR_BITS), bounds.YEAR_S)
    basis = up(gross * rate, ONE) + 64
    assert 2 * gross + error + basis < 1 << 55
    assert gross + error < 1 << 54  # what an expiry may be worth at most
    # The least of an option is at most an eighth of its forward, and of each a unit.
    assert gross // 8 + 8 * 64 * (1 << bounds.QTY_BITS) < 1 << 51
    # The index is at most 8 forwards, and what a naked option is charged at most an eighth of it.
    assert gross * FAR // 8 < 1 << 54
