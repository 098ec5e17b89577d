"""Withdrawals that nobody asked for, or of what is not free: an operator has no proof."""

from dataclasses import replace
from typing import Any

import pytest
from tests.ledger.scene import (
    ALICE,
    BEFORE,
    BOB,
    DOMAIN,
    OWNERS,
    SECRETS,
    USD,
    accepted,
    traded,
    withdraw,
)

from novate.circuits.batch import Rows
from novate.circuits.transactions.user_withdraw import Withdraw
from novate.field import address_elements
from novate.ledger import (
    FEES,
    VENUE_ADDRESS,
    Batch,
    OrderSlot,
    State,
    Venue,
    Withdrawal,
    collateral_address,
    header_address,
    key_address,
    order_address,
    sign,
)
from novate.ledger.transactions import user_withdraw
from novate.ledger.words import u64
from novate.units import Instant, Usd

from .scene import RANGES, DishonestBatch, Operator, edited, posting, unchecked

TABLE = Withdraw.name
FREE_E6 = 10_014_992_500 - 850 * USD
"""Bob's after the trade: his balance less what his put locks."""


def dishonest(shown: Any, applied: Any = None, *, state: State | None = None, **how: Any) -> Batch:
    """One withdrawal shown, after another was served."""
    cheat = DishonestBatch.on(state or traded())
    cheat.as_if(shown, applied, **how)
    return cheat.close()


def balance(state: State, account: int, by_e6: int) -> dict[Any, Any]:
    """The word of an account's collateral, its balance moved, whether it fits or not."""
    before = state.collateral(account)
    limbs = (*u64((before.balance_e6 + by_e6) % (1 << 63)), *u64(before.locked_e6))
    return {collateral_address(account): limbs}


def test_honest_withdrawals_have_a_proof(operator: Operator) -> None:
    cheat = DishonestBatch.on(traded())
    cheat.honest(withdraw(BOB, FREE_E6))
    cheat.honest(withdraw(ALICE, 1, expiry=BEFORE.end))
    cheat.honest(withdraw(ALICE, 1, nonce=3))
    operator.proves(cheat.close())


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("above_e6", [1, 850 * USD])
def test_what_is_locked_stays(operator: Operator, above_e6: int, spilled: bool) -> None:
    shown = withdraw(BOB, FREE_E6 + above_e6)
    cheat = DishonestBatch.on(traded())
    free = {collateral_address(BOB): (*u64(10_014_992_500), 0, 0, 0, 0)}
    cheat.as_if(shown, meanwhile=free, rewrite=balance(traded(), BOB, -FREE_E6 - above_e6))
    found = operator.refused_by(cheat.close(), spilled=spilled)
    assert found <= RANGES if spilled else found == {"what is locked stays covered"}
    assert found


@pytest.mark.parametrize("spilled", [False, True])
def test_nobody_takes_more_than_he_has(operator: Operator, spilled: bool) -> None:
    amount_e6 = traded().collateral(ALICE).balance_e6 + 1
    rich = {collateral_address(ALICE): (*u64(2 * amount_e6), 0, 0, 0, 0)}
    shown = withdraw(ALICE, amount_e6)
    batch = dishonest(shown, meanwhile=rich, rewrite=balance(traded(), ALICE, -amount_e6))
    found = operator.refused_by(batch, spilled=spilled)
    if spilled:
        # a balance below zero fits no word
        assert found & RANGES
    else:
        assert found == {"the balance falls by the amount"}


def test_a_withdrawal_goes_to_the_owner(operator: Operator) -> None:
    batch = dishonest(withdraw(ALICE, 3 * USD))
    mine = Withdrawal(OWNERS[BOB], 0, Usd(3 * USD), ALICE)
    diverted = posting(batch, replace(batch.section, withdrawals=(mine,)))
    assert operator.refused_by(diverted) == {"bus data"}
    owner = edited(TABLE, owner=address_elements(OWNERS[BOB]))
    assert operator.refused_by(diverted, owner) == {"bus memory"}
    stolen = {header_address(ALICE): (*address_elements(OWNERS[BOB]), 1)}
    swapped = dishonest(withdraw(ALICE, 3 * USD), rewrite=stolen)
    assert "bus memory" in operator.refused_by(swapped)


OTHER_RECORDS = {
    "more": Withdrawal(OWNERS[ALICE], 0, Usd(4 * USD), ALICE),
    "in another asset": Withdrawal(OWNERS[ALICE], 1, Usd(3 * USD), ALICE),
    "from another account": Withdrawal(OWNERS[ALICE], 0, Usd(3 * USD), BOB),
}


@pytest.mark.parametrize("what", OTHER_RECORDS)
def test_what_leaves_is_what_was_taken(operator: Operator, what: str) -> None:
    batch = dishonest(withdraw(ALICE, 3 * USD))
    section = replace(batch.section, withdrawals=(OTHER_RECORDS[what],))
    assert operator.refused_by(posting(batch, section)) == {"bus data"}


@pytest.mark.parametrize("copies", [0, 2])
def test_a_withdrawal_leaves_once(operator: Operator, copies: int) -> None:
    batch = dishonest(withdraw(ALICE, 3 * USD))
    section = replace(batch.section, withdrawals=batch.section.withdrawals * copies)
    assert operator.refused_by(posting(batch, section)) == {"bus data"}


