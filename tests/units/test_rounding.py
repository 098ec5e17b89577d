"""Division names its direction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.units import Rounding, div


@pytest.mark.parametrize(
    ("a", "b", "floor", "ceil"),
    [
        (9, 10, 0, 1),
        (10, 10, 1, 1),
        (11, 10, 1, 2),
        (0, 10, 0, 0),
        (-1, 10, -1, 0),
        (-11, 10, -2, -1),
    ],
)
def test_floor_goes_down_and_ceil_goes_up_also_below_zero(
    a: int, b: int, floor: int, ceil: int
) -> None:
    assert div(a, b, Rounding.FLOOR) == floor
    assert div(a, b, Rounding.CEIL) == ceil


@given(st.integers(), st.integers(min_value=1))
def test_the_two_directions_enclose_the_quotient(a: int, b: int) -> None:
    floor, ceil = div(a, b, Rounding.FLOOR), div(a, b, Rounding.CEIL)
    assert floor * b <= a <= ceil * b
    assert ceil - floor == (a % b != 0)


def test_a_divisor_is_above_zero() -> None:
    with pytest.raises(AssertionError):
        div(1, 0, Rounding.FLOOR)
