"""Marks: what options, perpetuals and futures are valued at for margin.

An option's mark is Black's formula on its expiry's forward and smile. A perpetual's is the index
and a smoothed basis, clamped, so that nobody moves margins by moving one book. A future's is the
forward itself; in the last half hour a part of that is already known, see `settling_parts_e3`.
"""

from typing import Any, Final

import numpy as np

from novate.pricing.black76 import call_e3
from novate.pricing.operand import operand, prices, truths
from novate.pricing.surface import Smiles, Svi, implied_vol_e6
from novate.units import Integers, Rounding, Term, bounds, div

BASIS_PARTS: Final = 200
"""A perpetual's basis is at most a 200th of the index: 0.5 %."""

MEMORY_MAX_S: Final = 1 << 17
"""The longest memory of a smoothed basis: 36 hours, so that 45 + 17 bits of its law fit."""

WINDOW_S: Final = bounds.SETTLEMENT_WINDOW_S
_MICRO: Final = 1000
"""Micro-USD in a milli-USD."""


def option_marks_e3(
    smile: Svi | Smiles,
    forward_e3: Any,
    strike_e3: Any,
    is_call: Any,
    tenor_s: Any,
) -> Integers:
    """Marks of options on a smile, in milli-USD per contract; puts by parity, exactly.

    Range: prices 1 .. 2**34 - 1, tenor 1 .. 2**26 - 1.

    Error: `price_error_e3(forward)` for the volatility that `implied_vol_e6` gives.

    Rounding: to the nearest milli-USD; never below intrinsic value.

    Law: that of `call_e3`; for a put `put = call - forward + strike`.

    Raises: NotIntegers, NotBooleans, OutOfRange.
    """
    forward, strike = prices("forward", forward_e3), prices("strike", strike_e3)
    call = call_e3(forward, strike, implied_vol_e6(smile, forward, strike, tenor_s), tenor_s)
    return np.where(truths("is_call", is_call), call, call - forward + strike)


def basis_law(
    basis: Term, target: Term, step_s: Term, memory_s: Term, following: Term, rest: Term
) -> Term:
    """Zero when a basis went so far towards `target` as `step_s` is of `memory_s`, rounded down.

    All in micro-USD; `0 <= rest < memory_s`. 45 + 17 = 62 bits.
    """
    return (following - basis) * memory_s + rest - (target - basis) * step_s


def following_basis_e6(basis_e6: Any, target_e3: Any, step_s: Any, memory_s: int) -> Integers:
    """A smoothed basis after one more observation: it goes to `target` by `step / memory`.

    After a step as long as the memory the old value is forgotten. An exponential mean over equal
    steps, and no exponential is taken. It is kept in micro-USD: in the milli-USD of prices every
    step of a second and a rise of less than `memory` milli-USD would be lost, so that the basis of
    a contract worth 10 USD could fall and never rise.

    Range: |basis|, |target| < 2**34 milli-USD, 0 <= step, 1 <= memory <= 2**17 s.

    Error: comes to rest less than `memory / step` micro-USD below an observation that stays.
    Rounding: down; a mark is nobody's claim.

    Law: `basis_law`. Witness: whether the step is longer than the memory.

    Raises: NotIntegers, OutOfRange.
    """
    span = 1 << bounds.PRICE_BITS
    most = (span - 1) * _MICRO
    basis = operand("basis in micro-USD", basis_e6, low=-most, high=most + 1)
    target = operand("observed basis", target_e3, low=1 - span, high=span) * _MICRO
    memory = operand("memory", memory_s, low=1, high=MEMORY_MAX_S + 1)
    step = np.minimum(operand("step", step_s, high=1 << bounds.TIME_BITS), memory)
    return basis + div((target - basis) * step, memory, Rounding.FLOOR)


def basis_bound_law(index: Term, bound: Term, rest: Term) -> Term:
    """Zero when `bound` is a 200th of the index, rounded down; `0 <= rest < 200`."""
    return bound * BASIS_PARTS + rest - index


def perpetual_mark_e3(index_e3: Any, basis_e3: Any) -> Integers:
    """The mark of a perpetual: index plus its smoothed basis, at most 0.5 % of the index away.

    `basis_e3` is a smoothed basis in the unit of prices, rounded down from micro-USD.

    Range: index 1 .. 2**34 - 1 and a mark in that, |basis| < 2**34.

    Error: none. Rounding: the bound down on either side, so that a mark is never further from the
    index than it may be.

    Law: `basis_bound_law`. Witness: which end cuts, if any.

    Raises: NotIntegers, OutOfRange.
    """
    index = prices("index price", index_e3)
    span = 1 << bounds.PRICE_BITS
    basis = operand("basis", basis_e3, low=1 - span, high=span)
    bound = div(index, BASIS_PARTS, Rounding.FLOOR)
    return prices("perpetual mark", index + np.clip(basis, -bound, bound))


def fixed_part_law(observed_e3s: Term, fixed: Term, rest: Term) -> Term:
    """Zero when `fixed` is what was observed, a sum of price x seconds, over the window's seconds.

    Rounded down, `0 <= rest < 1800`. 34 + 11 = 45 bits.
    """
    return fixed * WINDOW_S + rest - observed_e3s


def variable_part_law(forward: Term, left_s: Term, variable: Term, rest: Term) -> Term:
    """Zero when `variable` is the forward's part of the seconds left, rounded down; as above."""
    return variable * WINDOW_S + rest - forward * left_s


def settling_parts_e3(
    forward_e3: Any, observed_e3s: Any, observed_s: Any
) -> tuple[Integers, Integers]:
    """A forward in its last half hour: the part that is already in the settlement price, and the
    part that still moves. Their sum is the forward to value at; only the second is shocked.

    `observed_e3s` is the sum of index price times seconds over the `observed_s` seconds of the
    window that are covered, both 0 before it begins; then the forward is all variable.

    Range: forward 1 .. 2**34 - 1, observed seconds 0 .. 1800, their mean at most 2**34 - 1.

    Error: the sum is less than 2 milli-USD low. Rounding: down, both, as the settlement price is
    that they run into; a reference that both sides share, less off than `price_error_e3` allows.

    Law: `fixed_part_law`, `variable_part_law`.

    Raises: NotIntegers, OutOfRange.
    """
    forward = prices("forward", forward_e3)
    observed = operand("seconds observed", observed_s, high=WINDOW_S + 1)
    price_max = (1 << bounds.PRICE_BITS) - 1
    sum_max = price_max * WINDOW_S
    total = operand("prices x seconds observed", observed_e3s, high=sum_max + 1)
    # Seconds that were not observed can hold no sum: the mean of the others is a price.
    room = observed * price_max - total
    operand("room for prices in the seconds observed", room, high=sum_max + 1)
    moving = div(forward * (WINDOW_S - observed), WINDOW_S, Rounding.FLOOR)
    fixed, variable = np.broadcast_arrays(div(total, WINDOW_S, Rounding.FLOOR), moving)
    return fixed, variable
