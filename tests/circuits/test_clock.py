"""The clock of a batch: instants in order, and how long ago each word was touched."""

import pytest

from novate.circuits.buses import TIME_BITS, TIME_END
from novate.circuits.clock import Clock
from novate.ledger import Address

HERE, THERE = Address(1, 8), Address(2, 8)


def test_transactions_come_after_the_statements_first_instant_in_order() -> None:
    clock = Clock()
    assert [clock.tick() for _ in range(4)] == [2, 3, 4, 5]


def test_a_gap_names_the_instant_of_the_access_before() -> None:
    clock = Clock()
    before = 0
    for time in (1, 2, 7, TIME_END):
        gap = clock.gap(HERE, time)
        assert time - 1 - gap == before
        assert 0 <= gap < 1 << TIME_BITS
        before = time
    assert clock.gap(THERE, TIME_END) == TIME_END - 1


def test_each_word_is_remembered_by_itself() -> None:
    clock = Clock()
    assert clock.touched == frozenset()
    assert clock.last(HERE) == 0
    clock.gap(HERE, 3)
    clock.gap(THERE, 3)
    clock.gap(HERE, 5)
    assert (clock.last(HERE), clock.last(THERE)) == (5, 3)
    assert clock.touched == {HERE, THERE}


@pytest.mark.parametrize("time", [4, 5])
def test_a_word_is_not_touched_at_or_before_its_last_instant(time: int) -> None:
    clock = Clock()
    clock.gap(HERE, 5)
    with pytest.raises(AssertionError, match="was touched after"):
        clock.gap(HERE, time)
    assert clock.gap(HERE, 6) == 0


def test_a_batch_ends_before_the_statements_last_instant() -> None:
    clock = Clock()
    clock._now = TIME_END - 2
    assert clock.tick() == TIME_END - 1
    with pytest.raises(OverflowError, match="close it earlier"):
        clock.tick()
