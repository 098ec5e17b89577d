"""A settlement in the circuit: the ledger's are accepted, and every rule refuses its cheat.

What a report must be is in `test_settlement_report.py`, how a holder is paid in
`test_settled_holder.py`.
"""

from functools import lru_cache
from typing import Any

import pytest
from tests.ledger.scene import (
    AFTER,
    ALICE,
    BEFORE,
    BOB,
    CALL,
    CAROL,
    EXPIRY,
    OTHER_PUT,
    PUT,
    USD,
    accepted,
    deposit,
    expired,
    fill,
    genesis,
    register,
    traded,
)
from tests.ledger.scene import settle as settle_traded

from novate.air import InputRefused, Program
from novate.circuits.buses import WINDOW
from novate.circuits.clock import Clock
from novate.circuits.transactions.settled_holder import SettledHolder
from novate.circuits.transactions.settlement_report import SettlementReport
from novate.circuits.transactions.system_settle import SystemSettle, rows
from novate.field import P
from novate.instruments import Option, Right, Underlying
from novate.ledger import (
    FUND_ADDRESS,
    INSTRUMENTS,
    VENUE,
    Collateral,
    Head,
    OpenBatch,
    Settled,
    Transaction,
    settlement_address,
)
from novate.units import IndexPrice, Multiplier, Price

from .settlements import Sizes, changed, complete, holding, only, program, settle, told, venue
from .surroundings import (
    PAID,
    PRICES,
    SIGNATURES,
    TIMES,
    Environment,
    Rows,
    broken_constraints,
    constraints_of,
    forged,
    program_of,
    refusals,
    refusals_by_sentences,
    said_by,
    sentences_of,
)

STRIKE = 85_000_000
"""Of the put and the call, in milli-USD of the underlying."""

PAIR: Sizes = {(ALICE, 0): 1_001, (BOB, 0): -1_001}
DUSTY = STRIKE - 1
"""A price at which a put pays 10 micro-USDC a contract: 10.01 on 1.001 contracts."""


@lru_cache(maxsize=1)
def alone() -> Program:
    """The table whose prices, holders and words are whatever it says."""
    return program_of(SystemSettle, PRICES, PAID, WINDOW)


@lru_cache(maxsize=1)
def first() -> tuple[Rows, Environment]:
    """Alice's put, written by Bob, settled at a price that leaves dust."""
    return told(holding(venue(), PUT, PAIR), settle(PAIR, {0: DUSTY, 1: DUSTY}))


def lie(changes: dict[str, Any], made: Rows | None = None) -> Rows:
    """All rows of the first settlement, its own changed."""
    return changed(SystemSettle, made or first()[0], {0: changes})


@pytest.mark.parametrize("instrument", [PUT, CALL])
@pytest.mark.parametrize(
    "index", [1, STRIKE - 100_000, STRIKE - 1, STRIKE, STRIKE + 1, STRIKE + 333_333, 2**34 - 1]
)
def test_a_settlement_at_any_price_is_accepted(instrument: int, index: int) -> None:
    state = holding(venue(), instrument, PAIR, money_e6=10**15)
    made, around = told(state, settle(PAIR, {0: index, 1: index}, instrument=instrument))
    assert refusals(program(), made, around.rows) == set()
    (row,) = complete(SystemSettle, made)
    sign = 1 if instrument == PUT else -1
    assert row.intrinsic == max(0, sign * (STRIKE - index) * 10)
    assert row.is_out == int(sign * (STRIKE - index) < 0)


def test_a_settlement_of_a_real_trade_is_accepted() -> None:
    made, around = told(expired(traded()), settle_traded())
    assert refusals(program(), made, around.rows) == set()


MORE: Sizes = {(ALICE, 1): 5, (CAROL, 63): 2_995, (BOB, 1): -3_000}
OTHERS: Sizes = {(CAROL, 7): 2**27 - 1, (BOB, 9): -(2**27 - 1)}


def crowd() -> tuple[Any, list[Transaction]]:
    """Two puts on one underlying, the first settled in two steps."""
    state = venue()
    for instrument, sizes in ((PUT, PAIR), (PUT, MORE), (OTHER_PUT, OTHERS)):
        state = holding(state, instrument, sizes)
    prices = {0: 79_999_999, 1: 79_999_998, 2: 84_000_000}
    return state, [
        settle(PAIR, prices),
        settle(OTHERS, prices, instrument=OTHER_PUT),
        settle(MORE),
    ]


