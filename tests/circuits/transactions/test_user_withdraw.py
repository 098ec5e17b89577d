"""A withdrawal in the circuit: the ledger's is accepted, and every rule refuses its cheat."""

from typing import Any

import pytest
from tests.ledger.scene import (
    ALICE,
    BEFORE,
    BOB,
    EXPIRY,
    OWNERS,
    SECRETS,
    USD,
    opened,
    traded,
    withdraw,
)

from novate.air import InputRefused, Program
from novate.circuits.buses import DATA, SIGNED, WINDOW
from novate.circuits.clock import Clock
from novate.circuits.transactions.user_withdraw import Withdraw, rows
from novate.field import P, address_elements
from novate.keys import public_key
from novate.ledger import FEES, State

from .surroundings import (
    POSTED,
    SIGNATURES,
    Environment,
    Rows,
    forged,
    program_of,
    refusals,
    refusals_by_sentences,
    sentences_of,
    steps_of,
)

EXPIRY_S = EXPIRY.s
BALANCE, LOCKED, SUPPLY = 10_014_992_500, 850 * USD, 30_000 * USD
"""Bob's after the trade, and the venue's."""

NOT_EXPIRED = "the request has not expired when the window ends"
ABOVE = "the nonce is above the slot's"
NOT_ZERO = "the amount is not zero"
BALANCE_FALLS = "the balance falls by the amount"
COVERED = "what is locked stays covered"
SUPPLY_FALLS = "the supply falls by the amount"


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of(Withdraw, DATA, SIGNED, WINDOW)


def told(program: Program, state: State, *withdrawals: Any) -> tuple[Rows, Environment]:
    """The rows of the withdrawals, and what is around them."""
    steps, clock = steps_of(state, withdrawals), Clock()
    made = [rows(step, clock, ordinal=i)[Withdraw.name][0] for i, step in enumerate(steps)]
    return {Withdraw.name: made}, Environment.around(program, steps, clock)


@pytest.fixture
def scene(program: Program) -> tuple[Rows, Environment]:
    """Bob, who wrote a put, takes 3 USD."""
    return told(program, traded(), withdraw(BOB, 3 * USD))


def changed(made: Rows, **changes: Any) -> Rows:
    """The same rows, the first of them changed."""
    row, *rest = made[Withdraw.name]
    assert set(changes) <= set(Withdraw.columns)
    return {Withdraw.name: [row | changes, *rest]}


def test_withdrawals_of_the_ledger_are_accepted(program: Program) -> None:
    state = traded()
    free_e6 = state.collateral(BOB).free_e6
    made, around = told(
        program,
        state,
        withdraw(ALICE, 1),
        withdraw(BOB, free_e6 - 1, nonce=5),
        withdraw(BOB, 1, nonce=6, expiry=BEFORE.end),
        withdraw(ALICE, 10 * USD, order_slot=0, nonce=2**30 - 1),
    )
    assert state.collateral(BOB).locked_e6 > 0
    assert made[Withdraw.name][3]["slot_filled"] > 0
    assert refusals(program, made, around.rows) == set()


def test_the_order_of_the_records_is_free(program: Program) -> None:
    made, around = told(program, opened(), withdraw(ALICE, 1), withdraw(BOB, 2))
    one, two = made[Withdraw.name]
    swapped: Rows = {Withdraw.name: [one | {"ordinal": 1}, two | {"ordinal": 0}]}
    assert refusals(program, swapped, around.rows) == {"bus data"}
    for posted in around.rows[POSTED]:
        posted["ordinal"] = 1 - posted["ordinal"]
    assert refusals(program, swapped, around.rows) == set()


def test_a_record_is_not_shared(program: Program) -> None:
    made, around = told(program, opened(), withdraw(ALICE, 1), withdraw(ALICE, 1, nonce=2))
    one, two = made[Withdraw.name]
    shared: Rows = {Withdraw.name: [one, two | {"ordinal": 0}]}
    assert refusals(program, shared, around.rows) == {"bus data"}


CHEATS = [
    ({"account": 0}, "the account is not number 0"),
    ({"window_end": EXPIRY_S + 1, "remaining": 0}, NOT_EXPIRED),
    ({"window_end": EXPIRY_S + 1, "remaining": 2**32 - 1}, NOT_EXPIRED),
    ({"expiry": BEFORE.end.s - 1, "remaining": 0}, NOT_EXPIRED),
    ({"slot_nonce": 1, "skipped": 0}, ABOVE),
    ({"slot_nonce": 2, "skipped": 0}, ABOVE),
    ({"slot_nonce": 2, "skipped": 2**30 - 1}, ABOVE),
    ({"amount": 0}, NOT_ZERO),
    ({"amount": BALANCE - LOCKED + 1, "free_after": 0}, COVERED),
    ({"amount": BALANCE - LOCKED + 1, "free_after": 2**63 - 1}, COVERED),
    ({"amount": BALANCE, "free_after": 0}, COVERED),
    ({"balance_after": BALANCE}, BALANCE_FALLS),
    ({"balance_after": BALANCE - 3 * USD + 1}, BALANCE_FALLS),
    ({"amount": SUPPLY, "balance_after": LOCKED, "supply_after": 0}, BALANCE_FALLS),
    ({"amount": BALANCE + 1, "balance_after": 2**63 - 1}, BALANCE_FALLS),
    ({"supply_after": SUPPLY}, SUPPLY_FALLS),
    ({"supply": 2 * USD, "supply_after": 2**63 - USD}, SUPPLY_FALLS),
]


