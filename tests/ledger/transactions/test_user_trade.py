"""One fill of two signed orders."""

from dataclasses import replace

import pytest

from novate.keys import Domain, Signature
from novate.ledger import (
    Collateral,
    Order,
    OrderSlot,
    Party,
    Position,
    Side,
    State,
    UserTrade,
    collateral_address,
    order_address,
    position_address,
    sign,
)
from novate.units import Instant, OutOfRange, Price, Qty, Rate

from ..scene import (
    ALICE,
    BEFORE,
    BOB,
    CALL,
    CAROL,
    DOMAIN,
    EXPIRY,
    OTHER_PUT,
    PUT,
    SECRETS,
    UNLISTED,
    USD,
    accepted,
    fill,
    opened,
    order,
    refusal,
    traded,
)

PREMIUM = 15 * USD
MAKER_FEE, TAKER_FEE = 4_500, 7_500
STRIKE = 850 * USD


def buyer(**changes: object) -> UserTrade:
    return fill(maker=order(ALICE, Side.BUY, **changes))


def seller(**changes: object) -> UserTrade:
    return fill(taker=order(BOB, Side.SELL, **changes))


def with_word(state: State, address: object, word: object) -> State:
    return replace(state, words=state.words.set(address, word))  # type: ignore[arg-type]


def test_a_buyer_pays_and_a_writer_locks_strike_times_size() -> None:
    state = traded()
    assert state.collateral(ALICE) == Collateral(10_000 * USD - PREMIUM - MAKER_FEE)
    assert state.collateral(BOB) == Collateral(10_000 * USD + PREMIUM - TAKER_FEE, STRIKE)
    assert state.fees == Collateral(MAKER_FEE + TAKER_FEE)
    assert state.position(ALICE, 0) == Position(1, 1_000)
    assert state.position(BOB, 0) == Position(1, -1_000)
    assert state.order_slot(ALICE, 0) == state.order_slot(BOB, 0) == OrderSlot(1, 1_000)


def test_the_fee_follows_the_role_and_not_the_side() -> None:
    swapped = fill(maker=order(BOB, Side.SELL), taker=order(ALICE, Side.BUY))
    state = accepted(opened(), swapped).state
    assert state.collateral(ALICE).balance_e6 == 10_000 * USD - PREMIUM - TAKER_FEE
    assert state.collateral(BOB).balance_e6 == 10_000 * USD + PREMIUM - MAKER_FEE


def test_a_fee_is_rounded_up() -> None:
    state = accepted(opened(), fill(size_e3=1, price_e3=15_000)).state
    assert state.fees.balance_e6 == 5 + 8  # 15000 x 300 / 10**6 = 4.5, 15000 x 500 / 10**6 = 7.5


def test_buying_back_releases_the_lock() -> None:
    state = traded()
    back = fill(
        maker=order(BOB, Side.BUY, nonce=2), taker=order(ALICE, Side.SELL, nonce=2), size_e3=400
    )
    state = accepted(state, back).state
    assert state.collateral(BOB).locked_e6 == STRIKE * 600 // 1000
    assert state.position(BOB, 0) == Position(1, -600)
    assert state.position(ALICE, 0) == Position(1, 600)


def test_a_closed_position_leaves_no_word() -> None:
    back = fill(maker=order(BOB, Side.BUY, nonce=2), taker=order(ALICE, Side.SELL, nonce=2))
    state = accepted(traded(), back).state
    assert position_address(BOB, 0) not in state.words
    assert position_address(ALICE, 0) not in state.words
    assert state.collateral(BOB).locked_e6 == 0


# Check 1: signatures.


def test_an_order_for_another_chain_or_contract_is_refused() -> None:
    mine = fill().maker.order.message
    for domain in (Domain(1, DOMAIN.contract), Domain(DOMAIN.chain_id, bytes(20))):
        foreign = fill(maker=sign(domain, mine, SECRETS[ALICE]))
        assert refusal(opened(), foreign) == "bad_signature"


@pytest.mark.parametrize(
    "change",
    [
        {"account": CAROL},
        {"instrument": CALL},
        {"side": Side.SELL},
        {"limit": Price(15_001)},
        {"size": Qty(2_001)},
        {"fee_cap": Rate(1_001)},
        {"expiry": Instant(EXPIRY.s + 1)},
        {"order_slot": 1},
        {"nonce": 2},
    ],
)
def test_every_field_of_an_order_is_signed(change: dict[str, object]) -> None:
    trade = fill()
    signed = trade.maker.order
    changed: Order = replace(signed.message, **change)  # type: ignore[arg-type]
    forged = replace(trade.maker, order=replace(signed, message=changed))
    assert refusal(opened(), replace(trade, maker=forged)) == "bad_signature"


