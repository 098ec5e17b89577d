"""The public values in the circuit: one row, and everything it ties them to."""

from dataclasses import replace
from typing import Any

import pytest
from tests.ledger.scene import AFTER, ALICE, USD, deposit, genesis, opened, withdraw

from novate.air import InputRefused, Trace, check
from novate.circuits import public_values
from novate.circuits.batch import batch_rows
from novate.circuits.buses import TIME_END
from novate.circuits.section import PUBLIC as SECTION_PUBLIC
from novate.circuits.statement import PublicValues
from novate.field import P
from novate.keys import Domain
from novate.ledger import VENUE_ADDRESS, Batch, Statement, Window
from novate.units import Instant

from .scene import (
    Cheat,
    Scene,
    Trial,
    accesses,
    batch_of,
    bumped,
    busy,
    memory,
    mended,
    restated,
    structure_of,
)
from .transactions.surroundings import names

Row = dict[str, Any]
LAST = Window(Instant(2**32 - 1), Instant(2**32 - 1))


def trial(batch: Batch) -> Trial:
    """The public values of a batch as the circuits tell them."""
    rows, publics = batch_rows(batch, {})[PublicValues.name], public_values(batch.statement)
    return Trial(PublicValues, rows, publics[PublicValues.name], dict(Statement.OFFSETS))


def told_twice(rows: list[Row], publics: dict[str, list[int]]) -> None:
    rows.append(dict(rows[0]))


def shortened(rows: list[Row], publics: dict[str, list[int]]) -> None:
    """A window that lasts a second less than from its start to its end."""
    (row,) = rows
    row["length"] = row["window_end"] - row["window_start"] - 1


def ending_later(rows: list[Row], publics: dict[str, list[int]]) -> None:
    """A window that ends 2**16 seconds later than it lasts."""
    (row,) = rows
    row["length"] = row["window_end"] - row["window_start"]
    row["window_end"] += 1 << 16
    publics["window_end"][1] += 1


CHEATS: list[tuple[str, Cheat]] = [
    ("there is one statement", told_twice),
    *(
        (f"inbox position and supply {name}", bumped(f"venue_{name}", at=i))
        for name in ("before", "after")
        for i in range(8)
    ),
    *(("the window starts as stated", restated("window_start", at=i)) for i in range(2)),
    *(("the window ends as stated", restated("window_end", at=i)) for i in range(2)),
    ("the window starts as stated", bumped("window_start", by=-1)),
    ("the window ends as stated", bumped("window_end")),
    *(
        (f"{name} are a number", restated(name, at=i))
        for name in ("withdrawals", "chunks")
        for i in range(2)
    ),
    *((f"{name} are a number", bumped(name)) for name in ("withdrawals", "chunks")),
    ("the window does not end before it starts", shortened),
    ("the window does not end before it starts", ending_later),
    *(("the domain is stated", bumped("domain", at=i)) for i in range(11)),
    *(("the domain is stated", restated("chain_id", at=i)) for i in range(4)),
    *(("the domain is stated", restated("contract", at=i)) for i in range(7)),
]
"""A sentence and what breaks one constraint of it, whatever everybody else says."""


def test_what_a_cheat_starts_from_is_accepted() -> None:
    assert trial(busy()).broken(lambda rows, publics: None) == []


def test_every_constraint_is_broken_alone_by_a_cheat_with_every_help() -> None:
    assert trial(busy()).complaints(CHEATS) == []


@pytest.mark.parametrize(
    "batch",
    [
        busy(),
        batch_of(genesis()),
        batch_of(opened(), window=AFTER),
        batch_of(genesis(), window=LAST),
        batch_of(replace(genesis(), domain=Domain(2**64 - 1, b"\xff" * 20))),
        batch_of(genesis(), deposit(0, ALICE, 2**63 - 1)),
        batch_of(opened(), withdraw(ALICE, 10_000 * USD)),
    ],
)
def test_the_statement_of_a_batch_is_accepted(batch: Batch) -> None:
    assert structure_of(batch).refusals == set()


