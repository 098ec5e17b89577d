"""Forwards by put-call parity, and the underlying that a source publishes beside them."""

import numpy as np

from novate.nodes.csv_file import Floats
from novate.nodes.quote_table import QuoteTable
from novate.units import Integers


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


def parity_forwards(table: QuoteTable, rows: Integers) -> Floats:
    """The forward of the expiry of each of these rows, which are of one chain."""
    found = np.empty(len(rows))
    order = np.lexsort((table.is_call[rows], table.strike[rows], table.expiry_s[rows]))
    found[order] = _in_order(table, rows[order])
    return found


def _in_order(table: QuoteTable, rows: Integers) -> Floats:
    """Of rows by expiry, strike, and puts before calls; by marks, else by the middle of quotes."""
    expiry, strike = table.expiry_s[rows], table.strike[rows]
    mark, mid = table.mark[rows], (table.bid[rows] + table.ask[rows]) / 2
    near = typical_underlying(table, rows)
    pair = np.flatnonzero((expiry[:-1] == expiry[1:]) & (strike[:-1] == strike[1:]))
    forward = np.full(len(rows), np.nan)
    for one in np.unique(expiry).tolist():
        of_expiry = expiry == one
        puts = pair[expiry[pair] == one]
        for price in (mark, mid):
            found = parity_forward(
                strike[puts],
                price[puts + 1] - price[puts],
                near=float(near[of_expiry][0]),
                is_coin_quoted=bool(table.is_coin_quoted[rows[0]]),
            )
            if np.isfinite(found):
                forward[of_expiry] = found
                break
    return forward


def typical_underlying(table: QuoteTable, rows: Integers) -> Floats:
    """The median of what is published as the underlying of each row's expiry."""
    expiry, published = table.expiry_s[rows], table.published_underlying[rows]
    found = np.full(len(rows), np.nan)
    for one in np.unique(expiry).tolist():
        of_expiry = expiry == one
        known = published[of_expiry & np.isfinite(published)]
        found[of_expiry] = np.median(known) if len(known) else np.nan
    return found