def test_several_settlements_of_a_batch_are_accepted() -> None:
    """The last finds its price in the state, and the second has the reports of the first."""
    state, settlements = crowd()
    made, around = told(state, *settlements)
    assert [row["was_settled"] for row in made[SystemSettle.name]] == [0, 0, 1]
    assert refusals(program(), made, around.rows) == set()


def test_a_settlement_of_a_later_batch_is_accepted() -> None:
    state, (one, _, rest) = crowd()
    made, around = told(accepted(state, one).state, rest)
    assert made[SettlementReport.name] == []
    assert refusals(program(), made, around.rows) == set()


def test_it_tells_a_batch() -> None:
    """From deposits to a payout, through the batches of the ledger."""
    opening = OpenBatch(Head.genesis(genesis()), BEFORE)
    for at, account in enumerate((ALICE, BOB)):
        opening.apply(deposit(at, account, 10_000 * USD))
    for at, account in enumerate((ALICE, BOB), 2):
        opening.apply(register(at, account))
    opening.apply(fill(size_e3=1_001))
    closing = OpenBatch(opening.close().after, AFTER)
    closing.apply(settle_traded())
    (step,), clock = closing.close().steps, Clock()
    made = rows(step, clock)
    around = Environment.around(program(), [step], clock)
    assert [row["long"] + row["short"] for row in made[SettledHolder.name]] == [1_001, 1_001]
    assert refusals(program(), made, around.rows) == set()


def test_the_largest_put_is_accepted() -> None:
    top = Option(Underlying(1), Right.PUT, Price(2**34 - 1), EXPIRY, Multiplier(2**28 - 1))
    state = venue(listing={2**22 - 1: top})
    sizes = {(1, 0): 2**27 - 1, (2**23 - 1, 63): -(2**27 - 1)}
    state = holding(state, 2**22 - 1, sizes)
    made, around = told(state, settle(sizes, {0: 1, 1: 1}, instrument=2**22 - 1))
    assert refusals(program(), made, around.rows) == set()


@pytest.mark.parametrize("after_s", [-1, 0, 1])
def test_a_settlement_waits_for_expiry(after_s: int) -> None:
    start = EXPIRY.s + after_s
    around = first()[1].rows | {TIMES: [{"start": start, "end": AFTER.end.s}]}
    made = lie({"window_start": start, "past": max(0, after_s)})
    made = changed(SettlementReport, made, {at: {"window_start": start} for at in range(2)})
    expected = {EXPIRED} if after_s < 0 else set()
    assert refusals(program(), made, around) == expected


EXPIRED = "the instrument has expired when the window starts"
MONEYNESS = "intrinsic value less shortfall is how far it is in the money"
ONE_PART = "there is intrinsic value or a shortfall"
WHOLE = "what rounding left is whole micro-USDC"
FUND = "the fund keeps what rounding left"

INTRINSIC, DUST = 10, 1
"""Of the first settlement: micro-USDC a contract, and what rounding leaves of two payoffs."""

PLACES = (1, 1 << 16, 1 << 32, 1 << 48)
"""A unit of every limb."""

CHEATS: list[tuple[dict[str, Any], str]] = [
    ({"window_start": EXPIRY.s - 1, "past": 0}, EXPIRED),
    ({"window_start": EXPIRY.s - 1, "past": 2**32 - 1}, EXPIRED),
    ({"window_start": 0, "past": 0}, EXPIRED),
    ({"window_start": EXPIRY.s - 2**16, "past": 0}, EXPIRED),
    ({"window_start": EXPIRY.s + 1, "past": 0}, EXPIRED),
    *(({"intrinsic": INTRINSIC + place}, MONEYNESS) for place in PLACES),
    ({"intrinsic": INTRINSIC - 1}, MONEYNESS),
    ({"intrinsic": 0}, MONEYNESS),
    ({"intrinsic": 0, "shortfall": INTRINSIC}, MONEYNESS),
    ({"right": 0, "intrinsic": INTRINSIC, "shortfall": 0}, MONEYNESS),
    *(
        ({"intrinsic": INTRINSIC + place, "shortfall": place, "is_out": 0}, ONE_PART)
        for place in PLACES
    ),
    ({"intrinsic": INTRINSIC + 1, "shortfall": 1}, ONE_PART),
    ({"is_out": 1}, ONE_PART),
    ({"rounded": 999, "dust": 0}, WHOLE),
    ({"rounded": 1_001, "dust": 1}, WHOLE),
    ({"dust": 0}, WHOLE),
    ({"dust": 2}, WHOLE),
    ({"rounded": 2**30 - 1, "dust": 0}, WHOLE),
    *(({"fund": DUST + place}, FUND) for place in PLACES),
    ({"fund": 0}, FUND),
    ({"fund_before": 2**63 - 1, "fund": 0}, FUND),
]


