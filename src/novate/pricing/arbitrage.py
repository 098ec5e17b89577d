"""Whether a surface offers money for nothing, asked of the prices it produces.

Formulas for smiles speak of exact prices at all strikes. What is traded is integers at listed
strikes, each of them off by up to `eps = price_error_e3(forward)`, so these are examined: within an
expiry the calls, whose puts follow by parity, and between neighbouring expiries five places. Each
comparison of two prices has a slack of `2 eps`; in flat wings integers do break exact order by one
milli-USD.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from novate.pricing.black76 import call_e3, price_error_e3, total_vol_q28
from novate.pricing.operand import prices
from novate.pricing.square_root import sqrt_years_q28
from novate.pricing.surface import Smiles, Svi, implied_vol_e6
from novate.units import Integers, Rounding, bounds, div, down

REFERENCE_E3: Final = 10**9
"""The common forward at which expiries are compared: a price of a smile is the forward times a
function of strike over forward.
"""

PLACES: Final = (1, 2)
"""Where expiries are compared beside the forward: so many standard deviations of the nearer one
above it, and by the same ratio below it.
"""

DEVIATION_MAX_Q28: Final = 2 << bounds.FRACTION_BITS
"""A standard deviation counts as at most 200 %, so that every place is a price."""

_HALF_BITS: Final = 17


class ArbitrageRule(Enum):
    """What prices without arbitrage obey."""

    CALLS_FALL = "a call is worth no more than one of a lower strike"
    PUTS_RISE = "a put is worth no more than one of a higher strike"
    CONVEX = "a call is worth no more than its two neighbours mixed to its strike"
    CALENDAR = "an option is worth no more than the same of a later expiry"


@dataclass(frozen=True, slots=True)
class Arbitrage:
    """A rule that produced prices break: where, what it earns a contract, and what is allowed."""

    rule: ArbitrageRule
    expiry: int
    """Of the surface's expiries, from 0; of two the nearer."""
    strike_e3: int
    """For `CALENDAR` at a forward of `REFERENCE_E3`."""
    gain_e3: int
    """Milli-USD, rounded up."""
    slack_e3: int

    def __str__(self) -> str:
        return (
            f"expiry {self.expiry}, strike {self.strike_e3}: {self.rule.value}, but it is by "
            f"{self.gain_e3} milli-USD, beyond a slack of {self.slack_e3}"
        )


def strike_arbitrages(
    expiry: Integers, forward_e3: Any, strike_e3: Any, call_e3: Any
) -> tuple[Arbitrage, ...]:
    """Rules that calls of the same expiry break, row by row.

    Range: rows by rising expiry, then by rising strike; prices 1 .. 2**34 - 1, calls from 0. For
    `CONVEX` prices times differences of strikes, 34 + 34 bits, are compared exactly in two parts
    of 17 bits and the rest.

    Slack: `2 eps`.

    Witness: none; the rules are differences and one product to be shown not negative.

    Raises: NotIntegers, OutOfRange.
    """
    strike, call = prices("strike", strike_e3), prices("call", call_e3, low=0)
    slack = np.broadcast_to(2 * price_error_e3(prices("forward", forward_e3)), strike.shape)
    same = expiry[1:] == expiry[:-1]
    rise, width = np.diff(call), np.diff(strike)
    assert (width[same] > 0).all()
    found = [
        Arbitrage(rule, int(expiry[row]), int(strike[row]), int(gain[row]), int(slack[row]))
        for rule, gain in (
            (ArbitrageRule.CALLS_FALL, rise),
            (ArbitrageRule.PUTS_RISE, -rise - width),
        )
        for row in np.flatnonzero(same & (gain > slack[1:])).tolist()
    ]
    for row in np.flatnonzero(_is_bent(same, strike, call, slack)).tolist():
        low, at, high = (int(value) for value in call[row : row + 3])
        lower, upper = int(width[row]), int(width[row + 1])
        gain = at * (lower + upper) - low * upper - high * lower
        gain_e3 = div(gain, lower + upper, Rounding.CEIL)
        at_row = row + 1
        found.append(
            Arbitrage(
                ArbitrageRule.CONVEX,
                int(expiry[at_row]),
                int(strike[at_row]),
                gain_e3,
                int(slack[at_row]),
            )
        )
    return tuple(found)


