"""How old a word is, and when it is too old to count."""

import pytest

from novate.oracle.staleness import staleness
from novate.units import Instant

NOW = Instant(1_000)


@pytest.mark.parametrize(
    ("published_s", "latest_s", "code"),
    [
        (1_001, 0, "future_report"),
        (1_000, 0, None),
        (940, 0, None),
        (939, 0, "aged_report"),
        (951, 950, None),
        (950, 950, "past_report"),
        (949, 950, "past_report"),
        (1_001, 2_000, "future_report"),
        (0, 0, "aged_report"),
    ],
)
def test_a_report_is_of_the_last_heartbeat_and_after_every_report_of_the_last_tick(
    published_s: int, latest_s: int, code: str | None
) -> None:
    refusal = staleness(3, Instant(published_s), now=NOW, latest=Instant(latest_s), heartbeat_s=60)
    assert (refusal.code if refusal else None) == code


def test_a_refusal_says_its_numbers() -> None:
    refusal = staleness(3, Instant(900), now=NOW, latest=Instant(0), heartbeat_s=60)
    assert str(refusal) == "publisher 3 reported 100 s ago, more than 60 s"
