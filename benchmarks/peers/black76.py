"""Black-76 in floats: undiscounted option values and deltas, over arrays of any shape.

Error: the distribution is scipy's `ndtr`, so values are good to a few units in the last place of
the forward; puts are computed directly, so small ones keep their digits.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]


def _distances(
    forward: ArrayLike, strike: ArrayLike, vol: ArrayLike, tenor: ArrayLike
) -> tuple[Floats, Floats]:
    """d1 and d2; infinite, with the sign of the payoff, where nothing is uncertain."""
    deviation = np.multiply(vol, np.sqrt(tenor))
    with np.errstate(divide="ignore", invalid="ignore"):
        moneyness = np.log(np.divide(forward, strike))
        first = moneyness / deviation + deviation / 2
    # At the money and certain: 0/0. The payoff is zero on both sides, so either sign will do.
    first = np.where(np.isnan(first), np.inf, first)
    return first, first - deviation


def price(
    is_call: ArrayLike, forward: ArrayLike, strike: ArrayLike, vol: ArrayLike, tenor: ArrayLike
) -> Floats:
    """Value of a call or a put; the payoff where vol or tenor is zero.

    Range: forward, strike, vol and tenor (years) not negative; forward and strike not both zero.
    """
    first, second = _distances(forward, strike, vol, tenor)
    sign = np.where(is_call, 1.0, -1.0)
    value = sign * (
        np.multiply(forward, ndtr(sign * first)) - np.multiply(strike, ndtr(sign * second))
    )
    return np.maximum(value, 0.0)


def delta(
    is_call: ArrayLike, forward: ArrayLike, strike: ArrayLike, vol: ArrayLike, tenor: ArrayLike
) -> Floats:
    """What a value gains for one dollar of the forward."""
    first, _ = _distances(forward, strike, vol, tenor)
    sign = np.where(is_call, 1.0, -1.0)
    return sign * ndtr(sign * first)
