"""What an owner does on the base layer: deposit, register a session key, claim."""

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from novate.chain.attestation import DOMAIN_FIELDS
from novate.chain.base_layer import address_of
from novate.chain.deployment import Deployment
from novate.chain.receipt import Address, Receipt


@dataclass(frozen=True, slots=True)
class Enqueued:
    """A request that stands in the inbox."""

    position: int
    account: int
    """The owner's account number."""
    receipt: Receipt


def deposit(
    deployment: Deployment,
    payer: LocalAccount,
    *,
    amount_e6: int,
    owner: Address | None = None,
) -> Enqueued:
    """Move `amount_e6` (millionths of the asset's unit) from the payer's wallet to the account of
    `owner` (the payer, unless named), approving it first. Raises: Reverted.
    """
    vault = deployment.vault.address
    deployment.token.send("approve", vault, amount_e6, sender=payer)
    receiver = owner if owner is not None else address_of(payer)
    return _enqueued(
        deployment, deployment.vault.send("deposit", receiver, amount_e6, sender=payer)
    )


def register_key(
    deployment: Deployment,
    owner: LocalAccount,
    *,
    slot: int,
    x: int,
    y: int,
    deadline: int,
    sender: LocalAccount | None = None,
) -> Enqueued:
    """Sign for a session key (a point of secp256k1) in a slot, 1 to 4, and send it, or let
    `sender` send it. Raises: Reverted.
    """
    nonce = deployment.inbox.call("nonces", address_of(owner))
    message = registration_message(
        deployment, owner=address_of(owner), slot=slot, x=x, y=y, nonce=nonce, deadline=deadline
    )
    signed = owner.sign_typed_data(full_message=message)
    receipt = deployment.inbox.send(
        "register_key",
        address_of(owner),
        slot,
        x.to_bytes(32, "big"),
        y.to_bytes(32, "big"),
        nonce,
        deadline,
        signed.v,
        signed.r.to_bytes(32, "big"),
        signed.s.to_bytes(32, "big"),
        sender=sender if sender is not None else owner,
    )
    return _enqueued(deployment, receipt)


def registration_message(
    deployment: Deployment,
    *,
    owner: Address,
    slot: int,
    x: int,
    y: int,
    nonce: int,
    deadline: int,
) -> dict[str, Any]:
    """What an owner signs to register a session key, as EIP-712 data for any wallet."""
    kinds = ("address", "uint256", "bytes32", "bytes32", "uint256", "uint256")
    names = ("owner", "slot", "x", "y", "nonce", "deadline")
    return {
        "types": {
            "EIP712Domain": DOMAIN_FIELDS,
            "RegisterKey": [
                {"name": name, "type": kind} for name, kind in zip(names, kinds, strict=True)
            ],
        },
        "primaryType": "RegisterKey",
        "domain": {
            "name": "novate Inbox",
            "version": "1",
            "chainId": deployment.chain.chain_id,
            "verifyingContract": "0x" + deployment.inbox.address.hex(),
        },
        "message": {
            "owner": "0x" + owner.hex(),
            "slot": slot,
            "x": x.to_bytes(32, "big"),
            "y": y.to_bytes(32, "big"),
            "nonce": nonce,
            "deadline": deadline,
        },
    }


@dataclass(frozen=True, slots=True)
class Claimed:
    """A payment out of the vault."""

    amount_e6: int
    recipient: Address
    receipt: Receipt


def claimable_e6(deployment: Deployment, owner: Address) -> int:
    """What settled withdrawals let an owner claim, in millionths of the asset's unit."""
    return int(deployment.vault.call("claimable", owner))


def claim(
    deployment: Deployment, owner: LocalAccount, *, recipient: Address | None = None
) -> Claimed:
    """Pay all that the owner can claim to `recipient`: the owner, unless named.

    Raises: Reverted.
    """
    to = recipient if recipient is not None else address_of(owner)
    receipt = deployment.vault.send("claim", to, sender=owner)
    (event,) = deployment.vault.events("Claimed", receipt.logs)
    return Claimed(event["amount"], to, receipt)


def _enqueued(deployment: Deployment, receipt: Receipt) -> Enqueued:
    (event,) = deployment.inbox.events("Enqueued", receipt.logs)
    return Enqueued(event["position"], event["account"], receipt)
