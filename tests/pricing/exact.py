"""Black-76 to fifty digits, and how far integers are from it."""

from collections.abc import Callable, Iterable

import numpy as np
from mpmath import erfc, log, mp, mpf, ncdf, npdf, sqrt

from novate.units import Integers, bounds

mp.dps = 50

ONE_Q28 = 1 << bounds.FRACTION_BITS


def total_vol(vol_e6: int, tenor_s: int) -> mpf:
    return mpf(int(vol_e6)) / 10**6 * sqrt(mpf(int(tenor_s)) / bounds.YEAR_S)


def mills(y: mpf) -> mpf:
    """Upper tail over density."""
    return erfc(y / sqrt(mpf(2))) / 2 / npdf(y)


def d1_d2(forward: int, strike: int, vol_e6: int, tenor_s: int) -> tuple[mpf, mpf]:
    s = total_vol(vol_e6, tenor_s)
    d1 = log(mpf(int(forward)) / int(strike)) / s + s / 2
    return d1, d1 - s


def call(forward: int, strike: int, vol_e6: int, tenor_s: int) -> mpf:
    """In the unit of forward and strike, from the side that is out of the money."""
    forward, strike = int(forward), int(strike)
    if vol_e6 == 0 or tenor_s == 0:
        return mpf(max(forward - strike, 0))
    d1, d2 = d1_d2(forward, strike, vol_e6, tenor_s)
    if forward <= strike:
        return forward * ncdf(d1) - strike * ncdf(d2)
    return forward - strike + strike * ncdf(-d2) - forward * ncdf(-d1)


def greeks(forward_e3: int, strike_e3: int, vol_e6: int, tenor_s: int) -> dict[str, mpf]:
    """Of a call, in the units of `Greeks`: unscaled numbers times the unit's scale."""
    forward, strike = mpf(int(forward_e3)) / 1000, mpf(int(strike_e3)) / 1000
    s, years = total_vol(vol_e6, tenor_s), mpf(int(tenor_s)) / bounds.YEAR_S
    d1, d2 = d1_d2(forward_e3, strike_e3, vol_e6, tenor_s)
    days = min(mpf(1), mpf(int(tenor_s)) / 86_400)
    theta_year = forward * npdf(d1) * (mpf(int(vol_e6)) / 10**6) / (2 * sqrt(years))
    return {
        "delta_q28": ncdf(d1) * ONE_Q28,
        "gamma_e9": npdf(d1) / (forward * s) * 10**9,
        "vega_e6": forward * npdf(d1) * sqrt(years) / 100 * 10**6,
        "theta_e6": -theta_year / 365 * days * 10**6,
        "rho_e6": strike * years * ncdf(d2) / 100 * 10**6,
    }


def errors(
    values: Integers, exact: Callable[..., mpf], *arguments: Iterable[int], scale: int = 1
) -> np.ndarray:
    """How far each value is from `exact(*arguments) * scale`, in steps of the value."""
    columns = np.broadcast_arrays(values, *arguments)
    rows = zip(*(column.ravel().tolist() for column in columns), strict=True)
    return np.array([float(abs(value - exact(*row) * scale)) for value, *row in rows])
