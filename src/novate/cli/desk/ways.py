"""The ways to lose of one underlying, with its own spot range in them."""

import re

from novate.risk import RiskTable, scenario_moves_e6, way_name


def way_words(table: RiskTable, way: int) -> str:
    """A way to lose in words, ranges as the percentages that they are today."""
    moves_e6 = scenario_moves_e6(table.shocks)
    if not 0 <= way < len(moves_e6):
        return way_name(way)
    percent = f"spot {int(moves_e6[way]) / 10_000:+.1f} %"
    return re.sub(r"spot [+-]\d\.\d ranges", percent, way_name(way))
