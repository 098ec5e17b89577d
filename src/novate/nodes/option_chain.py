"""An option chain as a source published it: the quotes of one currency at one instant.

What is merely a bad quote in a good chain is left out and listed with its reason; when one reason
leaves out more than half of a chain the fault is the file's, as with prices in the wrong unit.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from novate.nodes.csv_file import Bools, Exclusion, FileRefused, Floats
from novate.units import Integers, bounds

STALE_S: Final = 60.0
"""A quote this much older than the newest of its chain is left out."""

UNDERLYING_TOLERANCE: Final = 0.01
"""A quote whose underlying is further than this from the median of its expiry is stale."""

WORTH_TOLERANCE: Final = 0.02
"""How far beyond what an option can be worth, and beyond its own bid and ask, a mark may be, as a
part of the forward; fast markets mix instants.
"""

VOL_MIN, VOL_MAX = 0.01, bounds.VOL_MAX_E6 / 1e6
"""A volatility outside is not in fractions of one a year."""


@dataclass(frozen=True, slots=True)
class OptionChain:
    """Quotes of one currency at one instant, sorted by expiry, strike, and puts before calls.

    Prices are USD per unit of the underlying; NaN is what was not published. A quote in the coin is
    made USD by the forward of its expiry, as the venue makes it the other way round.
    """

    currency: str
    """The symbol of the underlying, `BTC`."""
    taken_at_s: float
    """Seconds since 1970, with the decimals that the source gives."""
    is_coin_quoted: bool
    """The source quotes and settles in the coin."""
    source: Path
    lines: Integers
    instrument_names: tuple[str, ...]
    """As the source spells them."""
    expiry_s: Integers
    strike: Floats
    is_call: Bools
    bid: Floats
    ask: Floats
    mark: Floats
    mark_iv: Floats
    """A fraction of one a year: 0.53, not 53."""
    open_interest: Floats
    published_underlying: Floats
    """Near the forward, but not what the marks were made with."""
    index_price: Floats
    forward: Floats
    """Of each quote's expiry, by put-call parity of the marks, else of mid prices; else NaN."""
    excluded: tuple[Exclusion, ...] = ()

    @property
    def tenor_s(self) -> Floats:
        """Seconds to expiry; a year has 31,536,000."""
        return self.expiry_s.astype(np.float64) - self.taken_at_s

    @property
    def forwards(self) -> dict[int, float]:
        """The forward of each expiry that has one, by expiry in seconds since 1970."""
        known = np.isfinite(self.forward)
        return dict(zip(self.expiry_s[known].tolist(), self.forward[known].tolist(), strict=True))

    @property
    def index(self) -> float:
        """The median of the index prices that came with the quotes; NaN when there are none."""
        known = self.index_price[np.isfinite(self.index_price)]
        return float(np.median(known)) if len(known) else np.nan

    @property
    def exclusion_counts(self) -> Counter[str]:
        """How many quotes were left out for each reason."""
        return Counter(excluded.reason for excluded in self.excluded)

    def where(self, chosen: Bools | Integers) -> "OptionChain":
        """The chain with only the chosen rows."""
        names = np.array(self.instrument_names, dtype=object)[chosen].tolist()
        arrays = {
            item.name: getattr(self, item.name)[chosen]
            for item in fields(self)
            if isinstance(getattr(self, item.name), np.ndarray)
        }
        return replace(self, instrument_names=tuple(names), **arrays)

    def at(self, taken_at_s: float) -> "OptionChain":
        """The same quotes as of another clock."""
        return replace(self, taken_at_s=taken_at_s)


@dataclass(frozen=True, slots=True)
class QuoteTable:
    """Quotes as they stand in a file, in the file's currency, before anybody judged them."""

    path: Path
    lines: Integers
    instrument_names: Sequence[str]
    currencies: Sequence[str]
    taken_at_s: Floats
    is_coin_quoted: Bools
    expiry_s: Integers
    strike: Floats
    is_call: Bools
    bid: Floats
    ask: Floats
    mark: Floats
    mark_iv: Floats
    open_interest: Floats
    published_underlying: Floats
    index_price: Floats
    quoted_at_s: Floats
    field_names: dict[str, str] = field(default_factory=dict)
    """What the file calls a field that is named differently here."""


