"""What a law is made of.

A law is a function of `+ - *` that is zero exactly when a rule was followed, given the widths in
`bounds`. It runs on integers, on arrays of them and on the columns of a circuit alike; comparisons
and quotients enter as results to be checked.
"""

from typing import Any, TypeAlias

Term: TypeAlias = Any
"""An integer, an array of integers, or a column: whatever can be added and multiplied."""


def parts_law(value: Term, positive: Term, negative: Term) -> Term:
    """Zero when `value` is `positive` minus `negative`."""
    return positive - negative - value


def one_part_law(is_negative: Term, positive: Term, negative: Term) -> Term:
    """Zero when the part that the sign excludes is zero.

    `is_negative` is a bit and both parts are at least zero, so neither product can offset the
    other.
    """
    return is_negative * positive + negative - is_negative * negative


def parts(value: int) -> tuple[int, int]:
    """The positive and the negative part of an integer: `max(0, value)` and `max(0, -value)`."""
    positive, negative = max(0, value), max(0, -value)
    assert parts_law(value, positive, negative) == 0
    assert one_part_law(int(value < 0), positive, negative) == 0
    return positive, negative
