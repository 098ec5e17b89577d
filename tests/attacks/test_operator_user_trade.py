"""Fills that nobody agreed to: an operator tries, and has no proof."""

from dataclasses import replace
from typing import Any

import pytest
from tests.ledger.scene import (
    AFTER,
    ALICE,
    BEFORE,
    BOB,
    CALL,
    CONFIGURATION,
    LISTING,
    OTHER_PUT,
    PUT,
    UNLISTED,
    USD,
    Fill,
    accepted,
    fill,
    opened,
    order,
    traded,
)

from novate.circuits.transactions import user_trade as table
from novate.ledger import (
    FEES_ADDRESS,
    Batch,
    Collateral,
    Order,
    OrderSlot,
    Position,
    Side,
    Signed,
    State,
    UserTrade,
    collateral_address,
    encode_terms,
    order_address,
    position_address,
    terms_address,
)
from novate.ledger.transactions import user_trade
from novate.ledger.words import u64
from novate.units import Instant, Price, Qty, Rate

from .scene import RANGES, DishonestBatch, Operator, edited, unchecked

TRADE = table.UserTrade.name
SIDES = {"maker": Side.BUY, "taker": Side.SELL}
ACCOUNTS = {"maker": ALICE, "taker": BOB}
ROLES = list(SIDES)


def orders(role: str, **changes: Any) -> dict[str, Signed[Order]]:
    """Alice's bid and Bob's offer, the order of one role changed as named."""
    return {
        name: order(ACCOUNTS[name], side, **(changes if name == role else {}))
        for name, side in SIDES.items()
    }


def dishonest(shown: UserTrade, *, state: State | None = None, **how: Any) -> Batch:
    """One fill shown, after something else was applied; the plain fill if not said otherwise."""
    cheat = DishonestBatch.on(state or opened())
    cheat.as_if(shown, how.pop("applied", fill()), **how)
    return cheat.close()


def collateral(state: State, account: int, *, balance_e6: int = 0, locked_e6: int = 0) -> Any:
    """The word of an account's collateral, moved by these amounts, whether they fit or not."""
    before = state.collateral(account)
    limbs = (*u64(before.balance_e6 + balance_e6), *u64(before.locked_e6 + locked_e6))
    return {collateral_address(account): limbs}


def test_an_honest_fill_has_a_proof(operator: Operator) -> None:
    cheat = DishonestBatch.on(opened())
    cheat.honest(fill())
    cheat.honest(fill(size_e3=500))
    operator.proves(cheat.close())


BEYOND_THE_ORDER = {
    "above its size": ({"size": Qty(999)}, "what is filled is within the order's size"),
    "after it expired": (
        {"expiry": Instant(BEFORE.end.s - 1)},
        "the order has not expired when the window ends",
    ),
}
PRICES = {"maker": Price(14_999), "taker": Price(15_001)}
CAPS = {"maker": Rate(299), "taker": Rate(499)}


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "what", [*BEYOND_THE_ORDER, "outside its limit", "for a fee above its cap"]
)
def test_a_fill_keeps_to_both_orders(
    operator: Operator, what: str, role: str, spilled: bool
) -> None:
    changes, sentence = {
        **BEYOND_THE_ORDER,
        "outside its limit": ({"limit": PRICES[role]}, "the price is within the limit"),
        "for a fee above its cap": (
            {"fee_cap": CAPS[role]},
            "the fee rate is within the order's cap",
        ),
    }[what]
    found = operator.refused_by(dishonest(Fill(**orders(role, **changes)).trade), spilled=spilled)
    assert found <= RANGES if spilled else found == {f"{role}: {sentence}"}
    assert found


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "allowed",
    [
        {"size": Qty(1_000)},
        {"expiry": BEFORE.end},
        {"limit": Price(15_000)},
        {"fee_cap": Rate(500)},
    ],
)
def test_a_fill_may_go_to_the_edge_of_both_orders(
    operator: Operator, role: str, allowed: dict[str, Any]
) -> None:
    cheat = DishonestBatch.on(opened())
    cheat.honest(Fill(**orders(role, **allowed)).trade)
    operator.proves(cheat.close())


