"""The volatility that a price implies, and whether it implies one."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np

from novate.pricing.black76 import call_given_q28, total_vol_q28
from novate.pricing.logarithm import ln_ratio_q28
from novate.pricing.operand import prices, tenors
from novate.pricing.square_root import sqrt_years_q28
from novate.units import Integers, bounds, down

FLAT_E6: Final = 10_000
"""A price that the same value meets over more than one volatility point implies none of them."""

_OVER_E6: Final = bounds.VOL_MAX_E6 + 1


class Implied(IntEnum):
    """What a price says about volatility."""

    VOL = 0
    """One, to less than a point."""
    FLAT = 1
    """A whole stretch of them: the value does not move over it by a milli-USD."""
    INTRINSIC = 2
    """None above what rounding hides: the price is the intrinsic value."""
    BELOW_INTRINSIC = 3
    """Nothing: buying and exercising would be a free gain."""
    ABOVE_VOL_MAX = 4
    """More than 1000 %, or any time value at all when no time is left."""
    ABOVE_BOUND = 5
    """Nothing: a call above the forward, or a put above the strike, is worth selling to all."""


@dataclass(frozen=True, slots=True, eq=False)
class ImpliedVols:
    """The stretch of volatilities that a price implies, and what kind of answer it is.

    Law: `value(vol - 1) < price <= value(vol)` and `value(above - 1) <= price < value(above)`,
    where a side that names a volatility below 0 or above 1000 % is void.
    """

    vol_e6: Integers
    """The lowest volatility whose value reaches the price; one step above 1000 % if none does."""
    above_e6: Integers
    """The lowest volatility whose value is above the price; one step above 1000 % if none is."""
    implied: Integers
    """An `Implied` each."""


def call_implied_vols(price_e3: Any, forward_e3: Any, strike_e3: Any, tenor_s: Any) -> ImpliedVols:
    """The volatilities that prices of calls imply.

    Range: as for `call_e3`, and a price 0 .. 2**34 - 1.

    Error: none against `call_e3`, which is what is inverted. Its own error, over vega, is that of
    the volatility. Values grow with volatility up to that error, so "the lowest" is exact where
    a step of it moves the value by more, and one of the crossings elsewhere.

    Witness: the two volatilities; a circuit evaluates `call_e3` at both and at one less.

    Raises: NotIntegers, OutOfRange.
    """
    return _implied_vols(
        prices("price", price_e3, low=0),
        prices("forward", forward_e3),
        prices("strike", strike_e3),
        tenors(tenor_s),
    )


def put_implied_vols(price_e3: Any, forward_e3: Any, strike_e3: Any, tenor_s: Any) -> ImpliedVols:
    """The volatilities that prices of puts imply: those of the calls that parity gives.

    Range, error, raises: as for `call_implied_vols`.
    """
    forward, strike = prices("forward", forward_e3), prices("strike", strike_e3)
    call = prices("price", price_e3, low=0) + forward - strike
    return _implied_vols(call, forward, strike, tenors(tenor_s))


def _implied_vols(
    call_e3: Integers, forward_e3: Integers, strike_e3: Integers, tenor_s: Integers
) -> ImpliedVols:
    call, forward, strike, tenor = np.broadcast_arrays(call_e3, forward_e3, strike_e3, tenor_s)
    vol, above = _lowest_reaching(np.stack([call, call + 1]), forward, strike, tenor)
    intrinsic = np.maximum(forward - strike, 0)
    implied = np.select(
        [
            call < intrinsic,
            call == intrinsic,
            call > forward,
            vol == _OVER_E6,
            above - vol > FLAT_E6,
        ],
        [
            Implied.BELOW_INTRINSIC,
            Implied.INTRINSIC,
            Implied.ABOVE_BOUND,
            Implied.ABOVE_VOL_MAX,
            Implied.FLAT,
        ],
        Implied.VOL,
    )
    return ImpliedVols(vol, above, implied.astype(np.int64))


def _lowest_reaching(
    target_e3: Integers, forward_e3: Integers, strike_e3: Integers, tenor_s: Integers
) -> Integers:
    """The lowest volatility whose call is worth the target, by halving.

    `low` is always a volatility whose value was seen below the target, or -1, and `high` one whose
    value was seen to reach it, or one step above 1000 %: so the law holds when they are neighbours,
    whether or not the value is exactly monotone in between.
    """
    k, root = ln_ratio_q28(strike_e3, forward_e3), sqrt_years_q28(tenor_s)
    low = np.full(target_e3.shape, -1, dtype=np.int64)
    high = np.full(target_e3.shape, _OVER_E6, dtype=np.int64)
    for _ in range(bounds.VOL_BITS):
        middle = np.maximum(down(low + high, 1), 0)
        value = call_given_q28(forward_e3, strike_e3, k, total_vol_q28(middle, root))
        reached = value >= target_e3
        high = np.where(reached, middle, high)
        low = np.where(reached, low, middle)
    return high
