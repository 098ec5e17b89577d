"""The ways to lose of one underlying, with its own spot range in them."""

import re

from novate.risk import RiskTable, way_name


def way_words(table: RiskTable, way: int) -> str:
    """A way to lose in words, thirds of the range as the percentages that they are today."""

    def percent(found: re.Match[str]) -> str:
        return f"spot {int(found[1]) * table.shocks.range_e6 / 30_000:+.1f} %"

    return re.sub(r"([+-]\d)/3 of the range", percent, way_name(way))
