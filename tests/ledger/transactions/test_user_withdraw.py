"""A withdrawal of free collateral."""

from dataclasses import replace

import pytest

from novate.keys import Domain
from novate.ledger import Collateral, OrderSlot, Withdrawal, WithdrawRequest, sign
from novate.units import Instant, OutOfRange, Usd

from ..scene import (
    ALICE,
    BEFORE,
    BOB,
    DOMAIN,
    EXPIRY,
    OWNERS,
    SECRETS,
    USD,
    accepted,
    fill,
    opened,
    refusal,
    traded,
    withdraw,
)


def test_the_amount_leaves_the_balance_and_the_supply_for_the_owner() -> None:
    before = opened()
    applied = accepted(before, withdraw(ALICE, 3 * USD))
    state = applied.state
    assert state.collateral(ALICE) == Collateral(10_000 * USD - 3 * USD)
    assert state.venue.supply_e6 == before.venue.supply_e6 - 3 * USD
    assert state.venue.cursor == before.venue.cursor
    assert state.order_slot(ALICE, 9) == OrderSlot(1, 0)
    assert applied.withdrawals == (Withdrawal(OWNERS[ALICE], 0, Usd(3 * USD), ALICE),)


@pytest.mark.parametrize(
    "change",
    [
        {"account": BOB},
        {"asset": 1},
        {"amount": Usd(2)},
        {"expiry": Instant(EXPIRY.s + 1)},
        {"order_slot": 1},
        {"nonce": 2},
    ],
)
def test_every_field_of_a_request_is_signed(change: dict[str, object]) -> None:
    honest = withdraw(ALICE, 1)
    changed: WithdrawRequest = replace(honest.request.message, **change)  # type: ignore[arg-type]
    forged = replace(honest, request=replace(honest.request, message=changed))
    accepted(opened(), honest)
    assert refusal(opened(), forged) == "bad_signature"


def test_a_request_for_another_chain_is_refused() -> None:
    request = withdraw(ALICE, 1).request.message
    foreign = sign(Domain(1, DOMAIN.contract), request, SECRETS[ALICE])
    assert refusal(opened(), replace(withdraw(ALICE, 1), request=foreign)) == "bad_signature"


@pytest.mark.parametrize(("margin_s", "alive"), [(-1, False), (0, True), (1, True)])
def test_a_request_lives_until_the_window_ends_after_its_expiry(margin_s: int, alive: bool) -> None:
    request = withdraw(ALICE, 1, expiry=Instant(BEFORE.end.s + margin_s))
    if alive:
        accepted(opened(), request)
    else:
        assert refusal(opened(), request) == "request_expired"


@pytest.mark.parametrize(("nonce", "fresh"), [(4, False), (5, False), (6, True)])
def test_a_request_is_used_once(nonce: int, fresh: bool) -> None:
    state = accepted(opened(), withdraw(ALICE, 1, nonce=5)).state
    if fresh:
        accepted(state, withdraw(ALICE, 1, nonce=nonce))
    else:
        assert refusal(state, withdraw(ALICE, 1, nonce=nonce)) == "stale_nonce"


def test_a_request_cancels_the_order_in_its_slot() -> None:
    state = accepted(opened(), withdraw(ALICE, 1, order_slot=0, nonce=2)).state
    assert refusal(state, fill()) == "stale_nonce"


@pytest.mark.parametrize("asset", [1, 7, 255])
def test_only_usdc_leaves(asset: int) -> None:
    assert refusal(opened(), withdraw(ALICE, 1, asset=asset)) == "unknown_asset"


def test_a_withdrawal_of_nothing_is_refused() -> None:
    assert refusal(opened(), withdraw(ALICE, 0)) == "zero_amount"


@pytest.mark.parametrize(("above_e6", "free"), [(-1, True), (0, True), (1, False)])
def test_what_is_locked_stays(above_e6: int, free: bool) -> None:
    state = traded()
    assert state.collateral(BOB).locked_e6 > 0
    request = withdraw(BOB, state.collateral(BOB).free_e6 + above_e6)
    if free:
        assert accepted(state, request).state.collateral(BOB).free_e6 == -above_e6
    else:
        assert refusal(state, request) == "insufficient_collateral"


def test_an_amount_of_64_bits_is_more_than_anyone_has() -> None:
    assert refusal(opened(), withdraw(ALICE, 2**64 - 1)) == "insufficient_collateral"


def test_the_checks_are_tried_in_protocol_order() -> None:
    state = accepted(opened(), withdraw(ALICE, 1, nonce=5)).state
    flaws: dict[str, object] = {
        "expiry": Instant(0),
        "nonce": 5,
        "asset": 1,
        "amount": Usd(0),
    }
    repairs: dict[str, object] = {
        "expiry": EXPIRY,
        "nonce": 6,
        "asset": 0,
        "amount": Usd(10**12),
    }
    codes = [refusal(state, replace(withdraw(ALICE, 0, **flaws), key_slot=2))]
    for field, repair in repairs.items():
        codes.append(refusal(state, withdraw(ALICE, 0, **flaws)))
        flaws[field] = repair
    codes.append(refusal(state, withdraw(ALICE, 0, **flaws)))
    assert codes == [
        "bad_signature",
        "request_expired",
        "stale_nonce",
        "unknown_asset",
        "zero_amount",
        "insufficient_collateral",
    ]


@pytest.mark.parametrize("key_slot", [0, 5])
def test_a_key_slot_that_no_account_has_cannot_be_written_down(key_slot: int) -> None:
    with pytest.raises(OutOfRange):
        replace(withdraw(ALICE, 1), key_slot=key_slot)
