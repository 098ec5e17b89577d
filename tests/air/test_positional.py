"""Digits, groups and carries: the arithmetic of laws that are wider than the field."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from novate.air import Expression, Row, Table, below, bit, limbs, signed, unsigned
from novate.air.expression import Operation
from novate.air.layout import Placed, place
from novate.air.nodes import Code, Nodes
from novate.air.positional import (
    Carrier,
    Grouping,
    Positional,
    Term,
    TooWide,
    cannot_wrap,
    carry_bounds,
    carry_cost,
    constant_digits,
)
from novate.air.table import scalars
from novate.field import P


@given(st.integers(-(2**300), 2**300))
def test_the_digits_of_a_constant_are_the_constant(value: int) -> None:
    digits = constant_digits(value)
    assert sum(digit << position for position, digit in digits.items()) == value
    assert all(-128 <= digit < 128 and digit for digit in digits.values())


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (0, {}),
        (1, {0: 1}),
        (-1, {0: -1}),
        (127, {0: 127}),
        (128, {0: -128, 8: 1}),
        (255, {0: -1, 8: 1}),
        (256, {8: 1}),
        (-(2**64), {64: -1}),
        # sparse constants stay sparse
        (2**256 - 2**32 - 977, {0: 47, 8: -4, 32: -1, 256: 1}),
    ],
)
def test_constants_have_balanced_digits(value: int, digits: dict[int, int]) -> None:
    assert constant_digits(value) == digits


class Sample(Table):
    """Columns of many widths."""

    a = unsigned(40)
    b = signed(50)
    c = below(1000)
    d = signed(9)
    e = unsigned(256)
    f = bit()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Any]:
        return iter(())


ROW = Row(Sample)
NAMES = tuple(Sample.columns)


def placed_in(limb_bits: int) -> dict[str, Placed]:
    """The columns of the sample, in limbs of one width."""
    found: dict[str, Placed] = {}
    cells = 0
    for name, column in Sample.columns.items():
        for reference in scalars(name, column.kind):
            found[reference.name] = place(reference.kind, cells, limb_bits)
            cells += len(found[reference.name].limbs)
    return found


def stored(placed: dict[str, Placed], of: dict[str, int]) -> dict[int, int]:
    """The cells that hold these values."""
    return {
        limb.cell: (of[name] + where.offset >> limb.position) & ((1 << limb.bits) - 1)
        for name, where in placed.items()
        for limb in where.limbs
    }


def worth(nodes: Nodes, root: int, cells: dict[int, int]) -> int:
    """A node over the integers: no reduction, and constants as the numbers closest to zero."""
    code, a, b = nodes.entries[root]
    match code:
        case Code.CONSTANT:
            return a if a < P // 2 else a - P
        case Code.LOCAL:
            return cells[a]
    left, right = worth(nodes, a, cells), worth(nodes, b, cells)
    return {Code.ADD: left + right, Code.SUB: left - right, Code.MUL: left * right}[Code(code)]


@st.composite
def laws(draw: st.DrawFn) -> Expression:
    """A sum of products of columns with coefficients, of degree two."""
    law: Any = draw(st.integers(-(2**90), 2**90))
    for _ in range(draw(st.integers(1, 4))):
        factor: Any = getattr(ROW, draw(st.sampled_from(NAMES)))
        if draw(st.booleans()):
            factor = factor * getattr(ROW, draw(st.sampled_from(NAMES)))
        coefficient = draw(st.integers(-(2**70), 2**70) | st.sampled_from([1, -1, 2**64]))
        law = law + factor * coefficient if draw(st.booleans()) else law - coefficient * factor
    assume(isinstance(law, Expression) and not law.is_constant)
    return law


extremes = st.fixed_dictionaries(
    {
        name: st.sampled_from([kind.low, kind.high, 0]) | st.integers(kind.low, kind.high)
        for name, column in Sample.columns.items()
        for kind in [column.kind]
    }
)


def value(law: Expression, of: dict[str, int]) -> int:
    """The law over integers."""
    match law.operation:
        case Operation.CONSTANT:
            return law.value
        case Operation.COLUMN:
            assert law.reference is not None
            return of[law.reference.name]
    a, b = (value(argument, of) for argument in law.arguments)
    return {Operation.ADD: a + b, Operation.SUB: a - b, Operation.MUL: a * b}[law.operation]


@given(laws(), extremes, st.sampled_from([8, 16]))
def test_digits_add_up_to_the_law_and_keep_their_bounds(
    law: Expression, of: dict[str, int], limb_bits: int
) -> None:
    nodes, placed = Nodes(), placed_in(limb_bits)
    positional = Positional(nodes, placed, direct=lambda expression: 0)
    digits, cells = positional.digits(law), stored(placed, of)
    found = {position: worth(nodes, term.node, cells) for position, term in digits.items()}
    assert sum(digit << position for position, digit in found.items()) == value(law, of)
    for position, term in digits.items():
        assert term.low <= found[position] <= term.high


def test_a_digit_of_a_column_below_a_bound_keeps_the_bound_in_one_cell_alone() -> None:
    """In several cells only their bits are known; the bound is a law of its own."""
    positional = Positional(Nodes(), placed_in(16), direct=lambda expression: 0)
    assert positional.digits(ROW.c)[0].high == 999
    lowest, offset = positional.digits(ROW.d)[0], positional.digits(ROW.d)[8]
    assert (lowest.low, lowest.high, offset.low, offset.high) == (0, 511, -1, -1)


def test_a_limb_is_one_digit() -> None:
    nodes = Nodes()
    cell = nodes.local(3)
    positional = Positional(nodes, placed_in(8), direct=lambda expression: cell)
    assert positional.digits(limbs(ROW.a, 24, 2)[1]) == {0: Term(cell, 0, (1 << 24) - 1)}


terms = st.builds(
    lambda low, width: Term(0, low, low + width),
    st.integers(-3 * P, 3 * P),
    st.integers(0, 3 * P),
)


@given(terms, st.integers(1, 40), st.data())
def test_the_carry_of_every_total_that_is_a_multiple_is_in_range(
    total: Term, shift: int, data: st.DataObject
) -> None:
    least, bits = carry_bounds(total, shift)
    low, high = -(-total.low >> shift), total.high >> shift
    assume(low <= high)
    carry = data.draw(st.integers(low, high))
    assert least <= carry < least + (1 << bits)


@given(terms, st.integers(1, 34))
def test_where_nothing_wraps_no_carry_stands_for_another(total: Term, shift: int) -> None:
    """`total = carry * 2**shift` in the field is the same over the integers: the difference of any
    total and any carry is smaller than p. Where it is not, some difference is p or more."""
    least, bits = carry_bounds(total, shift)
    most = least + (1 << bits) - 1
    differences = [t - (c << shift) for t in (total.low, total.high) for c in (least, most)]
    assert cannot_wrap(total, shift) is (max(map(abs, differences)) < P)


@pytest.mark.parametrize(("most", "fits"), [(P - 2, True), (P - 1, True), (P, False)])
def test_a_total_wraps_from_p_on(most: int, fits: bool) -> None:
    """With a shift beyond it, the only carries are 0 and 1, of which 1 reaches 2**shift."""
    assert cannot_wrap(Term(0, 0, most), 30) is fits
    assert cannot_wrap(Term(0, -most, -most), 8) is (carry_reach(-most, 8) < P)


def carry_reach(low: int, shift: int) -> int:
    """How far a constant total and its carries lie apart."""
    least, bits = carry_bounds(Term(0, low, low), shift)
    return max(abs(low - (c << shift)) for c in (least, least + (1 << bits) - 1))


@pytest.mark.parametrize(("bits", "cells"), [(1, 1), (14, 1), (15, 2), (16, 1), (17, 2), (30, 2)])
def test_a_carry_costs_its_cells_and_their_lookups(bits: int, cells: int) -> None:
    assert carry_cost(bits) == cells * carry_cost(1)


class Chain(Carrier):
    """Keeps the groups of a law; each carry is a cell of its own."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.groups: list[tuple[Term, int]] = []
        self.last: Term | None = None

    def out(self, total: Term, shift: int) -> Term:
        self.groups.append((total, shift))
        least, bits = carry_bounds(total, shift)
        node = self.nodes.local(1_000 + len(self.groups))
        return Term(node, least, least + (1 << bits) - 1)

    def finish(self, total: Term) -> None:
        self.last = total