@lru_cache
def broken(at: int) -> set[int]:
    """The constraints that refuse a cheat when every message finds an answer."""
    changes, _ = CHEATS[at]
    made = lie(changes, only(SystemSettle, first()[0]))
    return broken_constraints(alone(), SystemSettle, made)


def test_what_a_cheat_starts_from_is_accepted() -> None:
    assert refusals_by_sentences(alone(), only(SystemSettle, first()[0])) == set()


@pytest.mark.parametrize("at", range(len(CHEATS)))
def test_a_cheat_with_every_help_breaks_a_sentence(at: int) -> None:
    _, sentence = CHEATS[at]
    assert said_by(alone(), SystemSettle, broken(at)) == {sentence}


def test_every_sentence_has_its_cheat() -> None:
    assert {sentence for _, sentence in CHEATS} == sentences_of(SystemSettle)


def test_every_constraint_alone_refuses_a_cheat() -> None:
    found = {at for i in range(len(CHEATS)) for at in broken(i) if len(broken(i)) == 1}
    assert found == constraints_of(alone(), SystemSettle)


@pytest.mark.parametrize(
    ("changes", "buses"),
    [
        ({"instrument": OTHER_PUT}, {"memory", "payout"}),
        ({"instrument": 0}, {"memory", "payout"}),
        ({"underlying": 2}, {"memory", "index_price"}),
        ({"right": 0}, {"memory", "payout"}),
        ({"strike": 850_001}, {"memory", "payout"}),
        ({"expiry": EXPIRY.s - 1}, {"memory", "index_price"}),
        ({"expiry": 0}, {"memory", "index_price"}),
        ({"multiplier": 11}, {"memory", "payout"}),
        ({"window_start": EXPIRY.s + 1}, {"window"}),
        ({"window_end": 2**32 - 1}, {"window"}),
        ({"index": DUSTY - 1}, {"memory", "index_price", "payout"}),
        ({"index": 0}, {"memory", "index_price", "payout"}),
        ({"index": STRIKE}, {"memory", "index_price", "payout"}),
        ({"was_settled": 1}, {"memory"}),
        ({"rounded": 2_000}, {"memory", "payout"}),
        ({"rounded": 0}, {"memory", "payout"}),
        ({"fund_before": 10**6}, {"memory"}),
        ({"time": 9}, {"memory", "payout"}),
        ({"time": 0}, {"memory", "payout"}),
        ({"terms_gap": 0}, {"memory"}),
        ({"settlement_gap": 0}, {"memory"}),
        ({"fund_gap": 0}, {"memory"}),
    ],
)
def test_a_consistent_lie_is_told_on_a_bus(changes: dict[str, Any], buses: set[str]) -> None:
    found = refusals(program(), lie(changes), first()[1].rows)
    assert found == {f"bus {bus}" for bus in buses}


@pytest.mark.parametrize("index", [1, STRIKE, 2**34 - 1])
def test_a_price_without_reports_is_refused(index: int) -> None:
    """Nobody reported, or the reports say something else and the state has no price yet."""
    made, around = first()
    assert refusals(program(), made | {SettlementReport.name: []}, around.rows) == {
        "bus index_price"
    }
    posed = lie({"was_settled": 1, "index": index})
    assert "bus memory" in refusals(program(), posed, around.rows)


def test_a_settlement_price_stands() -> None:
    """Who settles the rest cannot bring another price, not even one that a quorum signed."""
    state, (one, _, rest) = crowd()
    made, around = told(accepted(state, one).state, rest)
    other, signing = told(holding(venue(), PUT, PAIR), settle(PAIR, {0: 1, 1: 1}))
    made = made | only(SettlementReport, other)
    surroundings = around.rows | {SIGNATURES: signing.rows[SIGNATURES]}
    assert refusals(program(), made, surroundings) == set()
    for changes in ({"was_settled": 0, "index": 1}, {"index": 1}):
        lying = changed(SystemSettle, made, {0: changes})
        assert refusals(program(), lying, surroundings) == {"bus memory", "bus payout"}


def test_a_settlement_is_not_repeated() -> None:
    """Neither at the same instant nor later: what its holders had is gone."""
    made, around = first()
    later = {"time": made[SystemSettle.name][0]["time"] + 1, "was_settled": 1}
    for changes in ({}, later):
        twice = {
            name: found + [row | {k: v for k, v in changes.items() if k in row} for row in found]
            for name, found in made.items()
        }
        assert "bus memory" in refusals(program(), twice, around.rows)


