"""What a fill does to one account."""

from dataclasses import dataclass

from novate.field import Word
from novate.ledger.address import (
    Address,
    collateral_address,
    order_address,
    position_address,
)
from novate.ledger.collateral import Collateral, free_law, lock_law, trade_balance_law
from novate.ledger.draft import Draft
from novate.ledger.message import Order
from novate.ledger.order_slot import OrderSlot, fill_law, room_law
from novate.ledger.position import Position, position_law
from novate.ledger.premium import fee_e6, premium_e6
from novate.units import Price, Qty, Rate, Term


def limit_law(direction: Term, limit: Term, price: Term, slack: Term) -> Term:
    """Zero when `slack`, which is at least zero, is how much better than the limit the price is.

    `direction` is +1 for a buyer and -1 for a seller.
    """
    return direction * (limit - price) - slack


@dataclass(frozen=True, slots=True)
class Leg:
    """One account after a fill; its balance and its lock are not yet known to fit each other."""

    order: Order
    position_slot: int
    fee_e6: int
    filled: OrderSlot
    position: Position
    balance_e6: int
    locked_e6: int

    @property
    def words(self) -> tuple[tuple[Address, Word], ...]:
        """The words after the fill; what is locked is there."""
        order, free_e6 = self.order, self.balance_e6 - self.locked_e6
        assert free_e6 >= 0
        assert free_law(self.balance_e6, self.locked_e6, free_e6) == 0
        collateral = Collateral(self.balance_e6, self.locked_e6)
        return (
            (order_address(order.account, order.order_slot), self.filled.encode()),
            (position_address(order.account, self.position_slot), self.position.encode()),
            (collateral_address(order.account), collateral.encode()),
        )


def leg(
    order: Order, *, position_slot: int, price: Price, size: Qty, fee_rate: Rate, draft: Draft
) -> Leg:
    """What a fill of this order does, once its nonce, its limit and its room were checked."""
    direction = order.side.direction
    slack_e3 = direction * (order.limit.e3 - price.e3)
    assert limit_law(direction, order.limit.e3, price.e3, slack_e3) == 0

    filled = _filled(order, size, draft)
    held = draft.position(order.account, position_slot)
    position = Position(order.instrument, held.size_e3 + direction * size.e3)
    assert position_law(direction, held.size_e3, size.e3, position.size_e3) == 0

    before = draft.collateral(order.account)
    premium = premium_e6(price, size)
    fee = fee_e6(premium, fee_rate)
    balance_e6 = before.balance_e6 - direction * premium - fee
    assert trade_balance_law(direction, before.balance_e6, premium, fee, balance_e6) == 0

    # A put pays at most its strike, so strike times size covers the whole obligation of its writer.
    strike_e3 = draft.option(order.instrument).strike.e3
    locked_e6 = before.locked_e6 + strike_e3 * (position.short_e3 - held.short_e3)
    lock = (held.short_e3, position.short_e3, before.locked_e6, locked_e6)
    assert lock_law(strike_e3, *lock) == 0
    return Leg(order, position_slot, fee, filled, position, balance_e6, locked_e6)


def _filled(order: Order, size: Qty, draft: Draft) -> OrderSlot:
    slot = draft.order_slot(order.account, order.order_slot)
    before_e3 = slot.filled_before_e3(order.nonce)
    after_e3 = before_e3 + size.e3
    left_e3 = order.size.e3 - after_e3
    assert left_e3 >= 0
    assert fill_law(before_e3, size.e3, after_e3) == 0
    assert room_law(order.size.e3, after_e3, left_e3) == 0
    return OrderSlot(order.nonce, after_e3)
