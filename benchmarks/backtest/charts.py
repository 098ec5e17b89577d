"""Charts of the backtest, as SVG files that a page of the documents shows."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np

from benchmarks.backtest.evidence import NAMES, Evidence
from benchmarks.backtest.stretch import CHAINS_CHOSEN_UNTIL, utc
from benchmarks.peers.interface import Floats

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "internals" / "backtest"
FACTORS = np.geomspace(0.5, 2.0, 25)
COLOURS = {
    "novate": "#0b6e4f",
    "derive_pmrm2": "#b5651d",
    "derive_standard": "#e0b084",
    "deribit_portfolio": "#274690",
    "deribit_standard": "#9db4e0",
    "span": "#777777",
}
TITLES = {
    "novate": "novate",
    "derive_pmrm2": "Derive PMRM_2",
    "derive_standard": "Derive standard",
    "deribit_portfolio": "Deribit portfolio",
    "deribit_standard": "Deribit standard",
    "span": "SPAN-like",
}
SHOWN_IN_CRASH = ("novate", "derive_pmrm2", "deribit_portfolio", "span")
CRASH = (utc(2026, 2, 3), utc(2026, 2, 9))
STYLE = {
    "svg.hashsalt": "novate",  # the same figures give the same file
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
}


def _save(figure: Any, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)


def coverage(name: str, frontiers: Mapping[str, Callable[[int, Floats], dict[str, Any]]]) -> None:
    """Shortfall against cost when all margins of a model are scaled; a dot is the model itself."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(2, 2, figsize=(9.5, 7))
        for axis, (title, frontier) in zip(axes.flat, frontiers.items(), strict=True):
            for i, model in enumerate(NAMES):
                line = frontier(i, FACTORS)
                own = frontier(i, np.ones(1))
                shape = {"color": COLOURS[model]}
                axis.plot(line["mean_initial"], np.array(line["shortfall"]) + 1, **shape, lw=1.2)
                axis.plot(
                    own["mean_initial"],
                    np.array(own["shortfall"]) + 1,
                    "o",
                    **shape,
                    label=TITLES[model],
                )
            axis.set(yscale="log", title=title)
            axis.set_xlabel("mean initial margin, % of notional")
            axis.set_ylabel("1 + shortfall at 6 h, % of notional, summed")
        axes.flat[0].legend(frameon=False, fontsize=8)
        figure.tight_layout()
        _save(figure, f"coverage_{name}")


def through_the_crash(found: Mapping[str, Evidence]) -> None:
    """February 2026, chain by chain: what is asked, and how near the worst book comes to it."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(2, len(found), figsize=(9.5, 6.5), sharex=True, sharey="row")
        for (above, below), (underlying, evidence) in zip(axes.T, found.items(), strict=True):
            during = evidence.seconds >= CRASH[0].timestamp()
            during &= evidence.seconds < CRASH[1].timestamp()
            one = evidence.where(during)
            when = one.seconds.astype("datetime64[s]")
            some = np.isfinite(one.loss[0]).any(axis=1)
            for i, model in enumerate(NAMES):
                if model in SHOWN_IN_CRASH:
                    shape = {"color": COLOURS[model], "label": TITLES[model]}
                    above.plot(when, 100 * np.nanmean(one.initial[i], axis=1), **shape)
                    used = one.loss[0][some] / np.maximum(one.maintenance[i][some], 1e-9)
                    below.plot(when[some], 100 * np.nanmax(used, axis=1), **shape)
            below.axhline(100, color="#cc3333", lw=0.8)
            for axis in (above, below):
                axis.axvline(
                    np.datetime64(CHAINS_CHOSEN_UNTIL.replace(tzinfo=None)),
                    color="#333333",
                    lw=0.8,
                    ls=":",
                )
            above.set_title(f"{underlying}, mean initial margin of all books")
            below.set_title("worst book: loss in 6 h over its maintenance margin")
            below.xaxis.set_major_locator(mdates.DayLocator())
            below.xaxis.set_major_formatter(mdates.DateFormatter("%d %b"))
        axes[0, 0].set_ylabel("% of notional")
        axes[1, 0].set_ylabel("%, above the red line somebody else pays")
        below.legend(frameon=False, fontsize=8)
        figure.tight_layout()
        _save(figure, "february_2026")
