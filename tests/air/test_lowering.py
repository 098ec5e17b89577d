"""What the language lowers, accepts and refuses, on small tables of integers."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.air import (
    LawRefused,
    Program,
    ProgramRefused,
    Row,
    Statement,
    Table,
    below,
    bit,
    check,
    element,
    equal,
    followed,
    lookup,
    lookup_bus,
    modular,
    permutation_bus,
    send,
    signed,
    trace,
    unsigned,
    when,
    zero,
)

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


def payment(size: int, move: int, off: int = 0) -> list[str]:
    paid = -(-size * move // 10**10)
    dust = paid * 10**10 - size * move
    columns: dict[str, Any] = {
        "size": [size],
        "move": [move],
        "payment": [paid + off],
        "dust": [dust],
    }
    return [str(f) for f in check(PAYMENT, trace(PAYMENT, {"payment": columns}))]


@settings(max_examples=25)
@given(st.integers(-(2**27), 2**27 - 1), st.integers(-(2**49), 2**49 - 1))
def test_a_rounded_quotient_holds_and_its_neighbours_do_not(size: int, move: int) -> None:
    assert payment(size, move) == []
    for off in (-1, 1):
        assert any("payment is size times move" in text for text in payment(size, move, off))


@settings(max_examples=15)
@given(st.integers(0, PRIME - 1), st.integers(0, PRIME - 1), st.integers(0, 255))
def test_a_product_modulo_a_prime_holds_and_no_other(a: int, b: int, place: int) -> None:
    def findings(c: int) -> list[Any]:
        rows = {k: [v] for k, v in (("a", a), ("b", b), ("c", c))}
        wide = {k: _bytes(v[0]) for k, v in rows.items()}
        return check(PRODUCT, trace(PRODUCT, {"product": wide}))

    right = a * b % PRIME
    assert findings(right) == []
    assert findings(right ^ 1 << place) != []


def _bytes(value: int) -> Any:
    import numpy as np

    return np.array([list(value.to_bytes(32, "little"))], dtype=np.uint8)


@pytest.mark.parametrize(("value", "holds"), [(9, True), (10, True), (11, False)])
def test_a_bound_is_exact(value: int, holds: bool) -> None:
    class Bounded(Table):
        x, y = below(11), unsigned(8)

        @classmethod
        def constrain(cls, row: Row) -> Iterator[Statement]:
            yield equal("y is x", row.x, row.y)

    program = Program([Bounded])
    traces = trace(program, {"bounded": {"x": [min(value, 10)], "y": [value]}})
    assert (check(program, traces) == []) is holds


def refused(*statements: Any, columns: dict[str, Any]) -> str:
    def constrain(cls: type[Table], row: Row) -> Iterator[Statement]:
        for statement in statements:
            made = statement(row)
            yield from made if isinstance(made, Iterator) else [made]

    table = type("Sample", (Table,), {**columns, "constrain": classmethod(constrain)})
    with pytest.raises(ProgramRefused) as problem:
        Program([table])
    return str(problem.value)


def test_a_column_that_says_nothing_is_refused() -> None:
    text = refused(lambda r: equal("a", r.a, 1), columns={"a": unsigned(8), "idle": unsigned(8)})
    assert "idle is in no sentence" in text


def test_a_degree_above_three_is_refused() -> None:
    text = refused(lambda r: equal("too steep", r.a * r.a * r.a * r.a, 0), columns={"a": element()})
    assert "degree 4" in text


def test_a_message_that_nobody_receives_is_refused() -> None:
    bus = permutation_bus("lonely", "a number", value=element())
    assert "bus lonely" in refused(lambda r: send(bus, value=r.a), columns={"a": element()})


def test_a_field_of_another_width_is_refused() -> None:
    bus = lookup_bus("narrowed", "a small number", value=unsigned(8))
    text = refused(lambda r: lookup(bus, value=r.a), columns={"a": unsigned(9)})
    assert "expected unsigned(8)" in text


def test_the_next_row_is_read_only_where_it_exists() -> None:
    text = refused(lambda r: equal("counts", r.next.a, r.a + 1), columns={"a": element()})
    assert "not inside followed" in text


def test_a_flag_stays_within_zero_and_one() -> None:
    text = refused(
        lambda r: when(r.a, equal("b", r.b, 1)), columns={"a": unsigned(2), "b": element()}
    )
    assert "no flag" in text or "flag" in text


def test_a_wide_integer_does_not_mix_with_elements() -> None:
    text = refused(lambda r: equal("mixed", r.a, r.b), columns={"a": unsigned(64), "b": element()})
    assert "mixes the wide integer a" in text


def test_a_law_of_degree_three_that_could_wrap_names_its_width() -> None:
    def law(row: Row) -> Statement:
        return zero("a cube of wide integers", row.a * row.a * row.a - row.b)

    columns = {"a": unsigned(256), "b": unsigned(768)}
    assert "could wrap the field" in refused(law, columns=columns)
    assert issubclass(LawRefused, ProgramRefused)


def test_rows_follow_each_other_and_padding_is_silent() -> None:
    class Counter(Table):
        index, odd = element(), bit()

        @classmethod
        def constrain(cls, row: Row) -> Iterator[Statement]:
            yield from followed(equal("rows are counted", row.next.index, row.index + 1))
            yield from when(
                row.odd, equal("odd rows come second", row.index * row.index, row.index)
            )

    program = Program([Counter])
    good = trace(program, {"counter": {"index": [0, 1, 2], "odd": [0, 1, 0]}})
    assert check(program, good) == []
    bad = trace(program, {"counter": {"index": [0, 2, 3], "odd": [0, 0, 0]}})
    assert "rows are counted" in str(check(program, bad)[0])
