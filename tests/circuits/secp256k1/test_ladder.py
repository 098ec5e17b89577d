"""The ladder: each of its sentences is broken by a cheat that breaks nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import pytest
from tests.circuits import secp256k1_reference as reference
from tests.circuits.transactions.surroundings import sentences_of

from novate.circuits.secp256k1 import Ladder
from novate.circuits.secp256k1.curve import MIDDLE, N, P, Point, centred
from novate.circuits.secp256k1.ladder import END, FIXED_MULTIPLE
from novate.circuits.secp256k1.messages import ROWS, stream_of
from novate.field import P as NATIVE

from .scene import (
    LADDERS,
    SIGNATURES,
    STEP,
    Claim,
    Row,
    aimed,
    alone,
    carried,
    climbed,
    filled,
    fixed_points,
    helped,
    honest,
    image,
    is_on_curve,
    is_word,
    octets_of,
    operand,
    opposite,
    point,
    refusals,
    sample,
    sentences,
    square_root,
    sum_of,
    taking,
    witness,
    y_of_d,
)

Cheat = Callable[[], list[Row]]
"""The rows of a prover who lies, and has every message answered."""

LAWS = tuple(name.replace("_", " ") for name in STEP)
ELSEWHERE = point(987654321)
"""A point that is no fixed multiple."""


@lru_cache(maxsize=1)
def told() -> tuple[Row, ...]:
    """The ladder of a valid signature."""
    return tuple(honest(sample(1))[LADDERS])


def rows() -> list[Row]:
    return [dict(row) for row in told()]


def with_row(at: int, **changes: int) -> list[Row]:
    """The honest ladder, one row of it changed."""
    found = rows()
    found[at] = found[at] | changes
    return found


def forced(at: int, name: str) -> list[Row]:
    """A column is one more than its law says; all later columns and rows follow."""
    row = told()[at]
    return carried(
        [*told()[:at], climbed(row, **{name: (row[name] + 1) % P}), *told()[at + 1 :]], at
    )


def starting_elsewhere(**changes: int) -> list[Row]:
    """A ladder that starts at a point of the prover's choice."""
    first = told()[0] | {"starts": 0, "start_half": 0, "x": ELSEWHERE[0], "y": ELSEWHERE[1]}
    return carried([first | changes, *told()[1:]])


def shortened() -> list[Row]:
    """Rows 4 to 32, from a fixed multiple on."""
    x, y = fixed_points()[0, 5]
    return carried([told()[4] | {"starts": 1, "start_half": 5, "x": x, "y": y}, *told()[5:]])


def lengthened() -> list[Row]:
    """37 rows, the last of which is number 36."""
    again = [row | {"row": row["row"] + 4} for row in told()[29:]]
    return carried([*told()[:32], told()[32] | {"ends": 0}, *again])


def returning_early() -> list[Row]:
    """The streams go 2, 1, 4, 3 in rows 2 to 5: a return after 1, and none after the 4."""
    found = rows()
    found[3] |= {"returns": 1}
    found[4] |= {"stream": 4, "returns": 0}
    return found


def without_return() -> list[Row]:
    """The streams go 0, 7, 6, 5, 4, 3 in rows 0 to 5, and there is no return after the 4."""
    found = rows()
    for row in found[1:5]:
        row |= {"stream": row["stream"] + 4, "returns": 0}
    return found


def of_another_from(at: int) -> list[Row]:
    return [row | {"signature": row["signature"] + (row["row"] >= at)} for row in told()]


ORDER: list[tuple[str, Cheat]] = [
    ("the first row starts a ladder", starting_elsewhere),
    ("a ladder starts where one ended", lambda: [*rows(), *starting_elsewhere()]),
    ("the last row ends a ladder", lambda: rows()[:-1]),
    ("the last row ends a ladder", lambda: rows()[:1]),
    ("the last row ends a ladder", lambda: with_row(32, ends=0, x_out=1, y_out=1)[:32]),
    ("a ladder starts at row 0", shortened),
    ("a ladder starts in stream 0", lambda: with_row(0, stream=4, returns=0)),
    ("a ladder ends at row 32", lambda: carried([*told()[:28], told()[28] | {"ends": 1}])),
    ("a ladder ends at row 32", lengthened),
    ("a ladder ends in stream 0", lambda: with_row(32, returns=0)),
    ("only row 0 names a start", lambda: with_row(1, start_half=1)),
    ("only row 0 names a start", lambda: with_row(32, start_half=127)),
    ("the streams return after 0", returning_early),
    ("streams go 0, 3, 2, 1 and begin again at 0", without_return),
    ("rows count up", lambda: carried([*told()[:8], *told()[12:]])),
    ("rows count up", lambda: carried([*told()[:9], *told()[5:]])),
    ("a ladder is about one signature", lambda: of_another_from(1)),
    ("a ladder is about one signature", lambda: of_another_from(32)),
]


