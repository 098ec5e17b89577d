"""Expressions: a law called with columns is recorded, and its bounds are followed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.air import Expression, Row, Table, below, bit, element, limbs, limbs16, signed, unsigned
from novate.air.expression import Operation, bounded, constant


class Sample(Table):
    """Columns to make laws of."""

    a, b = unsigned(8), signed(6)
    wide = unsigned(40)
    few = below(11)
    flag = bit()
    e = element()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Any]:
        return iter(())


ROW = Row(Sample)
NAMES = ("a", "b", "wide", "few", "flag")
BOUNDS = {name: getattr(ROW, name).bounds for name in NAMES}

Law = Callable[[dict[str, Any]], Any]


@st.composite
def laws(draw: st.DrawFn, depth: int = 4) -> Law:
    """A function of `+ - *` over the columns and constants."""
    if depth == 0 or draw(st.booleans()):
        if draw(st.booleans()):
            value = draw(st.integers(-(2**70), 2**70) | st.integers(-2, 2))
            return lambda of: value
        name = draw(st.sampled_from(NAMES))
        return lambda of: of[name]
    left, right = draw(laws(depth=depth - 1)), draw(laws(depth=depth - 1))
    match draw(st.sampled_from("+-*~")):
        case "+":
            return lambda of: left(of) + right(of)
        case "-":
            return lambda of: left(of) - right(of)
        case "*":
            return lambda of: left(of) * right(of)
        case _:
            return lambda of: -left(of)


columns = st.fixed_dictionaries({name: st.integers(*BOUNDS[name]) for name in NAMES})


def worth(expression: Expression, of: dict[str, int]) -> int:
    """The integer that a recorded law takes."""
    match expression.operation:
        case Operation.CONSTANT:
            return expression.value
        case Operation.COLUMN:
            assert expression.reference is not None
            return of[expression.reference.name]
    a, b = (worth(argument, of) for argument in expression.arguments)
    return {Operation.ADD: a + b, Operation.SUB: a - b, Operation.MUL: a * b}[expression.operation]


@given(laws(), columns)
def test_a_recorded_law_is_the_law_and_stays_within_its_bounds(
    law: Law, of: dict[str, int]
) -> None:
    recorded = law({name: getattr(ROW, name) for name in NAMES})
    if isinstance(recorded, int):
        return
    low, high = recorded.bounds
    assert low <= law(of) == worth(recorded, of) <= high


@pytest.mark.parametrize(
    ("law", "bounds"),
    [
        (lambda r: r.a + r.b, (-32, 286)),
        (lambda r: r.a - r.b, (-31, 287)),
        (lambda r: r.a * r.b, (-8160, 7905)),
        (lambda r: -r.a, (-255, 0)),
        (lambda r: 3 - r.few, (-7, 3)),
        (lambda r: -2 * r.few, (-20, 0)),
        (lambda r: (1 - r.flag) * r.a, (0, 255)),
        (lambda r: r.wide * r.wide, (0, ((1 << 40) - 1) ** 2)),
    ],
)
def test_bounds_are_those_of_the_extremes(
    law: Callable[[Row], Expression], bounds: tuple[int, int]
) -> None:
    assert law(ROW).bounds == bounds


@pytest.mark.parametrize(
    ("law", "result"),
    [
        (lambda r: r.a + 0, "a"),
        (lambda r: 0 + r.a, "a"),
        (lambda r: r.a - 0, "a"),
        (lambda r: 1 * r.a, "a"),
        (lambda r: r.a * 0, "0"),
        (lambda r: constant(3) * constant(4) - 2, "10"),
        (lambda r: -(r.a + r.b), "-(a + b)"),
        (lambda r: r.a - (r.b - r.few), "a - (b - few)"),
        (lambda r: (r.a + 1) * r.next.b, "(a + 1)*next b"),
        (lambda r: r.a * 2**40, "a*2**40"),
        (
            lambda r: limbs16(r.wide, 3)[2] + limbs(r.wide, 8, 5)[1],
            "wide.bits16[2] + wide.bits8[1]",
        ),
    ],
)
def test_a_law_is_printed_as_it_would_be_written(
    law: Callable[[Row], Expression], result: str
) -> None:
    assert str(law(ROW)) == result


def test_an_element_takes_the_bounds_away() -> None:
    for law in (ROW.e, ROW.e + ROW.a, ROW.a - ROW.e, ROW.e * 3):
        assert law.is_field
        with pytest.raises(TypeError, match="over field elements"):
            _ = law.bounds
    assert (ROW.e * 0).is_constant


@pytest.mark.parametrize("branch", [bool, lambda x: x or 1, lambda x: 1 if x == 0 or x else 2])
def test_a_law_has_no_branches(branch: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="a law has no branches"):
        branch(ROW.a)


@pytest.mark.parametrize("operand", [0.5, 1.0, True, False, "1", None])
def test_a_law_is_over_integers(operand: object) -> None:
    for law in (
        lambda: ROW.a + operand,
        lambda: operand - ROW.a,
        lambda: ROW.a * operand,
    ):
        with pytest.raises(TypeError):
            law()


@pytest.mark.parametrize(
    ("value", "bits", "count", "error"),
    [
        (ROW.b, 16, 1, TypeError),  # a signed column is stored with an offset
        (ROW.e, 16, 1, TypeError),
        (ROW.a + 1, 16, 1, TypeError),
        (ROW.flag, 16, 1, TypeError),
        (ROW.wide, 12, 4, ValueError),
        (ROW.wide, 16, 2, ValueError),
        (ROW.wide, 8, 4, ValueError),
    ],
)
def test_what_has_no_limbs_is_refused(
    value: Expression, bits: int, count: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"limbs of|does not fit"):
        limbs(value, bits, count)


@pytest.mark.parametrize(
    ("bits", "count", "used"), [(16, 3, 3), (16, 5, 3), (8, 5, 5), (8, 6, 5), (24, 2, 2)]
)
def test_limbs_beyond_the_width_are_zero(bits: int, count: int, used: int) -> None:
    pieces = limbs(ROW.wide, bits, count)
    assert len(pieces) == count
    assert [piece.is_constant for piece in pieces] == [False] * used + [True] * (count - used)
    assert all(piece.bounds == (0, (1 << bits) - 1) for piece in pieces[:used])
    assert all(piece.value == 0 for piece in pieces[used:])


def test_bounds_that_an_author_vouches_for_change_nothing_else() -> None:
    law = ROW.a + ROW.flag
    vouched = bounded(law, 0, 1)
    assert vouched.bounds == (0, 1)
    assert (vouched.operation, vouched.arguments) == (law.operation, law.arguments)
