"""What the tables of a signature tell each other: labels that do not collide, weights that add up,
and consistent lies that a bus refuses."""

from collections.abc import Callable
from functools import lru_cache
from itertools import product

import pytest

from novate.circuits.secp256k1.curve import N
from novate.circuits.secp256k1.ladder import FIXED_MULTIPLE
from novate.circuits.secp256k1.messages import ROWS, STREAMS, UNITS, byte_of, packed, stream_of
from novate.field import P as NATIVE

from .scene import (
    JOINTS,
    LADDERS,
    OMEGAS,
    SIGNATURES,
    Row,
    Rows,
    carried,
    changed,
    climbed,
    filled,
    findings,
    fixed_points,
    honest,
    image,
    multiples,
    point,
    refusals,
    sample,
    summed,
    whole,
)

# Labels and weights.


def test_packed_digits_do_not_collide() -> None:
    """Every pair of pairs that a ladder can tell or a row of `signature` can hold, [-4, 3] each."""
    digits = range(-4, 4)
    labels = {packed((a, b), (c, d)) % NATIVE for a, b, c, d in product(digits, repeat=4)}
    assert len(labels) == 8**4


def test_one_digit_more_would_collide() -> None:
    assert packed((4, -1), (0, 0)) == packed((-4, 0), (0, 0))


def test_labels_of_multiples_do_not_collide_up_to_sign() -> None:
    """A row takes a multiple by its label or by the opposite one."""
    zero = (0, 0)
    units = [(s * u, s * v) for u, v in UNITS for s in (1, -1)]
    pairs = [(dq, dr) for dq in (zero, *units) for dr in (zero, *units) if (dq, dr) != (zero, zero)]
    assert len({packed(*pair) for pair in pairs}) == 48
    of_signature = {packed(u, zero) for u in UNITS} | {packed(zero, u) for u in UNITS}
    of_joint = {packed(u, v) for u in UNITS for v in units}
    assert not of_signature & of_joint
    offered = of_signature | of_joint
    assert offered | {-label for label in offered} == {packed(*pair) for pair in pairs}
    assert not offered & {-label for label in offered}


def test_two_digits_of_a_row_stay_within_three() -> None:
    zero = (0, 0)
    units = [zero, *((s * u, s * v) for u, v in UNITS for s in (1, -1))]
    for one, two in product(units, repeat=2):
        assert all(-3 <= 2 * a + b <= 3 for a, b in zip(one, two, strict=True))


def test_units_are_the_powers_of_omega() -> None:
    assert [image(unit) for unit in UNITS] == list(OMEGAS)


def test_each_byte_of_the_scalar_has_its_row_and_weight() -> None:
    assert sorted(byte_of(row) for row in range(1, ROWS)) == list(range(32))
    for row in range(1, ROWS):
        weight = 4 ** (ROWS - 1 - row) * 2 ** (62 * stream_of(row))
        assert weight == 256 ** byte_of(row)
    assert 4 ** (ROWS - 1) * 2 ** (62 * stream_of(0)) == 2**64
    assert {stream_of(row) for row in range(ROWS)} == set(range(STREAMS))


def test_odd_digits_fall_short_of_the_bytes_by_a_constant() -> None:
    weights = [256**m for m in range(32)] + [2**64, 2**66]
    assert 255 * sum(weights) == FIXED_MULTIPLE
    assert FIXED_MULTIPLE % N


# Lies on the buses, each consistent with all sentences.


@lru_cache(maxsize=1)
def two() -> Rows:
    """Two valid signatures."""
    return honest(sample(1), sample(2))


def ladder(rows: Rows, index: int) -> list[Row]:
    return rows[LADDERS][ROWS * index : ROWS * (index + 1)]


def with_ladders(rows: Rows, *ladders: list[Row]) -> Rows:
    return rows | {LADDERS: [row for found in ladders for row in found]}


def of_signature(rows: list[Row], index: int) -> list[Row]:
    return [row | {"signature": index} for row in rows]


def retold(changes: Callable[[Row], Row], *, aims: bool, at: int = 9) -> Rows:
    """One row of the first ladder changed; the rest of it follows, and may be aimed at END."""
    one, other = ladder(two(), 0), ladder(two(), 1)
    lie = climbed(one[at] | changes(one[at]))
    return with_ladders(two(), carried([*one[:at], lie, *one[at + 1 :]], at, aims=aims), other)


