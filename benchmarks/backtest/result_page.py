"""The tables of results in docs/internals/backtest.md, written where they stand."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from benchmarks.backtest.frozen import COMMIT, DRAWN, PUBLISHED, at_the_freeze
from benchmarks.backtest.marked_table import markdown, with_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "internals" / "backtest.md"
PERPETUAL = "perpetuals_hourly"
UNDERLYINGS = ("BTC", "ETH")
KINDS = {PUBLISHED: "published chains", DRAWN: "drawn chains"}
TITLES = {
    "novate": "**novate**",
    "deribit_portfolio": "Deribit portfolio",
    "derive_pmrm2": "Derive PMRM_2",
    "span": "SPAN-like",
    "derive_standard": "Derive standard",
    "deribit_standard": "Deribit standard",
}
COMPARED = ("novate", "deribit_portfolio", "derive_pmrm2")
"""The portfolio margins, which the tables of many columns show."""
OPTION_HOURS, PERPETUAL_HOURS = (6, 12), (1, 6, 8)
Found = Mapping[str, Any]


def write(figures: Found) -> None:
    """All tables of results in place of those that stand there."""
    PAGE.write_text(with_tables(PAGE.read_text(), figures))


def with_tables(text: str, figures: Found) -> str:
    """The page with these figures, which have every stretch that is measured."""
    stretches = ("choice", "held out")
    for stretch in stretches:
        of = figures[stretch]
        for kind, title in KINDS.items():
            text = with_table(text, f"{title}, {stretch}", of_options(of, stretch, kind))
            text = with_table(text, f"families on {title}, {stretch}", of_families(of, kind))
        text = with_table(text, f"the stormiest tenth, {stretch}", of_storms(of))
        text = with_table(text, f"perpetuals, {stretch}", of_perpetuals(of))
    return with_table(text, "crashes", of_crashes([figures[stretch] for stretch in stretches]))


def of_options(of: Found, stretch: str, kind: str) -> str:
    """A row for each model, and one for ours as it was frozen."""
    found = {u: of[u][kind]["models"] for u in UNDERLYINGS}
    rows = [
        [title, *_side_by_side([found[u][model] for u in UNDERLYINGS], OPTION_HOURS)]
        for model, title in TITLES.items()
    ]
    frozen = [at_the_freeze(stretch, kind, u) for u in UNDERLYINGS]
    rows.insert(1, [f"as frozen ({COMMIT})", *_side_by_side(frozen, OPTION_HOURS)])
    return markdown(["", *_head(OPTION_HOURS)], rows)


def of_perpetuals(of: Found) -> str:
    """A row for each model."""
    found = {u: of[u][PERPETUAL]["models"] for u in UNDERLYINGS}
    rows = [
        [title, *_side_by_side([found[u][model] for u in UNDERLYINGS], PERPETUAL_HOURS)]
        for model, title in TITLES.items()
    ]
    return markdown(["", *_head(PERPETUAL_HOURS)], rows)


def of_storms(of: Found) -> str:
    """Of each model, the tenth of the markets after which the price moved most, drawn ones."""
    rows = []
    for model, title in TITLES.items():
        found = [of[u][DRAWN]["stormiest_tenth"][model] for u in UNDERLYINGS]
        rows.append([title, *_side_by_side(found, OPTION_HOURS)])
    return markdown(["", *_head(OPTION_HOURS)], rows)


def of_families(of: Found, kind: str) -> str:
    """A row for each family of books."""
    head = [f"{TITLES[model]}, {u}" for u in UNDERLYINGS for model in COMPARED]
    every = {u: of[u][kind]["by_family"] for u in UNDERLYINGS}
    rows = [
        [family, *(_family(every[u][family][model]) for u in UNDERLYINGS for model in COMPARED)]
        for family in every[UNDERLYINGS[0]]
    ]
    return markdown(["", *head], rows)


def of_crashes(stretches: Sequence[Found]) -> str:
    """A row for each crash of an underlying."""
    head = ["", "", "vol", "worst 6 h"]
    head += [cell for model in COMPARED for cell in (f"{TITLES[model]}, initial", "6 h")]
    rows = []
    for of in stretches:
        for u in UNDERLYINGS:
            for day, crash in of[u][PERPETUAL]["crashes"].items():
                vol = _from_to(crash["vol_before"], crash["vol_peak"], 0)
                cells = [day, u, vol, decimal(crash["worst_within_6h"], 1)]
                for model in COMPARED:
                    one = crash[model]
                    cells.append(_from_to(one["initial_before"], one["initial_peak"], 1))
                    cells.append(_breaches(one["6h"]))
                rows.append(cells)
    return markdown(head, rows)


def decimal(value: float, digits: int = 2) -> str:
    """As a person rounds the figure that is written: a half goes up."""
    step = Decimal(1).scaleb(-digits)
    return str(Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP))


def _head(hours: Sequence[int]) -> list[str]:
    looked = [f"{h} h" for h in hours]
    return [cell for u in UNDERLYINGS for cell in (f"{u}: mean initial", *looked)]


def _side_by_side(found: Sequence[Found], hours: Sequence[int]) -> list[str]:
    cells = []
    for one in found:
        cells += [decimal(one["initial"]["mean"]), *(_breaches(one[f"{h}h"]) for h in hours)]
    return cells


def _breaches(found: Found) -> str:
    return f"{found['breaches']}: {decimal(found['shortfall'])}"


def _family(found: Found) -> str:
    """Mean margins, and at each horizon breaches and shortfall, or that there are none."""
    cells = [f"{decimal(found['initial'])}/{decimal(found['maintenance'])}"]
    for hours in OPTION_HOURS:
        count, shortfall = found[f"{hours}h_breaches"], found[f"{hours}h_shortfall"]
        cells.append(f"{count}: {decimal(shortfall)}" if count else "0")
    return "; ".join(cells)


def _from_to(before: float, peak: float, digits: int) -> str:
    first, last = decimal(before, digits), decimal(peak, digits)
    return first if first == last else f"{first} to {last}"
