"""What an account has in one asset, and how much of it is locked."""

from dataclasses import dataclass

from novate.field import Word, from_limbs16, word
from novate.ledger.words import u64
from novate.units import Term, bounds


def balance_law(before: Term, received: Term, paid: Term, after: Term) -> Term:
    """Zero when a balance moved by what was received and paid."""
    return after - before - received + paid


def trade_balance_law(direction: Term, before: Term, premium: Term, fee: Term, after: Term) -> Term:
    """Zero when a buyer paid premium and fee, or a seller received the premium and paid the fee.

    `direction` is +1 for a buyer and -1 for a seller.
    """
    return after - before + direction * premium + fee


def lock_law(
    strike: Term, short_before: Term, short_after: Term, before: Term, after: Term
) -> Term:
    """Zero when the lock followed the short side of a put: strike times size, exact in micro-USDC.

    A call has no short side, so one law serves both rights.
    """
    return after - before - strike * (short_after - short_before)


def free_law(balance: Term, locked: Term, free: Term) -> Term:
    """Zero when `free` is what is not locked; it is at least zero, so every lock is covered."""
    return balance - locked - free


@dataclass(frozen=True, slots=True)
class Collateral:
    """A balance and the part of it that covers obligations, in micro-USDC; locked <= balance."""

    balance_e6: int
    locked_e6: int = 0

    @property
    def free_e6(self) -> int:
        """What can be withdrawn or locked."""
        return self.balance_e6 - self.locked_e6

    def encode(self) -> Word:
        """The word of this collateral: two `u64`."""
        assert 0 <= self.locked_e6 <= self.balance_e6 < 1 << bounds.USD_BITS
        assert free_law(self.balance_e6, self.locked_e6, self.free_e6) == 0
        return word(*u64(self.balance_e6), *u64(self.locked_e6))

    @classmethod
    def decode(cls, stored: Word) -> "Collateral":
        """The collateral in a word; of the absent word, nothing."""
        return cls(from_limbs16(stored[:4]), from_limbs16(stored[4:]))
