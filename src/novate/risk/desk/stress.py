"""Stress: what positions gain and lose under moves that somebody chose, priced anew."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from novate.risk.desk.moves import Moves
from novate.risk.desk.valuation import profits_e6
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.risk.positions import Positions
from novate.units import Integers


@dataclass(frozen=True, slots=True, eq=False)
class Stress:
    """Profit and loss under moves; micro-USD, losses below zero."""

    moves: Moves
    profit_e6: Integers
    """Of each position, (P, S)."""
    start: Integers
    """Where each account begins among the positions."""

    @property
    def total_e6(self) -> Integers:
        """Of each account, (A, S)."""
        return np.add.reduceat(self.profit_e6, self.start, axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class StressGrid:
    """Profit and loss on a grid of spot moves (X,) and volatility moves (Y,); micro-USD."""

    spot_e6: Integers
    vol_e6: Integers
    """Of volatility, in the unit that was asked for: parts of itself, or points."""
    profit_e6: Integers
    """Of each position, (P, X, Y)."""
    start: Integers

    @property
    def total_e6(self) -> Integers:
        """Of each account, (A, X, Y)."""
        return np.add.reduceat(self.profit_e6, self.start, axis=0)


def stress(listing: Listing, market: Market, positions: Positions, moves: Moves) -> Stress:
    """Profit and loss of each position under each move, every contract priced anew.

    Exact but for the prices, and zero where nothing moves.

    Raises: BadPositions, GrossTooLarge.
    """
    return Stress(moves, profits_e6(listing, market, moves, positions), positions.start)


def stress_grid(
    listing: Listing,
    market: Market,
    positions: Positions,
    *,
    spot_e6: Any,
    vol_e6: Any,
    is_points: bool = False,
    is_by_tenor: bool = False,
    elapsed_s: int = 0,
) -> StressGrid:
    """Profit and loss for every pair of a spot move and a volatility move.

    Spot moves are parts of the index in millionths, volatility moves parts of themselves, or with
    `is_points` points of volatility in millionths a year. `is_by_tenor` and `elapsed_s`: as of
    `Moves`.

    Raises: NotIntegers, OutOfRange, BadMoves, BadPositions, GrossTooLarge.
    """
    axes = Moves.of(spot_e6), Moves.of(0, points_e6=vol_e6) if is_points else Moves.of(0, vol_e6)
    spot = axes[0].spot_e6
    vol = axes[1].points_e6 if is_points else axes[1].vol_e6
    none = np.zeros_like(vol)
    moves = Moves.of(
        np.repeat(spot, len(vol)),
        np.tile(none if is_points else vol, len(spot)),
        np.tile(vol if is_points else none, len(spot)),
        elapsed_s,
        is_by_tenor=is_by_tenor,
    )
    profit_e6 = profits_e6(listing, market, moves, positions)
    shape = (len(positions.row), len(spot), len(vol))
    return StressGrid(spot, vol, profit_e6.reshape(shape), positions.start)
