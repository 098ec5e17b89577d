"""Moves of six hours that a trader may imagine: of the price, of a smile, of near against far.

Each is a chain as it would then be; against it the book is taken that would lose most beyond its
margin. What the market does instead is another matter.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import numpy as np

from benchmarks.backtest.chains import YEAR_S, Chain, Smile
from benchmarks.peers.interface import Floats

HOURS = 6
DEVIATIONS = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0)
"""Of the price in six hours, at the volatility of 14 days, which is that of the spot range too."""
SMILE_MOVE = 0.15
"""Of the volatility at 30 days, four standard deviations from the forward and beyond."""
TERM_MOVE = 0.05
CUTS_DAYS = (3, 20, 60)
"""Between the expiries that rise and those that fall."""
WING, FASTEST = 4.0, 3.0
SPOT, SMILE, TERM = "bets on spot", "bets on the smile", "bets on the term"

Factor = Callable[[Smile, float], Floats]


def imagined(chain: Chain) -> Iterator[tuple[str, Chain]]:
    """Each move by what it is of, and the chain after it."""
    deviation = _fortnight_vol(chain) * np.sqrt(HOURS * 3600 / YEAR_S)
    for many in DEVIATIONS:
        yield SPOT, after(chain, move=many * deviation)
    for size in (SMILE_MOVE, -SMILE_MOVE):
        for bends in (False, True):
            yield SMILE, after(chain, factor=partial(_turned, size=size, bends=bends))
    for size in (TERM_MOVE, -TERM_MOVE):
        for cut in CUTS_DAYS:
            yield TERM, after(chain, factor=partial(_twisted, size=size, cut=cut))


def after(chain: Chain, move: float = 0.0, factor: Factor | None = None) -> Chain:
    """The chain six hours later: forwards moved alike, each volatility its strike's times a factor.

    An expiry that is over by then is gone from it.
    """
    at = chain.at + timedelta(hours=HOURS)
    smiles = [
        replace(
            smile,
            forward=smile.forward * (1 + move),
            vols=smile.vols * (1.0 if factor is None else factor(smile, float(tenor))),
        )
        for smile, tenor in zip(chain.smiles, chain.tenors, strict=True)
        if smile.expiry > at
    ]
    return Chain(at, chain.underlying, tuple(smiles))


def at_the_money(smile: Smile) -> float:
    """Volatility at the forward."""
    return float(smile.vol(np.array([smile.forward]))[0])


def _fortnight_vol(chain: Chain) -> float:
    return float(np.interp(14, chain.tenors * 365, [at_the_money(s) for s in chain.smiles]))


def _speed(tenor: float) -> float:
    """How much more a volatility moves than one of 30 days."""
    return float(np.sqrt(30 / max(tenor * 365, 1.0)))


def _turned(smile: Smile, tenor: float, *, size: float, bends: bool) -> Floats:
    """A smile whose one wing rises and the other falls, or both rise."""
    reach = WING * at_the_money(smile) * np.sqrt(tenor)
    place = np.clip(np.log(smile.strikes / smile.forward) / reach, -1.0, 1.0)
    return 1 + size * min(_speed(tenor), FASTEST) * (np.abs(place) if bends else place)


def _twisted(smile: Smile, tenor: float, *, size: float, cut: float) -> Floats:
    """All of one expiry, up before the cut and down behind it."""
    side = 1 if tenor * 365 < cut else -1
    return np.full(smile.vols.size, 1 + size * side * _speed(tenor))
