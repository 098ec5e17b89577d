"""Deposits that never came, came once, or came for somebody else: an operator has no proof."""

from dataclasses import replace
from typing import Any

import pytest
from tests.ledger.scene import ALICE, BOB, OWNERS, USD, accepted, deposit, genesis, opened

from novate.circuits.batch import Rows
from novate.circuits.transactions.chain_deposit import Deposit
from novate.ledger import (
    FEES,
    USDC,
    VENUE_ADDRESS,
    Batch,
    ChainDeposit,
    Collateral,
    DataMismatch,
    Head,
    Header,
    State,
    Venue,
    advance,
    collateral_address,
    header_address,
)
from novate.ledger.transactions import chain_deposit
from novate.ledger.words import u32, u64
from novate.units import Usd

from .scene import COUNTED, RANGES, DishonestBatch, Operator, edited, posting, unchecked

TABLE = Deposit.name
TOP = (1 << 63) - 1
NEXT = 6
"""The inbox position after three deposits and three keys."""


def dishonest(
    shown: ChainDeposit, applied: ChainDeposit | None = None, *, state: State, **how: Any
) -> Batch:
    """One deposit shown, after another was credited."""
    cheat = DishonestBatch.on(state)
    cheat.as_if(shown, applied, **how)
    return cheat.close()


def credited(state: State, account: int, amount_e6: int) -> dict[Any, Any]:
    """The word of an account's collateral with an amount added."""
    before = state.collateral(account)
    limbs = (*u64(before.balance_e6 + amount_e6), *u64(before.locked_e6))
    return {collateral_address(account): limbs}


def venue(cursor: int, supply_e6: int) -> dict[Any, Any]:
    """The venue's word."""
    return {VENUE_ADDRESS: (*u32(cursor), *u64(supply_e6), 0, 0)}


def test_honest_deposits_have_a_proof(operator: Operator) -> None:
    cheat = DishonestBatch.on(genesis())
    cheat.honest(deposit(0, ALICE, 7 * USD))
    cheat.honest(deposit(1, BOB, 1))
    cheat.honest(deposit(2, ALICE, USD))
    operator.proves(cheat.close())


@pytest.mark.parametrize("amount_e6", [8 * USD, 14 * USD, 7 * USD - 1])
def test_what_is_credited_is_what_was_deposited(operator: Operator, amount_e6: int) -> None:
    shown, applied = deposit(0, ALICE, 7 * USD), deposit(0, ALICE, amount_e6)
    cheat = DishonestBatch.on(genesis())
    cheat.as_if(applied)
    batch = cheat.close()
    section = replace(batch.section, inbox=(shown.record,))
    assert operator.refused_by(posting(batch, section)) == {"bus data"}


def test_a_deposit_is_credited_to_its_account(operator: Operator) -> None:
    cheat = DishonestBatch.on(opened())
    cheat.as_if(deposit(NEXT, BOB, 7 * USD))
    batch = cheat.close()
    section = replace(batch.section, inbox=(deposit(NEXT, ALICE, 7 * USD).record,))
    assert operator.refused_by(posting(batch, section)) == {"bus data"}


def test_a_deposit_opens_the_account_of_its_owner(operator: Operator) -> None:
    cheat = DishonestBatch.on(genesis())
    cheat.as_if(deposit(0, ALICE, 7 * USD, owner=OWNERS[BOB]))
    batch = cheat.close()
    section = replace(batch.section, inbox=(deposit(0, ALICE, 7 * USD).record,))
    assert operator.refused_by(posting(batch, section)) == {"bus data"}


@pytest.mark.parametrize(
    ("opens", "sentence"),
    [(0, "an open account is this owner's"), (1, "a new account had no header")],
)
def test_an_open_account_keeps_its_owner(operator: Operator, opens: int, sentence: str) -> None:
    stolen = deposit(NEXT, ALICE, 1, owner=OWNERS[BOB])
    header = {header_address(ALICE): Header(OWNERS[BOB]).encode()}
    cheat = DishonestBatch.on(opened())
    with unchecked(chain_deposit, "check_owner"):
        cheat.as_if(stolen, rewrite=header)
    assert operator.refused_by(cheat.close(), edited(TABLE, opens=opens)) == {sentence}