def restating(batch: Batch, **fields: list[int]) -> Scene:
    """The batch under a statement in which these fields have other elements."""
    scene = structure_of(batch)
    elements = list(batch.statement.elements)
    for name, values in fields.items():
        elements[Statement.OFFSETS[name]] = values
    told = {name: elements[place] for name, place in Statement.OFFSETS.items()}
    publics = {
        PublicValues.name: elements,
        "configuration": told["configuration_hash"],
        "section": [element for name in SECTION_PUBLIC for element in told[name]],
    }
    return replace(scene, publics=publics)


FREE = {"version", "batch_number", "inbox_hash_before", "inbox_hash_after"}
"""What the contract alone compares: here it only enters the transcript."""


@pytest.mark.parametrize("name", list(Statement.OFFSETS))
def test_every_element_of_the_statement_is_tied_or_only_bound(name: str) -> None:
    batch, place = busy(), Statement.OFFSETS[name]
    honest = list(batch.statement.elements[place])
    filling = structure_of(batch).trace
    for at in range(len(honest)):
        lie = [(e + (i == at)) % P for i, e in enumerate(honest)]
        publics = restating(batch, **{name: lie}).publics_by_table
        told = Trace(filling.program, filling.cells, publics, filling.rows)
        assert bool(check(filling.program, told)) == (name not in FREE)


def limbs_of(value: int) -> list[int]:
    """A number of 32 bits as the statement writes it."""
    return [value & 0xFFFF, value >> 16]


@pytest.mark.parametrize("name", ["withdrawals", "chunks"])
def test_a_number_and_the_same_modulo_p_are_two(name: str) -> None:
    """The data section counts in the field, where both would be the same."""
    batch = busy()
    told = getattr(batch.statement, name)
    assert restating(batch, **{name: limbs_of(told)}).refusals == set()
    assert restating(batch, **{name: limbs_of(told + P)}).refusals == {f"{name} are a number"}


@pytest.mark.parametrize("name", ["withdrawals", "chunks", "inbox_to", "inbox_from"])
def test_a_number_is_told_in_limbs_of_16_bits(name: str) -> None:
    batch = busy()
    low, high = batch.statement.elements[Statement.OFFSETS[name]]
    lie = [(low - (1 << 16)) % P, high + 1]
    assert restating(batch, **{name: lie}).refusals
    elements = list(batch.statement.elements)
    elements[Statement.OFFSETS[name]] = lie
    with pytest.raises((ValueError, AssertionError)):
        Statement.from_elements(elements)


def test_a_window_that_ends_before_it_starts_has_no_length() -> None:
    batch = busy()
    start, end = batch.statement.window_start, batch.statement.window_end
    scene = restating(batch, window_start=limbs_of(end), window_end=limbs_of(start))
    (row,) = scene.rows[PublicValues.name]
    turned = row | {"window_start": end, "window_end": start}
    with pytest.raises(InputRefused, match="length"):
        scene.lying(public_values=[turned])
    lie = scene.lying(public_values=[turned | {"length": 0}])
    assert lie == {"the window does not end before it starts", "bus window"}


@pytest.mark.parametrize(("field", "at"), [("window_start", 0), ("window_end", 1)])
def test_the_window_is_the_transactions_window(field: str, at: int) -> None:
    batch = busy()
    scene = structure_of(batch)
    (row,) = scene.rows[PublicValues.name]
    other = row[field] - 1
    limbs = [other & 0xFFFF, other >> 16]
    lie = restating(batch, **{field: limbs})
    assert lie.lying(public_values=[row | {field: other}]) == {"bus window"}


def test_the_window_is_no_wider_than_what_is_stated() -> None:
    batch = batch_of(genesis(), window=LAST)
    scene = structure_of(batch)
    (row,) = scene.rows[PublicValues.name]
    with pytest.raises(InputRefused):
        scene.lying(public_values=[row | {"window_end": 1 << 32}])
    lie = restating(batch, window_end=[1 << 16, (1 << 16) - 1])
    assert lie.refusals == {"the window ends as stated"}
    filling = lie.trace
    cell = lie.program[PublicValues.name].placed["window_end"].limbs[0].cell
    filling[PublicValues.name][0, cell] = 1 << 16
    shorter = "the window does not end before it starts"
    assert names(check(lie.program, mended(filling))) == {"bus u16", "bus window", shorter}


