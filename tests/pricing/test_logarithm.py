"""Natural logarithms of prices, and of their ratios."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import log, mpf, nint

from novate.pricing import ln_q28, ln_ratio_q28, logarithm, reduction_law
from novate.units import bounds

from .exact import ONE_Q28, errors

TOP = 1 << bounds.PRICE_BITS
prices = st.integers(1, TOP)


def values() -> np.ndarray:
    """Small ones all, the borders of octaves, and draws of every length."""
    random = np.random.default_rng(3)
    borders = [int(2 ** (e + 0.5)) + step for e in range(34) for step in (-1, 0, 1, 2)]
    powers = [(1 << e) + step for e in range(35) for step in (-1, 0, 1)]
    drawn = np.exp(random.uniform(0, np.log(TOP), 5_000)).astype(np.int64)
    edges = np.array([*borders, *powers])
    return np.concatenate([np.arange(1, 2_000), drawn, edges[(edges >= 1) & (edges <= TOP)]])


def test_a_logarithm_is_within_its_bound() -> None:
    off = errors(ln_q28(values()), lambda x: log(mpf(x)), values(), scale=ONE_Q28)
    assert off.max() <= 3.2e-9 * ONE_Q28


def test_ln_2_is_ln_2() -> None:
    assert int(nint(log(mpf(2)) * 2**40)) == logarithm._LN2_Q40


def test_a_logarithm_never_falls_and_is_zero_at_one() -> None:
    assert np.all(np.diff(ln_q28(np.unique(values()))) >= 0)
    assert ln_q28(np.array([1])) == 0


@given(prices, prices)
def test_a_ratio_is_within_its_bound_antisymmetric_and_zero_at_equality(a: int, b: int) -> None:
    ratio = int(ln_ratio_q28(np.int64(a), np.int64(b)))
    assert abs(ratio - log(mpf(a) / b) * ONE_Q28) <= 6.4e-9 * ONE_Q28
    assert int(ln_ratio_q28(np.int64(b), np.int64(a))) == -ratio
    assert int(ln_ratio_q28(np.int64(a), np.int64(a))) == 0


@given(prices, prices, prices)
def test_ratios_add_up_exactly(a: int, b: int, c: int) -> None:
    through = ln_ratio_q28(np.int64(a), np.int64(b)) + ln_ratio_q28(np.int64(b), np.int64(c))
    assert int(through) == int(ln_ratio_q28(np.int64(a), np.int64(c)))


@pytest.mark.parametrize(("step", "holds"), [(-1, False), (0, True), (1, False)])
def test_the_law_of_the_reduction_holds_for_the_nearest_alone(step: int, holds: bool) -> None:
    value = values().astype(object)  # the law has 64 bits and a sign
    power = np.left_shift(1, np.rint(np.log2(values())).astype(np.int64)).astype(object)
    total, difference = value + power, value - power
    z = ((difference << 30) + total // 2) // total + step
    rest = difference * (2 << 30) + total - 2 * z * total
    assert not reduction_law(value, power, z, rest).any()
    assert np.all(((rest >= 0) & (rest < 2 * total)) == holds)
    assert reduction_law(value, power, z, rest + 1).all()
