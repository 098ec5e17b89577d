"""Payoffs as data: piecewise linear functions of the settlement price.

A new product is a value here, not a class: `call(a) - call(b)` is a spread, and `call(k) + put(k)`
a straddle.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, overload

import numpy as np

from novate.units import Integers, Price, Term, bounds, floor_and_rest, parts, within

_CONSTANT: Final = 1 << bounds.PAYOFF_CONSTANT_BITS


def contract_value_law(
    constant: Term,
    slope: Term,
    settlement: Term,
    turns: Sequence[Term],
    beyond: Sequence[Term],
    value: Term,
) -> Term:
    """Zero when `value` is what a payoff gives at `settlement`; `constant` is in milli-USD.

    `beyond` has the witness of each kink: how far the settlement price lies beyond its strike, the
    positive part of `settlement - strike * 1000`, to be checked by `parts_law` and `one_part_law`.
    """
    turned = sum(turn * part for turn, part in zip(turns, beyond, strict=True))
    return constant * bounds.PAYOFF_SCALE + slope * settlement + turned - value


@dataclass(frozen=True, slots=True, order=True)
class Kink:
    """Where a payoff changes its slope: from the strike upwards it gains `turn`.

    A strike is from 1, below 2**34 milli-USD; a turn is not zero and its magnitude at most 8.
    """

    strike_e3: int
    turn: int

    def __post_init__(self) -> None:
        within("strike of a kink", self.strike_e3, low=1, high=1 << bounds.STRIKE_BITS)
        within("turn of a kink", abs(self.turn), low=1, high=bounds.STEEPNESS_MAX + 1)


@dataclass(frozen=True, slots=True)
class Payoff:
    """What one contract pays: constant + slope * S + the sum of turn * max(0, S - strike).

    S, the settlement price of a contract, is at least zero. Strikes ascend, so that two payoffs are
    equal exactly when they pay the same at every S. Per contract and in milli-USD, as prices are.

    Range: the magnitudes of slope and turns are at most 8 together, that of the constant is below
    2**37.
    Raises: OutOfRange; ValueError for strikes that do not ascend.
    """

    constant_e3: int
    slope: int
    kinks: tuple[Kink, ...]

    def __post_init__(self) -> None:
        within("constant of a payoff", self.constant_e3, low=1 - _CONSTANT, high=_CONSTANT)
        within("steepness of a payoff", self.steepness, high=bounds.STEEPNESS_MAX + 1)
        strikes_e3 = [kink.strike_e3 for kink in self.kinks]
        if strikes_e3 != sorted(set(strikes_e3)):
            raise ValueError(f"strikes of a payoff ascend, and these do not: {strikes_e3}")

    @property
    def steepness(self) -> int:
        """Slope and turns, magnitudes added up: how many futures and calls move as much."""
        return abs(self.slope) + sum(abs(kink.turn) for kink in self.kinks)

    def __add__(self, other: "Payoff") -> "Payoff":
        return _payoff(
            constant_e3=self.constant_e3 + other.constant_e3,
            slope=self.slope + other.slope,
            turns=[(kink.strike_e3, kink.turn) for kink in (*self.kinks, *other.kinks)],
        )

    def __neg__(self) -> "Payoff":
        return -1 * self

    def __sub__(self, other: "Payoff") -> "Payoff":
        return self + -other

    def __rmul__(self, times: int) -> "Payoff":
        """That many of it: a ratio spread is `call(a) - 2 * call(b)`."""
        return _payoff(
            constant_e3=times * self.constant_e3,
            slope=times * self.slope,
            turns=[(kink.strike_e3, times * kink.turn) for kink in self.kinks],
        )

    def __str__(self) -> str:
        told = [(self.slope, "S")] if self.slope else []
        told += [(kink.turn, f"max(0, S - {_usd(kink.strike_e3)})") for kink in self.kinks]
        sums = [(times, f"{abs(times)} {what}".removeprefix("1 ")) for times, what in told]
        if self.constant_e3:
            sums.insert(0, (self.constant_e3, _usd(abs(self.constant_e3))))
        text = "".join(f" {'-' if sign < 0 else '+'} {what}" for sign, what in sums)
        return f"-{text[3:]}" if text.startswith(" - ") else text[3:] or "0"

    @overload
    def value_e6(self, settlement_e6: int) -> int: ...

    @overload
    def value_e6(self, settlement_e6: Integers) -> Integers: ...

    def value_e6(self, settlement_e6: int | Integers) -> int | Integers:
        """What one contract pays in micro-USD, exactly, at one settlement price or at many.

        `settlement_e6` is index times multiplier: 1e-3 USD a unit x 1e-3 units = 1e-6 USD.

        Range: an array from 0, below 2**44; the result is then below 2**48 in magnitude.
        """
        if isinstance(settlement_e6, int):
            return self._one_value_e6(settlement_e6)
        assert settlement_e6.dtype == np.int64
        value_e6 = self.constant_e3 * bounds.PAYOFF_SCALE + self.slope * settlement_e6
        for kink in self.kinks:
            strike_e6 = kink.strike_e3 * bounds.PAYOFF_SCALE
            value_e6 = value_e6 + kink.turn * np.maximum(settlement_e6 - strike_e6, 0)
        return value_e6

    def _one_value_e6(self, settlement_e6: int) -> int:
        turns = [kink.turn for kink in self.kinks]
        strikes_e6 = [kink.strike_e3 * bounds.PAYOFF_SCALE for kink in self.kinks]
        beyond = [parts(settlement_e6 - strike_e6)[0] for strike_e6 in strikes_e6]
        turned = sum(turn * part for turn, part in zip(turns, beyond, strict=True))
        value_e6 = self.constant_e3 * bounds.PAYOFF_SCALE + self.slope * settlement_e6 + turned
        assert (
            contract_value_law(self.constant_e3, self.slope, settlement_e6, turns, beyond, value_e6)
            == 0
        )
        return value_e6


LINEAR: Final = Payoff(0, 1, ())
"""The settlement price itself: of futures and perpetuals. What was paid to enter is no part of it;
profit against an entry price is a matter of the position.
"""


def call(strike: Price) -> Payoff:
    """The right to buy at `strike`: max(0, S - strike)."""
    return _payoff(constant_e3=0, slope=0, turns=[(strike.e3, 1)])


def put(strike: Price) -> Payoff:
    """The right to sell at `strike`: the call less S plus the strike, exactly."""
    return _payoff(constant_e3=strike.e3, slope=-1, turns=[(strike.e3, 1)])


def _payoff(*, constant_e3: int, slope: int, turns: Iterable[tuple[int, int]]) -> Payoff:
    """The payoff of these turns in its one form: one kink a strike, none that does not turn.

    Below S = 0 nothing is looked at, so a turn at strike 0 is slope.
    """
    turn_at: dict[int, int] = {0: 0}
    for strike_e3, turn in turns:
        turn_at[strike_e3] = turn_at.get(strike_e3, 0) + turn
    slope += turn_at.pop(0)
    kinks = tuple(Kink(strike_e3, turn) for strike_e3, turn in sorted(turn_at.items()) if turn)
    return Payoff(constant_e3, slope, kinks)


def _usd(value_e3: int) -> str:
    whole, step = floor_and_rest(value_e3, 1000)
    return f"{whole:,}.{step:03d}"
