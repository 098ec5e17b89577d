"""Keys that nobody registered: an operator tries, and has no proof."""

from dataclasses import replace
from typing import Any

import pytest
from tests.ledger.scene import (
    ALICE,
    BOB,
    OWNERS,
    SECRETS,
    USD,
    accepted,
    deposit,
    genesis,
    register,
)

from novate.circuits.transactions.chain_register_key import RegisterKey
from novate.field import limbs24
from novate.keys import PublicKey, public_key
from novate.ledger import VENUE_ADDRESS, Batch, State, key_address
from novate.ledger.transactions import chain_register_key
from novate.ledger.words import u32, u64

from .scene import COUNTED, RANGES, DishonestBatch, Operator, edited, posting, unchecked

TABLE = RegisterKey.name
MALLORY = public_key(bytes([0x66]) * 32)
"""The operator's own key."""
COLLATERAL = 8
"""The slot of an account's balance, where a key's word would be money."""


def two_accounts() -> State:
    """Alice and Bob have deposited, and have no keys."""
    state = accepted(genesis(), deposit(0, ALICE, 7 * USD)).state
    return accepted(state, deposit(1, BOB, 7 * USD)).state


def registered(**how: Any) -> Batch:
    """Alice's key registered by a dishonest operator."""
    cheat = DishonestBatch.on(two_accounts())
    cheat.as_if(how.pop("shown", register(2, ALICE)), **how)
    return cheat.close()


def test_honest_registrations_have_a_proof(operator: Operator) -> None:
    cheat = DishonestBatch.on(two_accounts())
    cheat.honest(register(2, ALICE))
    cheat.honest(register(3, BOB, key_slot=4))
    cheat.honest(register(4, ALICE, key=MALLORY))
    operator.proves(cheat.close())


def test_only_the_owner_registers_a_key(operator: Operator) -> None:
    cheat = DishonestBatch.on(two_accounts())
    with unchecked(chain_register_key, "check_owner"):
        cheat.as_if(register(2, ALICE, owner=OWNERS[BOB], key=MALLORY))
    assert operator.refused_by(cheat.close()) == {"the account is this owner's"}


def test_the_owner_is_the_one_in_the_header(operator: Operator) -> None:
    cheat = DishonestBatch.on(two_accounts())
    with unchecked(chain_register_key, "check_owner"):
        cheat.as_if(register(2, ALICE, owner=OWNERS[BOB], key=MALLORY))
    header = two_accounts().word((BOB, 0))  # type: ignore[arg-type]
    assert operator.refused_by(cheat.close(), edited(TABLE, header=header)) == {"bus memory"}


def test_a_closed_account_has_no_keys(operator: Operator) -> None:
    cheat = DishonestBatch.on(genesis())
    with unchecked(chain_register_key, "check_owner"):
        cheat.as_if(register(0, ALICE))
    assert operator.refused_by(cheat.close()) == {"the account is this owner's"}


OTHER_RECORDS = {
    "another slot": {"key_slot": 2},
    "another key": {"key": public_key(SECRETS[BOB])},
    "another account": {"account": BOB},
    "another owner": {"owner": OWNERS[BOB]},
}


@pytest.mark.parametrize("what", OTHER_RECORDS)
def test_what_is_registered_is_what_the_entry_says(operator: Operator, what: str) -> None:
    batch = registered()
    entry = replace(register(2, ALICE), **OTHER_RECORDS[what])
    section = replace(batch.section, inbox=(entry.record,))
    assert operator.refused_by(posting(batch, section)) == {"bus data"}


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("key_slot", [0, 5, COLLATERAL])
def test_a_key_lies_in_a_key_slot(operator: Operator, key_slot: int, spilled: bool) -> None:
    cheat = DishonestBatch.on(two_accounts())
    with unchecked(chain_register_key, "check_key_slot"):
        cheat.as_if(register(2, ALICE, key_slot=key_slot))
    found = operator.refused_by(cheat.close(), spilled=spilled)
    if spilled:
        assert found and found <= RANGES
    else:
        assert {"bus data", "bus memory"} <= found


def test_the_word_of_a_key_is_its_commitment(operator: Operator) -> None:
    batch = registered(rewrite={key_address(ALICE, 1): MALLORY.commitment})
    found = operator.refused_by(batch, edited(TABLE, third_out=(*MALLORY.commitment, *(0,) * 8)))
    assert found == {"bus permutation"}


def test_a_key_is_not_swapped_on_the_way(operator: Operator) -> None:
    batch = registered(
        applied=register(2, ALICE, key=MALLORY),
        shown=register(2, ALICE, key=MALLORY),
    )
    section = replace(batch.section, inbox=(register(2, ALICE).record,))
    assert operator.refused_by(posting(batch, section)) == {"bus data"}
    told = register(2, ALICE).key
    x, y = limbs24(told.x), limbs24(told.y)
    found = operator.refused_by(posting(batch, section), edited(TABLE, x=x, y=y))
    assert found == {"bus permutation"}


@pytest.mark.parametrize("cursor_after", [2, 4])
def test_the_inbox_moves_by_one_entry(operator: Operator, cursor_after: int) -> None:
    word = (*u32(cursor_after), *u64(14 * USD), 0, 0)
    batch = registered(rewrite={VENUE_ADDRESS: word})
    found = operator.refused_by(batch, edited(TABLE, cursor_after=cursor_after))
    assert found == COUNTED | {"the inbox moves by one entry"}


def test_a_registration_leaves_the_supply(operator: Operator) -> None:
    word = (*u32(3), *u64(15 * USD), 0, 0)
    assert operator.refused_by(registered(rewrite={VENUE_ADDRESS: word})) == {"bus memory"}


def test_a_replaced_key_is_replaced(operator: Operator) -> None:
    batch = registered(rewrite={key_address(ALICE, 1): (0,) * 8})
    assert operator.refused_by(batch) == {"bus memory"}


def test_an_account_number_0_has_no_keys(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_register_key, "require_trader", lambda account: None)
    state = two_accounts()
    header = state.words[key_address(ALICE, 0)]
    state = replace(state, words=state.words.set(key_address(0, 0), header))
    cheat = DishonestBatch.on(state)
    cheat.as_if(replace(register(2, ALICE), account=0))
    assert operator.refused_by(cheat.close()) == {"the account is not number 0"}


def test_a_point_off_the_curve_is_stored_all_the_same(operator: Operator) -> None:
    cheat = DishonestBatch.on(two_accounts())
    cheat.honest(register(2, ALICE, key=PublicKey(1, 1)))
    operator.proves(cheat.close())
