"""Where each word of the state lives (formats.md, section 3)."""

from typing import Final, NamedTuple, NewType

from novate.units import bounds, within

Account = NewType("Account", int)
"""A number of 24 bits: a trader's, or one the venue keeps for itself."""

Asset = NewType("Asset", int)
"""A kind of collateral."""

InstrumentId = NewType("InstrumentId", int)
"""The number of a listed instrument; from 1, below 2**22."""

USDC: Final = Asset(0)
"""The only asset of this version, in micro-units."""

VENUE: Final = Account(1 << bounds.TRADER_BITS)
FEES: Final = Account(VENUE + 1)
FUND: Final = Account(VENUE + 2)
INSTRUMENTS: Final = Account(VENUE + (1 << bounds.INSTRUMENT_BITS))

COMPARTMENT: Final = 1
"""The only compartment of this version."""

COLLATERAL_SLOT: Final = 8
POSITION_SLOT: Final = 16
ORDER_SLOT: Final = 128


class Address(NamedTuple):
    """The place of one word: an account and a slot of it."""

    account: int
    slot: int

    @property
    def leaf(self) -> int:
        """The index of the word among the 2**32 leaves of the state tree."""
        return self.account << bounds.SLOT_BITS | self.slot


VENUE_ADDRESS: Final = Address(VENUE, 0)
"""Inbox cursor and supply."""

FEES_ADDRESS: Final = Address(FEES, COLLATERAL_SLOT)
"""The fees collected."""

FUND_ADDRESS: Final = Address(FUND, COLLATERAL_SLOT)
"""What the roundings of settlements left."""


def header_address(account: int) -> Address:
    """Who owns an account."""
    return Address(account, 0)


def key_address(account: int, key_slot: int) -> Address:
    """The commitment of a session key; `key_slot` from 1 to 4."""
    return Address(account, key_slot)


def collateral_address(account: int, asset: Asset = USDC) -> Address:
    """Balance and lock of an account in one asset."""
    return Address(account, COLLATERAL_SLOT + asset)


def position_address(account: int, position_slot: int) -> Address:
    """A position; `position_slot` from 0 to 63."""
    return Address(account, POSITION_SLOT + position_slot)


def order_address(account: int, order_slot: int) -> Address:
    """An order slot; from 0 to 127."""
    return Address(account, ORDER_SLOT + order_slot)


def terms_address(instrument: int) -> Address:
    """What an instrument is."""
    return Address(INSTRUMENTS + instrument, 0)


def settlement_address(instrument: int) -> Address:
    """Whether an instrument is settled, and at which index price."""
    return Address(INSTRUMENTS + instrument, 1)


def require_trader(account: int) -> None:
    """Refuse an account number that no trader can have.

    Raises: OutOfRange.
    """
    within("account", account, low=1, high=1 << bounds.TRADER_BITS)


def require_instrument(instrument: int) -> None:
    """Refuse a number that no instrument can have.

    Raises: OutOfRange.
    """
    within("instrument", instrument, low=1, high=1 << bounds.INSTRUMENT_BITS)
