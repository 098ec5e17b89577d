"""The surface of a chain as small charts, one an expiry: marks, and the fit through them."""

from typing import Final

import numpy as np

from novate.cli.desk.smiles import fitted_vols, marked_smile, smile_line
from novate.cli.report.charts import WIDE
from novate.cli.report.theme import FIRST, MUTED, SECOND, figure, svg, thousands
from novate.instruments import format_expiry
from novate.nodes import OptionChain, SurfaceFit
from novate.units import Instant, bounds

COLUMNS: Final = 3
REACH: Final = 3.0
"""Standard deviations of the price either side of the forward that are shown."""


def smile_chart(chain: OptionChain, surface: SurfaceFit) -> str:
    """Marks as points and fits as lines, by strike, an expiry each."""
    smiles = surface.smiles
    rows = -(-len(smiles) // COLUMNS)
    with figure(WIDE, 1.5 * rows + 0.35) as drawn:
        grid = drawn.subplots(rows, COLUMNS, squeeze=False)
        for axes in grid.flat[len(smiles) :]:
            axes.set_visible(False)
        for axes, fit in zip(grid.flat, smiles, strict=False):
            line = smile_line(fit)
            width = REACH * line.at_the_money * np.sqrt(fit.tenor_s / bounds.YEAR_S)
            strikes, vols = marked_smile(chain, fit.expiry_s)
            inside = np.abs(np.log(strikes / fit.forward)) <= width
            ends = strikes[inside] if inside.any() else np.array([fit.forward])
            low, high = min(ends.min(), fit.forward), max(ends.max(), fit.forward)
            dense = np.linspace(low, max(high, low * 1.001), 121)
            axes.axvline(fit.forward, color=MUTED, lw=0.7, ls=(0, (1, 2)))
            axes.plot(dense, 100 * fitted_vols(fit, dense), color=SECOND, lw=1.3, label="fit")
            axes.plot(
                strikes[inside], 100 * vols[inside], "o", color=FIRST, ms=2.3, mew=0, label="marks"
            )
            axes.set_title(
                f"{format_expiry(Instant(fit.expiry_s))}, {fit.tenor_s / 86_400:,.1f} d, "
                f"{100 * line.at_the_money:.1f} %",
                fontsize=8,
            )
            axes.xaxis.set_major_formatter(thousands)
            axes.tick_params(labelsize=7)
            axes.locator_params(axis="x", nbins=4)
            axes.locator_params(axis="y", nbins=4)
        for axes in grid[:, 0]:
            axes.set_ylabel("vol, %", fontsize=7.5)
        handles, labels = grid.flat[0].get_legend_handles_labels()
        drawn.legend(handles, labels, loc="outside lower center", ncols=2)
        return svg(drawn, f"smiles-{chain.currency}", f"Smiles of {chain.currency} by expiry")
