"""What a transaction's table speaks with: one table per bus, filled from real ledger steps.

`refusals` checks a table against what the ledger says around it. `refusals_by_sentences` gives the
cheat every help: whatever it says on a bus is answered, so that only its own sentences can stop it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from novate import _stark
from novate.air import (
    BrokenSentence,
    Bus,
    Finding,
    Program,
    Row,
    Statement,
    Table,
    Trace,
    UnbalancedMessage,
    check,
    lookup,
    provide,
    receive,
    send,
    trace,
)
from novate.air.kind import Column, is_wide
from novate.air.statement import Discipline, Sentence
from novate.circuits.batch import columns
from novate.circuits.buses import (
    DATA,
    MEMORY,
    PARAMETERS,
    PERMUTATION,
    PUBLISHER,
    RECORD_INBOX,
    RECORD_WITHDRAWAL,
    SIGNED,
    WINDOW,
)
from novate.circuits.clock import Clock
from novate.circuits.transactions import relied_on
from novate.circuits.transactions.settled_holder import PAYOUT
from novate.circuits.transactions.settlement_report import INDEX_PRICE
from novate.field import permute
from novate.ledger import Applied, State, Step, Transaction, apply

Rows = dict[str, list[dict[str, Any]]]
"""Per table its rows, as the circuits give them."""

ROUNDS_MAX = 16
"""A check shows some messages at a time; so often are those shown answered."""

OPENED, CLOSED, POSTED = "opened", "closed", "posted"
SIGNATURES, TIMES, PERMUTED = "signatures", "times", "permuted"
VENUE, REGISTERED = "venue", "registered"


def counterpart(name: str, bus: Bus, speak: Any) -> type[Table]:
    """A table whose columns are the fields of a bus, and which says each row on it."""

    def constrain(cls: type[Table], row: Row) -> Iterator[Statement]:
        yield speak(bus, **{field: getattr(row, field) for field in bus.fields})

    columns = {field: Column(kind) for field, kind in bus.fields.items()}
    said = {"name": name, "bus": bus, "constrain": classmethod(constrain)}
    return type(name, (Table,), said | columns)


MEMORY_TABLES = (counterpart(OPENED, MEMORY, send), counterpart(CLOSED, MEMORY, receive))
ANSWERS = {
    bus.name: counterpart(name, bus, speak)
    for name, bus, speak in (
        (POSTED, DATA, receive),
        (SIGNATURES, SIGNED, provide),
        (TIMES, WINDOW, provide),
        (PERMUTED, PERMUTATION, provide),
        (VENUE, PARAMETERS, provide),
        (REGISTERED, PUBLISHER, provide),
    )
}


PAYERS = counterpart("payers", PAYOUT, send)
PAID = counterpart("paid", PAYOUT, receive)
PRICES = counterpart("prices", INDEX_PRICE, provide)
PRICED = counterpart("priced", INDEX_PRICE, lookup)
"""Either end of what the tables of a settlement tell each other."""


def program_of(table: type[Table], *answers: Bus | type[Table]) -> Program:
    """The table among counterparts for its buses; every transaction speaks to memory."""
    found = (ANSWERS[a.name] if isinstance(a, Bus) else a for a in answers)
    return Program([table, *MEMORY_TABLES, *found])


def sentences_of(table: type[Table]) -> set[str]:
    """The names of everything the table says of its own rows."""
    return {said.name for said in table.constrain(Row(table)) if isinstance(said, Sentence)}


def constraints_of(program: Program, table: type[Table]) -> set[int]:
    """The constraints that the table's own sentences became, by their index."""
    said = sentences_of(table)
    return {i for i, c in enumerate(program[table.name].constraints) if c.sentence in said}


def steps_of(state: State, transactions: Sequence[Transaction]) -> list[Step]:
    """The transactions, each applied to the state that the one before left."""
    steps = []
    for transaction in transactions:
        result = apply(state, transaction)
        assert isinstance(result, Applied), result.rejection
        steps.append(Step(transaction, result))
        state = result.state
    return steps


@dataclass(frozen=True)
class Environment:
    """What the other tables of a batch say around some steps, from the ledger alone."""

    rows: Rows

    @classmethod
    def around(
        cls, program: Program, steps: list[Step], clock: Clock, states: Sequence[Any] = ()
    ) -> Environment:
        """Everything the steps rely on, after the rows of all of them were made with `clock`."""
        before: dict[Any, Any] = {}
        for step in steps:
            for at in step.applied.touched:
                before.setdefault(at, step.applied.word_before(at))
        after = steps[-1].applied.state
        window = after.window
        rows: Rows = {
            OPENED: [memory(at, 0, word) for at, word in before.items()],
            CLOSED: [memory(at, clock.last(at), after.word(at)) for at in before],
            POSTED: list(_posted(steps)),
            SIGNATURES: [
                {
                    "tag": int(signed.message.tag),
                    "payload": signed.message.payload,
                    "key": signed.key.commitment,
                }
                for step in steps
                for signed in relied_on(step.transaction)
            ],
            TIMES: [{"start": window.start.s, "end": window.end.s}],
            PERMUTED: [{"state": state, "out": permute(state)} for state in states],
            **_configured(after),
        }
        known = {table.name for table in program.tables}
        return cls({name: found for name, found in rows.items() if name in known})