def test_a_key_that_is_not_registered_signs_nothing() -> None:
    stolen = sign(DOMAIN, fill().maker.order.message, SECRETS[CAROL])
    assert refusal(opened(), fill(maker=stolen)) == "bad_signature"


def test_the_key_is_looked_up_in_the_named_slot() -> None:
    trade = fill()
    other = replace(trade, taker=replace(trade.taker, key_slot=2))
    assert refusal(opened(), other) == "bad_signature"


def test_the_other_s_of_a_signature_is_refused() -> None:
    trade = fill()
    good = trade.taker.order.signature
    order_n = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    high = replace(trade.taker.order, signature=Signature(good.r, order_n - good.s))
    forged = replace(trade, taker=replace(trade.taker, order=high))
    assert refusal(opened(), forged) == "bad_signature"


# Check 2: who trades what.


def test_a_fill_needs_a_buyer_and_a_seller() -> None:
    assert refusal(opened(), fill(taker=order(BOB, Side.BUY))) == "same_side"
    assert refusal(opened(), fill(maker=order(ALICE, Side.SELL))) == "same_side"


def test_nobody_trades_with_himself() -> None:
    assert refusal(opened(), fill(taker=order(ALICE, Side.SELL, order_slot=1))) == "self_trade"


def test_both_orders_name_one_instrument() -> None:
    assert refusal(opened(), seller(instrument=OTHER_PUT)) == "instrument_mismatch"


# Checks 3 to 5: what is still alive.


def test_the_instrument_is_listed() -> None:
    trade = fill(
        maker=order(ALICE, Side.BUY, instrument=UNLISTED),
        taker=order(BOB, Side.SELL, instrument=UNLISTED),
    )
    assert refusal(opened(), trade) == "unknown_instrument"


@pytest.mark.parametrize(("after_expiry_s", "alive"), [(-1, True), (0, True), (1, False)])
def test_an_instrument_trades_until_the_window_ends_after_its_expiry(
    after_expiry_s: int, alive: bool
) -> None:
    late = Instant(2**32 - 1)
    trade = fill(
        maker=order(ALICE, Side.BUY, expiry=late), taker=order(BOB, Side.SELL, expiry=late)
    )
    window = replace(BEFORE, end=Instant(EXPIRY.s + after_expiry_s))
    if alive:
        accepted(opened(window=window), trade)
    else:
        assert refusal(opened(window=window), trade) == "instrument_expired"


@pytest.mark.parametrize("side", [buyer, seller])
@pytest.mark.parametrize(("margin_s", "alive"), [(-1, False), (0, True), (1, True)])
def test_an_order_lives_until_the_window_ends_after_its_expiry(
    side: object, margin_s: int, alive: bool
) -> None:
    trade = side(expiry=Instant(BEFORE.end.s + margin_s))  # type: ignore[operator]
    if alive:
        accepted(opened(), trade)
    else:
        assert refusal(opened(), trade) == "order_expired"


@pytest.mark.parametrize("side", [buyer, seller])
@pytest.mark.parametrize(("nonce", "alive"), [(4, False), (5, True), (6, True)])
def test_a_nonce_below_the_slot_is_stale(side: object, nonce: int, alive: bool) -> None:
    five = fill(maker=order(ALICE, Side.BUY, nonce=5), taker=order(BOB, Side.SELL, nonce=5))
    state = accepted(opened(), five).state
    other = {"nonce": 5}
    maker = order(ALICE, Side.BUY, **({"nonce": nonce} if side is buyer else other))
    taker = order(BOB, Side.SELL, **({"nonce": nonce} if side is seller else other))
    if alive:
        accepted(state, fill(maker=maker, taker=taker))
    else:
        assert refusal(state, fill(maker=maker, taker=taker)) == "stale_nonce"


# Check 6: price and size.


@pytest.mark.parametrize(
    ("price_e3", "fits"), [(13_999, False), (14_000, True), (15_000, True), (15_001, False)]
)
def test_the_price_lies_between_both_limits(price_e3: int, fits: bool) -> None:
    trade = fill(taker=order(BOB, Side.SELL, limit=Price(14_000)), price_e3=price_e3)
    if fits:
        accepted(opened(), trade)
    else:
        assert refusal(opened(), trade) == "limit_violated"


