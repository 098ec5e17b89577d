"""Arrays of integers of any size: products that leave 63 bits on the way to a figure that fits."""

from typing import Any, Final, TypeAlias

import numpy as np

from novate.units import Integers, Rounding, bounds, div

WideIntegers: TypeAlias = Any
"""An array of Python's integers; numpy knows it as one of objects."""

LIMIT: Final = 1 << bounds.GROSS_NOTIONAL_BITS + 1
"""Where a figure of a position saturates, so that those of 256 positions still add up."""


def wide(values: Integers) -> WideIntegers:
    """The same integers, without a width."""
    return values.astype(object)


def wide_div(a: WideIntegers, b: int | Integers, rounding: Rounding) -> WideIntegers:
    """`div` of each element, `b > 0`; arrays broadcast.

    Rounding: as asked.
    """
    return np.frompyfunc(lambda one, other: div(one, other, rounding), 2, 1)(a, b)


def narrow(values: WideIntegers, limit: int = LIMIT) -> Integers:
    """The same in 64 bits; what lies beyond plus or minus `limit` becomes that."""
    return np.array([min(max(one, -limit), limit) for one in values], dtype=np.int64)
