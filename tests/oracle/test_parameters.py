"""Who may report, on what, and how far a word is trusted."""

from dataclasses import replace
from typing import Any

import pytest

from novate.oracle import Band, FeedParameters, Source
from novate.units import OutOfRange

from .scene import BTC, PARAMETERS


@pytest.mark.parametrize(
    ("publishers", "quorum", "unlock", "fits"),
    [
        (5, 2, 4, False),  # two quorums of two need not share anybody
        (5, 3, 3, True),
        (5, 3, 5, True),
        (5, 3, 6, False),
        (5, 4, 3, False),
        (4, 2, 4, False),
        (4, 3, 4, True),
        (1, 1, 1, True),
    ],
)
def test_a_quorum_is_more_than_half_and_what_unlocks_is_no_less(
    publishers: int, quorum: int, unlock: int, fits: bool
) -> None:
    change = {
        "publishers": PARAMETERS.publishers[:publishers],
        "quorum": quorum,
        "unlock_quorum": unlock,
    }
    if fits:
        replace(PARAMETERS, **change)
    else:
        with pytest.raises(OutOfRange, match="quorum"):
            replace(PARAMETERS, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"publishers": ()},
        {"publishers": tuple((i, *(0,) * 7) for i in range(17)), "quorum": 9, "unlock_quorum": 9},
        {"feeds": ()},
        {"oracle_heartbeat_s": 0},
        {"oracle_heartbeat_s": 86_401},
        {"source_age_s": 0},
        {"clamp_e6": -1},
        {"clamp_e6": 10**6},
        {"price_doubt_e6": 0},
        {"price_doubt_e6": 10**6 + 1},
        {"variance_doubt_e6": 0},
    ],
)
def test_a_limit_outside_its_range_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(OutOfRange):
        replace(PARAMETERS, **change)


def test_a_publisher_counts_once_in_the_list() -> None:
    doubled = (*PARAMETERS.publishers[:4], PARAMETERS.publishers[0])
    with pytest.raises(ValueError, match="publisher is listed twice"):
        replace(PARAMETERS, publishers=doubled)


def test_feeds_are_listed_once_and_in_order() -> None:
    one, other = PARAMETERS.feeds
    for feeds in ((other, one), (one, one)):
        with pytest.raises(ValueError, match="rising order of their subjects"):
            replace(PARAMETERS, feeds=feeds)


@pytest.mark.parametrize("ids", [(), (1, 1), (2, 1), tuple(range(1, 18))])
def test_sources_are_listed_once_and_in_order(ids: tuple[int, ...]) -> None:
    with pytest.raises(OutOfRange):
        FeedParameters(BTC, tuple(Source(id) for id in ids))


@pytest.mark.parametrize("change", [{"id": 0}, {"id": 2**16}, {"weight": 0}, {"weight": 2**10}])
def test_a_source_has_an_id_and_a_weight(change: dict[str, int]) -> None:
    Source(id=2**16 - 1, weight=2**10 - 1)
    with pytest.raises(OutOfRange):
        Source(**({"id": 1} | change))


@pytest.mark.parametrize(
    ("age_s", "allowed_e6"), [(0, 100_000), (1, 100_500), (800, 500_000), (801, 500_000)]
)
def test_a_band_grows_by_the_second_up_to_its_end(age_s: int, allowed_e6: int) -> None:
    assert Band(100_000, 500, 500_000).allowed_e6(age_s) == allowed_e6


@pytest.mark.parametrize(
    "numbers", [(0, 1, 1), (10**6 + 1, 1, 10**7), (5, -1, 5), (5, 1, 4), (5, 1, 10**7 + 1)]
)
def test_a_band_outside_its_ranges_is_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(OutOfRange):
        Band(*numbers)
