"""Wide integers: what does not fit 63 bits on the way comes out exact, or at the stated limit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.desk.wide_integers import LIMIT, narrow, wide, wide_div
from novate.units import Rounding, div

HUGE = st.integers(-(2**200), 2**200)


@given(st.lists(st.tuples(HUGE, st.integers(1, 2**62)), max_size=5), st.sampled_from(Rounding))
def test_elements_are_divided_each_for_itself(
    pairs: list[tuple[int, int]], rounding: Rounding
) -> None:
    a = np.array([one for one, _ in pairs], dtype=object)
    b = np.array([other for _, other in pairs], dtype=np.int64)
    assert wide_div(a, b, rounding).tolist() == [div(one, other, rounding) for one, other in pairs]
    assert wide_div(a, 7, rounding).tolist() == [div(one, 7, rounding) for one, _ in pairs]


def test_a_wide_divisor_is_above_zero() -> None:
    with pytest.raises(AssertionError):
        wide_div(wide(np.array([1, 2])), np.array([1, 0]), Rounding.FLOOR)


def test_products_of_wide_integers_do_not_wrap() -> None:
    most = np.array([2**63 - 1, -(2**63)])
    assert (wide(most) * most).tolist() == [(2**63 - 1) ** 2, 2**126]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (LIMIT - 1, LIMIT - 1),
        (LIMIT, LIMIT),
        (LIMIT + 1, LIMIT),
        (1 - LIMIT, 1 - LIMIT),
        (-LIMIT, -LIMIT),
        (-(2**200), -LIMIT),
    ],
)
def test_what_is_beyond_the_limit_becomes_it(value: int, kept: int) -> None:
    found = narrow(np.array([value], dtype=object))
    assert found.tolist() == [kept]
    assert found.dtype == np.int64


def test_256_positions_at_the_limit_add_up() -> None:
    assert 256 * LIMIT < 2**63
