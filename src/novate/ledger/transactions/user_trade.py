"""One fill of two signed orders."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from novate.instruments import Right
from novate.ledger.address import (
    FEES_ADDRESS,
    key_address,
)
from novate.ledger.collateral import (
    Collateral,
    balance_law,
)
from novate.ledger.draft import Draft
from novate.ledger.leg import Leg, leg
from novate.ledger.message import Order
from novate.ledger.rejection import (
    BadSignature,
    FeeAboveCap,
    InstrumentExpired,
    InstrumentMismatch,
    InsufficientCollateral,
    LimitViolated,
    OrderExpired,
    Overfill,
    PositionTooLarge,
    SameSide,
    SelfTrade,
    ShortCall,
    StaleNonce,
    WrongPositionSlot,
)
from novate.ledger.signed import Signed, is_signed
from novate.units import Price, Qty, bounds, within


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a fill: a signed order, the slot of its key, the slot for the position."""

    order: Signed[Order]
    key_slot: int
    position_slot: int

    def __post_init__(self) -> None:
        within("key slot", self.key_slot, low=1, high=bounds.KEY_SLOTS + 1)
        within("position slot", self.position_slot, high=bounds.POSITION_SLOTS)


@dataclass(frozen=True, slots=True)
class UserTrade:
    """A fill of `size` at `price` between an order that waited and one that came."""

    maker: Party
    taker: Party
    price: Price
    size: Qty

    def __post_init__(self) -> None:
        within("size", self.size.e3, high=1 << bounds.QTY_BITS)

    @property
    def parties(self) -> tuple[Party, Party]:
        """Maker, then taker: the order in which each check looks at them."""
        return (self.maker, self.taker)

    @property
    def orders(self) -> tuple[Order, Order]:
        """What maker and taker signed."""
        return (self.maker.order.message, self.taker.order.message)


def apply(trade: UserTrade, draft: Draft) -> None:
    """Move the premium, the fees, the position and the lock.

    Raises: the first rejection, in protocol order.
    """
    for check in CHECKS:
        check(trade, draft)

    fees = Collateral.decode(draft.read(FEES_ADDRESS))
    collected_e6 = 0
    for side in _legs(trade, draft):
        for address, value in side.words:
            draft.write(address, value)
        collected_e6 += side.fee_e6
    after = Collateral(fees.balance_e6 + collected_e6)
    assert balance_law(fees.balance_e6, collected_e6, 0, after.balance_e6) == 0
    draft.write(FEES_ADDRESS, after.encode())


def _legs(trade: UserTrade, draft: Draft) -> tuple[Leg, Leg]:
    configuration = draft.state.configuration
    rates = (configuration.maker_fee_rate, configuration.taker_fee_rate)
    maker, taker = (
        leg(
            order,
            position_slot=party.position_slot,
            price=trade.price,
            size=trade.size,
            fee_rate=rate,
            draft=draft,
        )
        for order, party, rate in zip(trade.orders, trade.parties, rates, strict=True)
    )
    return (maker, taker)


def check_signatures(trade: UserTrade, draft: Draft) -> None:
    """The registered keys signed these orders, for this chain and contract."""
    for party in trade.parties:
        account = party.order.message.account
        registered = draft.read(key_address(account, party.key_slot))
        if party.order.key.commitment != registered:
            raise BadSignature(signer=f"account {account}")
        if not is_signed(draft.state.domain, party.order):
            raise BadSignature(signer=f"account {account}")


def check_sides(trade: UserTrade, draft: Draft) -> None:
    """One buys, one sells."""
    maker, taker = trade.orders
    if maker.side == taker.side:
        raise SameSide(side=maker.side.name)


def check_accounts(trade: UserTrade, draft: Draft) -> None:
    """Nobody trades with himself."""
    maker, taker = trade.orders
    if maker.account == taker.account:
        raise SelfTrade(account=maker.account)


def check_same_instrument(trade: UserTrade, draft: Draft) -> None:
    """Both mean the same instrument."""
    maker, taker = trade.orders
    if maker.instrument != taker.instrument:
        raise InstrumentMismatch(maker=maker.instrument, taker=taker.instrument)


