"""A session key, registered by its owner through the base layer's inbox."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from novate.keys import PublicKey, require_address
from novate.ledger.account import Header, address_from_elements
from novate.ledger.address import VENUE_ADDRESS, header_address, key_address, require_trader
from novate.ledger.draft import Draft
from novate.ledger.inbox import InboxKind, InboxRecord, inbox_record
from novate.ledger.rejection import InboxOutOfOrder, UnknownKeySlot, WrongOwner
from novate.ledger.venue import Venue, cursor_law
from novate.units import bounds, within


@dataclass(frozen=True, slots=True)
class ChainRegisterKey:
    """The owner names a key that may sign for the account; it replaces the one in its slot.

    A key that is not on the curve is stored all the same: refusing it would stop the inbox, and it
    can never sign.
    """

    position: int
    account: int
    key_slot: int
    owner: bytes
    key: PublicKey

    def __post_init__(self) -> None:
        within("inbox position", self.position, high=bounds.INBOX_ENTRIES)
        require_trader(self.account)
        within("key slot", self.key_slot, high=1 << bounds.SLOT_BITS)
        require_address(self.owner)

    @property
    def record(self) -> InboxRecord:
        """The entry as it is posted."""
        return inbox_record(
            kind=InboxKind.REGISTER_KEY,
            account=self.account,
            slot=self.key_slot,
            owner=self.owner,
            payload=self.key.elements,
        )

    @classmethod
    def from_record(cls, position: int, record: InboxRecord) -> "ChainRegisterKey":
        """The registration that an entry says."""
        e = [element for w in record for element in w]
        x, y = (sum(limb << (24 * i) for i, limb in enumerate(c)) for c in (e[10:21], e[21:32]))
        return cls(position, e[1], e[2], address_from_elements(tuple(e[3:10])), PublicKey(x, y))


def apply(registration: ChainRegisterKey, draft: Draft) -> None:
    """Store the commitment of the key.

    Raises: the first rejection, in protocol order.
    """
    for check in CHECKS:
        check(registration, draft)

    address = key_address(registration.account, registration.key_slot)
    draft.write(address, registration.key.commitment)

    venue = draft.venue
    moved = Venue(venue.cursor + 1, venue.supply_e6)
    assert cursor_law(venue.cursor, moved.cursor) == 0
    draft.write(VENUE_ADDRESS, moved.encode())
    draft.inbox.append(registration.record)


def check_position(registration: ChainRegisterKey, draft: Draft) -> None:
    """The inbox is consumed entry by entry."""
    cursor = draft.venue.cursor
    if registration.position != cursor:
        raise InboxOutOfOrder(position=registration.position, cursor=cursor)


def check_owner(registration: ChainRegisterKey, draft: Draft) -> None:
    """The account is open and this owner's."""
    header = draft.read(header_address(registration.account))
    if header != Header(registration.owner).encode():
        raise WrongOwner(account=registration.account, owner=registration.owner)


def check_key_slot(registration: ChainRegisterKey, draft: Draft) -> None:
    """An account has key slots 1 to 4."""
    if not 1 <= registration.key_slot <= bounds.KEY_SLOTS:
        raise UnknownKeySlot(key_slot=registration.key_slot)


CHECKS: Final[tuple[Callable[[ChainRegisterKey, Draft], None], ...]] = (
    check_position,
    check_owner,
    check_key_slot,
)
"""In protocol order."""