def _configured(state: State) -> Rows:
    _, maker_fee_rate, taker_fee_rate, quorum, publishers, *heartbeat, _ = (
        state.configuration.words[0]
    )
    parameters = {
        "maker_fee_rate": maker_fee_rate,
        "taker_fee_rate": taker_fee_rate,
        "quorum": quorum,
        "publishers": publishers,
        "heartbeat": heartbeat,
    }
    keys = enumerate(state.configuration.publishers)
    return {VENUE: [parameters], REGISTERED: [{"index": i, "key": key} for i, key in keys]}


def memory(address: Any, time: int, word: Any) -> dict[str, Any]:
    """A word at its address as of an instant."""
    return {"account": address.account, "slot": address.slot, "time": time, "word": word}


def _posted(steps: list[Step]) -> Iterator[dict[str, Any]]:
    position = steps[0].applied.state.venue.cursor - len(steps[0].applied.inbox)
    inbox = [record for step in steps for record in step.applied.inbox]
    withdrawals = [w.record for step in steps for w in step.applied.withdrawals]
    for kind, start, records in (
        (RECORD_INBOX, position, inbox),
        (RECORD_WITHDRAWAL, 0, withdrawals),
    ):
        for ordinal, record in enumerate(records, start):
            for part, word in enumerate(record):
                yield {"kind": kind, "ordinal": ordinal, "part": part, "word": word}


def filled(program: Program, *given: Rows) -> Trace:
    """The trace of these rows."""
    inputs = {name: found for rows in given for name, found in columns(rows).items()}
    return trace(program, inputs)


def findings(program: Program, *given: Rows) -> list[Finding]:
    """What is wrong with these rows."""
    return check(program, filled(program, *given))


def names(found: Sequence[Finding]) -> set[str]:
    """The sentences that are broken, and the buses that do not balance."""
    return {
        finding.sentence if isinstance(finding, BrokenSentence) else f"bus {finding.bus}"
        for finding in found
    }


def refusals(program: Program, *given: Rows) -> set[str]:
    """What refuses these rows."""
    return names(findings(program, *given))


def refusals_by_sentences(program: Program, rows: Rows) -> set[str]:
    """What refuses these rows when every message finds an answer."""
    return names(check(program, answered(program, rows)))


@lru_cache
def filler_of(program: Program) -> _stark.Filler:
    """The kernel that fills and checks a program."""
    return _stark.Filler(program.encoding, program.plan)


def broken_constraints(program: Program, table: type[Table], rows: Rows) -> set[int]:
    """Which constraints of a table refuse these rows when every message finds an answer."""
    filling, filler = answered(program, rows), filler_of(program)
    broken, unbalanced = filler.check(filling.cells, filling.public_values, 1 << 10)
    assert not unbalanced
    assert {program.tables[t].table for t, _, _ in broken} <= {table}
    return {constraint for _, constraint, _ in broken}


def said_by(program: Program, table: type[Table], constraints: set[int]) -> set[str]:
    """The sentences that these constraints come from."""
    return {program[table.name].constraints[index].sentence for index in constraints}


def answered(program: Program, rows: Rows) -> Trace:
    """The trace of these rows and of an answer to every message that can have one."""
    answers: Rows = {}
    for _ in range(ROUNDS_MAX):
        filling = filled(program, rows, answers)
        found = check(program, filling)
        messages = [finding for finding in found if isinstance(finding, UnbalancedMessage)]
        if sum(_answer(program, answers, message) for message in messages) == 0:
            break
    return filling


def _answer(program: Program, answers: Rows, message: UnbalancedMessage) -> bool:
    if message.bus == MEMORY.name:
        table = MEMORY_TABLES[message.surplus > 0]
    else:
        tables = (lowered.table for lowered in program.tables)
        found = [t for t in tables if getattr(t, "bus", None) and t.bus.name == message.bus]
        if not found:
            return False
        (table,) = found
    bus = table.bus
    repeats = abs(message.surplus) if bus.discipline is Discipline.PERMUTATION else 1
    answers.setdefault(table.name, []).extend([row_of(bus, message.fields)] * repeats)
    return True


def row_of(bus: Bus, fields: Iterable[tuple[str, tuple[int, ...]]]) -> dict[str, Any]:
    """The row of a counterpart that says a message, given by the elements of its fields."""
    row: dict[str, Any] = {}
    for field, values in fields:
        kind = bus.fields[field]
        if hasattr(kind, "length"):
            row[field] = values
        elif is_wide(kind):  # type: ignore[arg-type]
            row[field] = sum(limb << (16 * i) for i, limb in enumerate(values))
        else:
            (row[field],) = values
    return row


def forged(
    program: Program, table: str, cell: str, value: int, *given: Rows, at: int = 0
) -> set[str]:
    """What refuses these rows once a cell of one of them is overwritten, ranges and all."""
    filling, place = filled(program, *given), (at, program[table].cells.index(cell))
    filling[table][place] = value
    counted = mended(filling)
    counted[table][place] = value  # where the cell is itself a derived one
    return names(check(program, counted))


def mended(filling: Trace) -> Trace:
    """The same cells, with every fact counted again: only what nobody provides is left over."""
    program = filling.program
    cells = filler_of(program).fill(filling.cells, filling.public_values)
    return Trace(program, list(cells), filling.public_values, filling.rows)
