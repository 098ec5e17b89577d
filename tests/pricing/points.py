"""Where formulas of options are tested: everywhere, and above all at the edges."""

from itertools import product

import numpy as np

from novate.units import Integers, bounds

Points = tuple[Integers, Integers, Integers, Integers]
"""Forward and strike in milli-USD, volatility in millionths, tenor in seconds."""

PRICE_MAX = (1 << bounds.PRICE_BITS) - 1
TENOR_MAX = (1 << bounds.TENOR_BITS) - 1

PRICES = (1, 2, 3, 1000, (1 << 24) - 1, 1 << 24, 100_000_000, 1 << 33, PRICE_MAX - 1, PRICE_MAX)
VOLS = (0, 1, 2, 1_000, 500_000, 3_000_000, bounds.VOL_MAX_E6 - 1, bounds.VOL_MAX_E6)
TENORS = (0, 1, 2, 59, 3_600, 86_400, bounds.YEAR_S, TENOR_MAX - 1, TENOR_MAX)


def edges() -> Points:
    """Every combination of smallest, largest and round values, ties among them."""
    forward, strike, vol, tenor = np.array(list(product(PRICES, PRICES, VOLS, TENORS))).T
    return forward, strike, vol, tenor


def drawn(count: int, seed: int) -> Points:
    """`count` points of each of five kinds, from a seed."""
    random = np.random.default_rng(seed)
    kinds = (_anywhere, _near_the_money, _in_its_last_minute, _in_the_wings, _large_and_wild)
    drawn = [kind(random, count) for kind in kinds]
    forward, strike, vol, tenor = (np.concatenate(column) for column in zip(*drawn, strict=True))
    return forward, strike, vol, tenor


def _even(random: np.random.Generator, low: float, high: float, count: int) -> Integers:
    """Evenly over the magnitudes: as many between 10 and 100 as between 100 and 1,000."""
    return np.exp(random.uniform(np.log(low), np.log(high), count)).astype(np.int64)


def _priced(values: np.ndarray) -> Integers:
    return np.clip(np.rint(values), 1, PRICE_MAX).astype(np.int64)


def _strikes(forward: Integers, vol: Integers, tenor: Integers, deviations: np.ndarray) -> Integers:
    """Strikes so many standard deviations above the forward."""
    total_vol = vol / 1e6 * np.sqrt(tenor / bounds.YEAR_S)
    return _priced(forward * np.exp(np.clip(deviations * total_vol, -24, 24)))


def _anywhere(random: np.random.Generator, count: int) -> Points:
    forward, strike = (_even(random, 1, PRICE_MAX + 1, count) for _ in range(2))
    return forward, strike, _even(random, 1, 1e7, count), _even(random, 1, TENOR_MAX, count)


def _near_the_money(random: np.random.Generator, count: int) -> Points:
    forward, vol = _even(random, 1, PRICE_MAX + 1, count), _even(random, 1e3, 1e7, count)
    tenor = _even(random, 1, TENOR_MAX, count)
    return forward, _strikes(forward, vol, tenor, random.normal(0, 1, count)), vol, tenor


def _in_its_last_minute(random: np.random.Generator, count: int) -> Points:
    """Half of them within ten milli-USD of the forward, a tenth exactly at it."""
    forward, vol = _even(random, 1e3, PRICE_MAX + 1, count), _even(random, 1e4, 1e7, count)
    tenor = random.integers(1, 61, count)
    strike = _strikes(forward, vol, tenor, random.normal(0, 2, count))
    beside = _priced(forward + random.integers(-10, 11, count).astype(float))
    strike = np.where(random.random(count) < 0.5, beside, strike)
    return forward, np.where(random.random(count) < 0.1, forward, strike), vol, tenor


def _in_the_wings(random: np.random.Generator, count: int) -> Points:
    forward, vol = _even(random, 1e4, PRICE_MAX + 1, count), _even(random, 1e5, 1e7, count)
    tenor, far = _even(random, 1, TENOR_MAX, count), random.uniform(3, 8, count)
    sides = random.choice([-1, 1], count)
    return forward, _strikes(forward, vol, tenor, sides * far), vol, tenor


def _large_and_wild(random: np.random.Generator, count: int) -> Points:
    """Where the integers are least exact: volatilities of hundreds of percent, for long."""
    forward, vol = random.integers(1 << 32, PRICE_MAX + 1, count), _even(random, 3e6, 1e7, count)
    tenor = _even(random, 1e5, TENOR_MAX, count)
    return forward, _strikes(forward, vol, tenor, random.normal(0, 1, count)), vol, tenor
