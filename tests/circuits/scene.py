"""The tables around the transactions, each among counterparts that answer whatever it says.

A cheat gets every help: each message finds its answer, so that only a constraint can stop it, and
exactly one must. A lie meets what an honest batch says, and must fall out of balance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from tests.ledger.scene import ALICE, BEFORE, BOB, USD, deposit, fill, opened, register, withdraw

from novate.air import Program, Table, Trace, check, lookup, provide, receive, send, trace
from novate.air.kind import message_elements
from novate.air.statement import Bus, Direction, Discipline, Message
from novate.air.table import Row
from novate.circuits import public_values
from novate.circuits.batch import batch_rows, columns, signed_messages
from novate.circuits.buses import MEMORY, PARAMETERS, PUBLISHER, SIGNED, WINDOW
from novate.circuits.configuration import Configuration
from novate.circuits.poseidon2 import Poseidon2
from novate.circuits.section import Section
from novate.circuits.signed_message import SignedMessage
from novate.circuits.statement import PublicValues
from novate.circuits.tree import TreeLeaf, TreeLevel, TreeNode
from novate.field import P
from novate.ledger import (
    VENUE_ADDRESS,
    Address,
    Batch,
    Head,
    OpenBatch,
    State,
    Transaction,
    Window,
)

from .transactions.surroundings import (
    counterpart,
    filler_of,
    memory,
    mended,
    names,
    row_of,
    sentences_of,
)

Rows = dict[str, list[dict[str, Any]]]
"""Per table its rows."""

Publics = dict[str, list[int]]
"""Per table its public values."""

STRUCTURE: tuple[type[Table], ...] = (
    PublicValues,
    Configuration,
    Section,
    TreeNode,
    TreeLeaf,
    TreeLevel,
    Poseidon2,
    SignedMessage,
)
"""Every table but those of the transactions and of the signatures."""

ANSWERS = {
    Direction.SEND: (Direction.RECEIVE, receive),
    Direction.RECEIVE: (Direction.SEND, send),
    Direction.LOOKUP: (Direction.PROVIDE, provide),
    Direction.PROVIDE: (Direction.LOOKUP, lookup),
}
"""What answers a message, by the part that the table plays in it."""

FINDINGS_MAX = 1 << 16


def said_by(direction: Direction, bus: Bus) -> str:
    """The name of the counterpart that plays this part on a bus."""
    return f"{direction.value} {bus.name}"


@lru_cache
def among_counterparts(*tables: type[Table]) -> Program:
    """The tables, and for every message of theirs a counterpart that can answer it."""
    found = {}
    for table in tables:
        for message in table.constrain(Row(table)):
            if isinstance(message, Message):
                direction, speak = ANSWERS[message.direction]
                name = said_by(direction, message.bus)
                found.setdefault(name, (message.bus, speak))
    answering = (counterpart(name, bus, speak) for name, (bus, speak) in found.items())
    return Program([*tables, *answering])


@dataclass(frozen=True)
class Scene:
    """Rows of some tables with their public values, and what is said around them."""

    program: Program
    rows: Rows
    publics: Publics
    around: Rows

    @property
    def trace(self) -> Trace:
        """Every cell."""
        return trace(self.program, columns(self.rows) | columns(self.around), self.publics)

    @property
    def refusals(self) -> set[str]:
        """The sentences that are broken and the buses that do not balance."""
        return names(check(self.program, self.trace))

    def lying(self, **tables: list[dict[str, Any]]) -> set[str]:
        """What refuses other rows of these tables, while everybody else says what they said."""
        return replace(self, rows=self.rows | tables).refusals

    @property
    def answered(self) -> Scene:
        """The same rows, and every answer they need."""
        around: Rows = {}
        for _ in range(3):
            scene = replace(self, around=around)
            _, unbalanced = filler_of(self.program).check(
                scene.trace.cells, self.publics_by_table, FINDINGS_MAX
            )
            answers = [self._answer(*found[:3]) for found in unbalanced]
            if not any(answers):
                break
            for name, rows in filter(None, answers):
                around.setdefault(name, []).extend(rows)
        return replace(self, around=around)

    @property
    def publics_by_table(self) -> list[list[int]]:
        """The public values of all tables, in the program's order."""
        return [self.publics.get(table.name, []) for table in self.program.tables]

    def _answer(
        self, index: int, values: Sequence[int], surplus: int
    ) -> tuple[str, list[dict[str, Any]]] | None:
        bus = self.program.buses[index]
        if bus.discipline is Discipline.PERMUTATION:
            direction = Direction.RECEIVE if surplus > 0 else Direction.SEND
        else:
            direction = Direction.PROVIDE
        name = said_by(direction, bus)
        if name not in {table.name for table in self.program.tables}:
            return None
        repeats = abs(surplus) if bus.discipline is Discipline.PERMUTATION else 1
        return name, [row_of(bus, _fields(bus, values))] * repeats


