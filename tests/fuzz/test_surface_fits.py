"""Every published chain is fitted without arbitrage, and as closely as it ever was."""

from typing import Any

import pytest
from benchmarks.surface import run
from tests.shared_data import needs_shared_data

pytestmark = needs_shared_data


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return run()


def test_no_published_chain_gives_an_arbitrageable_surface(figures: dict[str, Any]) -> None:
    assert [row for row in figures["chains"] if row["arbitrages"]] == []
    assert [row for row in figures["chains"] if row["skipped"]] == []
    assert figures["all"]["marks"]["chains"] == 70
    assert figures["all"]["quotes"]["chains"] == 22


def test_surfaces_stay_as_close_to_marks_as_they_were(figures: dict[str, Any]) -> None:
    marks, quotes = figures["all"]["marks"], figures["all"]["quotes"]
    assert marks["rms_points_median"] < 0.6
    assert marks["rms_points_max"] < 2.5
    assert marks["rms_of_a_day_and_more_points_median"] < 0.45
    assert quotes["rms_points_median"] < 0.6
