"""Holders in the circuit: the ledger's payouts are accepted, and every rule refuses its cheat."""

from functools import lru_cache
from typing import Any

import pytest
from tests.ledger.scene import ALICE, BOB, CALL, CAROL, OTHER_PUT, PUT, accepted

from novate.air import InputRefused, Program, check
from novate.circuits.transactions.settled_holder import SettledHolder
from novate.circuits.transactions.system_settle import SystemSettle
from novate.field import P
from novate.ledger import FUND, Collateral, collateral_address

from .settlements import (
    Changes,
    Sizes,
    changed,
    complete,
    holding,
    only,
    plus,
    program,
    settle,
    told,
    venue,
)
from .surroundings import (
    CLOSED,
    PAYERS,
    Environment,
    Rows,
    broken_constraints,
    constraints_of,
    filled,
    forged,
    names,
    program_of,
    refusals,
    refusals_by_sentences,
    said_by,
    sentences_of,
)

STRIKE, OTHER_STRIKE = 850_000, 800_000
"""Of one contract of either put."""

INTRINSIC = 10
"""Micro-USDC a contract, of both settlements of the scene."""

MONEY = 1 << 52
GROUP: Sizes = {(ALICE, 0): -1_001, (ALICE, 5): 1, (BOB, 0): -501, (CAROL, 1): 1_501}
OTHERS: Sizes = {(CAROL, 2): 5, (CAROL, 3): -5}
PUT_PRICES = {0: 84_999_999, 1: 84_999_999}
OTHER_PRICES = {0: 79_999_999, 1: 79_999_999}


@lru_cache(maxsize=1)
def alone() -> Program:
    """The table whose words and settlements are whatever it says."""
    return program_of(SettledHolder, PAYERS)


@lru_cache(maxsize=1)
def scene() -> tuple[Rows, Environment]:
    """Rows 0 to 3: Alice in two slots, Bob and Carol in the put. Rows 4 and 5: Carol alone, on
    both sides of the other put."""
    state = holding(venue(), PUT, GROUP, money_e6=MONEY)
    return told(
        holding(state, OTHER_PUT, OTHERS),
        settle(GROUP, PUT_PRICES),
        settle(OTHERS, OTHER_PRICES, instrument=OTHER_PUT),
    )


def lie(changes: Changes, made: Rows | None = None) -> Rows:
    """All rows of the scene, some holders' changed."""
    return changed(SettledHolder, made or scene()[0], changes)


def every(rows: range, **columns: Any) -> Changes:
    """The same on some rows."""
    return dict.fromkeys(rows, columns)


def together(*parts: Changes) -> Changes:
    """All of these changes at once."""
    merged: dict[int, dict[str, Any]] = {}
    for part in parts:
        for at, columns in part.items():
            merged.setdefault(at, {}).update(columns)
    return merged


