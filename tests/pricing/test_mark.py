"""Marks of options, perpetuals and of forwards that are settling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.pricing import (
    NotBooleans,
    Smiles,
    Svi,
    basis_bound_law,
    basis_law,
    call_e3,
    fixed_part_law,
    following_basis_e6,
    implied_vol_e6,
    option_marks_e3,
    perpetual_mark_e3,
    settling_parts_e3,
    variable_part_law,
)
from novate.pricing.mark import MEMORY_MAX_S
from novate.units import OutOfRange, bounds

PRICE_MAX = (1 << bounds.PRICE_BITS) - 1
SMILE = Svi(a_e6=120_000, b_e6=250_000, rho_e6=-300_000, m_e6=50_000, s_e6=400_000)


def test_marks_are_black_on_the_smile_and_puts_obey_parity_exactly() -> None:
    strikes = np.repeat(np.arange(40, 240, 10) * 10**6, 2)
    is_call = np.tile([False, True], 20)
    marks = option_marks_e3(SMILE, 92_000_000, strikes, is_call, 2_592_000)
    vol = implied_vol_e6(SMILE, 92_000_000, strikes, 2_592_000)
    assert (marks[1::2] == call_e3(92_000_000, strikes, vol, 2_592_000)[1::2]).all()
    assert (marks[1::2] - marks[::2] == 92_000_000 - strikes[::2]).all()
    assert (marks[::2] >= np.maximum(strikes[::2] - 92_000_000, 0)).all()


def test_marks_of_many_expiries_are_those_of_each() -> None:
    other = Svi(a_e6=300_000, b_e6=100_000, rho_e6=0, m_e6=0, s_e6=200_000)
    strikes, is_call = np.array([90, 90]) * 10**6, np.array([True, False])
    both = option_marks_e3(
        Smiles.of([SMILE, other], np.array([0, 1])),
        np.array([91, 93]) * 10**6,
        strikes,
        is_call,
        np.array([86_400, 10**7]),
    )
    first = option_marks_e3(SMILE, 91 * 10**6, strikes[:1], is_call[:1], 86_400)
    second = option_marks_e3(other, 93 * 10**6, strikes[1:], is_call[1:], 10**7)
    assert both.tolist() == [*first.tolist(), *second.tolist()]


def test_a_letter_is_no_side_of_a_mark() -> None:
    with pytest.raises(NotBooleans):
        option_marks_e3(SMILE, 10**8, np.array([10**8]), ["P"], 3_600)


def test_an_expired_option_has_no_mark_on_a_smile() -> None:
    with pytest.raises(OutOfRange):
        option_marks_e3(SMILE, 10**8, np.array([10**8]), np.array([True]), 0)


@pytest.mark.parametrize(
    ("basis_e6", "target_e3", "step_s", "expected_e6"),
    [
        (0, 1_000, 0, 0),
        (0, 1_000, 3, 100_000),
        (0, 1_000, 29, 966_666),
        (0, 1_000, 30, 1_000_000),
        (0, 1_000, 31, 1_000_000),
        (0, 1_000, 4_000_000_000, 1_000_000),
        (0, -1_000, 29, -966_667),  # down
        (500_000, 500, 7, 500_000),
        (-PRICE_MAX * 1_000, PRICE_MAX, 30, PRICE_MAX * 1_000),
    ],
)
def test_a_basis_goes_towards_what_is_seen_and_forgets_after_its_memory(
    basis_e6: int, target_e3: int, step_s: int, expected_e6: int
) -> None:
    assert int(following_basis_e6(basis_e6, target_e3, step_s, 30)) == expected_e6


@given(
    st.integers(-PRICE_MAX * 1_000, PRICE_MAX * 1_000),
    st.integers(-PRICE_MAX, PRICE_MAX),
    st.integers(1, MEMORY_MAX_S),
    st.data(),
)
def test_a_basis_obeys_its_law_and_never_overshoots(
    basis: int, target_e3: int, memory: int, data: st.DataObject
) -> None:
    step, target = data.draw(st.integers(0, memory)), target_e3 * 1_000
    found = int(following_basis_e6(basis, target_e3, step, memory))
    rest = (target - basis) * step - (found - basis) * memory
    assert basis_law(basis, target, step, memory, found, rest) == 0
    assert 0 <= rest < memory
    assert min(basis, target) <= found <= max(basis, target)


@pytest.mark.parametrize("start_e6", [0, 100_000])
def test_a_basis_of_a_cheap_contract_rises_as_it_falls_second_by_second(start_e6: int) -> None:
    """A contract of 10 USD, whose basis is at most 50 milli-USD, and a memory of half an hour."""
    basis = np.array(start_e6)
    for _ in range(30_000):
        basis = following_basis_e6(basis, 50, 1, 1_800)
    assert 0 <= 50_000 - int(basis) < 1_800


@pytest.mark.parametrize(
    ("step_s", "memory_s"), [(-1, 30), (1 << 32, 30), (1, 0), (1, MEMORY_MAX_S + 1)]
)
def test_a_basis_has_a_memory_and_time_does_not_run_back(step_s: int, memory_s: int) -> None:
    with pytest.raises(OutOfRange):
        following_basis_e6(0, 0, step_s, memory_s)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_basis_is_a_price_to_either_side(sign: int) -> None:
    following_basis_e6(sign * PRICE_MAX * 1_000, -sign * PRICE_MAX, 1, MEMORY_MAX_S)
    with pytest.raises(OutOfRange, match="basis in micro-USD"):
        following_basis_e6(sign * (PRICE_MAX * 1_000 + 1), 0, 1, 30)
    with pytest.raises(OutOfRange, match="observed basis"):
        following_basis_e6(0, sign * (PRICE_MAX + 1), 1, 30)


@pytest.mark.parametrize(
    ("basis_e3", "expected_e3"),
    [
        (0, 90_000_199),
        (449_999, 90_450_198),
        (450_000, 90_450_199),  # 0.5 % of 90,000.199, rounded down
        (450_001, 90_450_199),
        (PRICE_MAX, 90_450_199),
        (-450_000, 89_550_199),
        (-450_001, 89_550_199),
        (-PRICE_MAX, 89_550_199),
    ],
)
def test_a_perpetual_is_marked_within_half_a_per_cent_of_the_index(
    basis_e3: int, expected_e3: int
) -> None:
    assert int(perpetual_mark_e3(90_000_199, basis_e3)) == expected_e3
    bound, rest = divmod(90_000_199, 200)
    assert basis_bound_law(90_000_199, bound, rest) == 0


@pytest.mark.parametrize(
    ("index_e3", "basis_e3"), [(0, 0), (1 << 34, 0), (PRICE_MAX, 1), (10**8, 1 << 34)]
)
def test_a_perpetual_has_a_mark_in_range(index_e3: int, basis_e3: int) -> None:
    with pytest.raises(OutOfRange):
        perpetual_mark_e3(index_e3, basis_e3)


@pytest.mark.parametrize(
    ("observed_e3s", "observed_s", "fixed_e3", "variable_e3"),
    [
        (0, 0, 0, 90_000_000),
        (88_000_000 * 600, 600, 29_333_333, 60_000_000),
        (88_000_000 * 1_799, 1_799, 87_951_111, 50_000),
        (88_000_000 * 1_800, 1_800, 88_000_000, 0),
    ],
)
def test_a_forward_settles_second_by_second(
    observed_e3s: int, observed_s: int, fixed_e3: int, variable_e3: int
) -> None:
    fixed, variable = settling_parts_e3(90_000_000, observed_e3s, observed_s)
    assert (int(fixed), int(variable)) == (fixed_e3, variable_e3)
    assert fixed_part_law(observed_e3s, fixed, observed_e3s - int(fixed) * 1_800) == 0
    left = 1_800 - observed_s
    assert variable_part_law(90_000_000, left, variable, 90_000_000 * left % 1_800) == 0


@given(st.integers(1, PRICE_MAX), st.integers(0, PRICE_MAX), st.integers(0, 1_800))
def test_the_parts_of_a_forward_are_at_most_two_steps_short_of_it(
    forward: int, mean: int, observed: int
) -> None:
    fixed, variable = settling_parts_e3(forward, mean * observed, observed)
    exact = mean * observed + forward * (1_800 - observed)
    assert 0 <= exact - int(fixed + variable) * 1_800 < 2 * 1_800


@pytest.mark.parametrize(
    ("observed_e3s", "observed_s"), [(1, 0), (0, 1_801), (-1, 5), (5 * PRICE_MAX + 1, 5)]
)
def test_what_was_not_observed_has_no_sum(observed_e3s: int, observed_s: int) -> None:
    with pytest.raises(OutOfRange):
        settling_parts_e3(10**8, observed_e3s, observed_s)


@pytest.mark.parametrize("observed_s", [0, 5, 1_800])
def test_a_settling_forward_is_a_price_at_the_highest_mean(observed_s: int) -> None:
    fixed, variable = settling_parts_e3(PRICE_MAX, PRICE_MAX * observed_s, observed_s)
    assert PRICE_MAX - 2 < fixed + variable <= PRICE_MAX


def test_no_forwards_have_no_parts() -> None:
    none = np.array([], dtype=np.int64)
    assert [part.size for part in settling_parts_e3(none, none, none)] == [0, 0]