@pytest.mark.parametrize(("sentence", "cheat"), ORDER)
def test_a_ladder_out_of_order_breaks_its_sentence(sentence: str, cheat: Cheat) -> None:
    assert sentences(Ladder, *cheat()) == {sentence}


@pytest.mark.parametrize("at", [0, 17, 31])
@pytest.mark.parametrize("name", STEP)
def test_every_column_of_a_step_follows_by_its_law(name: str, at: int) -> None:
    assert sentences(Ladder, *rows()) == set()
    assert sentences(Ladder, *forced(at, name)) == {name.replace("_", " ")}


def forced_at_the_end(name: str) -> Row:
    """The last row, with one law broken, and a fixed multiple that makes it end at END."""
    row, (x_end, y_end) = told()[32], END
    if name not in STEP[-3:]:
        return aimed(row, **{name: (row[name] + 1) % P})
    x_d, y_d = row["x_d"], y_of_d(row)
    e = (y_end + y_d) * pow(x_d - x_end, -1, P) + (name != "x_out")
    x = row["fixed_x"] + 1 if name == "x_out" else e * e - x_d - x_end
    y = e * (x - x_end) - y_end if name == "slope_e" else e * (x - x_d) + y_d
    return row | taking(row, "fixed", (x, y)) | {"slope_e": centred(e)}


@pytest.mark.parametrize("name", STEP)
def test_every_column_of_the_last_step_follows_by_its_law(name: str) -> None:
    cheat = forced_at_the_end(name)
    assert (cheat["x_out"], cheat["y_out"]) == END
    assert sentences(Ladder, *rows()[:32], cheat) == {name.replace("_", " ")}


# Limb by limb.


def shifted(at: Point, axis: int, limb: int) -> Point:
    """A point one limb of which is another."""
    found = list(at)
    found[axis] ^= 1 << (16 * limb)
    return found[0], found[1]


@pytest.mark.parametrize("limb", range(16))
@pytest.mark.parametrize("axis", [0, 1])
def test_a_row_that_starts_elsewhere_in_one_limb_breaks_one_constraint(
    axis: int, limb: int
) -> None:
    row = told()[20]
    x, y = shifted((row["x"], row["y"]), axis, limb)
    cheat = [*told()[:20], *carried([row | {"x": x, "y": y}, *told()[21:]])]
    found = helped(alone(Ladder), filled(alone(Ladder), {LADDERS: cheat}))
    assert found.of(LADDERS, range(ROWS)) == [f"{'xy'[axis]} goes on"]
    assert found.names == {f"{'xy'[axis]} goes on"}


@pytest.mark.parametrize("limb", range(16))
@pytest.mark.parametrize("axis", [0, 1])
def test_a_ladder_that_ends_elsewhere_in_one_limb_breaks_one_constraint(
    axis: int, limb: int
) -> None:
    cheat = [*told()[:32], aimed(told()[32], shifted(END, axis, limb))]
    found = helped(alone(Ladder), filled(alone(Ladder), {LADDERS: cheat}))
    assert found.of(LADDERS, range(ROWS)) == [f"{'xy'[axis]} ends at END"]
    assert found.names == {f"{'xy'[axis]} ends at END"}


def test_the_end_is_compared_as_an_integer() -> None:
    """Even the other representative would not do; END has none below 2**256."""
    assert END[0] + P >= 2**256
    assert END[1] + P >= 2**256


# Operands with the same x.

ADDITIONS = ("first", "second", "fixed")
BEFORE = {"first": "x", "second": "x_b", "fixed": "x_d"}
SLOPES = {"first": "slope_a", "second": "slope_c", "fixed": "slope_e"}


