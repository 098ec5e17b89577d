"""The tables of books made to lose in docs/internals/backtest.md, written where they stand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.backtest.adversary.hunt import BETS, HINDSIGHT, LEAST_MARGIN
from benchmarks.backtest.marked_table import markdown, with_table

PAGE = Path(__file__).resolve().parents[3] / "docs" / "internals" / "backtest.md"
TITLES = {
    "novate": "**novate**",
    "novate without least scan": "without the least scan",
    "deribit_portfolio": "*Deribit portfolio*",
    "derive_pmrm2": "*Derive PMRM_2*",
}
UNDERLYINGS = ("BTC", "ETH")
SOON = "6h"
Found = Mapping[str, Any]


def write(made_to_lose: Found, ladder: Found) -> None:
    """All tables of the page in place of those that stand there."""
    PAGE.write_text(with_tables(PAGE.read_text(), made_to_lose, ladder))


def with_tables(text: str, made_to_lose: Found, ladder: Found) -> str:
    """The page with these figures."""
    for stretch, found in made_to_lose.items():
        text = with_table(text, f"books made to lose, {stretch}", of_stretch(found))
    return with_table(text, "ladder", of_ladder(ladder))


def of_stretch(found: Found) -> str:
    """A row for each model."""
    head = [f"hindsight, {hours}, {u}" for hours in ("6 h", "12 h") for u in UNDERLYINGS]
    bets = ["bets on spot: held, MM, shortfall", "on the smile", "on the term"]
    rows = []
    for model, title in TITLES.items():
        of_model = {u: {s: each[model] for s, each in found[u].items()} for u in UNDERLYINGS}
        cells = [_mean_and_worst(of_model[u][s]) for s in HINDSIGHT.values() for u in UNDERLYINGS]
        cells += [_bet(of_model, search) for search in BETS]
        rows.append([title, *cells, _breaching(of_model, LEAST_MARGIN)])
    return markdown(["", *head, *bets, "cheapest books that breach"], rows)


def of_ladder(ladder: Found) -> str:
    """A row for each version of the model."""
    head = [f"mean IM, {u}" for u in UNDERLYINGS]
    head += [f"drawn, {hours}, {u}" for hours in ("6 h", "12 h") for u in UNDERLYINGS]
    head += [f"hindsight, {u}" for u in UNDERLYINGS]
    rows = []
    for rung, of in ladder.items():
        cells = [f"{of[u]['published']['initial']:.2f}" for u in UNDERLYINGS]
        drawn = [of[u]["drawn_synthetic"][hours] for hours in ("6h", "12h") for u in UNDERLYINGS]
        cells += [f"{one['breaches']}: {one['shortfall']:.1f}" for one in drawn]
        cells += [_mean_and_worst(of[u][HINDSIGHT[0]]) for u in UNDERLYINGS]
        rows.append([rung, *cells, f"{_shortfall(of, BETS[0]):.3f}", _breaching(of, LEAST_MARGIN)])
    return markdown(["", *head, "bets on spot", "cheapest books that breach"], rows)


def _mean_and_worst(one: Found) -> str:
    found = next(one[key] for key in one if key.endswith("h"))
    return f"{found['mean']:.3f}, {found['worst']:.2f}"


def _bet(of: Found, search: str) -> str:
    """How many bets found a book, what the books had to maintain, mean shortfall of all bets."""
    ones = [of[u][search] for u in UNDERLYINGS]
    held = sum(one["held"] for one in ones)
    asked = sum(one["held"] * (one["maintenance_mean"] or 0.0) for one in ones) / max(held, 1)
    sought = sum(one["books"] for one in ones)
    return f"{100 * held / sought:.0f} %, {asked:.2f}, {_shortfall(of, search):.3f}"


def _shortfall(of: Found, search: str) -> float:
    ones = [of[u][search][SOON] for u in UNDERLYINGS]
    return sum(one["known"] * one["mean"] for one in ones) / sum(one["known"] for one in ones)


def _breaching(of: Found, search: str) -> str:
    ones = [of[u][search][SOON] for u in UNDERLYINGS]
    part = sum(one["breaches"] for one in ones) / sum(one["known"] for one in ones)
    return f"{100 * part:.0f} %"