@given(laws(), extremes, st.sampled_from([8, 16]))
def test_groups_never_wrap_and_their_carries_lead_to_the_law(
    law: Expression, of: dict[str, int], limb_bits: int
) -> None:
    nodes, placed = Nodes(), placed_in(limb_bits)
    positional = Positional(nodes, placed, direct=lambda expression: 0)
    chain = Chain(nodes)
    try:
        Grouping(nodes, positional.digits(law)).run(chain)
    except TooWide as problem:
        assert problem.bits > 30
        return
    assert chain.last is not None
    digits, cells = positional.digits(law), stored(placed, of)
    found = {position: worth(nodes, term.node, cells) for position, term in digits.items()}
    start, carry, left = min(found), 0, 0
    for number, (total, shift) in enumerate(chain.groups, start=1):
        assert cannot_wrap(total, shift)
        inside = {at: digit for at, digit in found.items() if start <= at < start + shift}
        exact = carry + sum(digit << (at - start) for at, digit in inside.items())
        assert total.low <= exact <= total.high
        assert worth(nodes, total.node, cells) % P == exact % P
        # what does not divide is left behind: the law is zero exactly when nothing is
        carry, rest = exact >> shift, exact & ((1 << shift) - 1)
        cells[1_000 + number] = carry
        left += rest << start
        start += shift
    end = carry + sum(digit << (at - start) for at, digit in found.items() if at >= start)
    assert chain.last.low <= end <= chain.last.high
    assert worth(nodes, chain.last.node, cells) % P == end % P
    assert max(-chain.last.low, chain.last.high) < P
    assert left + (end << start) == value(law, of)


def test_a_digit_that_could_wrap_is_refused_with_its_place_and_width() -> None:
    nodes = Nodes()
    digits = {0: Term(nodes.local(0), 0, 255), 40: Term(nodes.local(1), 0, P)}
    with pytest.raises(TooWide) as problem:
        Grouping(nodes, {16: Term(nodes.local(1), 0, 4 * P), **digits}).run(Chain(nodes))
    assert (problem.value.position, problem.value.bits) == (16, 33)
    assert "the digit at bit 16 needs 33 bits; a field element holds 30" in str(problem.value)
