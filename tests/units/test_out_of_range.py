"""Ranges include their low end and exclude their high end."""

import pickle

import pytest

from novate.units import OutOfRange, within


@pytest.mark.parametrize("value", [3, 4, 9])
def test_a_number_inside_passes(value: int) -> None:
    within("number", value, low=3, high=10)


@pytest.mark.parametrize("value", [2, 10, 11])
def test_a_number_outside_is_refused_with_its_range(value: int) -> None:
    with pytest.raises(OutOfRange) as refused:
        within("number", value, low=3, high=10)
    assert str(refused.value) == f"number {value} is outside [3, 10)"
    assert (refused.value.value, refused.value.low, refused.value.high) == (value, 3, 10)


def test_it_crosses_from_one_process_to_another() -> None:
    error = OutOfRange(what="price", value=-1, low=0, high=8)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.what, again.value, again.low, again.high) == ("price", -1, 0, 8)
