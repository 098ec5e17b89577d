import numpy as np
import pytest

from novate.units.choice import larger, smaller


@pytest.mark.parametrize(("a", "b"), [(-1, 0), (0, 0), (3, 2), (2**62, -(2**62))])
def test_of_two_one_is_the_larger_and_the_other_the_smaller(a: int, b: int) -> None:
    assert (larger(a, b), smaller(a, b)) == (max(a, b), min(a, b))
    assert isinstance(larger(a, b), int)


def test_arrays_are_compared_element_by_element() -> None:
    a, b = np.array([1, 5, -3]), np.array([2, 4, -3])
    assert larger(a, b).tolist() == [2, 5, -3]
    assert smaller(a, 0).tolist() == [0, 0, -3]
