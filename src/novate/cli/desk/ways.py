"""The ways to lose of one underlying, with its own spot range and horizon in them."""

import re
from typing import Any

import numpy as np

from novate.cli.desk.figures import figures_table
from novate.cli.render import cents
from novate.risk import GRID, Explanation, RiskTable, horizon_s, scenario_moves_e6, way_name
from novate.units import Usd


def way_words(table: RiskTable, way: int) -> str:
    """A way to lose in words: ranges as the percentages that they are today, and how much later."""
    moves_e6 = scenario_moves_e6(table.shocks)
    if not 0 <= way < len(moves_e6):
        return way_name(way)
    percent = f"spot {int(moves_e6[way]) / 10_000:+.1f} %"
    named = re.sub(r"spot [+-]\d\.\d ranges", percent, way_name(way))
    return named.replace("later", f"{later_words(table)} later")


def later_words(table: RiskTable) -> str:
    """How much time has passed in the scenarios that are later."""
    return f"{horizon_s(table.shocks.dials) / 3600:g} h"


def deciding_words(table: RiskTable, found: Explanation) -> str:
    """What decides both margins."""
    initial = way_words(table, found.binding)
    if found.maintenance_binding == found.binding:
        return f"what decides is {initial}"
    maintenance = way_words(table, found.maintenance_binding)
    return f"what decides is {initial}; of maintenance margin, {maintenance}"


def ways_table(table: RiskTable, found: Explanation, worst: int) -> Any:
    """The worst of them, and which margin each decides."""
    return figures_table(
        "Ways to lose, the worst first, USDC",
        ("", "initial", "maintenance", "decides"),
        [
            (
                way_words(table, way),
                cents(Usd(int(found.loss_e6[way]))),
                _of_maintenance(found, way),
                ", ".join(
                    which
                    for which, decides in (
                        ("initial", way == found.binding),
                        ("maintenance", way == found.maintenance_binding),
                    )
                    if decides
                ),
            )
            for way in _worst(found, worst)
        ],
    )


def way_fields(table: RiskTable, found: Explanation, worst: int) -> list[dict[str, Any]]:
    """The same for machines; money in millionths."""
    return [
        {
            "name": way_words(table, way),
            "loss_e6": int(found.loss_e6[way]),
            "maintenance_loss_e6": (
                None if _is_initial_alone(way) else int(found.maintenance_loss_e6[way])
            ),
        }
        for way in _worst(found, worst)
    ]


def _worst(found: Explanation, count: int) -> list[int]:
    worst: list[int] = np.argsort(-found.loss_e6, kind="stable")[:count].tolist()
    return worst


def _of_maintenance(found: Explanation, way: int) -> str:
    if _is_initial_alone(way):
        return "not asked"
    return cents(Usd(int(found.maintenance_loss_e6[way])))


def _is_initial_alone(way: int) -> bool:
    return way < len(GRID) and GRID[way].is_buffered
