"""Division names its direction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.units import Rounding, div, floor_and_rest, quotient_law


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
    assert div(np.array([a]), b, Rounding.FLOOR).tolist() == [floor]
    assert div(a, np.array([b]), Rounding.CEIL).tolist() == [ceil]


@given(st.integers(), st.integers(min_value=1))
def test_the_two_directions_enclose_the_quotient(a: int, b: int) -> None:
    floor, ceil = div(a, b, Rounding.FLOOR), div(a, b, Rounding.CEIL)
    assert floor * b <= a <= ceil * b
    assert ceil - floor == (a % b != 0)


@given(st.integers(), st.integers(min_value=1), st.integers(-2, 2))
def test_the_law_admits_the_floor_alone_and_mirrored_the_ceiling_alone(
    a: int, b: int, off: int
) -> None:
    floor, ceil = div(a, b, Rounding.FLOOR) + off, div(a, b, Rounding.CEIL) + off
    left, lacking = a - floor * b, ceil * b - a
    assert quotient_law(a, b, floor, left) == quotient_law(-a, b, -ceil, lacking) == 0
    assert (0 <= left < b) is (0 <= lacking < b) is (off == 0)
    assert quotient_law(a, b, floor, left + 1) != 0


@given(st.integers(), st.integers(min_value=1))
def test_floor_and_rest_are_the_number_again(a: int, b: int) -> None:
    whole, rest = floor_and_rest(a, b)
    assert whole == div(a, b, Rounding.FLOOR)
    assert 0 <= rest < b
    assert quotient_law(a, b, whole, rest) == 0


wide = st.integers(1 - 2**63, 2**63 - 1)


@given(st.lists(st.tuples(wide, st.integers(1, 2**63 - 1)), min_size=1))
def test_arrays_give_what_their_elements_give(pairs: list[tuple[int, int]]) -> None:
    a, b = (np.array(column) for column in zip(*pairs, strict=True))
    for rounding in Rounding:
        expected = [div(one, other, rounding) for one, other in pairs]
        assert div(a, b, rounding).tolist() == expected
        assert div(a, b, rounding).dtype == np.int64
    whole, rest = floor_and_rest(a, b)
    assert list(zip(whole, rest, strict=True)) == [floor_and_rest(*pair) for pair in pairs]


def test_shapes_broadcast() -> None:
    rows = div(np.array([[7], [-7]]), np.array([2, 3, 4]), Rounding.CEIL)
    assert rows.tolist() == [[4, 3, 2], [-3, -2, -1]]


@pytest.mark.parametrize("b", [0, -1, np.array([1, 0]), np.array([1, -1])])
def test_a_divisor_is_above_zero(b: int) -> None:
    with pytest.raises(AssertionError):
        div(1, b, Rounding.FLOOR)
    with pytest.raises(AssertionError):
        floor_and_rest(1, b)


@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.uint64])
def test_only_arrays_of_int64_are_divided(dtype: type) -> None:
    with pytest.raises(AssertionError):
        div(np.ones(2, dtype=dtype), 1, Rounding.FLOOR)
