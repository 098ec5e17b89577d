"""What the attacks of `novate.air.attack` show of small tables, offenders included."""

from collections.abc import Iterator
from typing import Any

import pytest

from novate import _stark
from novate.air import (
    Program,
    Row,
    Statement,
    Table,
    Trace,
    below,
    bit,
    choice,
    element,
    equal,
    followed,
    last,
    lookup,
    lookup_bus,
    permutation_bus,
    provide,
    receive,
    send,
    trace,
    unsigned,
    when,
    zero,
)
from novate.air.attack import TableReport, attack
from novate.air.program import RANGES
from novate.field import P

from .scene import program, satisfied

NUMBER = permutation_bus("number", "a number", value=element())
FACT = lookup_bus("fact", "a number that is so", value=element())


class Square(Table):
    """Sends a number whose root it knows; says one thing twice and has a column nobody reads on
    rows without a mark."""

    root, square = unsigned(8), unsigned(16, given=lambda row: row.root * row.root)
    marked, aside = bit(), element()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield zero("the square is root times root", row.square - row.root * row.root)
        yield zero("the square is root times root, again", row.square - row.root * row.root)
        yield from when(row.marked, zero("a marked row keeps nothing aside", row.aside))
        yield send(NUMBER, value=row.square)


class Sink(Table):
    value = element()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield receive(NUMBER, value=row.value)


def squares() -> tuple[Program, Trace]:
    """Three squares."""
    built = Program([Square, Sink])
    roots = [3, 5, 200]
    rows = {"root": roots, "marked": [1, 0, 1], "aside": [0, 4, 0]}
    values = {"value": [root * root for root in roots]}
    return built, trace(built, {"square": rows, "sink": values})


def report_of(name: str, built: Program, filled: Trace) -> TableReport:
    """The report on one table."""
    return attack(built, filled, tables=[name])[name]


@pytest.mark.parametrize("name", ["price", "fill", "total"])
def test_every_change_of_the_scene_is_refused(name: str) -> None:
    built = program()
    report = report_of(name, built, satisfied(built))
    assert report.mutants > 100
    # a price that nobody asks for may be listed as well
    assert report.survivors == (["price: row 3, listed=0 flipped"] if name == "price" else [])


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("price", []),
        ("fill", []),
        (
            "total",
            [
                "the first fill has number 1",
                "the first total is the first change",
                "the tag is public",
            ],
        ),
    ],
)
def test_the_sentences_of_the_scene_are_shown_necessary(name: str, left: list[str]) -> None:
    # what only a change of every row at once could isolate is left to cheats written by hand
    built = program()
    report = report_of(name, built, satisfied(built))
    assert sorted(set(report.unproven.values())) == left


def test_a_sentence_said_twice_is_shown_by_nothing() -> None:
    built, filled = squares()
    unproven = set(report_of("square", built, filled).unproven.values())
    assert unproven == {
        "the square is root times root",
        "the square is root times root, again",
    }


def test_a_cell_that_nobody_reads_survives() -> None:
    built, filled = squares()
    survivors = report_of("square", built, filled).survivors
    assert "square: row 1, aside=4 plus 1" in survivors
    assert "square: row 0, marked=1 flipped" in survivors, "a mark says nothing but that"
    assert len([survivor for survivor in survivors if "aside" not in survivor]) == 2


def test_what_is_sent_is_told_by_what_determines_it() -> None:
    built, filled = squares()
    found = report_of("square", built, filled).determinism
    assert found.inputs == {}
    assert found.by_ranges == {"sends number[0]": {"root"}}, "the root is this table's to choose"
    assert "inputs" not in str(report_of("square", built, filled)).splitlines()[-1]


def test_a_report_is_read_by_a_person() -> None:
    built, filled = squares()
    text = str(attack(built, filled, tables=["square"]))
    assert text.startswith("1")
    assert "constraints shown necessary" in text.splitlines()[0]
    assert "  no attack found: the square is root times root, again" in text.splitlines()
    assert "  not refused: square: row 1, aside=4 flipped" in text.splitlines()


def test_only_satisfied_traces_are_attacked() -> None:
    built, filled = squares()
    filled["square"][0, built["square"].cells.index("root")] = 4
    with pytest.raises(ValueError, match="only satisfied traces"):
        attack(built, filled)


