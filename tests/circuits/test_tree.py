"""The state tree in the circuit: one pass over both roots, each touched word opened once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from tests.ledger.scene import ALICE, BOB, USD, deposit, genesis, opened

from novate.air import Trace
from novate.circuits.buses import RECORD_CHUNK
from novate.circuits.poseidon2 import Poseidon2
from novate.circuits.tree import TreeLeaf, TreeLevel, TreeNode
from novate.field import EMPTY_SUBTREES, P, Word, compress
from novate.ledger import VENUE_ADDRESS, Address, Batch
from novate.ledger.commitment import EMPTY_TREE, Tree
from novate.units import bounds

from .scene import (
    Cheat,
    Scene,
    Trial,
    among_counterparts,
    batch_of,
    broken,
    bumped,
    busy,
    constraints_of,
    memory,
    structure_of,
)
from .transactions.surroundings import forged

Row = dict[str, Any]
Words = Mapping[Address, Word]
Place = tuple[int, int, int]
TABLES = (TreeNode, TreeLeaf, TreeLevel, Poseidon2)
ABSENT: Word = (0,) * 8
ONE: Word = (1, 2, 3, 4, 5, 6, 7, 8)
TWO: Word = (P - 1,) * 8
FIRST, LAST = Address(0, 0), Address((1 << 24) - 1, 255)


def place_of(level: int, index: int) -> Place:
    """Level, account and slot of a node: the bits of its index, those of the slot last."""
    bits = bounds.SLOT_BITS - level
    return (level, index >> bits, index & ((1 << bits) - 1)) if bits > 0 else (level, index, 0)


def node(old: Tree, new: Tree, level: int, index: int, touched: set[int]) -> Row:
    """The row of a node between two trees."""
    place = dict(zip(("level", "account", "slot"), place_of(level, index), strict=True))
    hashes = {}
    for name, tree in (("old", old), ("new", new)):
        hashes[name] = tree.node(level=level, index=index)
        hashes[f"{name}_left"] = tree.node(level=level - 1, index=2 * index)
        hashes[f"{name}_right"] = tree.node(level=level - 1, index=2 * index + 1)
    return {
        **place,
        "upper": int(level > bounds.SLOT_BITS),
        **hashes,
        "left_touched": int(2 * index in touched),
        "right_touched": int(2 * index + 1 in touched),
    }


def passing(before: Words, after: Words, *, read: tuple[Address, ...] = ()) -> Scene:
    """One pass from some words to others: what changed is posted, what was read is not."""
    old = EMPTY_TREE.updated({at: w for at, w in before.items() if w != ABSENT})
    changed = [at for at in {*before, *after} if before.get(at, ABSENT) != after.get(at, ABSENT)]
    new = old.updated({at: after.get(at, ABSENT) for at in changed})
    touched = sorted({*changed, *read})
    leaves = []
    for at in touched:
        words = {"old": before.get(at, ABSENT), "new": after.get(at, before.get(at, ABSENT))}
        posted = int(at in changed)
        ordinal = sorted(changed).index(at) if posted else 0
        own = {"closed": 2, "posted": posted, "ordinal": ordinal}
        leaves.append(at._asdict() | words | own)
    nodes = []
    indices = {at.leaf for at in touched}
    for level in range(1, bounds.TREE_DEPTH + 1):
        parents = sorted({index >> 1 for index in indices})
        nodes += [node(old, new, level, index, indices) for index in parents]
        indices = set(parents)
    root = {"level": bounds.TREE_DEPTH, "account": 0, "slot": 0, "old": old.root, "new": new.root}
    around = {
        "sends node": [root],
        "receives memory": [memory(Address(r["account"], r["slot"]), 0, r["old"]) for r in leaves],
        "sends memory": [memory(Address(r["account"], r["slot"]), 2, r["new"]) for r in leaves],
        "receives data": [row for leaf in leaves if leaf["posted"] for row in record(leaf)],
    }
    return scene(nodes, leaves, around)


def record(leaf: Row) -> Iterator[Row]:
    """What is posted of a word."""
    words = ((leaf["account"], leaf["slot"], 0, 0, 0, 0, 0, 0), leaf["new"])
    for part, word in enumerate(words):
        yield {"kind": RECORD_CHUNK, "ordinal": leaf["ordinal"], "part": part, "word": word}


def scene(nodes: list[Row], leaves: list[Row], around: dict[str, list[Row]]) -> Scene:
    """Nodes and leaves with every permutation that the nodes need."""
    hashed = {
        (*row[f"{side}_left"], *row[f"{side}_right"]): None for row in nodes for side in SIDES
    }
    rows = {
        TreeNode.name: nodes,
        TreeLeaf.name: leaves,
        Poseidon2.name: [{"state": state} for state in hashed],
    }
    return Scene(among_counterparts(*TABLES), rows, {}, around)


SIDES = ("old", "new")


@lru_cache(maxsize=1)
def plain() -> Scene:
    """Of six words three change: one was absent, one becomes so; a neighbour of each is read."""
    before = {Address(1, 0): ONE, Address(1, 9): TWO, Address(7, 200): ONE, Address(7, 201): TWO}
    after = before | {Address(1, 0): ABSENT, Address(1, 9): ONE, Address(1, 8): TWO}
    return passing(before, after, read=(Address(1, 1), Address(7, 200), VENUE_ADDRESS))


def trees() -> Iterator[tuple[str, Scene]]:
    """Passes at the edges of what a tree can be."""
    one = {Address(1, 0): ONE}
    yield "six words", plain()
    yield "one word of an empty tree", passing({}, one)
    yield "one word, read", passing(one, one, read=(Address(1, 0),))
    yield "an absent word, read", passing({}, {}, read=(Address(1, 0),))
    yield "the last word taken away", passing(one, {Address(1, 0): ABSENT})
    yield "the first leaf", passing({}, {FIRST: ONE})
    yield "the last leaf", passing({LAST: ONE}, {LAST: TWO})
    yield "both ends", passing({}, {FIRST: ONE, LAST: TWO})
    yield "both children of one node", passing({}, {Address(1, 0): ONE, Address(1, 1): TWO})
    yield "two sides of the middle", passing({}, {Address(2**23 - 1, 255): ONE, VENUE_ADDRESS: TWO})
    yield "the same word in two places", passing({}, {Address(1, 8): ONE, Address(2, 8): ONE})
    yield "a whole account", passing({}, {Address(3, slot): ONE for slot in range(256)})


@pytest.mark.parametrize(("what", "told"), list(trees()))
def test_a_pass_over_two_roots_is_accepted(what: str, told: Scene) -> None:
    assert told.refusals == set()


@pytest.mark.parametrize(
    "batch",
    [batch_of(genesis()), batch_of(opened()), batch_of(genesis(), deposit(0, ALICE, 1)), busy()],
)
def test_the_tree_of_a_batch_is_accepted(batch: Batch) -> None:
    told = structure_of(batch)
    places = [(row["account"], row["slot"]) for row in told.rows[TreeLeaf.name]]
    assert places == sorted({VENUE_ADDRESS, *batch.touched})
    assert told.refusals == set()


def first_where(table: Any, what: Callable[[Row], bool]) -> int:
    """The first row of which something is true."""
    return next(i for i, row in enumerate(plain().rows[table.name]) if what(row))


def node_cheats() -> Iterator[tuple[str, Cheat]]:
    """A sibling that changes under the new root alone, element by element."""
    for side in ("left", "right"):
        row = first_where(TreeNode, lambda row, side=side: not row[f"{side}_touched"])
        sentence = f"the {side} child stays as it is when untouched"
        for tree in SIDES:
            for at in range(8):
                yield sentence, bumped(f"{tree}_{side}", row=row, at=at)


def leaf_cheats() -> Iterator[tuple[str, Cheat]]:
    """A word that changes and is not posted, element by element; an ordinal of nothing."""
    row = first_where(TreeLeaf, lambda row: not row["posted"])
    for name in SIDES:
        for at in range(8):
            yield "an unposted word did not change", bumped(name, row=row, at=at)
    yield "an unposted word has no ordinal", bumped("ordinal", row=row)


CHEATS = {TreeNode: list(node_cheats()), TreeLeaf: list(leaf_cheats())}
"""A sentence and what breaks one constraint of it, whatever everybody else says."""


@pytest.mark.parametrize("table", list(CHEATS))
def test_every_constraint_is_broken_alone_by_a_cheat_with_every_help(table: Any) -> None:
    trial = Trial(table, plain().rows[table.name], [], {})
    assert trial.broken(lambda rows, publics: None) == []
    assert trial.complaints(CHEATS[table]) == []


def levels(count: int, first: int = 1, *, turn: int | None = 8, upper: int = 0) -> list[list[int]]:
    """So many levels, upper after the level that turns."""
    told = []
    for level in range(first, first + count):
        told.append([level % P, upper, int(level == turn)])
        upper += int(level == turn)
    return told


def jumping() -> list[list[int]]:
    """Eight levels of slots and the last eight, with nothing between."""
    return levels(8) + levels(8, 25, upper=1)


def turned(at: int, rises: int) -> list[list[int]]:
    """Levels in which upper rises somewhere, whatever `turns` says."""
    return [[level, int(level > rises), int(level == at)] for level in range(1, 33)]


LEVEL_CHEATS: list[tuple[str, list[list[int]]]] = [
    ("levels start at 1", levels(64, -31)),
    ("below the accounts", levels(32, turn=None, upper=1)),
    ("levels count up", jumping()),
    ("upper begins once", turned(8, 9)),
    ("upper begins once", turned(0, 8)),
    ("upper begins once", turned(8, 7)),
    ("after the level of slots", levels(32, turn=9)),
    ("after the level of slots", levels(32, turn=1)),
    ("levels end at 32", levels(64)),
    ("levels end at 32", levels(16)),
    ("above the accounts", levels(32, turn=None)),
]
"""Tables of levels, of any height, and the one sentence that each breaks."""


def level_trace(told: list[list[int]]) -> Trace:
    """A table of levels as it would be committed to, without asking the language."""
    program = among_counterparts(TreeLevel)
    filling = Scene(program, {}, {}, {}).trace
    index = [table.name for table in program.tables].index(TreeLevel.name)
    names = program[TreeLevel.name].cells
    cells = np.zeros((len(told), len(names)), dtype=np.uint32)
    for at, name in enumerate(("level", "upper", "turns")):
        cells[:, names.index(name)] = [row[at] for row in told]
    cells[:-1, names.index("has_next")] = 1
    others = list(filling.cells)
    others[index] = cells
    return Trace(program, others, filling.public_values, filling.rows)


@pytest.mark.parametrize(("sentence", "told"), LEVEL_CHEATS)
def test_another_table_of_levels_breaks_one_sentence(sentence: str, told: list[list[int]]) -> None:
    program = among_counterparts(TreeLevel)
    assert broken(program, TreeLevel, level_trace(levels(32))) == []
    found = {at for at, _ in broken(program, TreeLevel, level_trace(told))}
    assert {program[TreeLevel.name].constraints[at].sentence for at in found} == {sentence}


def test_every_constraint_of_the_levels_has_its_cheat() -> None:
    program = among_counterparts(TreeLevel)
    found = {
        at for _, told in LEVEL_CHEATS for at, _ in broken(program, TreeLevel, level_trace(told))
    }
    assert found == set(constraints_of(program, TreeLevel))


def rehashed(nodes: list[Row], leaves: list[Row]) -> list[Row]:
    """The nodes with hashes that follow from leaves and siblings, from the words up."""
    told = {(0, leaf["account"], leaf["slot"]): leaf for leaf in leaves}
    rows = []
    for row in sorted(nodes, key=lambda row: row["level"]):
        row = dict(row)
        for side, name in enumerate(("left", "right")):
            up = row["upper"]
            account = 2 * row["account"] + side if up else row["account"]
            child = told.get((row["level"] - 1, account, 0 if up else 2 * row["slot"] + side))
            if child is not None and row[f"{name}_touched"]:
                row |= {f"{tree}_{name}": child[tree] for tree in SIDES}
        for tree in SIDES:
            row[tree] = compress(row[f"{tree}_left"], row[f"{tree}_right"])
        told[row["level"], row["account"], row["slot"]] = row
        rows.append(row)
    return rows


def lie(change: Callable[[list[Row], list[Row]], None], *, honest: Scene | None = None) -> set[str]:
    """What refuses changed nodes and leaves, every hash computed, when the rest is as it was."""
    told = plain() if honest is None else honest
    nodes = [dict(row) for row in told.rows[TreeNode.name]]
    leaves = [dict(row) for row in told.rows[TreeLeaf.name]]
    change(nodes, leaves)
    return scene(rehashed(nodes, leaves), leaves, told.around).refusals


def leaf_at(rows: list[Row], account: int, slot: int) -> Row:
    (row,) = (row for row in rows if (row["account"], row["slot"]) == (account, slot))
    return row


def node_above(rows: list[Row], account: int, slot: int, level: int) -> Row:
    place = place_of(level, Address(account, slot).leaf >> level)
    (row,) = (row for row in rows if (row["level"], row["account"], row["slot"]) == place)
    return row


def test_what_a_lie_starts_from_is_accepted() -> None:
    assert lie(lambda nodes, leaves: None) == set()


@pytest.mark.parametrize(
    ("account", "slot", "buses"),
    [
        (7, 200, {"bus node", "bus memory"}),
        (1, 9, {"bus node", "bus memory", "bus data"}),
    ],
)
def test_a_leaf_is_opened_once(account: int, slot: int, buses: set[str]) -> None:
    def twice(nodes: list[Row], leaves: list[Row]) -> None:
        leaves.append(dict(leaf_at(leaves, account, slot)))

    assert lie(twice) == buses


def test_a_leaf_that_nobody_uses_needs_a_path_all_the_same() -> None:
    idle = {"old": ONE, "new": ONE, "closed": 0, "posted": 0, "ordinal": 0}

    def invented(at: Address) -> Callable[[list[Row], list[Row]], None]:
        return lambda nodes, leaves: leaves.append(at._asdict() | idle)

    for at in (
        Address(1, 0),
        Address(5, 5),
        Address(1, 256),
        Address(1 << 24, 0),
        Address(P - 1, 0),
    ):
        assert lie(invented(at)) == {"bus node"}


def test_what_is_opened_and_not_used_changes_nothing() -> None:
    one = {Address(1, 0): ONE}
    told = passing(one, one, read=(Address(1, 0), LAST))
    (row,) = (row for row in told.rows[TreeLeaf.name] if row["account"] == LAST.account)
    leaves = [leaf | {"closed": 0} if leaf == row else leaf for leaf in told.rows[TreeLeaf.name]]
    around = told.around | {
        name: [said for said in told.around[name] if said["account"] != LAST.account]
        for name in ("receives memory", "sends memory")
    }
    assert replace(told, rows=told.rows | {TreeLeaf.name: leaves}, around=around).refusals == set()


@pytest.mark.parametrize("level", [1, 5, 8, 9, 20, 32])
@pytest.mark.parametrize("trees", [("old",), ("new",), SIDES])
def test_a_wrong_sibling_leads_to_another_root(level: int, trees: tuple[str, ...]) -> None:
    def wrong(nodes: list[Row], leaves: list[Row]) -> None:
        row = node_above(nodes, *FIRST, level)
        side = "left" if not row["left_touched"] else "right"
        for tree in trees:
            row[f"{tree}_{side}"] = ONE

    found = lie(wrong, honest=passing({}, {FIRST: ONE}))
    same = set() if trees == SIDES else {"the right child stays as it is when untouched"}
    assert found == {"bus node"} | same


def test_an_empty_subtree_is_known_by_its_hash() -> None:
    told = passing({}, {FIRST: ONE})
    for level in range(1, 33):
        row = node_above(told.rows[TreeNode.name], *FIRST, level)
        assert row["old_right"] == row["new_right"] == EMPTY_SUBTREES[level - 1]


def test_a_hash_is_the_childrens() -> None:
    nodes = [dict(row) for row in plain().rows[TreeNode.name]]
    for tree in SIDES:
        changed = [dict(row) for row in nodes]
        changed[0][tree] = ONE
        assert plain().lying(tree_node=changed) == {"bus node", "bus compression"}
        swapped = [dict(row) for row in nodes]
        row = node_above(swapped, 7, 200, 1)
        row[f"{tree}_left"], row[f"{tree}_right"] = row[f"{tree}_right"], row[f"{tree}_left"]
        assert plain().lying(tree_node=swapped) >= {"bus compression"}


@pytest.mark.parametrize("level", [1, 2, 8, 9, 31, 32])
def test_a_subtree_is_not_left_out(level: int) -> None:
    """The word is read, so nothing above it changes: still its leaf is missed."""

    def left_out(nodes: list[Row], leaves: list[Row]) -> None:
        row = node_above(nodes, *VENUE_ADDRESS, level)
        name = "right" if VENUE_ADDRESS.leaf >> (level - 1) & 1 else "left"
        row[f"{name}_touched"] = 0

    assert lie(left_out) == {"bus node"}

    def left_out_below(nodes: list[Row], leaves: list[Row]) -> None:
        left_out(nodes, leaves)
        leaves.remove(leaf_at(leaves, *VENUE_ADDRESS))
        for under in range(1, level):
            nodes.remove(node_above(nodes, *VENUE_ADDRESS, under))

    assert lie(left_out_below) == {"bus memory"}


def test_a_change_is_not_left_out() -> None:
    def left_out(nodes: list[Row], leaves: list[Row]) -> None:
        leaf = leaf_at(leaves, 1, 9)
        leaf["new"] = leaf["old"]

    assert lie(left_out) == {"bus node", "bus memory", "bus data"}


def test_a_change_is_not_made_up() -> None:
    def made_up(nodes: list[Row], leaves: list[Row]) -> None:
        leaf_at(leaves, *VENUE_ADDRESS)["new"] = ONE

    found = lie(made_up)
    assert found == {"bus node", "bus memory", "an unposted word did not change"}


@pytest.mark.parametrize("name", SIDES)
def test_a_leaf_has_the_words_of_both_trees(name: str) -> None:
    leaves = [dict(row) for row in plain().rows[TreeLeaf.name]]
    leaf_at(leaves, 1, 9)[name] = (9,) * 8
    assert plain().lying(tree_leaf=leaves) >= {"bus node", "bus memory"}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"posted": 0, "ordinal": 0}, {"bus data", "an unposted word did not change"}),
        ({"ordinal": 0}, {"bus data"}),
        ({"ordinal": 3}, {"bus data"}),
        ({"closed": 1}, {"bus memory"}),
        ({"closed": 0}, {"bus memory"}),
    ],
)
def test_a_changed_word_is_closed_and_posted(changes: Row, refused: set[str]) -> None:
    def changed(nodes: list[Row], leaves: list[Row]) -> None:
        leaf_at(leaves, 1, 9).update(changes)

    assert leaf_at(plain().rows[TreeLeaf.name], 1, 9)["ordinal"] == 2
    assert lie(changed) == refused


def test_a_word_that_did_not_change_is_posted_where_the_section_has_it() -> None:
    def posted(nodes: list[Row], leaves: list[Row]) -> None:
        leaf_at(leaves, *VENUE_ADDRESS).update(posted=1, ordinal=3)

    assert lie(posted) == {"bus data"}
    leaves = [dict(row) for row in plain().rows[TreeLeaf.name]]
    posted([], leaves)
    said = plain().around["receives data"] + list(record(leaf_at(leaves, *VENUE_ADDRESS)))
    told = replace(plain(), around=plain().around | {"receives data": said})
    assert told.lying(tree_leaf=leaves) == set()


def test_two_words_are_not_posted_as_one_record() -> None:
    """The address of one word and the value of another, at each other's ordinals."""

    def mixed(nodes: list[Row], leaves: list[Row]) -> None:
        one, other = leaf_at(leaves, 1, 8), leaf_at(leaves, 1, 9)
        one["ordinal"], other["ordinal"] = other["ordinal"], one["ordinal"]

    assert lie(mixed) == {"bus data"}


