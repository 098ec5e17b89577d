"""What the reports that count say on one subject."""

from novate.oracle import Trust
from novate.oracle.hearing import Saying, hear
from novate.units import Instant

from .scene import BTC, ETH, NOW, PARAMETERS, feed, report, sources

OLD = Instant(NOW.s - 9)


def test_only_what_is_said_on_the_subject_is_heard() -> None:
    older = feed(ETH, sources=sources(age_s=10))
    reports = [report(feed(BTC), feed(ETH)), report(feed(BTC)), report(older, at_s=OLD.s)]
    hearing = hear(PARAMETERS, PARAMETERS.feeds[1], reports, NOW)
    assert hearing.subject == ETH
    assert hearing.sayings == (Saying(NOW, feed(ETH)), Saying(OLD, older))


def test_a_number_is_of_the_lower_median_of_its_instants() -> None:
    hearing = hear(PARAMETERS, PARAMETERS.feeds[0], [], NOW)
    trust = hearing.trust([NOW, OLD, NOW, OLD], stated_e6=7, doubt_e6=5)
    assert trust == Trust(OLD, 7, 5, PARAMETERS.oracle_heartbeat_s)
