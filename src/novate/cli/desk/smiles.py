"""The smiles of a chain, its own marks beside what was fitted through them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from novate.nodes import OptionChain, SmileFit
from novate.pricing import call_delta_q28, implied_vol_e6
from novate.units import Integers, bounds

QUARTER: Final = 0.25
_WIDTH: Final = 4.0
"""Standard deviations either side of the forward in which deltas are looked for."""


@dataclass(frozen=True, slots=True)
class SmileLine:
    """What desks read off a smile; volatilities are fractions of one a year."""

    at_the_money: float
    """At the forward."""
    risk_reversal: float
    """Call of delta 25 % less put of delta -25 %."""
    butterfly: float
    """The mean of these two less the one at the forward."""


def smile_line(fit: SmileFit) -> SmileLine:
    """The three numbers of a fitted smile, without discounting."""
    money = float(fitted_vols(fit, np.array([fit.forward]))[0])
    spread = money * np.sqrt(fit.tenor_s / bounds.YEAR_S)
    strikes = fit.forward * np.exp(np.linspace(-_WIDTH, _WIDTH, 401) * spread)
    vols = fitted_vols(fit, strikes)
    forward_e3 = np.full(len(strikes), round(fit.forward * 1000), dtype=np.int64)
    delta_q28 = call_delta_q28(
        forward_e3, _e3(strikes), np.rint(vols * 1e6).astype(np.int64), fit.tenor_s
    )
    delta = delta_q28 / (1 << bounds.FRACTION_BITS)
    call, put = (float(np.interp(-at, -delta, vols)) for at in (QUARTER, 1 - QUARTER))
    return SmileLine(money, call - put, (call + put) / 2 - money)


def fitted_vols(fit: SmileFit, strikes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Volatilities of a fitted smile at strikes in USD, by the integer rule."""
    forward_e3 = np.full(len(strikes), round(fit.forward * 1000), dtype=np.int64)
    found: npt.NDArray[np.float64] = (
        implied_vol_e6(fit.smile, forward_e3, np.maximum(_e3(strikes), 1), fit.tenor_s) / 1e6
    )
    return found


def marked_smile(
    chain: OptionChain, expiry_s: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Strikes of an expiry and the mean of the source's volatilities there."""
    rows = (chain.expiry_s == expiry_s) & np.isfinite(chain.mark_iv)
    strikes, place = np.unique(chain.strike[rows], return_inverse=True)
    if not len(strikes):
        return strikes, strikes
    return strikes, np.bincount(place, chain.mark_iv[rows]) / np.bincount(place)


def _e3(prices: npt.NDArray[np.float64]) -> Integers:
    found: Integers = np.rint(prices * 1000).astype(np.int64)
    return found
