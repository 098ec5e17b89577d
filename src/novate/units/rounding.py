"""Division that names its direction."""

from enum import Enum


class Rounding(Enum):
    """Which neighbour a quotient becomes when it is not whole."""

    FLOOR = "floor"
    CEIL = "ceil"


def div(a: int, b: int, rounding: Rounding) -> int:
    """`a / b` as an integer, `b > 0`: FLOOR towards minus infinity, CEIL towards plus infinity."""
    assert b > 0
    match rounding:
        case Rounding.FLOOR:
            return a // b
        case Rounding.CEIL:
            return -(-a // b)
