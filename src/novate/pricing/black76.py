"""Values of calls and puts on a forward: Black's formula of 1976, undiscounted."""

from typing import Any, Final

import numpy as np

from novate.pricing.logarithm import ln_ratio_q28
from novate.pricing.normal import density_and_mills_q31, mills_q31
from novate.pricing.normal_table import LAST_NODE, NODE_BITS, TABLE_BITS
from novate.pricing.operand import prices, tenors, vols
from novate.pricing.square_root import sqrt_years_q28
from novate.units import Integers, Rounding, Term, bounds, div, down, nearest

_BITS: Final = bounds.FRACTION_BITS
_ONE_Q28: Final = 1 << _BITS
_ONE_E6: Final = 10**6
_HALF_E6: Final = 500_000
_HALF_Q28: Final = 1 << _BITS - 1
_LAST_Q28: Final = LAST_NODE << _BITS - NODE_BITS
_FAR_Q28: Final = 7 << _BITS
_PRODUCT_SHIFT: Final = 2 * TABLE_BITS - _BITS


def price_error_e3(forward_e3: Integers) -> Integers:
    """The published bound on the error of a price: `forward / 2**24`, rounded down, and 2."""
    return down(forward_e3, 24) + 2


def total_vol_law(vol: Term, root: Term, total_vol: Term, rest: Term) -> Term:
    """Zero when `total_vol` is `vol * root / 10**6` to the nearest step; `0 <= rest < 10**6`."""
    return total_vol * _ONE_E6 + rest - vol * root - _HALF_E6


def distance_law(k_abs: Term, total_vol: Term, quotient: Term, rest: Term) -> Term:
    """Zero when `quotient` is `|k| / s`, rounded down; `0 <= rest < s`."""
    return quotient * total_vol + rest - k_abs * _ONE_Q28


def time_value_law(lower: Term, part: Term, value: Term, rest: Term) -> Term:
    """Zero when `value` is `part` of `lower` to the nearest unit; `0 <= rest < 2**28`."""
    return value * _ONE_Q28 + rest - lower * part - _HALF_Q28


def total_vol_q28(vol_e6: Integers, sqrt_years_q28: Integers) -> Integers:
    """Volatility times the square root of time, in steps of 2**-28.

    Range: vol < 2**24 millionths and root < 2**28.6 steps, so the product is below 2**52.6.

    Rounding: to the nearest step.

    Law: `total_vol_law`.
    """
    return div(vol_e6 * sqrt_years_q28 + _HALF_E6, _ONE_E6, Rounding.FLOOR)


def time_value_q28(k_q28: Integers, total_vol_q28: Integers) -> Integers:
    """What an out-of-the-money option is worth, as a part of the lower of forward and strike.

    Swapping forward and strike turns a call into a put of the same value, so only `|k|` matters,
    `k = ln(strike / forward)`. With `s` the total volatility, `a = s/2 - |k|/s` and `y = s - a`
    it is `Phi(a) - exp(|k|) Phi(-y)`. Since `exp(|k|) phi(y) = phi(a)` this is

        phi(a) (M(-a) - M(y))    for a <= 0,        1 - phi(a) (M(a) + M(y))    for a > 0,

    with Mills' ratio `M(y) = Phi(-y) / phi(y)`: no exponential is taken, and nothing multiplies an
    error by `strike / forward`.

    Range: |k| <= 2**32.6 (any two prices), total volatility < 2**32.7. `|k| << 28 < 2**61`;
    density times ratios < 2**29.7 * 2**32.4.

    Error: 1.1e-8 + 1.12e-9 vol, so below 2**-25 up to a volatility of 1000 %
    (docs/internals/pricing.md).

    Rounding: `s/2` and `|k|/s` down, the value to the nearest step; it lies in [0, 1] by itself.

    Law: `distance_law`. Witness: the sign of `k`, the quotient, the sign of `a`, whether `a`
    or `y` is cut; the two rows of the table.
    """
    vol = np.maximum(total_vol_q28, 1)
    quotient = div(np.abs(k_q28) << _BITS, vol, Rounding.FLOOR)
    a = np.clip(down(total_vol_q28, 1) - quotient, -_FAR_Q28, _FAR_Q28)
    density, mills_a = density_and_mills_q31(np.abs(a))
    mills_y = mills_q31(np.minimum(total_vol_q28 - a, _LAST_Q28))
    above = a > 0
    ratios = np.where(above, mills_a + mills_y, mills_y - mills_a)
    lost = nearest(density * ratios, _PRODUCT_SHIFT)
    return np.where(above, _ONE_Q28, 0) - lost


def call_given_q28(
    forward_e3: Integers, strike_e3: Integers, k_q28: Integers, total_vol_q28: Integers
) -> Integers:
    """The value of a call whose logarithm and total volatility are known: intrinsic and time value.

    A table over strikes and scenarios takes `ln_q28` of each strike and of each shocked forward
    once, and `k` is their difference: `call_e3` does the same, so both agree to the last unit.

    Range: prices 1 .. 2**34 - 1, `k = ln_q28(strike) - ln_q28(forward)`. 34 + 28 = 62 bits.

    Rounding: to the nearest milli-USD; never below intrinsic value nor above the forward.

    Law: `time_value_law`. Witness: which of forward and strike is lower.
    """
    part = time_value_q28(k_q28, total_vol_q28)
    lower = np.minimum(forward_e3, strike_e3)
    return forward_e3 - lower + nearest(lower * part, _BITS)


def call_e3(forward_e3: Any, strike_e3: Any, vol_e6: Any, tenor_s: Any) -> Integers:
    """The undiscounted value of a call, in milli-USD per contract.

    Range: forward and strike 1 .. 2**34 - 1, volatility 0 .. 1000 %, tenor 0 .. 2**26 - 1 s. At no
    tenor or no volatility it is the intrinsic value.

    Error: `min(forward, strike) / 2**25 + 1/2`, so below `price_error_e3(forward)`.

    Rounding: to the nearest milli-USD; never below intrinsic value nor above the forward.

    Raises: NotIntegers, OutOfRange.
    """
    forward, strike = prices("forward", forward_e3), prices("strike", strike_e3)
    total_vol = total_vol_q28(vols(vol_e6), sqrt_years_q28(tenors(tenor_s)))
    return call_given_q28(forward, strike, ln_ratio_q28(strike, forward), total_vol)


def put_e3(forward_e3: Any, strike_e3: Any, vol_e6: Any, tenor_s: Any) -> Integers:
    """The undiscounted value of a put: `call - forward + strike`, exactly.

    Range, error, raises: as for `call_e3`; never below intrinsic value nor above the strike.
    """
    call = call_e3(forward_e3, strike_e3, vol_e6, tenor_s)
    return call - prices("forward", forward_e3) + prices("strike", strike_e3)
