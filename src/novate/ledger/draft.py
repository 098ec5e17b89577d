"""One transaction at work on the state; nothing of it is kept unless it succeeds."""

from dataclasses import dataclass, field

from novate.field import Word
from novate.instruments import Option
from novate.ledger.address import (
    VENUE_ADDRESS,
    Address,
    collateral_address,
    order_address,
    position_address,
    settlement_address,
    terms_address,
)
from novate.ledger.collateral import Collateral
from novate.ledger.inbox import InboxRecord
from novate.ledger.listing import Settlement, decode_settlement, decode_terms
from novate.ledger.order_slot import OrderSlot
from novate.ledger.position import Position
from novate.ledger.rejection import UnknownInstrument
from novate.ledger.state import State
from novate.ledger.venue import Venue
from novate.ledger.window import Window
from novate.ledger.withdrawal import Withdrawal
from novate.ledger.words import ZERO


@dataclass(slots=True)
class Draft:
    """A state being changed, with everything that was touched on the way."""

    state: State
    written: dict[Address, Word] = field(default_factory=dict)
    touched: dict[Address, None] = field(default_factory=dict)
    """Every address read or written, in the order of first touch."""
    inbox: list[InboxRecord] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)

    @property
    def window(self) -> Window:
        """The time of the batch."""
        return self.state.window

    def read(self, address: Address) -> Word:
        """The word as it stands in this draft."""
        self.touched[address] = None
        if address in self.written:
            return self.written[address]
        return self.state.word(address)

    def write(self, address: Address, value: Word) -> None:
        """Put a word in its place."""
        self.touched[address] = None
        self.written[address] = value

    @property
    def venue(self) -> Venue:
        """Inbox cursor and supply."""
        return Venue.decode(self.read(VENUE_ADDRESS))

    def collateral(self, account: int) -> Collateral:
        """What an account has in USDC."""
        return Collateral.decode(self.read(collateral_address(account)))

    def position(self, account: int, position_slot: int) -> Position:
        """What an account holds in a position slot."""
        return Position.decode(self.read(position_address(account, position_slot)))

    def order_slot(self, account: int, order_slot: int) -> OrderSlot:
        """The nonce and fill an order slot is at."""
        return OrderSlot.decode(self.read(order_address(account, order_slot)))

    def option(self, instrument: int) -> Option:
        """The terms of an instrument.

        Raises: UnknownInstrument unless it is listed.
        """
        terms = self.read(terms_address(instrument))
        if terms == ZERO:
            raise UnknownInstrument(instrument=instrument)
        return decode_terms(terms)

    def settlement(self, instrument: int) -> Settlement:
        """Whether an instrument is settled, and at which price."""
        return decode_settlement(self.read(settlement_address(instrument)))
