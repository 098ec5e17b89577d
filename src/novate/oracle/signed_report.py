"""A report with the signature of its publisher: what travels, and what the oracle counts."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from novate.field import Tag, Word, sponge, word_bytes
from novate.keys import (
    FIELD_ORDER,
    Domain,
    PublicKey,
    Signature,
    is_valid,
    public_key,
    sign_digest,
)
from novate.oracle.encoding import decode_report, encode_report, report_elements
from novate.oracle.report import ReportRefused, TickReport

_SEAL: Final = 4 * 32


@dataclass(frozen=True, slots=True)
class SignedTickReport:
    """A report, the key it claims and the signature; nothing is known until they are verified."""

    report: TickReport
    key: PublicKey
    signature: Signature

    def encode(self) -> bytes:
        """The key's x and y, the signature's r and s, 32 bytes each, then the report."""
        numbers = (self.key.x, self.key.y, self.signature.r, self.signature.s)
        return b"".join(n.to_bytes(32, "big") for n in numbers) + encode_report(self.report)

    @classmethod
    def decode(cls, data: bytes) -> "SignedTickReport":
        """The signed report that `encode` wrote, signature unchecked.

        Raises: ReportRefused for bytes that hold no report, a coordinate that is not below the
        order of the field, or a signature that is not the canonical one of its two forms.
        """
        if len(data) < _SEAL:
            raise ReportRefused("number of bytes", value=len(data), limit=f"at least {_SEAL}")
        x, y, r, s = (int.from_bytes(data[i : i + 32], "big") for i in range(0, _SEAL, 32))
        signature = Signature(r, s)
        if max(x, y) >= FIELD_ORDER:
            raise ReportRefused("coordinate of a key", value=max(x, y), limit=FIELD_ORDER - 1)
        if not signature.is_canonical:
            raise ReportRefused("signature", value=signature, limit="1 <= r < n, 1 <= s <= n // 2")
        return cls(decode_report(data[_SEAL:]), PublicKey(x, y), signature)


@lru_cache(maxsize=1 << 10)
def report_digest(domain: Domain, report: TickReport) -> Word:
    """What is signed, as a word: the sponge over the place's eleven elements and the report's.

    Remembered, since a report is looked at when it arrives and again when it is counted.
    """
    return sponge(Tag.TICK, (*domain.elements, *report_elements(report)))


def sign_report(domain: Domain, report: TickReport, secret: bytes) -> SignedTickReport:
    """The report signed with a private key of 32 bytes: deterministic (RFC 6979), low s.

    Raises: ValueError unless it is a private key.
    """
    signature = sign_digest(word_bytes(report_digest(domain, report)), secret)
    return SignedTickReport(report, public_key(secret), signature)


def is_report_signed(domain: Domain, signed: SignedTickReport) -> bool:
    """Whether the report was signed, for this domain, by the key it claims."""
    digest = word_bytes(report_digest(domain, signed.report))
    return is_valid(digest, signed.key, signed.signature)
