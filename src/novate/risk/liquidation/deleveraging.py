"""Deleveraging: whose positions close a bankrupt account's, when no taker and no fund is left.

Candidates are all who hold the other side of one instrument. They come in *tiers* by relief: what
closing takes off their maintenance margin, against what the same contracts require alone. Who is
outright is relieved of all of it and comes first; who is hedged by the position would have to hold
more without it, and is touched last. Within a tier everybody closes the same part. All of it is
public state: the margin of any account can be recomputed by anybody, and nobody applies for a tier.

The closing price is the bankrupt account's zero-equity price: its deficit D over its Q contracts
shifts the mark by D / Q. No candidate pays more than it gained on what it closes.

What a circuit needs: one row per candidate, sorted by tier downwards and then by account, with sums
that run along. It checks that tiers fit reliefs (`hedge_tier_law`), that the order holds and no
account comes twice, that sizes add up to the open interest of that side, so that nobody was left
out, that every tier before the marginal one is closed and none after it is, and `lot_share_law`
within it.
"""

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

import numpy as np

from novate.units import Integers, Rounding, Term, bounds, div, within

TIERS: Final = 8
"""Tiers are eighths of the outright maintenance margin: 8 is outright, 0 neutral, -8 a full hedge.
"""


class CandidatesIncomplete(ValueError):
    """Candidates whose sizes are not the open interest of their side: somebody is missing."""


def hedge_tier_law(relief: Term, outright: Term, tier: Term, rest: Term) -> Term:
    """Zero when the tier is eight times relief over outright margin, to the nearest.

    `rest` in [0, 2 * outright); a tier at either end is clamped, and then one inequality says so.
    """
    return 2 * TIERS * relief + outright - tier * 2 * outright - rest


def hedge_tiers(relief_e6: Integers, size_e3: Integers, outright_e3: int) -> Integers:
    """The tier of each candidate, from -8 to 8.

    `relief_e6` is maintenance margin now less that without the `size_e3` contracts, so it is below
    zero for a hedge; `outright_e3` is what one contract requires alone, long or short, whichever is
    more. Both are margins of positions as `requirement` gives them. An account that cannot come to
    owe is required nothing, but who hedges long options is no less hedged for that.

    Rounding: to the nearest, so that what is outright or hedged but for rounding is so.
    Range:    16 * relief below 2**60, 2 * outright * size below 2**62.
    Raises:   OutOfRange for a contract that requires nothing.
    """
    within("margin of one contract alone", outright_e3, low=1, high=1 << bounds.RISK_ENTRY_BITS)
    outright_e6 = outright_e3 * size_e3
    nearest = div(2 * TIERS * relief_e6 + outright_e6, 2 * outright_e6, Rounding.FLOOR)
    return np.clip(nearest, -TIERS, TIERS)


def lot_share_law(
    size: Term, need: Term, total: Term, closed: Term, extra: Term, rest: Term
) -> Term:
    """Zero when a candidate closes its part of what its tier must, in lots.

    `rest` in [0, total); `extra` is a bit, 1 for the first accounts of the tier, as many as there
    are lots that rounding left.
    """
    return (closed - extra) * total + rest - size * need


def closed_lots(need: int, size: Integers, tier: Integers, account: Integers) -> Integers:
    """How many lots each candidate closes: tier by tier downwards, pro rata within the last.

    Rounding: down, and one lot each to the first accounts until the need is met exactly.
    Range:    size * need below 2**(27 + 27).
    Raises:   OutOfRange when there is more to close than there are candidates for.
    """
    limit = 1 << bounds.QTY_BITS
    if size.size:
        within("least lots of a candidate", int(size.min()), low=1, high=limit)
        within("most lots of a candidate", int(size.max()), low=1, high=limit)
    within("lots to close", need, high=min(int(size.sum()) + 1, limit))
    closed = np.zeros_like(size)
    for one in np.unique(tier)[::-1]:
        rows = np.flatnonzero(tier == one)
        rows = rows[np.argsort(account[rows], kind="stable")]
        total = int(size[rows].sum())
        if need >= total:
            closed[rows] = size[rows]
            need -= total
            continue
        closed[rows] = div(size[rows] * need, total, Rounding.FLOOR)
        closed[rows[: need - int(closed[rows].sum())]] += 1
        break
    return closed


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
    what a contract of the candidate gained, from 0: nobody pays more. What is left is below zero
    when rounding took more than the deficit, by less than a micro-USDC a candidate.

    Rounding: up, against each candidate; the insurance fund keeps the dust.
    Law:      `deficit_charge_law`, 90 bits, before the bound.
    Range:    deficit below 2**62: whole * closed stays below it, rest * closed below 2**54.
    """
    within("deficit", abs(deficit_e6), high=1 << bounds.DEFICIT_BITS)
    within("contracts to close", size_e3, low=1, high=1 << bounds.QTY_BITS)
    whole_e3, rest = divmod(deficit_e6, size_e3)
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
) -> Deleveraging:
    """Close a bankrupt account's `size_e3` contracts against the other side of the instrument.

    Sizes are without sign, in whole lots; `held_e3` is every position of the other side.

    Raises: CandidatesIncomplete, OutOfRange.
    """
    if len(np.unique(account)) < len(account) or int(held_e3.sum()) != open_interest_e3:
        raise CandidatesIncomplete(
            f"{len(account)} candidates hold {held_e3.sum()} milli-contracts against an open "
            f"interest of {open_interest_e3}; next: name every holder of that side, once"
        )
    assert size_e3 % lot_e3 == 0
    assert np.all(held_e3 % lot_e3 == 0)
    tier = hedge_tiers(relief_e6, held_e3, outright_e3)
    closed_e3 = lot_e3 * closed_lots(size_e3 // lot_e3, held_e3 // lot_e3, tier, account)
    charge_e6, left_e6 = deficit_charges_e6(deficit_e6, size_e3, closed_e3, gain_e3)
    return Deleveraging(
        tier=tier,
        closed_e3=closed_e3,
        charge_e6=charge_e6,
        surplus_e6=max(0, -left_e6),
        uncovered_e6=max(0, left_e6),
    )


def deficit_shares_e6(deficit_e6: int, weight: list[int]) -> list[int]:
    """How a bankrupt account's deficit falls on its instruments, by weights from 0; exact.

    The weight is what each position requires alone, so a closing price moves from the mark as its
    contract is risky. Shares are differences of sums rounded down: they add up, with no dust.

    Law: `floor * total + rest - deficit * sum so far`, `rest` in [0, total).
    """
    total = sum(weight)
    within("weight", total, low=1, high=1 << bounds.USD_BITS)
    reached = [div(deficit_e6 * so_far, total, Rounding.FLOOR) for so_far in accumulate(weight)]
    return [after - before for before, after in pairwise([0, *reached])]
