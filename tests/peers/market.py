"""A small market, and books drawn from a seed, that every model is asked about."""

import numpy as np
from benchmarks.peers.black76 import price
from benchmarks.peers.interface import Floats, Kind, Scene

STRIKES = (100.0, 110.0, 90.0, 125.0, 75.0)
FORWARDS, TENORS = np.array([100.5, 102.0]), np.array([0.02, 0.4])


def market(underlying: str = "BTC", scale: float = 1.0, vol: float = 0.6) -> Scene:
    """Two expiries of ten options and a future each, and a perpetual.

    The first four options are call and put at 100, call and put at 110, of the near expiry.
    """
    kinds, expiries, strikes, vols = [], [], [], []
    for expiry in range(2):
        for strike in STRIKES:
            kinds += [Kind.CALL, Kind.PUT]
            expiries += [expiry] * 2
            strikes += [strike * scale] * 2
            vols += [vol + 0.3 * np.log(strike / 100) ** 2] * 2
    kinds += [Kind.FUTURE, Kind.FUTURE, Kind.PERPETUAL]
    expiries += [0, 1, -1]
    strikes += [0.0] * 3
    vols += [0.0] * 3
    options = len(kinds) - 3
    is_call = np.array(kinds[:options]) == Kind.CALL
    forwards = FORWARDS * scale
    of_option = np.array(expiries[:options])
    values = price(
        is_call, forwards[of_option], strikes[:options], vols[:options], TENORS[of_option]
    )
    marks = [*values, *forwards, 100.1 * scale]
    return Scene(underlying, 100.0 * scale, forwards, TENORS, kinds, expiries, strikes, vols, marks)


def some_books(count: int = 40) -> Floats:
    """Random holdings of `market`, each of a few instruments."""
    chance = np.random.default_rng(5)
    shape = (count, 23)
    held = chance.random(shape) < 0.3
    return np.where(held, chance.integers(-20, 21, shape) / 10, 0.0)
