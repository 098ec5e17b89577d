"""ECDSA over secp256k1 on a digest of 32 bytes: any Ethereum key or device can sign."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import coincurve

from novate.keys.key import PublicKey, private_key
from novate.units import within

GROUP_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order n of the group of secp256k1."""

FIELD_ORDER: Final = 2**256 - 2**32 - 977
"""The order p of the field of its coordinates."""


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


def sign_digest(digest: bytes, secret: bytes) -> Signature:
    """The signature of 32 bytes by a private key of 32 bytes: deterministic (RFC 6979), low s.

    Raises: ValueError unless it is a private key, and for a digest of another length.
    """
    compact = private_key(secret).sign_recoverable(digest, hasher=None)
    signature = Signature(
        int.from_bytes(compact[:32], "big"), int.from_bytes(compact[32:64], "big")
    )
    assert signature.is_canonical
    return signature


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
