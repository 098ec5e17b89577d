"""A deposit, taken from the base layer's inbox."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from novate.field import from_limbs16
from novate.keys import require_address
from novate.ledger.account import Header, address_from_elements
from novate.ledger.address import (
    USDC,
    VENUE_ADDRESS,
    collateral_address,
    header_address,
    require_trader,
)
from novate.ledger.collateral import Collateral, balance_law
from novate.ledger.draft import Draft
from novate.ledger.inbox import InboxKind, InboxRecord, inbox_record
from novate.ledger.rejection import (
    BalanceOverflow,
    InboxOutOfOrder,
    UnknownAsset,
    WrongOwner,
    ZeroAmount,
)
from novate.ledger.venue import Venue, cursor_law, supply_law
from novate.ledger.words import ZERO, u64
from novate.units import Usd, bounds, within


@dataclass(frozen=True, slots=True)
class ChainDeposit:
    """An owner's tokens have entered the vault; the first deposit opens the account."""

    position: int
    account: int
    asset: int
    owner: bytes
    amount: Usd

    def __post_init__(self) -> None:
        within("inbox position", self.position, high=bounds.INBOX_ENTRIES)
        require_trader(self.account)
        within("asset", self.asset, high=1 << bounds.SLOT_BITS)
        require_address(self.owner)
        within("amount", self.amount.e6, high=1 << bounds.AMOUNT_BITS)

    @property
    def record(self) -> InboxRecord:
        """The entry as it is posted."""
        return inbox_record(
            kind=InboxKind.DEPOSIT,
            account=self.account,
            slot=self.asset,
            owner=self.owner,
            payload=u64(self.amount.e6),
        )

    @classmethod
    def from_record(cls, position: int, record: InboxRecord) -> "ChainDeposit":
        """The deposit that an entry says."""
        e = [element for w in record for element in w]
        owner = address_from_elements(tuple(e[3:10]))
        return cls(position, e[1], e[2], owner, Usd(from_limbs16(e[10:14])))


def apply(deposit: ChainDeposit, draft: Draft) -> None:
    """Credit the deposit.

    Raises: the first rejection, in protocol order.
    """
    for check in CHECKS:
        check(deposit, draft)

    draft.write(header_address(deposit.account), Header(deposit.owner).encode())

    amount_e6 = deposit.amount.e6
    before = draft.collateral(deposit.account)
    after = Collateral(before.balance_e6 + amount_e6, before.locked_e6)
    assert balance_law(before.balance_e6, amount_e6, 0, after.balance_e6) == 0
    draft.write(collateral_address(deposit.account), after.encode())

    venue = draft.venue
    grown = Venue(venue.cursor + 1, venue.supply_e6 + amount_e6)
    assert cursor_law(venue.cursor, grown.cursor) == 0
    assert supply_law(venue.supply_e6, amount_e6, 0, grown.supply_e6) == 0
    draft.write(VENUE_ADDRESS, grown.encode())
    draft.inbox.append(deposit.record)


def check_position(deposit: ChainDeposit, draft: Draft) -> None:
    """The inbox is consumed entry by entry."""
    cursor = draft.venue.cursor
    if deposit.position != cursor:
        raise InboxOutOfOrder(position=deposit.position, cursor=cursor)


def check_asset(deposit: ChainDeposit, draft: Draft) -> None:
    """Only USDC is collateral."""
    if deposit.asset != USDC:
        raise UnknownAsset(asset=deposit.asset)


def check_amount(deposit: ChainDeposit, draft: Draft) -> None:
    """A deposit is of something."""
    if deposit.amount.e6 == 0:
        raise ZeroAmount


def check_owner(deposit: ChainDeposit, draft: Draft) -> None:
    """The account is new, or already this owner's."""
    header = draft.read(header_address(deposit.account))
    if header not in (ZERO, Header(deposit.owner).encode()):
        raise WrongOwner(account=deposit.account, owner=deposit.owner)


def check_bounds(deposit: ChainDeposit, draft: Draft) -> None:
    """Balance and supply stay below 2**63, so no sum of balances ever overflows."""
    balance_e6 = draft.collateral(deposit.account).balance_e6
    supply_e6 = draft.venue.supply_e6
    if max(balance_e6, supply_e6) + deposit.amount.e6 >= 1 << bounds.USD_BITS:
        raise BalanceOverflow(balance=Usd(balance_e6), supply=Usd(supply_e6), amount=deposit.amount)


CHECKS: Final[tuple[Callable[[ChainDeposit, Draft], None], ...]] = (
    check_position,
    check_asset,
    check_amount,
    check_owner,
    check_bounds,
)
"""In protocol order."""
