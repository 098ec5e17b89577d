"""From a chain to what a publisher says of it, and signs once a second."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from novate.nodes import (
    AlreadySigned,
    OptionChain,
    SmileFit,
    TickPublisher,
    feed_report,
    fit_surface,
    quote_confidence,
)
from novate.oracle import (
    FeedReport,
    ReportRefused,
    SignedTickReport,
    TickReport,
    decode_report,
    encode_report,
    is_report_signed,
)
from novate.units import Instant, Multiplier, OutOfRange, bounds

from .chains import DAY_S, TAKEN_AT_S, made_chain
from .ticks import DOMAIN, INDEX_E3, NOW, ONE_UNIT, SECRETS, feed, seen


def publisher(folder: Path, secret: bytes = SECRETS[0]) -> TickPublisher:
    """A publisher whose journal is in a folder."""
    return TickPublisher(domain=DOMAIN, secret=secret, journal=folder / "signed")


def report(at_s: int = 0, index_e3: int = INDEX_E3) -> TickReport:
    """A report so many seconds later."""
    at = Instant(NOW.s + at_s)
    return TickReport(at, (feed(made_chain(days=(30,)), at=at, index_e3=index_e3),))


def test_a_report_is_signed_with_the_publisher_s_key_for_its_venue(tmp_path: Path) -> None:
    with publisher(tmp_path) as one:
        signed = one.publish(report())
        assert signed.key == one.key
    assert is_report_signed(DOMAIN, signed)
    assert not is_report_signed(replace(DOMAIN, chain_id=1), signed)
    assert SignedTickReport.decode(signed.encode()) == signed


@pytest.mark.parametrize("secret", [b"", b"\x07", SECRETS[0][:31], SECRETS[0] + b"\x07", bytes(32)])
def test_what_is_no_private_key_signs_nothing(tmp_path: Path, secret: bytes) -> None:
    with pytest.raises(ValueError):
        publisher(tmp_path, secret)
    assert not (tmp_path / "signed").exists()


def test_two_reports_of_one_second_are_never_signed(tmp_path: Path) -> None:
    with publisher(tmp_path) as one:
        first = one.publish(report())
        with pytest.raises(AlreadySigned):
            one.publish(report(index_e3=INDEX_E3 + 1))
        assert one.publish(report()) == first
    with publisher(tmp_path) as again:
        with pytest.raises(AlreadySigned):
            again.publish(report(index_e3=INDEX_E3 + 1))
        assert again.publish(report(1, INDEX_E3 + 1)).report == report(1, INDEX_E3 + 1)


@pytest.mark.parametrize("multiplier_e3", [100, 1000, 10_000])
def test_prices_are_per_contract(multiplier_e3: int) -> None:
    said = feed(multiplier=Multiplier(multiplier_e3))
    assert said.subject.multiplier.e3 == multiplier_e3
    assert {one.forward.e3 for one in said.expiries} == {90_000 * multiplier_e3}
    assert {one.price.e3 for one in said.sources} == {INDEX_E3 * multiplier_e3 // 1000}
    assert decode_report(encode_report(TickReport(NOW, (said,)))).feeds == (said,)


def test_every_expiry_with_a_smile_is_told_with_the_fit_s_own_numbers() -> None:
    chain = made_chain()
    fit = fit_surface(chain)
    said = feed(chain)
    assert [one.expiry.s for one in said.expiries] == [one.expiry_s for one in fit.smiles]
    assert [one.smile for one in said.expiries] == [one.smile for one in fit.smiles]


def test_the_rate_takes_the_index_to_the_forward_and_is_cut_where_a_basis_is_a_day_s() -> None:
    forward = made_chain(days=(1, 365), forward=94_609.0)
    short, long = feed(forward).expiries
    # ln(94,609 / 90,010) is 0.04983: over a day 18 times a year's 100 %
    assert long.rate_e6 == pytest.approx(49_830, abs=10)
    assert short.rate_e6 == (1 << bounds.RATE_BITS) - 1
    assert feed(made_chain(days=(1,), forward=85_000.0)).expiries[0].rate_e6 == -short.rate_e6
    assert feed(made_chain(days=(365,)), index_e3=90_000_000).expiries[0].rate_e6 == 0


@pytest.mark.parametrize(
    ("tenor_s", "forward_e3"),
    [(1_801, 90_000_000), (1_800, INDEX_E3), (1_799, INDEX_E3), (60, INDEX_E3)],
)
def test_in_the_last_half_hour_the_index_is_told_and_no_forward_by_parity(
    tenor_s: int, forward_e3: int
) -> None:
    said = feed(made_chain(days=((tenor_s + 0.5) / DAY_S, 30)))
    assert said.expiries[0].expiry.s - NOW.s == tenor_s
    assert said.expiries[0].forward.e3 == forward_e3
    assert said.expiries[1].forward.e3 == 90_000_000


@pytest.mark.parametrize(("late_s", "expiries"), [(99, 2), (100, 1), (101, 1)])
def test_what_has_expired_by_the_report_is_left_out(late_s: int, expiries: int) -> None:
    chain = made_chain(days=(100 / DAY_S, 30))
    at = Instant(TAKEN_AT_S + late_s)
    said = feed_report(chain, fit_surface(chain), seen(), published_at=at)
    assert len(said.expiries) == expiries
    TickReport(at, (said,))


def one_smile(chain: OptionChain) -> SmileFit:
    return fit_surface(chain).smiles[0]


def test_a_close_fit_through_quotes_everywhere_is_nearly_sure() -> None:
    chain = made_chain(days=(30,))
    assert 990_000 < quote_confidence(chain, one_smile(chain)).e6 <= 10**6


@pytest.mark.parametrize(
    ("part", "sure"), [(0.0, 1.0), (0.02, 0.9), (0.1, 0.5), (0.2, 0.0), (0.3, 0.0)]
)
def test_confidence_falls_with_the_error_to_nothing_at_a_fifth_of_the_volatility(
    part: float, sure: float
) -> None:
    chain = made_chain(days=(30,))
    one = one_smile(chain)
    z = np.array([0.0])
    level = np.sqrt(0.12 + 0.25 * (-0.3 * (z - 0.05) + np.hypot(z - 0.05, 0.4)))[0]
    told = quote_confidence(chain, replace(one, rms=part * level))
    assert told.e6 == pytest.approx(sure * 10**6, abs=500)


@pytest.mark.parametrize(
    ("from_deviation", "places"),
    [(-9.0, 7), (-0.4, 5), (0.1, 4), (0.4, 4), (0.6, 3), (1.6, 1), (1.9, 1), (2.1, 0)],
)
def test_confidence_is_the_part_of_the_smile_that_is_quoted(
    from_deviation: float, places: int
) -> None:
    chain = made_chain(days=(30,), strikes=101)
    one = one_smile(chain)
    level = np.sqrt(0.12 + 0.25 * (0.3 * 0.05 + np.hypot(0.05, 0.4)))
    deviation = level * np.sqrt(30 / 365)
    far = np.log(chain.strike / 90_000) < from_deviation * deviation
    part = replace(chain, bid=np.where(far, np.nan, chain.bid))
    told = quote_confidence(part, replace(one, rms=0.0))
    assert told.e6 == places * 10**6 // 7


@pytest.mark.parametrize(("side", "nothing"), [("bid", np.nan), ("bid", 0.0), ("ask", np.nan)])
def test_marks_that_nobody_quotes_on_both_sides_are_worth_nothing(
    side: str, nothing: float
) -> None:
    chain = made_chain(days=(30,))
    lonely = replace(chain, **{side: np.full(len(chain.strike), nothing)})
    assert quote_confidence(lonely, one_smile(chain)).e6 == 0


def test_quotes_of_another_expiry_make_nothing_surer() -> None:
    chain = made_chain(days=(30, 60))
    front, back = fit_surface(chain).smiles
    bid = np.where(chain.expiry_s == front.expiry_s, chain.bid, np.nan)
    half = replace(chain, bid=bid)
    assert quote_confidence(half, front) == quote_confidence(chain, front)
    assert quote_confidence(half, back).e6 == 0


def test_a_chain_without_any_quotes_is_taken_at_its_marks() -> None:
    chain = made_chain(days=(30,))
    nothing = np.full(len(chain.strike), np.nan)
    silent = replace(chain, bid=nothing, ask=nothing)
    assert quote_confidence(silent, one_smile(chain)) == quote_confidence(chain, one_smile(chain))
    blank = replace(silent, mark=nothing)
    assert quote_confidence(blank, one_smile(chain)).e6 == 0


def test_sources_come_in_rising_order_whatever_order_they_were_seen_in() -> None:
    chain = made_chain(days=(30,))
    said = feed_report(chain, fit_surface(chain), seen(ids=(3, 1, 2)), published_at=NOW)
    assert [one.source for one in said.sources] == [1, 2, 3]


def said_of(chain: OptionChain, fitted: OptionChain, at_s: int = TAKEN_AT_S) -> FeedReport:
    return feed_report(chain, fit_surface(fitted), seen(), published_at=Instant(at_s))


def test_a_report_is_of_one_chain_and_not_from_before_it() -> None:
    chain = made_chain(days=(30,))
    said_of(chain, chain)
    with pytest.raises(ReportRefused, match="from before its chain"):
        said_of(chain, chain, TAKEN_AT_S - 1)
    with pytest.raises(ReportRefused, match="a fit of another chain: BTC at"):
        said_of(chain, chain.at(TAKEN_AT_S + 1.0))
    with pytest.raises(ReportRefused, match="a fit of another chain: ETH at"):
        said_of(chain, replace(chain, currency="ETH"))
    with pytest.raises(ReportRefused, match="number of sources: 0; the limit is at least 1"):
        feed_report(chain, fit_surface(chain), [], published_at=NOW)


def test_prices_that_no_contract_has_are_refused() -> None:
    chain = made_chain(days=(30,))
    # 23.9 units: the index costs less than the most that a contract may, the forward more.
    sources, multiplier = seen(89_000 * 23_900), Multiplier(23_900)
    with pytest.raises(OutOfRange, match="forward 2151000000 is outside"):
        feed_report(chain, fit_surface(chain), sources, published_at=NOW, multiplier=multiplier)
    assert feed(chain, multiplier=ONE_UNIT).expiries


@pytest.mark.parametrize(("age_s", "is_refused"), [(299, False), (300, False), (301, True)])
def test_a_chain_is_not_told_as_news_long_after_it(age_s: int, is_refused: bool) -> None:
    chain = made_chain(days=(30,))
    if is_refused:
        with pytest.raises(ReportRefused, match=r"age of the chain .* 301; the limit is 300"):
            said_of(chain, chain, TAKEN_AT_S + age_s)
    else:
        said_of(chain, chain, TAKEN_AT_S + age_s)


@pytest.mark.parametrize(
    ("index", "days", "is_refused"),
    [
        (90.0, 30, True),  # in thousands
        (900_000.0, 30, True),
        (3_300.0, 30, True),  # of another coin
        (75_000.0, 30, True),
        (78_000.0, 30, False),
        (105_000.0, 1, True),
        (99_500.0, 1, False),
        (60_000.0, 365, False),  # a basis of a year
    ],
)
def test_sources_that_are_far_from_the_nearest_forward_are_of_something_else(
    index: float, days: int, is_refused: bool
) -> None:
    chain = made_chain(days=(days,))
    if is_refused:
        with pytest.raises(ReportRefused, match=f"index price of BTC: {index:.10g}; the limit is"):
            feed(chain, index_e3=round(index * 1000))
    else:
        feed(chain, index_e3=round(index * 1000))


@pytest.mark.parametrize(("ahead_s", "is_refused"), [(60, False), (61, True), (10**9, True)])
def test_a_clock_that_ran_ahead_of_its_sources_signs_nothing_and_leaves_no_trace(
    tmp_path: Path, ahead_s: int, is_refused: bool
) -> None:
    """A report of a day to come would keep the key from signing until then."""
    chain = made_chain(days=(365,))
    said = replace(said_of(chain, chain), expiries=())
    late = TickReport(Instant(NOW.s + ahead_s), (said,))
    with publisher(tmp_path) as one:
        if is_refused:
            with pytest.raises(ReportRefused, match="next: look at the clock"):
                one.publish(late)
            assert one.publish(report(1)).report == report(1)
        else:
            assert one.publish(late).report == late
