"""How charts look: drawn once, readable on white and on black, as text and lines in the page.

A chart is drawn with colours that stand for others: each is replaced by a variable of the page's
style sheet, so that one drawing follows the reader's light or dark.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from novate.units import NamedError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK: Final = "#000001"
MUTED: Final = "#000002"
GRID: Final = "#000003"
GAIN: Final = "#000004"
LOSS: Final = "#000005"
FIRST: Final = "#000006"
SECOND: Final = "#000007"
PAPER: Final = "#000008"

_VARIABLES: Final = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    GAIN: "gain",
    LOSS: "loss",
    FIRST: "first",
    SECOND: "second",
    PAPER: "paper",
}

_SETTINGS: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "novate",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRID,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
}


class DrawingMissing(NamedError, ImportError):
    """The library that draws charts is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "charts need matplotlib, which is not installed; next: pip install 'novate[report]'"
        )


@contextmanager
def figure(width: float, height: float) -> Iterator["Figure"]:
    """An empty figure of so many inches, in the house's settings.

    Raises: DrawingMissing.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise DrawingMissing from None
    with rc_context(_SETTINGS):
        yield Figure(figsize=(width, height))


def svg(drawn: "Figure", name: str, label: str) -> str:
    """The figure as an element of the page; `name` keeps its ids apart from other figures'.

    Must be called within the `figure` that it draws.
    """
    buffer = StringIO()
    drawn.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r" ?font-family: [^;\"]*;", "", text)
    used = set(re.findall(r"(?:href=\"#|url\(#)([\w-]+)", text))
    text = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", text)
    text = re.sub(r"(href=\"#|url\(#)([\w-]+)", rf"\1{name}-\2", text)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var(--{variable})")
    head, _, rest = text.partition(">")
    view = re.search(r'viewBox="[^"]*"', head)
    assert view is not None
    return f'<svg {view[0]} role="img" aria-label="{escape(label, quote=True)}">{rest.strip()}'


def thousands(value: float, _: object = None) -> str:
    """A tick of money: `-1,500` or `2.5m`."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.4g}m"
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:,.2f}"