def test_two_withdrawals_do_not_share_a_record(operator: Operator) -> None:
    cheat = DishonestBatch.on(traded())
    cheat.honest(withdraw(ALICE, 3 * USD))
    cheat.honest(withdraw(ALICE, 3 * USD, nonce=2))
    batch = cheat.close()
    section = replace(batch.section, withdrawals=batch.section.withdrawals[:1])

    def shared(rows: Rows) -> None:
        rows[TABLE][1]["ordinal"] = 0

    assert operator.refused_by(posting(batch, section), shared) == {"bus data"}


def test_nothing_leaves_without_a_request(operator: Operator) -> None:
    batch = dishonest(withdraw(ALICE, 3 * USD))

    def none(rows: Rows) -> None:
        del rows[TABLE]

    found = operator.refused_by(batch, none)
    assert {"bus data", "bus memory"} <= found


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("nonce", [1, 2])
def test_a_request_is_served_once(operator: Operator, nonce: int, spilled: bool) -> None:
    state = accepted(traded(), withdraw(ALICE, USD, nonce=nonce)).state
    shown = withdraw(ALICE, USD)
    used = {order_address(ALICE, 9): OrderSlot(1).encode()}
    batch = dishonest(shown, withdraw(ALICE, USD, nonce=3), state=state, rewrite=used)
    found = operator.refused_by(batch, spilled=spilled)
    assert found <= RANGES if spilled else found == {"the nonce is above the slot's"}
    assert found


def test_a_request_is_served_once_in_one_batch(operator: Operator) -> None:
    cheat = DishonestBatch.on(traded())
    cheat.honest(withdraw(ALICE, USD))
    cheat.as_if(withdraw(ALICE, USD), withdraw(ALICE, USD, nonce=2))
    found = operator.refused_by(cheat.close())
    assert (
        {"the nonce is above the slot's"}
        <= found
        <= {"the nonce is above the slot's", "bus memory"}
    )


def test_a_request_is_used_up(operator: Operator) -> None:
    unused = {order_address(ALICE, 9): OrderSlot(0).encode()}
    batch = dishonest(withdraw(ALICE, USD), rewrite=unused)
    assert operator.refused_by(batch) == {"bus memory"}
    assert operator.refused_by(batch, edited(TABLE, nonce=0)) == {
        "bus signed",
        "the nonce is above the slot's",
    }


@pytest.mark.parametrize("spilled", [False, True])
def test_an_expired_request_is_not_served(operator: Operator, spilled: bool) -> None:
    shown = withdraw(ALICE, USD, expiry=Instant(BEFORE.end.s - 1))
    found = operator.refused_by(dishonest(shown, withdraw(ALICE, USD)), spilled=spilled)
    rule = "the request has not expired when the window ends"
    assert found <= RANGES if spilled else found == {rule}
    assert found


def test_a_withdrawal_is_of_something(operator: Operator) -> None:
    cheat = DishonestBatch.on(traded())
    with unchecked(user_withdraw, "check_amount"):
        cheat.as_if(withdraw(ALICE, 0))
    assert operator.refused_by(cheat.close()) == {"the amount is not zero"}


def test_only_usdc_is_withdrawn(operator: Operator) -> None:
    cheat = DishonestBatch.on(traded())
    with unchecked(user_withdraw, "check_asset"):
        cheat.as_if(withdraw(ALICE, USD, asset=1))
    assert operator.refused_by(cheat.close()) == {"bus data", "bus signed"}


@pytest.mark.parametrize("by_e6", [0, -2 * USD])
def test_the_supply_falls_by_the_amount(operator: Operator, by_e6: int) -> None:
    supply_e6 = traded().venue.supply_e6 + by_e6
    kept = {VENUE_ADDRESS: Venue(traded().venue.cursor, supply_e6).encode()}
    batch = dishonest(withdraw(ALICE, USD), rewrite=kept)
    found = operator.refused_by(batch, edited(TABLE, supply_after=supply_e6))
    assert found == {"the supply falls by the amount"}


@pytest.mark.parametrize("by_e6", [0, USD])
def test_the_balance_falls_by_the_amount(operator: Operator, by_e6: int) -> None:
    batch = dishonest(withdraw(ALICE, USD), rewrite=balance(traded(), ALICE, by_e6))
    balance_e6 = traded().collateral(ALICE).balance_e6 + by_e6
    found = operator.refused_by(batch, edited(TABLE, balance_after=balance_e6))
    assert found == {"the balance falls by the amount"}


def test_an_account_is_debited_for_its_own_request(operator: Operator) -> None:
    batch = dishonest(withdraw(ALICE, USD))
    found = operator.refused_by(batch, edited(TABLE, account=BOB))
    assert {"bus signed", "bus memory", "bus data"} <= found


def test_the_fees_are_no_account_of_a_trader(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = traded()
    words = {
        header_address(FEES): state.word(header_address(ALICE)),
        key_address(FEES, 1): state.word(key_address(ALICE, 1)),
    }
    state = replace(state, words=state.words.update(words))
    monkeypatch.setattr("novate.ledger.message.require_trader", lambda account: None)
    shown = withdraw(ALICE, 10)
    mine = replace(shown.request.message, account=FEES)
    shown = replace(shown, request=sign(DOMAIN, mine, SECRETS[ALICE]))
    found = operator.refused_by(dishonest(shown, state=state), spilled=True)
    assert found and found <= RANGES
