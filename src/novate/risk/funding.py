"""Funding of perpetuals: what holds their price to the index.

The rate over eight hours is the premium of mark over index, less a dampener, within a cap: the
convention that desks know. Times the index it is an amount per contract, and no quotient is needed
to say it. A tick's amount stands until the next tick, for an hour at most, so the cumulative index
of a contract is a mean over time.
"""

from dataclasses import dataclass
from typing import Final

from novate.units import Instant, Rounding, Term, bounds, div, parts, within

PERIOD_S: Final = 8 * 3600
"""A funding rate is said over eight hours."""

STANDS_MAX_S: Final = 3600
"""Seconds that one tick's amount stands at most. An oracle that is silent for longer charges
nobody for the rest."""

NANO: Final = 10**6
"""Nano-USD in a milli-USD, and millionths in a whole."""


@dataclass(frozen=True, slots=True)
class FundingParameters:
    """What a compartment decides about funding; millionths over eight hours."""

    dampener_e6: int = 250
    """A premium up to this, 0.025 %, costs nothing, and a larger one that much less."""
    cap_e6: int = 5_000
    """The rate is at most this, 0.5 %, either way."""

    def __post_init__(self) -> None:
        within("dampener", self.dampener_e6, high=1 << bounds.FUNDING_RATE_BITS)
        within("cap", self.cap_e6, low=1, high=1 << bounds.FUNDING_RATE_BITS)


def funding_cap_law(damped: Term, over: Term, under: Term, funding: Term) -> Term:
    """Zero when `funding` is `damped` less what is over the cap, plus what is under minus the cap.

    With `parts_law` and `one_part_law` of `damped - cap`, whose positive part is `over`, and of
    `-damped - cap`, whose positive part is `under`.
    """
    return damped - over + under - funding


def funding_accrual_law(
    funding: Term, seconds: Term, rest: Term, move: Term, rest_after: Term
) -> Term:
    """Zero when the index moves by the eight hours' amount times their part in `seconds`.

    `rest` and `rest_after` in [0, 28800) carry what a nano-USD cannot hold, so nothing is ever
    rounded: the index after many ticks is the floor of the exact sum.
    """
    return funding * seconds + rest - move * PERIOD_S - rest_after


def funding_e9(mark_e3: int, index_e3: int, parameters: FundingParameters) -> int:
    """What a long contract pays a short one over eight hours, in nano-USD; signed.

    `index_e3` is per contract. rate = premium - clamp(premium, -dampener, dampener), within the
    cap, and the amount is rate * index: exact.

    Range:   prices below 2**31; the amount below 2**47, every step below 2**52.
    Witness: the positive and the negative part of four differences.
    Raises:  OutOfRange.
    """
    within("mark per contract", mark_e3, high=1 << bounds.CONTRACT_BITS)
    within("index per contract", index_e3, low=1, high=1 << bounds.CONTRACT_BITS)
    basis_e9 = (mark_e3 - index_e3) * NANO
    width_e9, cap_e9 = parameters.dampener_e6 * index_e3, parameters.cap_e6 * index_e3
    damped_e9 = parts(basis_e9 - width_e9)[0] - parts(-basis_e9 - width_e9)[0]
    over_e9, under_e9 = parts(damped_e9 - cap_e9)[0], parts(-damped_e9 - cap_e9)[0]
    amount_e9 = damped_e9 - over_e9 + under_e9
    assert funding_cap_law(damped_e9, over_e9, under_e9, amount_e9) == 0
    return amount_e9


def expected_funding_e3(amount_e9: int) -> int:
    """The eight hours' amount of `funding_e9` in milli-USD, for the next eight hours' cost.

    Rounding: away from zero: who pays, a long or a short, is charged no less.
    Law:      `quotient_law`, 47 bits: of the amount when it is below zero, and of minus amount and
              quotient when it is not.
    Witness:  the sign of the amount, quotient and rest.
    """
    return div(amount_e9, NANO, Rounding.CEIL if amount_e9 > 0 else Rounding.FLOOR)


@dataclass(frozen=True, slots=True)
class FundingIndex:
    """What a long contract of a perpetual has paid since it was listed, as a function of time.

    A tick changes it and nothing else does: `e9` and `rest` are those of the tick. Who touches a
    position reads the index at that instant and leaves it as it is, so in however many pieces an
    interval is read, and by whoever, it is the same interval.

    Range:  index and reach below 2**54, amount below 2**47; magnitudes.
    Raises: OutOfRange, also for an amount that would leave the width before it ceases to stand: the
            perpetual must then be settled and listed anew. At a constant 0.5 % of a contract worth
            a million USD that takes three years.
    """

    since: Instant
    """Of the tick; of the listing, when there was none yet."""
    e9: int = 0
    """Nano-USD, signed."""
    rest: int = 0
    """What is beyond a nano-USD: 28800ths of one."""
    amount_e9: int = 0
    """What stands since then: `funding_e9` over eight hours."""

    def __post_init__(self) -> None:
        limit, most = 1 << bounds.FUNDING_INDEX_BITS, 1 << bounds.FUNDING_BITS
        within("funding index", self.e9, low=1 - limit, high=limit)
        within("rest of a funding index", self.rest, high=PERIOD_S)
        within("funding of eight hours", self.amount_e9, low=1 - most, high=most)
        reached_e9, _ = self._reached(STANDS_MAX_S)
        within("funding index after an hour", reached_e9, low=1 - limit, high=limit)

    def at(self, now: Instant) -> int:
        """The index at an instant, in nano-USD.

        Rounding: down; what is beyond is not lost, the index of every later instant counts it.
        Law:      `funding_accrual_law`, 59 bits.
        Witness:  which is less, the seconds since the tick or an hour, with the difference; and
                  the rest.
        Raises:   OutOfRange for an instant before the tick.
        """
        reached_e9, _ = self._reached(self._seconds(now))
        return reached_e9

    def after(self, tick: Instant, amount_e9: int) -> "FundingIndex":
        """The index from a tick on, at which another amount begins to stand, or the same anew.

        Law and witness: as of `at`.
        Raises:          OutOfRange for a tick before the last.
        """
        return FundingIndex(tick, *self._reached(self._seconds(tick)), amount_e9)

    def _seconds(self, now: Instant) -> int:
        """Seconds that the amount has stood, from its tick and for an hour at most."""
        elapsed_s = now.s - self.since.s
        within("seconds since the tick", elapsed_s, high=1 << bounds.TIME_BITS)
        return min(elapsed_s, STANDS_MAX_S)

    def _reached(self, seconds: int) -> tuple[int, int]:
        total = self.amount_e9 * seconds + self.rest
        move_e9 = div(total, PERIOD_S, Rounding.FLOOR)
        rest = total - move_e9 * PERIOD_S
        assert 0 <= rest < PERIOD_S
        assert funding_accrual_law(self.amount_e9, seconds, self.rest, move_e9, rest) == 0
        return self.e9 + move_e9, rest