@pytest.mark.parametrize(
    ("level", "changes", "refused"),
    [
        (32, {"account": 1}, {"bus node"}),
        (32, {"slot": 1}, {"bus node"}),
        (31, {"account": 2}, {"bus node"}),
        (9, {"account": 8}, {"bus node"}),
        (8, {"account": 8}, {"bus node"}),
        (8, {"slot": 1}, {"bus node"}),
        (3, {"slot": 32}, {"bus node"}),
        (1, {"slot": 101}, {"bus node"}),
        (9, {"upper": 0}, {"bus node", "bus tree_level"}),
        (8, {"upper": 1}, {"bus node", "bus tree_level"}),
        (32, {"level": 31}, {"bus node"}),
        (32, {"level": 33}, {"bus node", "bus tree_level"}),
        (1, {"level": 0}, {"bus node", "bus tree_level"}),
        (1, {"level": P - 1}, {"bus node", "bus tree_level"}),
    ],
)
def test_a_node_is_in_its_place(level: int, changes: Row, refused: set[str]) -> None:
    nodes = [dict(row) for row in plain().rows[TreeNode.name]]
    node_above(nodes, 7, 200, level).update(changes)
    assert plain().lying(tree_node=nodes) == refused


@pytest.mark.parametrize("level", [1, 8, 9, 31, 32])
def test_a_node_is_opened_once(level: int) -> None:
    """A second root, and a second path from any height: of another state, or of the same."""
    nodes = [dict(row) for row in plain().rows[TreeNode.name]]
    twice = dict(node_above(nodes, *VENUE_ADDRESS, level))
    assert plain().lying(tree_node=[*nodes, twice]) == {"bus node"}
    other = passing({FIRST: TWO}, {FIRST: ONE})
    path = [dict(row) for row in other.rows[TreeNode.name] if row["level"] <= level]
    rows = {
        name: [*plain().rows[name], *(path if name == TreeNode.name else other.rows[name])]
        for name in plain().rows
    }
    around = {name: [*said, *other.around.get(name, [])] for name, said in plain().around.items()}
    around["sends node"] = plain().around["sends node"]
    told = replace(plain(), rows=rows, around=around)
    assert told.refusals == {"bus node"}


