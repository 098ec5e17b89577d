"""One side of a fill as columns and rules: told once, used for maker and for taker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from novate.air import (
    Expression,
    InverseOf,
    Statement,
    below,
    bit,
    element,
    equal,
    limbs16,
    lookup,
    unsigned,
    vector,
    when,
    zero,
)
from novate.circuits.buses import SIGNED, TIME_BITS
from novate.circuits.clock import Clock
from novate.circuits.memory import access
from novate.ledger import (
    Collateral,
    MessageTag,
    OrderSlot,
    Party,
    Position,
    Step,
    collateral_address,
    fee_law,
    fill_law,
    free_law,
    key_address,
    limit_law,
    lock_law,
    nonce_law,
    order_address,
    position_address,
    position_law,
    resume_law,
    room_law,
    trade_balance_law,
)
from novate.units import bounds, one_part_law

MAKER, TAKER = "maker", "taker"


class Leg:
    """The columns of one side of a fill: `leg.limit` is the row's `maker_limit` or `taker_limit`.

    The same view serves in laws, where columns are expressions, and when columns are computed,
    where they are arrays.
    """

    def __init__(self, row: Any, role: str) -> None:
        self.row, self.role = row, role

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, f"{self.role}_{name}")

    @property
    def direction(self) -> Any:
        """+1 for a buyer, -1 for a seller; the taker is what the maker is not."""
        buys = self.row.maker_buys
        return 2 * buys - 1 if self.role == MAKER else 1 - 2 * buys

    @property
    def side(self) -> Any:
        """The side as an order writes it: 1 to buy, 2 to sell."""
        buys = self.row.maker_buys
        return 2 - buys if self.role == MAKER else 1 + buys


def leg_columns(role: str) -> dict[str, Any]:
    """The columns of one side of a fill, under the name of its role."""

    def given(rule: Callable[[Leg], Any]) -> Callable[[Any], Any]:
        return lambda row: rule(Leg(row, role))

    usd, qty = bounds.USD_BITS, bounds.QTY_BITS
    columns = {
        # what the order says, and the key that signed it
        "account": element(),
        "limit": unsigned(bounds.PRICE_BITS),
        "order_size": unsigned(qty),
        "fee_cap": unsigned(bounds.RATE_BITS),
        "order_expiry": unsigned(bounds.EXPIRY_BITS),
        "order_slot": unsigned(bounds.ORDER_SLOT_BITS),
        "nonce": unsigned(bounds.NONCE_BITS),
        "nonce_inverse": element(given(lambda leg: InverseOf(leg.nonce))),
        "key": vector(element(), 8),
        "key_slot_bits": vector(bit(), 2),
        # what its limits leave
        "limit_slack": unsigned(
            bounds.PRICE_BITS, given(lambda leg: leg.direction * (leg.limit - leg.row.price))
        ),
        "cap_slack": unsigned(bounds.RATE_BITS, given(lambda leg: leg.fee_cap - leg.fee_rate)),
        "order_life": unsigned(
            bounds.TIME_BITS, given(lambda leg: leg.order_expiry - leg.row.window_end)
        ),
        # the order slot, before and after
        "slot_nonce": unsigned(bounds.NONCE_BITS),
        "slot_filled": unsigned(qty),
        "raised_by": unsigned(bounds.NONCE_BITS, given(lambda leg: leg.nonce - leg.slot_nonce)),
        "raised_inverse": element(given(lambda leg: InverseOf(leg.raised_by))),
        "resumes": bit(given(lambda leg: _whether(leg.raised_by == 0))),
        "filled_before": unsigned(qty, given(lambda leg: leg.resumes * leg.slot_filled)),
        "filled": unsigned(qty, given(lambda leg: leg.filled_before + leg.row.size)),
        "left": unsigned(qty, given(lambda leg: leg.order_size - leg.filled)),
        # the position, before and after
        "position_slot": unsigned(bounds.POSITION_SLOT_BITS),
        "long_before": unsigned(qty),
        "short_before": unsigned(qty),
        "was_short": bit(given(lambda leg: _whether(leg.short_before > 0))),
        "was_empty": bit(given(lambda leg: _whether(leg.long_before + leg.short_before == 0))),
        "long": unsigned(qty, given(lambda leg: np.maximum(0, _position(leg)))),
        "short": unsigned(qty, given(lambda leg: np.maximum(0, -_position(leg)))),
        "is_short": bit(given(lambda leg: _whether(leg.short > 0))),
        "is_empty": bit(given(lambda leg: _whether(leg.long + leg.short == 0))),
        "size_inverse": element(given(lambda leg: InverseOf(leg.long - leg.short))),
        # the collateral, before and after
        "fee": unsigned(
            bounds.FEE_BITS,
            given(lambda leg: -(-_wide(leg.row.premium) * leg.fee_rate // bounds.RATE_SCALE)),
        ),
        "fee_dust": below(
            bounds.RATE_SCALE,
            given(
                lambda leg: _wide(leg.fee) * bounds.RATE_SCALE
                - _wide(leg.row.premium) * leg.fee_rate
            ),
        ),
        "balance_before": unsigned(usd),
        "locked_before": unsigned(usd),
        "balance": unsigned(
            usd,
            given(
                lambda leg: _wide(leg.balance_before) - leg.direction * leg.row.premium - leg.fee
            ),
        ),
        "locked": unsigned(
            usd,
            given(
                lambda leg: _wide(leg.locked_before)
                + _wide(leg.row.strike) * (leg.short - leg.short_before)
            ),
        ),
        "free": unsigned(usd, given(lambda leg: leg.balance - leg.locked)),
        # how long ago each word was touched
        "key_gap": unsigned(TIME_BITS),
        "order_gap": unsigned(TIME_BITS),
        "position_gap": unsigned(TIME_BITS),
        "collateral_gap": unsigned(TIME_BITS),
    }
    return {f"{role}_{name}": column for name, column in columns.items()}


def leg_rules(leg: Leg) -> Iterator[Statement]:
    """What the rules ask of one side of a fill, in protocol order."""
    yield from _signature(leg)
    yield from _order_slot(leg)
    yield from _limits(leg)
    yield from _position_rules(leg)
    yield from _collateral(leg)


def _signature(leg: Leg) -> Iterator[Statement]:
    payload = (
        *(leg.account, leg.row.instrument, leg.side, *limbs16(leg.limit, 3)),
        *(leg.order_size, leg.fee_cap, *limbs16(leg.order_expiry, 2)),
        *(leg.order_slot, leg.nonce),
    )
    yield lookup(SIGNED, tag=int(MessageTag.ORDER), payload=payload, key=leg.key)
    key_slot = 1 + leg.key_slot_bits[0] + 2 * leg.key_slot_bits[1]
    address = key_address(leg.account, key_slot)
    yield from _access(leg, address, old=leg.key, new=leg.key, gap=leg.key_gap)


def _order_slot(leg: Leg) -> Iterator[Statement]:
    role, size = leg.role, leg.row.size
    yield equal(f"{role}: the nonce is not zero", leg.nonce * leg.nonce_inverse, 1)
    yield zero(
        f"{role}: the nonce is the slot's, or above it",
        nonce_law(leg.slot_nonce, leg.raised_by, leg.nonce),
    )
    yield from _exactly_when_zero(
        f"{role}: the order resumes when the nonce is the slot's",
        leg.resumes,
        leg.raised_by,
        leg.raised_inverse,
    )
    yield zero(
        f"{role}: what is filled counts on under the same nonce, from zero under a higher one",
        resume_law(leg.resumes, leg.slot_filled, leg.filled_before),
    )
    yield zero(
        f"{role}: what is filled grows by the size", fill_law(leg.filled_before, size, leg.filled)
    )
    yield zero(
        f"{role}: what is filled is within the order's size",
        room_law(leg.order_size, leg.filled, leg.left),
    )
    yield from _access(
        leg,
        order_address(leg.account, leg.order_slot),
        old=(leg.slot_nonce, leg.slot_filled, 0, 0, 0, 0, 0, 0),
        new=(leg.nonce, leg.filled, 0, 0, 0, 0, 0, 0),
        gap=leg.order_gap,
    )


def _limits(leg: Leg) -> Iterator[Statement]:
    role, row = leg.role, leg.row
    yield equal(
        f"{role}: the order has not expired when the window ends",
        leg.order_expiry,
        row.window_end + leg.order_life,
    )
    yield zero(
        f"{role}: the price is within the limit",
        limit_law(leg.direction, leg.limit, row.price, leg.limit_slack),
    )
    yield equal(
        f"{role}: the fee rate is within the order's cap",
        leg.fee_cap,
        leg.fee_rate + leg.cap_slack,
    )


def _position_rules(leg: Leg) -> Iterator[Statement]:
    role, row = leg.role, leg.row
    before, after = leg.long_before - leg.short_before, leg.long - leg.short
    yield zero(
        f"{role}: the position before was long or short",
        one_part_law(leg.was_short, leg.long_before, leg.short_before),
    )
    yield from when(
        leg.was_empty,
        zero(f"{role}: an empty slot held nothing", before),
        zero(f"{role}: nothing is not short", leg.was_short),
    )
    yield zero(
        f"{role}: the position moves by the size",
        position_law(leg.direction, before, row.size, after),
    )
    yield zero(
        f"{role}: the position is long or short", one_part_law(leg.is_short, leg.long, leg.short)
    )
    yield from _exactly_when_zero(
        f"{role}: a slot is empty when its position is closed",
        leg.is_empty,
        after,
        leg.size_inverse,
    )
    yield from when(leg.is_empty, zero(f"{role}: a closed position is not short", leg.is_short))
    yield from when(row.right.CALL, zero(f"{role}: nobody is short a call", leg.is_short))
    yield from _access(
        leg,
        position_address(leg.account, leg.position_slot),
        old=((1 - leg.was_empty) * row.instrument, before, 0, 0, 0, 0, 0, 0),
        new=((1 - leg.is_empty) * row.instrument, after, 0, 0, 0, 0, 0, 0),
        gap=leg.position_gap,
    )


def _collateral(leg: Leg) -> Iterator[Statement]:
    role, row = leg.role, leg.row
    yield zero(
        f"{role}: the fee is the premium times the rate, rounded up",
        fee_law(row.premium, leg.fee_rate, leg.fee, leg.fee_dust),
    )
    yield zero(
        f"{role}: the balance moves by premium and fee",
        trade_balance_law(leg.direction, leg.balance_before, row.premium, leg.fee, leg.balance),
    )
    yield zero(
        f"{role}: the lock follows strike times short size",
        lock_law(row.strike, leg.short_before, leg.short, leg.locked_before, leg.locked),
    )
    yield zero(f"{role}: what is locked is there", free_law(leg.balance, leg.locked, leg.free))
    yield from _access(
        leg,
        collateral_address(leg.account),
        old=(*limbs16(leg.balance_before, 4), *limbs16(leg.locked_before, 4)),
        new=(*limbs16(leg.balance, 4), *limbs16(leg.locked, 4)),
        gap=leg.collateral_gap,
    )


def _access(leg: Leg, address: Any, *, old: Any, new: Any, gap: Any) -> Iterator[Statement]:
    yield from access(**address._asdict(), old=old, new=new, time=leg.row.time, gap=gap)


def _exactly_when_zero(
    name: str, flag: Expression, value: Expression, inverse: Expression
) -> Iterator[Statement]:
    """The bit is 1 when the value is zero and only then; the inverse is zero with it."""
    yield equal(name, value * inverse, 1 - flag)
    yield from when(
        flag, zero(f"{name}, and only then", value), zero(f"{name}: no inverse", inverse)
    )


def leg_inputs(role: str, party: Party, step: Step, clock: Clock, time: int) -> dict[str, Any]:
    """What a fill of the ledger puts into the columns of one side; the rest follows."""
    order, applied = party.order.message, step.applied
    places = {
        "key": key_address(order.account, party.key_slot),
        "order": order_address(order.account, order.order_slot),
        "position": position_address(order.account, party.position_slot),
        "collateral": collateral_address(order.account),
    }
    slot = OrderSlot.decode(applied.word_before(places["order"]))
    held = Position.decode(applied.word_before(places["position"]))
    collateral = Collateral.decode(applied.word_before(places["collateral"]))
    inputs = {
        "account": order.account,
        "limit": order.limit.e3,
        "order_size": order.size.e3,
        "fee_cap": order.fee_cap.e6,
        "order_expiry": order.expiry.s,
        "order_slot": order.order_slot,
        "nonce": order.nonce,
        "key": party.order.key.commitment,
        "key_slot_bits": (party.key_slot - 1 & 1, party.key_slot - 1 >> 1),
        "slot_nonce": slot.nonce,
        "slot_filled": slot.filled_e3,
        "position_slot": party.position_slot,
        "long_before": max(0, held.size_e3),
        "short_before": held.short_e3,
        "balance_before": collateral.balance_e6,
        "locked_before": collateral.locked_e6,
        **{f"{name}_gap": clock.gap(address, time) for name, address in places.items()},
    }
    return {f"{role}_{name}": value for name, value in inputs.items()}


def _position(leg: Leg) -> Any:
    return leg.long_before - leg.short_before + leg.direction * leg.row.size


def _whether(condition: Any) -> Any:
    return np.asarray(condition).astype(np.int64)


def _wide(values: Any) -> Any:
    """Integers without a width: products here pass 63 bits."""
    return np.asarray(values).astype(object)
