"""How far a number of a tick is to be trusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.oracle import Trust, confidence_e6, confidence_law, part_law
from novate.oracle.confidence import disagreement_e6, doubt_e6, part_e6
from novate.units import Instant, OutOfRange

millionths = st.integers(0, 10**6)
ages = st.integers(0, 10**5)
heartbeats = st.integers(1, 86_400)


@pytest.mark.parametrize(
    ("stated", "doubt", "age_s", "confidence"),
    [
        (10**6, 0, 0, 10**6),
        (10**6, 0, 60, 500_000),
        (10**6, 0, 119, 8_333),
        (10**6, 0, 120, 0),
        (10**6, 0, 10_000, 0),
        (950_000, 0, 12, 855_000),
        (950_000, 100_000, 12, 760_000),
        (10**6, 500_000, 60, 0),
        (10**6, 10**6, 0, 0),
        (0, 0, 0, 0),
        (1, 1, 0, 0),
    ],
)
def test_a_heartbeat_of_age_takes_half_and_doubt_its_part(
    stated: int, doubt: int, age_s: int, confidence: int
) -> None:
    assert confidence_e6(stated, doubt, age_s, 60) == confidence


@given(millionths, millionths, ages, heartbeats, millionths, ages)
def test_confidence_falls_with_doubt_and_age_and_rises_with_what_is_stated(
    stated: int, doubt: int, age_s: int, heartbeat_s: int, more: int, later_s: int
) -> None:
    now = confidence_e6(stated, doubt, age_s, heartbeat_s)
    assert 0 <= now <= stated
    assert confidence_e6(stated, min(10**6, doubt + more), age_s, heartbeat_s) <= now
    assert confidence_e6(stated, doubt, age_s + later_s, heartbeat_s) <= now
    assert confidence_e6(min(10**6, stated + more), doubt, age_s, heartbeat_s) >= now
    assert confidence_e6(stated, doubt, age_s, heartbeat_s + later_s) >= now


@given(millionths, millionths)
def test_the_law_of_confidence_admits_one_result(stated: int, kept: int) -> None:
    right = stated * kept // 10**6
    for off in (-1, 0, 1):
        dust = stated * kept - (right + off) * 10**6
        assert confidence_law(stated, kept, right + off, dust) == 0
        assert (0 <= dust < 10**6) is (off == 0)


@given(st.integers(0, 2**32 - 1), st.integers(1, 2**32 - 1))
def test_the_law_of_a_part_admits_one_result(amount: int, whole: int) -> None:
    right = part_e6(amount, whole)
    for off in (-1, 0, 1):
        excess = (right + off) * whole - amount * 10**6
        assert part_law(amount, whole, right + off, excess) == 0
        assert (0 <= excess < whole) is (off == 0)


@pytest.mark.parametrize(
    ("said", "centre", "apart"),
    [
        ([100, 100, 100], 100, 0),
        ([100, 100, 101], 100, 0),
        ([99, 100, 101], 100, 10_000),
        ([99, 100], 100, 10_000),
        ([100, 100, 100, 0], 100, 0),
        ([100, 101, 103, 0], 100, 30_000),
        ([3], 7, 571_429),
    ],
)
def test_disagreement_is_the_upper_median_of_the_distances_as_a_part(
    said: list[int], centre: int, apart: int
) -> None:
    assert disagreement_e6(said, centre) == apart


@given(
    st.lists(st.integers(90, 110), min_size=1, max_size=8),
    st.lists(st.integers(0, 10**6), max_size=7),
    st.integers(90, 110),
)
def test_a_minority_of_liars_cannot_make_the_disagreement_greater_than_the_honest(
    honest: list[int], lies: list[int], centre: int
) -> None:
    worst = max(part_e6(abs(one - centre), centre) for one in honest)
    assert disagreement_e6(honest + lies[: len(honest) - 1], centre) <= worst


@given(st.lists(st.integers(900, 1_100), min_size=1, max_size=9), st.integers(1, 5))
def test_values_further_from_the_centre_disagree_more(said: list[int], times: int) -> None:
    wider = [1_000 + times * (one - 1_000) for one in said]
    assert disagreement_e6(wider, 1_000) >= disagreement_e6(said, 1_000)


@pytest.mark.parametrize(
    ("apart", "doubt"), [(0, 0), (1, 100), (5_000, 500_000), (9_999, 999_900), (10_000, 10**6)]
)
def test_doubt_is_a_part_of_the_disagreement_at_which_nothing_is_left(
    apart: int, doubt: int
) -> None:
    assert doubt_e6(apart, 10_000) == doubt
    assert doubt_e6(10**9, 10_000) == 10**6


def test_the_trust_in_a_number_falls_from_its_instant_on() -> None:
    trust = Trust(Instant(1_000), 900_000, 100_000, 60)
    assert [trust.confidence_e6(Instant(s)) for s in (1_000, 1_012, 1_108)] == [810_000, 720_000, 0]
    assert trust.age_s(Instant(1_012)) == 12


def test_nobody_is_surer_of_a_number_before_it_was_said() -> None:
    trust = Trust(Instant(1_000), 900_000, 0, 60)
    assert trust.confidence_e6(Instant(1_000)) == 900_000
    with pytest.raises(OutOfRange, match="age of a number -1"):
        trust.confidence_e6(Instant(999))