def parity_forward(
    strike: Floats, call_minus_put: Floats, *, near: float, is_coin_quoted: bool
) -> float:
    """The forward at which calls and puts of the same strike agree: a weighted median over strikes.

    In USD `C - P = F - K`. In the coin `c - p = 1 - K / F`, so `F = K / (1 - (c - p))`. A rounding
    of the marks by d moves that by `d F**2 / K`, and far strikes are quoted loosely, so the weight
    falls with the distance from `near`: a half at 10 %, a fifth at 20 %. A median, because a strike
    of another instant is off by more than rounding. NaN without a pair.
    """
    if is_coin_quoted:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(call_minus_put < 1, strike / (1 - call_minus_put), np.nan)
    else:
        found = strike + call_minus_put
    usable = np.isfinite(found) & (found > 0)
    if not usable.any():
        return np.nan
    centre = near if np.isfinite(near) else float(np.median(found[usable]))
    weight = 1 / (1 + (np.log(strike[usable] / centre) / 0.1) ** 2)
    return weighted_median(found[usable], weight)


def weighted_median(values: Floats, weights: Floats) -> float:
    """The value with half of the weight on either side; between two, their mean."""
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    reached = np.cumsum(weights)
    half = reached[-1] / 2
    low = int(np.searchsorted(reached, half * (1 - 1e-12)))
    high = int(np.searchsorted(reached, half * (1 + 1e-12), side="right"))
    return float(values[low] + values[min(high, len(values) - 1)]) / 2


def chains_of(table: QuoteTable) -> tuple[OptionChain, ...]:
    """The chains of a table by instant and currency, judged, with forwards, in USD.

    Raises: FileRefused when one reason leaves out more than half of a chain, or nothing remains.
    """
    keys = [
        (float(at), currency, bool(is_coin_quoted))
        for at, currency, is_coin_quoted in zip(
            table.taken_at_s, table.currencies, table.is_coin_quoted, strict=True
        )
    ]
    rows = sorted(range(len(keys)), key=lambda row: (keys[row], row))
    return tuple(
        _chain(table, np.array(list(group), dtype=np.int64))
        for _, group in groupby(rows, key=lambda row: keys[row])
    )


def _chain(table: QuoteTable, rows: Integers) -> OptionChain:
    kept, excluded = _judged(table, rows)
    first = int(rows[0])
    if not len(kept):
        raise FileRefused(
            table.path,
            f"has no quote of {table.currencies[first]} left: {excluded[0]}",
            line=int(table.lines[first]),
        )
    order = np.lexsort((table.is_call[kept], table.strike[kept], table.expiry_s[kept]))
    kept = kept[order]
    is_coin_quoted = bool(table.is_coin_quoted[first])
    prices = {name: getattr(table, name)[kept] for name in ("bid", "ask", "mark")}
    forward = _forwards(table, kept, is_coin_quoted)
    # Without a pair of call and put the source's underlying is the best there is to convert with.
    usd = np.where(np.isfinite(forward), forward, table.published_underlying[kept])
    return OptionChain(
        currency=table.currencies[first],
        taken_at_s=float(table.taken_at_s[first]),
        is_coin_quoted=is_coin_quoted,
        source=table.path,
        lines=table.lines[kept],
        instrument_names=tuple(table.instrument_names[row] for row in kept.tolist()),
        expiry_s=table.expiry_s[kept],
        strike=table.strike[kept],
        is_call=table.is_call[kept],
        **{name: price * usd if is_coin_quoted else price for name, price in prices.items()},
        mark_iv=table.mark_iv[kept],
        open_interest=table.open_interest[kept],
        published_underlying=table.published_underlying[kept],
        index_price=table.index_price[kept],
        forward=forward,
        excluded=tuple(sorted(excluded, key=lambda out: out.line)),
    )


