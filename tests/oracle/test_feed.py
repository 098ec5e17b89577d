"""What is agreed on a subject, and what stays when nothing is."""

from dataclasses import replace
from typing import Any

import pytest

from novate.oracle import Feed, FeedReport, Refusal
from novate.oracle.feed import agree_feed
from novate.oracle.hearing import Hearing, Saying, hear
from novate.units import Instant

from .scene import BTC, LATER, NOW, PARAMETERS, SOON, feed, quote, report, sources

SPEAKERS = 5


def heard(
    said: FeedReport | None, last: Feed | None, *, after_s: int = 0, speakers: int = SPEAKERS
) -> tuple[Feed | None, list[Refusal]]:
    """What is agreed so long after `NOW` when publishers all say the same, or nothing."""
    now = Instant(NOW.s + after_s)
    sayings = tuple(Saying(now, said) for _ in range(speakers) if said is not None)
    return agree_feed(Hearing(PARAMETERS, PARAMETERS.feeds[0], now, sayings), last)


def agreed(said: FeedReport | None, last: Feed | None, **context: Any) -> Feed:
    """The same, where there is a feed."""
    made, _ = heard(said, last, **context)
    assert made is not None
    return made


FIRST = agreed(feed(), None)


def test_a_feed_has_index_and_expiries() -> None:
    assert FIRST.subject == BTC
    assert [one.expiry for one in FIRST.expiries] == [SOON, LATER]
    assert FIRST.index.trust.confidence_e6(NOW) == 10**6
    assert FIRST.allows_new_risk


def test_without_an_index_ever_there_is_no_feed() -> None:
    made, refusals = heard(feed(sources=()), None)
    assert made is None
    assert [one.code for one in refusals] == [*["source_dropped"] * 4, "no_index"]


def test_an_index_that_is_silent_stays_and_grows_old() -> None:
    silent = feed(sources=())
    stayed = agreed(silent, FIRST, after_s=60)
    assert stayed.index == FIRST.index
    assert stayed.index.trust.confidence_e6(Instant(NOW.s + 60)) == 500_000
    assert [one.trust.at.s for one in stayed.expiries] == [NOW.s + 60] * 2


@pytest.mark.parametrize(("after_s", "is_open"), [(59, True), (60, True), (61, False)])
def test_an_index_older_than_the_heartbeat_stops_new_risk(after_s: int, is_open: bool) -> None:
    assert agreed(feed(sources=()), FIRST, after_s=after_s).allows_new_risk is is_open


@pytest.mark.parametrize(("ids", "is_open"), [((1, 2), True), ((1,), False)])
def test_an_index_of_one_source_stops_new_risk(ids: tuple[int, ...], is_open: bool) -> None:
    made = agreed(feed(sources=sources(ids=ids)), FIRST)
    assert made.allows_new_risk is is_open
    assert made.index.trust.confidence_e6(NOW) == 500_000


def test_an_expiry_that_is_silent_stays_beside_those_that_are_not() -> None:
    made = agreed(feed(expiries=(quote(LATER),)), FIRST, after_s=30)
    assert made.expiries[0] == FIRST.expiries[0]
    assert made.expiries[1].trust.at == Instant(NOW.s + 30)


def test_an_expiry_that_has_come_is_gone() -> None:
    left_s = SOON.s - NOW.s
    quiet = feed(expiries=(quote(LATER),))
    assert len(agreed(quiet, FIRST, after_s=left_s - 1).expiries) == 2
    assert [one.expiry for one in agreed(quiet, FIRST, after_s=left_s).expiries] == [LATER]


def test_an_expiry_that_has_come_since_it_was_reported_is_not_spoken_of() -> None:
    at = Instant(SOON.s - 5)
    said = feed(sources=sources(age_s=NOW.s - at.s))
    sayings = tuple(Saying(at, said) for _ in range(SPEAKERS))
    for now, expiries in ((Instant(SOON.s - 1), [SOON, LATER]), (SOON, [LATER])):
        hearing = Hearing(PARAMETERS, PARAMETERS.feeds[0], now, sayings)
        made, refusals = agree_feed(hearing, None)
        assert made is not None
        assert [one.expiry for one in made.expiries] == expiries
        assert refusals == []


def test_a_refused_move_leaves_the_last_number_to_compare_with() -> None:
    """A lie that is refused once is not taken the second time for want of a precedent."""
    jump = feed(sources=sources(180_000_000))
    for after_s in (1, 2, 3):
        made, refusals = heard(jump, FIRST, after_s=after_s, speakers=3)
        assert made is not None
        assert made.index == FIRST.index
        assert [one.code for one in refusals if one.code == "outside_band"] == ["outside_band"]


def test_the_band_opens_with_the_age_of_what_stayed() -> None:
    crash = feed(sources=sources(FIRST.index.price.e3 * 4 // 5, age_s=-800))
    assert agreed(crash, FIRST, after_s=299, speakers=3).index == FIRST.index
    made = agreed(crash, FIRST, after_s=300, speakers=3)  # 10 % and 300 times 0.05 %: 25 %
    assert made.index.price.e3 == FIRST.index.price.e3 * 4 // 5


def test_a_feed_of_another_multiplier_is_another_subject() -> None:
    mini = replace(BTC, multiplier=replace(BTC.multiplier, e3=10))
    for subject, is_heard in ((BTC, True), (mini, False)):
        reports = [report(feed(subject))] * SPEAKERS
        made, _ = agree_feed(hear(PARAMETERS, PARAMETERS.feeds[0], reports, NOW), None)
        assert (made == FIRST) is is_heard
        assert (made is None) is not is_heard
