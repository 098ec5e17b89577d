"""Forwards per contract: by put-call parity, and between the expiries that are listed."""

from typing import Any

import numpy as np

from novate.pricing.operand import prices, tenors
from novate.units import Integers, Rounding, Term, div


class NoForward(ValueError):
    """What was given determines no forward."""


def parity_forwards_e3(strike_e3: Any, call_e3: Any, put_e3: Any) -> Integers:
    """The forward at which a call and a put of one strike agree, `K + C - P`, strike by strike.

    Range: strikes 1 .. 2**34 - 1, values 0 .. 2**34 - 1; the result may leave the range of prices
    when the two are not of one market.

    Error: none.

    Raises: NotIntegers, OutOfRange.
    """
    call, put = prices("call", call_e3, low=0), prices("put", put_e3, low=0)
    return prices("strike", strike_e3) + call - put


def parity_forward_e3(strike_e3: Any, call_e3: Any, put_e3: Any) -> int:
    """One forward of an expiry: the lower median over its strikes, which no minority can move.

    Error: none; `2 eps` of `price_error_e3` when calls and puts are produced separately.

    Witness: the place of the median in the order of the forwards, as for any median.

    Raises: NotIntegers, OutOfRange (also for a median that is no price), NoForward.
    """
    forwards = np.sort(parity_forwards_e3(strike_e3, call_e3, put_e3), axis=None)
    if not forwards.size:
        raise NoForward("no strike has both a call and a put")
    middle = div(forwards.size - 1, 2, Rounding.FLOOR)
    return int(prices("forward by parity", forwards[middle]))


def interpolation_law(
    near: Term, near_s: Term, far: Term, far_s: Term, at_s: Term, forward: Term, rest: Term
) -> Term:
    """Zero when `forward` lies on the line through two forwards, rounded down.

    `0 <= rest < far_s - near_s`. 34 + 26 = 60 bits, and one for the sign.
    """
    return (forward - near) * (far_s - near_s) + rest - (far - near) * (at_s - near_s)


def forward_at_e3(tenor_s: Any, listed_s: Any, listed_e3: Any, index_e3: Any) -> Integers:
    """Forwards at any tenor: straight lines through the index at 0 and the listed expiries.

    Beyond the last expiry the line through index and last goes on, that is, its simple annual basis
    holds. At 0, which is where a perpetual lives, it is the index.

    Range: prices 1 .. 2**34 - 1 and a result in them; listed tenors rise from 1 s.

    Error: below 1 milli-USD of the line. Rounding: down, on a rising line and a falling one; it is
    a reference that both sides share.

    Law: `interpolation_law`. Witness: the two points around a tenor, adjacent in the tick.

    Raises: NotIntegers, OutOfRange, NoForward.
    """
    listed, at = tenors(listed_s), tenors(tenor_s)
    points_s = np.concatenate([np.zeros(1, np.int64), listed])
    if not listed.size or (np.diff(points_s) <= 0).any():
        raise NoForward(f"expiries after {listed.tolist()} s: give at least one, rising, above 0")
    points = np.concatenate([prices("index price", index_e3)[None], prices("forward", listed_e3)])
    far = np.searchsorted(points_s, at, side="left").clip(1, len(listed))
    beyond = at > listed[-1]
    near = np.where(beyond, 0, far - 1)
    move = (points[far] - points[near]) * (at - points_s[near])
    moved = div(move, points_s[far] - points_s[near], Rounding.FLOOR)
    return prices("forward", points[near] + moved)
