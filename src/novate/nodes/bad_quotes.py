"""Which quotes of a chain are bad, and why: each is left out with its reason, value and limit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.instruments import Nameless, format_expiry
from novate.nodes.csv_file import Bools, Exclusion, FileRefused, Floats
from novate.nodes.parity import parity_forwards, typical_underlying
from novate.nodes.quote_table import QuoteTable
from novate.pricing import call_e3
from novate.units import Instant, Integers, OutOfRange, bounds

STALE_S: Final = 60.0
"""A quote this much older than the newest of its chain is left out."""

UNDERLYING_TOLERANCE: Final = 0.01
"""A quote whose underlying is further than this from the median of its expiry is stale."""

WORTH_TOLERANCE: Final = 0.02
"""How far beyond what an option can be worth, beyond its own bid and ask, or from what its own
volatility makes of it, a mark may be, as a part of the forward; so far may a forward by parity be
from the underlying. Fast markets mix instants: on published chains through a crash it is 0.005.
"""

INDEX_TOLERANCE: Final = 0.1
"""An index price further than this, and than a rate of 100 % a year, from the forward of the
nearest expiry is stale or of something else. On published chains the most is 0.005.
"""

PRICE_MIN, PRICE_MAX = 1e-3, (1 << bounds.PRICE_BITS) / 1000
"""A price outside is in no unit that a contract is priced in; strikes are whole multiples of the
least.
"""

VOL_MIN, VOL_MAX = 0.01, bounds.VOL_MAX_E6 / 1e6
"""A volatility outside is not in fractions of one a year."""


@dataclass(frozen=True, slots=True)
class _Fault:
    reason: str
    field_name: str
    is_faulty: Bools
    limit: Callable[[int], str]


def judged(table: QuoteTable, rows: Integers) -> tuple[Integers, list[Exclusion]]:
    """The rows that stand, and the others with the first reason that applies to each."""
    excluded: list[Exclusion] = []
    kept = rows
    for judge in _JUDGES:
        for fault in judge(table, kept) if len(kept) else []:
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
    strike, expiry_s, taken_at_s = table.strike[rows], table.expiry_s[rows], table.taken_at_s[rows]
    steps = strike / PRICE_MIN
    faults = [
        _Fault("expired", "expiry_s", expiry_s <= taken_at_s,
               lambda at: f"is not after {taken_at_s[at]:.0f}"),
        _Fault("expires too late", "expiry_s", expiry_s - taken_at_s >= 1 << bounds.TENOR_BITS,
               lambda at: f"is not within {1 << bounds.TENOR_BITS} s after {taken_at_s[at]:.0f}"),
        _Fault("no expiry", "expiry_s", _is_nameless(expiry_s), lambda at: "is not at 08:00 UTC"),
        _Fault("strike out of range", "strike", ~((strike > 0) & (strike < PRICE_MAX)),
               lambda at: f"is outside (0, {PRICE_MAX:.10g})"),
        _Fault("strike between steps", "strike", np.abs(steps - np.rint(steps)) > 1e-4,
               lambda at: f"is no whole multiple of {PRICE_MIN:g}"),
        _Fault("volatility out of range", "mark_iv",
               np.isfinite(iv) & ((iv < VOL_MIN) | (iv > VOL_MAX)),
               lambda at: f"is outside [{VOL_MIN}, {VOL_MAX}] of one a year"),
        _Fault("crossed", "bid", bid > ask, lambda at: f"is above the ask {ask[at]:.10g}"),
    ]  # fmt: skip
    for name in ("bid", "ask", "mark", "open_interest", "published_underlying", "index_price"):
        value = getattr(table, name)[rows]
        is_low = value <= 0 if name in ("published_underlying", "index_price") else value < 0
        is_high = np.zeros(len(rows), bool) if name == "open_interest" else value >= PRICE_MAX
        faults += [
            _Fault("infinite", name, np.isinf(value), lambda at: "is infinite"),
            _Fault("too low", name, is_low, lambda at: "is not above 0"),
            _Fault("too high", name, is_high, lambda at: f"is not below {PRICE_MAX:.10g}"),
        ]
    return faults


def _is_nameless(expiry_s: Integers) -> Bools:
    """Whether no instrument can expire then."""
    nameless = []
    for one in np.unique(expiry_s).tolist():
        try:
            format_expiry(Instant(one))
        except (Nameless, OutOfRange):
            nameless.append(one)
    return np.isin(expiry_s, nameless)


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
    typical = typical_underlying(table, rows)
    index, tenor_s = table.index_price[rows], table.expiry_s[rows] - table.taken_at_s[rows]
    nearest = int(tenor_s.argmin())
    with np.errstate(invalid="ignore"):
        moved = np.abs(published / typical - 1) > UNDERLYING_TOLERANCE
        old = told < newest - STALE_S
        most = index_tolerance(tenor_s[nearest])
        apart = np.abs(typical[nearest] - index) > most * index
    return [
        _Fault("stale", "quoted_at_s", old,
               lambda at: f"is over {STALE_S:g} s before {newest:.0f}"),
        _Fault("stale", "published_underlying", moved,
               lambda at: f"is over {UNDERLYING_TOLERANCE:.0%} from {typical[at]:.10g}, "
               "the median of its expiry"),
        _Fault("far from the forward", "index_price", apart,
               lambda at: f"is over {most:.0%} from {typical[nearest]:.10g}, "
               "the underlying of the nearest expiry"),
    ]  # fmt: skip


def index_tolerance(tenor_s: float) -> float:
    """How far, as a part of it, an index price may be from the forward of an expiry."""
    return INDEX_TOLERANCE + max(tenor_s, 0.0) / bounds.YEAR_S


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


def _told_otherwise(table: QuoteTable, rows: Integers) -> list[_Fault]:
    """Marks that contradict the volatility beside them, or the underlying by their parity."""
    typical = typical_underlying(table, rows)
    forward = parity_forwards(table, rows)
    with np.errstate(invalid="ignore"):
        apart = np.abs(forward / typical - 1) > WORTH_TOLERANCE
    worth = _worth(table, rows)
    unit = np.where(table.is_coin_quoted[rows], typical, 1.0)
    with np.errstate(invalid="ignore"):
        off = np.abs(table.mark[rows] * unit - worth) > WORTH_TOLERANCE * typical
    return [
        _Fault("another price than its volatility", "mark_iv", off,
               lambda at: f"makes it worth {worth[at] / unit[at]:.10g}, and its mark is "
               f"{table.mark[rows[at]]:.10g}"),
        _Fault("marks without parity", "mark", apart,
               lambda at: f"and the others of its expiry say a forward of {forward[at]:.10g}, over "
               f"{WORTH_TOLERANCE:.0%} from {typical[at]:.10g}"),
    ]  # fmt: skip


def _worth(table: QuoteTable, rows: Integers) -> Floats:
    """What the volatility of each row makes of it, in USD; NaN without one."""
    vol, published = table.mark_iv[rows], table.published_underlying[rows]
    found = np.full(len(rows), np.nan)
    known = np.isfinite(vol) & (published >= PRICE_MIN)
    if known.any():
        forward_e3, strike_e3, vol_e6, tenor_s = (
            np.rint(values[known]).astype(np.int64)
            for values in (
                published / PRICE_MIN,
                table.strike[rows] / PRICE_MIN,
                vol * 1e6,
                np.maximum(table.expiry_s[rows] - table.taken_at_s[rows], 1.0),
            )
        )
        call = call_e3(forward_e3, strike_e3, vol_e6, tenor_s)
        put = call - forward_e3 + strike_e3
        found[known] = np.where(table.is_call[rows][known], call, put) * PRICE_MIN
    return found


_JUDGES: Final[tuple[Callable[[QuoteTable, Integers], list[_Fault]], ...]] = (
    _impossible, _duplicate, _of_another_time, _worthless_as_quote, _told_otherwise,
)  # fmt: skip
"""Each sees what the one before it left."""
