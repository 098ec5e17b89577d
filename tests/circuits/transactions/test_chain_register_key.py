"""A key registration in the circuit: the ledger's is accepted, and every rule refuses its cheat."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from tests.ledger.scene import ALICE, BOB, OWNERS, SECRETS, opened, register, venue_at

from novate.air import InputRefused, Program
from novate.circuits.buses import DATA, PERMUTATION
from novate.circuits.clock import Clock
from novate.circuits.sponge import States, absorb
from novate.circuits.transactions.chain_register_key import (
    CAPACITY,
    RegisterKey,
    rows,
)
from novate.field import P, Tag, address_elements, limbs24, permute
from novate.keys import PublicKey, public_key
from novate.ledger import INSTRUMENTS, Address, State, key_address
from novate.units import bounds

from .surroundings import (
    CLOSED,
    PERMUTED,
    Environment,
    Rows,
    forged,
    program_of,
    refusals,
    refusals_by_sentences,
    sentences_of,
    steps_of,
)

NEW_KEY = PublicKey(2**256 - 1, 7)
BOBS = address_elements(OWNERS[BOB])


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of(RegisterKey, DATA, PERMUTATION)


def told(
    program: Program, *registrations: Any, state: State | None = None
) -> tuple[Rows, Environment]:
    """The rows of the registrations, and what is around them."""
    steps, clock = steps_of(state or opened(), registrations), Clock()
    states: States = {}
    made = [rows(step, clock, states)[RegisterKey.name][0] for step in steps]
    return {RegisterKey.name: made}, Environment.around(program, steps, clock, list(states))


@pytest.fixture
def scene(program: Program) -> tuple[Rows, Environment]:
    """Alice names another key in slot 2."""
    return told(program, register(6, ALICE, key_slot=2, key=NEW_KEY))


def changed(made: Rows, **changes: Any) -> Rows:
    """The row, changed as named."""
    (row,) = made[RegisterKey.name]
    assert set(changes) <= set(RegisterKey.columns)
    return {RegisterKey.name: [row | changes]}


def blocks(x: tuple[int, ...], y: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """What the sponge of a key takes in, word by word."""
    key = (*x, *y, 0, 0)
    return key[:8], key[8:16], key[16:]


def hashed(states: Sequence[tuple[int, ...]]) -> dict[str, Any]:
    """The columns of three permutations."""
    columns = ("first_out", "second_out", "third_out")
    return {column: permute(state) for column, state in zip(columns, states, strict=True)}


def permuted(states: Iterable[tuple[int, ...]]) -> Rows:
    """These permutations, and no others."""
    return {PERMUTED: [{"state": state, "out": permute(state)} for state in states]}


def other_key() -> tuple[dict[str, Any], Rows]:
    """The columns of Bob's key, hashed as it should be, and its permutations."""
    key, states = public_key(SECRETS[BOB]), States()
    absorb(Tag.KEY, key.elements, states)
    return {"x": limbs24(key.x), "y": limbs24(key.y), **hashed(list(states))}, permuted(states)


def test_registrations_of_the_ledger_are_accepted(program: Program) -> None:
    made, around = told(
        program,
        register(6, ALICE),
        register(7, BOB, key_slot=4, key=NEW_KEY),
        register(8, ALICE, key=public_key(SECRETS[BOB])),
    )
    assert refusals(program, made, around.rows) == set()


@pytest.mark.parametrize("key_slot", [1, 2, 3, 4])
def test_the_word_is_the_commitment_of_the_key(program: Program, key_slot: int) -> None:
    made, around = told(program, register(6, ALICE, key_slot=key_slot, key=NEW_KEY))
    assert refusals(program, made, around.rows) == set()
    (row,) = made[RegisterKey.name]
    assert row["third_out"][:8] == NEW_KEY.commitment
    at = key_address(ALICE, key_slot)
    closed = {Address(w["account"], w["slot"]): w["word"] for w in around.rows[CLOSED]}
    assert closed[at] == NEW_KEY.commitment


def test_the_last_entry_of_an_inbox_is_consumed(program: Program) -> None:
    last = bounds.INBOX_ENTRIES - 1
    made, around = told(program, register(last, ALICE), state=venue_at(last))
    assert refusals(program, made, around.rows) == set()


CHEATS = [
    ({"cursor_after": 6}, "the inbox moves by one entry"),
    ({"cursor_after": 8}, "the inbox moves by one entry"),
    ({"account": 0}, "the account is not number 0"),
    ({"owner": BOBS}, "the account is this owner's"),
    ({"header": (*BOBS, 1)}, "the account is this owner's"),
    ({"header": (*address_elements(OWNERS[ALICE]), 0)}, "the account is this owner's"),
    ({"header": (0,) * 8, "owner": (0,) * 7}, "the account is this owner's"),
]


@pytest.mark.parametrize(("changes", "sentence"), CHEATS)
def test_a_cheat_with_every_help_breaks_a_sentence(
    program: Program, scene: tuple[Rows, Environment], changes: dict[str, Any], sentence: str
) -> None:
    made, _ = scene
    assert refusals_by_sentences(program, made) == set()
    assert refusals_by_sentences(program, changed(made, **changes)) == {sentence}


