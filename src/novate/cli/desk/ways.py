"""The ways to lose of one underlying, with its own spot range and horizon in them."""

import re

from novate.risk import Explanation, RiskTable, horizon_s, scenario_moves_e6, way_name


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