def test_a_settlement_is_of_somebody() -> None:
    made, around = first()
    empty = made | {SettledHolder.name: []}
    assert refusals(program(), empty, around.rows) == {"bus memory", "bus payout"}
    orphans = made | {SystemSettle.name: []}
    assert refusals(program(), orphans, around.rows) == {"bus memory", "bus payout"}


def test_settlements_of_one_instant_are_refused() -> None:
    """All of them go through the fund, and its word has one access an instant."""
    state, (one, two, _) = crowd()
    made, around = told(state, one, two)
    assert refusals(program(), made, around.rows) == set()
    time = made[SystemSettle.name][0]["time"]
    gaps = {"fund_gap": 0, "terms_gap": time - 1, "settlement_gap": time - 1}
    parallel = changed(SystemSettle, made, {1: {"time": time, **gaps}})
    holders = parallel[SettledHolder.name]
    at = {i: {"time": time} for i, row in enumerate(holders) if row["instrument"] == OTHER_PUT}
    assert refusals(program(), changed(SettledHolder, parallel, at), around.rows) == {"bus memory"}


def test_dust_is_for_the_fund_alone() -> None:
    """A venue whose fund is not what the settlement says keeps nothing."""
    _, around = first()
    assert refusals(program(), lie({"dust": 0}), around.rows) == {WHOLE, "bus memory"}
    assert refusals(program(), lie({"fund": 0}), around.rows) == {FUND, "bus memory"}
    generous = lie({"rounded": 2_000, "dust": 2, "fund": 2})
    assert refusals(program(), generous, around.rows) == {"bus memory", "bus payout"}


@pytest.mark.parametrize(
    "changes",
    [
        {"instrument": 1 << 22},
        {"instrument": VENUE - INSTRUMENTS},
        {"instrument": ALICE - INSTRUMENTS},
        {"strike": 1 << 34},
        {"index": 1 << 34},
        {"expiry": EXPIRY.s + 1},
        {"multiplier": 1 << 28},
        {"intrinsic": -1},
        {"shortfall": -1},
        {"intrinsic": 1 << 62},
        {"rounded": -1_000},
        {"rounded": 1 << 30},
        {"dust": 1 << 20},
        {"fund_before": 2**63 - 1},
        {"was_settled": 2},
        {"right": 2},
        {"time": 1 << 24},
        {"fund_gap": -1},
    ],
)
def test_what_has_no_width_cannot_be_written(changes: dict[str, Any]) -> None:
    _, around = first()
    with pytest.raises(InputRefused):
        refusals(program(), lie(changes), around.rows)


@pytest.mark.parametrize(
    ("cell", "value", "bus"),
    [
        ("instrument.1", P - 1, "bus narrow"),
        ("instrument.1", 1 << 6, "bus narrow"),
        ("past.1", P - 1, "bus u16"),
        ("intrinsic.3", 1 << 14, "bus narrow"),
        ("shortfall.0", P - 1, "bus u16"),
        ("dust.1", 1 << 4, "bus narrow"),
        ("rounded.1", 1 << 14, "bus narrow"),
        ("fund.3", 1 << 15, "bus u16"),
        ("time.1", 1 << 8, "bus byte_pair"),
        ("fund_gap.1", P - 1, "bus byte_pair"),
        ("was_settled", 2, "was_settled is a bit"),
        ("is_out", P - 1, "is_out is a bit"),
        ("right.PUT", 0, "right takes one choice"),
        ("right.CALL", 1, "right takes one choice"),
    ],
)
def test_a_cell_out_of_range_is_seen(cell: str, value: int, bus: str) -> None:
    made, around = first()
    assert bus in forged(program(), SystemSettle.name, cell, value, made, around.rows)


def test_the_rows_say_what_the_ledger_did() -> None:
    state = holding(venue(), PUT, PAIR)
    after = accepted(state, settle(PAIR, {0: DUSTY, 1: DUSTY})).state
    made, around = first()
    (row,) = complete(SystemSettle, made)
    assert (row.intrinsic, row.shortfall, row.is_out) == (INTRINSIC, 0, 0)
    assert (row.rounded, row.dust, row.fund) == (1_000, DUST, after.fund.balance_e6)
    taken = {(m["account"], m["slot"]): m["word"] for m in around.rows["closed"]}
    assert taken[FUND_ADDRESS] == Collateral(DUST).encode()
    assert taken[settlement_address(PUT)] == Settled(IndexPrice(DUSTY)).encode()