def test_a_deposit_needs_an_entry(operator: Operator) -> None:
    batch = dishonest(deposit(0, ALICE, 7 * USD), state=genesis())
    section = replace(batch.section, inbox=())
    found = operator.refused_by(posting(batch, section))
    assert found == COUNTED | {"bus data"}


def test_an_entry_needs_its_deposit(operator: Operator) -> None:
    cheat = DishonestBatch.on(genesis())
    cheat.honest(deposit(0, ALICE, 7 * USD))
    batch = cheat.close()
    swallowed = replace(batch.section, inbox=(*batch.section.inbox, deposit(1, BOB, USD).record))
    found = operator.refused_by(posting(batch, swallowed))
    assert found == COUNTED | {"bus data"}


@pytest.mark.parametrize("cursor_after", [0, 2])
def test_the_inbox_moves_by_one_entry(operator: Operator, cursor_after: int) -> None:
    rewrite = venue(cursor_after, 7 * USD)
    batch = dishonest(deposit(0, ALICE, 7 * USD), state=genesis(), rewrite=rewrite)
    found = operator.refused_by(batch, edited(TABLE, cursor_after=cursor_after))
    assert found == COUNTED | {"the inbox moves by one entry"}


def test_an_entry_is_not_skipped(operator: Operator) -> None:
    cheat = DishonestBatch.on(genesis())
    cheat.as_if(deposit(1, BOB, 9 * USD), deposit(0, BOB, 9 * USD))
    batch = cheat.close()
    both = (deposit(0, ALICE, 7 * USD).record, deposit(1, BOB, 9 * USD).record)
    skipping = replace(batch.section, inbox=both)
    assert "bus data" in operator.refused_by(posting(batch, skipping))


def test_entries_are_not_taken_in_another_order(operator: Operator) -> None:
    first, second = deposit(0, ALICE, 7 * USD), deposit(1, BOB, 9 * USD)
    cheat = DishonestBatch.on(genesis())
    cheat.as_if(second, replace(second, position=0))
    cheat.as_if(first, replace(first, position=1))
    batch = cheat.close()
    in_order = replace(batch.section, inbox=(first.record, second.record))
    assert operator.refused_by(posting(batch, in_order)) == {"bus data"}


def test_a_deposit_is_not_credited_twice(operator: Operator) -> None:
    state = accepted(genesis(), deposit(0, ALICE, 7 * USD)).state
    cheat = DishonestBatch.on(state)
    again = deposit(1, ALICE, 7 * USD)
    cheat.as_if(again, rewrite=credited(state, ALICE, 14 * USD) | venue(2, 21 * USD))
    doubled = edited(TABLE, balance_after=21 * USD, supply_after=21 * USD)
    assert operator.refused_by(cheat.close(), doubled) == {
        "the balance grows by the amount",
        "the supply grows by the amount",
    }


def test_one_entry_does_not_serve_two_deposits(operator: Operator) -> None:
    cheat = DishonestBatch.on(genesis())
    cheat.honest(deposit(0, ALICE, 7 * USD))
    cheat.honest(deposit(1, ALICE, 7 * USD))
    batch = cheat.close()

    def again(rows: Rows) -> None:
        rows[TABLE][1] |= {"cursor": 0, "cursor_after": 1}

    assert "bus memory" in operator.refused_by(batch, again)
    once = replace(batch.section, inbox=batch.section.inbox[:1])
    found = operator.refused_by(posting(batch, once))
    assert found == COUNTED | {"bus data"}


def invented() -> tuple[Head, Batch]:
    """A deposit that is in no inbox, told without any other lie."""
    head = Head.genesis(genesis())
    cheat = DishonestBatch.on(genesis())
    cheat.honest(deposit(0, ALICE, 1_000_000 * USD))
    return head, cheat.close()


