"""What each part of the margin model buys: the model without it, in integers.

A rung is the product with other parameters, or with columns of its table that repeat another one.
Every rung is asked about the 87 books of the choice stretch, and attacked with its own best books.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import Pool
from typing import Any

import numpy as np

from benchmarks.backtest import adversary, proxy
from benchmarks.backtest.books import SEED, recipes
from benchmarks.backtest.chains import Chain, ahead, chains
from benchmarks.backtest.dial_evidence import sample
from benchmarks.backtest.evidence import EVERY_H, FIRST_H, HORIZONS, cores
from benchmarks.backtest.market import market
from benchmarks.backtest.novate_model import PARAMETERS, Novate, margins_of
from benchmarks.backtest.prices import FILES, hourly
from benchmarks.backtest.statistics import percent
from benchmarks.backtest.stretch import CHOICE
from benchmarks.peers.interface import Floats, Integers
from novate.risk import GRID, Dials, RiskParameters
from novate.units import bounds

Table = dict[str, Any]
SEARCHES = (adversary.HINDSIGHT[0], adversary.SPOT, adversary.LEAST_MARGIN)
STILL = 0
"""The column in which nothing moves and six hours pass."""
TAILS = {c: None for c, one in enumerate(GRID) if one.is_tail}
NEAR = {c: STILL for c, one in enumerate(GRID) if one.is_near and one.move_mille}
NEAR_UNCHANGED = {c: STILL for c in NEAR if GRID[c].vol == 0}
CONSTANT_RANGE_E6 = {"BTC": 145_500, "ETH": 162_000}
"""What the range is in the mean of all hours of the stretch."""


def changed(**changes: int) -> dict[str, RiskParameters]:
    """The parameters of each underlying, some of them others."""
    return {underlying: replace(each, **changes) for underlying, each in PARAMETERS.items()}


NO_LEAST = changed(least_option_e6=0)
CONSTANT_RANGE = {
    underlying: replace(each, range_e6=CONSTANT_RANGE_E6[underlying], range_per_vol_e6=0)
    for underlying, each in PARAMETERS.items()
}
RUNGS = (
    Novate("as it is"),
    Novate("no least scan", NO_LEAST),
    Novate("no near moves with volatility unchanged", columns=NEAR_UNCHANGED),
    Novate("neither of the two", NO_LEAST, columns=NEAR_UNCHANGED),
    Novate("no near moves", columns=NEAR),
    Novate("no tails", columns=TAILS),
    Novate("volatility does not rise", changed(vol_up_e6=0)),
    Novate("volatility does not fall", changed(vol_down_e6=0)),
    Novate("no basis", changed(basis_e6=0, basis_per_year_e6=0)),
    Novate("no charge on value", changed(value_e6=0, value_per_year_e6=0)),
    Novate("no charge on naked shorts", changed(short_option_e6=0)),
    Novate("one range for calm and storm", CONSTANT_RANGE),
    Novate("no largest range", changed(range_max_e6=bounds.RATE_SCALE - 1)),
    Novate("no buffer", dials=Dials(margin_buffer_e6=0)),
)


@dataclass(frozen=True)
class Asked:
    """The 87 books on some chains; parts of notional, a loss that is not known is NaN."""

    weight: Floats
    """For how many books each stands."""
    initial: Floats
    """Rungs x books."""
    maintenance: Floats
    loss: Floats
    """Horizons x books."""

    @classmethod
    def of(cls, rows: Iterable[tuple[Floats, Floats, Floats]], weights: Floats) -> "Asked":
        """Chains side by side; a weight for all books of each."""
        every = list(rows)
        weight = np.repeat(weights, [loss.shape[1] for *_, loss in every])
        return cls(weight, *(np.hstack(column) for column in zip(*every, strict=True)))

    def figures(self, rung: int) -> Table:
        """Mean margins, then breaches and shortfall at each horizon, of a rung."""
        weight = self.weight / self.weight.sum()
        found: Table = {
            "initial": percent(self.initial[rung] @ weight),
            "maintenance": percent(self.maintenance[rung] @ weight),
        }
        for hours, loss in zip(HORIZONS, self.loss, strict=True):
            beyond = np.nan_to_num(np.maximum(loss - self.maintenance[rung], 0.0))
            found[f"{hours}h"] = {
                "breaches": round(float((beyond > 0) @ self.weight)),
                "shortfall": percent(beyond @ self.weight),
            }
        return found


def run() -> Table:
    """By rung and underlying: the 87 books on published and on drawn chains, and the attacks."""
    real = published()
    drawn_books = {underlying: drawn(underlying) for underlying in FILES}
    targets = [adversary.NovateTarget(rung) for rung in RUNGS]
    attacks = {
        underlying: adversary.figures(targets, adversary.hunted(every, targets, SEARCHES))
        for underlying, every in adversary.cases(CHOICE).items()
    }
    return {
        rung.name: {
            underlying: {
                "published": real[underlying].figures(i),
                "drawn_synthetic": drawn_books[underlying].figures(i),
            }
            | {search: attacks[underlying][search][rung.name] for search in SEARCHES}
            for underlying in FILES
        }
        for i, rung in enumerate(RUNGS)
    }


def published() -> dict[str, Asked]:
    """Of the chains in `shared/data`."""
    found = {}
    for underlying, every in chains(CHOICE).items():
        later = [[ahead(every, i, hours) for hours in HORIZONS] for i in range(len(every))]
        rows = [_row(chain, ends) for chain, ends in zip(every, later, strict=True)]
        found[underlying] = Asked.of(rows, np.ones(len(rows)))
    return found


def drawn(underlying: str) -> Asked:
    """Of chains drawn over hourly prices: synthetic, the storms in full, the calm thinned out."""
    prices = hourly(underlying, CHOICE)
    hours = prices.measured_in(CHOICE, max(HORIZONS))
    hours = hours[prices.end_s[hours] // 3600 % EVERY_H == FIRST_H]
    taken, weights = sample(np.max(prices.excursions(hours, max(HORIZONS)), axis=0))
    parts = np.array_split(hours[taken], 8 * cores())
    with Pool(cores()) as pool:
        found = pool.map(partial(_drawn_part, proxy.weather(prices)), parts, chunksize=1)
    return Asked.of((row for part in found for row in part), weights)


def _drawn_part(weather: proxy.Weather, hours: Integers) -> list[tuple[Floats, Floats, Floats]]:
    draw = partial(proxy.chain, weather)
    return [_row(draw(int(h)), [draw(int(h) + n) for n in HORIZONS]) for h in hours]


def _row(chain: Chain, later: Sequence[Chain | None]) -> tuple[Floats, Floats, Floats]:
    held = market(chain, recipes(SEED + int(chain.at.timestamp())))
    asked = margins_of(RUNGS, held.scene, held.books)
    unknown = np.full(held.notional.shape, np.nan)
    return (
        np.array([one.initial for one in asked]) / held.notional,
        np.array([one.maintenance for one in asked]) / held.notional,
        np.array([unknown if end is None else held.losses(end) for end in later]),
    )
