"""The ladder of a signature: 33 rows that double twice and add two digits and a byte each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from novate.air import (
    InverseOf,
    Row,
    Statement,
    Table,
    bit,
    element,
    equal,
    equals,
    first,
    followed,
    last,
    lookup,
    modular,
    send,
    unsigned,
    when,
)
from novate.circuits.secp256k1.curve import BITS, MIDDLE, G, Law, N, P, multiple, native, pieces
from novate.circuits.secp256k1.messages import DIGITS, FIXED, MULTIPLE, ROWS, STREAMS

FIXED_MULTIPLE: Final = 2**256 - 1 + 255 * (2**64 + 2**66)
"""What the odd digits 2*e - 255 of the fixed base fall short of twice the bytes e."""

END: Final = multiple(N - FIXED_MULTIPLE % N, G)
"""Where every ladder ends: minus FIXED_MULTIPLE times the generator."""


class Ladder(Table):
    """(x_out, y_out) = 2*(2*(x, y) + first) + second + fixed: two places of a and b, one byte of E.

    Soundness. Rows come in runs 0..32 of one signature: `starts` only on the first row and after
    `ends`, `ends` only at 32. A run begins at a fixed multiple and ends at the bytes of the
    constant END. All points are finite and on the curve, by induction: starts and fixed multiples
    are constants, multiples come from `signature` and `joint`. P + first = A, B + second = C and D
    + fixed = out have operands with different x, so slope and sum are determined and finite: let d
    be the integer difference of the two x, which are equal modulo P only if d is 0, P or -P; the
    row shows an inverse of d * (d*d - P*P) in the native field, so d is none of these. A + P = B
    and C + B = D need no such column: A is not P, because `first` is finite, so equal x would mean
    A = -P, where the law says 2*y = 0, and no point has y = 0. The y of A to D are no columns: each
    is linear in the next law. So the run computes 2**66*start + sum of digits*multiples + sum of
    bytes*weights, with the digits it tells `signature`, and this is END.

    Determined: by signature, start, labels, signs and halves, as residues; each law has one column
    that those before do not know. `returns` by row: with the streams that `fixed` knows, 0 to 3, a
    row returns exactly in stream 0.
    """

    signature, row = element(), element()
    starts, ends = bit(), bit()
    stream = element()
    returns = bit()
    start_half = element()
    x, y = unsigned(BITS), unsigned(BITS)
    first_label, second_label = element(), element()
    first_minus, second_minus = bit(), bit()
    first_x, first_y = unsigned(BITS), unsigned(BITS)
    second_x, second_y = unsigned(BITS), unsigned(BITS)
    fixed_half = element()
    fixed_minus = bit()
    fixed_x, fixed_y = unsigned(BITS), unsigned(BITS)
    slope_a, x_a = unsigned(BITS), unsigned(BITS)
    slope_b, x_b = unsigned(BITS), unsigned(BITS)
    slope_c, x_c = unsigned(BITS), unsigned(BITS)
    slope_d, x_d = unsigned(BITS), unsigned(BITS)
    slope_e, x_out, y_out = unsigned(BITS), unsigned(BITS), unsigned(BITS)
    first_square = element(given=lambda row: _square(row, "first"))
    first_inverse = element(given=lambda row: _inverse(row, "first"))
    second_square = element(given=lambda row: _square(row, "second"))
    second_inverse = element(given=lambda row: _inverse(row, "second"))
    fixed_square = element(given=lambda row: _square(row, "fixed"))
    fixed_inverse = element(given=lambda row: _inverse(row, "fixed"))

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield from _order(row)
        yield from _ends(row)
        for name, law in step_laws(row):
            yield modular(name, law, P)
        for name in ("first", "second", "fixed"):
            difference, square = _difference(row, name), getattr(row, f"{name}_square")
            product = difference * (square - P * P)
            yield equal(f"{name}: square of the difference", square, difference * difference)
            yield equal(
                f"{name}: the points have different x", product * getattr(row, f"{name}_inverse"), 1
            )
        yield from _messages(row)


def _order(row: Row) -> Iterator[Statement]:
    """Rows 0 to 32 of one signature after the other, and the stream of each."""
    yield from first(equal("the first row starts a ladder", row.starts, 1))
    yield from followed(equal("a ladder starts where one ended", row.next.starts, row.ends))
    yield from last(equal("the last row ends a ladder", row.ends, 1))
    yield from when(
        row.starts,
        equal("a ladder starts at row 0", row.row, 0),
        equal("a ladder starts in stream 0", row.stream, 0),
    )
    yield from when(
        row.ends,
        equal("a ladder ends at row 32", row.row, ROWS - 1),
        equal("a ladder ends in stream 0", row.returns, 1),
    )
    yield from when(1 - row.starts, equal("only row 0 names a start", row.start_half, 0))
    yield from when(row.returns, equal("the streams return after 0", row.stream, 0))
    yield from followed(
        equal(
            "streams go 0, 3, 2, 1 and begin again at 0",
            row.next.stream,
            row.stream - 1 + STREAMS * row.returns - (STREAMS - 1) * row.ends,
        ),
        when(
            1 - row.ends,
            equal("rows count up", row.next.row, row.row + 1),
            equal("a ladder is about one signature", row.next.signature, row.signature),
            equals("x goes on", pieces(row.next.x), pieces(row.x_out)),
            equals("y goes on", pieces(row.next.y), pieces(row.y_out)),
        ),
    )


def _ends(row: Row) -> Iterator[Statement]:
    """A ladder starts at a fixed multiple and ends at END."""
    yield from when(row.starts, lookup(FIXED, stream=0, half=row.start_half, x=row.x, y=row.y))
    for name, value, end in (("x", row.x_out, END[0]), ("y", row.y_out, END[1])):
        yield from when(row.ends, equals(f"{name} ends at END", pieces(value), pieces(end)))


def _messages(row: Row) -> Iterator[Statement]:
    mine = {"signature": row.signature}
    yield lookup(MULTIPLE, **mine, label=row.first_label, x=row.first_x, y=row.first_y)
    yield lookup(MULTIPLE, **mine, label=row.second_label, x=row.second_x, y=row.second_y)
    yield lookup(FIXED, stream=row.stream, half=row.fixed_half, x=row.fixed_x, y=row.fixed_y)
    one, two = 1 - 2 * row.first_minus, 1 - 2 * row.second_minus
    yield send(
        DIGITS,
        **mine,
        row=row.row,
        digits=2 * one * row.first_label + two * row.second_label,
        byte=fixed_byte(row.fixed_half, row.fixed_minus),
        start=row.start_half,
    )


def fixed_byte(half: Any, minus: Any) -> Any:
    """The byte e of the digit 2*e - 255 = +-(2*half + 1)."""
    return 128 + half - minus * (2 * half + 1)


def step_laws(row: Any) -> Iterator[Law]:
    """The eleven laws of a row, each a multiple of P, of at most three products.

    No y of an intermediate point is a column: y_a = a*(x - x_a) - y, y_b = b*(x - x_b) - y,
    y_c = c*(second.x - x_c) - second.y and y_d = d*(x_b - x_d) - y_b are linear in the next law.
    """
    a, b, c, d, e = (getattr(row, f"slope_{name}") - MIDDLE for name in "abcde")
    first_y = (1 - 2 * row.first_minus) * row.first_y
    second_y = (1 - 2 * row.second_minus) * row.second_y
    fixed_y = (1 - 2 * row.fixed_minus) * row.fixed_y
    y_b = b * (row.x - row.x_b) - row.y
    yield "slope a", a * (row.first_x - row.x) - first_y + row.y
    yield "x a", a * a - row.x - row.first_x - row.x_a
    yield "slope b", (a + b) * (row.x - row.x_a) - 2 * row.y
    yield "x b", b * b - row.x - row.x_a - row.x_b
    yield "slope c", c * (row.second_x - row.x_b) - second_y + y_b
    yield "x c", c * c - row.x_b - row.second_x - row.x_c
    yield "slope d", d * (row.x_c - row.x_b) - c * (row.second_x - row.x_c) + second_y + y_b
    yield "x d", d * d - row.x_b - row.x_c - row.x_d
    yield "slope e", e * (row.fixed_x - row.x_d) - fixed_y + d * (row.x_b - row.x_d) - y_b
    yield "x out", e * e - row.x_d - row.fixed_x - row.x_out
    yield "y out", e * (row.fixed_x - row.x_out) - fixed_y - row.y_out


def _difference(row: Any, name: str) -> Any:
    """Of the x of an addition's operands, modulo the native order."""
    before = {"first": row.x, "second": row.x_b, "fixed": row.x_d}[name]
    return native(getattr(row, f"{name}_x")) - native(before)


def _square(row: Any, name: str) -> Any:
    difference = _difference(row, name)
    return difference * difference


def _inverse(row: Any, name: str) -> InverseOf:
    difference = _difference(row, name)
    return InverseOf(difference * (difference * difference - P * P))
