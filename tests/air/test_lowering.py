"""What the language lowers, accepts and refuses, on small tables of integers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from novate.air import (
    BrokenSentence,
    Expression,
    LawRefused,
    Program,
    ProgramRefused,
    Row,
    Statement,
    Table,
    Trace,
    below,
    bit,
    check,
    choice,
    element,
    equal,
    first,
    followed,
    last,
    limbs,
    lookup,
    lookup_bus,
    modular,
    permutation_bus,
    provide,
    receive,
    send,
    signed,
    trace,
    unsigned,
    vector,
    when,
    zero,
)
from novate.air.kind import Column
from novate.air.lowering import DEGREE_MAX, LoweredTable, Lowering
from novate.air.program import RANGE_BUSES
from novate.air.ranges import U16
from novate.air.witness import _array, matrix
from novate.field import P

from .evaluation import Cells, broken, out_of_range, rolled, values

PRIME = 2**256 - 2**32 - 977


class Payment(Table):
    """A rounded quotient whose law needs 78 bits."""

    size, move = signed(28), signed(50)
    payment, dust = signed(63), below(10**10)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        law = row.payment * 10**10 - row.size * row.move - row.dust
        yield zero("payment is size times move, rounded up", law)


class Product(Table):
    """A product modulo the prime of a curve."""

    a, b, c = unsigned(256), unsigned(256), unsigned(256)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield modular("c is a times b", row.a * row.b - row.c, PRIME)


PAYMENT, PRODUCT = Program([Payment]), Program([Product])

Says = Callable[[Row], Any]


def table_of(columns: dict[str, Any], *statements: Says, name: str = "Sample") -> type[Table]:
    """A table that says these things."""

    def constrain(cls: type[Table], row: Row) -> Iterator[Statement]:
        for statement in statements:
            made = statement(row)
            yield from made if isinstance(made, Iterator) else [made]

    return type(name, (Table,), {**columns, "constrain": classmethod(constrain)})


# Laws: satisfied exactly when the integer is zero, whatever a cheat puts into the hidden cells.


def solved(lowered: LoweredTable, cells: Cells, *, split: bool) -> None:
    """Give the carries of the first row the values that the field asks for, ranges or not.

    Each group but the last names a new carry, so its equation leaves one value for it; only ranges
    and the last equation are left to refuse.
    """
    known: set[int] = set()
    for constraint in lowered.constraints:
        own = [
            cell
            for cell in sorted(lowered.nodes.cells(constraint.node) - known)
            if lowered.cells[cell].startswith("carry ")
        ]
        if not own:
            continue
        known.update(own)
        cells[0, own] = 0
        local = np.repeat(cells[:1], 2, axis=0)
        local[1, own[0]] = 1
        at_zero, at_one = (int(v) for v in values(lowered, constraint.node, local, rolled(local)))
        if at_one == at_zero:
            continue  # the sentence is not about this row
        carry = -at_zero * pow(at_one - at_zero, -1, P) % P
        if split and len(own) == 2:
            cells[0, own] = (carry & 0xFFFF, carry >> 16)
        else:
            cells[0, own[0]] = carry


def filled(program: Program, table: str, columns: dict[str, Any]) -> Cells:
    """One row with these columns; carries are still zero."""
    arrays = {name: _array([value]) for name, value in columns.items()}
    return matrix(program[table], arrays, 1).astype(np.int64)


def is_wrong(lowered: LoweredTable, cells: Cells) -> bool:
    """Whether a sentence or a range refuses these cells."""
    return bool(broken(lowered, cells, rolled(cells)) or out_of_range(lowered, cells))


def is_refused(program: Program, table: str, columns: dict[str, Any]) -> bool:
    """Whether one row is refused with every carry that a cheat could want."""
    lowered, cells = program[table], filled(program, table, columns)
    verdicts = []
    for split in (False, True):
        solved(lowered, cells, split=split)
        verdicts.append(is_wrong(lowered, cells))
    return all(verdicts)


def holds(program: Program, table: str, columns: dict[str, Any]) -> bool:
    """Whether one row is accepted: as the language fills it, and with carries solved here."""
    made = trace(program, {table: {name: [value] for name, value in columns.items()}})
    return check(program, made) == [] and not is_wrong(program[table], made[table].astype(np.int64))


RESULT = "the result is the law"
KINDS: dict[str, Callable[[], Any]] = {
    "bit": bit,
    "byte": lambda: unsigned(8),
    "u16": lambda: unsigned(16),
    "u17": lambda: unsigned(17),
    "u30": lambda: unsigned(30),
    "u34": lambda: unsigned(34),
    "u63": lambda: unsigned(63),
    "u64": lambda: unsigned(64),
    "u256": lambda: unsigned(256),
    "below_1000": lambda: below(1000),
    "below_10_10": lambda: below(10**10),
    "s8": lambda: signed(8),
    "s31": lambda: signed(31),
    "s64": lambda: signed(64),
    "s200": lambda: signed(200),
}


@st.composite
def laws(draw: st.DrawFn) -> tuple[dict[str, Column], Callable[[Any], Any]]:
    """Columns of some kinds, and a sum of products of them with coefficients."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4))
    columns = {f"x{i}": KINDS[kind]() for i, kind in enumerate(kinds)}
    names = st.sampled_from(sorted(columns))
    terms = [
        (
            draw(st.integers(-(2**60), 2**60) | st.sampled_from([1, -1, 2**64, -(10**10)])),
            draw(names),
            draw(st.none() | names),
        )
        for _ in range(draw(st.integers(1, 4)))
    ]
    constant = draw(st.sampled_from([0, 1, -(2**40)]) | st.integers(-(2**80), 2**80))

    def law(row: Any) -> Any:
        total = constant
        for coefficient, a, b in terms:
            factor = getattr(row, a) if b is None else getattr(row, a) * getattr(row, b)
            total = total + coefficient * factor
        return total

    return columns, law