@pytest.mark.parametrize(("changes", "sentence"), CHEATS)
def test_a_cheat_with_every_help_breaks_a_sentence(
    program: Program, scene: tuple[Rows, Environment], changes: dict[str, Any], sentence: str
) -> None:
    made, _ = scene
    assert refusals_by_sentences(program, made) == set()
    assert refusals_by_sentences(program, changed(made, **changes)) == {sentence}


def test_every_sentence_has_its_cheat() -> None:
    assert {sentence for _, sentence in CHEATS} == sentences_of(Withdraw)


BOBS, ALICES = (public_key(SECRETS[account]).commitment for account in (BOB, ALICE))


@pytest.mark.parametrize(
    ("changes", "buses"),
    [
        ({"amount": 4 * USD}, {"bus signed", "bus data", "bus memory"}),
        ({"account": ALICE}, {"bus signed", "bus data", "bus memory"}),
        ({"account": ALICE, "key": ALICES}, {"bus signed", "bus data", "bus memory"}),
        ({"owner": address_elements(OWNERS[ALICE])}, {"bus data", "bus memory"}),
        ({"owner": (0,) * 7}, {"bus data", "bus memory"}),
        ({"key": ALICES}, {"bus signed", "bus memory"}),
        ({"key": (0,) * 8}, {"bus signed", "bus memory"}),
        ({"key_index": 1}, {"bus memory"}),
        ({"expiry": EXPIRY_S + 1}, {"bus signed"}),
        ({"order_slot": 8}, {"bus signed", "bus memory"}),
        ({"nonce": 2}, {"bus signed", "bus memory"}),
        ({"window_end": BEFORE.end.s - 1}, {"bus window"}),
        ({"window_start": 0}, {"bus window"}),
        ({"slot_filled": 1}, {"bus memory"}),
        ({"balance": BALANCE + 1}, {"bus memory"}),
        ({"locked": 0}, {"bus memory"}),
        ({"supply": SUPPLY + 1}, {"bus memory"}),
        ({"cursor": (7, 0)}, {"bus memory"}),
        ({"ordinal": 1}, {"bus data"}),
    ],
)
def test_a_consistent_lie_is_told_on_a_bus(
    program: Program, scene: tuple[Rows, Environment], changes: dict[str, Any], buses: set[str]
) -> None:
    made, around = scene
    assert refusals(program, changed(made, **changes), around.rows) == buses


def test_a_request_that_nobody_signed_is_not_served(
    program: Program, scene: tuple[Rows, Environment]
) -> None:
    made, around = scene
    unsigned = around.rows | {SIGNATURES: []}
    assert refusals(program, made, unsigned) == {"bus signed"}


def test_a_request_is_not_served_twice(program: Program, scene: tuple[Rows, Environment]) -> None:
    made, around = scene
    (row,) = made[Withdraw.name]
    again = {"time": 3, "gaps": [0, 0, 0, 0, 0], "ordinal": 1}
    moved = {"balance": BALANCE - 3 * USD, "supply": SUPPLY - 3 * USD}
    row |= {"skipped": 0}
    fresh: Rows = {Withdraw.name: [row, row | again | moved]}
    assert refusals(program, fresh, around.rows) == {"bus memory", "bus data"}
    replayed: Rows = {Withdraw.name: [row, row | again | moved | {"slot_nonce": 1}]}
    assert refusals_by_sentences(program, replayed) == {ABOVE}


@pytest.mark.parametrize("field", range(8))
def test_every_element_of_the_key_counts(
    program: Program, scene: tuple[Rows, Environment], field: int
) -> None:
    made, around = scene
    key = tuple((e + (i == field)) % P for i, e in enumerate(BOBS))
    assert refusals(program, changed(made, key=key), around.rows) == {"bus signed", "bus memory"}


@pytest.mark.parametrize("key_slot", [0, 5, 8, 16, 128])
def test_there_are_four_key_slots(
    program: Program, scene: tuple[Rows, Environment], key_slot: int
) -> None:
    made, around = scene
    value = (key_slot - 1) % P
    assert "bus narrow" in forged(program, Withdraw.name, "key_index", value, made, around.rows)
    with pytest.raises(InputRefused):
        refusals(program, changed(made, key_index=key_slot - 1), around.rows)


@pytest.mark.parametrize(
    ("cell", "value", "bus"),
    [
        ("account.1", FEES >> 16, "bus narrow"),
        ("order_slot", 128, "bus narrow"),
        ("order_slot", P - 112, "bus narrow"),
        ("nonce.1", 1 << 14, "bus narrow"),
        ("skipped.1", 1 << 14, "bus narrow"),
        ("remaining.1", 1 << 16, "bus u16"),
        ("amount.3", 1 << 15, "bus u16"),
        ("balance_after.3", 1 << 15, "bus u16"),
        ("free_after.3", 1 << 15, "bus u16"),
        ("supply_after.3", 1 << 15, "bus u16"),
    ],
)
def test_a_cell_out_of_range_is_seen(
    program: Program, scene: tuple[Rows, Environment], cell: str, value: int, bus: str
) -> None:
    made, around = scene
    assert bus in forged(program, Withdraw.name, cell, value, made, around.rows)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": BALANCE - LOCKED + 1},
        {"amount": BALANCE + 1},
        {"slot_nonce": 1},
        {"window_end": EXPIRY_S + 1},
        {"account": FEES},
        {"order_slot": 128},
    ],
)
def test_what_has_no_width_cannot_be_written(
    program: Program, scene: tuple[Rows, Environment], changes: dict[str, Any]
) -> None:
    made, around = scene
    with pytest.raises(InputRefused):
        refusals(program, changed(made, **changes), around.rows)