def filled_once(role: str, *, nonce: int = 1) -> State:
    """The venue after one contract was filled under an order for just one."""
    return accepted(opened(), Fill(**orders(role, size=Qty(1_000), nonce=nonce)).trade).state


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("role", ROLES)
def test_an_order_is_not_filled_twice(operator: Operator, role: str, spilled: bool) -> None:
    shown = Fill(**orders(role, size=Qty(1_000))).trade
    found = operator.refused_by(dishonest(shown, state=filled_once(role)), spilled=spilled)
    rule = f"{role}: what is filled is within the order's size"
    assert found <= RANGES if spilled else found == {rule}
    assert found


@pytest.mark.parametrize("role", ROLES)
def test_an_order_is_not_filled_twice_in_one_batch(operator: Operator, role: str) -> None:
    shown = Fill(**orders(role, size=Qty(1_000))).trade
    cheat = DishonestBatch.on(opened())
    cheat.honest(shown)
    cheat.as_if(shown, fill())
    found = operator.refused_by(cheat.close())
    assert found == {f"{role}: what is filled is within the order's size"}


@pytest.mark.parametrize("role", ROLES)
def test_what_was_filled_is_not_forgotten(operator: Operator, role: str) -> None:
    shown = Fill(**orders(role, size=Qty(1_000))).trade
    again = {order_address(ACCOUNTS[role], 0): OrderSlot(1, 1_000).encode()}
    found = operator.refused_by(
        dishonest(shown, state=filled_once(role), rewrite=again),
        edited(TRADE, **{f"{role}_resumes": 0}),
    )
    assert found == {f"{role}: the order resumes when the nonce is the slot's"}


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("role", ROLES)
def test_an_order_under_a_raised_nonce_is_gone(
    operator: Operator, role: str, spilled: bool
) -> None:
    state = accepted(opened(), Fill(**orders(role, nonce=2)).trade).state
    lowered = {order_address(ACCOUNTS[role], 0): OrderSlot(1, 1_000).encode()}
    replaced = Fill(**orders(role, nonce=3)).trade
    batch = dishonest(fill(), state=state, applied=replaced, rewrite=lowered)
    found = operator.refused_by(batch, spilled=spilled)
    assert (
        found <= RANGES if spilled else found == {f"{role}: the nonce is the slot's, or above it"}
    )
    assert found


def test_a_raised_nonce_begins_anew(operator: Operator) -> None:
    cheat = DishonestBatch.on(filled_once("maker"))
    cheat.honest(Fill(**orders("maker", nonce=2)).trade)
    operator.proves(cheat.close())


def test_the_premium_is_of_the_price(operator: Operator) -> None:
    cheaper = replace(fill(), price=Price(14_999))
    shown = Fill(order(ALICE, Side.BUY), order(BOB, Side.SELL, limit=Price(14_000))).trade
    applied = replace(shown, price=cheaper.price)
    found = operator.refused_by(
        dishonest(shown, applied=applied), edited(TRADE, premium=14_999 * 1_000)
    )
    assert found == {"the premium is price times size"}


def test_the_premium_is_not_rounded(operator: Operator) -> None:
    limits = {"maker": Price(15_001), "taker": Price(15_000)}
    signed = {name: order(ACCOUNTS[name], side, limit=limits[name]) for name, side in SIDES.items()}
    shown = Fill(**signed, price_e3=15_001).trade
    applied = replace(shown, price=Price(15_000))
    found = operator.refused_by(dishonest(shown, applied=applied), edited(TRADE, premium=15 * USD))
    assert found == {"the premium is price times size"}


