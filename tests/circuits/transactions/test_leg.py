"""One side of a fill in the circuit: every rule refuses its cheat, for maker and for taker."""

from types import SimpleNamespace
from typing import Any

import pytest

from novate.air import InputRefused, check
from novate.circuits.transactions.user_trade import UserTrade
from novate.field import P
from novate.ledger import USDC, collateral_address
from novate.units import bounds

from .fills import Cheat, changed, complete, program, second_fill
from .surroundings import (
    Rows,
    filled,
    forged,
    names,
    refusals,
    refusals_by_sentences,
    sentences_of,
)

MAKER, TAKER = "maker", "taker"
ROLES = (MAKER, TAKER)

NONCE = "the nonce is the slot's, or above it"
RESUMES = "the order resumes when the nonce is the slot's"
COUNTS_ON = "what is filled counts on under the same nonce, from zero under a higher one"
ROOM = "what is filled is within the order's size"
EMPTIES = "a slot is empty when its position is closed"
FEE = "the fee is the premium times the rate, rounded up"
LOCK = "the lock follows strike times short size"

HELD = {"long_before": 1_000, "short_before": 0}
SHORT = {"long_before": 0, "short_before": 5_000, "locked_before": 5_000 * 850_000}
FRESH = {"slot_nonce": 1, "slot_filled": 700, "nonce": 3}
SAME = {"slot_nonce": 3, "slot_filled": 700, "nonce": 3}


def closing(leg: Any) -> dict[str, Any]:
    """A position before that this fill closes."""
    long, short = (0, 500) if leg.direction > 0 else (500, 0)
    return {"long_before": long, "short_before": short, "locked_before": 850_000 * short}


CHEATS: list[tuple[str, Cheat]] = [
    ("the nonce is not zero", lambda leg: {"nonce": 0, "slot_nonce": 0}),
    (NONCE, lambda leg: {"slot_nonce": 3, "nonce": 2, "raised_by": 0}),
    (NONCE, lambda leg: {"slot_nonce": 3, "nonce": 2, "raised_by": 1}),
    (NONCE, lambda leg: {"slot_nonce": 3, "nonce": 2, "raised_by": 2**30 - 1}),
    (RESUMES, lambda leg: SAME | {"resumes": 0}),
    (COUNTS_ON, lambda leg: SAME | {"filled_before": 0}),
    (COUNTS_ON, lambda leg: FRESH | {"filled_before": 700}),
    ("what is filled grows by the size", lambda leg: {"filled": leg.filled - 1}),
    ("what is filled grows by the size", lambda leg: {"filled": leg.filled_before}),
    (ROOM, lambda leg: {"order_size": leg.filled - 1, "left": 0}),
    (ROOM, lambda leg: {"order_size": leg.filled - 1, "left": 2**27 - 1}),
    (
        "the order has not expired when the window ends",
        lambda leg: {"order_expiry": leg.window_end - 1, "order_life": 0},
    ),
    (
        "the price is within the limit",
        lambda leg: {"limit": leg.price - leg.direction, "limit_slack": 0},
    ),
    (
        "the fee rate is within the order's cap",
        lambda leg: {"fee_cap": leg.fee_rate - 1, "cap_slack": 0},
    ),
    (
        "the position before was long or short",
        lambda leg: {
            "long_before": leg.long_before + 9,
            "short_before": leg.short_before + 9,
            "locked_before": leg.locked_before + 9 * 850_000,
        },
    ),
    ("an empty slot held nothing", lambda leg: HELD | {"was_empty": 1}),
    (
        "nothing is not short",
        lambda leg: {"long_before": 0, "short_before": 0, "locked_before": 0, "was_short": 1},
    ),
    ("the position moves by the size", lambda leg: HELD | {"long": 1_501, "short": 0}),
    ("the position moves by the size", lambda leg: SHORT | {"long": 1, "short": 0}),
    (
        "the position is long or short",
        lambda leg: {"long": leg.long + 1, "short": leg.short + 1},
    ),
    (EMPTIES, lambda leg: closing(leg) | {"is_empty": 0}),
    ("a closed position is not short", lambda leg: closing(leg) | {"is_short": 1}),
    ("nobody is short a call", lambda leg: SHORT | {"right": 0} | other_long(leg)),
    (FEE, lambda leg: {"fee": leg.fee + 1, "fee_dust": leg.fee_dust}),
    (FEE, lambda leg: {"fee": leg.fee - 1, "fee_dust": leg.fee_dust}),
    (FEE, lambda leg: {"fee": leg.fee - 1, "fee_dust": 10**6 - 1}),
    (FEE, lambda leg: {"fee": 0, "fee_dust": 0}),
    ("the balance moves by premium and fee", lambda leg: {"balance": leg.balance + 1}),
    ("the balance moves by premium and fee", lambda leg: {"balance": leg.balance - 1}),
    ("the balance moves by premium and fee", lambda leg: {"balance": 2**63 - 1}),
    (LOCK, lambda leg: SHORT | {"locked": 0}),
    (LOCK, lambda leg: {"locked": leg.locked + 1}),
    ("what is locked is there", lambda leg: {"balance_before": 8 * 10**6, "free": 0} | owing(leg)),
]
"""A sentence and what breaks it: inputs are changed, what is computed from them follows."""


