"""What would a book lose that was made to lose? Each margin is attacked with its own best books.

87 books that desks hold are not the books of somebody who looks for a hole. A margin of columns has
one by construction: there are more options than columns.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from multiprocessing import Pool
from typing import Any

from benchmarks.backtest.adversary.bets import SMILE, SPOT, TERM
from benchmarks.backtest.adversary.hunt import (
    HINDSIGHT,
    LEAST_MARGIN,
    NEUTRAL,
    SEARCHES,
    Case,
    Found,
    hunt,
)
from benchmarks.backtest.adversary.outcome import Outcome
from benchmarks.backtest.adversary.page import write as write_page
from benchmarks.backtest.adversary.peer_target import DeribitTarget, DeriveTarget
from benchmarks.backtest.adversary.target import NovateTarget, Target
from benchmarks.backtest.chains import ahead, chains
from benchmarks.backtest.evidence import HORIZONS, cores
from benchmarks.backtest.novate_model import PARAMETERS, Novate
from benchmarks.backtest.stretch import Stretch
from benchmarks.peers import DeribitPortfolio, DerivePmrm2

__all__ = [
    "HINDSIGHT",
    "LEAST_MARGIN",
    "NEUTRAL",
    "SEARCHES",
    "SMILE",
    "SPOT",
    "TARGETS",
    "TERM",
    "Case",
    "NovateTarget",
    "Target",
    "cases",
    "figures",
    "hunted",
    "run",
    "write_page",
]

Table = dict[str, Any]

NO_LEAST_SCAN = Novate(
    "novate without least scan",
    {name: replace(each, least_option_e6=0) for name, each in PARAMETERS.items()},
)
TARGETS: tuple[Target, ...] = (
    NovateTarget(Novate()),
    NovateTarget(NO_LEAST_SCAN),
    DeribitTarget(DeribitPortfolio()),
    DeriveTarget(DerivePmrm2()),
)


def run(stretch: Stretch) -> Table:
    """What each search takes from each model, by underlying."""
    return {
        underlying: figures(TARGETS, hunted(every, TARGETS))
        for underlying, every in cases(stretch).items()
    }


def cases(stretch: Stretch) -> dict[str, list[Case]]:
    """The chains of a stretch that have a later one in it, by underlying."""
    found = {}
    for underlying, every in chains(stretch).items():
        later = [tuple(ahead(every, i, hours) for hours in HORIZONS) for i in range(len(every))]
        found[underlying] = [
            Case(chain, ends)
            for chain, ends in zip(every, later, strict=True)
            if any(end is not None for end in ends)
        ]
    return found


def hunted(
    every: Sequence[Case], targets: Sequence[Target], searches: Sequence[str] = SEARCHES
) -> list[dict[str, list[Outcome]]]:
    """Of each target, by search: what was found on each chain."""
    with Pool(cores()) as pool:
        work = partial(hunt, targets=targets, searches=searches)
        found: list[list[Found]] = pool.map(work, every, chunksize=1)
    return [
        {name: [one[i][name] for one in found if name in one[i]] for name in searches}
        for i in range(len(targets))
    ]


def figures(targets: Sequence[Target], found: list[dict[str, list[Outcome]]]) -> Table:
    """By search and model."""
    return {
        search: {
            target.model.name: _figures(search, Outcome.joined(one[search]))
            for target, one in zip(targets, found, strict=True)
        }
        for search in SEARCHES
        if all(search in one for one in found)
    }


def _figures(search: str, outcome: Outcome) -> Table:
    """Hindsight knows one horizon, and its worst book is told; of others both horizons."""
    for h, name in HINDSIGHT.items():
        if name == search:
            return outcome.figures([h]) | {"worst_book": outcome.worst(h)}
    found = outcome.figures(range(len(HORIZONS)))
    if search == NEUTRAL:
        for h, hours in enumerate(HORIZONS):
            found[f"{hours}h"] |= {"when": outcome.breached_at(h), "worst_book": outcome.worst(h)}
    return found
