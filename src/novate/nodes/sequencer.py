"""Transactions in order: the inbox of the base layer and what traders send become batches."""

from novate.chain import Deployment, read_inbox
from novate.ledger import (
    Applied,
    Batch,
    Head,
    OpenBatch,
    Rejected,
    Rejection,
    Step,
    Transaction,
    Window,
    inbox_transaction,
)
from novate.nodes.bundle import DATA_BYTES_MAX
from novate.units import Instant, NamedError


class InboxStuck(NamedError):
    """The ledger refuses an entry that the contract took in: the two disagree, so we stop.

    Leaving it out is no way on, since the contract takes the inbox in order or not at all.
    """

    def __init__(self, *, position: int, rejection: Rejection) -> None:
        super().__init__(f"inbox entry {position} is refused by the ledger: {rejection}")
        self.position, self.rejection = position, rejection


class Sequencer:
    """Holds the head of the chain of batches and the one batch that is open.

    Everything it holds follows from the chain's data up to the last settled batch; what was
    accepted since then lives in this process alone.
    """

    def __init__(self, deployment: Deployment, head: Head) -> None:
        self._deployment = deployment
        self._head = head
        self._open: OpenBatch | None = None

    @property
    def head(self) -> Head:
        """After the last closed batch."""
        return self._head

    @property
    def batch(self) -> OpenBatch:
        """The open batch."""
        assert self._open is not None, "no batch is open"
        return self._open

    def open(self) -> Window:
        """Begin the next batch, in a window that is the base layer's present moment."""
        assert self._open is None, "a batch is open already"
        now = Instant(self._deployment.chain.block().timestamp)
        window = Window(now, now)
        self._open = OpenBatch(self._head, window, data_bytes_max=DATA_BYTES_MAX)
        return window

    def take_inbox(self) -> tuple[Step, ...]:
        """Apply the entries that no batch has consumed, in the order of the inbox.

        No more in one batch than the contract asks of it, so that their data always fits; the rest
        waits for the next batch.

        Raises: InboxStuck; chain.Inconsistent for a log that is not the contract's.
        """
        stop = self._head.state.venue.cursor + self._deployment.settlement.call("FORCED_RECORDS")
        entries = read_inbox(self._deployment)[self.batch.state.venue.cursor : stop]
        steps = []
        for entry in entries:
            transaction = inbox_transaction(entry.position, entry.record)
            match self.batch.apply(transaction):
                case Applied() as applied:
                    steps.append(Step(transaction, applied))
                case Rejected(rejection):
                    raise InboxStuck(position=entry.position, rejection=rejection)
        return tuple(steps)

    def submit(self, transaction: Transaction) -> Applied | Rejected:
        """Take a transaction into the open batch, if the rules allow it.

        Raises: ledger.BatchFull when the contract would not read the batch with it.
        """
        return self.batch.apply(transaction)

    def close(self) -> Batch:
        """Close the open batch; the next one builds on it, proven or not."""
        batch = self.batch.close()
        self._head, self._open = batch.after, None
        return batch