def other_long(leg: Any) -> dict[str, Any]:
    """The other side holds enough to be long whatever happens."""
    other = TAKER if leg.role == MAKER else MAKER
    held = {"long_before": 5_000, "short_before": 0, "locked_before": 0}
    return {f"{other}_{name}": value for name, value in held.items()}


def owing(leg: Any) -> dict[str, Any]:
    """A lock that is larger than the balance by less than a dollar."""
    return {"locked_before": 16 * 10**6, **HELD, "long_before": 10_000}


def side(role: str, row: SimpleNamespace) -> SimpleNamespace:
    """One side of a complete row, with what both share."""
    own = {k.removeprefix(role + "_"): v for k, v in vars(row).items() if k.startswith(role + "_")}
    direction = 1 if (row.maker_buys == 1) == (role == MAKER) else -1
    return SimpleNamespace(**(vars(row) | own), role=role, direction=direction)


def lie(role: str, cheat: Cheat) -> Rows:
    """The second fill, with a cheat on one side."""
    made, _ = second_fill()
    changes = {
        f"{role}_{name}" if f"{role}_{name}" in UserTrade.columns else name: value
        for name, value in cheat(side(role, complete(made))).items()
    }
    return changed(made, **changes)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "change",
    [
        lambda leg: {},
        lambda leg: FRESH,
        lambda leg: SAME,
        lambda leg: SHORT,
        closing,
        lambda leg: {"limit": leg.price, "order_size": leg.filled, "fee_cap": leg.fee_rate},
        lambda leg: {"order_expiry": leg.window_end},
    ],
)
def test_what_a_cheat_starts_from_is_accepted(role: str, change: Cheat) -> None:
    assert refusals_by_sentences(program(), lie(role, change)) == set()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("sentence", "cheat"), CHEATS)
def test_a_cheat_with_every_help_breaks_a_sentence(role: str, sentence: str, cheat: Cheat) -> None:
    assert refusals_by_sentences(program(), lie(role, cheat)) == {f"{role}: {sentence}"}


FORGERIES: list[tuple[str, Cheat, str, int]] = [
    (f"{RESUMES}, and only then", lambda leg: FRESH | {"resumes": 1}, "raised_inverse", 0),
    (f"{RESUMES}: no inverse", lambda leg: SAME, "raised_inverse", 1),
    (f"{EMPTIES}, and only then", lambda leg: HELD | {"is_empty": 1}, "size_inverse", 0),
    (f"{EMPTIES}: no inverse", closing, "size_inverse", 1),
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("sentence", "cheat", "cell", "value"), FORGERIES)
def test_a_forged_inverse_breaks_a_sentence(
    role: str, sentence: str, cheat: Cheat, cell: str, value: int
) -> None:
    found = forged(program(), UserTrade.name, f"{role}_{cell}", value, lie(role, cheat))
    assert {name for name in found if not name.startswith("bus")} == {f"{role}: {sentence}"}


