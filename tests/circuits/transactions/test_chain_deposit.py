"""A deposit in the circuit: what the ledger did is accepted, and every rule refuses its cheat."""

from dataclasses import replace
from typing import Any

import pytest
from tests.ledger.scene import (
    ALICE,
    BEFORE,
    BOB,
    OWNERS,
    USD,
    deposit,
    genesis,
    opened,
    traded,
    venue_at,
)

from novate.air import InputRefused, Program
from novate.circuits.buses import DATA
from novate.circuits.clock import Clock
from novate.circuits.transactions.chain_deposit import Deposit, rows
from novate.field import P, address_elements
from novate.ledger import VENUE, Head, OpenBatch
from novate.units import bounds

from .surroundings import (
    Environment,
    Rows,
    forged,
    program_of,
    refusals,
    refusals_by_sentences,
    sentences_of,
    steps_of,
)

TOP = (1 << 63) - 1
BOBS_HEADER = (*address_elements(OWNERS[BOB]), 1)
ABSENT = (0,) * 8
STRANGER = 4_000_000


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of(Deposit, DATA)


def told(program: Program, state: Any, *transactions: Any) -> tuple[Rows, Environment]:
    """The rows of the transactions, and what is around them."""
    steps, clock = steps_of(state, transactions), Clock()
    made = [rows(step, clock)[Deposit.name][0] for step in steps]
    return {Deposit.name: made}, Environment.around(program, steps, clock)


@pytest.fixture
def first(program: Program) -> tuple[Rows, Environment]:
    """Alice's first deposit: 7 USD."""
    return told(program, genesis(), deposit(0, ALICE, 7 * USD))


@pytest.fixture
def later(program: Program) -> tuple[Rows, Environment]:
    """Alice's second deposit: 7 USD."""
    return told(program, opened(), deposit(6, ALICE, 7 * USD))


def changed(made: Rows, **changes: Any) -> Rows:
    """The same rows, the first of them changed."""
    row, *rest = made[Deposit.name]
    assert set(changes) <= set(Deposit.columns)
    return {Deposit.name: [row | changes, *rest]}


def test_deposits_of_the_ledger_are_accepted(program: Program) -> None:
    made, around = told(
        program,
        traded(),
        deposit(6, BOB, 1),
        replace(deposit(7, BOB, 5 * USD), account=STRANGER),
        replace(deposit(8, BOB, 70_000 * USD), account=STRANGER),
        deposit(9, ALICE, 2**62),
    )
    assert [row["opens"] for row in made[Deposit.name]] == [0, 1, 0, 0]
    assert made[Deposit.name][0]["locked"] != (0, 0, 0, 0)
    assert refusals(program, made, around.rows) == set()


def test_the_last_entry_of_an_inbox_is_consumed(program: Program) -> None:
    last = bounds.INBOX_ENTRIES - 1
    made, around = told(program, venue_at(last), deposit(last, ALICE, 7 * USD))
    assert refusals(program, made, around.rows) == set()


def test_it_tells_a_batch(program: Program) -> None:
    batch = OpenBatch(Head.genesis(genesis()), BEFORE)
    batch.apply(deposit(0, ALICE, 7 * USD))
    steps, clock = list(batch.close().steps), Clock()
    made = rows(steps[0], clock)
    assert refusals(program, made, Environment.around(program, steps, clock).rows) == set()


CHEATS = [
    ({"cursor_after": 6}, "the inbox moves by one entry"),
    ({"cursor_after": 8}, "the inbox moves by one entry"),
    ({"account": 0}, "the account is not number 0"),
    (
        {"amount": 0, "balance_after": 10_000 * USD, "supply_after": 30_000 * USD},
        "the amount is not zero",
    ),
    ({"header": BOBS_HEADER}, "an open account is this owner's"),
    ({"header": ABSENT}, "an open account is this owner's"),
    ({"header": (*address_elements(OWNERS[ALICE]), 0)}, "an open account is this owner's"),
    ({"header": BOBS_HEADER, "opens": 1}, "a new account had no header"),
    ({"opens": 1}, "a new account had no header"),
    ({"balance_after": 10_007 * USD + 1}, "the balance grows by the amount"),
    ({"balance_after": 10_000 * USD}, "the balance grows by the amount"),
    ({"balance": TOP, "balance_after": 7 * USD - 1}, "the balance grows by the amount"),
    ({"balance": TOP, "balance_after": TOP}, "the balance grows by the amount"),
    ({"supply_after": 30_000 * USD}, "the supply grows by the amount"),
    ({"supply_after": 30_014 * USD}, "the supply grows by the amount"),
    ({"supply": TOP, "supply_after": 7 * USD - 1}, "the supply grows by the amount"),
]


