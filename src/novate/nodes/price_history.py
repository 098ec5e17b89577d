"""Prices over time: bars of open, high, low and close on a regular grid."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from novate.nodes.csv_file import Bools, CsvFile, Exclusion, FileRefused, Floats, read_csv
from novate.units import Integers, bounds

HOUR_S: Final = 3_600
DAY_S: Final = 86_400

RANGE_MAX: Final = 2.0
"""A bar of an hour or less whose high is more than this many lows is a bad print. In the hourly
history of BTC since 2017 the largest is 1.395, on 2020-03-13.
"""

NEIGHBOUR_MAX: Final = 2.0
"""A close over this many times off the median of the five closes around it is a bad print."""

OLDEST_S: Final = 946_684_800
"""2000-01-01. A whole number below is not seconds since 1970 but a day like 20251010."""

_WHEN: Final = ("unix_s", "timestamp", "datetime", "date")
_PRICES: Final = ("open", "high", "low", "close")
_PRICE_MAX: Final = (1 << bounds.INDEX_BITS) / 1000
_POINTS_MAX: Final = bounds.VOL_MAX_E6 / 1e4


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """Bars by the instant they opened, ascending, without repeats; gaps are simply not there."""

    source: str
    period_s: int
    opened_at_s: Integers
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    excluded: tuple[Exclusion, ...] = ()

    def __len__(self) -> int:
        return len(self.opened_at_s)

    @property
    def missing(self) -> int:
        """Bars between the first and the last that are not there."""
        first, last = int(self.opened_at_s[0]), int(self.opened_at_s[-1])
        return (last - first) // self.period_s + 1 - len(self)

    def where(self, chosen: Bools | Integers) -> "PriceHistory":
        """The history with only the chosen bars."""
        return replace(
            self,
            opened_at_s=self.opened_at_s[chosen],
            **{name: getattr(self, name)[chosen] for name in _PRICES},
        )

    def resampled(self, period_s: int) -> "PriceHistory":
        """Longer bars on the grid of whole periods since 1970, each of whatever bars it has.

        Raises: ValueError unless the period is a whole number of ours.
        """
        if period_s <= 0 or period_s % self.period_s:
            raise ValueError(f"bars of {self.period_s} s do not make bars of {period_s} s")
        opened_at_s, first = np.unique(self.opened_at_s // period_s, return_index=True)
        last = np.append(first[1:], len(self)) - 1
        return replace(
            self,
            period_s=period_s,
            opened_at_s=(opened_at_s * period_s).astype(np.int64),
            open=self.open[first],
            high=np.maximum.reduceat(self.high, first),
            low=np.minimum.reduceat(self.low, first),
            close=self.close[last],
        )


def read_price_history(path: Path | str) -> PriceHistory:
    """Prices in USD: columns open, high, low, close and a time in UTC, in any case and order.

    Raises: FileRefused for a cell that cannot be read, and when more than half of the bars make no
    sense; single ones are in `excluded`.
    """
    return _read(Path(path), scale=1.0, most=_PRICE_MAX)


def read_volatility_history(path: Path | str) -> PriceHistory:
    """A volatility index in points, as fractions of one a year: 53 becomes 0.53.

    Raises: as `read_price_history`; a bar of a point or less, or of a thousand or more, makes no
    sense.
    """
    return _read(Path(path), scale=0.01, least=1.0, most=_POINTS_MAX)


def joined(first: PriceHistory, *others: PriceHistory) -> PriceHistory:
    """One history of several of the same thing; where two have a bar, the earlier argument's.

    Raises: ValueError for bars of another length, or that open at other instants of it.
    """
    found = first
    for other in others:
        if other.period_s != found.period_s:
            raise ValueError(f"bars of {other.period_s} s do not join bars of {found.period_s} s")
        offset_s, known_s = (int(one.opened_at_s[0] % one.period_s) for one in (other, found))
        if offset_s != known_s:
            raise ValueError(
                f"{other.source} opens {offset_s} s after whole periods of {found.period_s} s, "
                f"{found.source} {known_s} s"
            )
        new = other.where(~np.isin(other.opened_at_s, found.opened_at_s))
        order = np.argsort(np.append(found.opened_at_s, new.opened_at_s), kind="stable")
        found = replace(
            found,
            source=f"{found.source}, {other.source}",
            opened_at_s=np.append(found.opened_at_s, new.opened_at_s)[order],
            open=np.append(found.open, new.open)[order],
            high=np.append(found.high, new.high)[order],
            low=np.append(found.low, new.low)[order],
            close=np.append(found.close, new.close)[order],
            excluded=(*found.excluded, *other.excluded),
        )
    return found


def aligned(*histories: PriceHistory) -> tuple[PriceHistory, ...]:
    """The histories at the instants that all of them have.

    Raises: ValueError for bars of different lengths, or without one instant in common.
    """
    if len({history.period_s for history in histories}) != 1:
        raise ValueError("bars of different lengths have no common grid: resample them first")
    common = histories[0].opened_at_s
    for history in histories[1:]:
        common = np.intersect1d(common, history.opened_at_s)
    if not len(common):
        raise ValueError(f"{', '.join(history.source for history in histories)}: no common instant")
    return tuple(history.where(np.isin(history.opened_at_s, common)) for history in histories)


def _read(path: Path, *, scale: float, most: float, least: float = 0.0) -> PriceHistory:
    file = read_csv(path)
    columns = {name.lower(): name for name in file.cells}
    when = next((columns[name] for name in _WHEN if name in columns), None)
    if when is None:
        raise FileRefused(path, f"has no column of times: none of {', '.join(_WHEN)}")
    opened_at_s = np.array(file.values(when, _instant, "an instant like 2025-10-10 21:00:00"))
    prices = np.array([file.numbers(columns.get(name, name)) for name in _PRICES])
    period_s = _period(path, opened_at_s)
    excluded = _judged(file, when, opened_at_s, prices, period_s, least=least, most=most)
    kept = np.flatnonzero(~np.isin(file.lines, [out.line for out in excluded]))
    kept = kept[np.argsort(opened_at_s[kept], kind="stable")]
    return PriceHistory(
        source=path.name,
        period_s=period_s,
        opened_at_s=opened_at_s[kept],
        **dict(zip(_PRICES, prices[:, kept] * scale, strict=True)),
        excluded=tuple(excluded),
    )


def _instant(text: str) -> int:
    """Seconds since 1970; a time without zone is UTC, as exchanges write it."""
    if text.isdecimal():
        seconds = int(text)
    else:
        moment = datetime.fromisoformat(text)
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    if not OLDEST_S <= seconds < 1 << bounds.TIME_BITS:  # a day, milliseconds, or nonsense
        raise ValueError
    return seconds


def _period(path: Path, opened_at_s: Integers) -> int:
    steps = np.diff(np.unique(opened_at_s))
    if not len(steps):
        raise FileRefused(path, "has fewer than two bars")
    return int(Counter(steps.tolist()).most_common(1)[0][0])


def _judged(
    file: CsvFile,
    when: str,
    opened_at_s: Integers,
    prices: Floats,
    period_s: int,
    *,
    least: float,
    most: float,
) -> list[Exclusion]:
    """The bars that make no sense, each with the first reason that applies."""
    opened, high, low, close = prices
    is_outside: Bools = np.any((prices <= least) | (prices >= most), axis=0)
    ascending = np.argsort(opened_at_s, kind="stable")
    around = np.empty(len(close))
    around[ascending] = _median_of_five(close[ascending])
    offset = Counter((opened_at_s % period_s).tolist()).most_common(1)[0][0]
    _, which, counts = np.unique(opened_at_s, return_inverse=True, return_counts=True)
    found: dict[int, Exclusion] = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        rules: list[tuple[str, Bools, Floats | Integers, str]] = [
            ("out of range", is_outside, low,
             f"or another price is outside ({least:g}, {most:.10g})"),
            ("low above the rest", low > np.minimum(opened, close), low,
             "is above the open or the close"),
            ("high below the rest", high < np.maximum(opened, close), high,
             "is below the open or the close"),
            ("absurd range", high > (RANGE_MAX if period_s <= HOUR_S else np.inf) * low, high,
             f"is over {RANGE_MAX:g} times the low"),
            ("far from its neighbours",
             (close > NEIGHBOUR_MAX * around) | (close * NEIGHBOUR_MAX < around), close,
             f"is over {NEIGHBOUR_MAX:g} times off the median of the five around it"),
            ("off the grid", opened_at_s % period_s != offset, opened_at_s,
             f"is not a whole number of {period_s} s from the others"),
            ("told twice", counts[which] > 1, opened_at_s, "is the opening of two bars"),
        ]  # fmt: skip
    for reason, is_faulty, values, limit in rules:
        for row in np.flatnonzero(is_faulty).tolist():
            detail = f"{values[row]:.10g} {limit}"
            line = int(file.lines[row])
            found.setdefault(line, Exclusion(line, file.cells[when][row], reason, detail))
    if 2 * len(found) > len(opened_at_s):
        first = min(found.values(), key=lambda out: out.line)
        raise FileRefused(
            file.path,
            f"{first.reason}, {first.detail}, and {len(found)} of {len(opened_at_s)} bars make no "
            "sense: are the columns what they say, in their unit?",
            line=first.line,
        )
    return [found[line] for line in sorted(found)]


def _median_of_five(values: Floats) -> Floats:
    padded = np.pad(values, 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 5)
    return np.asarray(np.median(windows, axis=1), dtype=np.float64)