SIDES: list[tuple[int, Sizes]] = [
    (PUT, {(ALICE, 0): 1, (BOB, 0): -1}),
    (PUT, {(BOB, 63): -1, (ALICE, 0): 1}),
    (PUT, {(ALICE, 0): 2**27 - 1, (BOB, 0): 1 - 2**27}),
    (PUT, {(ALICE, 0): 333, (BOB, 0): 333, (CAROL, 0): -666}),
    (PUT, {(ALICE, 5): 1_000, (BOB, 0): -1_500, (ALICE, 0): -500, (CAROL, 1): 1_000}),
    (PUT, {(ALICE, i): (1 + i // 2) * (-1) ** i for i in range(64)}),
    (PUT, {(account, 0): (-1) ** account * 7 for account in range(1, 41)}),
    (CALL, {(ALICE, 0): 999, (BOB, 0): -499, (BOB, 1): -500}),
]


@pytest.mark.parametrize(("instrument", "sizes"), SIDES)
@pytest.mark.parametrize("index", [84_999_999, 85_000_000, 85_000_001, 85_333_333])
def test_holders_of_the_ledger_are_accepted(instrument: int, sizes: Sizes, index: int) -> None:
    state = holding(venue(), instrument, sizes, money_e6=10**12)
    settlement = settle(sizes, {0: index, 1: index}, instrument=instrument)
    made, around = told(state, settlement)
    assert refusals(program(), made, around.rows) == set()
    after = accepted(state, settlement).state
    taken = {(m["account"], m["slot"]): m["word"] for m in around.rows[CLOSED]}
    for account in {account for account, _ in sizes}:
        assert taken[collateral_address(account)] == after.collateral(account).encode()
    (settled,) = made[SystemSettle.name]
    assert after.fund == Collateral(settled["rounded"] // 1_000)


def test_one_settlement_after_the_other_is_accepted() -> None:
    """Carol is paid by both, in one batch."""
    made, around = scene()
    holders = made[SettledHolder.name]
    assert [row["starts"] for row in holders] == [1, 0, 0, 0, 1, 0]
    assert [row["resumes"] for row in holders] == [0, 1, 0, 0, 0, 1]
    assert refusals(program(), made, around.rows) == set()


LONG_OR_SHORT = "the position is long or short"
PAYOFF = "the payoff is intrinsic value times size, rounded down"
BALANCE = "the balance moves by the payoff"
LOCK = "the lock is released"
COVERED = "what is locked is there"
HANDED_ON = "collateral is handed on"
NO_FIRST = "the first row resumes no account"
RESUMES = "what goes on resumes"
ACCOUNT = "an account resumes"
WITHIN = "an account goes on within a settlement"
JUST_NOW = "what resumes was touched just now"
STARTS = "the first row starts a settlement"
ENDS = "the last row ends its settlement"
NEXT = "one settlement after the other"
TERMS = "the terms stand"
FROM_ZERO = "sizes are added from zero"
DUST_FROM_ZERO = "dust is added from zero"
ADDED = "sizes are added"
DUST_ADDED = "dust is added"
CANCEL = "longs and shorts cancel out"

PLACES = (1, 1 << 16, 1 << 32, 1 << 48)
"""A unit of every limb."""


def unheld(size: int, start: int) -> Changes:
    """Bob writes more than anybody holds, and the sum is out by as much from a row before him."""
    short = {"short": plus(size), "locked_before": plus(size * STRIKE), "net": plus(0)}
    return every(range(start, 2), net=plus(size)) | {2: short, 3: {"net": 0}}


CHEATS: list[tuple[Changes, str]] = [
    ({3: {"long": plus(9), "short": 9, "locked_before": plus(9 * STRIKE)}}, LONG_OR_SHORT),
    (
        {3: {"long": plus(9), "short": 9, "locked_before": plus(9 * STRIKE), "is_short": 0}},
        LONG_OR_SHORT,
    ),
    ({3: {"is_short": 1}}, LONG_OR_SHORT),
    ({2: {"is_short": 0}}, LONG_OR_SHORT),
    *(({2: {"payoff": plus(place)}}, PAYOFF) for place in (*PLACES, 1 << 61)),
    ({2: {"payoff": plus(-1)}}, PAYOFF),
    ({2: {"payoff": plus(1), "dust": 0}}, PAYOFF),
    ({2: {"payoff": plus(1), "dust": 999}}, PAYOFF),
    ({2: {"payoff": 0, "dust": 0}}, PAYOFF),
    ({3: {"payoff": plus(1), "dust": 0}}, PAYOFF),
    ({3: {"payoff": 0}}, PAYOFF),
    ({3: {"dust": 0}}, PAYOFF),
    *(({2: {"balance": plus(place)}}, BALANCE) for place in PLACES),
    ({2: {"balance": plus(-1)}}, BALANCE),
    ({3: {"balance": 2**63 - 1}}, BALANCE),
    ({2: {"balance_before": 0, "balance": 0}}, BALANCE),
    *(({2: {"locked": plus(place)}}, LOCK) for place in PLACES),
    ({2: {"locked": 501 * STRIKE}}, LOCK),
    ({3: {"locked_before": STRIKE, "locked": 0}}, LOCK),
    *(({2: {"free": plus(-place)}}, COVERED) for place in PLACES),
    ({3: {"balance_before": 0, "locked_before": 16, "free": 0}}, COVERED),
    ({3: {"balance_before": 0, "locked_before": 16, "free": 2**63 - 1}}, COVERED),
    *(({1: {"balance_before": plus(place)}}, HANDED_ON) for place in PLACES),
    *(({1: {"locked_before": plus(place)}}, HANDED_ON) for place in PLACES),
    ({0: {"resumes": 1, "collateral_gap": 0}}, NO_FIRST),
    ({1: {"resumes": 0}}, RESUMES),
    ({4: {"goes_on": 0}}, RESUMES),
    ({1: {"account": BOB}}, ACCOUNT),
    ({5: {"account": 0}}, ACCOUNT),
    ({3: {"goes_on": 1}, 4: {"resumes": 1, "collateral_gap": 0}}, WITHIN),
    ({1: {"collateral_gap": 1}}, JUST_NOW),
    ({5: {"collateral_gap": 2**24 - 1}}, JUST_NOW),
    ({0: {"starts": 0}}, STARTS),
    (together(unheld(7, 0), {0: {"starts": 0}}), STARTS),
    ({5: {"ends": 0}}, ENDS),
    ({4: {"long": 2}, 5: {"ends": 0}}, ENDS),
    ({4: {"starts": 0}}, NEXT),
    ({4: {"starts": 0, "long": 2, "net": 5}, 5: {"net": 0}}, NEXT),
    ({3: {"time": plus(1)}}, TERMS),
    ({3: {"instrument": OTHER_PUT}}, TERMS),
    *(({3: {"strike": plus(place)}}, TERMS) for place in PLACES[:3]),
    *(({3: {"intrinsic": plus(place)}}, TERMS) for place in PLACES),
    (unheld(7, 0), FROM_ZERO),
    (unheld(1 << 16, 0), FROM_ZERO),
    (every(range(4), rounded=plus(1_000)), DUST_FROM_ZERO),
    (every(range(4), rounded=plus(-990)), DUST_FROM_ZERO),
    (unheld(7, 1), ADDED),
    (unheld(1 << 16, 1), ADDED),
    (every(range(1, 4), rounded=plus(1_000)), DUST_ADDED),
    ({3: {"rounded": 0}}, DUST_ADDED),
    ({3: {"long": plus(1)}}, CANCEL),
    ({3: {"long": plus(1 << 16)}}, CANCEL),
    ({2: {"short": plus(1), "locked_before": plus(STRIKE)}}, CANCEL),
    ({3: {"long": 0}}, CANCEL),
]
"""Rows of the scene with other columns, and the sentence they break; ranges are kept."""

MANY, WRAP = 33, 1 << 32
"""So many of the largest positions come to the third limb of their sum."""


def crowd(*directions: int) -> Rows:
    """For each direction, 33 holders of 2**32 milli-contracts together; no price, no strike."""
    sizes = [*(2**27 - 1 for _ in range(MANY - 1)), MANY - 1]
    row = scene()[0][SettledHolder.name][3] | {"strike": 0, "intrinsic": 0}
    rows = [
        row
        | {"account": 1 + at, "position_slot": i % 64, "starts": 0, "ends": 0}
        | {"long": max(0, size * direction), "short": max(0, -size * direction)}
        for i, direction in enumerate(directions)
        for at, size in enumerate(sizes)
    ]
    rows[0]["starts"] = rows[-1]["ends"] = 1
    return {SettledHolder.name: rows}


CROWDS: list[tuple[tuple[int, ...], Changes, str]] = [
    ((1,), {}, CANCEL),
    ((-1,), every(range(MANY), net=plus(WRAP)), FROM_ZERO),
    ((-1,), every(range(1, MANY), net=plus(WRAP)), ADDED),
]
"""Sums that are out by a whole limb."""


@lru_cache
def broken(at: int) -> set[int]:
    """The constraints that refuse a cheat when every message finds an answer."""
    if at < len(CHEATS):
        made = lie(CHEATS[at][0], only(SettledHolder, scene()[0]))
    else:
        directions, changes, _ = CROWDS[at - len(CHEATS)]
        made = lie(changes, crowd(*directions))
    return broken_constraints(alone(), SettledHolder, made)


SAID = [*(sentence for _, sentence in CHEATS), *(sentence for *_, sentence in CROWDS)]


def test_what_a_cheat_starts_from_is_accepted() -> None:
    for made in (only(SettledHolder, scene()[0]), crowd(1, -1)):
        assert refusals_by_sentences(alone(), made) == set()


@pytest.mark.parametrize("at", range(len(SAID)))
def test_a_cheat_with_every_help_breaks_a_sentence(at: int) -> None:
    assert said_by(alone(), SettledHolder, broken(at)) == {SAID[at]}


def test_every_sentence_has_its_cheat() -> None:
    assert set(SAID) == sentences_of(SettledHolder)


def test_every_constraint_alone_refuses_a_cheat() -> None:
    found = {at for i in range(len(SAID)) for at in broken(i) if len(broken(i)) == 1}
    assert found == constraints_of(alone(), SettledHolder)


@pytest.mark.parametrize(
    ("changes", "buses"),
    [
        (
            {2: {"short": plus(1), "locked_before": plus(STRIKE)}, 3: {"long": plus(1)}},
            {"memory"},
        ),
        ({2: {"account": CAROL}}, {"memory"}),
        ({2: {"account": FUND}}, {"memory"}),
        ({2: {"account": BOB + (1 << 24)}}, {"memory"}),
        ({2: {"position_slot": 1}}, {"memory"}),
        ({3: {"position_slot": 2}}, {"memory"}),
        (every(range(4), instrument=OTHER_PUT), {"memory", "payout"}),
        (every(range(4), instrument=0), {"memory", "payout"}),
        (every(range(4, 6), instrument=PUT), {"memory", "payout"}),
        (every(range(2, 4), time=0), {"memory", "payout", TERMS}),
        (every(range(4, 6), time=1), {"memory", "payout"}),
        (every(range(4, 6), time=plus(1), position_gap=plus(1)), {"memory", "payout"}),
        ({2: {"balance_before": plus(1)}}, {"memory"}),
        ({2: {"locked_before": plus(1)}}, {"memory"}),
        ({2: {"position_gap": plus(1)}}, {"memory"}),
        ({2: {"collateral_gap": plus(1)}}, {"memory"}),
        ({4: {"collateral_gap": plus(1)}}, {"memory"}),
        ({0: {"goes_on": 0}, 1: {"resumes": 0}}, {"memory"}),
        ({0: {"goes_on": 0}, 1: {"resumes": 0, "collateral_gap": 1}}, {"memory"}),
    ],
)
def test_a_consistent_lie_is_told_on_a_bus(changes: Changes, buses: set[str]) -> None:
    expected = {bus if bus == TERMS else f"bus {bus}" for bus in buses}
    assert refusals(program(), lie(changes), scene()[1].rows) == expected


@lru_cache(maxsize=1)
def pairs() -> tuple[Rows, Environment]:
    """Two pairs of holders in one settlement, at a price that leaves nothing to round."""
    sizes = {(ALICE, 0): 1_000, (BOB, 0): -1_000, (BOB, 1): 7_000, (CAROL, 0): -7_000}
    return told(holding(venue(), PUT, sizes), settle(sizes, PUT_PRICES))


def rows_of(*rows: dict[str, Any]) -> Rows:
    """The first settlement of `pairs`, with these holders."""
    return pairs()[0] | {SettledHolder.name: list(rows)}


@pytest.mark.parametrize("changes", [{"intrinsic": plus(1_000)}, {"strike": plus(-1)}])
def test_the_terms_are_the_settlement_s(changes: dict[str, Any]) -> None:
    """Whatever all holders of a group agree on, and however their words would follow."""
    state = holding(venue(), PUT, {(ALICE, 0): 1_000, (BOB, 0): -1_000})
    made, around = told(state, settle({(ALICE, 0): 0, (BOB, 0): 0}, PUT_PRICES))
    found = refusals(program(), lie(every(range(2), **changes), made), around.rows)
    assert found == {"bus memory", "bus payout"}


def test_a_holder_is_named_once() -> None:
    """Not twice at one instant, in one group or in two, whatever it takes its words to be."""
    alice, bob, again, carol = pairs()[0][SettledHolder.name]
    apart = {"resumes": 0, "goes_on": 0}
    bob, again = bob | apart, again | apart
    for gaps in ({}, {"position_gap": 0, "collateral_gap": 0}):
        twice = rows_of(alice, bob, again, alice | gaps | {"starts": 0}, bob | gaps, carol)
        assert refusals(program(), twice, pairs()[1].rows) == {"bus memory"}
        groups = rows_of(alice, bob, again, carol, alice | gaps, bob | gaps | {"ends": 1})
        assert refusals(program(), groups, pairs()[1].rows) == {"bus memory", "bus payout"}


def test_a_holder_left_out_keeps_the_position() -> None:
    """One alone makes the sum wrong; without two that cancel out it is another settlement."""
    alice, bob, _, carol = pairs()[0][SettledHolder.name]
    one = rows_of(alice, bob | {"goes_on": 0}, carol)
    assert refusals(program(), one, pairs()[1].rows) == {CANCEL, "bus memory"}
    two = rows_of(alice, bob | {"goes_on": 0, "ends": 1})
    assert refusals(program(), two, pairs()[1].rows) == {"bus memory"}


def test_nobody_is_paid_for_an_empty_slot() -> None:
    rows, around = pairs()[0][SettledHolder.name], pairs()[1].rows
    nothing = rows[0] | {"account": CAROL, "position_slot": 9, "long": 0, "starts": 0}
    last = rows[3] | {"goes_on": 1, "ends": 0}
    resumed = nothing | {"ends": 1, "resumes": 1, "collateral_gap": 0}
    resumed |= {"balance_before": rows[3]["balance_before"] - 70, "locked_before": 0}
    assert refusals(program(), rows_of(*rows[:3], last, resumed), around) == {"bus memory"}


def test_a_group_is_not_split() -> None:
    """Two groups that cancel out want two settlements."""
    made, around = pairs()
    split = {1: {"ends": 1, "goes_on": 0}, 2: {"starts": 1, "resumes": 0}}
    found = refusals(program(), lie(split, made), around.rows)
    assert found == {"bus memory", "bus payout"}


def test_groups_are_not_merged() -> None:
    """Nor do holders of two settlements cancel each other out."""
    sizes = {(ALICE, 0): 1_000, (BOB, 0): -1_000}, {(ALICE, 1): 3_000, (BOB, 1): -3_000}
    state = holding(holding(venue(), PUT, sizes[0]), PUT, sizes[1])
    made, around = told(state, settle(sizes[0], PUT_PRICES), settle(sizes[1]))
    assert refusals(program(), made, around.rows) == set()
    merged = {1: {"ends": 0}, 2: {"starts": 0}}
    found = refusals(program(), lie(merged, made), around.rows)
    assert found == {TERMS, "bus payout"}
    time = {"time": made[SystemSettle.name][1]["time"]}
    at_once = together(merged, every(range(2), **time))
    found = refusals(program(), lie(at_once, made), around.rows)
    assert found == {"bus memory", "bus payout"}


def test_slots_of_one_account_follow_each_other() -> None:
    """With another's row between them, one of them would not see what the other was paid."""
    made, around = pairs()
    alice, bob, again, carol = made[SettledHolder.name]
    alone = {"resumes": 0, "goes_on": 0}
    for gap in (0, bob["collateral_gap"]):
        last = again | alone | {"ends": 1, "collateral_gap": gap}
        rows = rows_of(alice, bob | alone, carol | {"ends": 0}, last)
        assert refusals(program(), rows, around.rows) == {"bus memory"}


@pytest.mark.parametrize(
    ("at", "changes", "refused"),
    [
        (3, {"payoff": plus(1)}, {PAYOFF}),
        (3, {"payoff": plus(-1), "dust": 999}, {PAYOFF}),
        (2, {"payoff": plus(1)}, {PAYOFF}),
        (2, {"payoff": plus(1), "dust": 0}, {PAYOFF}),
        (2, {"balance": plus(1)}, {BALANCE}),
        (3, {"rounded": plus(-1_000)}, {DUST_ADDED}),
        (3, {"rounded": plus(1_000)}, {DUST_ADDED}),
    ],
)
def test_dust_is_for_the_fund_alone(at: int, changes: dict[str, Any], refused: set[str]) -> None:
    """No payoff is rounded up, down twice, or to the nearest, and no dust is for nobody."""
    found = refusals(program(), lie({at: changes}), scene()[1].rows)
    assert {name for name in found if not name.startswith("bus")} == refused
    assert {name for name in found if name.startswith("bus")} <= {"bus memory", "bus payout"}
    assert found != refused


def test_dust_of_a_whole_step_is_out_of_range() -> None:
    """One micro-USDC less for a holder and 1000 thousandths more of dust: every law would hold."""
    made, around = scene()
    trace, cells = filled(program(), made, around.rows), program()[SettledHolder.name].cells
    for cell, by in {
        "payoff.0": -1,
        "balance.0": -1,
        "free.0": -1,
        "dust": 1_000,
        "rounded.0": 1_000,
    }.items():
        at = 3, cells.index(cell)
        trace[SettledHolder.name][at] = int(trace[SettledHolder.name][at]) + by
    found = names(check(program(), trace))
    assert {n for n in found if not n.startswith("bus")} == {"dust is below 1000"}


@pytest.mark.parametrize(
    "changes",
    [
        {"dust": 1_000},
        {"dust": -1},
        {"long": 1 << 27},
        {"short": -1},
        {"short": 1 << 27},
        {"position_slot": 64},
        {"position_slot": -8},
        {"balance_before": 1 << 63},
        {"balance_before": 2**63 - 15},
        {"locked": -1},
        {"locked_before": MONEY + 2**40},
        {"free": 1 << 63},
        {"payoff": -(1 << 63) - 1},
        {"net": 1 << 47},
        {"rounded": 1 << 30},
        {"rounded": -1},
        {"strike": 1 << 34},
        {"intrinsic": 1 << 62},
        {"collateral_gap": 1 << 24},
        {"position_gap": -1},
        {"ends": 2},
    ],
)
def test_what_has_no_width_cannot_be_written(changes: dict[str, Any]) -> None:
    with pytest.raises(InputRefused):
        refusals(program(), lie({3: changes}), scene()[1].rows)


@pytest.mark.parametrize(
    ("cell", "value", "refused"),
    [
        ("dust", 1_023, "dust is below 1000"),
        ("dust", P - 1, "bus narrow"),
        ("position_slot", 64, "bus narrow"),
        ("position_slot", P - 8, "bus narrow"),
        ("balance.3", 1 << 15, "bus u16"),
        ("balance.0", P - 1, "bus u16"),
        ("locked.3", P - 1, "bus u16"),
        ("free.3", 1 << 15, "bus u16"),
        ("net.2", 1 << 16, "bus u16"),
        ("rounded.1", P - 1, "bus narrow"),
        ("position_gap.1", 1 << 8, "bus byte_pair"),
        ("collateral_gap.1", P - 1, "bus narrow"),
        ("is_short", 2, "is_short is a bit"),
        ("goes_on", P - 1, "goes_on is a bit"),
        ("ends", 2, "ends is a bit"),
    ],
)
def test_a_cell_out_of_range_is_seen(cell: str, value: int, refused: str) -> None:
    made, around = scene()
    assert refused in forged(program(), SettledHolder.name, cell, value, made, around.rows, at=3)


def test_the_rows_say_what_the_ledger_did() -> None:
    rows = complete(SettledHolder, scene()[0])
    assert [row.payoff for row in rows] == [-11, 0, -6, 15, 0, -1]
    assert [row.dust for row in rows] == [990, 10, 990, 10, 50, 950]
    assert [row.net for row in rows] == [-1_001, -1_000, -1_501, 0, 5, 0]
    assert [row.rounded for row in rows] == [990, 1_000, 1_990, 2_000, 50, 1_000]
    assert [row.locked for row in rows] == [0, 0, 0, 5 * OTHER_STRIKE, 5 * OTHER_STRIKE, 0]
    assert rows[1].balance_before == rows[0].balance == MONEY + 1_001 * STRIKE - 11
