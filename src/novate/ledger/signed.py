"""Messages with the signature of who stands behind them."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from novate.field import word_bytes
from novate.keys import Domain, PublicKey, Signature, is_valid, public_key, sign_digest
from novate.ledger.message import Message, Order, Report, WithdrawRequest, message_digest

M = TypeVar("M", Order, WithdrawRequest, Report)


@dataclass(frozen=True, slots=True)
class Signed(Generic[M]):
    """A message, the key it claims and the signature; nothing is known until they are verified."""

    message: M
    key: PublicKey
    signature: Signature


def message_hash(domain: Domain, message: Message) -> bytes:
    """The 32 bytes that are signed.

    The first byte is at most 0x78, so as an integer they lie below the order of the group.
    """
    return word_bytes(message_digest(domain, message))


def sign(domain: Domain, message: M, secret: bytes) -> Signed[M]:
    """The message signed with a private key of 32 bytes: deterministic (RFC 6979), low s.

    Raises: ValueError unless it is a private key.
    """
    signature = sign_digest(message_hash(domain, message), secret)
    return Signed(message, public_key(secret), signature)


def is_signed(domain: Domain, signed: Signed[M]) -> bool:
    """Whether the message was signed, for this domain, by the key it claims."""
    return is_valid(message_hash(domain, signed.message), signed.key, signed.signature)
