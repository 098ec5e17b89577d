"""Sensitivities of an option's value, in the conventions of option desks.

They are those that Deribit publishes: delta is that of Black and Scholes, not adjusted for the
premium, gamma is per dollar, vega per volatility point, theta per day, rho per point of the rate.
Where Deribit's texts and numbers settle a doubt they are followed: theta is that of one day *or of
what is left*, if less, and rho holds the spot fixed while the forward grows with the rate.

At no total volatility (expiry, or a volatility of zero) a value has a kink and no second
derivative: delta is 1, 0, or a half at the kink, and gamma, theta are 0.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from novate.pricing.black76 import call_given_q28, total_vol_q28
from novate.pricing.logarithm import ln_ratio_q28
from novate.pricing.normal import normal_cdf_q28, pdf_q31
from novate.pricing.normal_table import LAST_NODE, NODE_BITS, TABLE_BITS
from novate.pricing.operand import prices, tenors, vols
from novate.pricing.square_root import sqrt_years_q28
from novate.units import Integers, Rounding, bounds, div, down, nearest

_BITS: Final = bounds.FRACTION_BITS
_ONE_Q28: Final = 1 << _BITS
_LAST_Q28: Final = LAST_NODE << _BITS - NODE_BITS
_DAY_S: Final = 86_400

_CASH_BITS: Final = 18
"""Binary places kept of a product of 62 bits, so that 1,000 micro-USD in a milli-USD still fit."""


@dataclass(frozen=True, slots=True, eq=False)
class Greeks:
    """Sensitivities of one long contract each; arrays of one shape.

    Error: docs/internals/pricing.md; from a total volatility of 1 % (a day at 20 %) and up to a
    volatility of 200 % a delta is within 5e-7; gamma, vega and theta are within 2.5e-6 of their
    largest over all strikes, rho within 6e-7 of forward times tenor and 5 micro-USD a year, and a
    step each.

    Rounding: to the nearest step.
    """

    delta_q28: Integers
    """Dollars per dollar of the forward, in steps of 2**-28: a call's 0 .. 1, a put's -1 .. 0."""
    gamma_e9: Integers
    """Change of delta per dollar of the forward, in steps of 1e-9; cut below 2**62."""
    vega_e6: Integers
    """Micro-USD per volatility point (0.01)."""
    theta_e6: Integers
    """Micro-USD that a day, or what is left if less, takes from the value; never positive."""
    rho_e6: Integers
    """Micro-USD per point (0.01) of an annual rate by which forward and discount grow: a call's
    never negative, a put's never positive.
    """


def call_delta_q28(forward_e3: Any, strike_e3: Any, vol_e6: Any, tenor_s: Any) -> Integers:
    """Delta of a call, `Phi(d1)`, in steps of 2**-28.

    Error: (3.1e-9 + 6.8e-10 vol) / s + 5.9e-9 + 1.2e-9 vol, from a total volatility `s` of
    2**-14 on, with `vol` 1 for 100 %.

    Rounding: to the nearest step.

    Raises: NotIntegers, OutOfRange.
    """
    forward, strike = prices("forward", forward_e3), prices("strike", strike_e3)
    total_vol = total_vol_q28(vols(vol_e6), sqrt_years_q28(tenors(tenor_s)))
    return normal_cdf_q28(_d1_q28(forward, strike, total_vol))


def call_greeks(forward_e3: Any, strike_e3: Any, vol_e6: Any, tenor_s: Any) -> Greeks:
    """Greeks of calls.

    Range: that of `call_e3`.

    Raises: NotIntegers, OutOfRange.
    """
    forward, strike = prices("forward", forward_e3), prices("strike", strike_e3)
    tenor = tenors(tenor_s)
    root = sqrt_years_q28(tenor)
    total_vol = total_vol_q28(vols(vol_e6), root)
    d1 = _d1_q28(forward, strike, total_vol)
    density = pdf_q31(d1)
    delta = normal_cdf_q28(d1)
    call = call_given_q28(forward, strike, ln_ratio_q28(strike, forward), total_vol)
    return Greeks(
        *np.broadcast_arrays(
            delta,
            _gamma_e9(forward, density, total_vol),
            _vega_e6(forward, density, root),
            -_decay_e6(forward, density, total_vol, tenor),
            _call_rho_e6(forward, delta, call, tenor),
        )
    )


def put_greeks(forward_e3: Any, strike_e3: Any, vol_e6: Any, tenor_s: Any) -> Greeks:
    """Greeks of puts, by parity: `put = call - forward + strike`, both discounted.

    Delta is one less, rho less by `strike * tenor` per point, the others are those of the call. As
    a delta is at most one and a call worth at least its intrinsic value, rho is never positive.

    Range: that of `put_e3`; strike and tenor 34 + 10 + 18 bits before they are rounded.

    Raises: NotIntegers, OutOfRange.
    """
    call = call_greeks(forward_e3, strike_e3, vol_e6, tenor_s)
    strike = prices("strike", strike_e3) * 1000 << _CASH_BITS
    strike_rho = _times_ratio(strike, tenors(tenor_s), 100 * bounds.YEAR_S)
    return Greeks(
        call.delta_q28 - _ONE_Q28,
        call.gamma_e9,
        call.vega_e6,
        call.theta_e6,
        call.rho_e6 - nearest(strike_rho, _CASH_BITS),
    )


def _d1_q28(forward_e3: Integers, strike_e3: Integers, total_vol_q28: Integers) -> Integers:
    """`s/2 - k/s`, each rounded down, cut at 10 in magnitude; at `s = 0` what it tends to.

    |k| << 28 < 2**61.
    """
    vol = np.maximum(total_vol_q28, 1)
    k = ln_ratio_q28(strike_e3, forward_e3)
    d1 = down(vol, 1) - div(k << _BITS, vol, Rounding.FLOOR)
    at_kink = np.sign(forward_e3 - strike_e3) * _LAST_Q28
    return np.clip(np.where(total_vol_q28 > 0, d1, at_kink), -_LAST_Q28, _LAST_Q28)


def _gamma_e9(forward_e3: Integers, density_q31: Integers, total_vol_q28: Integers) -> Integers:
    """`phi(d1) / (forward s)`: per milli-USD, times 10**12 for a dollar and steps of 1e-9.

    The quotient has 34 binary places, of which 10**12 = 5**12 * 2**12 takes twelve.

    Range: a quotient by `s` below 2**60.7; one by the forward is cut at 2**56 (a delta that moves
    by 2**22 per milli-USD, at a forward of 26 milli-USD and less), times 5**12 / 2**22 < 2**62.
    """
    per_log = div(density_q31 << 31, np.maximum(total_vol_q28, 1), Rounding.FLOOR)
    quotient = div(per_log, forward_e3, Rounding.FLOOR)
    rest = div((per_log - quotient * forward_e3) * 5**12, forward_e3, Rounding.FLOOR)
    whole = np.minimum(quotient, 1 << 56)
    high, low = down(whole, 22), whole & (1 << 22) - 1
    gamma = high * 5**12 + nearest(low * 5**12 + rest, 22)
    return np.where(total_vol_q28 > 0, gamma, 0)


def _vega_e6(forward_e3: Integers, density_q31: Integers, root_q28: Integers) -> Integers:
    """`forward phi(d1) sqrt(T) / 100`; 34 + 27.3 bits."""
    product = forward_e3 * nearest(density_q31 * root_q28, TABLE_BITS)
    return nearest(down(product, _BITS - _CASH_BITS) * 10, _CASH_BITS)


def _decay_e6(
    forward_e3: Integers, density_q31: Integers, total_vol_q28: Integers, tenor_s: Integers
) -> Integers:
    """`forward phi(d1) s / 2` is what decays until expiry at today's pace: of it a day's part.

    Range: `forward phi(d1) <= max(forward, strike) phi(s/2)`, so the product is below
    2**34 * 0.49 in steps of 2**-28.
    """
    product = forward_e3 * nearest(density_q31 * total_vol_q28, TABLE_BITS)
    whole = down(product, _BITS - _CASH_BITS) * 500
    day = _times_ratio(whole, np.minimum(tenor_s, _DAY_S), np.maximum(tenor_s, 1))
    return nearest(day, _CASH_BITS)


def _call_rho_e6(
    forward_e3: Integers, delta_q28: Integers, call_e3: Integers, tenor_s: Integers
) -> Integers:
    """`T strike Phi(d2) / 100`, where `strike Phi(d2) = forward Phi(d1) - call`: 62 bits."""
    received = down(forward_e3 * delta_q28, _BITS - _CASH_BITS) * 1000
    owed = np.maximum(received - (call_e3 * 1000 << _CASH_BITS), 0)
    rho = _times_ratio(owed, tenor_s, 100 * bounds.YEAR_S)
    return nearest(rho, _CASH_BITS)


def _times_ratio(value: Integers, numerator: Integers, denominator: int | Integers) -> Integers:
    """`value * numerator / denominator`, rounded down, for factors whose product has no room.

    Range: value < 2**63, numerator < 2**26, denominator < 2**32, ratio at most 3.
    """
    whole = div(value, denominator, Rounding.FLOOR)
    rest = (value - whole * denominator) * numerator
    return whole * numerator + div(rest, denominator, Rounding.FLOOR)
