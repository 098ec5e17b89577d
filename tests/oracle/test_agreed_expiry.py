"""What a quorum agrees on of one expiry."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.oracle import (
    AgreedExpiry,
    ExpiryQuote,
    FeedReport,
    OutsideBand,
    Refusal,
    TooFewQuotes,
    Trust,
    Unprecedented,
)
from novate.oracle.agreed_expiry import agree_expiry
from novate.oracle.hearing import Hearing, Saying
from novate.oracle.smile import level_e6
from novate.units import Instant, Price, Rate

from .scene import BTC, LATER, NOW, PARAMETERS, PRICE_E3, SMILE, SOON, quote, sources
from .strategies import smiles

TRUST = Trust(Instant(NOW.s - 10), 950_000, 0, 60)
LAST = AgreedExpiry(SOON, Price(PRICE_E3 + 100_000), 40_000, SMILE, TRUST)


def agreement(
    *quotes: ExpiryQuote, last: AgreedExpiry | None = LAST, sources_heard: int = 4
) -> AgreedExpiry | Refusal:
    """What is agreed of `SOON` when each publisher says one of these."""
    sayings = tuple(Saying(NOW, FeedReport(BTC, sources(), (one,))) for one in quotes)
    hearing = Hearing(PARAMETERS, PARAMETERS.feeds[0], NOW, sayings)
    return agree_expiry(hearing, SOON, last, sources=sources_heard)


def agreed(*quotes: ExpiryQuote, **context: Any) -> AgreedExpiry:
    """The same, where something is agreed."""
    made = agreement(*quotes, **context)
    assert isinstance(made, AgreedExpiry), made
    return made


def test_each_field_has_its_own_median() -> None:
    bent = replace(SMILE, a_e6=121_000)
    made = agreed(
        quote(forward=Price(90_100_003), rate_e6=1, smile=bent, confidence=Rate(900_000)),
        quote(forward=Price(90_100_001), rate_e6=3, smile=bent, confidence=Rate(950_000)),
        quote(forward=Price(90_100_002), rate_e6=-2, confidence=Rate(990_000)),
    )
    assert (made.forward.e3, made.rate_e6, made.smile) == (90_100_002, 1, bent)
    assert made.trust.stated_e6 == 950_000


def test_of_an_even_number_the_lower_middle_is_taken() -> None:
    made = agreed(*(quote(forward=Price(90_100_000 + i), rate_e6=i) for i in range(4)))
    assert (made.forward.e3, made.rate_e6) == (90_100_001, 1)


def test_an_expiry_that_too_few_speak_of_is_not_agreed() -> None:
    others = [quote(LATER)] * 2
    few = TooFewQuotes(subject=BTC, expiry=SOON, quotes=2, quorum=3)
    assert agreement(quote(), quote(), *others) == few
    assert agreed(quote(), quote(), quote(), *others) == replace(LAST, trust=replace(TRUST, at=NOW))


@pytest.mark.parametrize(("sources_heard", "stated_e6"), [(2, 475_000), (3, 950_000)])
def test_a_thin_index_halves_the_confidence_of_its_expiries(
    sources_heard: int, stated_e6: int
) -> None:
    made = agreed(*[quote()] * 3, sources_heard=sources_heard)
    assert made.trust.stated_e6 == stated_e6


def test_a_forward_outside_the_band_needs_the_larger_quorum() -> None:
    jump = quote(forward=Price(120_000_000))
    made = agreement(jump, jump, jump, quote(), quote())
    assert isinstance(made, OutsideBand)
    assert (made.what, made.beyond) == (f"the forward of {SOON}", 3)
    assert agreed(jump, jump, jump, jump, quote()).forward == Price(120_000_000)


def test_a_smile_outside_the_band_needs_the_larger_quorum() -> None:
    leap = quote(smile=replace(SMILE, a_e6=700_000))
    made = agreement(leap, leap, leap, quote(), quote())
    assert isinstance(made, OutsideBand)
    assert (made.what, made.last) == (f"the variance of {SOON}", level_e6(SMILE))
    assert agreed(leap, leap, leap, leap, quote()).smile == leap.smile


def test_a_first_expiry_needs_the_larger_quorum() -> None:
    made = agreement(*[quote()] * 3, last=None)
    assert isinstance(made, Unprecedented)
    assert (made.quotes, made.unlock_quorum) == (3, 4)
    assert agreed(*[quote()] * 4, last=None).smile == SMILE


def test_disagreement_on_forward_or_smile_casts_doubt() -> None:
    assert agreed(*[quote()] * 3).trust.doubt_e6 == 0
    forwards = [quote(forward=Price(90_100_000 + move)) for move in (-450_500, 0, 450_500)]
    assert agreed(*forwards).trust.doubt_e6 == 500_000
    # A tenth of the variance, rounded, is half of what leaves no confidence.
    move = level_e6(SMILE) // 10
    levels = [quote(smile=replace(SMILE, a_e6=SMILE.a_e6 + i * move)) for i in (-1, 0, 1)]
    assert 499_900 <= agreed(*levels).trust.doubt_e6 <= 500_000


lies = st.builds(
    ExpiryQuote,
    st.just(SOON),
    st.integers(1, 2**31 - 1).map(Price),
    st.integers(1 - 2**20, 2**20 - 1),
    smiles,
    st.integers(0, 10**6).map(Rate),
)
truths = st.builds(
    lambda move, rate, level, trust: quote(
        forward=Price(90_100_000 + move),
        rate_e6=rate,
        smile=replace(SMILE, a_e6=SMILE.a_e6 + level),
        confidence=Rate(trust),
    ),
    st.integers(-100_000, 100_000),
    st.integers(30_000, 50_000),
    st.integers(-5_000, 5_000),
    st.integers(900_000, 10**6),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(truths, min_size=3, max_size=3), st.lists(lies, max_size=2))
def test_a_minority_of_liars_leaves_every_number_between_what_the_honest_say(
    honest: list[ExpiryQuote], lied: list[ExpiryQuote]
) -> None:
    made = agreed(*honest, *lied)
    forwards = [one.forward.e3 for one in honest]
    rates = [one.rate_e6 for one in honest]
    trusts = [one.confidence.e6 for one in honest]
    levels = [level_e6(one.smile) for one in honest]
    assert min(forwards) <= made.forward.e3 <= max(forwards)
    assert min(rates) <= made.rate_e6 <= max(rates)
    assert min(trusts) <= made.trust.stated_e6 <= max(trusts)
    width = max(levels) - min(levels) + 20
    assert min(levels) - width <= level_e6(made.smile) <= max(levels) + width
