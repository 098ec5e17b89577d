"""What people sign: orders, withdrawal requests and reports (formats.md, section 4)."""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import ClassVar

from novate.field import Tag, Word, sponge
from novate.keys import Domain
from novate.ledger.address import require_instrument, require_trader
from novate.ledger.words import u32, u48, u64
from novate.units import IndexPrice, Instant, Price, Qty, Rate, Usd, bounds, within


class MessageTag(IntEnum):
    """What a signature agrees to; the first element of the message."""

    ORDER = 1
    WITHDRAW = 2
    REPORT = 3


class Side(IntEnum):
    """Of an order; the number is its code in the message."""

    BUY = 1
    SELL = 2

    @property
    def direction(self) -> int:
        """The sign of what a fill adds to the position: +1 or -1."""
        return 1 if self is Side.BUY else -1


@dataclass(frozen=True, slots=True)
class Order:
    """A wish to trade up to a size within a limit; every field is part of what is signed."""

    account: int
    instrument: int
    side: Side
    limit: Price
    size: Qty
    fee_cap: Rate
    expiry: Instant
    order_slot: int
    nonce: int
    tag: ClassVar[MessageTag] = MessageTag.ORDER

    def __post_init__(self) -> None:
        require_trader(self.account)
        require_instrument(self.instrument)
        within("size", self.size.e3, high=1 << bounds.QTY_BITS)
        require_slot_and_nonce(self.order_slot, self.nonce)

    @property
    def payload(self) -> tuple[int, ...]:
        """The twelve elements after the domain."""
        return (
            self.account,
            self.instrument,
            self.side,
            *u48(self.limit.e3),
            self.size.e3,
            self.fee_cap.e6,
            *u32(self.expiry.s),
            self.order_slot,
            self.nonce,
        )


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    """A wish to take free collateral out to the owner's address."""

    account: int
    asset: int
    amount: Usd
    expiry: Instant
    order_slot: int
    nonce: int
    tag: ClassVar[MessageTag] = MessageTag.WITHDRAW

    def __post_init__(self) -> None:
        require_trader(self.account)
        within("asset", self.asset, high=1 << bounds.SLOT_BITS)
        within("amount", self.amount.e6, high=1 << bounds.AMOUNT_BITS)
        require_slot_and_nonce(self.order_slot, self.nonce)

    @property
    def payload(self) -> tuple[int, ...]:
        """The twelve elements after the domain."""
        amount, expiry = u64(self.amount.e6), u32(self.expiry.s)
        return (self.account, self.asset, *amount, *expiry, self.order_slot, self.nonce, 0, 0)


@dataclass(frozen=True, slots=True)
class Report:
    """A publisher's word on the index price at an expiry."""

    underlying: int
    expiry: Instant
    index: IndexPrice
    published_at: Instant
    tag: ClassVar[MessageTag] = MessageTag.REPORT

    def __post_init__(self) -> None:
        within("underlying", self.underlying, high=1 << bounds.UNDERLYING_BITS)

    @property
    def payload(self) -> tuple[int, ...]:
        """The twelve elements after the domain."""
        return (
            self.underlying,
            *u32(self.expiry.s),
            *u48(self.index.e3),
            *u32(self.published_at.s),
            *(0, 0, 0, 0),
        )


Message = Order | WithdrawRequest | Report


def require_slot_and_nonce(order_slot: int, nonce: int) -> None:
    """Refuse an order slot or a nonce that no account can have.

    Raises: OutOfRange.
    """
    within("order slot", order_slot, high=bounds.ORDER_SLOTS)
    within("nonce", nonce, low=1, high=1 << bounds.NONCE_BITS)


def message_elements(domain: Domain, message: Message) -> tuple[int, ...]:
    """The 24 elements of a message: tag, chain id, contract, payload."""
    return (message.tag, *domain.elements, *message.payload)


@lru_cache(maxsize=1 << 14)
def message_digest(domain: Domain, message: Message) -> Word:
    """What is signed, as a word; remembered, since one order can have many fills."""
    return sponge(Tag.SIGNED, message_elements(domain, message))