def test_nothing_is_sold_for_nothing() -> None:
    free = {"limit": Price(0)}
    for price_e3 in (0, 1):
        trade = fill(taker=order(BOB, Side.SELL, **free), price_e3=price_e3)
        if price_e3:
            accepted(opened(), trade)
        else:
            assert refusal(opened(), trade) == "limit_violated"


@pytest.mark.parametrize("side", [buyer, seller])
@pytest.mark.parametrize(
    ("size_e3", "fits"), [(0, False), (999, True), (1_000, True), (1_001, False)]
)
def test_a_fill_is_of_something_and_within_the_order(
    side: object, size_e3: int, fits: bool
) -> None:
    trade: UserTrade = side(size=Qty(1_000))  # type: ignore[operator]
    trade = replace(trade, size=Qty(size_e3))
    if fits:
        accepted(opened(), trade)
    else:
        assert refusal(opened(), trade) == "overfill"


@pytest.mark.parametrize(("size_e3", "fits"), [(999, True), (1_000, True), (1_001, False)])
def test_an_equal_nonce_continues_what_is_left(size_e3: int, fits: bool) -> None:
    again = fill(taker=order(CAROL, Side.SELL), size_e3=size_e3)
    if fits:
        state = accepted(traded(), again).state
        assert state.order_slot(ALICE, 0) == OrderSlot(1, 1_000 + size_e3)
    else:
        assert refusal(traded(), again) == "overfill"


def test_a_higher_nonce_starts_from_zero_and_cancels_the_order_before() -> None:
    renewed = fill(
        maker=order(ALICE, Side.BUY, nonce=2), taker=order(CAROL, Side.SELL), size_e3=2_000
    )
    state = accepted(traded(), renewed).state
    assert state.order_slot(ALICE, 0) == OrderSlot(2, 2_000)
    assert refusal(state, fill(taker=order(BOB, Side.SELL, nonce=2))) == "stale_nonce"


def test_a_smaller_order_under_the_same_nonce_has_nothing_left() -> None:
    smaller = fill(
        maker=order(ALICE, Side.BUY, size=Qty(500)), taker=order(CAROL, Side.SELL), size_e3=1
    )
    assert refusal(traded(), smaller) == "overfill"


def test_a_full_order_cannot_be_filled_again() -> None:
    whole = fill(size_e3=2_000)
    state = accepted(opened(), whole).state
    assert refusal(state, whole) == "overfill"


# Check 7: fees.


@pytest.mark.parametrize(("side", "rate_e6"), [(buyer, 300), (seller, 500)], ids=["maker", "taker"])
def test_a_fee_is_at_most_the_cap_of_the_role(side: object, rate_e6: int) -> None:
    assert refusal(opened(), side(fee_cap=Rate(rate_e6 - 1))) == "fee_above_cap"  # type: ignore[operator]
    accepted(opened(), side(fee_cap=Rate(rate_e6)))  # type: ignore[operator]
    accepted(opened(), side(fee_cap=Rate(rate_e6 + 1)))  # type: ignore[operator]


# Check 8: positions.


def test_a_position_slot_holds_one_instrument() -> None:
    other = fill(
        maker=order(ALICE, Side.BUY, instrument=OTHER_PUT, nonce=2),
        taker=order(BOB, Side.SELL, instrument=OTHER_PUT, nonce=2),
    )
    assert refusal(traded(), other) == "wrong_position_slot"
    moved = replace(
        other,
        maker=replace(other.maker, position_slot=1),
        taker=replace(other.taker, position_slot=63),
    )
    state = accepted(traded(), moved).state
    assert state.position(ALICE, 1) == Position(OTHER_PUT, 1_000)
    assert state.position(BOB, 63) == Position(OTHER_PUT, -1_000)


@pytest.mark.parametrize(("held_e3", "fits"), [(-2, True), (-1, True), (0, False)])
@pytest.mark.parametrize("account", [ALICE, BOB])
def test_a_position_stays_below_27_bits(account: int, held_e3: int, fits: bool) -> None:
    sign_of = 1 if account == ALICE else -1
    size = sign_of * (2**27 - 1_000 + held_e3)
    state = with_word(opened(), position_address(account, 0), Position(1, size).encode())
    rich = Collateral(2**62, 850_000 * abs(size) if size < 0 else 0)
    state = with_word(state, collateral_address(account), rich.encode())
    if fits:
        accepted(state, fill())
    else:
        assert refusal(state, fill()) == "position_too_large"


