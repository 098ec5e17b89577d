"""The configuration in the circuit: the words behind the hash, each in its place."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from tests.ledger.scene import CONFIGURATION, genesis

from novate.circuits import public_values
from novate.circuits.batch import batch_rows
from novate.circuits.configuration import Configuration
from novate.field import P, Tag, Word, permute
from novate.ledger import Batch
from novate.ledger import Configuration as Terms
from novate.units import bounds

from .scene import Cheat, Scene, Trial, batch_of, both, bumped, restated, structure_of

Row = dict[str, Any]
Named = dict[str, list[int]]
HASH = {"hash": slice(0, 8)}


def terms(publishers: int) -> Terms:
    """A configuration with so many publishers."""
    keys = tuple((i + 1, *range(7)) for i in range(publishers))
    return replace(CONFIGURATION, publishers=keys, quorum=publishers)


def batch(configuration: Terms = CONFIGURATION) -> Batch:
    """A batch in which nothing happens at a venue of this configuration."""
    return batch_of(replace(genesis(), configuration=configuration))


def trial(configuration: Terms = CONFIGURATION) -> Trial:
    """The configuration as the circuits tell it."""
    told = batch(configuration)
    rows, publics = batch_rows(told, {})[Configuration.name], public_values(told.statement)
    return Trial(Configuration, rows, publics[Configuration.name], HASH)


def run(rows: list[Row], named: Named, since: int = 0) -> None:
    """The sponge from a row on, and the hash at its end."""
    capacity = rows[since]["capacity"]
    for row in rows[since:]:
        row["capacity"], row["out"] = capacity, permute((*row["word"], *capacity))
        capacity = row["out"][8:]
    named["hash"] = list(row["out"][:8])


def begun(rows: list[Row], named: Named) -> None:
    """The sponge starts as the first row says."""
    length = 8 + 8 * rows[0]["publishers"]
    rows[0]["capacity"] = (length, int(Tag.CONFIGURATION), 0, 0, 0, 0, 0, 0)


def sealed(cheat: Cheat) -> Cheat:
    """A change of rows, and the sponge over them."""
    return both(cheat, begun, run)


def since(row: int, cheat: Cheat) -> Cheat:
    """A change of one row, and the sponge after it."""
    return both(cheat, lambda rows, named: run(rows, named, row))


def without_last(rows: list[Row], named: Named) -> None:
    del rows[-1]


def counted_from_one(rows: list[Row], named: Named) -> None:
    """One publisher fewer, and every row counted one too high."""
    del rows[-1]
    for row in rows:
        row["index"] += 1


def skipping(rows: list[Row], named: Named) -> None:
    """The second publisher is missing, the third keeps its index."""
    del rows[2]


def fewer_midway(rows: list[Row], named: Named) -> None:
    """Publishers that are three in the first row and two in the others."""
    del rows[-1]
    for row in rows[1:]:
        row["publishers"] -= 1


def second_head(rows: list[Row], named: Named) -> None:
    """A publisher whose key says: other parameters."""
    key = list(rows[1]["word"])
    key[0], key[4] = 1, rows[1]["publishers"]
    rows[1]["word"], rows[1]["is_head"] = tuple(key), 1


CHEATS: list[tuple[str, Cheat]] = [
    ("the first row holds the parameters", sealed(bumped("is_head", by=-1))),
    ("rows are counted from 0", sealed(counted_from_one)),
    ("the version is ours", sealed(bumped("word", at=0))),
    ("the parameters say how many publishers", sealed(bumped("word", at=4))),
    ("publishers follow", sealed(second_head)),
    ("rows are counted", sealed(skipping)),
    ("the number of publishers stands", sealed(fewer_midway)),
    ("all publishers are there", sealed(without_last)),
    *(
        ("the sponge starts with length and tag", since(0, bumped("capacity", at=i)))
        for i in range(8)
    ),
    *(
        ("the sponge goes on from its capacity", since(2, bumped("capacity", row=2, at=i)))
        for i in range(8)
    ),
    *(("the digest is the configuration hash", restated("hash", at=i)) for i in range(8)),
]
"""A sentence and what breaks one constraint of it, whatever everybody else says."""


def test_what_a_cheat_starts_from_is_accepted() -> None:
    assert trial().broken(sealed(lambda rows, named: None)) == []


def test_every_constraint_is_broken_alone_by_a_cheat_with_every_help() -> None:
    assert trial().complaints(CHEATS) == []


@pytest.mark.parametrize("publishers", [1, 2, bounds.PUBLISHERS_MAX])
def test_the_configuration_of_the_ledger_is_accepted(publishers: int) -> None:
    told = batch(terms(publishers))
    scene = structure_of(told)
    assert len(scene.rows[Configuration.name]) == 1 + publishers
    assert scene.publics[Configuration.name] == list(told.before.state.configuration.hash)
    assert scene.refusals == set()


def test_every_parameter_is_the_hashed_one() -> None:
    scene, others = structure_of(batch()), structure_of(batch(terms(2)))
    rows = others.rows[Configuration.name]
    assert scene.lying(configuration=rows) > {"the digest is the configuration hash"}
    rows = deepcopy(scene.rows[Configuration.name])
    rows[0]["word"] = (*rows[0]["word"][:1], 0, *rows[0]["word"][2:])
    assert scene.lying(configuration=rows) == {"bus permutation", "bus parameters"}


def asked(scene: Scene, bus: str, **changes: Any) -> set[str]:
    """What refuses somebody who asks for something else."""
    name = f"looks up {bus}"
    row = scene.around[name][0] | changes
    return replace(scene, around=scene.around | {name: [row]}).refusals


@pytest.mark.parametrize(
    ("bus", "changes"),
    [
        ("parameters", {"maker_fee_rate": 0}),
        ("parameters", {"taker_fee_rate": 0}),
        ("parameters", {"quorum": 1}),
        ("parameters", {"publishers": 4}),
        ("parameters", {"heartbeat": (601, 0)}),
        ("parameters", {"heartbeat": (600, 1)}),
        ("publisher", {"index": 1}),
        ("publisher", {"index": 3}),
        ("publisher", {"index": P - 1}),
        ("publisher", {"key": (1,) * 8}),
    ],
)
def test_nobody_is_told_otherwise(bus: str, changes: dict[str, Any]) -> None:
    scene = structure_of(batch())
    assert asked(scene, bus) == set()
    assert asked(scene, bus, **changes) == {f"bus {bus}"}


def test_the_parameters_are_no_publisher() -> None:
    scene = structure_of(batch())
    head: Word = CONFIGURATION.words[0]
    for index in (P - 1, 0, 3):
        assert asked(scene, "publisher", index=index, key=head) == {"bus publisher"}


def test_a_trial_tells_what_is_missing() -> None:
    idle: tuple[str, Cheat] = ("the version is ours", sealed(lambda rows, named: None))
    first, version, count = CHEATS[0][0], "the version is ours", len(CHEATS)
    without = [(name, cheat) for name, cheat in CHEATS if name not in (first, version)]
    assert len(without) == count - 2
    complaints = trial().complaints([*without, idle])
    assert complaints[0] == f"'{version}' was to be broken alone, not []"
    assert [text.split(": ")[1] for text in complaints[1:]] == [first, version]
