"""What leaves through the data section (formats.md, section 6)."""

from dataclasses import dataclass

from novate.field import Word, address_elements, from_limbs16, word
from novate.ledger.account import address_from_elements
from novate.ledger.words import u64
from novate.units import Usd

WithdrawalRecord = tuple[Word, Word]
"""What one withdrawal posts."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An amount that the owner of an account can collect from the base layer."""

    owner: bytes
    asset: int
    amount: Usd
    account: int

    @property
    def record(self) -> WithdrawalRecord:
        """The two words that are posted."""
        first = word(*address_elements(self.owner), self.asset)
        return (first, word(*u64(self.amount.e6), self.account))

    @classmethod
    def from_record(cls, record: WithdrawalRecord) -> "Withdrawal":
        """The withdrawal that two words say."""
        first, second = record
        owner = address_from_elements(first[:7])
        return cls(owner, first[7], Usd(from_limbs16(second[:4])), second[4])
