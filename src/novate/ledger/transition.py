"""The only place where state changes: `apply(state, transaction) -> Applied | Rejected`."""

from collections.abc import Mapping
from dataclasses import dataclass

from novate.field import Word
from novate.ledger.address import COLLATERAL_SLOT, INSTRUMENTS, VENUE_ADDRESS, Address
from novate.ledger.collateral import Collateral
from novate.ledger.draft import Draft
from novate.ledger.inbox import InboxRecord
from novate.ledger.rejection import Rejection
from novate.ledger.state import State, with_words
from novate.ledger.transactions import Transaction, enact
from novate.ledger.venue import Venue
from novate.ledger.withdrawal import Withdrawal


@dataclass(frozen=True, slots=True)
class Applied:
    """The rules allowed it: the state after, and what happened."""

    state: State
    changes: Mapping[Address, tuple[Word, Word]]
    """Every word that is another one now: before and after, by ascending address."""
    touched: tuple[Address, ...]
    """Every word that was read or written, in the order of first touch."""
    inbox: tuple[InboxRecord, ...]
    withdrawals: tuple[Withdrawal, ...]

    def word_before(self, address: Address) -> Word:
        """The word at an address as the transaction found it."""
        if address in self.changes:
            return self.changes[address][0]
        return self.state.word(address)


@dataclass(frozen=True, slots=True)
class Rejected:
    """The rules did not allow it, and the state is as it was."""

    rejection: Rejection

    @property
    def code(self) -> str:
        """The stable code of the reason."""
        return self.rejection.code


def apply(state: State, transaction: Transaction) -> Applied | Rejected:
    """The state after a transaction, or the first rule that it breaks.

    Deterministic: it depends on nothing but its arguments.
    """
    draft = Draft(state)
    try:
        enact(transaction, draft)
    except Rejection as rejection:
        return Rejected(rejection)

    changes = {
        address: (state.word(address), draft.written[address])
        for address in sorted(draft.written)
        if state.word(address) != draft.written[address]
    }
    assert supply_moved_e6(changes) == balances_moved_e6(changes)
    after = State(
        with_words(state.words, {address: new for address, (_, new) in changes.items()}),
        state.configuration,
        state.window,
        state.domain,
    )
    return Applied(
        after, changes, tuple(draft.touched), tuple(draft.inbox), tuple(draft.withdrawals)
    )


def supply_moved_e6(changes: Mapping[Address, tuple[Word, Word]]) -> int:
    """By how much the supply changed."""
    if VENUE_ADDRESS not in changes:
        return 0
    before, after = (Venue.decode(w) for w in changes[VENUE_ADDRESS])
    return after.supply_e6 - before.supply_e6


def balances_moved_e6(changes: Mapping[Address, tuple[Word, Word]]) -> int:
    """By how much the sum of all balances changed: the same, if nothing was made or lost."""
    moved_e6 = 0
    for address, words in changes.items():
        if address.slot == COLLATERAL_SLOT and address.account < INSTRUMENTS:
            before, after = (Collateral.decode(w) for w in words)
            moved_e6 += after.balance_e6 - before.balance_e6
    return moved_e6
