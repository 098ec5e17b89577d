"""Deleveraging: whose positions close a bankrupt account's, when no taker and no fund is left.

Candidates are all who hold the other side of one instrument. They come in *tiers* by relief: what
closing takes off their maintenance margin, against what the same contracts require alone. Who is
outright is relieved of all of it and comes first; who is hedged by the position would have to hold
more without it, and is touched last. Within a tier everybody closes the same part. All of it is
public state: the margin of any account can be recomputed by anybody, and nobody applies for a tier.

A part is seldom whole lots: how it is rounded is `lot_share`'s.

The closing price is the bankrupt account's zero-equity price: its deficit D over its Q contracts
shifts the mark by D / Q. No candidate pays more than it gained on what it closes.

What a circuit needs: one row per candidate, sorted by tier downwards and then by account, with sums
that run along. It checks that tiers fit reliefs (`hedge_tier_law`), that the order holds and no
account comes twice, that sizes add up to the open interest of that side, so that nobody was left
out, that every tier before the marginal one is closed and none after it is, and within it the law
of each row's running sum.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.pricing import operand
from novate.risk.liquidation.lot_share import closed_lots, shares_in_order
from novate.units import Integers, Rounding, Term, bounds, div, floor_and_rest, parts, within

TIERS: Final = 8
"""Tiers are eighths of the outright maintenance margin: 8 is outright, 0 neutral, -8 a full hedge.
"""


class CandidatesIncomplete(ValueError):
    """Candidates that are not exactly the holders of their side, each once."""


def hedge_tier_law(relief: Term, outright: Term, tier: Term, rest: Term) -> Term:
    """Zero when the tier is eight times relief over outright margin, to the nearest.

    `rest` in [0, 2 * outright); a tier at either end is clamped, and then one inequality says so.
    """
    return 2 * TIERS * relief + outright - tier * 2 * outright - rest


def hedge_tiers(relief_e6: Integers, size_e3: Integers, outright_e3: int) -> Integers:
    """The tier of each candidate, from -8 to 8.

    `relief_e6` is maintenance margin now less that without the `size_e3` contracts, so it is below
    zero for a hedge; `outright_e3` is what one contract requires alone, long or short, whichever is
    more. Both are `uncapped_maintenance_e6` of `requirement`: of long options alone no more is
    asked than they are worth, but who hedges them is no less hedged for that.

    Rounding: to the nearest, so that what is outright or hedged but for rounding is so.
    Range:    16 * relief below 2**60 and outright * size below 2**(35 + 27) add up below 2**63;
              twice outright * size is below 2**63.
    Law:      `hedge_tier_law`, 64 bits; at either end an inequality.
    Witness:  the tier and its rest; at an end the difference to it.
    Raises:   NotIntegers; OutOfRange, also for a contract that requires nothing.
    """
    limit = 1 << bounds.MAINTENANCE_BITS
    within("margin of one contract alone", outright_e3, low=1, high=1 << bounds.RISK_ENTRY_BITS)
    relief_e6 = operand("relief", relief_e6, low=1 - limit, high=limit)
    size_e3 = operand("size of a candidate", size_e3, low=1, high=1 << bounds.QTY_BITS)
    outright_e6 = outright_e3 * size_e3
    nearest = div(2 * TIERS * relief_e6 + outright_e6, 2 * outright_e6, Rounding.FLOOR)
    return np.clip(nearest, -TIERS, TIERS)


def deficit_charge_law(deficit: Term, size: Term, closed: Term, charge: Term, dust: Term) -> Term:
    """Zero when who closes `closed` of `size` contracts bears that part of the deficit, rounded up.

    `dust` in [0, size).
    """
    return charge * size - deficit * closed - dust


def deficit_charges_e6(
    deficit_e6: int, size_e3: int, closed_e3: Integers, gain_e3: Integers
) -> tuple[Integers, int]:
    """What each candidate pays on what it closes, and what is left of the deficit.

    A deficit below zero is equity that nobody took over for: then candidates receive. `gain_e3` is
    what a contract of the candidate gained, from 0: nobody pays more, and nobody is paid for having
    lost. What is left is below zero when rounding took more than the deficit, by less than a
    micro-USDC a candidate.

    Rounding: up, against each candidate; the insurance fund keeps the dust.
    Range:    deficit below 2**62: whole * closed stays below it, rest * closed below 2**54; gain *
              closed below 2**(35 + 27).
    Law:      `deficit_charge_law`, 90 bits, before the bound.
    Witness:  quotient and dust of each charge; which is less, it or the gain, with the difference.
    Raises:   NotIntegers, OutOfRange.
    """
    within("deficit", abs(deficit_e6), high=1 << bounds.DEFICIT_BITS)
    within("contracts to close", size_e3, low=1, high=1 << bounds.QTY_BITS)
    gain_e3 = operand("gain of a contract", gain_e3, high=1 << bounds.RISK_ENTRY_BITS)
    whole_e3, rest = floor_and_rest(deficit_e6, size_e3)
    charge_e6 = whole_e3 * closed_e3 + div(rest * closed_e3, size_e3, Rounding.CEIL)
    charge_e6 = np.minimum(charge_e6, gain_e3 * closed_e3)
    return charge_e6, deficit_e6 - sum(charge_e6.tolist())


@dataclass(frozen=True, slots=True, eq=False)
class Deleveraging:
    """What became of a bankrupt account's position in one instrument, candidate by candidate."""

    tier: Integers
    closed_e3: Integers
    charge_e6: Integers
    """What the closing price takes from the mark; below zero where candidates receive."""
    surplus_e6: int
    """Dust of rounding, for the insurance fund."""
    uncovered_e6: int
    """What bounded charges left of the deficit: the haircut's."""