def _fields(bus: Bus, values: Sequence[int]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A message's elements, field by field."""
    at = 0
    for field, kind in bus.fields.items():
        count = message_elements(kind)
        yield field, tuple(values[at : at + count])
        at += count


def constraints_of(program: Program, table: type[Table]) -> dict[int, str]:
    """What the table itself says, constraint by constraint: what the language adds is left out."""
    said = sentences_of(table)
    constraints = program[table.name].constraints
    return {i: c.sentence for i, c in enumerate(constraints) if c.sentence in said}


def broken(program: Program, table: type[Table], filling: Trace) -> list[tuple[int, int]]:
    """The constraints of a table that are broken, each with its row; others must hold.

    A message that finds no answer is a mistake of the cheat: it fails here.
    """
    found, unbalanced = filler_of(program).check(filling.cells, filling.public_values, FINDINGS_MAX)
    assert not unbalanced, unbalanced[:3]
    assert {program.tables[t].name for t, _, _ in found} <= {table.name}
    return [(constraint, row) for _, constraint, row in found]


Cheat = Callable[[list[dict[str, Any]], dict[str, list[int]]], None]
"""Changes rows of a table, and public values by name, where they stand."""


@dataclass(frozen=True)
class Trial:
    """A table whose every constraint is put to the test from honest rows.

    `fields` says where each named public value stands among those of the table.
    """

    table: type[Table]
    rows: list[dict[str, Any]]
    publics: list[int]
    fields: dict[str, slice]

    def after(self, cheat: Cheat) -> Scene:
        """The scene that a cheat leaves, with every help."""
        rows = deepcopy(self.rows)
        named = {name: list(self.publics[place]) for name, place in self.fields.items()}
        cheat(rows, named)
        publics = list(self.publics)
        for name, place in self.fields.items():
            publics[place] = named[name]
        program = among_counterparts(self.table)
        name = self.table.name
        return Scene(program, {name: rows}, {name: publics}, {}).answered

    def broken(self, cheat: Cheat) -> list[tuple[int, str]]:
        """The constraints that the cheat breaks, and their sentences."""
        program = among_counterparts(self.table)
        found = {at for at, _ in broken(program, self.table, self.after(cheat).trace)}
        return [(at, program[self.table.name].constraints[at].sentence) for at in sorted(found)]

    def complaints(self, cheats: Iterable[tuple[str, Cheat]]) -> list[str]:
        """Cheats that do not break their one constraint, and constraints that no cheat breaks."""
        constraints = constraints_of(among_counterparts(self.table), self.table)
        found = []
        for sentence, cheat in cheats:
            told = self.broken(cheat)
            if [name for _, name in told] != [sentence]:
                found.append(f"'{sentence}' was to be broken alone, not {told}")
            elif len(told) == 1:
                constraints.pop(told[0][0], None)
        return found + [
            f"nothing breaks constraint {at}: {name}" for at, name in constraints.items()
        ]


def bumped(column: str, *, row: int = 0, at: int | None = None, by: int = 1) -> Cheat:
    """One number of a row moved, or one element of a word."""

    def cheat(rows: list[dict[str, Any]], publics: dict[str, list[int]]) -> None:
        if at is None:
            rows[row][column] = (rows[row][column] + by) % P
        else:
            word = list(rows[row][column])
            word[at] = (word[at] + by) % P
            rows[row][column] = tuple(word)

    return cheat


def restated(name: str, *, at: int, by: int = 1) -> Cheat:
    """One public value moved."""

    def cheat(rows: list[dict[str, Any]], publics: dict[str, list[int]]) -> None:
        publics[name][at] = (publics[name][at] + by) % P

    return cheat


def both(*cheats: Cheat) -> Cheat:
    """One change after the other."""

    def cheat(rows: list[dict[str, Any]], publics: dict[str, list[int]]) -> None:
        for change in cheats:
            change(rows, publics)

    return cheat


def batch_of(state: State, *transactions: Transaction, window: Window = BEFORE) -> Batch:
    """A closed batch on a state that stands as if it were the first."""
    batch = OpenBatch(Head.genesis(state), window)
    for transaction in transactions:
        assert hasattr(batch.apply(transaction), "changes"), transaction
    return batch.close()


@lru_cache(maxsize=1)
def busy() -> Batch:
    """A batch with records of each kind, two or more: deposits, a key, a fill, withdrawals."""
    return batch_of(
        opened(),
        deposit(6, ALICE, 7 * USD),
        deposit(7, BOB, 1),
        register(8, ALICE),
        fill(),
        withdraw(ALICE, 5 * USD),
        withdraw(BOB, 1),
    )


def structure_of(batch: Batch) -> Scene:
    """The structural tables of a batch, among counterparts that say what its transactions say."""
    program = among_counterparts(*STRUCTURE)
    own = {table.name for table in STRUCTURE}
    rows = {name: found for name, found in batch_rows(batch, {}).items() if name in own}
    # what hashing and sponges need beyond the transactions' own permutations is in these rows
    scene = Scene(program, rows, public_values(batch.statement), {}).answered
    return replace(scene, around=scene.around | accesses(batch) | dict(_asked(batch)))


def accesses(batch: Batch) -> Rows:
    """Every word that a transaction took from memory and put back, as the ledger tells it."""
    last: dict[Address, int] = {VENUE_ADDRESS: 1}
    taken, put = [], []
    for time, step in enumerate(batch.steps, start=2):
        for at in step.applied.touched:
            taken.append(memory(at, last.get(at, 0), step.applied.word_before(at)))
            put.append(memory(at, time, step.applied.state.word(at)))
            last[at] = time
    return {
        said_by(Direction.RECEIVE, MEMORY): taken,
        said_by(Direction.SEND, MEMORY): put,
    }


def _asked(batch: Batch) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    state = batch.after.state
    _, maker, taker, quorum, publishers, *heartbeat, _ = state.configuration.words[0]
    facts: dict[Bus, list[dict[str, Any]]] = {
        WINDOW: [{"start": state.window.start.s, "end": state.window.end.s}],
        PARAMETERS: [
            {
                "maker_fee_rate": maker,
                "taker_fee_rate": taker,
                "quorum": quorum,
                "publishers": publishers,
                "heartbeat": heartbeat,
            }
        ],
        PUBLISHER: [
            {"index": i, "key": key} for i, key in enumerate(state.configuration.publishers)
        ],
        SIGNED: [
            {
                "tag": int(signed.message.tag),
                "payload": signed.message.payload,
                "key": signed.key.commitment,
            }
            for signed in signed_messages(batch)
        ],
    }
    for bus, rows in facts.items():
        yield said_by(Direction.LOOKUP, bus), rows


__all__ = [
    "Cheat",
    "Publics",
    "Rows",
    "Scene",
    "Trial",
    "accesses",
    "among_counterparts",
    "batch_of",
    "both",
    "broken",
    "bumped",
    "busy",
    "constraints_of",
    "memory",
    "mended",
    "restated",
    "structure_of",
]