def another_multiple(row: Row) -> Row:
    """The point of the other multiple under the label of this one."""
    return {"first_x": row["second_x"], "first_y": row["second_y"]}


def swapped_multiples(row: Row) -> Row:
    """First and second with their labels, points and signs exchanged."""
    parts = ("label", "minus", "x", "y")
    return {
        f"{one}_{part}": row[f"{two_}_{part}"]
        for one, two_ in (("first", "second"), ("second", "first"))
        for part in parts
    }


def of_the_other_signature(row: Row) -> Row:
    """The multiple that the other signature has under the same label."""
    offered = multiples(two()[SIGNATURES][1], two()[JOINTS][6:])
    x, y = offered[row["first_label"]]
    return {"first_x": x, "first_y": y}


def of_another_stream(row: Row) -> Row:
    x, y = fixed_points()[(row["stream"] + 1) % STREAMS, row["fixed_half"]]
    return {"fixed_x": x, "fixed_y": y}


def of_another_half(row: Row) -> Row:
    half = (row["fixed_half"] + 1) % 128
    x, y = fixed_points()[row["stream"], half]
    return {"fixed_half": half, "fixed_x": x, "fixed_y": y}


def negated(name: str) -> Callable[[Row], Row]:
    return lambda row: {f"{name}_minus": 1 - row[f"{name}_minus"]}


AIMED = "bus fixed"
"""The last row is aimed at END with a multiple that nobody offers."""


@pytest.mark.parametrize(
    ("lie", "buses"),
    [
        (another_multiple, {"bus multiple"}),
        (swapped_multiples, {"bus digits"}),
        (of_the_other_signature, {"bus multiple"}),
        (of_another_stream, {"bus fixed"}),
        (of_another_half, {"bus digits"}),
        (negated("first"), {"bus digits"}),
        (negated("second"), {"bus digits"}),
        (negated("fixed"), {"bus digits"}),
    ],
)
def test_a_ladder_that_adds_something_else_is_told_on_a_bus(
    lie: Callable[[Row], Row], buses: set[str]
) -> None:
    assert refusals(two()) == set()
    assert refusals(retold(lie, aims=True)) == buses | {AIMED}
    assert refusals(retold(lie, aims=False)) == buses | {"x ends at END", "y ends at END"}


@pytest.mark.parametrize(
    ("changes", "buses"),
    [
        ({"first_label": packed(UNITS[0], (0, 0))}, {"bus multiple", "bus digits"}),
        ({"first_label": 0}, {"bus multiple", "bus digits"}),
        ({"signature": 1}, {"bus multiple", "bus digits"}),
        ({"row": 10}, {"bus digits"}),
        ({"fixed_half": 5}, {"bus fixed", "bus digits"}),
        ({"fixed_half": 128}, {"bus fixed", "bus digits"}),
    ],
)
def test_a_point_is_taken_under_its_name(changes: Row, buses: set[str]) -> None:
    """The points stay, so that the ladder ends at END; a name of one of them is another."""
    at = next(i for i, row in enumerate(two()[LADDERS][:32]) if row["first_label"] > 64)
    found = findings(whole(), filled(whole(), changed(two(), LADDERS, at, **changes)))
    assert {f"bus {name}" for name in found.buses} == buses


def swapped_ladders() -> Rows:
    one, other = ladder(two(), 0), ladder(two(), 1)
    return with_ladders(two(), of_signature(other, 0), of_signature(one, 1))


def one_ladder_for_both() -> Rows:
    one = ladder(two(), 0)
    return with_ladders(two(), one, of_signature(one, 1))


def a_ladder_twice() -> Rows:
    return with_ladders(two(), ladder(two(), 0), ladder(two(), 1), ladder(two(), 0))


def a_ladder_missing() -> Rows:
    return with_ladders(two(), ladder(two(), 0))


def no_ladder() -> Rows:
    return {name: rows for name, rows in two().items() if name != LADDERS}


def a_ladder_of_no_signature() -> Rows:
    lie = of_signature(ladder(two(), 0), 2)
    return with_ladders(two(), ladder(two(), 0), ladder(two(), 1), lie)


