"""A batch: transactions under one time window, and what is posted and proven of them."""

from dataclasses import dataclass, replace
from typing import Final

from novate.field import Word
from novate.ledger.address import VENUE_ADDRESS, Address
from novate.ledger.commitment import EMPTY_TREE, Tree
from novate.ledger.configuration import VERSION
from novate.ledger.data_section import DataSection, data_bytes, data_challenge, data_value
from novate.ledger.inbox import EMPTY_INBOX, inbox_hash
from novate.ledger.state import State
from novate.ledger.statement import Statement
from novate.ledger.transactions import Transaction
from novate.ledger.transition import Applied, Rejected, apply
from novate.ledger.window import Window
from novate.units import NamedError

NO_LIMIT: Final = 1 << 62
"""Bytes of a batch that nobody posts."""


class BatchFull(NamedError):
    """A transaction whose words no longer fit into what may be posted of this batch: close it, and
    put the transaction into the next one. The batch is as it was."""

    def __init__(self, *, data_bytes: int, data_bytes_max: int) -> None:
        super().__init__(
            f"the batch would post up to {data_bytes:,} bytes, at most {data_bytes_max:,} are "
            "taken; close it and send the transaction into the next one"
        )
        self.data_bytes, self.data_bytes_max = data_bytes, data_bytes_max


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain of batches stands: what the next batch builds on."""

    state: State
    tree: Tree
    batch_number: int
    """Of the next batch; the first is 1."""
    inbox_hash: bytes

    @classmethod
    def genesis(cls, state: State) -> "Head":
        """The head before the first batch."""
        return cls(state, EMPTY_TREE.updated(state.words), 1, EMPTY_INBOX)

    @property
    def root(self) -> Word:
        """The state root."""
        return self.tree.root


@dataclass(frozen=True, slots=True)
class Step:
    """A transaction and what it did."""

    transaction: Transaction
    applied: Applied


@dataclass(frozen=True, slots=True)
class Batch:
    """A closed batch: where it began, what happened, where it ended."""

    before: Head
    after: Head
    window: Window
    steps: tuple[Step, ...]
    touched: tuple[Address, ...]
    """Every word that a transaction read or wrote, by ascending address."""
    section: DataSection
    statement: Statement


class OpenBatch:
    """A batch in the making; refused transactions leave no trace in it."""

    def __init__(self, head: Head, window: Window, *, data_bytes_max: int = NO_LIMIT) -> None:
        self._head, self._window = head, window
        self._state = replace(head.state, window=window)
        self._steps: list[Step] = []
        self._data_bytes_max = data_bytes_max
        self._inbox = self._withdrawals = 0
        self._written: set[Address] = set()

    @property
    def state(self) -> State:
        """The state after the transactions so far."""
        return self._state

    def apply(self, transaction: Transaction) -> Applied | Rejected:
        """Take a transaction in, if the rules allow it.

        Raises: BatchFull when what it writes may no longer be posted.
        """
        result = apply(self._state, transaction)
        match result:
            case Applied():
                self._make_room(result)
                self._state = result.state
                self._steps.append(Step(transaction, result))
        return result

    def _make_room(self, applied: Applied) -> None:
        """Count what may be posted: a word once, even if it ends as it began."""
        inbox = self._inbox + len(applied.inbox)
        withdrawals = self._withdrawals + len(applied.withdrawals)
        new = applied.changes.keys() - self._written
        chunks = len(self._written) + len(new)
        posted = data_bytes(inbox=inbox, withdrawals=withdrawals, chunks=chunks)
        if posted > self._data_bytes_max:
            raise BatchFull(data_bytes=posted, data_bytes_max=self._data_bytes_max)
        self._inbox, self._withdrawals = inbox, withdrawals
        self._written |= new

    def close(self) -> Batch:
        """The batch of the transactions so far, with its data and its statement."""
        before, applied = self._head, [step.applied for step in self._steps]
        touched = sorted({address for a in applied for address in a.touched})
        section = DataSection(
            inbox=tuple(record for a in applied for record in a.inbox),
            withdrawals=tuple(withdrawal for a in applied for withdrawal in a.withdrawals),
            chunks=self._chunks(touched),
        )
        after = head_after(before, self._state, section)
        statement = statement_of(before, after, section)
        steps = tuple(self._steps)
        return Batch(before, after, self._window, steps, tuple(touched), section, statement)

    def _chunks(self, touched: list[Address]) -> tuple[tuple[Address, Word], ...]:
        """Every word that changed; of a batch that changed nothing, the venue's, so that something
        is posted."""
        before = self._head.state
        changed = [at for at in touched if self._state.word(at) != before.word(at)]
        return tuple((at, self._state.word(at)) for at in changed or [VENUE_ADDRESS])


def head_after(before: Head, state: State, section: DataSection) -> Head:
    """The head on which the next batch builds, given the state after this one and its data."""
    hash_after, position = before.inbox_hash, before.state.venue.cursor
    for record in section.inbox:
        hash_after, position = inbox_hash(hash_after, position, record), position + 1
    tree = before.tree.updated(dict(section.chunks))
    return Head(state, tree, before.batch_number + 1, hash_after)


def statement_of(before: Head, after: Head, section: DataSection) -> Statement:
    """What the batch between two heads claims."""
    state, commitment = after.state, section.commitment
    challenge = data_challenge(section.data, commitment)
    return Statement(
        version=VERSION,
        batch_number=before.batch_number,
        chain_id=state.domain.chain_id,
        contract=state.domain.contract,
        old_root=before.root,
        new_root=after.root,
        inbox_from=before.state.venue.cursor,
        inbox_to=state.venue.cursor,
        inbox_hash_before=before.inbox_hash,
        inbox_hash_after=after.inbox_hash,
        configuration_hash=state.configuration.hash,
        window_start=state.window.start.s,
        window_end=state.window.end.s,
        withdrawals=len(section.withdrawals),
        chunks=len(section.chunks),
        supply_before=before.state.venue.supply_e6,
        supply_after=state.venue.supply_e6,
        commitment=commitment,
        challenge=challenge,
        value=data_value(section.words, challenge),
    )
