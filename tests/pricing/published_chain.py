"""Option chains that Deribit published, as integers, and how well Black-76 reproduces their marks.

Three traps (`../shared/data/README.md`): the published `underlying` is not the forward of the
marks, so the forward of an expiry is that of put-call parity, the median of `K / (1 - (C - P))`
over its strikes; a year has 365 days; and the clock is that of the file only roughly (that of the
second currency, up to 250 s later), so it is fitted: one whole number of seconds per chain.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

import numpy as np
from tests.shared_data import published

from novate.pricing import call_e3, call_greeks, price_error_e3, put_e3
from novate.units import Integers

CLOCKS = {"btc_book_summary_2025-12-05.csv": "2025-12-05T01:10:18+00:00"}
"""Files without a timestamp, and the clock that the collection's README gives them."""

ROUNDING_POINTS = 0.005
"""Volatilities are published to 0.01 points."""

ROUNDING_COIN = 1.5e-6


@dataclass(frozen=True)
class Quote:
    """One row: name, mark in the coin, volatility in points, when it was taken."""

    name: str
    mark: float
    vol: float
    taken_at_s: float

    @property
    def expiry_s(self) -> float:
        day = datetime.strptime(self.name.split("-")[1], "%d%b%y")
        return day.replace(hour=8, tzinfo=UTC).timestamp()

    @property
    def strike(self) -> float:
        return float(self.name.split("-")[2])

    @property
    def is_call(self) -> bool:
        return self.name.endswith("-C")


@dataclass(frozen=True)
class Chain:
    """The quotes of one currency in one file whose expiry has a forward by parity."""

    quotes: list[Quote]
    forward_e3: Integers
    strike_e3: Integers
    vol_e6: Integers
    tenor_s: Integers
    is_call: np.ndarray
    mark: np.ndarray

    def value_e3(self, tenor_s: Integers) -> Integers:
        """What Black-76 makes of the published volatilities."""
        arguments = (self.forward_e3, self.strike_e3, self.vol_e6, tenor_s)
        return np.where(self.is_call, call_e3(*arguments), put_e3(*arguments))

    def misses(self, later_s: int) -> tuple[np.ndarray, np.ndarray]:
        """How far each mark is from its value at a clock so much later, in the coin, and how often
        that is what rounding explains.
        """
        tenor = np.maximum(self.tenor_s - later_s, 1)
        off = np.abs(self.value_e3(tenor) / self.forward_e3 - self.mark)
        vega = call_greeks(self.forward_e3, self.strike_e3, self.vol_e6, tenor).vega_e6
        per_point = vega / 1000 / self.forward_e3
        tolerance = ROUNDING_POINTS * per_point + ROUNDING_COIN
        tolerance += price_error_e3(self.forward_e3) / self.forward_e3
        return off, off / tolerance

    def fitted_clock_s(self) -> int:
        """The clock at which fewest rows miss; of those, at which they are nearest."""

        def rank(later_s: int) -> tuple[int, float]:
            _, times = self.misses(later_s)
            return int(np.sum(times > 1)), float(np.sum(np.minimum(times, 5)))

        near = min(range(-300, 301, 10), key=rank)
        return min(range(near - 12, near + 13), key=rank)


def _quotes(file: str) -> list[Quote]:
    with published(f"deribit/{file}").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    if file in CLOCKS:
        taken_at = datetime.fromisoformat(CLOCKS[file]).timestamp()
        return [
            Quote(
                row["instrument_name"],
                float(row["market_price_btc"]),
                float(row["mark_iv"]),
                taken_at,
            )
            for row in rows
        ]
    return [
        Quote(
            row["instrument_name"],
            float(row["mark_price"]),
            float(row["implied_volatility"]) * 100,
            datetime.fromisoformat(row["timestamp"]).timestamp(),
        )
        for row in rows
    ]


def _parity_forwards(quotes: list[Quote]) -> dict[float, float]:
    marks: dict[tuple[float, float], dict[bool, float]] = defaultdict(dict)
    for quote in quotes:
        marks[quote.expiry_s, quote.strike][quote.is_call] = quote.mark
    forwards = defaultdict(list)
    for (expiry, strike), pair in marks.items():
        if len(pair) == 2:
            forwards[expiry].append(strike / (1 - (pair[True] - pair[False])))
    return {expiry: median(values) for expiry, values in forwards.items()}


def column(file: str, quotes: list[Quote], name: str) -> np.ndarray:
    """A column of a snapshot, in the order of quotes."""
    with published(f"deribit/{file}").open(newline="") as lines:
        by_name = {row["instrument_name"]: float(row[name]) for row in csv.DictReader(lines)}
    return np.array([by_name[quote.name] for quote in quotes])


def chain(file: str, currency: str) -> Chain:
    """The chain of a currency in a file of the collection."""
    quotes = [quote for quote in _quotes(file) if quote.name.startswith(f"{currency}-")]
    forwards = _parity_forwards(quotes)
    quotes = [quote for quote in quotes if quote.expiry_s in forwards]

    def rounded(values: list[float]) -> Integers:
        return np.rint(np.array(values)).astype(np.int64)

    return Chain(
        quotes,
        rounded([forwards[quote.expiry_s] * 1000 for quote in quotes]),
        rounded([quote.strike * 1000 for quote in quotes]),
        rounded([quote.vol * 10_000 for quote in quotes]),
        rounded([quote.expiry_s - quote.taken_at_s for quote in quotes]),
        np.array([quote.is_call for quote in quotes]),
        np.array([quote.mark for quote in quotes]),
    )
