"""A withdrawal of free collateral, signed by the account's session key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from novate.ledger.account import Header
from novate.ledger.address import (
    USDC,
    VENUE_ADDRESS,
    collateral_address,
    header_address,
    key_address,
    order_address,
)
from novate.ledger.collateral import Collateral, balance_law
from novate.ledger.draft import Draft
from novate.ledger.message import WithdrawRequest
from novate.ledger.order_slot import OrderSlot, nonce_law
from novate.ledger.rejection import (
    BadSignature,
    InsufficientCollateral,
    RequestExpired,
    StaleNonce,
    UnknownAsset,
    ZeroAmount,
)
from novate.ledger.signed import Signed, is_signed
from novate.ledger.venue import Venue, supply_law
from novate.ledger.withdrawal import Withdrawal
from novate.units import bounds, within


@dataclass(frozen=True, slots=True)
class UserWithdraw:
    """A signed request, and the slot of the key that signed it."""

    request: Signed[WithdrawRequest]
    key_slot: int

    def __post_init__(self) -> None:
        within("key slot", self.key_slot, low=1, high=bounds.KEY_SLOTS + 1)


def apply(withdraw: UserWithdraw, draft: Draft) -> None:
    """Release the amount to the owner of the account.

    Raises: the first rejection, in protocol order.
    """
    for check in CHECKS:
        check(withdraw, draft)

    request = withdraw.request.message
    # A withdrawal is used up at once: a second request under its nonce is stale. An order that the
    # trader signed with the same slot and nonce may still be filled.
    slot_nonce = draft.order_slot(request.account, request.order_slot).nonce
    assert nonce_law(slot_nonce, request.nonce - slot_nonce, request.nonce) == 0
    used = OrderSlot(request.nonce, 0)
    draft.write(order_address(request.account, request.order_slot), used.encode())

    amount_e6 = request.amount.e6
    before = draft.collateral(request.account)
    after = Collateral(before.balance_e6 - amount_e6, before.locked_e6)
    assert balance_law(before.balance_e6, 0, amount_e6, after.balance_e6) == 0
    draft.write(collateral_address(request.account), after.encode())

    venue = draft.venue
    shrunk = Venue(venue.cursor, venue.supply_e6 - amount_e6)
    assert supply_law(venue.supply_e6, 0, amount_e6, shrunk.supply_e6) == 0
    draft.write(VENUE_ADDRESS, shrunk.encode())

    owner = Header.decode(draft.read(header_address(request.account))).owner
    draft.withdrawals.append(Withdrawal(owner, request.asset, request.amount, request.account))


def check_signature(withdraw: UserWithdraw, draft: Draft) -> None:
    """The registered key signed this request, for this chain and contract."""
    request = withdraw.request
    registered = draft.read(key_address(request.message.account, withdraw.key_slot))
    if request.key.commitment != registered or not is_signed(draft.state.domain, request):
        raise BadSignature(signer=f"account {request.message.account}")


def check_expiry(withdraw: UserWithdraw, draft: Draft) -> None:
    """The request is still meant."""
    request = withdraw.request.message
    if request.expiry < draft.window.end:
        raise RequestExpired(
            account=request.account, expiry=request.expiry, window_end=draft.window.end
        )


def check_nonce(withdraw: UserWithdraw, draft: Draft) -> None:
    """The nonce is above the slot's: a request is used once."""
    request = withdraw.request.message
    slot = draft.order_slot(request.account, request.order_slot)
    if request.nonce <= slot.nonce:
        raise StaleNonce(
            account=request.account,
            order_slot=request.order_slot,
            nonce=request.nonce,
            slot_nonce=slot.nonce,
        )


def check_asset(withdraw: UserWithdraw, draft: Draft) -> None:
    """Only USDC is collateral."""
    asset = withdraw.request.message.asset
    if asset != USDC:
        raise UnknownAsset(asset=asset)


def check_amount(withdraw: UserWithdraw, draft: Draft) -> None:
    """A withdrawal is of something."""
    if withdraw.request.message.amount.e6 == 0:
        raise ZeroAmount


def check_free_collateral(withdraw: UserWithdraw, draft: Draft) -> None:
    """What covers an obligation stays."""
    request = withdraw.request.message
    free_e6 = draft.collateral(request.account).free_e6
    if request.amount.e6 > free_e6:
        raise InsufficientCollateral(
            account=request.account, available_e6=free_e6, required_e6=request.amount.e6
        )


CHECKS: Final[tuple[Callable[[UserWithdraw, Draft], None], ...]] = (
    check_signature,
    check_expiry,
    check_nonce,
    check_asset,
    check_amount,
    check_free_collateral,
)
"""In protocol order."""
