"""Windows of a history: how far the market went from each instant to one a horizon later."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from novate.pricing import operand
from novate.risk.desk.moves import BadMoves, Moves
from novate.units import Integers, Rounding, bounds, div, within

ONE: Final = bounds.RATE_SCALE
VALUE_MAX: Final = 1 << 43
"""A price or a volatility of a history, in whatever unit, times a million stays below 2**63."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Moves of the windows of a history; (W,)."""

    moves: Moves
    began_at_s: Integers
    """Ascending."""
    horizon_s: int
    overlap: int
    """How many windows begin within one: of n windows about n / overlap are independent."""

    def worst(self, loss_e6: Integers, count: int) -> Integers:
        """Places of the windows with the largest losses, (W,), the worst first and at most so many,
        none of which overlaps a worse one; of equals the earlier."""
        found: list[int] = []
        is_free = np.ones(len(loss_e6), dtype=np.bool_)
        for place in np.argsort(-loss_e6, kind="stable").tolist():
            if len(found) == count:
                break
            if is_free[place]:
                found.append(place)
                is_free &= np.abs(self.began_at_s - self.began_at_s[place]) >= self.horizon_s
        return np.array(found, dtype=np.int64)


def windows(
    at_s: Integers,
    price_e3: Integers,
    vol_e6: Integers,
    horizon_s: int,
    *,
    elapsed_s: int = 0,
    is_by_tenor: bool = False,
) -> Windows:
    """The windows of a history of prices and of 30-day volatility: from each instant to the one
    `horizon_s` later, if the history has both.

    Prices in any unit; a volatility that never changes if there is none. `elapsed_s` is the time
    that passes for the positions, none by default; `is_by_tenor`: as of `Moves`.

    Rounding: moves down, to a millionth.
    Raises:   BadMoves, NotIntegers; OutOfRange, also for a history that moves beyond `Moves`.
    """
    at_s = operand("instant of a history", at_s, high=1 << bounds.TIME_BITS)
    price_e3 = operand("price of a history", price_e3, low=1, high=VALUE_MAX)
    vol_e6 = operand("volatility of a history", vol_e6, low=1, high=VALUE_MAX)
    if not len(at_s) == len(price_e3) == len(vol_e6) or np.any(np.diff(at_s) <= 0):
        raise BadMoves("a history has as many prices and volatilities as instants, which ascend")
    within("horizon", horizon_s, low=1, high=1 << bounds.TIME_BITS)
    later = np.searchsorted(at_s, at_s + horizon_s)
    begin = np.flatnonzero(
        (later < len(at_s)) & (np.take(at_s, later, mode="clip") == at_s + horizon_s)
    )
    if not begin.size:
        raise BadMoves(
            f"the history has {len(at_s)} instants, no two of them {horizon_s} s apart; next: "
            "choose a horizon of a whole number of its steps"
        )
    end = later[begin]
    step_s = int(np.diff(at_s).min())
    moves = Moves.of(
        _change_e6(price_e3, begin, end),
        _change_e6(vol_e6, begin, end),
        elapsed_s=elapsed_s,
        is_by_tenor=is_by_tenor,
    )
    return Windows(moves, at_s[begin], horizon_s, div(horizon_s, step_s, Rounding.CEIL))


def _change_e6(values: Integers, begin: Any, end: Any) -> Integers:
    """What each window adds to a value, as a part of it. 43 + 20 bits."""
    change_e6: Integers = div(values[end] * ONE, values[begin], Rounding.FLOOR) - ONE
    return change_e6
