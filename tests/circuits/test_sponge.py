"""What a sponge runs through, for the rows of circuits: the ledger's digest, state by state."""

import pytest

from novate.circuits.sponge import States, absorb
from novate.field import Tag, permute, sponge

ELEMENTS = tuple(range(100, 140))


@pytest.mark.parametrize("length", [1, 7, 8, 9, 15, 16, 17, 24, 40])
@pytest.mark.parametrize("tag", list(Tag))
def test_the_last_state_holds_the_ledgers_digest(length: int, tag: Tag) -> None:
    outs = absorb(tag, ELEMENTS[:length], {})
    assert outs[-1][:8] == sponge(tag, ELEMENTS[:length])
    assert len(outs) == -(-length // 8)


@pytest.mark.parametrize("length", [1, 8, 9, 24])
def test_every_state_is_handed_on_to_be_proven(length: int) -> None:
    states: States = {}
    outs = absorb(Tag.DATA, ELEMENTS[:length], states)
    assert [permute(state) for state in states] == outs
    capacities = [state[8:] for state in states]
    assert capacities == [(length, int(Tag.DATA), 0, 0, 0, 0, 0, 0), *(o[8:] for o in outs[:-1])]
    padded = (*ELEMENTS[:length], *(0,) * (-length % 8))
    assert [e for state in states for e in state[:8]] == list(padded)


def test_a_state_is_proven_once() -> None:
    states: States = {}
    absorb(Tag.KEY, ELEMENTS, states)
    before = dict(states)
    absorb(Tag.KEY, ELEMENTS, states)
    assert states == before
    absorb(Tag.KEY, ELEMENTS[:-1], states)
    assert len(states) == 2 * len(before)


def test_nothing_has_no_state() -> None:
    states: States = {}
    assert absorb(Tag.DATA, (), states) == []
    assert states == {}


@pytest.mark.parametrize(
    ("tag", "elements"),
    [
        (Tag.KEY, ELEMENTS),
        (Tag.DATA, ELEMENTS[:-1]),
        (Tag.DATA, (*ELEMENTS, 0)),
        (Tag.DATA, (*ELEMENTS[:-1], 0)),
        (Tag.DATA, (0, *ELEMENTS)),
    ],
)
def test_tag_length_and_zeros_count(tag: Tag, elements: tuple[int, ...]) -> None:
    assert absorb(tag, elements, {})[-1][:8] != absorb(Tag.DATA, ELEMENTS, {})[-1][:8]


def test_zeros_at_the_end_are_told_by_the_length_alone() -> None:
    """A word that is padded with zeros and one that ends in them are absorbed alike but for their
    length: a table that left it free would prove one for the other."""
    short: States = {}
    long: States = {}
    absorb(Tag.DATA, ELEMENTS[:7], short)
    absorb(Tag.DATA, (*ELEMENTS[:7], 0), long)
    ((one,), (other,)) = (tuple(short), tuple(long))
    assert one[:8] == other[:8]
    assert [i for i in range(16) if one[i] != other[i]] == [8]
