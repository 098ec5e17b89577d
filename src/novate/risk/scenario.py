"""Scenarios: where the underlying and its volatility may stand a few hours from now."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from novate.units import within


class VolShock(IntEnum):
    """Which way implied volatility moves."""

    DOWN = -1
    SAME = 0
    UP = 1


@dataclass(frozen=True, slots=True)
class RangeMove:
    """The index moves by `thirds` thirds of the spot range; the loss counts in full."""

    thirds: int


@dataclass(frozen=True, slots=True)
class TailMove:
    """The index moves by a fixed part of itself, in millionths; the loss counts damped.

    What counts is the part `tail_weight * spot_range / |move|`, so that a linear position loses in
    every tail the same share of what it loses at the end of the range.
    """

    move_e6: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """One column of the grid."""

    move: RangeMove | TailMove
    vol: VolShock

    def __str__(self) -> str:
        vol = {VolShock.UP: "vol up", VolShock.SAME: "vol same", VolShock.DOWN: "vol down"}
        match self.move:
            case RangeMove(thirds):
                where = f"{thirds:+d}/3 of the range" if thirds else "spot same"
            case TailMove(move_e6):
                where = f"{move_e6 // 10**4:+d} %, damped"
        return f"{where}, {vol[self.vol]}"


TAILS_E6: Final = (-660_000, -330_000, 500_000, 1_000_000, 2_000_000, 4_000_000)

GRID: Final = (
    *(
        Scenario(RangeMove(thirds), vol)
        for thirds in (0, -1, 1, -2, 2, -3, 3)
        for vol in (VolShock.UP, VolShock.SAME, VolShock.DOWN)
    ),
    *(Scenario(TailMove(move_e6), VolShock.UP) for move_e6 in TAILS_E6),
)
"""Columns 0 to 26: seven places in the range with three volatilities, then six tails."""


class Term(IntEnum):
    """Columns 27 and 28: volatility moves one way up to 30 days and the other way beyond."""

    FRONT_UP = 27
    FRONT_DOWN = 28


class Smile(IntEnum):
    """Columns 29 to 32: the smile of each expiry moves by itself, so an expiry answers for the
    worse of a pair and no expiry's gain pays for another's loss.
    """

    TILT_UP = 29
    TILT_DOWN = 30
    WINGS_UP = 31
    WINGS_DOWN = 32


ACCOUNT_COLUMNS: Final = len(GRID) + len(Term)
"""Columns whose sums over the whole account count: 29."""

COLUMNS: Final = ACCOUNT_COLUMNS + len(Smile)
"""Columns of the risk table: 33."""


def column_name(column: int) -> str:
    """What happens in a column, in words.

    Raises: OutOfRange.
    """
    within("column", column, high=COLUMNS)
    if column < len(GRID):
        return str(GRID[column])
    if column < ACCOUNT_COLUMNS:
        return {
            Term.FRONT_UP: "spot same, vol up to 30 days and down beyond",
            Term.FRONT_DOWN: "spot same, vol down to 30 days and up beyond",
        }[Term(column)]
    return {
        Smile.TILT_UP: "calls' side of each smile up, puts' side down",
        Smile.TILT_DOWN: "calls' side of each smile down, puts' side up",
        Smile.WINGS_UP: "wings of each smile up",
        Smile.WINGS_DOWN: "wings of each smile down",
    }[Smile(column)]