def left_operand(row: Row, name: str) -> Point:
    """What a multiple is added to."""
    if name == "first":
        return row["x"], row["y"]
    if name == "fixed":
        return row["x_d"], y_of_d(row)
    b = row["slope_b"] - MIDDLE
    return row["x_b"], (b * (row["x"] - row["x_b"]) - row["y"]) % P


def added_to_itself(name: str, free: int) -> list[Row]:
    """Row 11 adds a point to itself, and its slope is the prover's to choose."""
    row = told()[11]
    row = row | taking(row, name, left_operand(row, name))
    lie = climbed(row, **{SLOPES[name]: free})
    return carried([*told()[:11], lie, *told()[12:]], 11)


@pytest.mark.parametrize("free", [0, 1, 2**255, P - 1])
@pytest.mark.parametrize("name", ADDITIONS)
def test_a_point_added_to_itself_meets_every_law_and_is_refused(name: str, free: int) -> None:
    cheat = added_to_itself(name, free)
    assert (cheat[-1]["x_out"], cheat[-1]["y_out"]) == END
    assert sentences(Ladder, *cheat) == {f"{name}: the points have different x"}


TINY = (1, square_root(8))
"""A point whose x has two representatives below 2**256."""

OTHER = (2, square_root(15))


def meeting(name: str, right: Point, *, left_up: int, right_up: int) -> list[Row]:
    """Row 0 adds `right` to TINY, and each x may be told with P on top."""
    row = told()[0]
    forced = {SLOPES[name]: 1} if right[0] == TINY[0] else {}
    before: Point = (row["x"], row["y"])
    if name == "first":
        row = row | {"x": TINY[0] + left_up, "y": TINY[1]}
    elif name == "second":
        row = row | taking(row, "first", sum_of((1, TINY), (-2, before)))
        forced |= {"x_b": TINY[0] + left_up}
    else:
        b = sum_of((2, before), (1, operand(row, "first")))
        row = row | taking(row, "second", sum_of((1, TINY), (-2, b)))
        forced |= {"x_d": TINY[0] + left_up}
    row = row | taking(row, name, right)
    row[f"{name}_x"] += right_up
    lie = climbed(row, **forced)
    assert lie[BEFORE[name]] == TINY[0] + left_up
    return carried([lie, *told()[1:]], 0)


@pytest.mark.parametrize("name", ADDITIONS)
@pytest.mark.parametrize(("left_up", "right_up"), [(0, 0), (P, 0), (0, P), (P, P)])
def test_no_representative_hides_that_two_points_have_one_x(
    left_up: int, right_up: int, name: str
) -> None:
    ups = {"left_up": left_up, "right_up": right_up}
    assert sentences(Ladder, *meeting(name, OTHER, **ups)) == set()
    same_x = f"{name}: the points have different x"
    assert sentences(Ladder, *meeting(name, TINY, **ups)) == {same_x}
    # of opposite points no slope meets the law either
    law = SLOPES[name].replace("_", " ")
    assert sentences(Ladder, *meeting(name, opposite(TINY), **ups)) == {same_x, law}


@pytest.mark.parametrize("name", ADDITIONS)
@pytest.mark.parametrize("times", [1, -1, 2**100])
def test_a_difference_that_the_native_field_does_not_see_is_refused_too(
    name: str, times: int
) -> None:
    """An honest prover meets this once in 2**22 signatures, and takes another start."""
    row = told()[11]
    x = left_operand(row, name)[0]
    for beside, refused in (
        (-1, set()),
        (0, {f"{name}: the points have different x"}),
        (1, set()),
    ):
        lie = climbed(row | taking(row, name, (x + times * NATIVE + beside, 12345)))
        assert sentences(Ladder, *carried([*told()[:11], lie, *told()[12:]], 11)) == refused


@pytest.mark.parametrize("name", ADDITIONS)
def test_the_square_of_a_difference_is_its_square(name: str) -> None:
    program = alone(Ladder)
    found = filled(program, {LADDERS: rows()})
    cell = program[LADDERS].cells.index
    square, inverse = cell(f"{name}_square"), cell(f"{name}_inverse")
    row = told()[4]
    difference = row[f"{name}_x"] - row[BEFORE[name]]
    other = (difference**2 + 1) % NATIVE
    found[LADDERS][4, square] = other
    found[LADDERS][4, inverse] = pow(difference * (other - P * P), -1, NATIVE)
    assert helped(program, found).names == {f"{name}: square of the difference"}


