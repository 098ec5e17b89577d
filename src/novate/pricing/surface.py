"""The smile of one expiry: implied volatility by strike, in five numbers.

`Svi` is raw SVI (Gatheral) freed of the expiry. The literature writes total variance over
log-moneyness, `w(k) = a' + b' (rho (k - m') + sqrt((k - m')**2 + s'**2))`; with the tenor `T` in
years, `z = k / sqrt(T)` and `w = v T` this is a variance per year

    v(z) = a + b (rho (z - m) + sqrt((z - m)**2 + s**2)),
    a' = a T,   b' = b sqrt(T),   m' = m sqrt(T),   s' = s sqrt(T),   rho' = rho.

`a'` of an hour is 1e-5 where that of a year is 0.25, so that a step of 1e-6 would be a tenth of
the one and nothing of the other; in `v(z)` all five keep their size and their six decimals at any
tenor.

`z` has one decimal more than the parameters, so that its rounding is less than the volatility's.
Beyond `|z| = 64` a smile is level; at a volatility of 800 % that is eight standard deviations away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any, Final

import numpy as np

from novate.pricing.logarithm import ln_ratio_q28
from novate.pricing.operand import operand, prices
from novate.pricing.square_root import sqrt_floor, sqrt_years_q28
from novate.units import Integers, NamedError, Rounding, Term, bounds, div, within

_ONE: Final = 10**6
_Z_ONE: Final = 10**7
_Z_MAX: Final = bounds.SVI_Z_MAX * _Z_ONE
_VARIANCE_MAX: Final = bounds.VOL_MAX_E6**2 * 10

VARIANCE_MIN_E6: Final = 100
"""The least variance per year of a smile: 1 % squared."""


class SviRefused(NamedError, ValueError):
    """Five numbers, each in its range, that are no smile together; `value` is beyond `limit`."""

    def __init__(self, what: str, *, value: int, limit: int) -> None:
        super().__init__(f"{what} is {value}, beyond {limit}")
        self.what, self.value, self.limit = what, value, limit


@dataclass(frozen=True, slots=True)
class Svi:
    """A smile: variance per year over standardised log-moneyness; steps of 1e-6.

    Range: |a| < 2**27, 0 <= b < 2**24, |rho| < 10**6, |m| < 2**26, 1 <= s < 2**26, and a least
    variance `a + b s sqrt(1 - rho**2)` of at least 1e-4, a volatility of 1 %.

    Raises: OutOfRange, SviRefused.

    Source: Gatheral, "A parsimonious arbitrage-free implied volatility parameterization", 2004.
    """

    a_e6: int
    """Level."""
    b_e6: int
    """Slope of the wings, on average."""
    rho_e6: int
    """How much steeper the right wing is: slopes are `b (1 + rho)` and `-b (1 - rho)`."""
    m_e6: int
    """Centre."""
    s_e6: int
    """Width of the rounding between the wings."""

    def __post_init__(self) -> None:
        level, place = 1 << bounds.SVI_LEVEL_BITS, 1 << bounds.SVI_PLACE_BITS
        within("a_e6 of a smile", self.a_e6, low=1 - level, high=level)
        within("b_e6 of a smile", self.b_e6, high=1 << bounds.SVI_SLOPE_BITS)
        within("rho_e6 of a smile", self.rho_e6, low=1 - _ONE, high=_ONE)
        within("m_e6 of a smile", self.m_e6, low=1 - place, high=place)
        within("s_e6 of a smile", self.s_e6, low=1, high=place)
        if self.variance_min_e6 < VARIANCE_MIN_E6:
            raise SviRefused(
                "the least variance of a smile, in millionths,",
                value=self.variance_min_e6,
                limit=VARIANCE_MIN_E6,
            )

    @property
    def variance_min_e6(self) -> int:
        """The variance per year at the bottom of the smile, rounded down: against who says it is
        high enough.

        The root is exact in its floor, so whoever checks the law of the floor checks this.
        """
        bend_e12 = self.b_e6 * self.s_e6
        bottom_e18 = isqrt(bend_e12 * bend_e12 * (_ONE * _ONE - self.rho_e6 * self.rho_e6))
        return self.a_e6 + div(bottom_e18, 10**12, Rounding.FLOOR)

    def require_wings(self, tenor_s: int) -> None:
        """Refuse wings whose total variance grows faster than twice log-moneyness (Lee, 2004).

        `b sqrt(T) (1 + |rho|) <= 2`, squared so that no root is taken.

        Range: 1 <= tenor_s < 2**26.

        Raises: OutOfRange, SviRefused.
        """
        within("tenor", tenor_s, low=1, high=1 << bounds.TENOR_BITS)
        steepest = self.b_e6 * (_ONE + abs(self.rho_e6))
        squared, limit = steepest * steepest * tenor_s, 4 * 10**24 * bounds.YEAR_S
        if squared > limit:
            raise SviRefused(
                f"the squared wing slope of a smile of {tenor_s} seconds, in 1e-24 per year,",
                value=squared,
                limit=limit,
            )


@dataclass(frozen=True, slots=True, eq=False)
class Smiles:
    """Smiles as columns: one for each row of what is priced."""

    a_e6: Integers
    b_e6: Integers
    rho_e6: Integers
    m_e6: Integers
    s_e6: Integers

    @classmethod
    def of(cls, smiles: Sequence[Svi], which: Integers) -> "Smiles":
        """Row by row the smile that `which` counts from 0."""
        table = np.array(
            [(one.a_e6, one.b_e6, one.rho_e6, one.m_e6, one.s_e6) for one in smiles], dtype=np.int64
        )
        return cls(*table[which].T)


def moneyness_law(k: Term, root: Term, z: Term, rest: Term) -> Term:
    """Zero when `z` is `k / root` in steps of 1e-7, rounded down; `0 <= rest < root`.

    Every term is below 2**56.
    """
    return z * root + rest - k * _Z_ONE


def lean_law(rho: Term, distance: Term, lean: Term, rest: Term) -> Term:
    """Zero when `lean` is `rho * distance / 10**6`, rounded down; `0 <= rest < 10**6`.

    Every term is below 2**51.
    """
    return lean * _ONE + rest - rho * distance


def smile_vol_law(variance: Term, vol: Term, rest: Term) -> Term:
    """Zero when `vol` in millionths is the root of a variance in steps of 1e-13, rounded down.

    With `0 <= rest < 20 vol + 10`. Every term is below 2**51.
    """
    return 10 * vol * vol + rest - variance


def moneyness_e7(forward_e3: Integers, strike_e3: Integers, tenor_s: Integers) -> Integers:
    """Standardised log-moneyness `ln(K / F) / sqrt(T)` in steps of 1e-7, cut at 64 in magnitude.

    Range: prices 1 .. 2**34 - 1, tenor 1 .. 2**26 - 1; `|ln| < 2**32.6` times 10**7 < 2**56.

    Error: `(6.4e-9 + 2.8e-9 |z|) / sqrt(T) + 1e-7`.

    Rounding: down.

    Law: `moneyness_law`. Witness: whether the quotient is cut, and at which end.
    """
    k, root = ln_ratio_q28(strike_e3, forward_e3), sqrt_years_q28(tenor_s)
    quotient = div(k * _Z_ONE, root, Rounding.FLOOR)
    z: Integers = np.clip(quotient, -_Z_MAX, _Z_MAX)
    return z


def variance_e13(smile: Svi | Smiles, z_e7: Integers) -> Integers:
    """Variance per year of a smile at a place, in steps of 1e-13; not cut.

    Range: |z - m| < 64 + 67.2, so its square and that of `s` are in sum below 2.2e18 < 2**61;
    lean and root are below 2**31.4 together, times `b` below 2**55.4, with `a` below 2**56.

    Error: at most `2e-7 b` below the exact value at this `z`, never above.

    Rounding: lean and root down.

    Law: `lean_law`, `sqrt_law`.
    """
    distance = z_e7 - smile.m_e6 * 10
    width = smile.s_e6 * 10
    root = sqrt_floor(distance * distance + width * width)
    lean = div(smile.rho_e6 * distance, _ONE, Rounding.FLOOR)
    variance: Integers = smile.a_e6 * _Z_ONE + smile.b_e6 * (lean + root)
    return variance


def implied_vol_e6(smile: Svi | Smiles, forward_e3: Any, strike_e3: Any, tenor_s: Any) -> Integers:
    """The volatility of a smile at a strike, in millionths; at most 1000 %.

    Range: prices 1 .. 2**34 - 1, tenor 1 .. 2**26 - 1: at expiry there is no smile.

    Error: `1e-6 + d / vol` with `d = b ((1 + |rho|) dz + 2e-7)`, `dz` the error of `moneyness_e7`:
    for a smile of a month with b = 0.25 and 50 % that is 1.2e-6.

    Rounding: down, as everything before it; it is a reference that both sides share.

    Law: `smile_vol_law`. Witness: whether the variance is above 1000 % squared.

    Raises: NotIntegers, OutOfRange.
    """
    forward, strike = prices("forward", forward_e3), prices("strike", strike_e3)
    tenor = operand("tenor of a smile", tenor_s, low=1, high=1 << bounds.TENOR_BITS)
    variance = variance_e13(smile, moneyness_e7(forward, strike, tenor))
    return sqrt_floor(div(np.minimum(variance, _VARIANCE_MAX), 10, Rounding.FLOOR))