# what the language says by itself in every table, each shown necessary once


class Specimen(Table):
    """Of everything the language adds a sentence for: rows, next rows, bits, choices, bounds,
    facts."""

    required = True
    public_values = 1
    flag = bit()
    side = choice("LEFT", "MIDDLE", "RIGHT")
    small = below(1000)
    value = element()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield from followed(equal("values stand", row.next.value, row.value))
        yield from last(equal("the last value is public", row.value, row.public[0]))
        yield send(
            NUMBER, value=row.value + row.flag + row.side.LEFT + 2 * row.side.MIDDLE + row.small
        )
        yield from when(row.flag, provide(FACT, value=row.value))


class Asker(Table):
    value = element()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield lookup(FACT, value=row.value)


def specimens() -> tuple[Program, Trace]:
    """Three rows of the specimen, of which one provides what is asked."""
    built = Program([Specimen, Sink, Asker])
    rows = {"flag": [0, 1, 0], "side": [0, 1, 2], "small": [5, 6, 999], "value": [9, 9, 9]}
    sent = [9 + 1 + 5, 9 + 1 + 2 + 6, 9 + 999]
    inputs: dict[str, Any] = {"specimen": rows, "sink": {"value": sent}, "asker": {"value": [9]}}
    return built, trace(built, inputs, {"specimen": [9]})


Change = dict[tuple[int, str], int]

NOBODY = {
    (row, cell): 0
    for row in range(3)
    for cell in (
        *("real", "has_next", "flag", "side.LEFT", "side.MIDDLE", "side.RIGHT"),
        *("small", "small to its bound", "uses of fact"),
    )
}

CHEATS: list[tuple[str, Change]] = [
    (
        "real is a bit",
        {
            (2, "real"): 2,
            (1, "has_next"): 2,
            (2, "side.RIGHT"): 2,
            (2, "small to its bound"): 999,
        },
    ),
    (
        "real never rises",
        {
            (9, "real"): 1,
            (8, "has_next"): 1,
            (8, "value"): 9,
            (9, "side.RIGHT"): 1,
            (9, "value"): 9,
            (9, "small to its bound"): 999,
        },
    ),
    ("there is a row", NOBODY),
    ("has next: the next row exists and is real", {(0, "has_next"): 0}),
    ("flag is a bit", {(0, "flag"): 2}),
    ("side.LEFT is a bit", {(0, "side.LEFT"): -1, (0, "side.MIDDLE"): 1, (0, "side.RIGHT"): 1}),
    ("side.MIDDLE is a bit", {(0, "side.MIDDLE"): -1, (0, "side.RIGHT"): 1, (0, "side.LEFT"): 1}),
    ("side.RIGHT is a bit", {(0, "side.RIGHT"): -1, (0, "side.MIDDLE"): 1}),
    ("side takes one choice", {(0, "side.MIDDLE"): 1}),
    ("small is below 1000", {(2, "small"): 1000}),
    ("only such rows provide fact", {(0, "uses of fact"): 1}),
]


def refused_alone_by(changes: Change) -> set[str]:
    """The sentence that alone refuses a change of the specimen, facts counted again or not."""
    built, filled = specimens()
    table = built["specimen"]
    patches = [
        (0, row, table.cells.index(name), value % P) for (row, name), value in changes.items()
    ]
    filler = _stark.Filler(built.encoding, built.plan)
    alone = set()
    for mend in (False, True):
        ((found, messages, _),) = filler.probe(filled.cells, filled.public_values, [patches], mend)
        sentences = {built.tables[t].constraints[c].sentence for t, c, _ in found}
        ranges = [m for t, m, _ in messages if built.tables[t].messages[m].bus in RANGES]
        if len(sentences) == 1 and not ranges:
            alone |= sentences
    return alone


@pytest.mark.parametrize(("sentence", "changes"), CHEATS)
def test_each_sentence_of_the_language_alone_refuses_a_cheat(
    sentence: str, changes: Change
) -> None:
    assert refused_alone_by(changes) == {sentence}


def test_every_sentence_of_the_language_has_its_cheat() -> None:
    built, _ = specimens()
    language = TableReport.of(built["specimen"]).language.values()
    assert sorted(language) == sorted(sentence for sentence, _ in CHEATS)
