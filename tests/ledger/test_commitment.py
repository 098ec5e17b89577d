"""The state tree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from immutables import Map

from novate.field import EMPTY_SUBTREES, Word, compress
from novate.ledger import EMPTY_TREE, Address, Tree, root_from_path, root_of

ABSENT: Word = (0, 0, 0, 0, 0, 0, 0, 0)

addresses = st.builds(Address, st.integers(0, 2**24 - 1) | st.integers(0, 3), st.integers(0, 255))
words = st.lists(st.integers(0, 5), min_size=8, max_size=8).map(lambda e: tuple(e))
mappings = st.dictionaries(addresses, words, max_size=12)


def slow_root(words: dict[Address, Word], level: int = 32, index: int = 0) -> Word:
    """The definition, read aloud."""
    inside = {a: w for a, w in words.items() if a.leaf >> level == index}
    if not any(any(w) for w in inside.values()):
        return EMPTY_SUBTREES[level]
    if level == 0:
        return next(iter(inside.values()))
    left = slow_root(inside, level - 1, 2 * index)
    return compress(left, slow_root(inside, level - 1, 2 * index + 1))


def test_the_empty_tree_has_the_empty_root() -> None:
    assert EMPTY_TREE.root == EMPTY_SUBTREES[32]
    assert root_of({}) == EMPTY_SUBTREES[32]


@settings(deadline=None, max_examples=40)
@given(mappings)
def test_the_root_is_that_of_the_definition(mapping: dict[Address, Word]) -> None:
    assert root_of(mapping) == slow_root(mapping)


@settings(deadline=None, max_examples=40)
@given(mappings, mappings)
def test_an_update_gives_the_tree_of_the_whole(
    first: dict[Address, Word], second: dict[Address, Word]
) -> None:
    updated = EMPTY_TREE.updated(first).updated(second)
    assert updated == EMPTY_TREE.updated(first | second)


@settings(deadline=None, max_examples=20)
@given(mappings)
def test_what_becomes_absent_leaves_no_node(mapping: dict[Address, Word]) -> None:
    tree = EMPTY_TREE.updated(mapping).updated(dict.fromkeys(mapping, ABSENT))
    assert tree.nodes == Map()


@settings(deadline=None, max_examples=20)
@given(mappings, addresses)
def test_a_path_leads_to_the_root_from_its_word_alone(
    mapping: dict[Address, Word], address: Address
) -> None:
    tree, value = EMPTY_TREE.updated(mapping), mapping.get(address, ABSENT)
    path = tree.path(address)
    assert len(path) == 32
    assert root_from_path(address, value, path) == tree.root
    other = ((value[0] + 1) % 7, *value[1:])
    assert root_from_path(address, other, path) != tree.root  # type: ignore[arg-type]


def test_a_path_belongs_to_one_address() -> None:
    mapping = {Address(1, 8): (1,) * 8, Address(2, 8): (2,) * 8}
    tree = EMPTY_TREE.updated(mapping)  # type: ignore[arg-type]
    path = tree.path(Address(1, 8))
    assert root_from_path(Address(2, 8), (1,) * 8, path) != tree.root  # type: ignore[arg-type]


def test_the_two_children_do_not_commute() -> None:
    one: Word = (1, 0, 0, 0, 0, 0, 0, 0)
    assert root_of({Address(0, 0): one}) != root_of({Address(0, 1): one})


def test_a_path_has_a_sibling_for_each_level() -> None:
    with pytest.raises(AssertionError):
        root_from_path(Address(0, 0), ABSENT, ())


def test_a_tree_is_a_value() -> None:
    first = EMPTY_TREE.updated({Address(1, 1): (1,) * 8})  # type: ignore[dict-item]
    second = first.updated({Address(1, 1): (2,) * 8})  # type: ignore[dict-item]
    assert first.root != second.root
    assert isinstance(first, Tree) and first.node(level=0, index=257) == (1,) * 8
