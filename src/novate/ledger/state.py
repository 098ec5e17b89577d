"""The state of the venue: every word at its address, and the circumstances of its changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from immutables import Map

from novate.field import Word
from novate.instruments import Option
from novate.keys import Domain
from novate.ledger.address import (
    FEES_ADDRESS,
    FUND_ADDRESS,
    VENUE_ADDRESS,
    Address,
    collateral_address,
    header_address,
    order_address,
    position_address,
    require_instrument,
    settlement_address,
    terms_address,
)
from novate.ledger.collateral import Collateral
from novate.ledger.configuration import Configuration
from novate.ledger.listing import Settlement, decode_settlement, decode_terms, encode_terms
from novate.ledger.order_slot import OrderSlot
from novate.ledger.position import Position
from novate.ledger.venue import Venue
from novate.ledger.window import Window
from novate.ledger.words import ZERO
from novate.units import Instant


@dataclass(frozen=True, slots=True)
class State:
    """A version of the state; it never changes, a transaction gives another one.

    `words` holds no absent word, so equal states have equal mappings.
    """

    words: Map[Address, Word]
    configuration: Configuration
    window: Window
    domain: Domain

    def word(self, address: Address) -> Word:
        """The word at an address; eight zeros where nothing was written."""
        return self.words.get(address, ZERO)

    def is_open(self, account: int) -> bool:
        """Whether the account has an owner."""
        return header_address(account) in self.words

    @property
    def venue(self) -> Venue:
        """Inbox cursor and supply."""
        return Venue.decode(self.word(VENUE_ADDRESS))

    @property
    def fees(self) -> Collateral:
        """The fees collected."""
        return Collateral.decode(self.word(FEES_ADDRESS))

    @property
    def fund(self) -> Collateral:
        """What the roundings of settlements left."""
        return Collateral.decode(self.word(FUND_ADDRESS))

    def collateral(self, account: int) -> Collateral:
        """What an account has in USDC."""
        return Collateral.decode(self.word(collateral_address(account)))

    def position(self, account: int, position_slot: int) -> Position:
        """What an account holds in a position slot."""
        return Position.decode(self.word(position_address(account, position_slot)))

    def order_slot(self, account: int, order_slot: int) -> OrderSlot:
        """The nonce and fill an order slot is at."""
        return OrderSlot.decode(self.word(order_address(account, order_slot)))

    def is_listed(self, instrument: int) -> bool:
        """Whether the instrument has terms."""
        return terms_address(instrument) in self.words

    def option(self, instrument: int) -> Option:
        """The terms of a listed instrument."""
        return decode_terms(self.word(terms_address(instrument)))

    def settlement(self, instrument: int) -> Settlement:
        """Whether an instrument is settled, and at which price."""
        return decode_settlement(self.word(settlement_address(instrument)))


def genesis_state(
    *, configuration: Configuration, domain: Domain, listing: Mapping[int, Option]
) -> State:
    """The state before the first batch: nobody, nothing, and the listed instruments.

    Raises: OutOfRange for an instrument id that cannot be.
    """
    for instrument in listing:
        require_instrument(instrument)
    terms = {terms_address(instrument): encode_terms(o) for instrument, o in listing.items()}
    window = Window(Instant(0), Instant(0))
    return State(Map(terms), configuration, window, domain)


def with_words(words: Map[Address, Word], changes: Mapping[Address, Word]) -> Map[Address, Word]:
    """The mapping with these words in their places; an absent word is taken out."""
    mutation = words.mutate()
    for address, value in changes.items():
        if value != ZERO:
            mutation[address] = value
        elif address in mutation:
            del mutation[address]
    return mutation.finish()