def test_a_short_call_is_refused_and_a_held_call_can_be_sold() -> None:
    trade = fill(
        maker=order(ALICE, Side.BUY, instrument=CALL),
        taker=order(BOB, Side.SELL, instrument=CALL),
    )
    assert refusal(opened(), trade) == "short_call"
    for held_e3, fits in ((999, False), (1_000, True), (1_001, True)):
        state = with_word(opened(), position_address(BOB, 0), Position(CALL, held_e3).encode())
        if fits:
            assert accepted(state, trade).state.collateral(BOB).locked_e6 == 0
        else:
            assert refusal(state, trade) == "short_call"


# Check 9: collateral.


@pytest.mark.parametrize(("spare_e6", "enough"), [(-1, False), (0, True), (1, True)])
def test_a_buyer_pays_premium_and_fee_from_what_is_there(spare_e6: int, enough: bool) -> None:
    has = Collateral(PREMIUM + MAKER_FEE + spare_e6)
    state = with_word(opened(), collateral_address(ALICE), has.encode())
    if enough:
        assert accepted(state, fill()).state.collateral(ALICE).balance_e6 == spare_e6
    else:
        assert refusal(state, fill()) == "insufficient_collateral"


@pytest.mark.parametrize(("spare_e6", "enough"), [(-1, False), (0, True), (1, True)])
def test_a_writer_covers_the_strike_and_the_premium_helps(spare_e6: int, enough: bool) -> None:
    has = Collateral(STRIKE - PREMIUM + TAKER_FEE + spare_e6)
    state = with_word(opened(), collateral_address(BOB), has.encode())
    if enough:
        assert accepted(state, fill()).state.collateral(BOB).free_e6 == spare_e6
    else:
        assert refusal(state, fill()) == "insufficient_collateral"


# The order of checks.


CODES = (
    "bad_signature",
    "same_side",
    "self_trade",
    "instrument_mismatch",
    "unknown_instrument",
    "instrument_expired",
    "order_expired",
    "stale_nonce",
    "limit_violated",
    "overfill",
    "fee_above_cap",
    "wrong_position_slot",
    "position_too_large",
    "short_call",
    "insufficient_collateral",
)


def flawed(flaws: tuple[str, ...]) -> tuple[State, UserTrade]:
    """A venue and a trade with all the named flaws at once."""

    def choose(code: str, flaw: object, sound: object) -> object:
        return flaw if code in flaws else sound

    late = Instant(2**32 - 1)
    instrument = choose("unknown_instrument", UNLISTED, choose("short_call", CALL, PUT))
    maker = order(
        ALICE,
        Side.BUY,
        instrument=instrument,
        expiry=choose("order_expired", Instant(EXPIRY.s - 90_000), late),
        nonce=choose("stale_nonce", 1, 2),
        fee_cap=choose("fee_above_cap", Rate(0), Rate(1_000)),
    )
    taker = order(
        ALICE if "self_trade" in flaws else BOB,
        Side.BUY if "same_side" in flaws else Side.SELL,
        instrument=choose("instrument_mismatch", OTHER_PUT, instrument),
        expiry=late,
        order_slot=1,
    )
    trade = UserTrade(
        Party(maker, 1, 1 if "wrong_position_slot" in flaws else 0),
        Party(taker, 2 if "bad_signature" in flaws else 1, 2),
        Price(15_001 if "limit_violated" in flaws else 15_000),
        Qty(2_001 if "overfill" in flaws else 1_000),
    )

    held = Position(int(str(instrument)), 1 - 2**27 if "position_too_large" in flaws else 0)
    poor, rich = Collateral(0), Collateral(2**62)
    words = {
        order_address(ALICE, 0): OrderSlot(2, 0).encode(),
        position_address(ALICE, 1): Position(OTHER_PUT, 1).encode(),
        position_address(BOB, 2): held.encode(),
        collateral_address(BOB): (poor if "insufficient_collateral" in flaws else rich).encode(),
    }
    end = Instant(EXPIRY.s + 1) if "instrument_expired" in flaws else BEFORE.end
    state = opened(window=replace(BEFORE, end=end))
    for address, value in words.items():
        state = with_word(state, address, value)
    return state, trade


@pytest.mark.parametrize("first", range(len(CODES)))
def test_the_first_broken_rule_in_protocol_order_is_the_reason(first: int) -> None:
    assert refusal(*flawed(CODES[first:])) == CODES[first]


def test_the_same_trade_without_flaws_is_accepted() -> None:
    accepted(*flawed(()))


@pytest.mark.parametrize("field", ["key_slot", "position_slot"])
def test_a_slot_that_no_account_has_cannot_be_written_down(field: str) -> None:
    party = fill().maker
    for value in (-1, 64) if field == "position_slot" else (0, 5):
        with pytest.raises(OutOfRange):
            replace(party, **{field: value})
