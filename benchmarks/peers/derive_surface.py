"""Derive's volatility surface: an SVI slice per expiry, with its limits.

Source: the SVI library of derivexyz/lyra-utils (reference/margin.md, section 5). Verified: twelve
published vols and two beyond the limit of log-moneyness, and every vol of the published portfolios.
Three of those reach the cap on variance and show it at 20; the library's last public version says
144, which would disagree with them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.peers.interface import Floats

REACH = 4.0
VARIANCE_MAX = 20.0


class NegativeVariance(ValueError):
    """A slice whose total variance is below zero at a strike: the contract reverts."""


@dataclass(frozen=True)
class Slice:
    """One expiry: w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)), over `tenor` years."""

    a: float
    b: float
    rho: float
    m: float
    sigma: float
    forward: float
    tenor: float

    def moneyness(self, strikes: ArrayLike) -> Floats:
        """ln(K / F), within four times sqrt(a + b sigma), the deviation near the money."""
        reach = REACH * np.sqrt(self.a + self.b * self.sigma)
        with np.errstate(divide="ignore"):
            return np.clip(np.log(np.divide(strikes, self.forward)), -reach, reach)

    def vols(self, strikes: ArrayLike) -> Floats:
        """Implied volatility at each strike; total variance is at most 20.

        Raises: NegativeVariance.
        """
        shifted = self.moneyness(strikes) - self.m
        variance = self.a + self.b * (self.rho * shifted + np.hypot(shifted, self.sigma))
        if np.any(variance < 0):
            raise NegativeVariance(f"total variance of {np.min(variance)}, below zero")
        return np.sqrt(np.minimum(variance, VARIANCE_MAX) / self.tenor)
