"""Hourly prices of BTC and ETH, each file of `shared/data/prices` in the form it came in."""

import csv
import gzip
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.backtest.stretch import Stretch
from benchmarks.peers.interface import Floats

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FILES = {
    "BTC": (
        "btcusdt_1h_2017-08_2023-12.csv.gz",
        "btcusdt_1h_2023-01_2025-01.csv.gz",
        "btcusdt_perp_1h_to_2025-10-22.csv",
    ),
    "ETH": ("ethusdt_1h_2017-08_2021-06.csv.gz", "ethusdt_perp_1h_to_2025-10-22.csv"),
}
"""In order of trust: an hour that two files tell is taken from the first."""
HOUR_S = 3600


@dataclass(frozen=True)
class Prices:
    """Consecutive or broken hours: start of the hour in unix seconds, and its four prices."""

    underlying: str
    start_s: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats

    @property
    def end_s(self) -> NDArray[np.int64]:
        """When the close was known."""
        return self.start_s + HOUR_S

    def measured_in(self, stretch: Stretch, ahead_hours: int) -> NDArray[np.int64]:
        """Hours at whose close one may look `ahead_hours` further without a gap, in the stretch."""
        last = self.start_s.size - ahead_hours
        i = np.arange(max(last, 0))
        whole = self.start_s[i + ahead_hours] - self.start_s[i] == ahead_hours * HOUR_S
        after, until = stretch.prices_after.timestamp(), stretch.prices_until.timestamp()
        end_s = self.end_s[i + ahead_hours]
        # What starts in one stretch and ends in the next belongs to the next.
        return i[whole & (end_s > after) & (end_s <= until)]


def _seconds(text: str) -> int:
    return int(text) if text.isdigit() else int(
        datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    )


def _rows(path: Path, until_s: float) -> dict[int, tuple[float, float, float, float]]:
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as file:
        rows = csv.reader(io.StringIO(file.read()))
    next(rows)
    found = {}
    for row in rows:
        start_s = _seconds(row[0])
        if start_s + HOUR_S <= until_s:
            o, h, low, c = (float(x) for x in row[1:5])
            found[start_s] = (o, max(o, h, low, c), min(o, h, low, c), c)
    return found


def hourly(underlying: str, stretch: Stretch) -> Prices:
    """All hours up to the end of a stretch: those before it only feed realised volatility."""
    until_s = stretch.prices_until.timestamp()
    merged: dict[int, tuple[float, float, float, float]] = {}
    for name in reversed(FILES[underlying]):
        merged |= _rows(DATA / "prices" / name, until_s)
    start_s = np.array(sorted(merged), dtype=np.int64)
    table = np.array([merged[s] for s in start_s.tolist()]).reshape(-1, 4)
    return Prices(underlying, start_s, *table.T.copy())
