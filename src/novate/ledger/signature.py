"""ECDSA over secp256k1 on the digest of a message: any Ethereum key or device can sign."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar

import coincurve

from novate.field import word_bytes
from novate.ledger.account import PublicKey
from novate.ledger.domain import Domain
from novate.ledger.message import Message, Order, Report, WithdrawRequest, message_digest
from novate.units import within

GROUP_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order n of the group of secp256k1."""

FIELD_ORDER: Final = 2**256 - 2**32 - 977
"""The order p of the field of its coordinates."""

M = TypeVar("M", Order, WithdrawRequest, Report)


@dataclass(frozen=True, slots=True)
class Signature:
    """A pair (r, s); valid ones have 1 <= r < n and 1 <= s <= n // 2."""

    r: int
    s: int

    def __post_init__(self) -> None:
        within("r", self.r, high=1 << 256)
        within("s", self.s, high=1 << 256)

    @property
    def is_canonical(self) -> bool:
        """Whether r and s are in range and s is the low one of the two that would verify."""
        return 1 <= self.r < GROUP_ORDER and 1 <= self.s <= GROUP_ORDER // 2


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


def public_key(secret: bytes) -> PublicKey:
    """The public key of a private key of 32 bytes.

    Raises: ValueError unless it is one.
    """
    return PublicKey(*coincurve.PrivateKey(secret).public_key.point())


def sign(domain: Domain, message: M, secret: bytes) -> Signed[M]:
    """The message signed with a private key of 32 bytes: deterministic (RFC 6979), low s.

    Raises: ValueError unless it is a private key.
    """
    compact = coincurve.PrivateKey(secret).sign_recoverable(
        message_hash(domain, message), hasher=None
    )
    signature = Signature(
        int.from_bytes(compact[:32], "big"), int.from_bytes(compact[32:64], "big")
    )
    assert signature.is_canonical
    return Signed(message, public_key(secret), signature)


def is_signed(domain: Domain, signed: Signed[M]) -> bool:
    """Whether the message was signed, for this domain, by the key it claims."""
    return is_valid(message_hash(domain, signed.message), signed.key, signed.signature)


@lru_cache(maxsize=1 << 14)
def is_valid(digest: bytes, key: PublicKey, signature: Signature) -> bool:
    """Whether a signature of 32 bytes verifies; remembered, since one order can have many fills.

    A key that is not on the curve, or whose coordinates are not below the field's order, verifies
    nothing. Nor does a signature whose nonce is the key, which would tell the key to everybody.
    """
    if not signature.is_canonical or _tells_key(key, signature):
        return False
    point = b"\x04" + key.x.to_bytes(32, "big") + key.y.to_bytes(32, "big")
    try:
        curve_point = coincurve.PublicKey(point)
    except ValueError:
        return False
    der = _der(signature.r) + _der(signature.s)
    return curve_point.verify(b"\x30" + bytes([len(der)]) + der, digest, hasher=None)


def _tells_key(key: PublicKey, signature: Signature) -> bool:
    """Whether the nonce is the private key times a sixth root of one, so that all can compute both.

    The points of such nonces are those with the key's y or its opposite: x cubed is the same. The
    x of a nonce's point is r or r + n.
    """
    cube = pow(key.x, 3, FIELD_ORDER)
    candidates = (signature.r, signature.r + GROUP_ORDER)
    return any(x < FIELD_ORDER and pow(x, 3, FIELD_ORDER) == cube for x in candidates)


def _der(value: int) -> bytes:
    """An unsigned integer in DER: minimal, with a zero byte where the top bit is set."""
    digits = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(digits)]) + digits
