"""The normal distribution as a table: two functions, at every 64th from 0 to 10, with three
derivatives each.

The two are the density `phi(y) = exp(-y**2 / 2) / sqrt(2 pi)` and Mills' ratio of the upper tail,
`M(y) = Phi(-y) / phi(y)`, which falls from 1.2533 at 0 to about `1 / y`. Both obey a linear
equation of first order,

    phi' = -y phi        M' = y M - 1,

so that their Taylor coefficients at a node follow from one another by integers alone, and the
series at one node is the next node. `DENSITY_Q31[n][i]` is coefficient `n` of `phi` at `y = i/64`,
that is `phi^(n)(i/64) / n!`, and `MILLS_Q31` the same of `M`.

Error: each entry is the nearest multiple of 2**-31 (a test computes all of them again). The walk
loses at most 2**-120 a step; an error in `M` grows like `exp(y**2 / 2)`, by 2**72.2 up to 10, and
one in `phi` shrinks. So entries are walked to within 640 * 2**-47 < 2**-37 before they are rounded.
"""

from collections.abc import Callable
from math import isqrt
from typing import Final

import numpy as np

from novate.units import Integers, Rounding, div, down, nearest

TABLE_BITS: Final = 31
"""Binary places of an entry: the largest, `M(0) = 1.2533`, is below 2**32 steps."""

NODE_BITS: Final = 6
"""Nodes are 2**-6 = 1/64 apart."""

LAST_NODE: Final = 10 << NODE_BITS
"""The node at 10."""

COEFFICIENTS: Final = 4
"""Of the Taylor polynomial: degree three."""

_WALK_BITS: Final = 128

_TERMS: Final = 21
"""Of a series in the walk: the next, times 2**(-6 * 21), is below a step of 2**-120."""

_PI: Final = 0x3243F6A8885A308D313198A2E03707344
"""Pi with 128 binary places."""


def _density_series(node: int, value: int) -> list[int]:
    """Taylor coefficients of `phi` at `node`: `(n + 1) f[n+1] = -(y f[n] + f[n-1])`."""
    series = [value, -down(node * value, NODE_BITS)]
    for n in range(1, _TERMS):
        total = down(node * series[n], NODE_BITS) + series[n - 1]
        series.append(div(-total, n + 1, Rounding.FLOOR))
    return series


def _mills_series(node: int, value: int) -> list[int]:
    """Taylor coefficients of `M` at `node`: `f[1] = y M - 1`, `(n+1) f[n+1] = y f[n] + f[n-1]`."""
    series = [value, down(node * value, NODE_BITS) - (1 << _WALK_BITS)]
    for n in range(1, _TERMS):
        total = down(node * series[n], NODE_BITS) + series[n - 1]
        series.append(div(total, n + 1, Rounding.FLOOR))
    return series


def _walk(series_at: Callable[[int, int], list[int]], value: int) -> Integers:
    """The first coefficients at every node, from the value at 0."""
    rows = []
    for node in range(LAST_NODE + 1):
        series = series_at(node, value)
        rows.append([nearest(one, _WALK_BITS - TABLE_BITS) for one in series[:COEFFICIENTS]])
        value = sum(down(one, NODE_BITS * n) for n, one in enumerate(series))
    table = np.ascontiguousarray(np.array(rows, dtype=np.int64).T)
    table.flags.writeable = False
    return table


DENSITY_Q31: Final = _walk(
    _density_series, isqrt(div(1 << 3 * _WALK_BITS, 2 * _PI, Rounding.FLOOR))
)
MILLS_Q31: Final = _walk(_mills_series, isqrt(_PI << (_WALK_BITS - 1)))
