"""The chart and the tables of docs/concepts/dials.md; means of BTC and ETH."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import FormatStrFormatter, LogLocator, NullLocator

from benchmarks.backtest.charts import COLOURS, STYLE, plt
from benchmarks.backtest.marked_table import with_table

Values = Mapping[str, Mapping[str, Any]]
"""Values of a dial, and what is found there."""
Figures = Mapping[str, Values]

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "concepts"
PAGE, CHART = FOLDER / "dials.md", FOLDER / "dials.svg"
KINDS = {"drawn_synthetic": "synthetic options", "perpetuals": "perpetuals"}
SHAPES = {
    "drawn_synthetic": {"color": COLOURS["novate"], "marker": "o", "ls": "--"},
    "perpetuals": {"color": COLOURS["deribit_portfolio"], "marker": "s", "ls": "-"},
}
INITIAL = ("initial", "who_holds_initial")
AT_FLAG = ("at_flag", "who_stands_at_the_flag")
UNMOVED = ("", "who_holds_maintenance_of_the_default")
HOLDERS = {
    "margin_buffer": INITIAL,
    "settlement_latency": AT_FLAG,
    "oracle_heartbeat": AT_FLAG,
    "liquidation_threshold": AT_FLAG,
}
"""Whose margin a dial moves: what is held, and what is then lost beyond it."""
SLOW = ("settlement_latency", "oracle_heartbeat")
"""Dials that lengthen the time over which a loss runs."""
COLUMNS: dict[str, tuple[tuple[str, ...], int]] = {
    "initial": (("initial",), 2),
    "at the flag": (("at_flag",), 2),
    "flagged in 6 h": (("flagged_within_6h",), 1),
    "shortfall, initial": (("who_holds_initial", "shortfall"), 1),
    "shortfall, flag": (("who_stands_at_the_flag", "shortfall"), 1),
}
COLUMN_OF_SLOW = {"shortfall if margins stayed": ((UNMOVED[1], "shortfall"), 1)}
"""Of a table: where the figure is found, and its digits."""
NEAR = 0.07
"""Values nearer to each other than this, as a part of the panel, share the label of the last."""


def write(figures: Figures) -> None:
    """The chart, and the tables of the page in place of those that stand there."""
    draw(figures)
    text = PAGE.read_text()
    for dial, values in figures.items():
        text = with_table(text, dial, table(values, dial in SLOW))
    PAGE.write_text(text)


def both(found: Mapping[str, Any], kind: str, *path: str) -> float:
    """The mean of BTC and ETH of a figure."""
    values = []
    for underlying in ("BTC", "ETH"):
        value = found[underlying][kind]
        for key in path:
            value = value[key]
        values.append(np.nan if value is None else value)
    return float(np.mean(values))


def table(values: Values, is_slow: bool) -> str:
    """Rows of values; options and perpetuals side by side, the default in bold."""
    columns = COLUMNS | (COLUMN_OF_SLOW if is_slow else {})
    lines = [f"| | T | {' | '.join(columns)} |", "|---" * (2 + len(columns)) + "|"]
    for value, found in values.items():
        cells = [value, duration(found["hours"])]
        for path, digits in columns.values():
            cells.append(" / ".join(f"{both(found, kind, *path):.{digits}f}" for kind in KINDS))
        if found["is_default"]:
            cells = [f"**{cell}**" for cell in cells]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def duration(hours: float) -> str:
    """Hours and minutes."""
    whole, minutes = divmod(round(60 * hours), 60)
    return f"{whole} h {minutes:02} min"


def draw(figures: Figures) -> None:
    """A panel to a dial: shortfall against margin, both as parts of those of the default."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(2, 2, figsize=(9.5, 7.5))
        for axis, (dial, holder) in zip(axes.flat, HOLDERS.items(), strict=True):
            values, is_slow = figures[dial], dial in SLOW
            for kind, shape in SHAPES.items():
                label = f"{KINDS[kind]}: {_units(values, kind, holder)}"
                _line(axis, values, kind, holder, {**shape, "label": label})
            for kind, shape in SHAPES.items() if is_slow else ():
                label = f"{KINDS[kind]}, if margins stayed"
                style = {**shape, "ls": ":", "mfc": "white", "label": label}
                _line(axis, values, kind, UNMOVED, style)
            axis.plot(100, 1, "o", ms=13, mfc="none", mec="#cc3333", mew=1.5)
            _names(axis, values, holder, is_slow)
            _axis(axis, dial, "initial margin" if holder is INITIAL else "margin at the flag")
        figure.tight_layout()
        figure.savefig(CHART, metadata={"Date": None}, bbox_inches="tight")
        plt.close(figure)


def _units(values: Values, kind: str, holder: tuple[str, str]) -> str:
    """What margin and shortfall of the default are."""
    default = next(one for one in values.values() if one["is_default"])
    held, loser = both(default, kind, holder[0]), both(default, kind, holder[1], "shortfall")
    return f"100 is {held:.1f} %, 1 is {loser:.1f} USD"


def relative(values: Values, kind: str, *path: str) -> list[float]:
    """A figure at all values of a dial, as parts of that at the default."""
    found = [both(one, kind, *path) for one in values.values()]
    default = next(i for i, one in enumerate(values.values()) if one["is_default"])
    return [value / found[default] for value in found]


def _line(
    axis: Any, values: Values, kind: str, holder: tuple[str, str], style: Mapping[str, Any]
) -> None:
    """Through all values of a dial; where margins do not move, straight up."""
    held, loser = holder
    across = relative(values, kind, held) if held else [1.0] * len(values)
    up = relative(values, kind, loser, "shortfall")
    axis.plot([100 * x for x in across], up, **{"lw": 1.2, "ms": 4, **style})


def _names(axis: Any, values: Values, holder: tuple[str, str], is_below: bool) -> None:
    """The values of the dial at their points; those near each other together."""
    held, loser = holder
    across = [100 * x for x in relative(values, "perpetuals", held)]
    up = np.array([relative(values, kind, loser, "shortfall") for kind in KINDS])
    at = up[list(KINDS).index("perpetuals")] if is_below else up.max(axis=0)
    names = list(values)
    groups: list[list[int]] = []
    for i, x in enumerate(across):
        if groups and x - across[groups[-1][0]] < NEAR * (across[-1] - across[0]):
            groups[-1].append(i)
        else:
            groups.append([i])
    for group in groups:
        first, last = group[0], group[-1]
        place = (0, -17 if is_below else 9)
        if first != last:  # beside the first, where no line is
            place = (-10, -3)
        axis.annotate(
            names[last] if first == last else f"≤ {names[last]}",
            (across[first], at[first]),
            place,
            textcoords="offset points",
            ha="center" if first == last else "right",
            fontsize=8,
        )


def _axis(axis: Any, dial: str, held: str) -> None:
    axis.set(yscale="log", title=dial, xlabel=f"mean {held}, default = 100")
    axis.set_ylabel("shortfall, default = 1")
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.margins(x=0.27 if dial in SLOW else 0.14, y=0.2)
    axis.legend(frameon=False, fontsize=8, loc="upper right")
