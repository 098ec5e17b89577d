"""The settlement price."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.oracle import (
    IndexSample,
    SettlementPrice,
    Uncovered,
    index_samples,
    observed_e3s,
    settlement_price,
)
from novate.oracle.settlement import HOLD_S, WINDOW_S
from novate.pricing import settling_parts_e3
from novate.units import Instant, OutOfRange, Price

from .scene import BTC, ETH, NOW, PRICE_E3, agreed, all_say, feed, report, sources

EXPIRY = Instant(1_766_736_000)
START_S = EXPIRY.s - WINDOW_S
CHANGES = st.lists(st.tuples(st.integers(1, 200), st.integers(1, 1_000)), min_size=5, max_size=80)


def at(seconds: int, price_e3: int = 100) -> IndexSample:
    """A price so many seconds after the window began."""
    return IndexSample(Instant(START_S + seconds), Price(price_e3))


def every(step_s: int, start: int, end: int, price_e3: int = 100) -> list[IndexSample]:
    """The same price every few seconds from `start`, before `end`."""
    return [at(second, price_e3) for second in range(start, end, step_s)]


def settled(samples: list[IndexSample], after_s: int = 0) -> SettlementPrice | Uncovered:
    """What is known so long after the expiry."""
    return settlement_price(samples, EXPIRY, now=Instant(EXPIRY.s + after_s))


def price(value: int, covered_s: int = WINDOW_S, after_s: int = 0) -> SettlementPrice:
    """A settlement price that is known so long after the expiry."""
    return SettlementPrice(Price(value), covered_s, Instant(EXPIRY.s + after_s))


def missing(covered_s: int, needed_s: int, after_s: int = 0) -> Uncovered:
    """Why there is none yet, so long after the expiry."""
    until = Instant(EXPIRY.s + after_s)
    return Uncovered(covered_s=covered_s, needed_s=needed_s, until=until)


def test_each_price_weighs_by_the_seconds_it_held() -> None:
    # 60 s at 100, 100 s at 200, then 300 to the end: (6,000 + 20,000 + 492,000) / 1,800.
    samples = [at(0, 100), at(60, 200), *every(20, 160, WINDOW_S, 300)]
    assert settled(samples) == price(287)


def test_a_price_from_before_the_window_holds_into_it() -> None:
    assert settled([at(-100, 100), *every(20, 20, WINDOW_S, 200)]) == price(198)  # 198.88...
    assert settled([at(-101, 100), *every(20, 20, WINDOW_S, 200)]) == missing(1_799, WINDOW_S)


def test_the_price_at_the_expiry_has_no_weight() -> None:
    steady = every(60, 0, WINDOW_S)
    assert settled([*steady, at(WINDOW_S, 10**6)], after_s=60) == price(100)
    assert settled([*steady, at(WINDOW_S - 1, 1_900)]) == price(101)


@pytest.mark.parametrize(
    ("first_s", "covered_s"), [(0, 1_800), (359, 1_441), (360, 1_440), (361, 1_439)]
)
def test_a_window_needs_four_fifths_of_its_seconds(first_s: int, covered_s: int) -> None:
    known = settled(every(1, first_s, WINDOW_S))
    assert known == (price(100, covered_s) if covered_s >= 1_440 else missing(covered_s, WINDOW_S))


@pytest.mark.parametrize(("gap_s", "is_settled"), [(119, True), (120, True), (121, False)])
def test_a_window_needs_prices_no_further_apart_than_two_minutes(
    gap_s: int, is_settled: bool
) -> None:
    samples = [*every(10, 0, 601), *every(10, 600 + gap_s, WINDOW_S)]
    assert settled(samples) == (price(100) if is_settled else missing(1_799, WINDOW_S))


@pytest.mark.parametrize(("silent_s", "is_settled"), [(120, True), (121, False)])
def test_a_silence_before_the_expiry_counts_as_a_gap(silent_s: int, is_settled: bool) -> None:
    samples = every(1, 0, WINDOW_S - silent_s + 1)
    assert settled(samples) == (price(100) if is_settled else missing(1_799, WINDOW_S))


def test_no_prices_settle_nothing() -> None:
    assert settled([]) == missing(0, WINDOW_S)
    assert settled([at(-HOLD_S)], after_s=5) == missing(0, WINDOW_S, after_s=5)


def test_what_is_missing_is_made_up_for_after_the_expiry_and_no_more() -> None:
    # A silence of 610 seconds, of which 120 are held: the other 490 are exchanged for later ones.
    samples = [*every(10, 0, 601, 100), *every(10, 1_210, 2_500, 400)]
    assert settled(samples) == missing(1_310, WINDOW_S)
    assert settled(samples, after_s=489) == missing(1_799, WINDOW_S, after_s=489)
    # 600 + 120 seconds at 100, and 1,080 at 400.
    for after_s in (490, 491, 700):
        assert settled(samples, after_s=after_s) == price(280, after_s=490)


def test_whoever_silences_the_oracle_for_a_moment_exchanges_that_moment_alone() -> None:
    samples = [*every(1, 0, 1_601, 100), *every(1, 1_750, 3_600, 10_000)]
    # 30 of the 150 silent seconds are not held: 1,720 at 100, 80 at 10,000.
    assert settled(samples, after_s=30) == price(540, after_s=30)


def test_the_price_does_not_depend_on_when_it_is_asked_for() -> None:
    samples = every(7, 0, 3_000)
    known = {settled(samples[: -late or None], after_s=1_000) for late in range(150)}
    assert known == {price(100)}


@settings(max_examples=200, deadline=None)
@given(CHANGES, st.integers(-200, 400))
def test_a_settlement_price_lies_between_the_least_price_and_the_greatest(
    changes: list[tuple[int, int]], first_s: int
) -> None:
    samples, second = [], first_s
    for step_s, value in changes:
        samples.append(at(second, value))
        second += step_s
    match settled(samples, after_s=20_000):
        case SettlementPrice() as known:
            held = [one.price.e3 for one in samples]
            assert min(held) <= known.price.e3 <= max(held)
            assert 1_440 <= known.covered_s <= WINDOW_S
            assert known.until >= EXPIRY
        case Uncovered() as why:
            assert why.covered_s < why.needed_s == WINDOW_S


@settings(max_examples=100, deadline=None)
@given(CHANGES, st.integers(-200, 400), st.integers(0, 2_000))
def test_later_prices_change_no_price_that_is_known(
    changes: list[tuple[int, int]], first_s: int, after_s: int
) -> None:
    samples, second = [], first_s
    for step_s, value in changes:
        samples.append(at(second, value))
        second += step_s
    known = settled([one for one in samples if one.at.s <= EXPIRY.s + after_s], after_s=after_s)
    if isinstance(known, SettlementPrice):
        assert settled(samples, after_s=20_000) == known


@given(CHANGES)
def test_the_mean_is_that_of_every_second_rounded_down(changes: list[tuple[int, int]]) -> None:
    samples, second = [at(0, 5)], 0
    for step_s, value in changes:
        second += min(step_s, HOLD_S)
        samples.append(at(second, value))
    by_second = [
        [one.price.e3 for one in samples if one.at.s <= START_S + second][-1]
        for second in range(WINDOW_S)
        if START_S + second < samples[-1].at.s + HOLD_S
    ]
    match settled(samples):
        case SettlementPrice(value, covered_s, _):
            assert covered_s == len(by_second)
            assert value.e3 == Fraction(sum(by_second), covered_s).__floor__()
        case Uncovered(covered_s):
            assert covered_s == len(by_second) < WINDOW_S


@pytest.mark.parametrize(
    ("now_s", "part_e3"),
    [(-1, 0), (0, 0), (18, 1), (900, 50), (1_799, 99), (1_800, 100), (2_000, 100)],
)
def test_the_settled_part_grows_from_nothing_to_the_price(now_s: int, part_e3: int) -> None:
    samples = every(10, -300, 2_000)
    seen = observed_e3s(samples, EXPIRY, Instant(START_S + now_s))
    known, moving = settling_parts_e3(100, *seen)
    assert known == part_e3
    assert 98 < known + moving <= 100
    assert settled(samples) == price(100)


@pytest.mark.parametrize(
    ("now_s", "seen"),
    [
        (-1, (0, 0)),
        (0, (0, 0)),
        (100, (100 * 100, 100)),
        (HOLD_S, (100 * HOLD_S, HOLD_S)),
        (HOLD_S + 1, (100 * HOLD_S, HOLD_S)),  # the price no longer holds
        (300, (100 * HOLD_S, HOLD_S)),
        (301, (100 * HOLD_S + 400, HOLD_S + 1)),
        (WINDOW_S, (100 * HOLD_S + 400 * HOLD_S, 2 * HOLD_S)),
        (WINDOW_S + 50, (100 * HOLD_S + 400 * HOLD_S, 2 * HOLD_S)),
    ],
)
def test_a_window_has_seen_the_seconds_in_which_a_price_held(
    now_s: int, seen: tuple[int, int]
) -> None:
    samples, now = [at(0, 100), at(300, 400)], Instant(START_S + now_s)
    assert observed_e3s(samples, EXPIRY, now) == seen


def test_an_index_price_that_only_stayed_is_one_sample() -> None:
    first = agreed(all_say(*[report()] * 5))
    silent = report(feed(sources=()), at_s=NOW.s + 5)
    second = agreed(all_say(*[silent] * 5), now=Instant(NOW.s + 5), last=first)
    moved = report(feed(sources=sources(PRICE_E3 + 1)), at_s=NOW.s + 9)
    third = agreed(all_say(*[moved] * 5), now=Instant(NOW.s + 9), last=second)
    assert index_samples([first, second, third], BTC) == [
        IndexSample(NOW, Price(PRICE_E3)),
        IndexSample(Instant(NOW.s + 9), Price(PRICE_E3 + 1)),
    ]
    assert index_samples([first, second, third], ETH) == []


def test_there_is_no_settlement_before_the_expiry() -> None:
    with pytest.raises(OutOfRange, match="now"):
        settled(every(10, 0, WINDOW_S), after_s=-1)


@pytest.mark.parametrize("samples", [[at(5), at(5)], [at(6), at(5)]])
def test_samples_come_in_rising_order(samples: list[IndexSample]) -> None:
    with pytest.raises(OutOfRange, match="next sample"):
        settled(samples)


@pytest.mark.parametrize(("value", "fits"), [(0, False), (1, True), (2**31, False)])
def test_a_sample_is_a_price_above_zero(value: int, fits: bool) -> None:
    if fits:
        at(0, value)
    else:
        with pytest.raises(OutOfRange, match="index price"):
            at(0, value)
