"""Funding of perpetuals: what holds their price to the index.

The rate over eight hours is the premium of mark over index, less a dampener, within a cap: the
convention that desks know. Times the index it is an amount per contract, and no quotient is needed
to say it. A tick's amount stands until the next tick, so the cumulative index of a contract is a
mean over time; a position pays what the index moved since it was last touched.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.units import Integers, Qty, Rounding, Term, bounds, div, parts, within

PERIOD_S: Final = 8 * 3600
"""A funding rate is said over eight hours."""

GAP_MAX_S: Final = 3600
"""Seconds that one tick's amount counts at most. An oracle that is silent for longer charges
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


def funding_payment_law(size: Term, move: Term, received: Term, dust: Term) -> Term:
    """Zero when `received` is what a position of `size` gets when its index moves, rounded down.

    Long positions pay when the index rises. `dust` in [0, 10**6) is what rounding keeps back.
    """
    return received * NANO + dust + size * move


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

    Rounded away from zero: who pays, a long or a short, is charged no less.
    """
    return div(amount_e9, NANO, Rounding.CEIL if amount_e9 > 0 else Rounding.FLOOR)


@dataclass(frozen=True, slots=True)
class FundingIndex:
    """What a long contract of a perpetual has paid since it was listed: nano-USD, signed."""

    e9: int = 0
    rest: int = 0
    """What is beyond a nano-USD: 28800ths of one."""

    def __post_init__(self) -> None:
        limit = 1 << bounds.FUNDING_INDEX_BITS
        within("funding index", self.e9, low=1 - limit, high=limit)
        within("rest of a funding index", self.rest, high=PERIOD_S)

    def after(self, amount_e9: int, elapsed_s: int) -> "FundingIndex":
        """The index when an amount stood for some seconds, at most an hour of which count.

        Raises: OutOfRange for time that runs backwards, or when the index leaves its width: the
        perpetual must then be settled and listed anew. At a constant 0.5 % of a contract worth a
        million USD that takes three years.
        """
        within("seconds between ticks", elapsed_s, high=1 << bounds.TIME_BITS)
        seconds = min(elapsed_s, GAP_MAX_S)
        total = amount_e9 * seconds + self.rest
        move_e9 = div(total, PERIOD_S, Rounding.FLOOR)
        rest = total - move_e9 * PERIOD_S
        assert funding_accrual_law(amount_e9, seconds, self.rest, move_e9, rest) == 0
        return FundingIndex(self.e9 + move_e9, rest)


def funding_received_e6(size_e3: Integers, move_e9: Integers) -> Integers:
    """What positions receive, negative when they pay, when their indices moved; micro-USDC.

    Rounding: down, against the account: who pays, pays up.
    Range:    move = whole * 10**6 + part with whole below 2**35.1: size * whole below 2**62.1 and
              size * part below 2**47.
    Law:      `funding_payment_law`, 83 bits.
    """
    whole_e3, part_e9 = np.divmod(move_e9, NANO)
    return -size_e3 * whole_e3 + div(-size_e3 * part_e9, NANO, Rounding.FLOOR)


@dataclass(frozen=True, slots=True)
class FundingClearing:
    """What a perpetual's payers have paid in and its receivers have not yet taken out.

    Accounts are touched at different times, so the balance may be negative for a while; what
    untouched positions still owe then stands behind it. Exactly: dust - balance * 10**6 = the sum
    over all positions of size * (index - index when last touched), what they have yet to pay.
    """

    balance_e6: int = 0
    dust_e12: int = 0
    """What rounding kept back and nobody has swept yet, in 10**-12 USDC: never negative."""

    def settle(self, size: Qty, moved_e9: int) -> tuple["FundingClearing", int]:
        """The clearing after a position was touched, and what the position receives.

        Raises: OutOfRange.
        """
        limit = 1 << bounds.FUNDING_INDEX_BITS + 1
        within("move of a funding index", moved_e9, low=1 - limit, high=limit)
        received_e6 = int(funding_received_e6(np.array(size.e3), np.array(moved_e9)))
        dust_e12 = -size.e3 * moved_e9 - received_e6 * NANO
        assert 0 <= dust_e12 < NANO
        assert funding_payment_law(size.e3, moved_e9, received_e6, dust_e12) == 0
        after = FundingClearing(self.balance_e6 - received_e6, self.dust_e12 + dust_e12)
        return after, received_e6

    def sweep(self) -> tuple["FundingClearing", int]:
        """The clearing without its dust, and the micro-USDC of it that the insurance fund gets."""
        swept_e6 = div(self.dust_e12, NANO, Rounding.FLOOR)
        return (
            FundingClearing(self.balance_e6 - swept_e6, self.dust_e12 - swept_e6 * NANO),
            swept_e6,
        )