class Values:
    """A row of integers, for a law that is called with them."""

    def __init__(self, of: dict[str, int]) -> None:
        self.__dict__ |= of


@settings(max_examples=30)
@given(laws(), st.data())
def test_a_law_holds_for_its_integer_and_for_no_other(
    made: tuple[dict[str, Column], Callable[[Any], Any]], data: st.DataObject
) -> None:
    columns, law = made
    recorded = law(Row(table_of(columns, lambda r: iter(()))))
    assume(isinstance(recorded, Expression) and not recorded.is_constant)
    low, high = recorded.bounds
    width = max(-low, high + 1, 1).bit_length() + 1
    speaks = [lambda r, n=n: equal(f"{n} is itself", getattr(r, n), getattr(r, n)) for n in columns]
    table = table_of(
        {**columns, "result": signed(width)}, *speaks, lambda r: equal(RESULT, law(r), r.result)
    )
    try:
        program = Program([table])
    except LawRefused as problem:
        assert "could wrap the field" in str(problem)
        assume(False)
    given_ = {
        name: data.draw(
            st.sampled_from([column.kind.low, column.kind.high])
            | st.integers(column.kind.low, column.kind.high),
            label=name,
        )
        for name, column in columns.items()
    }
    right = law(Values(given_))
    assert holds(program, "sample", given_ | {"result": right})
    assert not is_refused(program, "sample", given_ | {"result": right})
    for error in (1, -1, P, -P, P << 16, data.draw(st.integers(1 - (1 << width), 1 << width))):
        wrong = right + error
        if error and -(1 << width - 1) <= wrong < 1 << width - 1:
            assert is_refused(program, "sample", given_ | {"result": wrong}), error


