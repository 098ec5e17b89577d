"""Moves of the underlying and of its volatilities, and the market after them."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from novate.pricing import operand
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.risk.shock import SQRT_BITS, tenor_factor_q20
from novate.units import Integers, Rounding, bounds, div

ONE: Final = bounds.RATE_SCALE
SPOT_MAX_E6: Final = 4 * ONE
VOL_RISE_MAX_E6: Final = 10 * ONE


class BadMoves(ValueError):
    """Arrays that are not moves of a market."""


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Moves side by side, each of everything at once; (S,)."""

    spot_e6: Integers
    """Move of the index and of every forward, as a part of itself: -20 % is -200,000. From -100 %
    to +400 %."""
    vol_e6: Integers
    """Change of every volatility as a part of itself: +50 % is 500,000. From -100 % to +1000 %."""
    points_e6: Integers
    """Change added to every volatility after that: five points, 0.05 a year, are 50,000."""
    elapsed_s: Integers
    """Time that passes."""
    is_by_tenor: bool = False
    """Whether `vol_e6` is what happens at 30 days. A rise then scales with sqrt(30 days / tenor),
    as the shocks of a risk table do, and of a fall to 1 / (1 + x) it is x that scales, so that
    none falls below zero."""

    @classmethod
    def of(
        cls,
        spot_e6: Any,
        vol_e6: Any = 0,
        points_e6: Any = 0,
        elapsed_s: Any = 0,
        *,
        is_by_tenor: bool = False,
    ) -> "Moves":
        """Moves of what broadcasts to one dimension.

        Raises: NotIntegers, OutOfRange; BadMoves for shapes that do not fit.
        """
        vol_max = bounds.VOL_MAX_E6 + 1
        parts = [
            operand("spot move", spot_e6, low=-ONE, high=SPOT_MAX_E6 + 1),
            operand("volatility move", vol_e6, low=-ONE, high=VOL_RISE_MAX_E6 + 1),
            operand("volatility points", points_e6, low=1 - vol_max, high=vol_max),
            operand("time passed", elapsed_s, low=0, high=1 << bounds.TENOR_BITS),
        ]
        try:
            spot, vol, points, elapsed = np.broadcast_arrays(*map(np.atleast_1d, parts))
        except ValueError:
            raise BadMoves(f"moves of shapes {[part.shape for part in parts]}") from None
        if spot.ndim != 1:
            raise BadMoves(f"moves have one dimension, and these have {spot.ndim}")
        return cls(spot, vol, points, elapsed, is_by_tenor)

    def __len__(self) -> int:
        return len(self.spot_e6)

    def part(self, chosen: slice | Integers) -> "Moves":
        """Some of them."""
        return Moves(
            self.spot_e6[chosen],
            self.vol_e6[chosen],
            self.points_e6[chosen],
            self.elapsed_s[chosen],
            self.is_by_tenor,
        )


def moved_forward_e3(market: Market, moves: Moves) -> Integers:
    """Forwards after the moves, (G, S), at least one milli-USD.

    Of a forward only the part moves that is not in its settlement price yet.

    Rounding: down. Range: 2**31 x 4 x 10**6 < 2**53.
    """
    moved_e3 = div(market.shocked_e3[:, None] * moves.spot_e6, ONE, Rounding.FLOOR)
    forward_e3: Integers = np.maximum(market.forward_e3[:, None] + moved_e3, 1)
    return forward_e3


def moved_tenor_s(market: Market, moves: Moves) -> Integers:
    """Tenors after the moves, (G, S); what expires meanwhile is worth what it pays."""
    tenor_s: Integers = np.maximum(market.tenor_s[:, None] - moves.elapsed_s, 0)
    return tenor_s


def moved_vol_e6(listing: Listing, market: Market, moves: Moves, node: Integers) -> Integers:
    """Volatilities of some nodes after the moves, (nodes, S), within 0 and 1000 %.

    Rounding: down. Range: a rise below 10**7 x 6 in millionths, 26 bits, times 24 of volatility; a
    fall's quotient has 44.
    """
    vol_e6 = market.vol_e6[node][:, None]
    rise_e6 = np.maximum(moves.vol_e6, 0)
    fall_e6 = -np.minimum(moves.vol_e6, 0)
    left_e6 = ONE - fall_e6
    spread_e6: int | Integers = ONE
    if moves.is_by_tenor:
        factor_q20 = tenor_factor_q20(market.tenor_s[listing.node_group[node]])[:, None]
        rise_e6 = div(rise_e6 * factor_q20, 1 << SQRT_BITS, Rounding.FLOOR)
        fallen = div(fall_e6 * factor_q20, 1 << SQRT_BITS, Rounding.FLOOR)
        spread_e6 = np.maximum(left_e6 + fallen, 1)
    risen_e6 = div(vol_e6 * (ONE + rise_e6), ONE, Rounding.FLOOR).clip(max=bounds.VOL_MAX_E6)
    fallen_e6 = div(vol_e6 * left_e6, spread_e6, Rounding.FLOOR)
    changed_e6 = np.where(moves.vol_e6 > 0, risen_e6, fallen_e6) + moves.points_e6
    return changed_e6.clip(0, bounds.VOL_MAX_E6)
