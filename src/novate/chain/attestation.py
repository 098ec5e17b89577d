"""The word of a watcher, and the proof that AttestedVerifier takes: k of n such words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from novate.chain.base_layer import address_of
from novate.chain.receipt import Address


@dataclass(frozen=True, slots=True)
class Attestation:
    """A watcher's signature (r, s, v: 65 bytes) under one statement."""

    watcher: Address
    signature: bytes


def attest(
    watcher: LocalAccount,
    *,
    chain_id: int,
    verifier: Address,
    program_hash: bytes,
    statement_hash: bytes,
) -> Attestation:
    """Sign that the statement was proven by the program. Call it only after having verified the
    proof and rebuilt the state: depositors trust that.
    """
    message = attestation_message(
        chain_id=chain_id,
        verifier=verifier,
        program_hash=program_hash,
        statement_hash=statement_hash,
    )
    signed = watcher.sign_typed_data(full_message=message)
    return Attestation(address_of(watcher), bytes(signed.signature))


def attestation_message(
    *, chain_id: int, verifier: Address, program_hash: bytes, statement_hash: bytes
) -> dict[str, Any]:
    """What a watcher signs, as EIP-712 data for any wallet."""
    return {
        "types": {
            "EIP712Domain": DOMAIN_FIELDS,
            "Attestation": [
                {"name": "programHash", "type": "bytes32"},
                {"name": "statementHash", "type": "bytes32"},
            ],
        },
        "primaryType": "Attestation",
        "domain": {
            "name": "novate AttestedVerifier",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": "0x" + verifier.hex(),
        },
        "message": {"programHash": program_hash, "statementHash": statement_hash},
    }


def attested_proof(attestations: Iterable[Attestation]) -> bytes:
    """The proof: signatures in the order of their signers, each watcher once."""
    by_watcher = {attestation.watcher: attestation.signature for attestation in attestations}
    return b"".join(signature for _, signature in sorted(by_watcher.items()))


DOMAIN_FIELDS = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
"""The type of EIP-712 domains of these contracts."""
