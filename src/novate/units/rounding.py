"""Division that names its direction."""

from enum import Enum
from typing import assert_never, overload

import numpy as np
import numpy.typing as npt


class Rounding(Enum):
    """Which neighbour a quotient becomes when it is not whole."""

    FLOOR = "floor"
    CEIL = "ceil"


@overload
def div(a: int, b: int, rounding: Rounding) -> int: ...


@overload
def div(
    a: npt.NDArray[np.int64], b: int | npt.NDArray[np.int64], rounding: Rounding
) -> npt.NDArray[np.int64]: ...


@overload
def div(a: int, b: npt.NDArray[np.int64], rounding: Rounding) -> npt.NDArray[np.int64]: ...


def div(
    a: int | npt.NDArray[np.int64], b: int | npt.NDArray[np.int64], rounding: Rounding
) -> int | npt.NDArray[np.int64]:
    """`a / b` as an integer, `b > 0`: FLOOR towards minus infinity, CEIL towards plus infinity.

    Integers of any size, or arrays of int64 that broadcast; no other kind of array, as floats are
    refused here.

    Range: in arrays, magnitudes below 2**63.
    """
    if isinstance(a, int) and isinstance(b, int):
        assert b > 0
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