def test_every_sentence_has_its_cheat() -> None:
    told = {sentence for sentence, *_ in [*CHEATS, *FORGERIES]}
    for role in ROLES:
        said = {name for name in sentences_of(UserTrade) if name.startswith(role)}
        assert {f"{role}: {sentence}" for sentence in told} == said


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("changes", "buses"),
    [
        ({"key_slot_bits": (1, 0)}, {"bus memory"}),
        ({"key": (1,) * 8}, {"bus memory", "bus signed"}),
        ({"account": 3}, {"bus memory", "bus signed"}),
        ({"order_slot": 1}, {"bus memory", "bus signed"}),
        ({"nonce": 5}, {"bus memory", "bus signed"}),
        ({"limit": 15_000 + 2**33}, {"bus signed"}),
        ({"order_size": 2**27 - 1}, {"bus signed"}),
        ({"fee_cap": 2**20 - 1}, {"bus signed"}),
        ({"order_expiry": 2**32 - 1}, {"bus signed"}),
        ({"slot_filled": 100}, {"bus memory"}),
        ({"position_slot": 1}, {"bus memory"}),
        ({"long_before": 0, "short_before": 0}, {"bus memory"}),
        ({"balance_before": 10**12}, {"bus memory"}),
        ({"fee_rate": 0}, {"bus memory", "bus parameters"}),
        ({"collateral_gap": 0}, {"bus memory"}),
    ],
)
def test_a_consistent_lie_is_told_on_a_bus(
    role: str, changes: dict[str, Any], buses: set[str]
) -> None:
    made, around = second_fill()
    if role == TAKER and "limit" in changes:
        changes = {"limit": 0}
    if role == MAKER and "slot_filled" not in changes and "nonce" in changes:
        changes = changes | {"slot_nonce": 5}
    told = changed(made, **{f"{role}_{name}": value for name, value in changes.items()})
    assert refusals(program(), told, around.rows) == buses


@pytest.mark.parametrize("role", ROLES)
def test_a_word_of_another_kind_is_out_of_range(role: str) -> None:
    made, around = second_fill()
    collateral = collateral_address(1, USDC).slot
    for column, base in (("position_slot", 16), ("order_slot", 128)):
        with pytest.raises(InputRefused):
            refusals(program(), changed(made, **{f"{role}_{column}": collateral - base}))
        cell, value = f"{role}_{column}", (collateral - base) % P
        found = forged(program(), UserTrade.name, cell, value, made, around.rows)
        assert "bus narrow" in found
    cell = f"{role}_key_slot_bits[1]"
    found = forged(program(), UserTrade.name, cell, 2, made, around.rows)
    assert f"{cell} is a bit" in found


@pytest.mark.parametrize("role", ROLES)
def test_dust_of_a_whole_step_is_out_of_range(role: str) -> None:
    made, around = second_fill()
    honest = side(role, complete(made))
    lying = changed(made, **{f"{role}_fee": honest.fee + 1, f"{role}_fee_dust": honest.fee_dust})
    trace = filled(program(), lying, around.rows)
    table = program()[UserTrade.name]
    for limb in table.placed[f"{role}_fee_dust"].limbs:
        value = (honest.fee_dust + bounds.RATE_SCALE) >> limb.position
        trace[UserTrade.name][0, limb.cell] = value & ((1 << limb.bits) - 1)
    found = names(check(program(), trace))
    assert f"{role}_fee_dust is below 1000000" in found
    assert f"{role}: {FEE}" not in found
