"""Scenarios: where the underlying and its volatility may stand when a position is closed."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from novate.units import Rounding, div, floor_and_rest, within


class VolShock(IntEnum):
    """Which way implied volatility moves."""

    DOWN = -1
    SAME = 0
    UP = 1


@dataclass(frozen=True, slots=True)
class Scenario:
    """One column of the grid."""

    move_mille: int
    """Move of the index, in thousandths of the spot range."""
    vol: VolShock
    is_later: bool = False
    """The time that closing may take has passed; else none has."""
    is_tail: bool = False
    """A quarter of the gain or loss counts: at four ranges a perpetual loses what it loses at one,
    and a short option also a part of what it loses beyond."""
    is_buffered: bool = False
    """Move and rise of volatility are larger by the margin buffer: for initial margin alone."""

    @property
    def is_near(self) -> bool:
        """Whether the index stays so near that forwards moving apart may be what decides."""
        return abs(self.move_mille) < _FAR

    def __str__(self) -> str:
        whole, tenth = floor_and_rest(div(abs(self.move_mille), 100, Rounding.FLOOR), 10)
        sign = "-" if self.move_mille < 0 else "+"
        parts = [f"spot {sign}{whole}.{tenth} ranges" if self.move_mille else "spot same"]
        parts.append(f"vol {self.vol.name.lower()}")
        parts += ["later"] * self.is_later + ["a quarter counts"] * self.is_tail
        parts += ["buffered"] * self.is_buffered
        return ", ".join(parts)


TAIL_BITS: Final = 2
"""A quarter of a tail counts, and a tail is a move of four ranges."""

_FAR: Final = 1000
_TAIL: Final = _FAR << TAIL_BITS

GRID: Final = (
    Scenario(0, VolShock.SAME, is_later=True),
    Scenario(0, VolShock.UP),
    Scenario(0, VolShock.DOWN, is_later=True),
    *(
        Scenario(sign * near, vol, is_later=True)
        for near in (100, 300)
        for sign in (-1, 1)
        for vol in (VolShock.DOWN, VolShock.SAME)
    ),
    *(Scenario(sign * _FAR, VolShock.UP) for sign in (-1, 1)),
    *(Scenario(sign * _FAR, VolShock.DOWN, is_later=True) for sign in (-1, 1)),
    *(Scenario(sign * _TAIL, VolShock.SAME, is_tail=True) for sign in (-1, 1)),
    *(Scenario(sign * _FAR, VolShock.UP, is_buffered=True) for sign in (-1, 1)),
)
"""Columns 0 to 18. Options lose when the index moves far with volatility rising, or when nothing
happens and time passes; near expiry also in between. docs/internals/backtest.md says what each
column bought, and which bought nothing.
"""

TAILS: Final = slice(15, 17)
"""The tails, of which a quarter counts."""

MAINTENANCE_COLUMNS: Final = 17
"""The first columns are of both margins, in initial margin larger by the buffer; the others, whose
moves are larger by it, are of initial margin alone."""


COLUMNS: Final = len(GRID)
"""Columns of the risk table: 19."""

NEAR_COLUMNS: Final = 11
"""The first columns, in which the index stays near."""

assert all(scenario.is_tail for scenario in GRID[TAILS])
assert all(scenario.is_near == (at < NEAR_COLUMNS) for at, scenario in enumerate(GRID))
assert all(scenario.vol is VolShock.UP for scenario in GRID if scenario.is_buffered)
assert all(scenario.is_buffered == (at >= MAINTENANCE_COLUMNS) for at, scenario in enumerate(GRID))


def column_name(column: int) -> str:
    """What happens in a column, in words.

    Raises: OutOfRange.
    """
    within("column", column, high=COLUMNS)
    return str(GRID[column])
