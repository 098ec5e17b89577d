"""The parts of a signed number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.units import one_part_law, parts, parts_law


@pytest.mark.parametrize(("value", "expected"), [(-1, (0, 1)), (0, (0, 0)), (1, (1, 0))])
def test_a_number_has_one_part(value: int, expected: tuple[int, int]) -> None:
    assert parts(value) == expected


@given(st.integers(), st.integers(min_value=0), st.integers(min_value=0), st.booleans())
def test_the_laws_admit_the_parts_and_nothing_else(
    value: int, positive: int, negative: int, is_negative: bool
) -> None:
    laws = (
        parts_law(value, positive, negative),
        one_part_law(int(is_negative), positive, negative),
    )
    if laws == (0, 0):
        assert (positive, negative) == parts(value)


def test_the_laws_run_on_arrays() -> None:
    value = np.array([-5, 0, 7])
    positive, negative = np.maximum(value, 0), np.maximum(-value, 0)
    assert not parts_law(value, positive, negative).any()
    assert not one_part_law((value < 0).astype(np.int64), positive, negative).any()
    assert one_part_law((value > 0).astype(np.int64), positive, negative).any()
