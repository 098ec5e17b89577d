"""A fill in the circuit: the ledger's are accepted, and every rule of both sides refuses its cheat.

What a rule asks of one side is in `test_leg.py`.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.ledger.scene import (
    ALICE,
    BEFORE,
    BOB,
    CALL,
    CAROL,
    EXPIRY,
    OTHER_PUT,
    PUT,
    Fill,
    accepted,
    fill,
    opened,
    order,
    register,
    traded,
)

from novate.air import InputRefused
from novate.circuits.transactions.user_trade import UserTrade as Table
from novate.field import P
from novate.ledger import (
    INSTRUMENTS,
    VENUE,
    Party,
    Position,
    Side,
    UserTrade,
    Window,
    collateral_address,
    position_address,
)
from novate.units import Instant, Price, Qty, Rate, bounds

from .fills import Cheat, changed, complete, program, second_fill, told
from .surroundings import (
    broken_constraints,
    forged,
    refusals,
    refusals_by_sentences,
    sentences_of,
)


def back(size_e3: int, **changes: Any) -> UserTrade:
    """Bob buys back from Alice."""
    maker = order(BOB, Side.BUY, nonce=2, **changes)
    return Fill(maker, order(ALICE, Side.SELL, nonce=2, **changes), size_e3=size_e3).trade


def test_fills_of_the_ledger_are_accepted() -> None:
    new = {"order_slot": 127, "nonce": 2**30 - 1}
    long_call = opened().words.set(position_address(ALICE, 63), Position(CALL, 500).encode())
    trades = [
        fill(),
        back(400),  # partly closed
        back(600),  # resumed, and closed on both sides
        fill(
            maker=order(CAROL, Side.SELL, limit=Price(1), **new),
            taker=order(BOB, Side.BUY, limit=Price(2**34 - 1), **new),
            slots=(7, 63),
            price_e3=1,
            size_e3=1,
        ),
        fill(
            maker=order(BOB, Side.SELL, instrument=OTHER_PUT, nonce=9, fee_cap=Rate(300)),
            taker=order(CAROL, Side.BUY, instrument=OTHER_PUT, expiry=BEFORE.end),
            size_e3=2_000,
        ),
        fill(
            maker=order(ALICE, Side.SELL, instrument=CALL, nonce=5),
            taker=order(BOB, Side.BUY, instrument=CALL, nonce=10),
            slots=(63, 8),
            size_e3=500,
        ),
    ]
    made, around = told(replace(opened(), words=long_call), *trades)
    assert refusals(program(), made, around.rows) == set()


def test_each_key_slot_and_the_ends_of_the_window_are_accepted() -> None:
    window = Window(Instant(EXPIRY.s - 1), EXPIRY)
    for key_slot in (1, 2, 3, 4):
        state = opened(window=window)
        cursor = state.venue.cursor
        state = accepted(state, register(cursor, ALICE, key_slot=key_slot)).state
        plain = fill()
        trade = replace(plain, maker=Party(plain.maker.order, key_slot, 0))
        made, around = told(state, trade)
        assert refusals(program(), made, around.rows) == set()


LIMITLESS = {"maker_limit": 2**34 - 1, "taker_limit": 0}

CHEATS: list[tuple[str, Cheat]] = [
    ("nobody trades with himself", lambda row: {"taker_account": ALICE}),
    (
        "the instrument has not expired when the window ends",
        lambda row: {
            "expiry": row.window_end - 1,
            "life": 0,
        },
    ),
    ("the price is not zero", lambda row: LIMITLESS | {"price": 0}),
    ("the size is not zero", lambda row: {"size": 0}),
    ("the premium is price times size", lambda row: {"premium": row.premium - 1}),
    ("the premium is price times size", lambda row: {"premium": row.premium + 1}),
    ("the premium is price times size", lambda row: {"premium": 0}),
    ("the venue collects both fees", lambda row: {"fees": row.fees - 1}),
    ("the venue collects both fees", lambda row: {"fees": row.fees + 1}),
    ("the venue collects both fees", lambda row: {"fees": row.fees_before}),
]


@pytest.mark.parametrize(("sentence", "cheat"), CHEATS)
def test_a_cheat_with_every_help_breaks_a_sentence(sentence: str, cheat: Cheat) -> None:
    made, _ = second_fill()
    lie = changed(made, **cheat(complete(made)))
    assert refusals_by_sentences(program(), made) == set()
    assert refusals_by_sentences(program(), lie) == {sentence}


def test_every_sentence_has_its_cheat() -> None:
    said = {name for name in sentences_of(Table) if not name.startswith(("maker", "taker"))}
    assert {sentence for sentence, _ in CHEATS} == said


@pytest.mark.parametrize(
    ("changes", "buses"),
    [
        ({"instrument": OTHER_PUT}, {"bus memory", "bus signed"}),
        ({"right": 0, "taker_long_before": 9_000, "taker_short_before": 0}, {"bus memory"}),
        ({"strike": 1}, {"bus memory"}),
        ({"expiry": 2**32 - 1}, {"bus memory"}),
        ({"underlying": 2}, {"bus memory"}),
        ({"multiplier": 11}, {"bus memory"}),
        ({"window_end": BEFORE.end.s - 1}, {"bus window"}),
        ({"window_start": 0}, {"bus window"}),
        ({"maker_fee_rate": 0, "taker_fee_rate": 0}, {"bus memory", "bus parameters"}),
        ({"quorum": 1}, {"bus parameters"}),
        ({"publishers": 1}, {"bus parameters"}),
        ({"heartbeat": (0, 0)}, {"bus parameters"}),
        ({"price": 14_999, "taker_limit": 0}, {"bus memory", "bus signed"}),
        ({"size": 1}, {"bus memory"}),
        ({"fees_before": 10**6}, {"bus memory"}),
        ({"time": 9}, {"bus memory"}),
        ({"terms_gap": 0}, {"bus memory"}),
        ({"fees_gap": 0}, {"bus memory"}),
    ],
)
def test_a_consistent_lie_is_told_on_a_bus(changes: dict[str, Any], buses: set[str]) -> None:
    made, around = second_fill()
    assert refusals(program(), changed(made, **changes), around.rows) == buses


def test_both_sides_cannot_buy() -> None:
    """One bit says who buys, so the other order was never signed."""
    made, around = second_fill()
    maker_sells = changed(made, maker_buys=0, maker_limit=0, taker_limit=2**34 - 1)
    assert refusals(program(), maker_sells, around.rows) == {"bus memory", "bus signed"}


def test_a_fill_is_not_repeated() -> None:
    made, around = second_fill()
    (row,) = made[Table.name]
    gaps = {name: 0 for name in row if name.endswith("_gap")}
    again = row | gaps | {"time": row["time"] + 1}
    assert refusals(program(), {Table.name: [row, again]}, around.rows) == {"bus memory"}
    assert refusals(program(), {Table.name: [row, row]}, around.rows) == {"bus memory"}


def test_two_fills_of_one_order_share_its_size() -> None:
    """The second fill of 1 200 under an order for 2 000 cannot pretend that it is the first."""
    fills = [fill(size_e3=1_200), fill(size_e3=800)]
    made, around = told(opened(), *fills)
    one, two = (row | {"maker_left": 800, "taker_left": 800} for row in made[Table.name])
    greedy = two | {"size": 1_200, "maker_left": 0, "taker_left": 0}
    found = refusals(program(), {Table.name: [one, greedy]}, around.rows)
    assert {f"{r}: what is filled is within the order's size" for r in ("maker", "taker")} < found
    parallel = one | {"time": two["time"]}
    assert refusals(program(), {Table.name: [one, parallel]}, around.rows) == {"bus memory"}


@pytest.mark.parametrize(
    "changes",
    [
        {"instrument": VENUE - INSTRUMENTS},
        {"instrument": ALICE - INSTRUMENTS},
        {"instrument": 1 << 22},
        {"size": 1 << 27},
        {"price": 1 << 34, **LIMITLESS},
        {"taker_balance_before": 0, "taker_locked_before": 2**40},
        {"taker_long_before": 0, "taker_short_before": 2**27 - 1},
        {"maker_long_before": 2**27 - 500},
    ],
)
def test_what_has_no_width_cannot_be_written(changes: dict[str, Any]) -> None:
    made, around = second_fill()
    with pytest.raises(InputRefused):
        refusals(program(), changed(made, **changes), around.rows)


@pytest.mark.parametrize(
    ("cell", "value", "bus"),
    [
        ("instrument.1", P - 1, "bus narrow"),
        ("instrument.1", 64, "bus narrow"),
        ("size.3", 1 << 3, "bus narrow"),
        ("fees.3", 1 << 15, "bus u16"),
        ("maker_balance.3", P - 1, "bus u16"),
        ("taker_free.3", 1 << 15, "bus u16"),
        ("taker_locked.3", P - 1, "bus u16"),
        ("maker_collateral_gap.1", 1 << 8, "bus byte_pair"),
    ],
)
def test_a_cell_out_of_range_is_seen(cell: str, value: int, bus: str) -> None:
    made, around = second_fill()
    assert bus in forged(program(), Table.name, cell, value, made, around.rows)


def test_accounts_differ_as_numbers() -> None:
    """Two names of one account in the field are one name."""
    made, _ = second_fill()
    lie = changed(made, taker_account=ALICE + P)
    assert refusals_by_sentences(program(), lie) == {"nobody trades with himself"}


def test_the_rows_say_what_the_ledger_did() -> None:
    made, around = second_fill()
    row = complete(made)
    taken = {(m["account"], m["slot"]): m["word"] for m in around.rows["closed"]}
    assert taken[collateral_address(BOB)][0] == row.taker_balance & 0xFFFF
    assert taken[position_address(ALICE, 0)][:2] == (PUT, row.maker_long)
    assert (row.maker_long, row.taker_short, row.maker_filled) == (1_500, 1_500, 1_500)
    assert Qty(row.taker_filled) == Qty(500)
    assert traded().fees.balance_e6 == row.fees_before


RICH = {"maker_balance_before": 1 << 62, "taker_balance_before": 1 << 62}
"""Balances that bear any premium and fee, so that only the law at hand refuses it."""


def constraints_called(sentence: str) -> set[int]:
    """What a sentence became, by index."""
    lowered = program()[Table.name].constraints
    return {i for i, constraint in enumerate(lowered) if constraint.sentence == sentence}


def alone(found: Iterator[set[int]]) -> set[int]:
    """The constraints that were the only one to refuse some lie."""
    return {next(iter(broken)) for broken in found if len(broken) == 1}


def test_a_premium_is_exact_in_every_limb() -> None:
    made, _ = second_fill()
    row = complete(made)
    lies = ({"premium": row.premium + (1 << e)} for e in range(0, 60, 4))
    found = (broken_constraints(program(), Table, changed(made, **RICH, **lie)) for lie in lies)
    assert alone(found) == constraints_called("the premium is price times size")


@pytest.mark.parametrize("role", ["maker", "taker"])
def test_a_fee_is_exact_in_every_limb(role: str) -> None:
    made, _ = second_fill()
    row = complete(made)
    exact = row.premium * getattr(row, f"{role}_fee_rate")

    def lies() -> Iterator[dict[str, int]]:
        # each fee and dust say that premium times rate were 2**e more
        for e in range(0, 80, 4):
            fee = -(-(exact + (1 << e)) // bounds.RATE_SCALE)
            dust = fee * bounds.RATE_SCALE - exact - (1 << e)
            yield {f"{role}_fee": fee, f"{role}_fee_dust": dust}

    rows = (changed(made, **RICH, **lie) for lie in lies())
    found = (broken_constraints(program(), Table, told) for told in rows)
    sentence = f"{role}: the fee is the premium times the rate, rounded up"
    assert alone(found) == constraints_called(sentence)
