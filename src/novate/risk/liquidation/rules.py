"""Liquidation: when an account is flagged, what a taker earns, and how much may be taken.

All ratios are in millionths of the maintenance margin M. The account is worth E. A taker is paid a
premium g that grows with time, the insurance fund gets a fee while equity lasts, and together they
cost G. Taking the part f of the account leaves E - f*G*M against (1 - f)*M; the largest part is the
one that leaves equity at `target * M`, and no more can be taken from anybody.
"""

from dataclasses import dataclass
from typing import Final

from novate.risk.margin import flagged_below_e6
from novate.risk.parameters import Dials
from novate.units import Instant, Rounding, Term, bounds, div, within

ONE: Final = bounds.RATE_SCALE
WHOLE: Final = 1 << bounds.SLICE_BITS
"""All of an account."""


@dataclass(frozen=True, slots=True)
class Knot:
    """A point of the premium curve: seconds since the flag, and the premium from there."""

    s: int
    premium_e6: int


@dataclass(frozen=True, slots=True)
class LiquidationRules:
    """What a compartment decides about liquidation; parts of the maintenance margin."""

    dials: Dials = Dials()  # noqa: RUF009 - frozen
    """An account is flagged when equity is below the part `liquidation_threshold`."""
    buffer_e6: int = 150_000
    """A full slice leaves equity this much above the threshold."""
    fee_e6: int = 20_000
    """For the insurance fund, while equity lasts."""
    whole_below_e6: int = 100 * 10**6
    """With less equity than this, 100 USDC, an account may be taken whole."""
    tolerated_e6: int = 100
    """What flagged accounts may need beyond the fund before withdrawals stop: 0.01 % of all cash of
    the compartment."""
    curve: tuple[Knot, ...] = (Knot(0, 20_000), Knot(300, 250_000), Knot(3600, ONE))

    def __post_init__(self) -> None:
        within("buffer", self.buffer_e6, low=1, high=ONE + 1)
        within("fee", self.fee_e6, high=div(ONE, 8, Rounding.FLOOR) + 1)
        within("equity of a whole take", self.whole_below_e6, high=1 << bounds.MAINTENANCE_BITS)
        within("tolerated need", self.tolerated_e6, high=div(ONE, 8, Rounding.FLOOR) + 1)
        if not self.curve or self.curve[0].s != 0:
            raise ValueError(f"a premium curve starts at the flag, and this is {self.curve}")
        for before, after in zip(self.curve, self.curve[1:], strict=False):
            within("next knot", after.s, low=before.s + 1, high=1 << bounds.TIME_BITS)
            within("premium", after.premium_e6, low=before.premium_e6, high=ONE + 1)
        within("premium", self.curve[0].premium_e6, high=ONE + 1)

    @property
    def target_e6(self) -> int:
        """Equity after a full slice: the threshold and the buffer."""
        return self.dials.liquidation_threshold_e6 + self.buffer_e6

    @property
    def last_premium_e6(self) -> int:
        """The most a taker ever gets: premiums never fall."""
        return self.curve[-1].premium_e6


def is_below_threshold(equity_e6: int, maintenance_e6: int, rules: LiquidationRules) -> bool:
    """Whether an account may be liquidated at a tick.

    Witness: the equity below which it is, and the sign of the difference.
    """
    return bool(equity_e6 < flagged_below_e6(maintenance_e6, rules.dials))


def flagged_since(
    flagged: Instant | None,
    tick: Instant,
    equity_e6: int,
    maintenance_e6: int,
    rules: LiquidationRules,
) -> Instant | None:
    """Since when an account is flagged, after it was judged at a tick; None when it is not.

    The time is the tick's, not that of whoever brings it, so nobody can make the premium older. It
    stays until a tick finds the account well again.

    Witness: whether it is below the threshold, and whether it was flagged: two bits that choose
             among none, the time of this tick, and the time that stood.
    Raises:  OutOfRange for a tick before the flag.
    """
    if flagged is not None:
        within("tick", tick.s, low=flagged.s, high=1 << bounds.TIME_BITS)
    if not is_below_threshold(equity_e6, maintenance_e6, rules):
        return None
    return tick if flagged is None else flagged


def taker_premium_law(
    premium: Term, premium_from: Term, rise: Term, run: Term, elapsed: Term, rest: Term
) -> Term:
    """Zero when the premium has risen from a knot by `rise * elapsed / run`, rounded down.

    `rest` in [0, run); `elapsed` in [0, run], counted from that knot.
    """
    return (premium - premium_from) * run + rest - rise * elapsed


def taker_premium_e6(elapsed_s: int, rules: LiquidationRules) -> int:
    """The taker's premium some seconds after the flag, in millionths of the maintenance margin.

    Rounding: down, against the taker and for the account.
    Law:      `taker_premium_law`, 53 bits.
    Witness:  the knot before, with `elapsed` between it and the next, or that it is the last.
    """
    within("seconds since the flag", elapsed_s, high=1 << bounds.TIME_BITS)
    last = max(number for number, knot in enumerate(rules.curve) if knot.s <= elapsed_s)
    start = rules.curve[last]
    if last == len(rules.curve) - 1:
        return start.premium_e6
    end = rules.curve[last + 1]
    rise, run, elapsed = end.premium_e6 - start.premium_e6, end.s - start.s, elapsed_s - start.s
    reached_e6 = start.premium_e6 + div(rise * elapsed, run, Rounding.FLOOR)
    rest = rise * elapsed - (reached_e6 - start.premium_e6) * run
    assert 0 <= rest < run
    assert taker_premium_law(reached_e6, start.premium_e6, rise, run, elapsed, rest) == 0
    return reached_e6


def largest_slice_law(
    equity: Term, maintenance: Term, target: Term, cost: Term, part: Term, rest: Term
) -> Term:
    """Zero when `part` is the largest slice, in 2**-30, rounded down.

    `cost` is G, premium and fee; `rest` in [0, (target - cost) * maintenance).
    """
    surplus = target * maintenance - equity * ONE
    return surplus * WHOLE - part * (target - cost) * maintenance - rest


def largest_slice(
    equity_e6: int, maintenance_e6: int, premium_e6: int, rules: LiquidationRules
) -> int:
    """The largest part of an account that may be taken now, in 2**-30; 0 when it is well.

    f = (target * M - E) / ((target - G) * M). It is at least one exactly when E <= G * M, so one
    formula serves accounts that can pay for their liquidation and those that cannot. Below the
    threshold and above G * M the divisor is above zero, whatever the threshold.

    Rounding: down, for the account: never more than is needed.
    Law:      `largest_slice_law`, 108 bits.
    Witness:  which of the three cases, by the signs of E - threshold * M, E - `whole_below` and
              E - G * M.
    """
    within("maintenance margin", maintenance_e6, high=1 << bounds.MAINTENANCE_BITS)
    if not is_below_threshold(equity_e6, maintenance_e6, rules):
        return 0
    cost_e6 = premium_e6 + rules.fee_e6
    if equity_e6 < rules.whole_below_e6 or equity_e6 * ONE <= cost_e6 * maintenance_e6:
        return WHOLE
    surplus = rules.target_e6 * maintenance_e6 - equity_e6 * ONE
    divisor = (rules.target_e6 - cost_e6) * maintenance_e6
    part = div(surplus * WHOLE, divisor, Rounding.FLOOR)
    rest = surplus * WHOLE - part * divisor
    assert 0 <= part < WHOLE
    assert 0 <= rest < divisor
    law = largest_slice_law(equity_e6, maintenance_e6, rules.target_e6, cost_e6, part, rest)
    assert law == 0
    return part
