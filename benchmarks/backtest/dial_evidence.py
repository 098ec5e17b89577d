"""What is asked at each setting of the dials, and what books then lose, hour upon hour.

All of the stretch on which the model was chosen; the other one is not read.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import Pool

import numpy as np
from numpy.typing import NDArray

from benchmarks.backtest import proxy
from benchmarks.backtest.books import SEED, recipes
from benchmarks.backtest.chains import Chain, ahead, chains
from benchmarks.backtest.evidence import EVERY_H, FIRST_H
from benchmarks.backtest.market import Market, carried, market
from benchmarks.backtest.novate_model import margins_at
from benchmarks.backtest.prices import hourly
from benchmarks.backtest.stretch import CHOICE
from benchmarks.peers.interface import Floats, Integers
from novate.risk import Dials
from novate.units import bounds

Settings = Sequence[Dials]
Row = tuple[Floats, Floats, Floats, Floats]

FLAGGED_WITHIN_H = 6
CHAIN_HOURS = tuple(range(6, 49, 6))
"""After how many hours there is a chain that was published, within an hour and a half."""
PRICE_HOURS = (6, 7, 8, 9, 10, 11, 12, 13, 18, 19, 30, 31)
"""The whole hours about every time that a setting implies."""
STORMY = 0.05
"""Of the drawn chains this part, after which the index moved most, is there in full."""
CALM_EVERY = 23
"""Of the others one in so many, and each counts for so many."""


@dataclass(frozen=True)
class DialEvidence:
    """Settings and books; margins and losses are parts of a book's notional, NaN is not known."""

    hours: tuple[int, ...]
    """After which losses are known."""
    weight: Floats
    """For how many books of its kind each book stands."""
    initial: Floats
    """Settings x books."""
    maintenance: Floats
    flagged: Floats
    """1 for a book that opened with just its initial margin and is flagged within six hours."""
    loss: Floats
    """Hours x books."""

    @classmethod
    def of(cls, hours: tuple[int, ...], rows: Iterable[Row], weights: Floats) -> "DialEvidence":
        """Markets side by side; a weight for all books of each."""
        every = list(rows)
        each = np.repeat(weights, [initial.shape[1] for initial, *_ in every])
        return cls(hours, each, *(np.hstack(column) for column in zip(*every, strict=True)))


def thresholds(settings: Settings) -> Floats:
    """The part of maintenance margin below which an account is flagged, a row for each setting."""
    one = bounds.RATE_SCALE
    return np.array([[dials.liquidation_threshold_e6 / one] for dials in settings])


def published(settings: Settings) -> dict[str, DialEvidence]:
    """Of the chains in `shared/data`."""
    soon = CHAIN_HOURS.index(FLAGGED_WITHIN_H)
    found = {}
    for underlying, every in chains(CHOICE).items():
        later = [[ahead(every, i, hours) for hours in CHAIN_HOURS] for i in range(len(every))]
        rows = [of_chain(settings, *case, soon) for case in zip(every, later, strict=True)]
        found[underlying] = DialEvidence.of(CHAIN_HOURS, rows, np.ones(len(rows)))
    return found


def drawn(settings: Settings, underlying: str) -> DialEvidence:
    """Of chains drawn over hourly prices: synthetic, the storms in full, the calm thinned out."""
    prices = hourly(underlying, CHOICE)
    hours = prices.measured_in(CHOICE, max(PRICE_HOURS))
    hours = hours[prices.end_s[hours] // 3600 % EVERY_H == FIRST_H]
    taken, weights = sample(np.max(prices.excursions(hours, max(PRICE_HOURS)), axis=0))
    cores = len(os.sched_getaffinity(0))
    parts = np.array_split(hours[taken], 8 * cores)
    work = partial(_drawn_part, settings, proxy.weather(prices))
    with Pool(cores) as pool:
        found = pool.map(work, parts, chunksize=1)
    return DialEvidence.of(PRICE_HOURS, (row for part in found for row in part), weights)


def sample(move: Floats) -> tuple[Integers, Floats]:
    """Which markets are looked at, and for how many each of them stands."""
    is_stormy = move >= np.quantile(move, 1 - STORMY)
    calm = np.flatnonzero(~is_stormy)
    is_taken = is_stormy.copy()
    is_taken[calm[::CALM_EVERY]] = True
    taken = np.flatnonzero(is_taken)
    calm_weight = calm.size / max(calm[::CALM_EVERY].size, 1)
    return taken, np.where(is_stormy[taken], 1.0, calm_weight)


def of_chain(settings: Settings, chain: Chain, later: Sequence[Chain | None], soon: int) -> Row:
    """The books of one chain; `later[soon]` is the one after six hours."""
    held = market(chain, recipes(SEED + int(chain.at.timestamp())))
    asked = margins_at(held.scene, held.books, settings)
    initial = np.array([one.initial for one in asked]) / held.notional
    maintenance = np.array([one.maintenance for one in asked]) / held.notional
    unknown = np.full(held.notional.shape, np.nan)
    loss = np.array([unknown if end is None else held.losses(end) for end in later])
    flagged = np.full(initial.shape, np.nan)
    if (end := later[soon]) is not None:
        needed = thresholds(settings) * _maintenance_on(end, held, settings)
        flagged = (initial - loss[soon] < needed).astype(float)
    return initial, maintenance, flagged, loss


def _maintenance_on(later: Chain, held: Market, settings: Settings) -> Floats:
    """What the books must maintain when they are carried to a later chain, settings x books."""
    # Neither buffer nor threshold is in it, so that many settings ask the same.
    asked = [
        replace(
            Dials(),
            settlement_latency_s=one.settlement_latency_s,
            oracle_heartbeat_s=one.oracle_heartbeat_s,
        )
        for one in settings
    ]
    different = list(dict.fromkeys(asked))
    left = carried(held, later)
    found: NDArray[np.float64] = np.zeros((len(different), held.notional.size))
    for row, one in zip(found, margins_at(left.scene, left.books, different), strict=True):
        row[np.isin(held.recipes, left.recipes)] = one.maintenance
    return found[[different.index(one) for one in asked]] / held.notional


def _drawn_part(settings: Settings, seen: proxy.Weather, hours: Integers) -> list[Row]:
    draw = partial(proxy.chain, seen)
    soon = PRICE_HOURS.index(FLAGGED_WITHIN_H)
    return [
        of_chain(settings, draw(int(hour)), [draw(int(hour) + n) for n in PRICE_HOURS], soon)
        for hour in hours
    ]
