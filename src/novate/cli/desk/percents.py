"""Percents as people write them, as millionths."""

from decimal import Decimal, InvalidOperation
from typing import Final

import click
import numpy as np

from novate.units import Integers, bounds

E6: Final = bounds.RATE_SCALE // 100
STEPS_MAX: Final = 101
MOST_E6: Final = 10**15
"""What nobody asks for: what an option takes is less."""


def percent_e6(text: str) -> int:
    """`-12.5`, with or without a percent sign and with at most four decimals, in millionths.

    Raises: click.BadParameter.
    """
    try:
        exact = Decimal(text.strip().removesuffix("%").strip()) * E6
        if not abs(exact) < MOST_E6 or exact != exact.to_integral_value():
            raise InvalidOperation
    except InvalidOperation:
        raise click.BadParameter(f"{text!r} is not a number of percent like -12.5") from None
    return int(exact)


def axis_e6(ctx: click.Context, parameter: click.Parameter, value: str) -> Integers:
    """`-30,-15,0,15,30`, or `-30:30:15`, in percent; in millionths, ascending.

    Raises: click.BadParameter.
    """
    if ":" in value:
        parts = value.split(":")
        if len(parts) != 3:
            raise click.BadParameter(f"{value!r} is not FROM:TO:STEP")
        first, last, step = map(percent_e6, parts)
        if step <= 0 or last < first:
            raise click.BadParameter(f"{value!r} goes nowhere: the step is above 0, TO above FROM")
        found = range(first, last + 1, step)
        if len(found) > STEPS_MAX:
            raise click.BadParameter(f"{value!r} has {len(found)} steps, more than {STEPS_MAX}")
        return np.array(found, dtype=np.int64)
    return np.array(sorted({percent_e6(text) for text in value.split(",")}), dtype=np.int64)


def signed_percent(part_e6: int) -> str:
    """`+12.5`, `-30`, `0`."""
    return f"{part_e6 / E6:+.4g}" if part_e6 else "0"