def test_every_sentence_has_its_cheat() -> None:
    limbs = {"x goes on", "y goes on", "x ends at END", "y ends at END"}
    differences = {
        f"{name}: {said}"
        for name in ADDITIONS
        for said in ("square of the difference", "the points have different x")
    }
    assert {name for name, _ in ORDER} | set(LAWS) | limbs | differences == sentences_of(Ladder)


# Keys that make an addition exceptional.

Form = tuple[int, int]
"""(u, v) is the point u*G + v*Q, whatever the key Q is."""


@dataclass(frozen=True)
class Meeting:
    """Where a ladder would add a point to itself or to its opposite: row and addition."""

    row: int
    name: str
    sign: int


def plus(*terms: tuple[int, Form]) -> Form:
    return sum(k * u for k, (u, _) in terms) % N, sum(k * v for k, (_, v) in terms) % N


def meetings(u1: int, u2: int) -> Iterator[tuple[Meeting, int]]:
    """For R = u1*G + u2*Q and the first start: each exceptional addition, and the private key that
    leads to it."""
    a, b = reference.decomposition(u2)
    key, nonce = (0, 1), (u1, u2)
    octets = octets_of(-u1 * image(b) * pow(2, -1, N), 0, 0)
    here: Form = (1, 0)
    digits = [
        plus((image(dq), key), (image(dr), nonce)) for dq, dr in reversed(reference.digits(a, b))
    ]
    for row in range(ROWS):
        first, second = digits[2 * row : 2 * row + 2]
        fixed = ((2 * octets[row] - 255) << (62 * stream_of(row)), 0)
        middle = plus((2, here), (1, first))
        last = plus((2, middle), (1, second))
        for name, left, right in (
            ("first", here, first),
            ("doubling", plus((1, here), (1, first)), here),
            ("second", middle, second),
            ("second doubling", plus((1, middle), (1, second)), middle),
            ("fixed", last, fixed),
        ):
            for sign in (1, -1):
                u, v = plus((1, left), (-sign, right))
                if v:
                    yield Meeting(row, name, sign), -u * pow(v, -1, N) % N
        here = plus((1, last), (1, fixed))


MET = {
    Meeting(0, "first", 1): 258,
    Meeting(0, "first", -1): 1243,
    Meeting(0, "doubling", -1): 115,
    Meeting(0, "second", 1): 754,
    Meeting(0, "second", -1): 1731,
    Meeting(0, "second doubling", -1): 73,
    Meeting(0, "fixed", 1): 203,
    Meeting(0, "fixed", -1): 167,
    Meeting(1, "first", 1): 108,
    Meeting(1, "first", -1): 1102,
    Meeting(1, "doubling", -1): 332,
    Meeting(1, "second", 1): 221,
    Meeting(1, "second", -1): 438,
    Meeting(1, "second doubling", -1): 513,
    Meeting(1, "fixed", 1): 44,
    Meeting(1, "fixed", -1): 349,
    Meeting(16, "first", 1): 390,
    Meeting(16, "first", -1): 1931,
    Meeting(16, "doubling", -1): 758,
    Meeting(16, "second", 1): 449,
    Meeting(16, "second", -1): 54,
    Meeting(16, "second doubling", -1): 115,
    Meeting(16, "fixed", 1): 200,
    Meeting(16, "fixed", -1): 657,
}
"""Every kind of exceptional addition in three rows, each with the multipliers (powers of 5 and 7)
that lead to a canonical digest. A = P or C = B would take an addend that is no point."""

MET_AT_THE_END = {
    Meeting(32, "first", 1): 119,
    Meeting(32, "first", -1): 137,
    Meeting(32, "doubling", -1): 43,
    Meeting(32, "second", 1): 1240,
    Meeting(32, "second", -1): 1417,
}
"""The same in the last row, where D is END - fixed, whatever the key."""