def deleverage(
    *,
    size_e3: int,
    lot_e3: int,
    deficit_e6: int,
    outright_e3: int,
    open_interest_e3: int,
    account: Integers,
    held_e3: Integers,
    relief_e6: Integers,
    gain_e3: Integers,
    draw: int,
) -> Deleveraging:
    """Close a bankrupt account's `size_e3` contracts against the other side of the instrument.

    Sizes are without sign; `held_e3` is every position of the other side. `draw` is the lowest 30
    bits of the digest of the tick that finds the account bankrupt, at which all positions are
    taken as they are: nobody knew it when they were arranged, and nobody alone has chosen it.

    Rounding: to lots; to milli-contracts where any of the positions is no whole lots, so that what
              is to be closed is closed.
    Witness:  whether all are whole lots, or the row of one that is not; surplus and uncovered as
              the parts of what is left of the deficit (`parts_law`, `one_part_law`).
    Raises:   CandidatesIncomplete, NotIntegers, OutOfRange.
    """
    account, held_e3 = np.asarray(account), np.asarray(held_e3)
    shapes = {np.shape(each) for each in (account, held_e3, relief_e6, gain_e3)}
    if len(shapes) > 1 or len(np.unique(account)) < len(account):
        raise CandidatesIncomplete(
            f"candidates are in arrays of shapes {sorted(shapes)}, {len(np.unique(account))} of "
            f"{len(account)} accounts are distinct; next: name every holder once"
        )
    if int(held_e3.sum()) != open_interest_e3:
        raise CandidatesIncomplete(
            f"{len(account)} candidates hold {held_e3.sum()} milli-contracts against an open "
            f"interest of {open_interest_e3}; next: name every holder of that side"
        )
    tier = hedge_tiers(relief_e6, held_e3, outright_e3)
    unit_e3 = _unit_e3(size_e3, lot_e3, held_e3)
    need = div(size_e3, unit_e3, Rounding.FLOOR)
    held = div(held_e3, unit_e3, Rounding.FLOOR)
    closed_e3 = unit_e3 * closed_lots(need, held, tier, account, draw)
    charge_e6, left_e6 = deficit_charges_e6(deficit_e6, size_e3, closed_e3, gain_e3)
    uncovered_e6, surplus_e6 = parts(left_e6)
    return Deleveraging(
        tier=tier,
        closed_e3=closed_e3,
        charge_e6=charge_e6,
        surplus_e6=surplus_e6,
        uncovered_e6=uncovered_e6,
    )


def _unit_e3(size_e3: int, lot_e3: int, held_e3: Integers) -> int:
    """A lot, or a milli-contract where one of the positions is no whole lots."""
    within("lot", lot_e3, low=1, high=1 << bounds.QTY_BITS)
    is_whole = size_e3 % lot_e3 == 0 and np.all(held_e3 % lot_e3 == 0)
    return lot_e3 if is_whole else 1


def deficit_shares_e6(deficit_e6: int, weight: list[int]) -> list[int]:
    """How a bankrupt account's deficit falls on its instruments, by weights from 0; exact.

    The weight is what each position requires alone, so a closing price moves from the mark as its
    contract is risky.

    Law and witness: as of `shares_in_order`, from a start of 0; 126 bits.
    Raises:          OutOfRange for a weight below 0, or none above.
    """
    within("deficit", abs(deficit_e6), high=1 << bounds.DEFICIT_BITS)
    for one in weight:
        within("weight", one, high=1 << bounds.USD_BITS)
    within("sum of weights", sum(weight), low=1, high=1 << bounds.USD_BITS)
    return shares_in_order(deficit_e6, weight)