def check_instrument(trade: UserTrade, draft: Draft) -> None:
    """The instrument is listed and alive to the end of the batch."""
    instrument = trade.maker.order.message.instrument
    expiry = draft.option(instrument).expiry
    if expiry < draft.window.end:
        raise InstrumentExpired(instrument=instrument, expiry=expiry, window_end=draft.window.end)


def check_order_expiry(trade: UserTrade, draft: Draft) -> None:
    """The orders are still meant."""
    for order in trade.orders:
        if order.expiry < draft.window.end:
            raise OrderExpired(
                account=order.account, expiry=order.expiry, window_end=draft.window.end
            )


def check_nonces(trade: UserTrade, draft: Draft) -> None:
    """The orders were neither replaced nor cancelled."""
    for order in trade.orders:
        slot = draft.order_slot(order.account, order.order_slot)
        if order.nonce < slot.nonce:
            raise StaleNonce(
                account=order.account,
                order_slot=order.order_slot,
                nonce=order.nonce,
                slot_nonce=slot.nonce,
            )


def check_limits(trade: UserTrade, draft: Draft) -> None:
    """The price is above zero, and no worse than either limit."""
    for order in trade.orders:
        slack_e3 = order.side.direction * (order.limit.e3 - trade.price.e3)
        if trade.price.e3 == 0 or slack_e3 < 0:
            raise LimitViolated(account=order.account, price=trade.price, limit=order.limit)


def check_room(trade: UserTrade, draft: Draft) -> None:
    """The size is above zero, and no more than either order has left."""
    for order in trade.orders:
        slot = draft.order_slot(order.account, order.order_slot)
        # A second order signed with the same nonce shares the count, so it can have less than
        # nothing left.
        left_e3 = max(0, order.size.e3 - slot.filled_before_e3(order.nonce))
        if trade.size.e3 == 0 or trade.size.e3 > left_e3:
            raise Overfill(account=order.account, size=trade.size, left=Qty(left_e3))


def check_fee_caps(trade: UserTrade, draft: Draft) -> None:
    """The venue charges no more than each order allows in its role."""
    configuration = draft.state.configuration
    rates = (configuration.maker_fee_rate, configuration.taker_fee_rate)
    for order, rate in zip(trade.orders, rates, strict=True):
        if rate > order.fee_cap:
            raise FeeAboveCap(account=order.account, rate=rate, cap=order.fee_cap)


def check_position_slots(trade: UserTrade, draft: Draft) -> None:
    """The named slots are empty or hold this instrument."""
    for party in trade.parties:
        order = party.order.message
        held = draft.position(order.account, party.position_slot)
        if not held.is_empty and held.instrument != order.instrument:
            raise WrongPositionSlot(
                account=order.account,
                position_slot=party.position_slot,
                holds=held.instrument,
                instrument=order.instrument,
            )


def check_position_sizes(trade: UserTrade, draft: Draft) -> None:
    """The positions stay within the width that every product is computed for."""
    for side in _legs(trade, draft):
        if abs(side.position.size_e3) >= 1 << bounds.QTY_BITS:
            account = side.order.account
            raise PositionTooLarge(account=account, size_e3=side.position.size_e3)


def check_short_calls(trade: UserTrade, draft: Draft) -> None:
    """Nobody owes without limit."""
    for side in _legs(trade, draft):
        order = side.order
        is_call = draft.option(order.instrument).right is Right.CALL
        if is_call and side.position.short_e3:
            short = Qty(side.position.short_e3)
            raise ShortCall(account=order.account, instrument=order.instrument, size=short)


def check_collateral(trade: UserTrade, draft: Draft) -> None:
    """After the fill, what is locked is there."""
    for side in _legs(trade, draft):
        if side.balance_e6 < side.locked_e6:
            raise InsufficientCollateral(
                account=side.order.account,
                available_e6=side.balance_e6,
                required_e6=side.locked_e6,
            )


CHECKS: Final[tuple[Callable[[UserTrade, Draft], None], ...]] = (
    check_signatures,
    check_sides,
    check_accounts,
    check_same_instrument,
    check_instrument,
    check_order_expiry,
    check_nonces,
    check_limits,
    check_room,
    check_fee_caps,
    check_position_slots,
    check_position_sizes,
    check_short_calls,
    check_collateral,
)
"""In protocol order; a check looks at maker, then taker, before the next check begins."""
