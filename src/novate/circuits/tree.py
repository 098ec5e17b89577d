"""The state tree as tables: one pass over old and new root, every touched node once before and once
after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from novate.air import (
    Expression,
    Row,
    Statement,
    Table,
    bit,
    element,
    equal,
    equals,
    first,
    followed,
    last,
    lookup,
    lookup_bus,
    provide,
    receive,
    send,
    vector,
    when,
    zero,
)
from novate.circuits.buses import COMPRESSION, DATA, MEMORY, NODE, RECORD_CHUNK
from novate.units import bounds

LEVEL = lookup_bus(
    "tree_level",
    "a level of the tree above the words; upper when its children are told apart by an account bit",
    level=element(),
    upper=element(),
)


class TreeLevel(Table):
    """The levels 1 to 32, and which of them are above whole accounts.

    Soundness. Whoever looks up `tree_level(level, upper)` knows 1 <= level <= 32 and upper = (level
    > 8).
    Determined: counted, so there is one filling: level counts up from 1 in the first row, `upper`
    turns from 0 to 1 once, where level becomes 9, and the last row says 32 and `upper`.
    """

    counted = bounds.TREE_DEPTH
    level = element()
    upper = bit()
    turns = bit()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield from first(
            equal("levels start at 1", row.level, 1), equal("below the accounts", row.upper, 0)
        )
        yield from followed(
            equal("levels count up", row.next.level, row.level + 1),
            equal("upper begins once", row.next.upper, row.upper + row.turns),
        )
        yield from when(row.turns, equal("after the level of slots", row.level, bounds.SLOT_BITS))
        yield from last(
            equal("levels end at 32", row.level, bounds.TREE_DEPTH),
            equal("above the accounts", row.upper, 1),
        )
        yield provide(LEVEL, level=row.level, upper=row.upper)

    @classmethod
    def kernel(cls, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        level = np.arange(1, bounds.TREE_DEPTH + 1, dtype=np.int64)
        return {
            "level": level,
            "upper": (level > bounds.SLOT_BITS).astype(np.int64),
            "turns": (level == bounds.SLOT_BITS).astype(np.int64),
        }


class TreeNode(Table):
    """One touched node above the words: its hash before and after the batch, from its children.

    Soundness. A node is received exactly as it was sent: from the statement (the root) or from its
    parent, so by induction from the root there is one row for each touched node and none for
    another place: the place of a child follows from that of its parent, by a bit of the account
    above level 8 and of the slot below, so an account has 24 bits and a slot 8. Both hashes are
    compressions of the children's; a child that is not touched is the same before and after. The
    level falls by one from parent to child and is looked up to lie in 1..32, so a path cannot go on
    below the words, and the only node of level 32 is the statement's.
    Determined: the places of both children by what is received, and their hashes as long as no
    collision of the compression is known; which of them are touched is free, but a word that memory
    needs has a leaf, and a leaf a path.
    """

    level = element()
    upper = bit()
    account, slot = element(), element()
    old, new = vector(element(), 8), vector(element(), 8)
    old_left, old_right = vector(element(), 8), vector(element(), 8)
    new_left, new_right = vector(element(), 8), vector(element(), 8)
    left_touched, right_touched = bit(), bit()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield receive(
            NODE, level=row.level, account=row.account, slot=row.slot, old=row.old, new=row.new
        )
        yield lookup(LEVEL, level=row.level, upper=row.upper)
        yield lookup(COMPRESSION, left=row.old_left, right=row.old_right, out=row.old)
        yield lookup(COMPRESSION, left=row.new_left, right=row.new_right, out=row.new)
        children = (
            ("left", 0, row.left_touched, row.old_left, row.new_left),
            ("right", 1, row.right_touched, row.old_right, row.new_right),
        )
        for name, side, touched, old, new in children:
            account, slot = _child(row, side)
            child = send(NODE, level=row.level - 1, account=account, slot=slot, old=old, new=new)
            same = equals(f"the {name} child stays as it is when untouched", old, new)
            yield from when(touched, child)
            yield from when(1 - touched, same)


def _child(row: Row, side: int) -> tuple[Expression, Expression]:
    """Place of a child: one more bit of the account, or of the slot."""
    account = row.account + row.upper * (row.account + side)
    slot = (1 - row.upper) * (2 * row.slot + side)
    return account, slot


class TreeLeaf(Table):
    """One touched word: opened before the batch's first access to it, closed after its last.

    Soundness. The address and both values are the tree's (bus `node`, level 0); each address has at
    most one row, because it has one path. The word enters memory at instant 0 with its old value
    and leaves it with its new one. A word that changed is posted, both words of its record at one
    ordinal; one that is not posted did not change.
    Determined: the word it opens and the record, by what the tree sends and `ordinal`, which is
    free for a posted word: it is where among the chunks the record stands. So are `posted`, where
    nothing changed, and `closed`, which memory balances.
    """

    account, slot = element(), element()
    old, new = vector(element(), 8), vector(element(), 8)
    closed = element()
    posted = bit()
    ordinal = element()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        address: dict[str, Any] = {"account": row.account, "slot": row.slot}
        yield receive(NODE, level=0, **address, old=row.old, new=row.new)
        yield send(MEMORY, **address, time=0, word=row.old)
        yield receive(MEMORY, **address, time=row.closed, word=row.new)
        place = {"kind": RECORD_CHUNK, "ordinal": row.ordinal}
        where = (row.account, row.slot, 0, 0, 0, 0, 0, 0)
        yield from when(
            row.posted,
            send(DATA, **place, part=0, word=where),
            send(DATA, **place, part=1, word=row.new),
        )
        yield from when(
            1 - row.posted,
            equals("an unposted word did not change", row.old, row.new),
            zero("an unposted word has no ordinal", row.ordinal),
        )
