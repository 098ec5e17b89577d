"""Option chains of `shared/data/deribit`: per expiry a forward by parity, and a vol a strike.

Index and perpetual of a chain are the forward of its nearest expiry: the published index was read
minutes after the marks, and a hedge valued at it would gain or lose what happened in between.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks.backtest.prices import DATA
from benchmarks.backtest.stretch import Stretch, utc
from benchmarks.peers.interface import Floats
from novate.nodes import OptionChain, read_option_chains
from novate.units import Instant

SEQUENCE = "chain_sequence_2026-02-03_2026-02-08.csv.gz"
SUMMARY, SUMMARY_CLOCK = "btc_book_summary_2025-12-05.csv", utc(2025, 12, 5, 1, 10, 18)
SNAPSHOTS = "deribit_options_snapshot_*.csv"
MORE_CHAINS = "NOVATE_CHAINS"
"""Environment variable: a folder with more snapshots of that name, for who has them."""
YEAR_S = 365 * 86400
NEAREST_YEARS = 6 / 24 / 365
FEWEST_STRIKES = 4


@dataclass(frozen=True)
class Smile:
    """One expiry of a chain: strikes ascending, each with the volatility of its mark."""

    expiry: datetime
    forward: float
    strikes: Floats
    vols: Floats

    def vol(self, strikes: Floats) -> Floats:
        """At any strike: linear in the strike's logarithm, flat beyond the last one listed."""
        return np.interp(np.log(strikes), np.log(self.strikes), self.vols)


@dataclass(frozen=True)
class Chain:
    """All expiries of one underlying at one instant, the nearest first."""

    at: datetime
    underlying: str
    smiles: tuple[Smile, ...]

    @cached_property
    def tenors(self) -> Floats:
        """Years of 365 days to each expiry."""
        return np.array([(s.expiry - self.at).total_seconds() / YEAR_S for s in self.smiles])

    @cached_property
    def forwards(self) -> Floats:
        """Of each expiry."""
        return np.array([s.forward for s in self.smiles])

    @property
    def index_price(self) -> float:
        """The forward of the nearest expiry that has six hours to go."""
        return float(self.forwards[self.tenors >= NEAREST_YEARS][0])

    def place(self, expiry: datetime) -> int | None:
        """Where an expiry stands in the chain, while it is listed."""
        found = [i for i, smile in enumerate(self.smiles) if smile.expiry == expiry]
        return found[0] if found else None


def _smiles(quotes: OptionChain) -> tuple[Smile, ...]:
    found = []
    for expiry_s, forward in sorted(quotes.forwards.items()):
        known = (quotes.expiry_s == expiry_s) & np.isfinite(quotes.mark_iv)
        strikes, place = np.unique(quotes.strike[known], return_inverse=True)
        if strikes.size >= FEWEST_STRIKES:
            vols = np.bincount(place, quotes.mark_iv[known]) / np.bincount(place)
            found.append(Smile(datetime.fromtimestamp(expiry_s, UTC), forward, strikes, vols))
    return tuple(found)


def _snapshots() -> list[Path]:
    folders = [DATA / "deribit", *map(Path, filter(None, [os.environ.get(MORE_CHAINS)]))]
    found = {path.name: path for folder in folders for path in folder.glob(SNAPSHOTS)}
    return [found[name] for name in sorted(found)]


def _named_instant(path: Path) -> datetime:
    return datetime.strptime(path.stem.rsplit("_", 1)[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def chains(stretch: Stretch) -> dict[str, list[Chain]]:
    """All chains of a stretch by underlying, in order of time, each once.

    With those of a later stretch comes the last one before it, from which its first losses run.
    """
    names = [path for path in _snapshots() if stretch.has_chain(_named_instant(path))]
    quoted = [*read_option_chains(DATA / "deribit" / SEQUENCE)]
    quoted += [chain for path in names for chain in read_option_chains(path)]
    if stretch.has_chain(SUMMARY_CLOCK):
        clock = Instant(int(SUMMARY_CLOCK.timestamp()))
        quoted += read_option_chains(DATA / "deribit" / SUMMARY, taken_at=clock)
    found: dict[str, dict[datetime, Chain]] = {}
    for quotes in quoted:
        # A snapshot's clock has fractions, the sequence's copy of it has none.
        at = datetime.fromtimestamp(int(quotes.taken_at_s), UTC)
        of_underlying = found.setdefault(quotes.currency, {})
        if at not in of_underlying:
            of_underlying[at] = Chain(at, quotes.currency, _smiles(quotes))
    return {name: _within(stretch, sorted(every.items())) for name, every in found.items()}


def _within(stretch: Stretch, every: list[tuple[datetime, Chain]]) -> list[Chain]:
    before = [chain for at, chain in every if at <= stretch.chains_after]
    return before[-1:] + [chain for at, chain in every if stretch.has_chain(at)]


def ahead(found: list[Chain], start: int, hours: float, slack: float = 1.5) -> Chain | None:
    """The first chain that lies `hours` +- `slack` after another."""
    for later in found[start + 1 :]:
        if abs((later.at - found[start].at).total_seconds() / 3600 - hours) <= slack:
            return later
    return None
