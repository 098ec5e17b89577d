"""Value at risk and expected shortfall: what positions would have lost in every window of history.

Each window's move happens to today's market, and every contract is priced anew. Nothing is scaled
by a square root: a longer horizon takes longer windows, which overlap.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.risk.desk.tail_risk import LevelRisk, level_risk
from novate.risk.desk.valuation import check_one, profits_e6
from novate.risk.desk.windows import Windows
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.risk.positions import Positions
from novate.units import Integers, Rounding, div

CHUNK: Final = 2048
"""Windows that are priced at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class ValueAtRisk:
    """What one account would have lost in every window."""

    loss_e6: Integers
    """Of each window, (W,); gains below zero."""
    independent: int
    """Windows that do not overlap: what the intervals count."""
    levels: tuple[LevelRisk, ...]

    @classmethod
    def of(
        cls,
        loss_e6: Integers,
        independent: int,
        *,
        levels_e6: tuple[int, ...],
        confidence_e6: int,
    ) -> "ValueAtRisk":
        """That of losses in windows of which so many are independent: of several underlyings for
        instance, whose losses in the same windows are added up.

        Raises: OutOfRange.
        """
        losses = loss_e6.tolist()
        return cls(
            loss_e6,
            independent,
            tuple(
                level_risk(losses, level_e6, confidence_e6, independent=independent)
                for level_e6 in levels_e6
            ),
        )


def value_at_risk(
    listing: Listing,
    market: Market,
    positions: Positions,
    history: Windows,
    *,
    levels_e6: tuple[int, ...] = (950_000, 990_000),
    confidence_e6: int = 950_000,
) -> ValueAtRisk:
    """Historical value at risk and expected shortfall of one account, by full revaluation.

    Value at risk is the loss that at least the part `level` of all windows does not exceed;
    expected shortfall the mean of the worst part 1 - `level`, of which the last window may count
    in part. Their intervals, `level_risk`, take windows that do not overlap for independent, and
    calm and storm for mixed.

    Rounding: up, except for the low end of expected shortfall.
    Raises:   BadPositions, GrossTooLarge, OutOfRange.
    """
    check_one(positions)
    loss_e6 = np.concatenate(
        [
            -profits_e6(
                listing, market, history.moves.part(slice(first, first + CHUNK)), positions
            ).sum(axis=0)
            for first in range(0, len(history.moves), CHUNK)
        ]
    )
    independent = max(div(len(loss_e6), history.overlap, Rounding.FLOOR), 1)
    return ValueAtRisk.of(loss_e6, independent, levels_e6=levels_e6, confidence_e6=confidence_e6)