def _forwards(table: QuoteTable, kept: Integers, is_coin_quoted: bool) -> Floats:
    """The forward of each row's expiry; `kept` is sorted by expiry, strike, puts before calls."""
    expiry, strike = table.expiry_s[kept], table.strike[kept]
    mid = (table.bid[kept] + table.ask[kept]) / 2
    mark = table.mark[kept]
    published = table.published_underlying[kept]
    pair = np.flatnonzero((expiry[:-1] == expiry[1:]) & (strike[:-1] == strike[1:]))
    forward = np.full(len(kept), np.nan)
    for one in np.unique(expiry).tolist():
        of_expiry = expiry == one
        puts = pair[expiry[pair] == one]
        known = published[of_expiry & np.isfinite(published)]
        near = float(np.median(known)) if len(known) else np.nan
        for price in (mark, mid):
            found = parity_forward(
                strike[puts],
                price[puts + 1] - price[puts],
                near=near,
                is_coin_quoted=is_coin_quoted,
            )
            if np.isfinite(found):
                forward[of_expiry] = found
                break
    return forward


@dataclass(frozen=True, slots=True)
class _Fault:
    reason: str
    field_name: str
    is_faulty: Bools
    limit: Callable[[int], str]


def _judged(table: QuoteTable, rows: Integers) -> tuple[Integers, list[Exclusion]]:
    """The rows that stand, and the others with the first reason that applies to each."""
    excluded: list[Exclusion] = []
    kept = rows
    for judge in (_impossible, _duplicate, _of_another_time, _worthless_as_quote):
        for fault in judge(table, kept):
            named = table.field_names.get(fault.field_name, fault.field_name)
            found = [
                Exclusion(
                    line=int(table.lines[row]),
                    what=table.instrument_names[row],
                    reason=fault.reason,
                    detail=f"{named} {_shown(table, fault.field_name, row)} {fault.limit(at)}",
                )
                for at, row in zip(
                    np.flatnonzero(fault.is_faulty).tolist(),
                    kept[fault.is_faulty].tolist(),
                    strict=True,
                )
            ]
            known = {out.line for out in excluded}
            excluded += [out for out in found if out.line not in known]
            if 2 * len(found) > len(rows):
                raise FileRefused(
                    table.path,
                    f"{found[0].reason}, {found[0].detail}, and so for {len(found)} of the "
                    f"{len(rows)} quotes of this chain: is the column what it says, in its unit?",
                    line=found[0].line,
                    field=named,
                )
        out = {exclusion.line for exclusion in excluded}
        kept = kept[[int(line) not in out for line in table.lines[kept]]]
    return kept, excluded


def _shown(table: QuoteTable, name: str, row: int) -> str:
    value = getattr(table, name)[row]
    return f"{value:.10g}" if isinstance(value, float | np.floating) else str(value)


def _impossible(table: QuoteTable, rows: Integers) -> list[_Fault]:
    """What no quote can be, whatever the market does."""
    bid, ask, iv = table.bid[rows], table.ask[rows], table.mark_iv[rows]
    strike_max = (1 << bounds.STRIKE_BITS) / 1000
    faults = [
        _Fault("expired", "expiry_s", table.expiry_s[rows] <= table.taken_at_s[rows],
               lambda at: f"is not after {table.taken_at_s[rows[at]]:.0f}"),
        _Fault("strike out of range", "strike",
               ~((table.strike[rows] > 0) & (table.strike[rows] < strike_max)),
               lambda at: f"is outside (0, {strike_max:.10g})"),
        _Fault("volatility out of range", "mark_iv",
               np.isfinite(iv) & ((iv < VOL_MIN) | (iv > VOL_MAX)),
               lambda at: f"is outside [{VOL_MIN}, {VOL_MAX}] of one a year"),
        _Fault("crossed", "bid", bid > ask, lambda at: f"is above the ask {ask[at]:.10g}"),
    ]  # fmt: skip
    for name in ("bid", "ask", "mark", "open_interest", "published_underlying", "index_price"):
        value = getattr(table, name)[rows]
        is_low = value <= 0 if name in ("published_underlying", "index_price") else value < 0
        faults += [
            _Fault("infinite", name, np.isinf(value), lambda at: "is infinite"),
            _Fault("too low", name, is_low, lambda at: "is not above 0"),
        ]
    return faults


