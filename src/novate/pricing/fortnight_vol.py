"""The volatility 14 days out, at the money: what the spot range of a risk table follows."""

from collections.abc import Sequence
from itertools import pairwise
from math import isqrt
from typing import Final

from novate.units import Rounding, Tenor, Term, Vol, div

FORTNIGHT_S: Final = 14 * 86_400


class NoTermStructure(ValueError):
    """Volatilities by tenor that are none: no point at all, or tenors that do not rise from one."""


def fortnight_vol_law(
    near_vol: Term, near_s: Term, far_vol: Term, far_s: Term, vol: Term, rest: Term
) -> Term:
    """Zero when `vol` is the root of the total variance between two expiries, rounded up.

    `vol**2 M (far - near) = near_vol**2 near (far - M) + far_vol**2 far (M - near) + rest` with
    M = 14 days and `0 <= rest < (2 vol - 1) M (far - near)`. 2 x 24 + 21 + 26 = 95 bits a term, so
    every sum is below 2**97.
    """
    linear = near_vol * near_vol * near_s * (far_s - FORTNIGHT_S)
    linear += far_vol * far_vol * far_s * (FORTNIGHT_S - near_s)
    return vol * vol * FORTNIGHT_S * (far_s - near_s) - linear - rest


def fortnight_vol(points: Sequence[tuple[Tenor, Vol]]) -> Vol:
    """At-the-money volatility 14 days out: total variance is linear between the two expiries
    around it; before the first and after the last expiry the volatility is theirs.

    Rounding: up, as the range that follows from it is a requirement.

    Range: tenors that rise from 1 s.

    Law: `fortnight_vol_law`. Witness: the two expiries, adjacent in the tick, with 14 days between.

    Raises: NoTermStructure.
    """
    tenors = [tenor.s for tenor, _ in points]
    if not points or tenors[0] < 1 or any(a >= b for a, b in pairwise(tenors)):
        raise NoTermStructure(f"tenors of {tenors} s: give at least one, rising, above 0")
    if tenors[0] >= FORTNIGHT_S:
        return points[0][1]
    for (near, near_vol), (far, far_vol) in pairwise(points):
        if far.s >= FORTNIGHT_S:
            return _between(near.s, near_vol.e6, far.s, far_vol.e6)
    return points[-1][1]


def _between(near_s: int, near_vol: int, far_s: int, far_vol: int) -> Vol:
    linear = near_vol * near_vol * near_s * (far_s - FORTNIGHT_S)
    linear += far_vol * far_vol * far_s * (FORTNIGHT_S - near_s)
    scale = FORTNIGHT_S * (far_s - near_s)
    # The least integer whose square, times the scale, is not below.
    vol = isqrt(div(linear, scale, Rounding.CEIL) - 1) + 1 if linear else 0
    rest = vol * vol * scale - linear
    assert 0 <= rest < max((2 * vol - 1) * scale, 1)
    assert fortnight_vol_law(near_vol, near_s, far_vol, far_s, vol, rest) == 0
    return Vol(vol)