@pytest.mark.parametrize(("changes", "sentence"), CHEATS)
def test_a_cheat_with_every_help_breaks_a_sentence(
    program: Program, later: tuple[Rows, Environment], changes: dict[str, Any], sentence: str
) -> None:
    made, _ = later
    assert refusals_by_sentences(program, made) == set()
    assert refusals_by_sentences(program, changed(made, **changes)) == {sentence}


def test_every_sentence_has_its_cheat() -> None:
    assert {sentence for _, sentence in CHEATS} == sentences_of(Deposit)


@pytest.mark.parametrize("opens", [0, 1])
@pytest.mark.parametrize("at", range(8))
def test_every_element_of_the_header_counts(
    program: Program, later: tuple[Rows, Environment], opens: int, at: int
) -> None:
    made, _ = later
    (row,) = made[Deposit.name]
    honest = ABSENT if opens else row["header"]
    header = tuple((e + (i == at)) % P for i, e in enumerate(honest))
    assert refusals_by_sentences(program, changed(made, header=honest, opens=opens)) == set()
    sentence = "a new account had no header" if opens else "an open account is this owner's"
    lie = changed(made, header=header, opens=opens)
    assert refusals_by_sentences(program, lie) == {sentence}


@pytest.mark.parametrize(
    ("changes", "buses"),
    [
        ({"cursor": 7, "cursor_after": 8}, {"bus memory", "bus data"}),
        ({"cursor": 5, "cursor_after": 6}, {"bus memory", "bus data"}),
        ({"amount": 8 * USD}, {"bus memory", "bus data"}),
        ({"account": BOB}, {"bus memory", "bus data"}),
        (
            {"owner": address_elements(OWNERS[BOB]), "header": BOBS_HEADER},
            {"bus memory", "bus data"},
        ),
        ({"opens": 1, "header": ABSENT}, {"bus memory"}),
        ({"balance": 20_000 * USD}, {"bus memory"}),
        ({"locked": (1, 0, 0, 0)}, {"bus memory"}),
        ({"supply": 20_000 * USD}, {"bus memory"}),
        ({"time": 3}, {"bus memory"}),
    ],
)
def test_a_consistent_lie_is_told_on_a_bus(
    program: Program, later: tuple[Rows, Environment], changes: dict[str, Any], buses: set[str]
) -> None:
    made, around = later
    assert refusals(program, changed(made, **changes), around.rows) == buses


def test_an_account_is_not_opened_for_another(
    program: Program, first: tuple[Rows, Environment]
) -> None:
    made, around = first
    lie = changed(made, owner=address_elements(OWNERS[BOB]))
    assert refusals(program, lie, around.rows) == {"bus memory", "bus data"}


def test_an_entry_is_not_consumed_twice(program: Program) -> None:
    made, around = told(program, genesis(), deposit(0, ALICE, 7 * USD), deposit(1, BOB, USD))
    row, other = made[Deposit.name]
    twice = row | {"time": 4, "gaps": [0, 1, 1], "opens": 0, "header": BOBS_HEADER}
    assert "bus data" in refusals(program, {Deposit.name: [row, other, twice]}, around.rows)
    assert "bus data" in refusals(program, {Deposit.name: [other]}, around.rows)
    assert "bus data" in refusals(program, {Deposit.name: [row]}, around.rows)


@pytest.mark.parametrize(
    "changes",
    [
        {"balance": TOP},
        {"balance": TOP, "balance_after": TOP + 7 * USD},
        {"supply": TOP, "supply_after": TOP + 7 * USD},
        {"amount": 1 << 63, "balance_after": 0, "supply_after": 0},
        {"cursor": bounds.INBOX_ENTRIES},
        {"account": VENUE},
    ],
)
def test_what_has_no_width_cannot_be_written(
    program: Program, later: tuple[Rows, Environment], changes: dict[str, Any]
) -> None:
    made, around = later
    with pytest.raises(InputRefused):
        refusals(program, changed(made, **changes), around.rows)


@pytest.mark.parametrize(
    ("cell", "value", "bus"),
    [
        ("account.1", VENUE >> 16, "bus narrow"),
        ("balance_after.3", 1 << 15, "bus u16"),
        ("supply_after.3", 1 << 15, "bus u16"),
        ("cursor_after.1", 1 << 14, "bus narrow"),
        ("balance_after.0", P - 1, "bus u16"),
    ],
)
def test_a_cell_out_of_range_is_seen(
    program: Program, later: tuple[Rows, Environment], cell: str, value: int, bus: str
) -> None:
    made, around = later
    assert bus in forged(program, Deposit.name, cell, value, made, around.rows)