def _is_bent(
    same: npt.NDArray[np.bool_], strike: Integers, call: Integers, slack: Integers
) -> npt.NDArray[np.bool_]:
    """Which inner rows are above the chord of their neighbours by more than the slack.

    `(call - slack) (lower + upper) - low upper - high lower > 0`, summed in a high and a low part.
    """
    lower, upper = np.diff(strike)[:-1], np.diff(strike)[1:]
    high_part, low_part = np.zeros_like(lower), np.zeros_like(lower)
    for value, width in (
        (call[1:-1] - slack[1:-1], lower + upper),
        (-call[:-2], upper),
        (-call[2:], lower),
    ):
        high_part += down(value, _HALF_BITS) * width
        low_part += (value & (1 << _HALF_BITS) - 1) * width
    carried = high_part + down(low_part, _HALF_BITS)
    rest = low_part & (1 << _HALF_BITS) - 1
    above: npt.NDArray[np.bool_] = (carried > 0) | ((carried == 0) & (rest > 0))
    return same[:-1] & same[1:] & above


def calendar_arbitrages(smiles: Sequence[Svi], tenor_s: Integers) -> tuple[Arbitrage, ...]:
    """Where an expiry's options are worth more than those of the next, at the same strike over
    forward: at the forward, and one and two standard deviations `s` of the nearer around it.

    `K = F (1 + n s)` and `F / (1 + n s)`, so that no exponential is taken: 30 + 30 bits. Both are
    rounded down: which places are looked at favours nobody, as long as both expiries share them.

    Range: one smile a tenor, tenors rising from 1 s.

    Slack: `2 eps` at a forward of `REFERENCE_E3`, so 1.2e-7 of it.

    Raises: NotIntegers, OutOfRange.
    """
    if len(smiles) < 2:
        return ()
    assert (np.diff(tenor_s) > 0).all()
    near = np.arange(len(smiles) - 1)
    at_the_money = implied_vol_e6(
        Smiles.of(smiles, near), REFERENCE_E3, np.array([REFERENCE_E3]), tenor_s[near]
    )
    deviation = np.minimum(
        total_vol_q28(at_the_money, sqrt_years_q28(tenor_s[near])), DEVIATION_MAX_Q28
    )
    deviations = np.multiply.outer(np.array(PLACES), deviation)
    above = REFERENCE_E3 + down(REFERENCE_E3 * deviations, bounds.FRACTION_BITS)
    below = div(REFERENCE_E3**2, above, Rounding.FLOOR)
    middle = np.full((1, len(near)), REFERENCE_E3)
    strike = np.concatenate([below, middle, above])
    value = [
        call_e3(
            REFERENCE_E3,
            strike,
            implied_vol_e6(Smiles.of(smiles, which), REFERENCE_E3, strike, tenor_s[which]),
            tenor_s[which],
        )
        for which in (near, near + 1)
    ]
    gain = value[0] - value[1]
    slack = 2 * int(price_error_e3(np.int64(REFERENCE_E3)))  # type: ignore[arg-type]
    return tuple(
        Arbitrage(ArbitrageRule.CALENDAR, at, int(strike[place, at]), int(gain[place, at]), slack)
        for place, at in np.argwhere(gain > slack).tolist()
    )


def surface_arbitrages(
    smiles: Sequence[Svi],
    tenor_s: Integers,
    forward_e3: Integers,
    expiry: Integers,
    strike_e3: Integers,
) -> tuple[Arbitrage, ...]:
    """Every rule that a surface breaks on listed strikes and between expiries.

    `smiles`, `tenor_s` and `forward_e3` go by expiry; `expiry` counts them from 0 and goes with
    `strike_e3` by listed strike, in the order that `strike_arbitrages` asks for.

    Raises: NotIntegers, OutOfRange.
    """
    forward, tenor = forward_e3[expiry], tenor_s[expiry]
    vol = implied_vol_e6(Smiles.of(smiles, expiry), forward, strike_e3, tenor)
    call = call_e3(forward, strike_e3, vol, tenor)
    return (
        *strike_arbitrages(expiry, forward, strike_e3, call),
        *calendar_arbitrages(smiles, tenor_s),
    )
