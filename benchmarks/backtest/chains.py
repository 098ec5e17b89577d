"""Option chains of `shared/data/deribit`: per expiry a forward by parity and a volatility a strike."""

import csv
import gzip
import io
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.backtest.prices import DATA
from benchmarks.backtest.stretch import FIRST, Stretch
from benchmarks.peers.interface import Floats

YEAR_S = 365 * 86400
SEQUENCE = "chain_sequence_2026-02-03_2026-02-08.csv.gz"
SUMMARY = "btc_book_summary_2025-12-05.csv"
SUMMARY_CLOCK = datetime(2025, 12, 5, 1, 10, 18, tzinfo=UTC)
SNAPSHOTS = "deribit_options_snapshot_*.csv"
MORE_CHAINS = "NOVATE_CHAINS"


@dataclass(frozen=True)
class Quote:
    """One row of a file, in one form."""

    at: datetime
    underlying: str
    expiry: datetime
    strike: float
    is_call: bool
    vol: float
    mark_coin: float


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

    @property
    def index_price(self) -> float:
        """The forward of the nearest expiry with six hours to go: of the instant of the marks.

        The published index was read minutes after the marks; a hedge valued at it would lose or
        gain what the market moved in between.
        """
        return next(s.forward for s in self.smiles if self.tenor(s) >= 6 / 24 / 365)

    def tenor(self, smile: Smile) -> float:
        """Years of 365 days to an expiry."""
        return (smile.expiry - self.at).total_seconds() / YEAR_S

    def smile(self, expiry: datetime) -> Smile | None:
        """Of an expiry, while it is listed."""
        return next((s for s in self.smiles if s.expiry == expiry), None)


def _sequence() -> Iterator[Quote]:
    with gzip.open(DATA / "deribit" / SEQUENCE, "rt") as file:
        for row in csv.DictReader(io.StringIO(file.read())):
            yield Quote(
                datetime.fromisoformat(row["snapshot_utc"]),
                row["currency"],
                datetime.fromisoformat(row["expiry_utc"]),
                float(row["strike"]),
                row["type"] == "call",
                float(row["mark_iv"]),
                float(row["mark_price_coin"]),
            )


def _files() -> list[Path]:
    """Snapshots of the shared folder and, for who has more of them, of the folder named."""
    folders = [DATA / "deribit"]
    if MORE_CHAINS in os.environ:
        folders.append(Path(os.environ[MORE_CHAINS]))
    found = {path.name: path for folder in folders for path in folder.glob(SNAPSHOTS)}
    return [found[name] for name in sorted(found)]


def _snapshots(stretch: Stretch) -> Iterator[Quote]:
    for path in _files():
        stamp = re.search(r"\d{8}T\d{6}", path.name)
        assert stamp, path
        at = datetime.strptime(stamp.group(), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        if not stretch.has_chain(at):
            continue
        with path.open() as file:
            for row in csv.DictReader(file):
                yield Quote(
                    at,
                    row["currency"],
                    datetime.fromisoformat(row["expiry_datetime"]),
                    float(row["strike"]),
                    row["option_type"] == "call",
                    float(row["implied_volatility"] or 0),
                    float(row["mark_price"] or 0),
                )


def _summary() -> Iterator[Quote]:
    with (DATA / "deribit" / SUMMARY).open() as file:
        for row in csv.DictReader(file):
            yield Quote(
                SUMMARY_CLOCK,
                "BTC",
                datetime.strptime(row["expiry_date"], "%d%b%y").replace(hour=8, tzinfo=UTC),
                float(row["strike"]),
                row["type"] == "call",
                float(row["mark_iv"]) / 100,
                float(row["market_price_btc"]),
            )


def _smile(expiry: datetime, quotes: list[Quote]) -> Smile | None:
    marks: dict[float, dict[bool, float]] = defaultdict(dict)
    vols = {}
    for q in quotes:
        if q.vol > 0:
            vols[q.strike] = q.vol
            marks[q.strike][q.is_call] = q.mark_coin
    forwards = [k / (1 - (m[True] - m[False])) for k, m in marks.items() if len(m) == 2]
    if len(vols) < 8 or len(forwards) < 4:
        return None
    strikes = np.array(sorted(vols))
    return Smile(expiry, float(np.median(forwards)), strikes, np.array([vols[k] for k in strikes]))


def chains(underlying: str, stretch: Stretch) -> list[Chain]:
    """All of a stretch in order of time, once each, and the one before the first of a sequence."""
    found: dict[datetime, dict[datetime, list[Quote]]] = defaultdict(lambda: defaultdict(list))
    sequence = list(_sequence())
    started = max(
        (q.at for q in sequence if FIRST < q.at <= stretch.chains_after), default=FIRST
    )
    seen = {q.at for q in sequence}
    for q in sequence:
        if q.underlying == underlying and (stretch.has_chain(q.at) or q.at == started):
            found[q.at][q.expiry].append(q)
    others = list(_snapshots(stretch))
    if stretch.has_chain(SUMMARY_CLOCK):
        others += _summary()
    for q in others:
        if q.underlying == underlying and q.at.replace(microsecond=0) not in seen:
            found[q.at][q.expiry].append(q)
    result = []
    for at in sorted(found):
        smiles = [_smile(e, rows) for e, rows in sorted(found[at].items()) if e > at]
        kept = tuple(s for s in smiles if s is not None)
        if kept:
            result.append(Chain(at, underlying, kept))
    return result


def intervals(found: list[Chain], hours: float, slack: float) -> list[tuple[Chain, Chain]]:
    """Each chain with the first later one that lies `hours` +- `slack` ahead."""
    result = []
    for i, start in enumerate(found):
        for end in found[i + 1 :]:
            ahead = (end.at - start.at).total_seconds() / 3600
            if abs(ahead - hours) <= slack:
                result.append((start, end))
                break
    return result


def gaps(found: list[Chain]) -> list[float]:
    """Hours between consecutive chains."""
    return [(b.at - a.at).total_seconds() / 3600 for a, b in pairwise(found)]
