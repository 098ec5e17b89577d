"""A session key, registered through the base layer's inbox."""

from dataclasses import replace

import pytest

from novate.keys import PublicKey, public_key
from novate.ledger import ChainRegisterKey, key_address
from novate.units import OutOfRange, bounds

from ..scene import (
    ALICE,
    BOB,
    OWNERS,
    SECRETS,
    USD,
    accepted,
    fill,
    genesis,
    opened,
    refusal,
    register,
    venue_at,
    withdraw,
)


@pytest.mark.parametrize("key_slot", [1, 4])
def test_the_commitment_of_the_key_is_stored_in_its_slot(key_slot: int) -> None:
    state = accepted(opened(), register(6, ALICE, key_slot=key_slot)).state
    assert state.word(key_address(ALICE, key_slot)) == public_key(SECRETS[ALICE]).commitment
    assert state.venue.cursor == 7


@pytest.mark.parametrize("key_slot", [0, 5, 255])
def test_an_account_has_key_slots_1_to_4(key_slot: int) -> None:
    assert refusal(opened(), register(6, ALICE, key_slot=key_slot)) == "unknown_key_slot"


@pytest.mark.parametrize("position", [5, 7])
def test_only_the_entry_at_the_cursor_is_taken(position: int) -> None:
    assert refusal(opened(), register(position, ALICE)) == "inbox_out_of_order"


def test_a_key_is_registered_by_the_owner() -> None:
    assert refusal(opened(), register(6, ALICE, owner=OWNERS[BOB])) == "wrong_owner"


def test_a_key_needs_an_open_account() -> None:
    assert refusal(genesis(), register(0, ALICE)) == "wrong_owner"


def test_the_checks_are_tried_in_protocol_order() -> None:
    wrong = register(9, ALICE, owner=OWNERS[BOB], key_slot=0)
    assert refusal(opened(), wrong) == "inbox_out_of_order"
    wrong = replace(wrong, position=6)
    assert refusal(opened(), wrong) == "wrong_owner"
    assert refusal(opened(), replace(wrong, owner=OWNERS[ALICE])) == "unknown_key_slot"


def test_a_replaced_key_no_longer_signs() -> None:
    state = opened()
    accepted(state, withdraw(ALICE, USD))
    replaced = accepted(state, register(6, ALICE, key=public_key(SECRETS[BOB]))).state
    assert refusal(replaced, withdraw(ALICE, USD)) == "bad_signature"


@pytest.mark.parametrize(
    "key", [PublicKey(0, 0), PublicKey(1, 1), PublicKey(2**256 - 1, 2**256 - 1)]
)
def test_a_key_off_the_curve_is_stored_and_never_signs(key: PublicKey) -> None:
    state = accepted(opened(), register(6, ALICE, key=key)).state
    assert state.word(key_address(ALICE, 1)) == key.commitment
    trade = fill()
    forged = replace(trade.maker, order=replace(trade.maker.order, key=key))
    assert refusal(state, replace(trade, maker=forged)) == "bad_signature"


def test_an_entry_survives_the_way_there_and_back() -> None:
    entry = register(7, BOB, key=PublicKey(2**256 - 1, 2**255 + 7), key_slot=255)
    assert ChainRegisterKey.from_record(7, entry.record) == entry


@pytest.mark.parametrize("cursor", [bounds.INBOX_ENTRIES - 2, bounds.INBOX_ENTRIES - 1])
def test_the_last_entries_of_an_inbox_are_consumed(cursor: int) -> None:
    state = venue_at(cursor)
    assert accepted(state, register(cursor, ALICE)).state.venue.cursor == cursor + 1


def test_no_entry_follows_the_last_of_an_inbox() -> None:
    with pytest.raises(OutOfRange, match="inbox position"):
        register(bounds.INBOX_ENTRIES, ALICE)
