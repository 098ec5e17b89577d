"""How close fitted surfaces come to published volatilities, and what a fit costs.

Every published chain is fitted twice: from nothing, and from the surface of the chain before it of
the same currency, as a publisher does. Errors are in volatility points against the mark volatility
of every strike, weighted by vega; with `quotes` the fit saw bids and asks alone. No row is left
out, and each surface is examined for arbitrage on its own strikes.
"""

import time
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
from tests.shared_data import DATA

from novate.nodes import (
    FitSource,
    OptionChain,
    SurfaceFit,
    fit_surface,
    read_option_chains,
)
from novate.nodes.smile_fit import variance
from novate.nodes.smile_numbers import in_floats
from novate.nodes.surface_fitter import SmileFit
from novate.pricing import surface_arbitrages
from novate.units import Instant, bounds

CLOCKS = {"btc_book_summary_2025-12-05.csv": Instant(1_764_897_018)}
"""Of a file that does not say when it was taken."""


def files() -> list[Path]:
    """Every published file of chains; the sequence last."""
    found = sorted((DATA / "deribit").glob("*.csv*"))
    names = [path for path in found if not path.name.startswith(("dvol", "chain_sequence"))]
    return [*names, *(path for path in found if path.name.startswith("chain_sequence"))]


def arbitrages(fit: SurfaceFit, chain: OptionChain) -> int:
    """How many rules the produced prices break on the chain's strikes."""
    listed = [np.unique(chain.strike[chain.expiry_s == one.expiry_s]) for one in fit.smiles]
    return len(
        surface_arbitrages(
            [one.smile for one in fit.smiles],
            np.array([one.tenor_s for one in fit.smiles]),
            np.array([round(one.forward * 1000) for one in fit.smiles]),
            np.repeat(np.arange(len(listed)), [len(strikes) for strikes in listed]),
            np.rint(np.concatenate(listed) * 1000).astype(np.int64),
        )
    )


def error_to_marks(one: SmileFit, chain: OptionChain) -> float:
    """Root of the mean square distance to the mark volatilities of an expiry, weighted by vega."""
    rows = (chain.expiry_s == one.expiry_s) & np.isfinite(chain.mark_iv)
    if not rows.any():
        return np.nan
    root = np.sqrt(one.tenor_s / bounds.YEAR_S)
    strike, vol = chain.strike[rows], chain.mark_iv[rows]
    z = np.log(strike / one.forward) / root
    d1 = -z / vol + vol * root / 2
    vega = np.exp(-d1 * d1 / 2)
    off = np.sqrt(variance(in_floats(one.smile), z)) - vol
    return float(np.sqrt((vega * off**2).sum() / vega.sum()))


def run() -> dict[str, Any]:
    """Points and milliseconds by file and currency, and over all of them."""
    rows = []
    before: dict[tuple[str, FitSource], SurfaceFit] = {}
    for path in files():
        for chain in read_option_chains(path, taken_at=CLOCKS.get(path.name)):
            for source in FitSource:
                if source is FitSource.QUOTES and not np.isfinite(chain.bid).any():
                    continue
                rows.append(_row(path, chain, source, before))
    return {"chains": rows, "all": {str(source): _summary(rows, source) for source in FitSource}}


def _row(
    path: Path,
    chain: OptionChain,
    source: FitSource,
    before: dict[tuple[str, FitSource], SurfaceFit],
) -> dict[str, Any]:
    start = time.perf_counter()
    fit = fit_surface(chain, source=source)
    cold = time.perf_counter() - start
    last = before.get((chain.currency, source))
    start = time.perf_counter()
    warm = fit_surface(chain, source=source, start=last or fit)
    warm_s = time.perf_counter() - start
    before[chain.currency, source] = fit
    errors = {
        one.tenor_s: error if np.isfinite(error := error_to_marks(one, chain)) else one.rms
        for one in fit.smiles
    }
    worst = max(errors, key=lambda tenor_s: errors[tenor_s])
    return {
        "file": path.name,
        "at": str(Instant(int(chain.taken_at_s))),
        "currency": chain.currency,
        "source": str(source),
        "strikes": sum(one.strikes for one in fit.smiles),
        "expiries": len(fit.smiles),
        "skipped": len(fit.skipped),
        "rms_points": round(100 * float(np.sqrt(fmean(e * e for e in errors.values()))), 3),
        "rms_of_a_day_and_more_points": round(
            100 * float(np.sqrt(fmean(e * e for t, e in errors.items() if t >= 86_400))), 3
        ),
        "worst_expiry_days": round(worst / 86_400, 2),
        "worst_expiry_points": round(100 * errors[worst], 3),
        "repaired": len(fit.repaired),
        "arbitrages": arbitrages(fit, chain) + arbitrages(warm, chain),
        "cold_ms": round(1000 * cold, 1),
        "warm_ms": round(1000 * warm_s, 1),
    }


def _summary(rows: list[dict[str, Any]], source: FitSource) -> dict[str, Any]:
    chosen = [row for row in rows if row["source"] == source]
    return {
        "chains": len(chosen),
        "rms_points_median": median(row["rms_points"] for row in chosen),
        "rms_points_max": max(row["rms_points"] for row in chosen),
        "rms_of_a_day_and_more_points_median": median(
            row["rms_of_a_day_and_more_points"] for row in chosen
        ),
        "worst_expiry_points_max": max(row["worst_expiry_points"] for row in chosen),
        "repaired_expiries": sum(row["repaired"] for row in chosen),
        "arbitrages": sum(row["arbitrages"] for row in chosen),
        "cold_ms_median": median(row["cold_ms"] for row in chosen),
        "warm_ms_median": median(row["warm_ms"] for row in chosen),
    }
