"""Natural logarithms of prices, and of their ratios."""

from math import isqrt
from typing import Final

import numpy as np

from novate.units import Integers, Rounding, Term, bounds, div, down, nearest

_Z_BITS: Final = 30
"""Binary places of `z` and of the polynomial in it."""

_SUM_BITS: Final = 40
"""Binary places of the sum, where 34 ln 2 < 23.6 leaves it below 2**45."""

_LN2_Q40: Final = 762123384786
"""ln 2, to the nearest 2**-40."""

_ODD_Q30: Final = tuple(div(2 << _Z_BITS, odd, Rounding.FLOOR) for odd in (11, 9, 7, 5, 3, 1))
"""2/11, 2/9, .. 2/1, rounded down: the series of `ln((1 + z) / (1 - z)) = 2 z + 2 z**3 / 3 + ..`.
"""

_OCTAVES: Final = np.array(
    [1] + [isqrt(1 << 2 * e - 1) + 1 for e in range(1, bounds.PRICE_BITS + 1)], dtype=np.int64
)
"""The least integer nearer (by ratio) to 2**e than to any lower power of two."""


def reduction_law(value: Term, power: Term, z: Term, rest: Term) -> Term:
    """Zero when `z` is `(value - power) / (value + power)` to the nearest 2**-30.

    With `0 <= rest < 2 (value + power)`. A circuit is given `z`, `rest` and which octave `power`
    is of, and looks the octave up with its bounds. Every sum is below 2**64 in magnitude: one bit
    too many for an array of int64.
    """
    return 2 * z * (value + power) + rest - (value - power) * (2 << _Z_BITS) - (value + power)


def ln_q28(value: Integers) -> Integers:
    """The natural logarithm of a positive integer, in steps of 2**-28.

    The nearest power of two is taken out, `value = 2**e (1 + z) / (1 - z)`, so that
    `|z| <= 3 - sqrt(8) = 0.1716` and six odd terms suffice.

    Range: 1 <= value <= 2**34. `|value - 2**e| < 0.4143 * 2**34`, shifted by 30 < 2**62.8;
    `z` times polynomial < 2**(27.5 + 31.1).

    Error: 3.2e-9 (docs/internals/pricing.md); zero at 1.

    Rounding: `z` and the sum to the nearest step, what lies between them down.

    Law: `reduction_law`.
    """
    octave = np.searchsorted(_OCTAVES, value, side="right") - 1
    power = np.left_shift(1, octave)
    total = value + power
    z = div((value - power << _Z_BITS) + down(total, 1), total, Rounding.FLOOR)
    square = down(z * z, _Z_BITS)
    series = np.full_like(z, _ODD_Q30[0])
    for coefficient in _ODD_Q30[1:]:
        series = coefficient + down(series * square, _Z_BITS)
    summed = octave * _LN2_Q40 + down(z * series, 2 * _Z_BITS - _SUM_BITS)
    return nearest(summed, _SUM_BITS - bounds.FRACTION_BITS)


def ln_ratio_q28(numerator: Integers, denominator: Integers) -> Integers:
    """`ln(numerator / denominator)` in steps of 2**-28, the difference of two logarithms.

    So it is exactly antisymmetric and additive, `ln(a/b) + ln(b/c) = ln(a/c)`, zero at equality,
    and a table of prices takes one logarithm per strike and one per forward, not one per price.

    Range: both 1 .. 2**34.

    Error: 6.4e-9.
    """
    return ln_q28(numerator) - ln_q28(denominator)
