"""What the evidence says of a model, in numbers: coverage, cost and how both sway.

A book is *breached* when it loses more than its maintenance margin: a holder who stood exactly
there when the liquidation began is now owed for. What it loses beyond is its shortfall. All amounts
are percent of notional, sums are of books.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.backtest.evidence import HORIZONS, NAMES, Evidence
from benchmarks.peers.interface import Floats

STORMY = 0.10
DAY_S = 86400
Table = dict[str, Any]


def percent(value: Any, digits: int = 3) -> float:
    """A part as percent, rounded for the page."""
    return round(100 * float(value), digits)


def breaches(loss: NDArray[np.floating], margin: NDArray[np.floating]) -> Table:
    """Count, sum and worst of what is lost beyond a margin."""
    beyond = np.nan_to_num(np.maximum(loss - margin, 0.0).astype(np.float64))
    return {
        "books": int(np.isfinite(loss).sum()),
        "breaches": int((beyond > 0).sum()),
        "shortfall": percent(beyond.sum()),
        "worst": percent(beyond.max(initial=0.0)),
    }


def cost(margin: NDArray[np.floating]) -> Table:
    """Mean, median, 95 % and most."""
    known = margin[np.isfinite(margin)].astype(np.float64)
    return {
        "mean": percent(known.mean()),
        "median": percent(np.median(known)),
        "p95": percent(np.quantile(known, 0.95)),
        "max": percent(known.max()),
    }


def sway(seconds: Floats, margin: Floats) -> Table:
    """How a margin moves with the market: largest rise within a day, and peak over trough."""
    day = np.searchsorted(seconds, seconds + DAY_S, side="right")
    highest = np.array([margin[i:j].max() for i, j in enumerate(day)])
    return {
        "rise_in_a_day_points": percent(np.max(highest - margin)),
        "rise_in_a_day_ratio": round(float(np.max(highest / margin)), 3),
        "peak_to_trough": round(float(margin.max() / margin.min()), 3),
    }


def summary(evidence: Evidence) -> Table:
    """Of every model: the whole, by family, and in the stormiest tenth."""
    stormy = is_stormy(evidence.move)
    return {
        "markets": int(evidence.seconds.size),
        "models": {name: _model(evidence, i) for i, name in enumerate(NAMES)},
        "stormiest_tenth": {
            name: _coverage(evidence.where(stormy), i) for i, name in enumerate(NAMES)
        },
        "by_family": {
            family: {
                name: _short(_coverage(evidence, i, evidence.families == family))
                for i, name in enumerate(NAMES)
            }
            for family in dict.fromkeys(evidence.families.tolist())
        },
    }


def is_stormy(move: Floats) -> NDArray[np.bool_]:
    """The tenth of the markets after which the index moved most."""
    size = np.nan_to_num(np.abs(move))
    return np.asarray(size >= np.quantile(size, 1 - STORMY))


def _model(evidence: Evidence, i: int) -> Table:
    books = np.nanmean(evidence.initial[i], axis=1, dtype=np.float64)
    return _coverage(evidence, i) | {
        "sway_of_mean_initial": sway(evidence.seconds, books),
        "initial_breaches": {
            f"{hours}h": breaches(evidence.loss[h], evidence.initial[i])
            for h, hours in enumerate(HORIZONS)
        },
    }


def _coverage(evidence: Evidence, i: int, books: NDArray[np.bool_] | None = None) -> Table:
    chosen = np.ones(evidence.families.size, bool) if books is None else books
    initial, maintenance = evidence.initial[i][:, chosen], evidence.maintenance[i][:, chosen]
    return {
        "initial": cost(initial),
        "maintenance_mean": percent(np.nanmean(maintenance, dtype=np.float64)),
    } | {
        f"{hours}h": breaches(evidence.loss[h][:, chosen], maintenance)
        for h, hours in enumerate(HORIZONS)
    }


def _short(coverage: Table) -> Table:
    """Of a family: mean margins, then breaches and shortfall at each horizon."""
    return {
        "initial": coverage["initial"]["mean"],
        "maintenance": coverage["maintenance_mean"],
    } | {
        f"{hours}h_{what}": coverage[f"{hours}h"][what]
        for hours in HORIZONS
        for what in ("breaches", "shortfall")
    }


def frontier(evidence: Evidence, i: int, factors: Floats) -> Table:
    """Mean initial margin and shortfall at the first horizon, all margins times each factor."""
    initial, maintenance, loss = evidence.initial[i], evidence.maintenance[i], evidence.loss[0]
    mean = np.nanmean(initial, dtype=np.float64)
    return {
        "factor": [round(float(f), 3) for f in factors],
        "mean_initial": [percent(mean * f) for f in factors],
        "shortfall": [breaches(loss, maintenance * f)["shortfall"] for f in factors],
        "breaches": [breaches(loss, maintenance * f)["breaches"] for f in factors],
    }