@settings(max_examples=15)
@given(
    st.sampled_from([-(2**27), 2**27 - 1]) | st.integers(-(2**27), 2**27 - 1),
    st.sampled_from([-(2**49), 2**49 - 1]) | st.integers(-(2**49), 2**49 - 1),
)
def test_a_rounded_quotient_holds_and_its_neighbours_do_not(size: int, move: int) -> None:
    paid = -(-size * move // 10**10)
    row = {"size": size, "move": move, "payment": paid, "dust": paid * 10**10 - size * move}
    assert holds(PAYMENT, "payment", row)
    assert not is_refused(PAYMENT, "payment", row)
    for wrong in ({"payment": paid - 1}, {"payment": paid + 1}, {"dust": (row["dust"] or 2) - 1}):
        assert is_refused(PAYMENT, "payment", row | wrong)


MULTIPLIED = "c is a times b"


@settings(max_examples=25)
@given(
    st.sampled_from([0, 1, PRIME - 1, 2**256 - 1]) | st.integers(0, 2**256 - 1),
    st.integers(0, 2**256 - 1),
    st.integers(0, 255),
    st.integers(-2, 2),
)
def test_a_product_modulo_a_prime_holds_and_no_other(a: int, b: int, place: int, off: int) -> None:
    lowered, right = PRODUCT["product"], a * b % PRIME
    assert holds(PRODUCT, "product", {"a": a, "b": b, "c": right})
    wrong = right ^ 1 << place
    assume((a * b - wrong) % PRIME)
    quotient = lowered.placed[f"quotient of {MULTIPLIED}"]
    for split in (False, True):
        cells = filled(PRODUCT, "product", {"a": a, "b": b, "c": wrong})
        # nearby quotients, and the one that is right in the field
        for value in ((a * b - wrong) // PRIME + off, (a * b - wrong) * pow(PRIME, -1, P) % P):
            for limb in quotient.limbs:
                mask = (1 << limb.bits) - 1
                cells[0, limb.cell] = (value + quotient.offset >> limb.position) & mask
            solved(lowered, cells, split=split)
            assert is_wrong(lowered, cells)


def test_the_other_representative_of_a_product_is_the_same_modulo_the_prime() -> None:
    """A modular sentence says nothing about size: who needs the smallest, bounds it."""
    small = {"a": 3, "b": 5, "c": 15}
    assert holds(PRODUCT, "product", small)
    assert holds(PRODUCT, "product", small | {"c": 15 + PRIME - PRIME})
    low = {"a": 1, "b": 2**32, "c": 2**32}
    assert holds(PRODUCT, "product", low)
    assert holds(PRODUCT, "product", low | {"b": 2**32 + PRIME})


@pytest.mark.parametrize(
    "bound", [3, 11, 1000, 2**16 - 1, 2**16 + 1, 10**10, 2**64 - 1, 2**200 + 1]
)
@pytest.mark.parametrize(("past", "inside"), [(-1, True), (0, False), (1, False)])
def test_a_bound_is_exact(bound: int, past: int, inside: bool) -> None:
    """Below, at and above: also where a cheat fills the cells that show the distance."""
    bits = (bound - 1).bit_length()
    table = table_of(
        {"x": below(bound), "y": unsigned(bits + 1)}, lambda r: equal("y is x", r.x, r.y)
    )
    program = Program([table])
    value = bound + past
    if inside:
        assert holds(program, "sample", {"x": value, "y": value})
        assert not is_refused(program, "sample", {"x": value, "y": value})
        return
    if value >> bits:
        return  # the cells of x cannot hold it
    lowered, cells = program["sample"], filled(program, "sample", {"x": 0, "y": value})
    placed, spare = (lowered.placed[name] for name in ("x", "x to its bound"))
    for distance in (0, (bound - 1 - value) % P, (bound - 1 - value) % (1 << bits)):
        for where, number in ((placed, value), (spare, distance)):
            for limb in where.limbs:
                cells[0, limb.cell] = number >> limb.position & ((1 << limb.bits) - 1)
        if len(spare.limbs) == 1:
            cells[0, spare.limbs[0].cell] = distance
        solved(lowered, cells, split=True)
        assert is_wrong(lowered, cells), (value, distance)


def test_a_law_under_a_flag_binds_only_the_rows_of_the_flag() -> None:
    columns = {"flag": bit(), "a": unsigned(60), "b": signed(94)}
    table = table_of(
        columns, lambda r: when(r.flag, equal("b is a squared, less one", r.a * 3**20 - 1, r.b))
    )
    program = Program([table])
    right = {"a": 2**60 - 1, "b": (2**60 - 1) * 3**20 - 1}
    for flag in (0, 1):
        assert holds(program, "sample", {"flag": flag, **right})
        assert not is_refused(program, "sample", {"flag": flag, **right})
    wrong = right | {"b": right["b"] + P}
    assert holds(program, "sample", {"flag": 0, **wrong})
    assert is_refused(program, "sample", {"flag": 1, **wrong})


# Rows: first, last, followed, padding.

COUNTER = Program(
    [
        table_of(
            {"index": unsigned(40), "odd": bit(), "side": choice("UP", "DOWN", "FLAT")},
            lambda r: first(equal("the first is 2**35", r.index, 2**35)),
            lambda r: followed(equal("rows are counted", r.next.index, r.index + 1)),
            lambda r: last(equal("the last is odd", r.odd, 1)),
            lambda r: when(r.side.UP, equal("up is odd", r.odd, 1)),
            name="Counter",
        )
    ]
)


def counted(rows: int, **changes: dict[int, int]) -> Trace:
    """So many rows that hold, but for the changes by row."""
    columns = {
        "index": [2**35 + i for i in range(rows)],
        "odd": [0] * (rows - 1) + [1] if rows else [],
        "side": [i % 2 + 1 for i in range(rows)],
    }
    for name, by_row in changes.items():
        for row, value in by_row.items():
            columns[name][row] = value
    return trace(COUNTER, {"counter": columns})


def sentences(made: Trace) -> set[tuple[str, int]]:
    """The broken sentences and their rows."""
    found = check(COUNTER, made)
    return {(f.sentence, f.row) for f in found if isinstance(f, BrokenSentence)}


@pytest.mark.parametrize("rows", [0, 1, 2, 15, 16, 17, 32])
def test_rows_are_counted_with_and_without_padding(rows: int) -> None:
    """Sixteen and thirty-two rows fill their table: what follows the last is the first."""
    assert check(COUNTER, counted(rows)) == []


@pytest.mark.parametrize("rows", [3, 16])
def test_a_sentence_speaks_of_its_rows_alone(rows: int) -> None:
    end = rows - 1
    assert sentences(counted(rows, index={0: 5})) == {
        ("the first is 2**35", 0),
        ("rows are counted", 0),
    }
    assert sentences(counted(rows, index={1: 5})) == {
        ("rows are counted", 0),
        *([("rows are counted", 1)] if end > 1 else []),
    }
    assert sentences(counted(rows, index={end: 5})) == {("rows are counted", end - 1)}
    assert sentences(counted(rows, odd={end: 0})) == {("the last is odd", end)}
    assert sentences(counted(rows, odd={0: 1})) == set()
    assert sentences(counted(rows, side={0: 0})) == {("up is odd", 0)}


@pytest.mark.parametrize(
    ("row", "cell", "value", "sentence"),
    [
        (2, "real", 2, "real is a bit"),
        (2, "real", P - 1, "real is a bit"),
        (0, "real", 0, "real never rises"),  # a row before is no longer real
        (9, "real", 1, "real never rises"),
        (15, "real", 1, "real never rises"),
        (1, "has_next", 0, "has next: the next row exists and is real"),
        (2, "has_next", 1, "has next: the next row exists and is real"),
        (15, "has_next", 1, "has next: the next row exists and is real"),
        (9, "odd", 1, "odd is a bit"),  # no bit speaks on padding
        (9, "odd", P - 1, "odd is a bit"),
        (1, "odd", 2, "odd is a bit"),
        (9, "side.DOWN", 1, "side takes one choice"),
        (1, "side.UP", 1, "side takes one choice"),
        (1, "side.DOWN", 2, "side.DOWN is a bit"),
    ],
)
def test_the_languages_own_flags_are_bound(row: int, cell: str, value: int, sentence: str) -> None:
    made = counted(3)
    made["counter"][row, COUNTER["counter"].cells.index(cell)] = value
    assert sentence in {name for name, _ in sentences(made)}


def test_no_row_at_all_is_a_row_that_is_missed() -> None:
    class Needed(Table):
        required = True
        public_values = 1
        a = element()

        @classmethod
        def constrain(cls, row: Row) -> Iterator[Statement]:
            yield from first(equal("a is public", row.a, row.public[0]))

    program = Program([Needed])
    assert check(program, trace(program, {"needed": {"a": [7]}}, {"needed": [7]})) == []
    (found,) = check(program, trace(program, {}, {"needed": [7]}))
    assert isinstance(found, BrokenSentence) and found.sentence == "there is a row"
    wrong = trace(program, {"needed": {"a": [7]}}, {"needed": [8]})
    assert "a is public" in str(check(program, wrong)[0])


def test_padding_sends_nothing_whatever_stands_there() -> None:
    bus = permutation_bus("walk", "one step", number=unsigned(8))
    facts = lookup_bus("facts", "one fact", number=unsigned(8))
    program = Program(
        [
            table_of(
                {"a": unsigned(8), "flag": bit()},
                lambda r: when(r.flag, send(bus, number=r.a)),
                lambda r: provide(facts, number=r.a),
                name="Speaker",
            ),
            table_of(
                {"a": unsigned(8)},
                lambda r: receive(bus, number=r.a),
                lambda r: lookup(facts, number=r.a),
                name="Hearer",
            ),
        ]
    )
    inputs = {"speaker": {"a": [1, 2, 3], "flag": [1, 0, 1]}, "hearer": {"a": [3, 1]}}
    assert check(program, trace(program, inputs)) == []
    made, cells = trace(program, inputs), program["speaker"].cells
    made["speaker"][5, cells.index("a")] = 77
    assert check(program, made) == [], "a cell of padding says nothing to anybody"
    for cell in ("flag", "uses of facts"):
        made = trace(program, inputs)
        made["speaker"][5, cells.index(cell)] = 1
        assert any(isinstance(f, BrokenSentence) for f in check(program, made)), cell


# Refusals at build: each names the table, and the sentence, bus or column.

A8, A64, E = unsigned(8), unsigned(64), element()
NARROW_BUS = lookup_bus("narrowed", "a small number", value=unsigned(8))
WIDE_BUS = lookup_bus("widened", "a wide number", value=unsigned(64))
ELEMENT_BUS = lookup_bus("one", "an element", value=element())
VECTOR_BUS = lookup_bus("word", "a word", value=vector(element(), 3))
SIDE_BUS = lookup_bus("side", "a side", value=choice("BUY", "SELL"))
LONG_BUS = lookup_bus("long", "too much", value=vector(element(), 121))
PAIRED = permutation_bus("paired", "sent once, received once", value=element())
BITS = {f"f{i}": bit() for i in range(4)}

REFUSED: dict[str, tuple[dict[str, Any], list[Says], str]] = {
    "a law that could wrap": (
        {"a": unsigned(256), "b": unsigned(768)},
        [lambda r: zero("a cube", r.a * r.a * r.a - r.b)],
        r"table sample: 'a cube' could wrap the field: the digit at bit \d+ needs \d+ bits; "
        r"a field element holds 30",
    ),
    "a modular law that could wrap": (
        {"a": unsigned(256)},
        [lambda r: modular("a cube modulo", r.a * r.a * r.a, PRIME)],
        r"table sample: 'a cube modulo' could wrap the field",
    ),
    "degree four": (
        {"a": E},
        [lambda r: equal("too steep", r.a * r.a * r.a * r.a, 0)],
        r"table sample: 'too steep' has degree 4, at most 3; name a product as a column",
    ),
    "degree three under a flag": (
        {"a": E, **BITS},
        [lambda r: when(r.f0, equal("steep", r.a * r.a * r.a, 0)), lambda r: spoken(r)],
        r"'steep' has degree 4",
    ),
    "degree two under two flags": (
        {"a": E, **BITS},
        [lambda r: when(r.f0 * r.f1, equal("steep", r.a * r.a, 0)), lambda r: spoken(r)],
        r"'steep' has degree 4",
    ),
    **{
        f"degree three on {where.__name__} rows": (
            {"a": E},
            [lambda r, where=where: where(equal("steep", r.a * r.a * r.a, 0))],
            r"'steep' has degree 4",
        )
        for where in (first, last, followed)
    },
    "a field of degree four": (
        {"a": E},
        [lambda r: lookup(ELEMENT_BUS, value=r.a * r.a * r.a * r.a)],
        r"table sample: looks up one: degree 4, at most 3",
    ),
    "a message under four flags": (
        BITS,
        [lambda r: when(r.f0 * r.f1, when(r.f2 * r.f3, lookup(ELEMENT_BUS, value=1)))],
        r"table sample: looks up one: degree 4, at most 3",
    ),
    "an idle column": (
        {"a": A8, "idle": A8},
        [lambda r: equal("a", r.a, 1)],
        r"table sample: column idle is in no sentence and no message \(idle\)",
    ),
    "an idle part of a vector": (
        {"a": vector(A8, 3)},
        [lambda r: equal("a", r.a[0], r.a[2])],
        r"table sample: column a is in no sentence and no message \(a\[1\]\)",
    ),
    "an idle part of an integer": (
        {"a": unsigned(48)},
        [lambda r: lookup(ELEMENT_BUS, value=limbs(r.a, 16, 3)[1])],
        r"table sample: column a is in no sentence and no message \(a, from bit 0\)",
    ),
    "a column that only its own range speaks of": (
        {"a": A8, "idle": below(1000)},
        [lambda r: equal("a", r.a, 1)],
        r"column idle is in no sentence",
    ),
    "nobody receives": (
        {"a": E},
        [lambda r: send(PAIRED, value=r.a)],
        r"bus paired: no table receives on it",
    ),
    "nobody sends": (
        {"a": E},
        [lambda r: receive(PAIRED, value=r.a)],
        r"bus paired: no table sends on it",
    ),
    "nobody provides": (
        {"a": E},
        [lambda r: lookup(ELEMENT_BUS, value=r.a)],
        r"bus one: no table provides on it",
    ),
    "nobody looks up": (
        {"a": E},
        [lambda r: provide(ELEMENT_BUS, value=r.a)],
        r"bus one: no table looks up on it",
    ),
    "a bus of two meanings": (
        {"a": E},
        [
            lambda r: lookup(ELEMENT_BUS, value=r.a),
            lambda r: provide(lookup_bus("one", "another", value=element()), value=r.a),
        ],
        r"bus one has two meanings: 'an element' and 'another'",
    ),
    "a message of the other discipline": (
        {"a": E},
        [lambda r: send(ELEMENT_BUS, value=r.a)],
        r"table sample: sends on bus one: there, every message asked for is provided",
    ),
    "a lookup among permutations": (
        {"a": E},
        [lambda r: lookup(PAIRED, value=r.a)],
        r"table sample: looks up on bus paired: there, every message sent is received",
    ),
    "a field that the bus has not": (
        {"a": E},
        [lambda r: lookup(ELEMENT_BUS, value=r.a, more=r.a)],
        r"table sample: bus one has the fields \['value'\], not \['more', 'value'\]",
    ),
    "a field too few": (
        {"a": E},
        [lambda r: lookup(ELEMENT_BUS), lambda r: equal("a", r.a, 1)],
        r"bus one has the fields \['value'\], not \[\]",
    ),
    "a field one bit too wide": (
        {"a": unsigned(9)},
        [lambda r: lookup(NARROW_BUS, value=r.a)],
        r"bus narrowed, field value: a lies in \[0, 511\], expected unsigned\(8\)",
    ),
    "a field that may be negative": (
        {"a": signed(8)},
        [lambda r: lookup(NARROW_BUS, value=r.a)],
        r"bus narrowed, field value: a lies in \[-128, 127\], expected unsigned\(8\)",
    ),
    "an element for an integer": (
        {"a": E},
        [lambda r: lookup(NARROW_BUS, value=r.a)],
        r"bus narrowed, field value: a is an element, not unsigned\(8\)",
    ),
    "a constant outside its kind": (
        {"a": A8},
        [lambda r: lookup(NARROW_BUS, value=256), lambda r: equal("a", r.a, 1)],
        r"bus narrowed, field value: 256 is no unsigned\(8\)",
    ),
    "something that is no value": (
        {"a": A8},
        [lambda r: lookup(NARROW_BUS, value="5"), lambda r: equal("a", r.a, 1)],
        r"bus narrowed, field value: '5' is no value of kind unsigned\(8\)",
    ),
    "a wide field of another width": (
        {"a": unsigned(63)},
        [lambda r: lookup(WIDE_BUS, value=r.a)],
        r"bus widened, field value: a is unsigned\(63\), expected unsigned\(64\)",
    ),
    "a wide field that is no column": (
        {"a": A64},
        [lambda r: lookup(WIDE_BUS, value=r.a + 1)],
        r"bus widened, field value: unsigned\(64\) takes a column of that kind",
    ),
    "an integer too wide for an element": (
        {"a": A64},
        [lambda r: lookup(ELEMENT_BUS, value=r.a)],
        r"bus one, field value: a is too wide for one element",
    ),
    "a vector of another length": (
        {"a": vector(E, 2)},
        [lambda r: lookup(VECTOR_BUS, value=r.a)],
        r"bus word, field value: 2 values, expected 3",
    ),
    "another choice": (
        {"a": choice("BUY", "HOLD")},
        [lambda r: lookup(SIDE_BUS, value=r.a)],
        r"bus side, field value: expected a choice\(BUY, SELL\)",
    ),
    "too many elements": (
        {"a": vector(E, 121)},
        [lambda r: lookup(LONG_BUS, value=r.a)],
        r"table sample: looks up long: 121 elements, at most 120",
    ),
    "the next row outside followed": (
        {"a": E},
        [lambda r: equal("counts", r.next.a, r.a + 1)],
        r"table sample: 'counts' reads the next row but is not inside followed",
    ),
    "the next row in last": (
        {"a": E},
        [lambda r: last(equal("counts", r.next.a, r.a + 1))],
        r"'counts' reads the next row",
    ),
    "the next row in a flag": (
        {"a": E, "f": bit()},
        [lambda r: when(r.next.f, equal("a", r.a, 1))],
        r"'a' reads the next row",
    ),
    "the next row in a message": (
        {"a": E},
        [lambda r: lookup(ELEMENT_BUS, value=r.next.a), lambda r: equal("a", r.a, 1)],
        r"'looks up one' reads the next row",
    ),
    "the next row in a message's flag": (
        {"f": bit()},
        [lambda r: when(r.next.f, lookup(ELEMENT_BUS, value=1))],
        r"'looks up one' reads the next row",
    ),
    "a flag that is no bit": (
        {"a": below(2), "b": E},
        [lambda r: when(r.a, equal("b", r.b, 1))],
        r"table sample: 'a' is no flag: it is not made of bits",
    ),
    "an element as a flag": (
        {"a": E, "b": E},
        [lambda r: when(r.a, equal("b", r.b, 1))],
        r"'a' is no flag: it is not made of bits",
    ),
    "a flag that may be two": (
        {"f": bit(), "g": bit(), "b": E},
        [lambda r: when(r.f + r.g, equal("b", r.b, 1))],
        r"table sample: 'f \+ g' is no flag: it may leave 0 and 1",
    ),
    "a flag that may be negative": (
        {"f": bit(), "g": bit(), "b": E},
        [lambda r: when(r.f - r.g, equal("b", r.b, 1))],
        r"'f - g' is no flag: it may leave 0 and 1",
    ),
    "a wide integer among elements": (
        {"a": A64, "b": E},
        [lambda r: equal("mixed", r.a, r.b)],
        r"table sample: 'mixed' mixes the wide integer a with field elements; use its elements",
    ),
    "a sentence about no column": (
        {"a": E},
        [lambda r: equal("a", r.a, 1), lambda r: zero("nothing", 0)],
        r"table sample: 'nothing' says nothing about any column",
    ),
    "limbs of a single cell": (
        {"a": unsigned(14), "b": E},
        [lambda r: equal("b", r.b, limbs(r.a, 8, 2)[1])],
        r"table sample: a is one cell of 14 bits and has no limbs of 8",
    ),
    "a range that somebody else provides": (
        {"a": E},
        [lambda r: provide(U16, value=r.a)],
        r"table sample provides u16: every range check relies on it",
    ),
}


def spoken(row: Row) -> Iterator[Statement]:
    """Something about each flag, so that none is idle."""
    for i in range(4):
        yield equal(f"f{i} is itself", getattr(row, f"f{i}") * 2 - 1, 1 - getattr(row, f"f{i}"))


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_when_a_program_is_built(case: str) -> None:
    columns, statements, words = REFUSED[case]
    with pytest.raises(ProgramRefused, match=words):
        Program([table_of(columns, *statements)])
    assert issubclass(LawRefused, ProgramRefused)


def provider(bus: Any, **columns: Any) -> type[Table]:
    """A table that provides what its columns hold."""
    return table_of(
        columns, lambda r: provide(bus, **{n: getattr(r, n) for n in columns}), name="Provider"
    )


ACCEPTED: dict[str, tuple[dict[str, Any], list[Says], Sequence[type[Table]]]] = {
    "degree three": ({"a": E}, [lambda r: equal("steep", r.a * r.a * r.a, 0)], []),
    "degree two under a flag": (
        {"a": E, "f": bit()},
        [lambda r: when(r.f, equal("steep", r.a * r.a, 0))],
        [],
    ),
    "degree one under two flags": (
        {"a": E, "f": bit(), "g": bit()},
        [lambda r: when(r.f, when(r.g, equal("flat", r.a, 0)))],
        [],
    ),
    **{
        f"degree two on {where.__name__} rows": (
            {"a": E},
            [lambda r, where=where: where(equal("steep", r.a * r.a, 0))],
            [],
        )
        for where in (first, last, followed)
    },
    "a message under three flags": (
        BITS,
        [
            lambda r: when(r.f0 * r.f1 * r.f2, lookup(ELEMENT_BUS, value=r.f3)),
        ],
        [provider(ELEMENT_BUS, value=E)],
    ),
    "a choice of which one name is spoken": (
        {"side": choice("BUY", "SELL")},
        [lambda r: equal("bought", r.side.BUY, 1)],
        [],
    ),
    "a field of its width": (
        {"a": A8},
        [lambda r: lookup(NARROW_BUS, value=r.a), lambda r: lookup(NARROW_BUS, value=255)],
        [provider(NARROW_BUS, value=A8)],
    ),
    "a wide field, and a constant in its place": (
        {"a": A64},
        [lambda r: lookup(WIDE_BUS, value=r.a), lambda r: lookup(WIDE_BUS, value=2**64 - 1)],
        [provider(WIDE_BUS, value=A64)],
    ),
    "120 elements": (
        {"a": vector(E, 120)},
        [lambda r: lookup(lookup_bus_of(120), value=r.a)],
        [],
    ),
    "the next row under has_next": (
        {"f": bit(), "a": E},
        [
            lambda r: when(r.has_next, equal("counts", r.next.a, r.a + 1)),
            lambda r: when(r.has_next, when(r.next.f, lookup(ELEMENT_BUS, value=r.next.a))),
        ],
        [provider(ELEMENT_BUS, value=E)],
    ),
    "a flag made of bits": (
        {"f": bit(), "g": bit(), "b": E, "side": choice("A", "B", "C")},
        [
            lambda r: when(1 - r.f, equal("b", r.b, 1)),
            lambda r: when(r.f * r.g, equal("b", r.b, 1)),
            lambda r: when(r.side.any("A", "C"), equal("b", r.b, 1)),
            lambda r: when(r.is_last, equal("b", r.b, 1)),
            lambda r: when(r.real, equal("b", r.b, 1)),
        ],
        [],
    ),
    "limbs of a wide integer among elements": (
        {"a": A64, "b": E},
        [lambda r: equal("b", r.b, limbs(r.a, 16, 4)[3] * r.b + sum(limbs(r.a, 16, 4)[:3]))],
        [],
    ),
    "a law of eight hundred bits": (
        {"a": unsigned(256), "b": unsigned(520)},
        [lambda r: zero("a square", r.a * r.a - r.b)],
        [],
    ),
}

LONG = {count: lookup_bus(f"long{count}", "much", value=vector(E, count)) for count in (120,)}


def lookup_bus_of(count: int) -> Any:
    """A bus of so many elements."""
    return LONG[count]


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_neighbours_of_what_is_refused_are_built(case: str) -> None:
    columns, statements, others = ACCEPTED[case]
    if case == "120 elements":
        others = [provider(LONG[120], value=vector(E, 120))]
    program = Program([table_of(columns, *statements), *others])
    lowered = program["sample"]
    assert max(map(lowered.degree, lowered.constraints), default=0) <= DEGREE_MAX
    assert check(program, trace(program, {})) == [], "an empty table holds"


def test_public_values_need_a_row() -> None:
    class Silent(Table):
        public_values = 1
        a = element()

        @classmethod
        def constrain(cls, row: Row) -> Iterator[Statement]:
            yield from first(equal("a is public", row.a, row.public[0]))

    words = "table silent: without a row its public values would mean nothing"
    with pytest.raises(ProgramRefused, match=words):
        Program([Silent])
    Silent.required = True
    Program([Silent])


def test_two_tables_of_one_name_are_refused() -> None:
    one = table_of({"a": E}, lambda r: equal("a", r.a, 1))
    with pytest.raises(ProgramRefused, match="two tables are called sample"):
        Program([one, table_of({"a": E}, lambda r: equal("a", r.a, 2))])
    with pytest.raises(ProgramRefused, match="two tables are called bytes"):
        Program([one, table_of({"a": A64}, lambda r: equal("a", r.a, 2), name="Bytes")])


def test_a_constraint_that_fails_on_padding_is_refused() -> None:
    """The language takes constants away there, so no sentence comes so far; its own rules do not
    either."""
    lowering = Lowering(table_of({"a": E}, lambda r: equal("a", r.a, 1)), {}, RANGE_BUSES)
    lowered = lowering.run()
    assert lowered.nodes.at_zero[lowered.constraints[-1].node] == 0
    with pytest.raises(ProgramRefused, match="table sample: 'one' fails on padding rows"):
        lowering._constrain("one", lowered.nodes.constant(1))


@settings(max_examples=20)
@given(laws())
def test_every_law_holds_on_padding(
    made: tuple[dict[str, Column], Callable[[Any], Any]],
) -> None:
    columns, law = made
    sample = table_of(columns, lambda r: iter(()))
    recorded = law(Row(sample))
    assume(isinstance(recorded, Expression) and not recorded.is_constant)
    speaks = [lambda r, n=n: equal(f"{n} is itself", getattr(r, n), getattr(r, n)) for n in columns]
    try:
        program = Program([table_of(columns, *speaks, lambda r: zero("law", law(r)))])
    except LawRefused:
        assume(False)
    lowered = program["sample"]
    assert all(lowered.nodes.at_zero[c.node] in (0, None) for c in lowered.constraints)
    assert check(program, trace(program, {})) == []
