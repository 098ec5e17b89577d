"""Signatures over secp256k1 as tables: `docs/internals/secp256k1.md` is their specification."""

from novate.circuits.secp256k1.fixed import Fixed
from novate.circuits.secp256k1.joint import Joint
from novate.circuits.secp256k1.ladder import Ladder
from novate.circuits.secp256k1.signature import Signature
from novate.circuits.secp256k1.witness import claim_rows, signature_rows

TABLES = (Signature, Joint, Ladder, Fixed)

__all__ = ["TABLES", "Fixed", "Joint", "Ladder", "Signature", "claim_rows", "signature_rows"]
