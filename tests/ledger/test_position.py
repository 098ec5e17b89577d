"""What an account holds of one instrument."""

import pytest

from novate.field import P
from novate.ledger import Position, position_law


@pytest.mark.parametrize("size_e3", [1 - 2**27, -1, 1, 2**27 - 1])
def test_a_position_survives_the_way_there_and_back(size_e3: int) -> None:
    assert Position.decode(Position(3, size_e3).encode()) == Position(3, size_e3)


def test_a_short_is_written_below_the_field_order() -> None:
    assert Position(3, -1).encode() == (3, P - 1, 0, 0, 0, 0, 0, 0)


def test_an_empty_position_has_the_absent_word_whatever_it_was() -> None:
    assert Position(3, 0).encode() == (0,) * 8
    assert Position.decode((0,) * 8).is_empty
    assert not Position(3, 1).is_empty


@pytest.mark.parametrize("size_e3", [-(2**27), 2**27])
def test_a_position_beyond_its_width_is_never_stored(size_e3: int) -> None:
    with pytest.raises(AssertionError):
        Position(3, size_e3).encode()


@pytest.mark.parametrize(("size_e3", "short_e3"), [(-7, 7), (0, 0), (7, 0)])
def test_only_a_short_is_an_obligation(size_e3: int, short_e3: int) -> None:
    assert Position(3, size_e3).short_e3 == short_e3


def test_the_law_refuses_what_is_one_off() -> None:
    assert position_law(1, -3, 5, 2) == 0 != position_law(1, -3, 5, 3)
    assert position_law(-1, -3, 5, -8) == 0 != position_law(-1, -3, 5, 2)
