"""Who signed a word, and for which venue."""

from novate.keys.domain import Domain, require_address
from novate.keys.key import PublicKey, public_key
from novate.keys.signature import FIELD_ORDER, GROUP_ORDER, Signature, is_valid, sign_digest

__all__ = [
    "FIELD_ORDER",
    "GROUP_ORDER",
    "Domain",
    "PublicKey",
    "Signature",
    "is_valid",
    "public_key",
    "require_address",
    "sign_digest",
]
