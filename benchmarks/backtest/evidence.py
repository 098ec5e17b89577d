"""What every model asks of the books of many markets, and what the books then lose.

Two kinds of markets: chains that Deribit published, and chains drawn over hourly prices.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial, reduce
from multiprocessing import Pool

import numpy as np
from numpy.typing import NDArray

from benchmarks.backtest import proxy
from benchmarks.backtest.books import FAMILIES, SEED, recipes
from benchmarks.backtest.chains import Chain, ahead, chains
from benchmarks.backtest.market import market
from benchmarks.backtest.novate_model import Novate
from benchmarks.backtest.prices import hourly
from benchmarks.backtest.stretch import Stretch
from benchmarks.peers import PEERS, Model
from benchmarks.peers.interface import Floats

MODELS: tuple[Model, ...] = (Novate(), *PEERS)
NAMES = tuple(model.name for model in MODELS)
HORIZONS = (6, 12)
"""Hours: of the default liquidation horizon, and twice that."""
EVERY_H, FIRST_H = 6, 4
"""Hours of the day at which a chain is drawn: 4, 10, 16, 22, as the real ones are."""

Case = tuple[Chain, Chain | None, Chain | None]


@dataclass(frozen=True)
class Evidence:
    """Markets in order of time; all margins and losses are parts of a book's notional.

    What is not known is NaN: a book that a chain has no strikes for, or a loss of which the later
    chain is missing.
    """

    underlying: str
    seconds: Floats
    """When each market was, since 1970."""
    move: Floats
    """Of the index until the first horizon."""
    initial: NDArray[np.float32]
    """Models x markets x books."""
    maintenance: NDArray[np.float32]
    loss: NDArray[np.float32]
    """Horizons x markets x books."""

    @property
    def families(self) -> NDArray[np.str_]:
        """Of each book."""
        return np.array(FAMILIES)

    def where(self, markets: NDArray[np.bool_]) -> "Evidence":
        """Some of the markets."""
        return Evidence(
            self.underlying,
            self.seconds[markets],
            self.move[markets],
            self.initial[:, markets],
            self.maintenance[:, markets],
            self.loss[:, markets],
        )

    def followed_by(self, later: "Evidence") -> "Evidence":
        """These markets and then others of the same underlying."""
        return Evidence(
            self.underlying,
            np.concatenate([self.seconds, later.seconds]),
            np.concatenate([self.move, later.move]),
            np.concatenate([self.initial, later.initial], axis=1),
            np.concatenate([self.maintenance, later.maintenance], axis=1),
            np.concatenate([self.loss, later.loss], axis=1),
        )


def published(stretch: Stretch) -> dict[str, Evidence]:
    """Of the chains in `shared/data`."""
    found = {}
    for underlying, every in chains(stretch).items():
        cases = [(chain, *(ahead(every, i, h) for h in HORIZONS)) for i, chain in enumerate(every)]
        # The chain before a stretch is there for the losses that run from it into the stretch.
        mine = [case for case in cases if stretch.has_chain(case[0].at) or case[1] is not None]
        found[underlying] = _evidence(underlying, mine)
    return found


def drawn(stretch: Stretch, underlying: str) -> Evidence:
    """Of the chains drawn over hourly prices."""
    prices = hourly(underlying, stretch)
    hours = prices.measured_in(stretch, max(HORIZONS))
    hours = hours[prices.end_s[hours] // 3600 % EVERY_H == FIRST_H]
    parts = np.array_split(hours, 8 * cores())
    with Pool(cores()) as pool:
        every = pool.map(partial(_drawn_part, proxy.weather(prices)), parts, chunksize=1)
    return _joined(every)


def cores() -> int:
    return len(os.sched_getaffinity(0))


def _drawn_part(drawn_from: proxy.Weather, hours: NDArray[np.int64]) -> Evidence:
    draw = partial(proxy.chain, drawn_from)
    cases = ((draw(int(h)), *(draw(int(h) + n) for n in HORIZONS)) for h in hours)
    return _evidence(drawn_from.prices.underlying, cases)


def _evidence(underlying: str, cases: Iterable[Case]) -> Evidence:
    rows = [_row(chain, later) for chain, *later in cases]
    shape = (0, 0, 0)
    seconds, moves, initial, maintenance, loss = zip(*rows, strict=True) if rows else ((),) * 5
    return Evidence(
        underlying,
        np.array(seconds),
        np.array(moves),
        np.stack(initial, axis=1) if rows else np.zeros(shape, dtype=np.float32),
        np.stack(maintenance, axis=1) if rows else np.zeros(shape, dtype=np.float32),
        np.stack(loss, axis=1) if rows else np.zeros(shape, dtype=np.float32),
    )


def _row(
    chain: Chain, later: list[Chain | None]
) -> tuple[float, float, NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    seed = SEED + int(chain.at.timestamp())
    held = market(chain, recipes(seed))
    nan = np.full((len(FAMILIES),), np.nan, dtype=np.float32)
    initial, maintenance = (np.stack([nan] * len(MODELS)) for _ in range(2))
    loss = np.stack([nan] * len(HORIZONS))
    for i, model in enumerate(MODELS):
        asked = model.margin(held.scene, held.books)
        initial[i, held.recipes] = asked.initial / held.notional
        maintenance[i, held.recipes] = asked.maintenance / held.notional
    for i, end in enumerate(later):
        if end is not None:
            loss[i, held.recipes] = held.losses(end)
    move = np.nan if later[0] is None else later[0].index_price / chain.index_price - 1
    return chain.at.timestamp(), move, initial, maintenance, loss


def _joined(every: list[Evidence]) -> Evidence:
    some = [one for one in every if one.seconds.size]
    return reduce(Evidence.followed_by, some)