def test_an_invented_deposit_proves_only_another_inbox(operator: Operator) -> None:
    head, batch = invented()
    proof = operator.proof(batch)
    assert operator.accepts(proof, batch.statement)
    cheat = DishonestBatch.on(genesis())
    cheat.honest(deposit(0, ALICE, 7 * USD))
    true = cheat.close().statement
    assert batch.statement.inbox_hash_after != true.inbox_hash_after
    claimed = replace(batch.statement, inbox_hash_after=true.inbox_hash_after)
    assert not operator.accepts(proof, claimed)
    with pytest.raises(DataMismatch, match="inbox_hash_after"):
        advance(head, claimed, batch.section.data)


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("which", ["balance", "supply"])
def test_money_stays_below_63_bits(operator: Operator, which: str, spilled: bool) -> None:
    full = {
        "balance": {collateral_address(ALICE): Collateral(TOP).encode()},
        "supply": {VENUE_ADDRESS: Venue(NEXT, TOP).encode()},
    }[which]
    state = opened()
    state = replace(state, words=state.words.update(full))
    after = {
        "balance_after": state.collateral(ALICE).balance_e6 + 7 * USD,
        "supply_after": state.venue.supply_e6 + 7 * USD,
    }
    if not spilled:
        after[f"{which}_after"] %= 1 << 63
    batch = dishonest(
        deposit(NEXT, ALICE, 7 * USD),
        state=state,
        meanwhile=opened().words,
        rewrite={
            collateral_address(ALICE): (*u64(after["balance_after"]), *u64(0)),
            **venue(NEXT + 1, after["supply_after"]),
        },
    )
    found = operator.refused_by(batch, edited(TABLE, **after), spilled=spilled)
    assert found == {"bus u16"} if spilled else found == {f"the {which} grows by the amount"}


@pytest.mark.parametrize("amount_e6", [TOP - 30_000 * USD, 1])
def test_money_may_fill_63_bits(operator: Operator, amount_e6: int) -> None:
    cheat = DishonestBatch.on(opened())
    cheat.honest(deposit(NEXT, ALICE, amount_e6))
    operator.proves(cheat.close())


@pytest.mark.parametrize("supply_e6", [0, 14 * USD])
def test_the_supply_grows_by_the_amount(operator: Operator, supply_e6: int) -> None:
    batch = dishonest(deposit(0, ALICE, 7 * USD), state=genesis(), rewrite=venue(1, supply_e6))
    found = operator.refused_by(batch, edited(TABLE, supply_after=supply_e6))
    assert found == {"the supply grows by the amount"}


def test_the_supply_after_is_the_one_stated(operator: Operator) -> None:
    batch = dishonest(deposit(0, ALICE, 7 * USD), state=genesis())
    lie = replace(batch.statement, supply_after=0)
    found = operator.refused_by(replace(batch, statement=lie))
    assert found == {"bus memory"}


def test_a_deposit_is_of_something(operator: Operator) -> None:
    cheat = DishonestBatch.on(genesis())
    with unchecked(chain_deposit, "check_amount"):
        cheat.as_if(deposit(0, ALICE, 0))
    assert operator.refused_by(cheat.close()) == {"the amount is not zero"}


def test_only_usdc_is_credited(operator: Operator) -> None:
    batch = dishonest(deposit(0, ALICE, 7 * USD), state=genesis())
    section = replace(batch.section, inbox=(deposit(0, ALICE, 7 * USD, asset=1).record,))
    assert operator.refused_by(posting(batch, section)) == {"bus data"}


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("account", [0, FEES])
def test_the_venue_receives_no_deposits(
    operator: Operator, account: int, spilled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_deposit, "require_trader", lambda account: None)
    shown = ChainDeposit(0, account, USDC, OWNERS[BOB], Usd(7 * USD))
    found = operator.refused_by(dishonest(shown, state=genesis()), spilled=spilled)
    if account == 0:
        assert found == {"the account is not number 0"}
    elif spilled:
        assert found and found <= RANGES
    else:
        # number 1 is meant when the number is cut to 23 bits
        assert {"bus data", "bus memory"} <= found
