"""The smile of one expiry: implied volatility by strike, in five numbers.

`Svi` is raw SVI (Gatheral) freed of the expiry. The literature writes total variance over
log-moneyness, `w(k) = a' + b' (rho (k - m') + sqrt((k - m')**2 + s'**2))`; with the tenor `T` in
years, `z = k / sqrt(T)` and `w = v T` this is a variance per year

    v(z) = a + b (rho (z - m) + sqrt((z - m)**2 + s**2)),
    a' = a T,   b' = b sqrt(T),   m' = m sqrt(T),   s' = s sqrt(T),   rho' = rho.

`a'` of an hour is 1e-5 where that of a year is 0.25, so that a step of 1e-6 would be a tenth of
the one and nothing of the other; in `v(z)` all five keep their size and their six decimals at any
tenor.
"""

from dataclasses import dataclass
from math import isqrt
from typing import Final

from novate.units import bounds, within

_ONE: Final = 10**6

VARIANCE_MIN_E6: Final = 100
"""The least variance per year of a smile: 1 % squared."""


class SviRefused(ValueError):
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
        """The variance per year at the bottom of the smile, rounded down.

        The root is exact in its floor, so whoever checks the law of the floor checks this.
        """
        bend_e12 = self.b_e6 * self.s_e6
        bottom_e18 = isqrt(bend_e12 * bend_e12 * (_ONE * _ONE - self.rho_e6 * self.rho_e6))
        return self.a_e6 + bottom_e18 // 10**12

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
