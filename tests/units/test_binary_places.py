"""Binary places dropped, each time in a direction with a name."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.units import down, nearest

values = st.integers(-(1 << 62), 1 << 62)
places = st.integers(1, 61)


@pytest.mark.parametrize(
    ("value", "floor_value", "nearest_value"),
    [
        (-5, -2, -1),
        (-4, -1, -1),
        (-3, -1, -1),
        (-2, -1, 0),
        (-1, -1, 0),
        (0, 0, 0),
        (1, 0, 0),
        (2, 0, 1),
        (3, 0, 1),
        (4, 1, 1),
        (5, 1, 1),
        (6, 1, 2),
    ],
)
def test_a_quarter_goes_down_or_to_the_nearest_and_a_half_up(
    value: int, floor_value: int, nearest_value: int
) -> None:
    assert (down(value, 2), nearest(value, 2)) == (floor_value, nearest_value)


@given(values, places)
def test_they_are_the_floor_and_the_nearest_of_the_exact_quotient(value: int, places: int) -> None:
    exact = Fraction(value, 1 << places)
    assert down(value, places) == floor(exact)
    assert -Fraction(1, 2) < nearest(value, places) - exact <= Fraction(1, 2)


@given(st.lists(values, min_size=1, max_size=9), places)
def test_arrays_give_what_their_integers_give(several: list[int], places: int) -> None:
    array = np.array(several, dtype=np.int64)
    for rule in (down, nearest):
        assert rule(array, places).tolist() == [rule(value, places) for value in several]
