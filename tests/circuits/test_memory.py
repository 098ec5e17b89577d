"""Words of the state in the circuit: each has one chain of accesses, from opening to closing."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest
from tests.ledger.scene import AFTER, ALICE, USD, deposit, fill, opened, settle, traded, withdraw

from novate.air import (
    InputRefused,
    Program,
    Row,
    Statement,
    Table,
    bit,
    check,
    element,
    trace,
    unsigned,
    vector,
)
from novate.circuits.buses import TIME_BITS, TIME_END
from novate.circuits.memory import access
from novate.field import P, Word
from novate.ledger import Address, Batch

from .scene import batch_of, busy, mended, structure_of
from .transactions.surroundings import MEMORY_TABLES, memory, names, sentences_of

HERE, THERE = Address(1, 8), Address(2, 8)
A, B, C, D = ((i,) * 8 for i in range(1, 5))
GAP_MAX = (1 << TIME_BITS) - 1


class Accessor(Table):
    """One access a row."""

    account, slot = element(), element()
    old, new = vector(element(), 8), vector(element(), 8)
    time, gap = unsigned(TIME_BITS), unsigned(TIME_BITS)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        """The access and nothing else."""
        yield from access(
            account=row.account,
            slot=row.slot,
            old=row.old,
            new=row.new,
            time=row.time,
            gap=row.gap,
        )


class Perhaps(Table):
    """One access a row, where a flag says so."""

    account, slot = element(), element()
    old, new = vector(element(), 8), vector(element(), 8)
    time, gap = unsigned(TIME_BITS), unsigned(TIME_BITS)
    flag = bit()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        """The access under its flag."""
        yield from access(
            account=row.account,
            slot=row.slot,
            old=row.old,
            new=row.new,
            time=row.time,
            gap=row.gap,
            flag=row.flag,
        )


@lru_cache
def program(table: type[Table] = Accessor) -> Program:
    """Accesses between leaves that open and close."""
    return Program([table, *MEMORY_TABLES])


def step(at: Address, since: int, old: Word, time: int, new: Word) -> dict[str, Any]:
    """An access that takes the word of one instant and puts it back at another."""
    return at._asdict() | {"old": old, "new": new, "time": time, "gap": time - 1 - since}


Leaf = tuple[Address, Word, int, Word]
"""Opened with a word, closed at an instant with another."""


def filled(leaves: list[Leaf], steps: list[dict[str, Any]], table: type[Table] = Accessor) -> Any:
    """The trace of accesses between leaves."""
    rows = {
        table.name: steps,
        "opened": [memory(at, 0, old) for at, old, _, _ in leaves],
        "closed": [memory(at, closed, new) for at, _, closed, new in leaves],
    }
    inputs = {
        name: {column: [row[column] for row in found] for column in found[0]}
        for name, found in rows.items()
        if found
    }
    return trace(program(table), inputs)


def refusals(
    leaves: list[Leaf], steps: list[dict[str, Any]], table: type[Table] = Accessor
) -> set[str]:
    """What refuses accesses between leaves."""
    return names(check(program(table), filled(leaves, steps, table)))


def forged(leaves: list[Leaf], steps: list[dict[str, Any]]) -> set[str]:
    """What refuses accesses whose times and gaps are written into one cell, range or none."""
    low = {"time": 0, "gap": 0}
    filling = filled(leaves, [row | low for row in steps])
    table = program()[Accessor.name]
    for at, row in enumerate(steps):
        for name in low:
            cell, *_ = table.placed[name].limbs
            filling[Accessor.name][at, cell.cell] = row[name] % P
    return names(check(program(), mended(filling)))


CHAINS: list[tuple[list[Leaf], list[dict[str, Any]]]] = [
    ([], []),
    ([(HERE, A, 0, A)], []),
    ([(HERE, A, 1, A)], [step(HERE, 0, A, 1, A)]),
    ([(HERE, A, 1, B)], [step(HERE, 0, A, 1, B)]),
    ([(HERE, A, TIME_END, B)], [step(HERE, 0, A, TIME_END, B)]),
    ([(HERE, A, 7, C)], [step(HERE, 0, A, 3, B), step(HERE, 3, B, 7, C)]),
    ([(HERE, A, 7, C)], [step(HERE, 3, B, 7, C), step(HERE, 0, A, 3, B)]),
    (
        [(HERE, A, 2, B), (THERE, A, 2, C)],
        [step(HERE, 0, A, 2, B), step(THERE, 0, A, 2, C)],
    ),
    (
        [(HERE, A, TIME_END, A)],
        [
            step(HERE, 0, A, 1, A),
            step(HERE, 1, A, TIME_END - 1, A),
            step(HERE, TIME_END - 1, A, TIME_END, A),
        ],
    ),
]


@pytest.mark.parametrize(("leaves", "steps"), CHAINS)
def test_a_chain_from_opening_to_closing_is_accepted(
    leaves: list[Leaf], steps: list[dict[str, Any]]
) -> None:
    assert refusals(leaves, steps) == set()


@pytest.mark.parametrize(
    "batch",
    [
        busy(),
        batch_of(opened(), deposit(6, ALICE, 1)),
        batch_of(opened(), fill(), withdraw(ALICE, USD)),
        batch_of(traded(), settle(), window=AFTER),
    ],
)
def test_the_accesses_of_the_ledger_are_chains(batch: Batch) -> None:
    assert structure_of(batch).refusals == set()


def test_it_has_no_sentence_of_its_own() -> None:
    """Order is the range of the gap, and the rest is that messages balance."""
    assert sentences_of(Accessor) == sentences_of(Perhaps) == set()


BOTH = [step(HERE, 0, A, 3, B), step(HERE, 3, B, 7, C)]
BETWEEN: list[Leaf] = [(HERE, A, 7, C)]


@pytest.mark.parametrize(
    ("leaves", "steps"),
    [
        # read: another word, another instant, another place
        (BETWEEN, [BOTH[0], step(HERE, 3, D, 7, C)]),
        (BETWEEN, [BOTH[0], step(HERE, 2, B, 7, C)]),
        (BETWEEN, [BOTH[0], step(THERE, 3, B, 7, C)]),
        # an access before the one that it follows, and one that nobody follows
        (BETWEEN, [BOTH[0], step(HERE, 0, A, 7, C)]),
        ([(HERE, A, 3, B)], BOTH),
        ([(HERE, A, 3, B), (HERE, A, 7, C)], BOTH),
        # a fork: two accesses take the same word
        (BETWEEN, [*BOTH, step(HERE, 3, B, 9, D)]),
        (BETWEEN, [*BOTH, BOTH[1]]),
        ([(HERE, A, 7, C)], [step(HERE, 0, A, 3, B), step(HERE, 0, A, 7, C)]),
        # a chain that is left out, begun nowhere, ended nowhere
        (BETWEEN, []),
        (BETWEEN, BOTH[1:]),
        (BETWEEN, BOTH[:1]),
        ([], BOTH),
        ([(HERE, B, 7, C)], BOTH),
        ([(HERE, A, 7, B)], BOTH),
        ([(THERE, A, 7, C)], BOTH),
        # two at one instant
        ([(HERE, A, 3, C)], [step(HERE, 0, A, 3, B), step(HERE, 0, B, 3, C)]),
    ],
)
def test_what_is_no_chain_does_not_balance(leaves: list[Leaf], steps: list[dict[str, Any]]) -> None:
    assert refusals(BETWEEN, BOTH) == set()
    assert refusals(leaves, steps) == {"bus memory"}


@pytest.mark.parametrize("at", range(8))
@pytest.mark.parametrize("column", ["old", "new"])
def test_every_element_of_a_word_counts(column: str, at: int) -> None:
    lie = tuple((e + (i == at)) % P for i, e in enumerate(BOTH[1][column]))
    assert refusals(BETWEEN, [BOTH[0], BOTH[1] | {column: lie}]) == {"bus memory"}


BACKWARDS: list[tuple[list[Leaf], list[dict[str, Any]]]] = [
    # what it puts back itself: nobody opened it
    ([], [step(HERE, 5, A, 5, A)]),
    ([(HERE, A, 0, A)], [step(HERE, 5, D, 5, D)]),
    # two at one instant
    ([(HERE, A, 3, C)], [step(HERE, 0, A, 3, B), step(HERE, 3, B, 3, C)]),
    # two that follow each other in a ring
    ([], [step(HERE, 9, A, 5, B), step(HERE, 5, B, 9, A)]),
    # one that takes place before the one that it follows
    ([(HERE, A, 3, C)], [step(HERE, 0, A, 7, B), step(HERE, 7, B, 3, C)]),
    # one at the opening
    ([(HERE, A, 0, B)], [step(HERE, 0, A, 0, B)]),
]
"""Accesses that balance, and of which one has a gap below zero."""


@pytest.mark.parametrize(("leaves", "steps"), BACKWARDS)
def test_an_access_in_the_past_is_out_of_range(
    leaves: list[Leaf], steps: list[dict[str, Any]]
) -> None:
    assert min(row["gap"] for row in steps) < 0
    with pytest.raises(InputRefused):
        refusals(leaves, steps)
    assert forged(BETWEEN, BOTH) == set()
    assert forged(leaves, steps) == {"bus u16"}


def test_time_does_not_go_round_the_field() -> None:
    """120 gaps of 2**24 - 1 and one of 0 come to p instants: a ring that balances, with every gap
    in its range. Times have a range for this."""
    times, steps = [0], []
    for gap in [GAP_MAX] * 120 + [0]:
        times.append(times[-1] + 1 + gap)
        steps.append(step(HERE, times[-2], A, times[-1], A))
    assert times[-1] == P
    assert all(0 <= row["gap"] <= GAP_MAX for row in steps)
    assert forged([], steps) == {"bus u16"}
    ranged = [row | {"time": row["time"] % P} for row in steps]
    with pytest.raises(InputRefused):
        refusals([], ranged)


@pytest.mark.parametrize("changes", [{"time": TIME_END + 1}, {"gap": GAP_MAX + 1}, {"gap": -1}])
def test_instants_have_a_width(changes: dict[str, int]) -> None:
    with pytest.raises(InputRefused):
        refusals(BETWEEN, [BOTH[0], BOTH[1] | changes])


def test_an_access_under_a_flag_is_silent_where_it_is_zero() -> None:
    spoken = [row | {"flag": 1} for row in BOTH]
    silent = step(THERE, 0, D, 5, A) | {"flag": 0}
    assert refusals(BETWEEN, [*spoken, silent], Perhaps) == set()
    assert refusals(BETWEEN, [*spoken, silent | {"flag": 1}], Perhaps) == {"bus memory"}
    assert refusals(BETWEEN, [spoken[0], spoken[1] | {"flag": 0}], Perhaps) == {"bus memory"}


def test_a_word_of_a_batch_has_one_chain() -> None:
    """Between real leaves and the real statement: each access is there, and there once."""
    scene = structure_of(batch_of(opened(), deposit(6, ALICE, 1), withdraw(ALICE, USD)))
    taken, put = scene.around["receives memory"], scene.around["sends memory"]
    assert len(taken) == 8
    for i in range(len(taken)):
        for kept in (
            (taken[:i] + taken[i + 1 :], put[:i] + put[i + 1 :]),
            ([*taken, taken[i]], [*put, put[i]]),
        ):
            told = {"receives memory": kept[0], "sends memory": kept[1]}
            lie = replace(scene, around=scene.around | told)
            assert lie.refusals == {"bus memory"}
