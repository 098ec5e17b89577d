"""Division that names its direction."""

from enum import Enum
from typing import Any, assert_never, overload

import numpy as np

from novate.units.integers import Integers
from novate.units.law import Term


class Rounding(Enum):
    """Which neighbour a quotient becomes when it is not whole."""

    FLOOR = "floor"
    CEIL = "ceil"


def quotient_law(a: Term, b: Term, quotient: Term, rest: Term) -> Term:
    """Zero when `quotient` is `a / b` rounded down; `rest` in [0, b).

    Rounded up: the same of `-a` and `-quotient`.
    """
    return quotient * b + rest - a


@overload
def div(a: int, b: int, rounding: Rounding) -> int: ...


@overload
def div(a: Integers, b: int | Integers, rounding: Rounding) -> Integers: ...


@overload
def div(a: int, b: Integers, rounding: Rounding) -> Integers: ...


def div(a: int | Integers, b: int | Integers, rounding: Rounding) -> int | Integers:
    """`a / b` as an integer, `b > 0`: FLOOR towards minus infinity, CEIL towards plus infinity.

    Integers of any size, or arrays of int64 that broadcast; no other kind of array, as floats are
    refused here.

    Range: in arrays, magnitudes below 2**63.

    Law: `quotient_law`.
    """
    if isinstance(b, int):
        assert b > 0
        assert isinstance(a, int) or a.dtype == np.int64
    else:
        assert np.result_type(a, b) == np.int64
        assert np.all(np.greater(b, 0))
    match rounding:
        case Rounding.FLOOR:
            return a // b
        case Rounding.CEIL:
            return -(-a // b)
        case _:
            assert_never(rounding)


@overload
def floor_and_rest(a: int, b: int) -> tuple[int, int]: ...


@overload
def floor_and_rest(a: Integers, b: int | Integers) -> tuple[Integers, Integers]: ...


def floor_and_rest(a: int | Integers, b: int | Integers) -> tuple[Any, Any]:
    """`a / b` towards minus infinity, and the rest in [0, b): the two are `a` again, exactly.

    Range, law: as of `div`.
    """
    quotient = div(a, b, Rounding.FLOOR)
    return quotient, a - quotient * b
