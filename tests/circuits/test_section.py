"""The data section in the circuit: every posted word in its place, once, and bound twice."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from tests.ledger.scene import ALICE, BEFORE, BOB, USD, deposit, genesis, opened, withdraw

from novate.circuits import public_values
from novate.circuits.batch import batch_rows
from novate.circuits.section import PUBLIC, Section, times
from novate.field import P, Tag, permute
from novate.ledger import VENUE_ADDRESS, Batch, State, Venue, data_value
from novate.units import bounds

from .scene import (
    Cheat,
    Scene,
    Trial,
    batch_of,
    both,
    bumped,
    busy,
    restated,
    structure_of,
)

INBOX, WITHDRAWAL, CHUNK = range(3)
Row = dict[str, Any]
Named = dict[str, list[int]]


def trial(batch: Batch) -> Trial:
    """The section of a batch as the circuits tell it."""
    rows, publics = batch_rows(batch, {})[Section.name], public_values(batch.statement)
    return Trial(Section, rows, publics[Section.name], PUBLIC)


def u32(limbs: list[int]) -> int:
    return limbs[0] + (limbs[1] << 16)


def begun(rows: list[Row], named: Named) -> None:
    """The first row starts sponge and value as the public values say."""
    inbox = u32(named["inbox_to"]) - u32(named["inbox_from"])
    words = 4 * inbox + 2 * u32(named["withdrawals"]) + 2 * u32(named["chunks"])
    rows[0]["capacity"] = (8 * words % P, int(Tag.DATA), 0, 0, 0, 0, 0, 0)
    rows[0]["value"] = (0, 0, 0, 0)


def run(rows: list[Row], named: Named, since: int = 0) -> None:
    """Sponge and value from a row on, and what is stated of both at the end."""
    capacity, value = rows[since]["capacity"], rows[since]["value"]
    for row in rows[since:]:
        row["capacity"], row["value"] = capacity, value
        row["out"] = permute((*row["word"], *capacity))
        capacity = row["out"][8:]
        for half in (row["word"][:4], row["word"][4:]):
            product = times(value, named["challenge"])
            value = tuple((a + b) % P for a, b in zip(product, half, strict=True))
    named["commitment"], named["value"] = list(row["out"][:8]), list(value)


def sealed(cheat: Cheat) -> Cheat:
    """A change of records, and then everything that follows from them."""
    return both(cheat, begun, run)


def since(row: int, cheat: Cheat) -> Cheat:
    """A change of one row, and everything that follows after it."""
    return both(cheat, lambda rows, named: run(rows, named, row))


def records_of(rows: list[Row]) -> dict[int, list[list[Row]]]:
    """The records of each kind."""
    records: dict[int, list[list[Row]]] = {INBOX: [], WITHDRAWAL: [], CHUNK: []}
    for row in rows:
        if row["part_low"] + 2 * row["part_high"] == 0:
            records[row["kind"]].append([])
        records[row["kind"]][-1].append(row)
    return records


def counted(rows: list[Row]) -> None:
    """Counters as the rows have them."""
    counts = [0, 0, 0]
    for row in rows:
        row["inbox"], row["withdrawals"], row["chunks"] = counts
        counts[row["kind"]] += row["ends"]


def stated(rows: list[Row], named: Named) -> None:
    """The numbers of records that the rows have, as public values."""
    ended = [sum(row["ends"] for row in rows if row["kind"] == kind) for kind in range(3)]
    inbox = u32(named["inbox_from"]) + ended[INBOX]
    for name, count in (("inbox_to", inbox), ("withdrawals", ended[1]), ("chunks", ended[2])):
        named[name] = [count & 0xFFFF, count >> 16]


def arranged(arrange: Any) -> Cheat:
    """Other rows, counted and stated as they are."""

    def cheat(rows: list[Row], named: Named) -> None:
        rows[:] = [dict(row) for row in arrange(rows)]
        counted(rows)
        stated(rows, named)

    return sealed(cheat)


def joined(*records: list[Row]) -> list[Row]:
    return [row for record in records for row in record]


def of_kinds(*kinds: int) -> Any:
    """One record of each of these kinds, in this order."""

    def arrange(rows: list[Row]) -> list[Row]:
        left = {kind: iter(records) for kind, records in records_of(rows).items()}
        return joined(*(next(left[kind]) for kind in kinds))

    return arrange


def crossed(first: int, second: int) -> Any:
    """A record that begins as one kind and ends as another."""

    def arrange(rows: list[Row]) -> list[Row]:
        records = records_of(rows)
        start, end = records[first][0][0], records[second][0][1]
        whole = {INBOX: records[INBOX][:1], CHUNK: []}.get(first, [])
        return joined(*whole, [start, end | {"ends": 1}])

    return arrange


def parts(*kept: int, ends: int | None = None) -> Any:
    """The first inbox record whole, of the second these parts."""

    def arrange(rows: list[Row]) -> list[Row]:
        one, two = records_of(rows)[INBOX][:2]
        told = deepcopy([two[part] for part in kept])
        if ends is not None:
            told[-1]["ends"] = ends
        return joined(one, told)

    return arrange


def headless(rows: list[Row]) -> list[Row]:
    """A section that begins in the middle of an inbox record."""
    one, two = records_of(rows)[INBOX][:2]
    return joined(one[2:], two)


def tailless(rows: list[Row]) -> list[Row]:
    """A section that ends in the middle of an inbox record."""
    one, two = records_of(rows)[INBOX][:2]
    return joined(one, two[:2])


def one_more(name: str) -> Cheat:
    """A count stated one too high, for which the sponge is run as stated."""
    return sealed(restated(name, at=0))


def counting_from_one(name: str, public: str) -> Cheat:
    """A counter that is one too high all along, as stated."""

    def cheat(rows: list[Row], named: Named) -> None:
        for row in rows:
            row[name] += 1

    return sealed(both(cheat, restated(public, at=0)))


def counting_twice(name: str, public: str) -> Cheat:
    """A counter that rises by two at its first record."""

    def cheat(rows: list[Row], named: Named) -> None:
        kind = ("inbox", "withdrawals", "chunks").index(name)
        first = next(i for i, row in enumerate(rows) if row["kind"] == kind and row["ends"])
        for row in rows[first + 1 :]:
            row[name] += 1

    return sealed(both(cheat, restated(public, at=0)))


ENDS = "inbox records end with part 3, others with part 1"
MOVED = "as many inbox records as the inbox moved"
COUNTERS = (("inbox", "inbox_to"), ("withdrawals", "withdrawals"), ("chunks", "chunks"))

CHEATS: list[tuple[str, Cheat]] = [
    (ENDS, arranged(parts(0, 1, 2, ends=1))),
    ("the first record starts with part 0", arranged(headless)),
    ("a new record starts with part 0", arranged(parts(2, 3))),
    ("parts follow each other", arranged(parts(0, 2, 3))),
    ("a record is of one kind: inbox", arranged(crossed(INBOX, WITHDRAWAL))),
    ("a record is of one kind: chunk", arranged(crossed(WITHDRAWAL, CHUNK))),
    ("inbox records come first", arranged(of_kinds(WITHDRAWAL, INBOX))),
    ("withdrawals come before chunks", arranged(of_kinds(CHUNK, WITHDRAWAL))),
    ("the last record is whole", arranged(tailless)),
    *((f"{name} are counted from 0", counting_from_one(name, at)) for name, at in COUNTERS),
    *((f"{name} ended are counted", counting_twice(name, at)) for name, at in COUNTERS),
    (MOVED, one_more("inbox_to")),
    ("as many withdrawals as stated", one_more("withdrawals")),
    ("as many chunks as stated", one_more("chunks")),
    *(
        ("the sponge starts with length and tag", since(0, bumped("capacity", at=i)))
        for i in range(8)
    ),
    *(
        ("the sponge goes on from its capacity", since(3, bumped("capacity", row=3, at=i)))
        for i in range(8)
    ),
    *(("the digest is the commitment", restated("commitment", at=i)) for i in range(8)),
    *(("the value starts at 0", since(0, bumped("value", at=i))) for i in range(4)),
    *(("the value takes in a word", since(3, bumped("value", row=3, at=i))) for i in range(4)),
    *(("the value is the stated one", restated("value", at=i)) for i in range(4)),
]
"""A sentence and what breaks one constraint of it, whatever everybody else says."""


@pytest.mark.parametrize(
    "arrange",
    [
        lambda rows: rows,
        of_kinds(INBOX),
        of_kinds(WITHDRAWAL),
        of_kinds(CHUNK),
        of_kinds(INBOX, CHUNK),
        of_kinds(INBOX, INBOX, WITHDRAWAL, WITHDRAWAL, CHUNK, CHUNK),
    ],
)
def test_what_a_cheat_starts_from_is_accepted(arrange: Any) -> None:
    assert trial(busy()).broken(arranged(arrange)) == []


def test_every_constraint_is_broken_alone_by_a_cheat_with_every_help() -> None:
    assert trial(busy()).complaints(CHEATS) == []


def at_cursor(cursor: int, supply_e6: int = 0) -> State:
    """The venue before anyone came, with another word of its own."""
    state = genesis()
    word = Venue(cursor, supply_e6).encode()
    return replace(state, words=state.words.set(VENUE_ADDRESS, word), window=BEFORE)


def batches() -> Iterator[tuple[str, Batch]]:
    """Batches at the edges of what a section can be."""
    top = (1 << bounds.CURSOR_BITS) - 1
    yield "every kind", busy()
    yield "nothing changed", batch_of(opened())
    yield "nothing was ever there", batch_of(at_cursor(0))
    yield "the inbox is full", batch_of(at_cursor(top))
    yield "one deposit", batch_of(genesis(), deposit(0, ALICE, 1))
    yield "the last inbox record", batch_of(at_cursor(top - 1), deposit(top - 1, ALICE, 1))
    yield (
        "a carry in the position",
        batch_of(at_cursor(2**16 - 1), deposit(2**16 - 1, ALICE, 1), deposit(2**16, BOB, 1)),
    )
    yield "one withdrawal", batch_of(opened(), withdraw(ALICE, USD))


@pytest.mark.parametrize(("what", "batch"), list(batches()))
def test_the_section_of_a_batch_is_accepted(what: str, batch: Batch) -> None:
    rows = batch_rows(batch, {})[Section.name]
    assert tuple(row["word"] for row in rows) == batch.section.words
    assert structure_of(batch).refusals == set()


def test_the_value_is_the_ledgers() -> None:
    for batch in (busy(), batch_of(opened())):
        honest = trial(batch)
        named = {name: list(honest.publics[at]) for name, at in PUBLIC.items()}
        rows = deepcopy(honest.rows)
        begun(rows, named)
        run(rows, named)
        assert tuple(named["commitment"]) == batch.section.commitment
        assert tuple(named["value"]) == data_value(batch.section.words, batch.statement.challenge)


def told(arrange: Any) -> set[str]:
    """What refuses other rows of the section when the rest of the batch says what it said."""
    scene = structure_of(busy())
    honest = trial(busy())
    rows = deepcopy(honest.rows)
    named = {name: list(honest.publics[at]) for name, at in PUBLIC.items()}
    arranged(arrange)(rows, named)
    publics = [element for name in PUBLIC for element in named[name]]
    states = {tuple(row["state"]): row for row in scene.rows["poseidon2"]}
    states |= {(*r["word"], *r["capacity"]): {"state": (*r["word"], *r["capacity"])} for r in rows}
    lie = Scene(
        scene.program,
        scene.rows | {Section.name: rows, "poseidon2": list(states.values())},
        scene.publics | {Section.name: publics},
        scene.around,
    )
    return lie.refusals


def reordered(kind: int) -> Any:
    """Two records of a kind exchanged."""

    def arrange(rows: list[Row]) -> list[Row]:
        records = records_of(rows)
        records[kind][:2] = reversed(records[kind][:2])
        return joined(*records[INBOX], *records[WITHDRAWAL], *records[CHUNK])

    return arrange


def repeated(kind: int) -> Any:
    """A record of a kind posted twice."""

    def arrange(rows: list[Row]) -> list[Row]:
        records = records_of(rows)
        records[kind].insert(0, records[kind][0])
        return joined(*records[INBOX], *records[WITHDRAWAL], *records[CHUNK])

    return arrange


def dropped(kind: int) -> Any:
    """The last record of a kind left out."""

    def arrange(rows: list[Row]) -> list[Row]:
        records = records_of(rows)
        records[kind].pop()
        return joined(*records[INBOX], *records[WITHDRAWAL], *records[CHUNK])

    return arrange


def renamed(rows: list[Row]) -> list[Row]:
    """A withdrawal posted as if it were a changed word."""
    records = records_of(rows)
    chunk = [row | {"kind": CHUNK} for row in records[WITHDRAWAL].pop()]
    return joined(*records[INBOX], *records[WITHDRAWAL], *records[CHUNK], chunk)


def richer(rows: list[Row]) -> list[Row]:
    """A withdrawal of more than was withdrawn."""
    amount = records_of(rows)[WITHDRAWAL][0][1]
    amount["word"] = (amount["word"][0] + 1, *amount["word"][1:])
    return rows


@pytest.mark.parametrize("kind", [INBOX, WITHDRAWAL, CHUNK])
@pytest.mark.parametrize("arrange", [reordered, repeated, dropped])
def test_records_cannot_be_reordered_repeated_or_dropped(kind: int, arrange: Any) -> None:
    assert told(lambda rows: rows) == set()
    assert told(arrange(kind)) == {"bus data"}


@pytest.mark.parametrize("arrange", [renamed, richer])
def test_records_are_what_was_sent(arrange: Any) -> None:
    assert told(arrange) == {"bus data"}


def test_an_inbox_that_moved_elsewhere_is_another_record() -> None:
    scene, honest = structure_of(busy()), trial(busy())
    named = {name: list(honest.publics[at]) for name, at in PUBLIC.items()}
    for name in ("inbox_from", "inbox_to"):
        named[name][0] += 1
    publics = [element for name in PUBLIC for element in named[name]]
    lie = replace(scene, publics=scene.publics | {Section.name: publics})
    assert lie.refusals == {"bus data"}


def test_the_value_is_taken_at_the_stated_challenge() -> None:
    def elsewhere(rows: list[Row], named: Named) -> None:
        stated = list(named["challenge"])
        named["challenge"][1] = (stated[1] + 1) % P
        run(rows, named)
        named["challenge"] = stated

    taken = {name for _, name in trial(busy()).broken(elsewhere)}
    assert taken == {"the value takes in a word", "the value is the stated one"}


def test_leading_zeros_count() -> None:
    """A word of zeros in front leaves every value as it is: only the number of words tells."""

    def longer(rows: list[Row], named: Named) -> None:
        rows[:] = joined([row | {"word": (0,) * 8} for row in rows[-2:]], deepcopy(rows[-2:]))
        counted(rows)
        named["withdrawals"], named["chunks"] = [0, 0], [1, 0]
        named["inbox_to"] = list(named["inbox_from"])

    found = trial(busy()).broken(sealed(longer))
    assert {name for _, name in found} == {"as many chunks as stated"}