def test_the_domain_is_the_one_that_was_signed_for() -> None:
    batch = busy()
    (row,) = structure_of(batch).rows[PublicValues.name]
    chain = list(batch.statement.elements[Statement.OFFSETS["chain_id"]])
    chain[0] += 1
    other = (chain[0], *row["domain"][1:])
    lie = restating(batch, chain_id=chain)
    assert lie.lying(public_values=[row | {"domain": other}]) == {"bus domain"}


def test_the_root_is_sent_once() -> None:
    batch = busy()
    for name in ("old_root", "new_root"):
        root = [int(e) for e in batch.statement.elements[Statement.OFFSETS[name]]]
        root[7] = (root[7] + 1) % P
        assert restating(batch, **{name: root}).refusals == {"bus node"}
    same = list(batch.statement.old_root)
    assert restating(batch, new_root=same).refusals == {"bus node"}


def words_of_the_venue(batch: Batch) -> list[tuple[int, tuple[int, ...]]]:
    """The venue's word after each transaction that wrote it, with the instant, in order."""
    put = accesses(batch)["sends memory"]
    at = VENUE_ADDRESS._asdict().items()
    return [(row["time"], row["word"]) for row in put if at <= row.items()]


@pytest.mark.parametrize("back", [1, 2, 3])
def test_the_venues_word_is_not_read_early(back: int) -> None:
    """Inbox and supply as they were some transactions before the end of the batch."""
    batch = busy()
    scene = structure_of(batch)
    (row,) = scene.rows[PublicValues.name]
    written = words_of_the_venue(batch)
    assert written[-1][1] == row["venue_after"]
    time, word = written[-1 - back]
    lie = restating(batch, inbox_to=list(word[:2]), supply_after=list(word[2:6]))
    early = row | {"venue_after": word, "gap": TIME_END - 1 - time}
    assert "bus memory" in lie.lying(public_values=[early])
    late = row | {"venue_after": word}
    assert "bus memory" in lie.lying(public_values=[late])


def test_the_venues_word_is_not_read_from_what_is_put_back() -> None:
    """A gap of -1 would take the last instant's own word: any supply would do."""
    batch = batch_of(opened())
    scene = structure_of(batch)
    (row,) = scene.rows[PublicValues.name]
    word = (*row["venue_after"][:2], 7, 7, 7, 7, 0, 0)
    lie = restating(batch, supply_after=[7, 7, 7, 7])
    leaves = [leaf | {"closed": 1} for leaf in lie.rows["tree_leaf"]]
    lie = replace(lie, rows=lie.rows | {"tree_leaf": leaves})
    with pytest.raises(InputRefused):
        lie.lying(public_values=[row | {"venue_after": word, "gap": -1}])
    filling = replace(
        lie, rows=lie.rows | {PublicValues.name: [row | {"venue_after": word, "gap": 0}]}
    ).trace
    placed = lie.program[PublicValues.name].placed["gap"]
    low, high = placed.limbs
    filling[PublicValues.name][0, low.cell] = P - 1
    filling[PublicValues.name][0, high.cell] = 0
    assert names(check(lie.program, mended(filling))) == {"bus u16"}


def test_a_word_is_not_written_before_the_statement_read_it() -> None:
    """A transaction at the statement's own first instant, or after its last."""
    batch = batch_of(opened(), deposit(6, ALICE, USD))
    scene = structure_of(batch)
    (row,) = scene.rows[PublicValues.name]
    word = row["venue_after"]
    lie = restating(batch, inbox_from=list(word[:2]), supply_before=list(word[2:6]))
    first = row | {"venue_before": word}
    assert "bus memory" in lie.lying(public_values=[first])
    taken = scene.around["receives memory"]
    put = scene.around["sends memory"]
    venue = memory(VENUE_ADDRESS, 1, row["venue_before"])
    assert venue in taken
    after = [r | {"time": TIME_END} if r["word"] == word else r for r in put]
    late = replace(scene, around=scene.around | {"sends memory": after})
    assert late.refusals == {"bus memory"}


def test_there_is_a_row() -> None:
    scene = structure_of(busy())
    refused = scene.lying(public_values=[])
    assert "there is a row" in refused