@pytest.mark.parametrize("upper", [0, 1])
def test_bits_of_an_account_are_not_bits_of_a_slot(upper: int) -> None:
    """On the way to the first leaf both are zero: nothing but the level tells them apart."""
    told = passing({}, {FIRST: ONE})
    nodes = [row | {"upper": upper} for row in told.rows[TreeNode.name]]
    assert told.lying(tree_node=nodes) == {"bus tree_level"}


def test_a_path_does_not_go_on_below_the_words() -> None:
    """A word that is itself a compression is no node."""
    inner: Word = compress(ONE, TWO)
    told = passing({FIRST: inner}, {FIRST: inner}, read=(FIRST,))
    nodes = [dict(row) for row in told.rows[TreeNode.name]]
    below = {
        "level": 0,
        "upper": 0,
        "account": 0,
        "slot": 0,
        "old": inner,
        "new": inner,
        **{f"{tree}_left": ONE for tree in SIDES},
        **{f"{tree}_right": TWO for tree in SIDES},
        "left_touched": 1,
        "right_touched": 0,
    }
    deep = told.rows[TreeLeaf.name][0] | {"old": ONE, "new": ONE}
    states = [*told.rows[Poseidon2.name], {"state": (*ONE, *TWO)}]
    memories = {
        "receives memory": [memory(FIRST, 0, ONE)],
        "sends memory": [memory(FIRST, 2, ONE)],
    }
    lying = replace(
        told,
        rows={TreeNode.name: [*nodes, below], TreeLeaf.name: [deep], Poseidon2.name: states},
        around=told.around | memories,
    )
    assert lying.refusals == {"bus node", "bus tree_level"}


@pytest.mark.parametrize(
    ("table", "cell"),
    [
        (TreeNode, "left_touched"),
        (TreeNode, "right_touched"),
        (TreeNode, "upper"),
        (TreeLeaf, "posted"),
    ],
)
def test_a_bit_is_a_bit(table: Any, cell: str) -> None:
    told = plain()
    found = forged(told.program, table.name, cell, 2, told.rows, told.around)
    assert f"{cell} is a bit" in found


def test_two_traders_do_not_share_a_word() -> None:
    told = structure_of(batch_of(opened(), deposit(6, ALICE, USD), deposit(7, BOB, USD)))
    leaves = [dict(row) for row in told.rows[TreeLeaf.name]]
    leaf_at(leaves, ALICE, 8)["account"] = BOB
    assert told.lying(tree_leaf=leaves) == {"bus node", "bus memory", "bus data"}
