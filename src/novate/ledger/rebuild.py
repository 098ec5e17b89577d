"""The whole state from what anyone can read on the base layer: genesis and every batch's data."""

from collections.abc import Iterable
from dataclasses import replace

from novate.ledger.batch import Head, head_after, statement_of
from novate.ledger.data_section import DataSection
from novate.ledger.state import with_words
from novate.ledger.statement import Statement
from novate.ledger.window import Window
from novate.units import Instant, NamedError


class DataMismatch(NamedError):
    """Posted data that does not lead to what the statement claims."""

    def __init__(self, *, batch_number: int, field: str, claimed: object, rebuilt: object) -> None:
        super().__init__(
            f"batch {batch_number} claims {field} {claimed!r}, its data gives {rebuilt!r}"
        )
        self.batch_number, self.field = batch_number, field
        self.claimed, self.rebuilt = claimed, rebuilt


def advance(head: Head, statement: Statement, data: bytes) -> Head:
    """The head after a batch, from its posted data; every field of the statement is compared.

    Raises: DataMismatch for the first field that differs; ValueError for data that cannot be
    parsed.
    """
    section = DataSection.parse(
        data,
        inbox=max(0, statement.inbox_to - statement.inbox_from),
        withdrawals=statement.withdrawals,
        chunks=statement.chunks,
    )
    window = Window(Instant(statement.window_start), Instant(statement.window_end))
    words = with_words(head.state.words, dict(section.chunks))
    after = head_after(head, replace(head.state, words=words, window=window), section)
    rebuilt = statement_of(head, after, section)
    for name in Statement.OFFSETS:
        claimed, found = getattr(statement, name), getattr(rebuilt, name)
        if claimed != found:
            raise DataMismatch(
                batch_number=head.batch_number, field=name, claimed=claimed, rebuilt=found
            )
    return after


def rebuild(genesis: Head, posted: Iterable[tuple[Statement, bytes]]) -> Head:
    """The head after all posted batches, in order.

    Raises: as `advance` does.
    """
    head = genesis
    for statement, data in posted:
        head = advance(head, statement, data)
    return head
