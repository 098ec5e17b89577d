"""The state tree: 2**32 words under one root, by Poseidon2 (formats.md, section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from immutables import Map

from novate.field import EMPTY_SUBTREES, Word, compress, compress_many
from novate.ledger.address import Address
from novate.units import bounds

_DEPTH: Final = bounds.TREE_DEPTH
_ROOT: Final = 1


@dataclass(frozen=True, slots=True)
class Tree:
    """A version of the tree; updating gives another one that shares what did not change.

    Nodes are numbered from the root, 1; the children of k are 2 k and 2 k + 1, the words are 2**32
    + leaf. Only nodes that differ from an empty subtree are held.
    """

    nodes: Map[int, Word]

    @property
    def root(self) -> Word:
        """The commitment to every word."""
        return self.node(level=_DEPTH, index=0)

    def node(self, *, level: int, index: int) -> Word:
        """The hash at a level (0 the words, 32 the root) and an index in it."""
        return self.nodes.get(1 << (_DEPTH - level) | index, EMPTY_SUBTREES[level])

    def path(self, address: Address) -> tuple[Word, ...]:
        """The siblings of a word and of the nodes above it, from the words up: 32 of them."""
        return tuple(
            self.node(level=level, index=address.leaf >> level ^ 1) for level in range(_DEPTH)
        )

    def updated(self, words: Mapping[Address, Word]) -> "Tree":
        """The tree with these words in their places; each node above them is hashed once."""
        if not words:
            return self
        nodes = self.nodes.mutate()
        dirty = {1 << _DEPTH | address.leaf: value for address, value in words.items()}
        for level in range(_DEPTH):
            empty = EMPTY_SUBTREES[level]
            for node, value in dirty.items():
                if value != empty:
                    nodes[node] = value
                elif node in nodes:
                    del nodes[node]
            parents = sorted({node >> 1 for node in dirty})
            left = [nodes.get(parent << 1, empty) for parent in parents]
            right = [nodes.get(parent << 1 | 1, empty) for parent in parents]
            dirty = dict(zip(parents, compress_many(left, right), strict=True))
        if dirty[_ROOT] == EMPTY_SUBTREES[_DEPTH]:
            return EMPTY_TREE
        nodes[_ROOT] = dirty[_ROOT]
        return Tree(nodes.finish())


EMPTY_TREE: Final = Tree(Map())
"""The tree of absent words."""


def root_of(words: Mapping[Address, Word]) -> Word:
    """The root of a state that holds these words and nothing else."""
    return EMPTY_TREE.updated(words).root


def root_from_path(address: Address, value: Word, path: tuple[Word, ...]) -> Word:
    """The root that a word and its path lead to: that of every state with this word there."""
    assert len(path) == _DEPTH
    for level, sibling in enumerate(path):
        is_right = address.leaf >> level & 1
        value = compress(sibling, value) if is_right else compress(value, sibling)
    return value