@pytest.mark.parametrize(
    ("lie", "buses"),
    [
        (swapped_ladders, {"bus digits", "bus multiple"}),
        (one_ladder_for_both, {"bus digits", "bus multiple"}),
        (a_ladder_twice, {"bus digits"}),
        (a_ladder_missing, {"bus digits"}),
        (no_ladder, {"bus digits"}),
        (a_ladder_of_no_signature, {"bus digits", "bus multiple"}),
    ],
)
def test_each_signature_has_one_ladder_and_each_ladder_one_signature(
    lie: Callable[[], Rows], buses: set[str]
) -> None:
    assert refusals(lie()) == buses


def test_ladders_may_come_in_any_order() -> None:
    assert refusals(with_ladders(two(), ladder(two(), 1), ladder(two(), 0))) == set()


@pytest.mark.parametrize(
    "run",
    [
        lambda rows: carried([*rows[:8], *rows[9:]], 7),
        lambda rows: carried([*rows[:9], rows[8], *rows[9:]], 8),
    ],
)
def test_a_run_of_32_or_34_rows_answers_no_signature(
    run: Callable[[list[Row]], list[Row]],
) -> None:
    lie = with_ladders(two(), run(ladder(two(), 0)), ladder(two(), 1))
    assert refusals(lie) == {
        "rows count up",
        "streams go 0, 3, 2, 1 and begin again at 0",
        "bus digits",
        AIMED,
    }


def test_rows_of_two_signatures_make_no_ladder() -> None:
    one, other = ladder(two(), 0), ladder(two(), 1)
    spliced = carried([*one[:9], *other[9:]], 8)
    rest = carried([*other[:9], *one[9:]], 8)
    assert refusals(with_ladders(two(), spliced, rest)) == {
        "a ladder is about one signature",
        AIMED,
    }


@pytest.mark.parametrize("half", [1, 127])
def test_a_ladder_starts_where_its_signature_says(half: int) -> None:
    one, other = ladder(two(), 0), ladder(two(), 1)
    assert one[0]["start_half"] == 0
    x, y = fixed_points()[0, half]
    started = carried([one[0] | {"start_half": half, "x": x, "y": y}, *one[1:]])
    assert refusals(with_ladders(two(), started, other)) == {"bus digits", AIMED}
    unnamed = carried([one[0] | {"x": x, "y": y}, *one[1:]])
    assert refusals(with_ladders(two(), unnamed, other)) == {AIMED}
    elsewhere = carried([one[0] | dict(zip("xy", point(2), strict=True)), *one[1:]])
    assert refusals(with_ladders(two(), elsewhere, other)) == {AIMED}


def test_a_start_that_is_no_fixed_multiple_has_no_name() -> None:
    """Nothing but the start is a lie: it makes up for what the ladder lacks."""
    one, other = ladder(two(), 0), ladder(two(), 1)
    lie = with_ladders(two(), [one[0] | {"start_half": 200}, *one[1:]], other)
    assert refusals(lie) == {"bus fixed", "bus digits"}


def test_two_signatures_do_not_share_an_index() -> None:
    rows = two()
    same = rows | {
        SIGNATURES: of_signature(rows[SIGNATURES], 0),
        JOINTS: of_signature(rows[JOINTS], 0),
        LADDERS: of_signature(rows[LADDERS], 0),
    }
    assert refusals(same) == {"signatures count up"}
    skipped = rows | {
        SIGNATURES: [rows[SIGNATURES][0], rows[SIGNATURES][1] | {"signature": 2}],
        JOINTS: [*rows[JOINTS][:6], *of_signature(rows[JOINTS][6:], 2)],
        LADDERS: [*ladder(rows, 0), *of_signature(ladder(rows, 1), 2)],
    }
    assert refusals(skipped) == {"signatures count up"}


@pytest.mark.parametrize("name", ["x", "y"])
def test_a_sum_of_other_points_is_told_on_a_bus(name: str) -> None:
    """Q + R with the key, or the R, of the other signature."""
    rows = two()
    other = rows[JOINTS][6]
    taken = ("qx", "qy") if name == "x" else ("ux", "uy")
    lie = summed(rows[JOINTS][0] | {column: other[column] for column in taken})
    assert refusals(rows | {JOINTS: [lie, *rows[JOINTS][1:]]}) == {"bus multiple"}


def test_a_sum_for_an_index_without_a_signature_has_no_operands() -> None:
    rows = two()
    lie = of_signature(rows[JOINTS][:1], 7)
    assert refusals(rows | {JOINTS: [*rows[JOINTS], *lie]}) == {"bus multiple"}