def test_every_sentence_has_its_cheat() -> None:
    assert {sentence for _, sentence in CHEATS} == sentences_of(RegisterKey)


@pytest.mark.parametrize("at", range(8))
def test_every_element_of_the_header_counts(
    program: Program, scene: tuple[Rows, Environment], at: int
) -> None:
    made, _ = scene
    (row,) = made[RegisterKey.name]
    header = tuple((e + (i == at)) % P for i, e in enumerate(row["header"]))
    lie = changed(made, header=header)
    assert refusals_by_sentences(program, lie) == {"the account is this owner's"}


@pytest.mark.parametrize(
    ("changes", "buses"),
    [
        ({"cursor": 7, "cursor_after": 8}, {"bus memory", "bus data"}),
        ({"cursor": 5, "cursor_after": 6}, {"bus memory", "bus data"}),
        ({"account": BOB}, {"bus memory", "bus data"}),
        ({"owner": BOBS, "header": (*BOBS, 1)}, {"bus memory", "bus data"}),
        ({"key_index": 0}, {"bus memory", "bus data"}),
        ({"supply": (1, 0, 0, 0)}, {"bus memory"}),
        ({"replaced": (1, 0, 0, 0, 0, 0, 0, 0)}, {"bus memory"}),
        ({"x": limbs24(5)}, {"bus data", "bus permutation"}),
        ({"y": limbs24(5)}, {"bus data", "bus permutation"}),
    ],
)
def test_a_consistent_lie_is_told_on_a_bus(
    program: Program, scene: tuple[Rows, Environment], changes: dict[str, Any], buses: set[str]
) -> None:
    made, around = scene
    assert refusals(program, changed(made, **changes), around.rows) == buses


def test_another_key_is_not_what_was_posted(
    program: Program, scene: tuple[Rows, Environment]
) -> None:
    made, around = scene
    other, permutations = other_key()
    lie = changed(made, **other)
    assert refusals(program, lie, around.rows | permutations) == {"bus memory", "bus data"}


def test_the_word_of_another_key_is_not_its_hash(
    program: Program, scene: tuple[Rows, Environment]
) -> None:
    made, around = scene
    other, _ = other_key()
    lie = changed(made, third_out=other["third_out"])
    assert refusals(program, lie, around.rows) == {"bus memory", "bus permutation"}


@pytest.mark.parametrize(
    "capacity",
    [
        (22, 1, 0, 0, 0, 0, 0, 0),
        (24, 2, 0, 0, 0, 0, 0, 0),
        (22, 2, 0, 0, 0, 0, 0, 1),
    ],
)
def test_the_sponge_starts_from_length_and_tag(
    program: Program, scene: tuple[Rows, Environment], capacity: tuple[int, ...]
) -> None:
    made, around = scene
    (row,) = made[RegisterKey.name]
    states: list[tuple[int, ...]] = []
    for block in blocks(row["x"], row["y"]):
        states.append((*block, *capacity))
        capacity = permute(states[-1])[8:]
    lie = changed(made, **hashed(states))
    assert refusals(program, lie, around.rows | permuted(states)) == {
        "bus memory",
        "bus permutation",
    }


@pytest.mark.parametrize("at", [1, 2])
def test_the_sponge_goes_on_from_the_capacity_it_left(
    program: Program, scene: tuple[Rows, Environment], at: int
) -> None:
    made, around = scene
    (row,) = made[RegisterKey.name]
    states, capacity = [], CAPACITY
    for index, block in enumerate(blocks(row["x"], row["y"])):
        states.append((*block, *(CAPACITY if index == at else capacity)))
        capacity = permute(states[-1])[8:]
    lie = changed(made, **hashed(states))
    assert refusals(program, lie, around.rows | permuted(states)) == {
        "bus memory",
        "bus permutation",
    }


@pytest.mark.parametrize("key_slot", [0, 5, 8, 16, 128])
def test_there_are_four_key_slots(
    program: Program, scene: tuple[Rows, Environment], key_slot: int
) -> None:
    made, around = scene
    value = (key_slot - 1) % P
    assert "bus narrow" in forged(program, RegisterKey.name, "key_index", value, made, around.rows)
    with pytest.raises(InputRefused):
        refusals(program, changed(made, key_index=key_slot - 1), around.rows)


@pytest.mark.parametrize(
    "changes", [{"account": INSTRUMENTS + 1}, {"cursor": bounds.INBOX_ENTRIES}]
)
def test_what_has_no_width_cannot_be_written(
    program: Program, scene: tuple[Rows, Environment], changes: dict[str, Any]
) -> None:
    made, around = scene
    with pytest.raises(InputRefused):
        refusals(program, changed(made, **changes), around.rows)


def test_a_cell_of_the_account_out_of_range_is_seen(
    program: Program, scene: tuple[Rows, Environment]
) -> None:
    made, around = scene
    value = INSTRUMENTS >> 16
    assert "bus narrow" in forged(program, RegisterKey.name, "account.1", value, made, around.rows)
