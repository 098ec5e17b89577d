"""A deposit, taken from the base layer's inbox."""

from dataclasses import replace

import pytest

from novate.ledger import ChainDeposit, Collateral, Header, header_address
from novate.units import OutOfRange, Usd, bounds

from ..scene import (
    ALICE,
    BOB,
    OWNERS,
    USD,
    accepted,
    deposit,
    fill,
    genesis,
    opened,
    refusal,
    venue_at,
)


def test_a_first_deposit_opens_the_account_and_credits_it() -> None:
    state = accepted(genesis(), deposit(0, ALICE, 5 * USD)).state
    assert state.word(header_address(ALICE)) == Header(OWNERS[ALICE]).encode()
    assert state.collateral(ALICE) == Collateral(5 * USD)
    assert (state.venue.cursor, state.venue.supply_e6) == (1, 5 * USD)


def test_a_second_deposit_adds_and_leaves_the_lock() -> None:
    state = accepted(opened(), fill()).state
    before = state.collateral(BOB)
    after = accepted(state, deposit(6, BOB, 3)).state.collateral(BOB)
    assert after == Collateral(before.balance_e6 + 3, before.locked_e6)
    assert before.locked_e6 > 0


@pytest.mark.parametrize("position", [0, 5, 7])
def test_only_the_entry_at_the_cursor_is_taken(position: int) -> None:
    assert refusal(opened(), deposit(position, ALICE, 1)) == "inbox_out_of_order"
    accepted(opened(), deposit(6, ALICE, 1))


@pytest.mark.parametrize("asset", [1, 7, 255])
def test_only_usdc_is_collateral(asset: int) -> None:
    assert refusal(genesis(), deposit(0, ALICE, 1, asset=asset)) == "unknown_asset"


def test_a_deposit_of_nothing_is_refused() -> None:
    assert refusal(genesis(), deposit(0, ALICE, 0)) == "zero_amount"
    accepted(genesis(), deposit(0, ALICE, 1))


def test_a_deposit_names_the_owner_of_the_account() -> None:
    assert refusal(opened(), deposit(6, ALICE, 1, owner=OWNERS[BOB])) == "wrong_owner"


@pytest.mark.parametrize(
    ("amount_e6", "code"),
    [(2**63 - 1, None), (2**63, "balance_overflow"), (2**64 - 1, "balance_overflow")],
)
def test_a_balance_stays_below_63_bits(amount_e6: int, code: str | None) -> None:
    if code is None:
        accepted(genesis(), deposit(0, ALICE, amount_e6))
    else:
        assert refusal(genesis(), deposit(0, ALICE, amount_e6)) == code


@pytest.mark.parametrize(("amount_e6", "fits"), [(2, True), (3, True), (4, False)])
def test_the_supply_stays_below_63_bits(amount_e6: int, fits: bool) -> None:
    state = accepted(genesis(), deposit(0, ALICE, 2**63 - 4)).state
    second = deposit(1, BOB, amount_e6)
    if fits:
        accepted(state, second)
    else:
        assert refusal(state, second) == "balance_overflow"


def test_the_checks_are_tried_in_protocol_order() -> None:
    wrong = deposit(9, ALICE, 0, asset=1, owner=OWNERS[BOB])
    codes = []
    for repair in (
        {"position": 6},
        {"asset": 0},
        {"amount": Usd(2**64 - 1)},
        {"owner": OWNERS[ALICE]},
    ):
        codes.append(refusal(opened(), wrong))
        wrong = replace(wrong, **repair)  # type: ignore[arg-type]
    codes.append(refusal(opened(), wrong))
    assert codes == [
        "inbox_out_of_order",
        "unknown_asset",
        "zero_amount",
        "wrong_owner",
        "balance_overflow",
    ]


def test_an_entry_survives_the_way_there_and_back() -> None:
    entry = deposit(7, BOB, 2**64 - 1, asset=255)
    assert ChainDeposit.from_record(7, entry.record) == entry


@pytest.mark.parametrize("account", [0, 2**23, 2**24])
def test_a_deposit_goes_to_a_trader(account: int) -> None:
    with pytest.raises(OutOfRange):
        replace(deposit(0, ALICE, 1), account=account)


@pytest.mark.parametrize("cursor", [bounds.INBOX_ENTRIES - 2, bounds.INBOX_ENTRIES - 1])
def test_the_last_entries_of_an_inbox_are_consumed(cursor: int) -> None:
    state = venue_at(cursor)
    assert accepted(state, deposit(cursor, ALICE, 1)).state.venue.cursor == cursor + 1


def test_no_entry_follows_the_last_of_an_inbox() -> None:
    with pytest.raises(OutOfRange, match="inbox position"):
        deposit(bounds.INBOX_ENTRIES, ALICE, 1)
