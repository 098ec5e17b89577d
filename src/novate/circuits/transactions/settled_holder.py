"""The holders of a settlement as a table: what each position pays, and what rounding leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from novate.air import (
    Row,
    Statement,
    Table,
    below,
    bit,
    element,
    equal,
    equals,
    first,
    followed,
    last,
    limbs16,
    permutation_bus,
    receive,
    send,
    signed,
    unsigned,
    when,
    zero,
)
from novate.circuits.buses import MEMORY, TIME_BITS
from novate.circuits.clock import Clock
from novate.circuits.memory import access
from novate.instruments import payoff_law
from novate.ledger import (
    Collateral,
    Holder,
    Position,
    Step,
    SystemSettle,
    balance_law,
    collateral_address,
    free_law,
    lock_law,
    position_address,
)
from novate.units import bounds, one_part_law

HOLDERS_BITS = 20
"""A settlement proves fewer than 2**20 holders: their net size stays below 2**(27 + 20), and what
rounding leaves, less than 1000 thousandths each, below 2**(10 + 20)."""

NET_BITS = bounds.QTY_BITS + HOLDERS_BITS + 1
ROUNDED_BITS = bounds.PAYOFF_SCALE.bit_length() + HOLDERS_BITS

PAYOUT = permutation_bus(
    "payout",
    "at this instant holders who net to zero were paid on these terms; rounding left this much "
    "(in thousandths of a micro-USDC)",
    time=element(),
    instrument=element(),
    strike=unsigned(bounds.STRIKE_BITS),
    intrinsic=unsigned(bounds.MONEYNESS_BITS),
    rounded=unsigned(ROUNDED_BITS),
)


class SettledHolder(Table):
    """One position paid out a row; those of one settlement follow each other.

    Soundness. A group of rows, from one that starts to one that ends, has the time and the terms
    of one settlement: its last row takes them off the bus `payout`. Each row takes a position in
    the instrument, which is not 0, from a position slot (so of a trader) and leaves the
    slot empty; at one instant no slot gives twice, so no holder is named twice. It adds the payoff
    to the account's collateral and releases the lock. Rows of one account follow each other: the
    first takes the collateral from memory, each hands it to the next, the last puts it back; so
    all of a settlement happens at one instant. (What resumes takes nothing from memory: its gap
    means nothing, and is zero so that no cell is loose.) Sizes add up to zero at the end, as
    integers, because `net` has no room to wrap; hence so does intrinsic times size, and what the
    payoffs together lack is the sum of `dust` over 1000.
    Determined: every word put back and `rounded`, by the terms, the places named in their order and
    the words taken. Long and short are the two parts of the one size that a word holds, payoff and
    dust the one quotient and remainder.
    """

    time = element()
    instrument = element()
    strike = unsigned(bounds.STRIKE_BITS)
    intrinsic = unsigned(bounds.MONEYNESS_BITS)
    starts, ends = bit(), bit()

    account = element()
    position_slot = unsigned(bounds.POSITION_SLOT_BITS)
    long, short = unsigned(bounds.QTY_BITS), unsigned(bounds.QTY_BITS)
    is_short = bit(given=lambda row: np.asarray(row.short > 0).astype(np.int64))
    payoff = signed(
        bounds.USD_BITS + 1, given=lambda row: _exact_payoff(row) // bounds.PAYOFF_SCALE
    )
    dust = below(bounds.PAYOFF_SCALE, given=lambda row: _exact_payoff(row) % bounds.PAYOFF_SCALE)

    resumes, goes_on = bit(), bit()
    balance_before, locked_before = unsigned(bounds.USD_BITS), unsigned(bounds.USD_BITS)
    balance = unsigned(bounds.USD_BITS, given=lambda row: _wide(row.balance_before) + row.payoff)
    locked = unsigned(
        bounds.USD_BITS, given=lambda row: row.locked_before - _wide(row.strike) * row.short
    )
    free = unsigned(bounds.USD_BITS, given=lambda row: row.balance - row.locked)
    position_gap, collateral_gap = unsigned(TIME_BITS), unsigned(TIME_BITS)

    net = signed(NET_BITS, given=lambda row: _running(row.long - row.short, row.starts))
    rounded = unsigned(ROUNDED_BITS, given=lambda row: _running(row.dust, row.starts))

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        """The rules of a payout, then those of the group."""
        size = row.long - row.short
        yield zero("the position is long or short", one_part_law(row.is_short, row.long, row.short))
        yield from access(
            **position_address(row.account, row.position_slot)._asdict(),
            old=(row.instrument, size, 0, 0, 0, 0, 0, 0),
            new=(0, 0, 0, 0, 0, 0, 0, 0),
            time=row.time,
            gap=row.position_gap,
        )
        yield zero(
            "the payoff is intrinsic value times size, rounded down",
            payoff_law(row.intrinsic, size, row.payoff, row.dust),
        )
        yield from cls._collateral(row)
        yield from cls._account(row)
        yield from cls._group(row)
        yield from cls._sums(row)

    @classmethod
    def _collateral(cls, row: Row) -> Iterator[Statement]:
        yield zero(
            "the balance moves by the payoff",
            balance_law(row.balance_before, row.payoff, 0, row.balance),
        )
        yield zero(
            "the lock is released",
            lock_law(row.strike, row.short, 0, row.locked_before, row.locked),
        )
        yield zero("what is locked is there", free_law(row.balance, row.locked, row.free))
        old = (*limbs16(row.balance_before, 4), *limbs16(row.locked_before, 4))
        new = (*limbs16(row.balance, 4), *limbs16(row.locked, 4))
        place = collateral_address(row.account)._asdict()
        since = row.time - 1 - row.collateral_gap
        yield from when(1 - row.resumes, receive(MEMORY, **place, time=since, word=old))
        yield from when(1 - row.goes_on, send(MEMORY, **place, time=row.time, word=new))
        yield from followed(
            *when(
                row.goes_on,
                equals("collateral is handed on", _collateral_before(row.next), new),
            )
        )

    @classmethod
    def _account(cls, row: Row) -> Iterator[Statement]:
        following = row.next
        yield from first(zero("the first row resumes no account", row.resumes))
        yield from followed(equal("what goes on resumes", following.resumes, row.goes_on))
        yield from followed(
            *when(row.goes_on, equal("an account resumes", following.account, row.account))
        )
        yield from when(row.goes_on, zero("an account goes on within a settlement", row.ends))
        yield from when(row.resumes, zero("what resumes was touched just now", row.collateral_gap))

    @classmethod
    def _group(cls, row: Row) -> Iterator[Statement]:
        following = row.next
        yield from first(equal("the first row starts a settlement", row.starts, 1))
        yield from last(equal("the last row ends its settlement", row.ends, 1))
        yield from followed(equal("one settlement after the other", following.starts, row.ends))
        terms = zip(_terms(following), _terms(row), strict=True)
        yield from followed(
            *when(1 - row.ends, *(equal("the terms stand", a, b) for a, b in terms))
        )
        yield from when(
            row.ends,
            receive(
                PAYOUT,
                time=row.time,
                instrument=row.instrument,
                strike=row.strike,
                intrinsic=row.intrinsic,
                rounded=row.rounded,
            ),
        )

    @classmethod
    def _sums(cls, row: Row) -> Iterator[Statement]:
        following = row.next
        sizes = (row.long - row.short, following.long - following.short)
        yield from when(
            row.starts,
            equal("sizes are added from zero", row.net, sizes[0]),
            equal("dust is added from zero", row.rounded, row.dust),
        )
        yield from followed(
            *when(
                1 - row.ends,
                equal("sizes are added", following.net, row.net + sizes[1]),
                equal("dust is added", following.rounded, row.rounded + following.dust),
            )
        )
        yield from when(row.ends, zero("longs and shorts cancel out", row.net))


def _terms(row: Row) -> tuple[Any, ...]:
    return (row.time, row.instrument, *limbs16(row.strike, 3), *limbs16(row.intrinsic, 4))


def _collateral_before(row: Row) -> tuple[Any, ...]:
    return (*limbs16(row.balance_before, 4), *limbs16(row.locked_before, 4))


def holder_rows(step: Step, clock: Clock, *, time: int, intrinsic: int) -> list[dict[str, Any]]:
    """A row for each holder, the positions of one account after each other."""
    settle, applied = step.transaction, step.applied
    assert isinstance(settle, SystemSettle)
    strike = applied.state.option(settle.instrument).strike.e3
    holders = sorted(settle.holders, key=lambda holder: holder.account)
    rows: list[dict[str, Any]] = []
    for i, holder in enumerate(holders):
        resumes = i > 0 and holders[i - 1].account == holder.account
        address = collateral_address(holder.account)
        if not resumes:
            collateral = Collateral.decode(applied.word_before(address))
        position = _position(step, holder)
        exact = intrinsic * position.size_e3
        rows.append(
            {
                "time": time,
                "instrument": settle.instrument,
                "strike": strike,
                "intrinsic": intrinsic,
                "starts": int(i == 0),
                "ends": int(i == len(holders) - 1),
                "account": holder.account,
                "position_slot": holder.position_slot,
                "long": max(0, position.size_e3),
                "short": position.short_e3,
                "resumes": int(resumes),
                "goes_on": int(i + 1 < len(holders) and holders[i + 1].account == holder.account),
                "balance_before": collateral.balance_e6,
                "locked_before": collateral.locked_e6,
                "position_gap": clock.gap(
                    position_address(holder.account, holder.position_slot), time
                ),
                "collateral_gap": 0 if resumes else clock.gap(address, time),
            }
        )
        collateral = Collateral(
            collateral.balance_e6 + exact // bounds.PAYOFF_SCALE,
            collateral.locked_e6 - strike * position.short_e3,
        )
    return rows


def _position(step: Step, holder: Holder) -> Position:
    address = position_address(holder.account, holder.position_slot)
    return Position.decode(step.applied.word_before(address))


def _exact_payoff(row: Any) -> Any:
    """In thousandths of a micro-USDC, without a width."""
    return _wide(row.intrinsic) * (row.long - row.short)


def _running(values: Any, starts: Any) -> Any:
    """Sums that begin anew at each start."""
    totals = np.cumsum(values)
    here = np.arange(len(totals))
    begun = np.maximum.accumulate(np.where(np.asarray(starts) == 1, here, 0))
    return totals - (totals - values)[begun]


def _wide(values: Any) -> Any:
    return np.asarray(values).astype(object)
