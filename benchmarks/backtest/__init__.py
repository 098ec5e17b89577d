"""Is the margin model better? Books on real and drawn option chains, and perpetuals by the hour.

`make backtest` writes `benchmarks/latest/backtest.json`, and the charts and marked tables of
docs/internals/backtest.md.
"""

from functools import partial
from typing import Any

import numpy as np

from benchmarks.backtest import adversary, charts, ladder, perpetuals, result_page, statistics
from benchmarks.backtest.books import FAMILIES, NOTIONAL_USD
from benchmarks.backtest.evidence import HORIZONS, NAMES, Evidence, drawn, published
from benchmarks.backtest.frozen import DRAWN, PUBLISHED
from benchmarks.backtest.prices import DATA, FILES
from benchmarks.backtest.result_page import PERPETUAL
from benchmarks.backtest.stretch import MEASURED, Stretch

MADE_TO_LOSE = "books_made_to_lose"
LADDER = "ladder"


def run() -> dict[str, Any]:
    """All figures, a table for each stretch."""
    if not DATA.is_dir():
        raise SystemExit(f"no data at {DATA}: the backtest reads chains and prices from there")
    real = {stretch: published(stretch) for stretch in MEASURED}
    figures = {stretch.name: _stretch(stretch, real[stretch]) for stretch in MEASURED}
    charts.through_the_crash(
        {underlying: _together([real[s][underlying] for s in MEASURED]) for underlying in FILES}
    )
    result_page.write(figures)
    lost = made_to_lose()
    adversary.write_page(lost[MADE_TO_LOSE], lost[LADDER])
    what = {
        "books": len(FAMILIES),
        "notional_usd": NOTIONAL_USD,
        "horizons_hours": HORIZONS,
        "models": NAMES,
        "unit": "percent of notional; shortfall is a sum over books",
    }
    return {"what": what} | figures | lost


def made_to_lose() -> dict[str, Any]:
    """The searches on each stretch, and on the first of them what each part of the model buys."""
    return {
        MADE_TO_LOSE: {stretch.name: adversary.run(stretch) for stretch in MEASURED},
        LADDER: ladder.run(),
    }


def _stretch(stretch: Stretch, real: dict[str, Evidence]) -> dict[str, Any]:
    synthetic = {underlying: drawn(stretch, underlying) for underlying in FILES}
    hours = {underlying: perpetuals.hours_of(stretch, underlying) for underlying in FILES}
    frontiers = {
        f"{name}, options on drawn chains (synthetic)": partial(statistics.frontier, evidence)
        for name, evidence in synthetic.items()
    } | {
        f"{name}, perpetuals by the hour": partial(perpetuals.frontier, found)
        for name, found in hours.items()
    }
    charts.coverage(stretch.name.replace(" ", "_"), frontiers)
    return {
        underlying: {
            PUBLISHED: statistics.summary(real[underlying]),
            DRAWN: statistics.summary(synthetic[underlying]),
            PERPETUAL: perpetuals.summary(hours[underlying]),
        }
        for underlying in FILES
    }


def _together(every: list[Evidence]) -> Evidence:
    """Stretches one after another; a chain at their border is in both and stays with its losses."""
    whole = every[-1]
    for one in reversed(every[:-1]):
        whole = one.where(~np.isin(one.seconds, whole.seconds)).followed_by(whole)
    return whole
