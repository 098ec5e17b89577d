"""One fill of two signed orders."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from novate.field import Word
from novate.instruments import Right
from novate.ledger.address import (
    FEES_ADDRESS,
    Address,
    collateral_address,
    key_address,
    order_address,
    position_address,
)
from novate.ledger.collateral import (
    Collateral,
    balance_law,
    free_law,
    lock_law,
    trade_balance_law,
)
from novate.ledger.draft import Draft
from novate.ledger.message import Order
from novate.ledger.order_slot import OrderSlot, fill_law, room_law
from novate.ledger.position import Position, position_law
from novate.ledger.premium import fee_e6, premium_e6
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
from novate.ledger.signature import Signed, is_signed
from novate.units import Price, Qty, Rate, Term, bounds, within


def limit_law(direction: Term, limit: Term, price: Term, slack: Term) -> Term:
    """Zero when `slack`, which is at least zero, is how much better than the limit the price is.

    `direction` is +1 for a buyer and -1 for a seller.
    """
    return direction * (limit - price) - slack


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a fill: a signed order, the slot of the key that signed it, the slot for the position."""

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
    for leg in _legs(trade, draft):
        order = leg.party.order.message
        assert limit_law(order.side.direction, order.limit.e3, trade.price.e3, leg.slack_e3) == 0
        for address, value in leg.words():
            draft.write(address, value)
        collected_e6 += leg.fee_e6
    after = Collateral(fees.balance_e6 + collected_e6)
    assert balance_law(fees.balance_e6, collected_e6, 0, after.balance_e6) == 0
    draft.write(FEES_ADDRESS, after.encode())


@dataclass(frozen=True, slots=True)
class _Leg:
    """What a fill does to one account; the balance and the lock are not yet known to fit each other."""

    party: Party
    slack_e3: int
    fee_e6: int
    filled: OrderSlot
    position: Position
    balance_e6: int
    locked_e6: int

    def words(self) -> tuple[tuple[Address, Word], ...]:
        order = self.party.order.message
        assert free_law(self.balance_e6, self.locked_e6, self.balance_e6 - self.locked_e6) == 0
        collateral = Collateral(self.balance_e6, self.locked_e6)
        return (
            (order_address(order.account, order.order_slot), self.filled.encode()),
            (position_address(order.account, self.party.position_slot), self.position.encode()),
            (collateral_address(order.account), collateral.encode()),
        )


def _legs(trade: UserTrade, draft: Draft) -> tuple[_Leg, _Leg]:
    configuration = draft.state.configuration
    return (
        _leg(trade, trade.maker, configuration.maker_fee_rate, draft),
        _leg(trade, trade.taker, configuration.taker_fee_rate, draft),
    )


def _leg(trade: UserTrade, party: Party, rate: Rate, draft: Draft) -> _Leg:
    order, size_e3 = party.order.message, trade.size.e3
    direction = order.side.direction

    slot = draft.order_slot(order.account, order.order_slot)
    filled_before_e3 = slot.filled_before_e3(order.nonce)
    filled_e3 = filled_before_e3 + size_e3
    assert fill_law(filled_before_e3, size_e3, filled_e3) == 0
    assert room_law(order.size.e3, filled_e3, order.size.e3 - filled_e3) == 0

    held = draft.position(order.account, party.position_slot)
    position = Position(order.instrument, held.size_e3 + direction * size_e3)
    assert position_law(direction, held.size_e3, size_e3, position.size_e3) == 0

    premium, collateral = premium_e6(trade.price, trade.size), draft.collateral(order.account)
    fee = fee_e6(premium, rate)
    balance_e6 = collateral.balance_e6 - direction * premium - fee
    assert trade_balance_law(direction, collateral.balance_e6, premium, fee, balance_e6) == 0

    # A put pays at most its strike, so locking strike times size covers the writer's whole obligation.
    strike_e3 = draft.option(order.instrument).strike.e3
    locked_e6 = collateral.locked_e6 + strike_e3 * (position.short_e3 - held.short_e3)
    lock = (held.short_e3, position.short_e3, collateral.locked_e6, locked_e6)
    assert lock_law(strike_e3, *lock) == 0

    slack_e3 = direction * (order.limit.e3 - trade.price.e3)
    filled = OrderSlot(order.nonce, filled_e3)
    return _Leg(party, slack_e3, fee, filled, position, balance_e6, locked_e6)


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
        # A second order signed with the same nonce shares the count, so it can have less than nothing left.
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
    for leg in _legs(trade, draft):
        if abs(leg.position.size_e3) >= 1 << bounds.QTY_BITS:
            account = leg.party.order.message.account
            raise PositionTooLarge(account=account, size_e3=leg.position.size_e3)


def check_short_calls(trade: UserTrade, draft: Draft) -> None:
    """Nobody owes without limit."""
    for leg in _legs(trade, draft):
        order = leg.party.order.message
        is_call = draft.option(order.instrument).right is Right.CALL
        if is_call and leg.position.short_e3:
            short = Qty(leg.position.short_e3)
            raise ShortCall(account=order.account, instrument=order.instrument, size=short)


def check_collateral(trade: UserTrade, draft: Draft) -> None:
    """After the fill, what is locked is there."""
    for leg in _legs(trade, draft):
        if leg.balance_e6 < leg.locked_e6:
            raise InsufficientCollateral(
                account=leg.party.order.message.account,
                available_e6=leg.balance_e6,
                required_e6=leg.locked_e6,
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