@pytest.mark.parametrize("spilled", [False, True])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rate_e6", [0, 299, 999])
def test_the_fee_is_the_rate_of_the_configuration(
    operator: Operator, rate_e6: int, role: str, spilled: bool
) -> None:
    under = replace(CONFIGURATION, **{f"{role}_fee_rate": Rate(rate_e6)})
    fee_e6 = -(-15 * USD * rate_e6 // 10**6)
    batch = dishonest(fill(), under=under)
    found = operator.refused_by(batch, edited(TRADE, **{f"{role}_fee": fee_e6}), spilled=spilled)
    rule = f"{role}: the fee is the premium times the rate, rounded up"
    assert found <= RANGES if spilled else found == {rule}
    assert found


@pytest.mark.parametrize("role", ROLES)
def test_the_fee_rate_is_not_said_by_who_fills(operator: Operator, role: str) -> None:
    under = replace(CONFIGURATION, **{f"{role}_fee_rate": Rate(0)})
    found = operator.refused_by(
        dishonest(fill(), under=under), edited(TRADE, **{f"{role}_fee_rate": 0})
    )
    assert found == {"bus parameters"}


@pytest.mark.parametrize("kept_e6", [1, 12_000])
def test_the_venue_collects_what_was_paid(operator: Operator, kept_e6: int) -> None:
    collected_e6 = 4_500 + 7_500 - kept_e6
    kept = {FEES_ADDRESS: Collateral(collected_e6).encode()}
    found = operator.refused_by(dishonest(fill(), rewrite=kept), edited(TRADE, fees=collected_e6))
    assert found == {"the venue collects both fees"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("by_e6", [-1, 1, USD])
def test_a_balance_moves_by_premium_and_fee(operator: Operator, role: str, by_e6: int) -> None:
    account = ACCOUNTS[role]
    after = accepted(opened(), fill()).state
    batch = dishonest(fill(), rewrite=collateral(after, account, balance_e6=by_e6))
    balance_e6 = after.collateral(account).balance_e6 + by_e6
    found = operator.refused_by(batch, edited(TRADE, **{f"{role}_balance": balance_e6}))
    assert found == {f"{role}: the balance moves by premium and fee"}


@pytest.mark.parametrize("spilled", [False, True])
def test_a_buyer_has_what_he_pays(operator: Operator, spilled: bool) -> None:
    state = opened(deposits_e6=1_000 * USD)
    poor = {collateral_address(ALICE): Collateral(USD).encode()}
    state = replace(state, words=state.words.update(poor))
    rich = {collateral_address(ALICE): Collateral(1_000 * USD).encode()}
    # what a balance below zero is when it is cut to 63 bits
    wrapped_e6 = (USD - 15 * USD - 4_500) % (1 << 63)
    rewrite = {collateral_address(ALICE): (*u64(wrapped_e6), *u64(0))}
    found = operator.refused_by(
        dishonest(fill(), state=state, meanwhile=rich, rewrite=rewrite), spilled=spilled
    )
    if spilled:
        assert found and found <= RANGES | {"bus memory"}
    else:
        assert found == {"maker: the balance moves by premium and fee"}


@pytest.mark.parametrize("spilled", [False, True])
def test_a_writer_has_what_he_locks(operator: Operator, spilled: bool) -> None:
    state = opened(deposits_e6=850 * USD)
    rich = {collateral_address(BOB): Collateral(10_000 * USD).encode()}
    poor = Collateral(800 * USD).encode()
    state = replace(state, words=state.words.update({collateral_address(BOB): poor}))
    balance_e6 = 800 * USD + 15 * USD - 7_500
    rewrite = {collateral_address(BOB): (*u64(balance_e6), *u64(850 * USD))}
    found = operator.refused_by(
        dishonest(fill(), state=state, meanwhile=rich, rewrite=rewrite), spilled=spilled
    )
    assert found <= RANGES if spilled else found == {"taker: what is locked is there"}
    assert found


@pytest.mark.parametrize("missing_e6", [1, 85 * USD, 850 * USD])
def test_a_writer_locks_strike_times_size(operator: Operator, missing_e6: int) -> None:
    after = accepted(opened(), fill()).state
    rewrite = collateral(after, BOB, locked_e6=-missing_e6)
    locked_e6 = after.collateral(BOB).locked_e6 - missing_e6
    found = operator.refused_by(
        dishonest(fill(), rewrite=rewrite), edited(TRADE, taker_locked=locked_e6)
    )
    assert found == {"taker: the lock follows strike times short size"}


def test_a_writer_is_seen_to_be_one(operator: Operator) -> None:
    after = accepted(opened(), fill()).state
    rewrite = collateral(after, BOB, locked_e6=-850 * USD)
    hidden = edited(TRADE, taker_short=0, taker_locked=0, taker_is_short=0, taker_is_empty=0)
    found = operator.refused_by(dishonest(fill(), rewrite=rewrite), hidden)
    assert "taker: the position moves by the size" in found
    both_sides = edited(TRADE, taker_long=1_000, taker_short=2_000)
    found = operator.refused_by(dishonest(fill()), both_sides)
    assert "taker: the position is long or short" in found


@pytest.mark.parametrize("by_e3", [-1, 1, 1_000_000])
def test_a_buyer_gets_the_size(operator: Operator, by_e3: int) -> None:
    rewrite = {position_address(ALICE, 0): Position(PUT, 1_000 + by_e3).encode()}
    more = edited(TRADE, maker_long=1_000 + by_e3)
    found = operator.refused_by(dishonest(fill(), rewrite=rewrite), more)
    assert found == {"maker: the position moves by the size"}


@pytest.mark.parametrize("by_e3", [-1, 1, -1_000])
def test_a_writer_owes_the_size(operator: Operator, by_e3: int) -> None:
    after = accepted(opened(), fill()).state
    rewrite = {position_address(BOB, 0): Position(PUT, -1_000 - by_e3).encode()}
    rewrite |= collateral(after, BOB, locked_e6=850_000 * by_e3)
    less = edited(TRADE, taker_short=1_000 + by_e3, taker_locked=850 * USD + 850_000 * by_e3)
    found = operator.refused_by(dishonest(fill(), rewrite=rewrite), less)
    assert found == {"taker: the position moves by the size"}


def test_what_was_held_is_not_forgotten(operator: Operator) -> None:
    rewrite = {position_address(BOB, 0): Position(PUT, -1_000).encode()}
    cheat = DishonestBatch.on(traded())
    after = accepted(traded(), fill()).state
    rewrite |= collateral(after, BOB, locked_e6=-850 * USD)
    cheat.as_if(fill(), rewrite=rewrite)
    empty = edited(TRADE, taker_was_empty=1, taker_was_short=0, taker_short_before=0)
    found = operator.refused_by(cheat.close(), empty)
    assert "bus memory" in found
    held = edited(TRADE, taker_was_empty=1, taker_was_short=1, taker_short=1_000)
    found = operator.refused_by(cheat.close(), held)
    assert "taker: an empty slot held nothing" in found


def test_nobody_is_short_a_call(operator: Operator) -> None:
    calls = {name: order(ACCOUNTS[name], side, instrument=CALL) for name, side in SIDES.items()}
    cheat = DishonestBatch.on(opened())
    with unchecked(user_trade, "check_short_calls"):
        cheat.as_if(Fill(**calls).trade)
    assert operator.refused_by(cheat.close()) == {"taker: nobody is short a call"}


def test_a_call_is_not_shown_as_a_put(operator: Operator) -> None:
    calls = {name: order(ACCOUNTS[name], side, instrument=CALL) for name, side in SIDES.items()}
    cheat = DishonestBatch.on(opened())
    with unchecked(user_trade, "check_short_calls"):
        cheat.as_if(Fill(**calls).trade)
    assert operator.refused_by(cheat.close(), edited(TRADE, right=1)) == {"bus memory"}


def test_the_strike_is_that_of_the_listing(operator: Operator) -> None:
    after = accepted(opened(), fill()).state
    rewrite = collateral(after, BOB, locked_e6=-850 * USD + 1_000)
    found = operator.refused_by(dishonest(fill(), rewrite=rewrite), edited(TRADE, strike=1))
    assert found == {"bus memory"}


def test_an_instrument_is_listed(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = {name: order(ACCOUNTS[name], s, instrument=UNLISTED) for name, s in SIDES.items()}
    invented = {terms_address(UNLISTED): encode_terms(LISTING[PUT])}
    cheat = DishonestBatch.on(opened())
    cheat.as_if(Fill(**signed).trade, meanwhile=invented)
    # the ledger has no such terms to tell
    monkeypatch.setattr(State, "option", lambda state, instrument: LISTING[PUT])
    assert operator.refused_by(cheat.close()) == {"bus memory"}


@pytest.mark.parametrize("spilled", [False, True])
def test_an_expired_instrument_does_not_trade(operator: Operator, spilled: bool) -> None:
    later = Instant(AFTER.end.s + 1)
    signed = {name: order(ACCOUNTS[name], side, expiry=later) for name, side in SIDES.items()}
    cheat = DishonestBatch.on(opened(), window=AFTER)
    with unchecked(user_trade, "check_instrument"):
        cheat.as_if(Fill(**signed).trade)
    found = operator.refused_by(cheat.close(), spilled=spilled)
    rule = "the instrument has not expired when the window ends"
    assert found <= RANGES if spilled else found == {rule}
    assert found


def test_both_orders_are_for_the_same_instrument(operator: Operator) -> None:
    for role in ROLES:
        shown = Fill(**orders(role, instrument=OTHER_PUT)).trade
        found = operator.refused_by(dishonest(shown), edited(TRADE, instrument=PUT))
        assert "bus signed" in found


def test_one_buys_and_one_sells(operator: Operator) -> None:
    shown = Fill(order(ALICE, Side.BUY), order(BOB, Side.BUY)).trade
    assert operator.refused_by(dishonest(shown)) == {"bus signed"}


@pytest.mark.parametrize("spilled", [False, True])
def test_nobody_trades_with_himself(operator: Operator, spilled: bool) -> None:
    wash = Fill(order(ALICE, Side.BUY), order(ALICE, Side.SELL, order_slot=1), slots=(0, 1)).trade
    between_e6 = 10_000 * USD - 15 * USD - 4_500
    after = Collateral(between_e6 + 15 * USD - 7_500, 850 * USD)
    cheat = DishonestBatch.on(opened())
    with unchecked(user_trade, "check_accounts"):
        cheat.as_if(wash, rewrite={collateral_address(ALICE): after.encode()})
    second_leg = edited(TRADE, taker_balance_before=between_e6)
    found = operator.refused_by(cheat.close(), second_leg, spilled=spilled)
    # the second leg takes words of its own instant, which no gap says
    assert "nobody trades with himself" in found
    rest = found - {"nobody trades with himself"}
    assert rest <= RANGES if spilled else rest == {"bus memory"}


@pytest.mark.parametrize("role", ROLES)
def test_a_position_stays_in_its_slot(operator: Operator, role: str) -> None:
    other = Fill(**{n: order(ACCOUNTS[n], s, instrument=OTHER_PUT) for n, s in SIDES.items()})
    state = accepted(opened(), other.trade).state
    cheat = DishonestBatch.on(state)
    signed = {n: order(ACCOUNTS[n], s, nonce=2) for n, s in SIDES.items()}
    slots = (0, 1) if role == "maker" else (1, 0)
    with unchecked(user_trade, "check_position_slots"):
        cheat.as_if(Fill(**signed, slots=slots).trade)
    assert operator.refused_by(cheat.close()) == {"bus memory"}


NOTHING = {
    "the price": ({"price": Price(0)}, "the price is not zero"),
    "the size": ({"size": Qty(0)}, "the size is not zero"),
}


@pytest.mark.parametrize("what", NOTHING)
def test_a_fill_is_of_something(operator: Operator, what: str) -> None:
    changes, sentence = NOTHING[what]
    cheap = {"maker": {}, "taker": {"limit": Price(0)}}
    signed = {n: order(ACCOUNTS[n], s, **cheap[n]) for n, s in SIDES.items()}
    cheat = DishonestBatch.on(opened())
    with unchecked(user_trade, "check_limits", "check_room"):
        cheat.as_if(replace(Fill(**signed).trade, **changes))
    assert operator.refused_by(cheat.close()) == {sentence}
