"""All searches on one chain: each model is attacked with its own best books."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.backtest.adversary import bets, neutral
from benchmarks.backtest.adversary.cheapest import cheapest, sides
from benchmarks.backtest.adversary.offer import Offer
from benchmarks.backtest.adversary.outcome import Outcome
from benchmarks.backtest.adversary.program import Program
from benchmarks.backtest.adversary.target import Target
from benchmarks.backtest.books import SEED
from benchmarks.backtest.chains import Chain
from benchmarks.backtest.evidence import HORIZONS
from benchmarks.peers.interface import Floats

CHEAPEST = 6
"""Books of least margin a chain and model."""
HINDSIGHT = {h: f"hindsight, {hours} h" for h, hours in enumerate(HORIZONS)}
LEAST_MARGIN, NEUTRAL = "cheapest books", "neutral books"
BETS = (bets.SPOT, bets.SMILE, bets.TERM)
SEARCHES = (*HINDSIGHT.values(), *BETS, LEAST_MARGIN, NEUTRAL)

Found = dict[str, Outcome]


@dataclass(frozen=True)
class Case:
    """A chain, and the chains that came after each horizon, where there are any."""

    chain: Chain
    later: tuple[Chain | None, ...]


def hunt(case: Case, targets: Sequence[Target], searches: Sequence[str] = SEARCHES) -> list[Found]:
    """What each search finds against each target, by name of the search."""
    offer = Offer.of(case.chain)
    shared = _gains(case, offer, searches)
    rng = np.random.default_rng(SEED + int(case.chain.at.timestamp()))
    drawn = sides(offer, rng, CHEAPEST) if LEAST_MARGIN in searches else []
    shaped = neutral.books(offer) if NEUTRAL in searches else np.zeros((0, 0))
    found = []
    for target in targets:
        program = Program(offer)
        target.ask(program, offer)
        books = {name: np.array([program.best(g) for g in each]) for name, each in shared.items()}
        if LEAST_MARGIN in searches:
            books[LEAST_MARGIN] = cheapest(program, drawn)
        if NEUTRAL in searches:
            books[NEUTRAL] = shaped
        found.append(
            {
                name: Outcome.of(target.model, offer, quantities, case.later)
                for name, quantities in books.items()
            }
        )
    return found


def _gains(case: Case, offer: Offer, searches: Sequence[str]) -> dict[str, list[Floats]]:
    """What is known or imagined of each instrument, by name of the search."""
    found: dict[str, list[Floats]] = {}
    for h, name in HINDSIGHT.items():
        end = case.later[h]
        if name in searches and end is not None:
            found[name] = [offer.gains(end)]
    for name, chain in bets.imagined(case.chain):
        if name in searches:
            found.setdefault(name, []).append(offer.gains(chain))
    return found