def _duplicate(table: QuoteTable, rows: Integers) -> list[_Fault]:
    """Of equal quotes one stands; quotes of one option that differ say nothing."""
    first: dict[tuple[int, float, bool], list[int]] = {}
    for at, row in enumerate(rows.tolist()):
        key = (int(table.expiry_s[row]), float(table.strike[row]), bool(table.is_call[row]))
        first.setdefault(key, []).append(at)
    repeated, contradicted = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    for same in first.values():
        if len(same) > 1:
            told = {
                tuple(
                    repr(float(getattr(table, name)[rows[at]]))
                    for name in ("bid", "ask", "mark", "mark_iv")
                )
                for at in same
            }
            contradicted[same] = len(told) > 1
            repeated[same[1:]] = len(told) == 1
    return [
        _Fault("duplicate", "mark", repeated, lambda at: "is told twice"),
        _Fault("contradicted", "mark", contradicted, lambda at: "is told otherwise elsewhere"),
    ]


def _of_another_time(table: QuoteTable, rows: Integers) -> list[_Fault]:
    """Quotes that are older than the chain, by their own clock or by their underlying."""
    told, published = table.quoted_at_s[rows], table.published_underlying[rows]
    newest = np.nanmax(told) if np.isfinite(told).any() else np.nan
    typical = np.full(len(rows), np.nan)
    for expiry in np.unique(table.expiry_s[rows]).tolist():
        of_expiry = table.expiry_s[rows] == expiry
        known = published[of_expiry & np.isfinite(published)]
        typical[of_expiry] = np.median(known) if len(known) else np.nan
    with np.errstate(invalid="ignore"):
        moved = np.abs(published / typical - 1) > UNDERLYING_TOLERANCE
        old = told < newest - STALE_S
    return [
        _Fault("stale", "quoted_at_s", old,
               lambda at: f"is over {STALE_S:g} s before {newest:.0f}"),
        _Fault("stale", "published_underlying", moved,
               lambda at: f"is over {UNDERLYING_TOLERANCE:.0%} from {typical[at]:.10g}, "
               "the median of its expiry"),
    ]  # fmt: skip


def _worthless_as_quote(table: QuoteTable, rows: Integers) -> list[_Fault]:
    """Prices that no option can have, and marks far from their own bid and ask."""
    published, strike = table.published_underlying[rows], table.strike[rows]
    unit = np.where(table.is_coin_quoted[rows], published, 1.0)
    most = np.where(table.is_call[rows], published, strike) / unit
    gap = WORTH_TOLERANCE * published / unit
    least = np.maximum(np.where(table.is_call[rows], 1, -1) * (published - strike), 0) / unit
    mark, bid, ask = table.mark[rows], table.bid[rows], table.ask[rows]
    with np.errstate(invalid="ignore"):
        return [
            _Fault("more than it can be worth", name, value > most + gap,
                   lambda at: f"is above {most[at]:.10g}")
            for name, value in (("mark", mark), ("bid", bid))
        ] + [
            _Fault("less than it is worth", name, value < least - gap,
                   lambda at: f"is below {least[at]:.10g}")
            for name, value in (("mark", mark), ("ask", ask))
        ] + [
            _Fault("far from its quotes", "mark", (mark < bid - gap) | (mark > ask + gap),
                   lambda at: f"is far outside {bid[at]:.10g} .. {ask[at]:.10g}"),
        ]  # fmt: skip