def aimed_at(at: Meeting) -> Claim:
    """A valid signature whose ladder meets this addition, if it takes the first start."""
    power = (MET | MET_AT_THE_END)[at]
    u1, u2 = pow(5, power, N), pow(7, power, N)
    secret = dict(meetings(u1, u2))[at]
    nonce = point(u1 + u2 * secret)
    s = nonce[0] * pow(u2, -1, N) % N
    return Claim(u1 * s % N, point(secret), nonce, s)


@pytest.mark.parametrize("at", MET, ids=str)
def test_a_key_aimed_at_an_exceptional_addition_takes_another_start(at: Meeting) -> None:
    claim = aimed_at(at)
    assert is_word(claim.z)
    rows = honest(claim)
    assert rows[SIGNATURES][0]["start_half"] == 1
    if at.sign < 0:
        with pytest.raises(ValueError, match="not invertible"):
            witness(claim)
    else:
        refused = refusals(witness(claim))
        assert refused == {f"{at.name}: the points have different x"}


def test_keys_aimed_at_exceptional_additions_are_proven() -> None:
    assert refusals(honest(*map(aimed_at, MET))) == set()


@pytest.mark.parametrize("at", MET_AT_THE_END, ids=str)
def test_a_key_aimed_at_the_last_row_is_proven_with_scalars_times_a_unit(at: Meeting) -> None:
    """No start would do: the last row adds to (END - fixed - second - 2*first)/4, and of E only its
    lowest byte takes part, which neither the start nor the spare byte moves."""
    claim = aimed_at(at)
    assert is_word(claim.z)
    for start, spare in ((0, 0), (1, 0), (127, 255)):
        if at.sign < 0:
            with pytest.raises(ValueError, match="not invertible"):
                witness(claim, start=start, spare=spare)
        else:
            rows = witness(claim, start=start, spare=spare)
            assert sentences(Ladder, *rows[LADDERS]) == {f"{at.name}: the points have different x"}
    a, b = reference.decomposition(claim.r * pow(claim.s, -1, N) % N)
    turned = {"a": reference.e_mul((0, -1), a), "b": reference.e_mul((0, -1), b)}
    assert refusals(witness(claim, **turned)) == set()
    exact = reference.witness(claim.z, claim.r, claim.s, claim.key)
    reference.check(exact)
    assert exact.signature.start_byte == 129
    rows = honest(claim)
    assert [rows[SIGNATURES][0][name] for name in ("start_half", "a", "b")] == [
        1, exact.signature.a, exact.signature.b,
    ]  # fmt: skip
    assert refusals(rows) == set()


def test_the_kernel_turns_the_scalars_where_no_start_would_do() -> None:
    rows = honest(*map(aimed_at, MET_AT_THE_END))
    assert {row["start_half"] for row in rows[SIGNATURES]} == {1}
    assert refusals(rows) == set()


def test_no_key_meets_a_last_addition_that_is_exceptional() -> None:
    """D = END - fixed: that D is +-fixed or no point would be a relation between constants."""
    for half in range(128):
        multiple = fixed_points()[0, half]
        assert END not in (multiple, opposite(multiple))
        for at in (multiple, opposite(multiple)):
            difference = (multiple[0] - sum_of((1, END), (-1, at))[0]) % NATIVE
            assert difference not in (0, P % NATIVE, -P % NATIVE)


# The run as a whole.


def test_a_ladder_ends_at_what_its_odd_digits_fall_short_of() -> None:
    assert point(-FIXED_MULTIPLE) == END
    assert (
        sum(255 << (62 * stream_of(k) + 2 * (32 - k)) for k in range(ROWS)) + (255 << 66)
        == FIXED_MULTIPLE
    )


@pytest.mark.parametrize("start", [0, 1, 63, 127])
@pytest.mark.parametrize("spare", [0, 127, 128, 255])
def test_every_start_and_every_spare_byte_serves(start: int, spare: int) -> None:
    rows = witness(sample(2), start=start, spare=spare)
    assert sentences(Ladder, *rows[LADDERS]) == set()
    assert rows[LADDERS][0]["fixed_half"] == (spare - 128 if spare >= 128 else 127 - spare)


def test_every_intermediate_point_is_on_the_curve() -> None:
    for row in told():
        for name in ADDITIONS:
            assert is_on_curve(left_operand(row, name))
            assert is_on_curve(operand(row, name))
