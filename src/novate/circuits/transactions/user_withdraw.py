"""A withdrawal as a table: one signed request served a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from novate.air import (
    InverseOf,
    Row,
    Statement,
    Table,
    below,
    element,
    equal,
    limbs16,
    lookup,
    send,
    unsigned,
    vector,
    zero,
)
from novate.circuits.buses import DATA, RECORD_WITHDRAWAL, SIGNED, TIME_BITS, WINDOW
from novate.circuits.clock import Clock
from novate.circuits.memory import access
from novate.ledger import (
    COMPARTMENT,
    USDC,
    VENUE_ADDRESS,
    Collateral,
    MessageTag,
    OrderSlot,
    Step,
    UserWithdraw,
    Venue,
    balance_law,
    collateral_address,
    free_law,
    header_address,
    key_address,
    nonce_law,
    order_address,
    supply_law,
)
from novate.units import bounds


class Withdraw(Table):
    """One withdrawal a row: a signed request, the account it draws on, and the record that leaves.

    Soundness. The request was signed for this venue under the key whose word stands in one of the
    account's four key slots (bus `signed`); every field of it is one of the row's own. It is used
    once: its nonce is above that of an order slot and stays there. The account is a trader's, so
    its words are no other kind's. What is taken is not zero, leaves balance, supply and what is
    free at zero or above, and is what the record names, for the owner in the account's header,
    which is not absent: its compartment is 1. Both words of the record have one ordinal; the data
    section has one record per ordinal, so none is shared.
    Determined: every word put back and the record, by `time`, the request, `ordinal` and the
    words taken; `ordinal` is free, it is where among the withdrawals the record is posted.
    """

    name = "user_withdraw"
    time = unsigned(TIME_BITS)
    gaps = vector(unsigned(TIME_BITS), 5)
    ordinal = element()

    account = unsigned(bounds.TRADER_BITS)
    account_inverse = element(given=lambda row: InverseOf(row.account))
    amount = unsigned(bounds.USD_BITS)
    amount_inverse = element(given=lambda row: InverseOf(_sum(limbs16(row.amount, 4))))
    expiry = unsigned(bounds.EXPIRY_BITS)
    order_slot = unsigned(bounds.ORDER_SLOT_BITS)
    nonce = unsigned(bounds.NONCE_BITS)
    key_index = below(bounds.KEY_SLOTS)
    key = vector(element(), 8)

    window_start, window_end = unsigned(bounds.TIME_BITS), unsigned(bounds.TIME_BITS)
    remaining = unsigned(bounds.TIME_BITS, given=lambda row: row.expiry - row.window_end)
    slot_nonce = unsigned(bounds.NONCE_BITS)
    slot_filled = element()
    skipped = unsigned(bounds.NONCE_BITS, given=lambda row: row.nonce - row.slot_nonce - 1)
    owner = vector(element(), 7)
    balance = unsigned(bounds.USD_BITS)
    balance_after = unsigned(bounds.USD_BITS, given=lambda row: row.balance - row.amount)
    locked = unsigned(bounds.USD_BITS)
    free_after = unsigned(bounds.USD_BITS, given=lambda row: row.balance_after - row.locked)
    cursor = vector(element(), 2)
    supply = unsigned(bounds.USD_BITS)
    supply_after = unsigned(bounds.USD_BITS, given=lambda row: row.supply - row.amount)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        """The rules of a withdrawal, in protocol order."""
        amount = limbs16(row.amount, 4)
        yield equal("the account is not number 0", row.account * row.account_inverse, 1)
        yield lookup(
            SIGNED,
            tag=int(MessageTag.WITHDRAW),
            payload=(
                *(row.account, USDC, *amount, *limbs16(row.expiry, 2)),
                *(row.order_slot, row.nonce, 0, 0),
            ),
            key=row.key,
        )
        yield lookup(WINDOW, start=row.window_start, end=row.window_end)
        yield equal(
            "the request has not expired when the window ends",
            row.expiry,
            row.window_end + row.remaining,
        )
        yield zero(
            "the nonce is above the slot's", nonce_law(row.slot_nonce, row.skipped + 1, row.nonce)
        )
        yield equal("the amount is not zero", _sum(amount) * row.amount_inverse, 1)
        yield zero(
            "the balance falls by the amount",
            balance_law(row.balance, 0, row.amount, row.balance_after),
        )
        yield zero(
            "what is locked stays covered",
            free_law(row.balance_after, row.locked, row.free_after),
        )
        yield zero(
            "the supply falls by the amount",
            supply_law(row.supply, 0, row.amount, row.supply_after),
        )
        yield from cls._record(row)
        yield from cls._state(row)

    @classmethod
    def _record(cls, row: Row) -> Iterator[Statement]:
        words = (
            (*row.owner, USDC),
            (*limbs16(row.amount, 4), row.account, 0, 0, 0),
        )
        for part, word in enumerate(words):
            yield send(DATA, kind=RECORD_WITHDRAWAL, ordinal=row.ordinal, part=part, word=word)

    @classmethod
    def _state(cls, row: Row) -> Iterator[Statement]:
        header = (*row.owner, COMPARTMENT)
        locked = limbs16(row.locked, 4)
        touched = (
            (key_address(row.account, row.key_index + 1), row.key, row.key),
            (header_address(row.account), header, header),
            (
                order_address(row.account, row.order_slot),
                (row.slot_nonce, row.slot_filled, 0, 0, 0, 0, 0, 0),
                (row.nonce, 0, 0, 0, 0, 0, 0, 0),
            ),
            (
                collateral_address(row.account),
                (*limbs16(row.balance, 4), *locked),
                (*limbs16(row.balance_after, 4), *locked),
            ),
            (
                VENUE_ADDRESS,
                (*row.cursor, *limbs16(row.supply, 4), 0, 0),
                (*row.cursor, *limbs16(row.supply_after, 4), 0, 0),
            ),
        )
        for (address, old, new), gap in zip(touched, row.gaps, strict=True):
            yield from access(**address._asdict(), old=old, new=new, time=row.time, gap=gap)


def _sum(limbs: tuple[Any, ...]) -> Any:
    """Zero when every limb is: four limbs of 16 bits cannot wrap the field."""
    return limbs[0] + limbs[1] + limbs[2] + limbs[3]


def rows(step: Step, clock: Clock, *, ordinal: int) -> dict[str, list[dict[str, Any]]]:
    """The row of a withdrawal that the ledger applied, the `ordinal`-th of its batch, from 0."""
    withdraw, applied = step.transaction, step.applied
    assert isinstance(withdraw, UserWithdraw)
    request, window = withdraw.request.message, applied.state.window
    time = clock.tick()
    key_at = key_address(request.account, withdraw.key_slot)
    header_at = header_address(request.account)
    order_at = order_address(request.account, request.order_slot)
    collateral_at = collateral_address(request.account)
    touched = (key_at, header_at, order_at, collateral_at, VENUE_ADDRESS)
    key, header, order, collateral, venue = (applied.word_before(at) for at in touched)
    slot, before = OrderSlot.decode(order), Collateral.decode(collateral)
    row = {
        "time": time,
        "gaps": [clock.gap(at, time) for at in touched],
        "ordinal": ordinal,
        "account": request.account,
        "amount": request.amount.e6,
        "expiry": request.expiry.s,
        "order_slot": request.order_slot,
        "nonce": request.nonce,
        "key_index": withdraw.key_slot - 1,
        "key": key,
        "window_start": window.start.s,
        "window_end": window.end.s,
        "slot_nonce": slot.nonce,
        "slot_filled": slot.filled_e3,
        "owner": header[:7],
        "balance": before.balance_e6,
        "locked": before.locked_e6,
        "cursor": venue[:2],
        "supply": Venue.decode(venue).supply_e6,
    }
    return {Withdraw.name: [row]}
