"""Funding payments: what positions pay when they are touched, and what they owe until then.

A position pays what the index of its perpetual has moved since it was last touched. Until then its
equity counts what it has yet to pay, and the perpetual's clearing holds the balance between those
who were touched and those who were not.
"""

from dataclasses import dataclass

import numpy as np

from novate.pricing import operand
from novate.risk.funding import NANO
from novate.risk.positions import BadPositions, Positions
from novate.units import Integers, Qty, Rounding, Term, bounds, div, floor_and_rest, within


def funding_payment_law(size: Term, move: Term, received: Term, dust: Term) -> Term:
    """Zero when `received` is what a position of `size` gets when its index moves, rounded down.

    Long positions pay when the index rises. `dust` in [0, 10**6) is what rounding keeps back.
    """
    return received * NANO + dust + size * move


def funding_received_e6(size_e3: Integers, move_e9: Integers) -> Integers:
    """What positions receive, negative when they pay, when their indices moved; micro-USDC.

    Rounding: down, against the account: who pays, pays up.
    Range:    move = whole * 10**6 + part with whole below 2**35.1: size * whole below 2**62.1 and
              size * part below 2**47.
    Law:      `funding_payment_law`, 83 bits.
    """
    whole_e3, part_e9 = floor_and_rest(move_e9, NANO)
    return -size_e3 * whole_e3 + div(-size_e3 * part_e9, NANO, Rounding.FLOOR)


def with_funding(positions: Positions, move_e9: Integers) -> Positions:
    """Positions as equity counts them: what funding has accrued to each is still to be paid.

    `move_e9` is what the index of each has moved since it was last touched, (P,), and 0 of all but
    perpetuals. What is accrued is a payment to the last unit, so touching a position moves it from
    cost to cash, and equity stays where it was.

    Rounding: against the account, as of a payment.
    Range:    what is accrued to a position below 2**62.
    Raises:   BadPositions for moves that are not of the positions, or for costs beyond 62 bits;
              NotIntegers, OutOfRange.
    """
    limit = 1 << bounds.FUNDING_INDEX_BITS + 1
    move_e9 = operand("move of a funding index", move_e9, low=1 - limit, high=limit)
    if move_e9.shape != positions.row.shape:
        raise BadPositions(
            f"moves of shape {move_e9.shape} for {len(positions.row)} positions; "
            "next: say what the index of each has moved, 0 of all but perpetuals"
        )
    accrued_e6 = -funding_received_e6(positions.quantity_e3, move_e9)
    operand("accrued funding", accrued_e6, low=1 - (1 << 62), high=1 << 62)
    return Positions.many(
        positions.account,
        positions.row,
        positions.quantity_e3,
        positions.cost_e6 + accrued_e6,
    )


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
