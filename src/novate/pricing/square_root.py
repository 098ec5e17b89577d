"""Square roots of integers, and of times in years."""

from math import isqrt
from typing import Final

import numpy as np

from novate.units import Integers, Rounding, Term, bounds, div, down, nearest

_POWERS: Final = np.array([1 << n for n in range(62)], dtype=np.int64)

_ROOT_SHIFT: Final = 18
"""A tenor below 2**26 seconds, shifted by twice as much, is below 2**62."""

_PER_ROOT_YEAR_Q44: Final = nearest(isqrt(div(1 << 90, bounds.YEAR_S, Rounding.FLOOR)), 1)
"""2**44 / sqrt(seconds of a year) to the nearest integer, below 2**32."""


def sqrt_law(value: Term, root: Term, rest: Term) -> Term:
    """Zero when `value` is `root` squared and `rest` more.

    With `0 <= rest <= 2 root` this makes `root` the floor of the square root: a circuit is given
    root and rest as witnesses, and ranges of `root`, `rest` and `2 root - rest`.
    """
    return root * root + rest - value


def sqrt_floor(value: Integers) -> Integers:
    """The largest integer whose square is at most `value`.

    Newton's iteration from the power of two above the root: its relative error is at most 1, then
    1/4, 1/40, 3.1e-4, 4.8e-8, 1.2e-15, and rounding down keeps every iterate at or above the
    floor. A root below 2**31 is then less than one too high, and one comparison ends it.

    Range: 0 <= value < 2**62. Error: none.

    Law: `sqrt_law`.
    """
    length = np.searchsorted(_POWERS, value, side="right")
    root: Integers = np.left_shift(1, div(length, 2, Rounding.CEIL))
    for _ in range(5):
        root = down(root + div(value, np.maximum(root, 1), Rounding.FLOOR), 1)
    return root - (root * root > value)


def sqrt_years_q28(tenor_s: Integers) -> Integers:
    """The square root of a tenor in years of 365 days, in steps of 2**-28.

    Range: 0 <= tenor < 2**26 seconds, so the root is below 1.4588 or 2**28.6; its square root in
    steps of 2**-18 is below 2**31, times 2**31.6 < 2**63.

    Error: 2.8e-9 (docs/internals/pricing.md); zero at 0.

    Rounding: to the nearest step.
    """
    root_q18 = sqrt_floor(tenor_s << 2 * _ROOT_SHIFT)
    return nearest(root_q18 * _PER_ROOT_YEAR_Q44, _ROOT_SHIFT + 44 - bounds.FRACTION_BITS)
