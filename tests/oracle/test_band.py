"""How far a number may move between two ticks, and what opens the way beyond."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.oracle import Band, OutsideBand, Refusal, Unprecedented, band_law
from novate.oracle.band import Precedent, is_within, outside

from .scene import BTC

BAND = Band(100_000, 1_000, 500_000)
NOW = Precedent(1_000, 0)


def refused(value: int, stated: list[int], last: Precedent | None = NOW) -> Refusal | None:
    """Whether a price may follow, where four must stand by what the band forbids."""
    return outside(BTC, "a price", value, stated, band=BAND, last=last, unlock_quorum=4)


@pytest.mark.parametrize(
    ("value", "age_s", "is_taken"),
    [
        (1_000, 0, True),
        (1_100, 0, True),
        (1_101, 0, False),
        (910, 0, True),
        (909, 0, False),  # 909 * 1.1 = 999.9
        (1_101, 1, True),
        (1_500, 400, True),
        (1_501, 400, False),
        (1_501, 10**6, False),
        (667, 10**6, True),
        (666, 10**6, False),
    ],
)
def test_a_move_is_within_the_band_up_as_down_and_the_band_grows_with_age(
    value: int, age_s: int, is_taken: bool
) -> None:
    refusal = refused(value, [value] * 3, last=Precedent(1_000, age_s))
    assert (refusal is None) is is_taken


def test_a_refusal_carries_the_move_and_the_band() -> None:
    assert refused(1_200, [1_200] * 3, last=Precedent(1_000, 50)) == OutsideBand(
        subject=BTC,
        what="a price",
        last=1_000,
        value=1_200,
        allowed_e6=150_000,
        beyond=3,
        unlock_quorum=4,
    )


@pytest.mark.parametrize(
    ("stated", "is_taken"),
    [
        ([1_200, 1_200, 1_200], False),
        ([1_200, 1_200, 1_200, 1_100], False),  # the fourth is within the band
        ([1_200, 1_200, 1_200, 1_101], True),
        ([1_200, 1_200, 1_200, 800], False),  # the fourth is beyond on the other side
        ([1_200, 1_200, 1_200, 800, 1_300], True),
    ],
)
def test_a_larger_quorum_beyond_the_band_on_the_same_side_opens_it(
    stated: list[int], is_taken: bool
) -> None:
    assert (refused(1_200, stated) is None) is is_taken


@pytest.mark.parametrize(("count", "is_taken"), [(3, False), (4, True), (5, True)])
def test_a_first_number_needs_the_larger_quorum(count: int, is_taken: bool) -> None:
    refusal = refused(1_000, [1_000] * count, last=None)
    few = Unprecedented(subject=BTC, what="a price", value=1_000, quotes=count, unlock_quorum=4)
    assert refusal == (None if is_taken else few)


@given(st.integers(1, 2**31 - 1), st.integers(1, 2**31 - 1), st.integers(1, 10**7))
def test_the_law_of_the_band_has_a_rest_exactly_within_it(
    value: int, last: int, allowed: int
) -> None:
    low, high = min(value, last), max(value, last)
    left = low * (10**6 + allowed) - high * 10**6
    assert band_law(low, high, allowed, left) == 0
    assert is_within(value, last, allowed) is (left >= 0) is is_within(last, value, allowed)


def test_a_band_without_growth_stays() -> None:
    still = replace(BAND, per_second_e6=0)
    assert still.allowed_e6(10**6) == 100_000
