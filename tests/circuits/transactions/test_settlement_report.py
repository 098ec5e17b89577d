"""Reports in the circuit: a quorum's are accepted, and every rule refuses its cheat."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest
from tests.ledger.scene import AFTER, ALICE, BOB, EXPIRY, HEARTBEAT_S, OTHER_PUT, PUT

from novate.air import InputRefused, Program
from novate.circuits.transactions.settlement_report import (
    LOWER_MIDDLE,
    MIDDLE,
    OTHER,
    SettlementReport,
)
from novate.circuits.transactions.system_settle import SystemSettle
from novate.field import P
from novate.ledger import Report, Signed
from novate.units import Instant

from .settlements import (
    BUSES,
    COMMITMENTS,
    Changes,
    Sizes,
    changed,
    complete,
    holding,
    only,
    program,
    report,
    settle,
    told,
    venue,
)
from .surroundings import (
    PRICED,
    SIGNATURES,
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

PAIR: Sizes = {(ALICE, 0): 1_000, (BOB, 0): -1_000}
OTHERS: Sizes = {(ALICE, 1): 7, (BOB, 1): -7}
PRICES_E3 = {0: 83_000_000, 1: 84_000_000, 2: 84_500_000}


@lru_cache(maxsize=1)
def alone() -> Program:
    """The table whose signatures, publishers and parameters are whatever it says."""
    return program_of(SettlementReport, *BUSES, PRICED)


@lru_cache(maxsize=1)
def scene() -> Rows:
    """Row 0: publisher 15 reports on the put, alone. Rows 1 to 3: three on the other put."""
    state = venue(publishers=16, quorum=1)
    state = holding(holding(state, PUT, PAIR), OTHER_PUT, OTHERS)
    made, _ = told(
        state, settle(PAIR, {15: 84_000_000}), settle(OTHERS, PRICES_E3, instrument=OTHER_PUT)
    )
    return made


@lru_cache(maxsize=1)
def quorum() -> tuple[Rows, Rows]:
    """Three reports on the put where two are needed, and what is around them."""
    made, around = told(holding(venue(), PUT, PAIR), settle(PAIR, PRICES_E3))
    return made, around.rows


def lie(changes: Changes, made: Rows | None = None) -> Rows:
    """The rows of three reports, changed."""
    return changed(SettlementReport, made or quorum()[0], changes)


def every(**columns: Any) -> Changes:
    """The same on each of three rows."""
    return dict.fromkeys(range(3), columns)


def signed(around: Rows, *reports: Signed[Report]) -> Rows:
    """The same surroundings, where these were signed too."""
    more = [
        {"tag": int(r.message.tag), "payload": r.message.payload, "key": r.key.commitment}
        for r in reports
    ]
    return around | {SIGNATURES: [*around[SIGNATURES], *more]}


@pytest.mark.parametrize(
    ("count", "needed"), [*((count, count) for count in range(1, 17)), (2, 1), (15, 1), (16, 1)]
)
def test_a_quorum_of_any_count_is_accepted(count: int, needed: int) -> None:
    """Exactly met, or where one would do; the publishers come in another order than the prices."""
    prices = {i: 84_000_000 + 7 * i % 16 // 2 for i in range(16 - count, 16)}
    state = venue(publishers=16, quorum=needed)
    made, around = told(holding(state, PUT, PAIR), settle(PAIR, prices))
    assert refusals(program(), made, around.rows) == set()
    (settled,) = made[SystemSettle.name]
    assert settled["index"] == sorted(prices.values())[(count - 1) // 2]


@pytest.mark.parametrize("published_s", [0, 1, 59, 60])
def test_a_fresh_report_is_accepted(published_s: int) -> None:
    reports = tuple(
        report(i, 84_000_000, published_at=Instant(EXPIRY.s + published_s)) for i in (2, 0)
    )
    made, around = told(holding(venue(), PUT, PAIR), replace(settle(PAIR), reports=reports))
    assert refusals(program(), made, around.rows) == set()


def old(published_s: int) -> tuple[Rows, Rows]:
    """A batch that ends a heartbeat and 9 s after expiry, and the report of publisher 1 is from
    `published_s` after it."""
    window = replace(AFTER, end=Instant(EXPIRY.s + HEARTBEAT_S + 9))
    fresh, then = Instant(window.end.s - 1), Instant(EXPIRY.s + published_s)
    reports = tuple(report(i, 84_000_000 + i, published_at=fresh) for i in range(3))
    state = replace(holding(venue(), PUT, PAIR), window=window)
    made, around = told(state, replace(settle(PAIR), reports=reports))
    late = {"published_at": then.s, "life": max(0, published_s - 9)}
    stale = report(1, 84_000_001, published_at=then)
    return lie({1: late}, made), signed(around.rows, stale)


@pytest.mark.parametrize("published_s", [8, 9, 10])
def test_a_report_older_than_the_heartbeat_is_refused(published_s: int) -> None:
    expected = {"a report is no older than the heartbeat"} if published_s < 9 else set()
    assert refusals(program(), *old(published_s)) == expected


EARLY = "a report is from after expiry"
LATE = "a report is not from after the window"
STALE = "a report is no older than the heartbeat"
ONCE = "a publisher counts once"
STARTS = "the first row starts a settlement"
ENDS = "the last row ends its settlement"
NEXT = "one settlement after the other"
NOBODY = "nobody came before the first"
NOT_ZERO = "the lowest price is not zero"
UNDERLYING = "all reports are on one underlying"
EXPIRIES = "all reports are for one expiry"
RISING = "prices do not fall"
REMEMBERED = "who came is remembered"
FROM_ZERO = "ranks count from zero"
COUNTED = "all ranks are counted"
RANKS = "ranks count the reports"
STANDS = "the count stands"
QUORUM = "the count is a quorum"
MEDIAN = "the price is the lower median"


def came(*publishers: int) -> tuple[int, ...]:
    """The bits of who came before."""
    return tuple(int(i in publishers) for i in range(16))


def place_of(rank: int, count: int) -> int:
    """What an honest row of this rank says it is."""
    if rank != (count - 1) // 2:
        return OTHER
    return MIDDLE if count % 2 else LOWER_MIDDLE


def ranked(*ranks: int, count: int, **last: Any) -> Changes:
    """Rows 1 to 3 with other ranks and another count, the median marked where it would be."""
    changes: dict[int, dict[str, Any]] = {
        at: {"rank": rank, "count": count, "surplus": count - 1, "place": place_of(rank, count)}
        for at, rank in enumerate(ranks, 1)
    }
    changes[3] |= last
    return changes


CHEATS: list[tuple[Changes, str]] = [
    ({3: {"published_at": EXPIRY.s - 1, "delay": 0}}, EARLY),
    ({3: {"delay": 29}}, EARLY),
    ({3: {"delay": 30 + 2**16}}, EARLY),
    ({3: {"published_at": AFTER.end.s + 1, "age": 0}}, LATE),
    ({3: {"age": 29}}, LATE),
    ({3: {"age": 30 + 2**16, "heartbeat": 2**17}}, LATE),
    ({3: {"heartbeat": 29, "life": 0}}, STALE),
    ({3: {"heartbeat": 29, "life": 2**32 - 1}}, STALE),
    ({3: {"life": HEARTBEAT_S - 31}}, STALE),
    ({3: {"life": HEARTBEAT_S - 30 + 2**16}}, STALE),
    ({3: {"publisher": 0}}, ONCE),
    ({3: {"publisher": 1}}, ONCE),
    ({0: {"starts": 0, "rise": 0}}, STARTS),
    ({0: {"starts": 0, "index": 0, "rise": 0}}, STARTS),
    ({0: {"starts": 0, "rank": 14, "count": 15, "surplus": 14, "place": OTHER, "rise": 0}}, STARTS),
    ({3: {"ends": 0}}, ENDS),
    (ranked(0, 1, 2, count=5, ends=0), ENDS),
    ({1: {"starts": 0, "rise": 0}}, NEXT),
    *(({0: {"came_before": came(i)}}, NOBODY) for i in range(15)),
    (
        {1: {"came_before": came(15)}, 2: {"came_before": came(0, 15)}}
        | {3: {"came_before": came(0, 1, 15)}},
        NOBODY,
    ),
    ({0: {"index": 0, "rise": 0}}, NOT_ZERO),
    ({0: {"rise": 83_999_998}}, NOT_ZERO),
    ({0: {"rise": 83_999_999 - 2**16}}, NOT_ZERO),
    ({3: {"underlying": 2}}, UNDERLYING),
    ({2: {"underlying": 2}}, UNDERLYING),
    ({3: {"expiry": EXPIRY.s + 1}}, EXPIRIES),
    ({3: {"expiry": EXPIRY.s - 1}}, EXPIRIES),
    ({3: {"expiry": EXPIRY.s - 2**16}}, EXPIRIES),
    ({3: {"index": 83_999_999, "rise": 0}}, RISING),
    ({3: {"index": 1, "rise": 0}}, RISING),
    ({3: {"rise": 499_999}}, RISING),
    ({3: {"rise": 500_000 - 2**16}}, RISING),
    ({2: {"came_before": came()}}, REMEMBERED),
    ({3: {"came_before": came(0)}}, REMEMBERED),
    *(({2: {"came_before": came(0, i)}}, REMEMBERED) for i in range(2, 16)),
    (ranked(1, 2, 3, count=4), FROM_ZERO),
    (ranked(P - 2, P - 1, 0, count=1), FROM_ZERO),
    (ranked(0, 1, 2, count=4), COUNTED),
    (ranked(0, 1, 2, count=2), COUNTED),
    (ranked(0, 1, 3, count=4), RANKS),
    (ranked(0, 0, 0, count=1), RANKS),
    ({1: {"count": 1, "surplus": 0, "place": MIDDLE}}, STANDS),
    ({2: {"count": 1, "surplus": 0, "place": OTHER}}, STANDS),
    ({3: {"quorum": 4, "surplus": 0}}, QUORUM),
    ({3: {"quorum": 16, "surplus": 15}}, QUORUM),
    ({3: {"surplus": 1}}, QUORUM),
    ({1: {"place": MIDDLE}}, MEDIAN),
    ({1: {"place": LOWER_MIDDLE}}, MEDIAN),
    ({2: {"place": LOWER_MIDDLE}}, MEDIAN),
    ({3: {"place": MIDDLE}}, MEDIAN),
    ({3: {"place": LOWER_MIDDLE}}, MEDIAN),
    ({0: {"place": LOWER_MIDDLE}}, MEDIAN),
]
"""Rows of the scene with other columns, and the sentence they break; ranges are kept."""


@lru_cache
def broken(at: int) -> set[int]:
    """The constraints that refuse a cheat when every message finds an answer."""
    changes, _ = CHEATS[at]
    made = lie(changes, only(SettlementReport, scene()))
    return broken_constraints(alone(), SettlementReport, made)


def test_what_a_cheat_starts_from_is_accepted() -> None:
    assert refusals_by_sentences(alone(), only(SettlementReport, scene())) == set()


@pytest.mark.parametrize("at", range(len(CHEATS)))
def test_a_cheat_with_every_help_breaks_a_sentence(at: int) -> None:
    _, sentence = CHEATS[at]
    assert said_by(alone(), SettlementReport, broken(at)) == {sentence}


def test_every_sentence_has_its_cheat() -> None:
    assert {sentence for _, sentence in CHEATS} == sentences_of(SettlementReport)


def test_every_constraint_alone_refuses_a_cheat() -> None:
    found = {at for i in range(len(CHEATS)) for at in broken(i) if len(broken(i)) == 1}
    assert found == constraints_of(alone(), SettlementReport)


@pytest.mark.parametrize("count", range(1, 7))
def test_one_row_of_a_group_is_its_median(count: int) -> None:
    """Whatever else a row says it is: no second median, none beside the lower middle."""
    prices = {i: 84_000_000 + i for i in range(count)}
    state = holding(venue(publishers=16, quorum=1), PUT, PAIR)
    made = only(SettlementReport, told(state, settle(PAIR, prices))[0])
    for at in range(count):
        for place in (MIDDLE, LOWER_MIDDLE):
            found = refusals_by_sentences(alone(), lie({at: {"place": place}}, made))
            assert found == (set() if place == place_of(at, count) else {MEDIAN})


def test_a_group_without_a_median_gives_no_price() -> None:
    made, around = quorum()
    assert refusals(program(), lie({1: {"place": OTHER}}), around) == {"bus index_price"}
    assert refusals(program(), made, around) == set()


@pytest.mark.parametrize(
    ("changes", "buses"),
    [
        ({2: {"key": COMMITMENTS[3]}}, {"publisher", "signed"}),
        ({2: {"key": COMMITMENTS[1]}}, {"publisher", "signed"}),
        ({2: {"publisher": 3}}, {"publisher"}),
        ({2: {"publisher": 15}}, {"publisher"}),
        ({2: {"publisher": 3, "key": COMMITMENTS[3]}}, {"publisher", "signed"}),
        ({2: {"index": 84_500_001}}, {"signed"}),
        ({1: {"index": 84_000_001}}, {"signed", "index_price"}),
        ({0: {"index": 1}}, {"signed"}),
        ({2: {"published_at": EXPIRY.s}}, {"signed"}),
        ({2: {"published_at": AFTER.end.s}}, {"signed"}),
        (every(underlying=2), {"signed", "index_price"}),
        (every(expiry=EXPIRY.s - 1), {"signed", "index_price"}),
        ({0: {"window_end": AFTER.end.s + 1}}, {"window"}),
        ({0: {"window_start": 0}}, {"window"}),
        ({0: {"heartbeat": 2**32 - 1}}, {"parameters"}),
        (every(quorum=1, surplus=2), {"parameters"}),
        ({0: {"publishers": 16}}, {"parameters"}),
        ({0: {"maker_fee_rate": 0}}, {"parameters"}),
        ({0: {"taker_fee_rate": 0}}, {"parameters"}),
    ],
)
def test_a_consistent_lie_is_told_on_a_bus(changes: Changes, buses: set[str]) -> None:
    assert refusals(program(), lie(changes), quorum()[1]) == {f"bus {bus}" for bus in buses}


@pytest.mark.parametrize(
    ("at", "changes", "columns", "refused"),
    [
        (2, {"published_at": Instant(EXPIRY.s)}, {}, set()),
        (2, {"published_at": Instant(EXPIRY.s - 1)}, {"delay": 0}, {EARLY}),
        (2, {"published_at": Instant(AFTER.end.s)}, {}, set()),
        (2, {"published_at": Instant(AFTER.end.s + 1)}, {"age": 0}, {LATE}),
        (2, {"underlying": 2}, {}, {UNDERLYING}),
        (0, {"underlying": 2}, {}, {UNDERLYING}),
        (2, {"expiry": Instant(EXPIRY.s - 86_400)}, {}, {EXPIRIES}),
        (0, {"expiry": Instant(EXPIRY.s - 1)}, {}, {EXPIRIES}),
    ],
)
def test_a_signature_does_not_make_a_report_fit(
    at: int, changes: dict[str, Any], columns: dict[str, Any], refused: set[str]
) -> None:
    """The publisher really signed it."""
    honest = report(at, PRICES_E3[at], **changes).message
    said = {
        "underlying": honest.underlying,
        "expiry": honest.expiry.s,
        "published_at": honest.published_at.s,
    }
    around = signed(quorum()[1], report(at, PRICES_E3[at], **changes))
    assert refusals(program(), lie({at: said | columns}), around) == refused


@pytest.mark.parametrize(("index", "refused"), [(0, {NOT_ZERO}), (1, set()), (2, set())])
def test_a_signed_price_of_zero_is_none(index: int, refused: set[str]) -> None:
    around = signed(quorum()[1], report(0, index))
    zero = lie({0: {"index": index, "rise": max(0, index - 1)}})
    assert refusals(program(), zero, around) == refused


@pytest.mark.parametrize("change", [{"underlying": 2}, {"expiry": Instant(EXPIRY.s - 1)}])
def test_a_quorum_on_something_else_is_not_one_on_this(change: dict[str, Any]) -> None:
    """All three signed, on another underlying or for another expiry."""
    around = signed(quorum()[1], *(report(i, PRICES_E3[i], **change) for i in PRICES_E3))
    name, value = next(iter(change.items()))
    lying = lie(every(**{name: getattr(value, "s", value)}))
    assert refusals(program(), lying, around) == {"bus index_price"}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, {ONCE}),
        ({"came_before": came()}, {REMEMBERED}),
        ({"publisher": 1}, {"bus publisher"}),
        ({"publisher": 1, "key": COMMITMENTS[1]}, {"bus signed"}),
        ({"publisher": 3}, {"bus publisher"}),
    ],
)
def test_a_publisher_is_no_quorum(changes: dict[str, Any], refused: set[str]) -> None:
    """He signed two reports; the second counts for nobody."""
    state = holding(venue(), PUT, PAIR)
    made, around = told(state, settle(PAIR, {0: 83_000_000, 1: 84_000_000}))
    surroundings = signed(around.rows, report(0, 84_000_001))
    twice = {"index": 84_000_001, "publisher": 0, "key": COMMITMENTS[0]} | changes
    assert refusals(program(), made, surroundings) == set()
    assert refusals(program(), lie({1: twice}, made), surroundings) == refused


def test_too_few_reports_are_no_quorum() -> None:
    """Nobody can leave a report out of the count, nor say that fewer are asked for."""
    made, around = quorum()
    one = {SettlementReport.name: made[SettlementReport.name][:1]}
    single = {"ends": 1, "rank": 0, "count": 1, "place": MIDDLE}
    for changes, refused in (
        ({"surplus": 0}, {QUORUM}),
        ({"count": 2, "surplus": 0, "place": LOWER_MIDDLE}, {COUNTED}),
        ({"rank": 1, "count": 2, "surplus": 0, "place": OTHER}, {FROM_ZERO}),
        ({"quorum": 1, "surplus": 0}, {"bus parameters"}),
    ):
        few = lie({0: single | changes}, made | one)
        assert refusals(program(), few, around) - {"bus index_price"} == refused
    with pytest.raises(InputRefused):
        lying = lie({0: single | {"surplus": -1}}, made | one)
        refusals(program(), lying, around)
    cell = ("surplus", P - 1, lie({0: single | {"surplus": 0}}, made | one), around)
    found = forged(program(), SettlementReport.name, *cell)
    assert QUORUM not in found
    assert "bus narrow" in found


def test_a_group_split_in_two_is_two_groups() -> None:
    """Each is counted for itself, so three of four cannot be reached twice."""
    state = holding(venue(publishers=4, quorum=3), PUT, PAIR)
    prices = {i: 84_000_000 + i for i in range(4)}
    made, around = told(state, settle(PAIR, prices))
    pair = [
        {"rank": 0, "count": 2, "surplus": 0, "place": LOWER_MIDDLE},
        {"rank": 1, "count": 2, "surplus": 0, "ends": 1, "place": OTHER},
    ]
    low = pair[0] | {"starts": 1, "rise": 83_999_999}
    high = pair[0] | {"starts": 1, "rise": 84_000_001, "came_before": came()}
    after = pair[1] | {"came_before": came(2)}
    split = lie({0: low, 1: pair[1], 2: high, 3: after}, made)
    assert refusals(program(), split, around.rows) == {QUORUM, "bus index_price"}


def test_groups_are_not_merged() -> None:
    """Two reports here and two there, one publisher in both, are not four."""
    made, around = told(
        holding(holding(venue(), PUT, PAIR), OTHER_PUT, OTHERS),
        settle(PAIR, {0: 83_000_000, 1: 84_000_000}),
        settle(OTHERS, {1: 85_000_000, 2: 86_000_000}, instrument=OTHER_PUT),
    )
    four = {"count": 4, "surplus": 2}
    merged = {
        0: four | {"place": OTHER},
        1: four | {"ends": 0, "place": LOWER_MIDDLE},
        2: four | {"rank": 2, "starts": 0, "came_before": came(0, 1), "place": OTHER},
        3: four | {"rank": 3, "came_before": came(0, 1)},
    }
    found = refusals(program(), lie(merged, made), around.rows)
    assert found == {ONCE, REMEMBERED, "bus index_price"}


def test_reports_stand_by_rising_price() -> None:
    """Another order would make another row the middle."""
    made, around = quorum()
    one, two, three = made[SettlementReport.name]
    order = {SettlementReport.name: [one, three, two]}
    inputs = [{"came_before": came()}, {"came_before": came(0)}, {"came_before": came(0, 2)}]
    ranks = [{"rank": i, "place": place_of(i, 3), "ends": int(i == 2)} for i in range(3)]
    turned = {i: ranks[i] | inputs[i] for i in range(3)}
    turned[2] |= {"rise": 0}
    found = refusals(program(), lie(turned, made | order), around)
    assert found == {RISING, "bus index_price"}


def test_equal_prices_come_in_either_order() -> None:
    prices = {0: 83_000_000, 1: 84_000_000, 2: 84_000_000}
    made, around = told(holding(venue(), PUT, PAIR), settle(PAIR, prices))
    one, two, three = made[SettlementReport.name]
    swapped = [
        one,
        two | {"publisher": 2, "key": COMMITMENTS[2]},
        three | {"publisher": 1, "key": COMMITMENTS[1], "came_before": came(0, 2)},
    ]
    assert refusals(program(), made | {SettlementReport.name: swapped}, around.rows) == set()


@pytest.mark.parametrize(
    "columns",
    [
        {"index": 1 << 34},
        {"published_at": EXPIRY.s - 1},
        {"published_at": AFTER.end.s + 1},
        {"published_at": 1 << 32},
        {"expiry": 1 << 32},
        {"heartbeat": 29},
        {"heartbeat": 1 << 32},
        {"index": 84_499_999 - 500_000},
        {"surplus": -1},
        {"surplus": 16},
        {"publisher": 16},
        {"publisher": -1},
        {"place": 3},
        {"came_before": (2, *came()[1:])},
        {"starts": 2},
    ],
)
def test_what_has_no_width_cannot_be_written(columns: dict[str, Any]) -> None:
    with pytest.raises(InputRefused):
        refusals(program(), lie({2: columns}), quorum()[1])


@pytest.mark.parametrize(
    ("cell", "value", "refused"),
    [
        ("rise.0", P - 1, "bus u16"),
        ("rise.2", 1 << 2, "bus narrow"),
        ("index.2", 1 << 2, "bus narrow"),
        ("delay.1", P - 1, "bus u16"),
        ("age.1", P - 1, "bus u16"),
        ("life.1", P - 1, "bus u16"),
        ("surplus", P - 1, "bus narrow"),
        ("surplus", 16, "bus narrow"),
        ("publisher.PUBLISHER_1", 0, "publisher takes one choice"),
        ("publisher.PUBLISHER_3", 1, "publisher takes one choice"),
        ("publisher.PUBLISHER_1", 2, "publisher.PUBLISHER_1 is a bit"),
        ("came_before[0]", P - 1, "came_before[0] is a bit"),
        ("place.LOWER_MIDDLE", 1, "place takes one choice"),
        ("ends", 2, "ends is a bit"),
        ("uses of index_price", 2, "bus index_price"),
    ],
)
def test_a_cell_out_of_range_is_seen(cell: str, value: int, refused: str) -> None:
    made, around = quorum()
    assert refused in forged(program(), SettlementReport.name, cell, value, made, around, at=1)


def test_only_a_median_is_looked_up() -> None:
    made, around = quorum()
    silent = "only such rows provide index_price"
    cell = (SettlementReport.name, "uses of index_price", 1)
    assert silent in forged(program(), *cell, made, around, at=0)
    assert silent not in forged(program(), *cell, made, around, at=1)


def test_the_rows_say_what_the_publishers_signed() -> None:
    one, two, three = complete(SettlementReport, quorum()[0])
    assert [row.index for row in (one, two, three)] == list(PRICES_E3.values())
    assert [row.rise for row in (one, two, three)] == [82_999_999, 1_000_000, 500_000]
    assert [row.place for row in (one, two, three)] == [OTHER, MIDDLE, OTHER]
    assert (two.delay, two.age, two.life) == (30, 30, HEARTBEAT_S - 30)
    assert three.came_before == came(0, 1)
