"""Funding: the rate, and the index as a function of time."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.funding import (
    PERIOD_S,
    STANDS_MAX_S,
    FundingIndex,
    FundingParameters,
    expected_funding_e3,
    funding_accrual_law,
    funding_cap_law,
    funding_e9,
)
from novate.units import Instant, OutOfRange, bounds

USUAL = FundingParameters()
CONTRACT = (1 << bounds.CONTRACT_BITS) - 1
prices = st.integers(1, CONTRACT)
LISTED = Instant(1_764_896_400)


def later(seconds: int) -> Instant:
    return Instant(LISTED.s + seconds)


@pytest.mark.parametrize(
    ("mark_e3", "rate_e9"),
    [
        (100_000_000, 0),
        (100_024_999, 0),  # just within the dampener of 0.025 %
        (100_025_000, 0),
        (100_025_001, 10),
        (100_075_000, 500_000),  # a premium of 0.075 % costs 0.05 %
        (99_925_000, -500_000),
        (99_975_000, 0),
        (100_524_999, 4_999_990),
        (100_525_000, 5_000_000),  # the cap of 0.5 %
        (100_525_001, 5_000_000),
        (99_474_999, -5_000_000),
    ],
)
def test_the_rate_is_the_premium_less_the_dampener_within_the_cap(
    mark_e3: int, rate_e9: int
) -> None:
    """Source: the funding specifications on support.deribit.com, at an index of 100,000 USD."""
    amount_e9 = funding_e9(mark_e3, 100_000_000, USUAL)
    assert amount_e9 * 1000 == rate_e9 * 100_000_000


@given(prices, prices, st.integers(0, 65_535), st.integers(1, 65_535))
def test_the_amount_is_the_published_formula_exactly(
    mark_e3: int, index_e3: int, dampener_e6: int, cap_e6: int
) -> None:
    premium = Fraction(mark_e3 - index_e3, index_e3)
    dampener, cap = Fraction(dampener_e6, 10**6), Fraction(cap_e6, 10**6)
    rate = max(dampener, premium) + min(-dampener, premium)
    rate = min(cap, max(-cap, rate))
    amount_e9 = funding_e9(mark_e3, index_e3, FundingParameters(dampener_e6, cap_e6))
    assert amount_e9 == rate * index_e3 * 10**6
    assert abs(amount_e9) < 1 << bounds.FUNDING_BITS


@pytest.mark.parametrize(
    ("mark_e3", "index_e3"), [(1, 0), (-1, 1), (CONTRACT + 1, 1), (1, CONTRACT + 1)]
)
def test_a_price_out_of_range_is_refused(mark_e3: int, index_e3: int) -> None:
    with pytest.raises(OutOfRange):
        funding_e9(mark_e3, index_e3, USUAL)


@pytest.mark.parametrize(("dampener_e6", "cap_e6"), [(-1, 1), (65_536, 1), (0, 0), (0, 65_536)])
def test_a_rate_out_of_range_is_refused(dampener_e6: int, cap_e6: int) -> None:
    with pytest.raises(OutOfRange):
        FundingParameters(dampener_e6, cap_e6)


@pytest.mark.parametrize(
    ("amount_e9", "expected_e3"),
    [(0, 0), (1, 1), (10**6, 1), (10**6 + 1, 2), (-1, -1), (-(10**6), -1), (-(10**6) - 1, -2)],
)
def test_the_expected_cost_is_rounded_against_whoever_pays(
    amount_e9: int, expected_e3: int
) -> None:
    assert expected_funding_e3(amount_e9) == expected_e3


amounts = st.integers(1 - (1 << bounds.FUNDING_BITS), (1 << bounds.FUNDING_BITS) - 1)
gaps = st.integers(0, 2 * STANDS_MAX_S)
ticks = st.lists(st.tuples(gaps, amounts), max_size=12)


def ticked(steps: list[tuple[int, int]]) -> tuple[FundingIndex, int]:
    """The index after ticks with gaps before them, and the seconds since the listing."""
    index, elapsed = FundingIndex(LISTED), 0
    for gap, amount_e9 in steps:
        elapsed += gap
        index = index.after(later(elapsed), amount_e9)
    return index, elapsed


@given(ticks, gaps)
def test_the_index_is_the_floor_of_the_exact_mean_over_time(
    steps: list[tuple[int, int]], last: int
) -> None:
    """Each amount stands until the next tick, and for an hour at most."""
    index, elapsed = ticked(steps)
    stood = [min(gap, STANDS_MAX_S) for gap, _ in steps[1:]] + [min(last, STANDS_MAX_S)]
    exact = Fraction(
        sum(amount * s for (_, amount), s in zip(steps, stood, strict=False)), PERIOD_S
    )
    assert index.at(later(elapsed + last)) == exact.__floor__()


@given(ticks, st.lists(gaps, max_size=8), amounts)
def test_in_however_many_pieces_an_interval_is_read_it_is_the_same(
    steps: list[tuple[int, int]], reads: list[int], amount: int
) -> None:
    index, elapsed = ticked(steps)
    last = elapsed + max(reads, default=0)
    alone = index.at(later(last))
    for read in reads:
        index.at(later(elapsed + read))
    assert index.at(later(last)) == alone
    assert index.after(later(last), amount).at(later(last)) == alone


@given(amounts, st.lists(st.integers(0, STANDS_MAX_S), min_size=1, max_size=8))
def test_ticks_that_say_the_same_within_the_hour_change_nothing(
    amount: int, gap: list[int]
) -> None:
    index = FundingIndex(LISTED, amount_e9=amount)
    total = 0
    for seconds in gap:
        total += seconds
        index = index.after(later(total), amount)
    exact = Fraction(amount * total, PERIOD_S)
    assert index.e9 + Fraction(index.rest, PERIOD_S) == exact


def test_a_touch_every_hour_does_not_make_a_silent_oracle_speak() -> None:
    """Before, ten steps of an hour moved ten times what one step of ten hours did."""
    index = FundingIndex(LISTED, amount_e9=5_000_000_000)
    assert [index.at(later(hour * 3600)) for hour in (1, 2, 10)] == [625_000_000] * 3
    spoken = index
    for hour in range(1, 10):
        spoken = spoken.after(later(hour * 3600), 5_000_000_000)
    assert spoken.at(later(36_000)) == 6_250_000_000  # ten ticks, each seen by the oracle


@pytest.mark.parametrize(
    ("elapsed_s", "counted_s"),
    [
        (0, 0),
        (STANDS_MAX_S - 1, STANDS_MAX_S - 1),
        (STANDS_MAX_S, STANDS_MAX_S),
        (STANDS_MAX_S + 1, STANDS_MAX_S),
        (10**6, STANDS_MAX_S),
    ],
)
def test_a_silent_oracle_charges_an_hour_and_no_more(elapsed_s: int, counted_s: int) -> None:
    index = FundingIndex(LISTED, amount_e9=PERIOD_S)
    assert index.at(later(elapsed_s)) == counted_s
    assert index.after(later(elapsed_s), 7) == FundingIndex(later(elapsed_s), counted_s, 0, 7)


def test_time_does_not_run_backwards() -> None:
    index = FundingIndex(LISTED)
    for refused in (index.at, lambda now: index.after(now, 1)):
        with pytest.raises(OutOfRange, match="seconds since the tick"):
            refused(later(-1))


def test_an_amount_that_would_leave_the_width_while_it_stands_is_refused() -> None:
    last = (1 << bounds.FUNDING_INDEX_BITS) - 1
    fits = FundingIndex(LISTED, last - STANDS_MAX_S)
    assert fits.after(LISTED, PERIOD_S).at(later(STANDS_MAX_S)) == last
    with pytest.raises(OutOfRange, match="after an hour"):
        FundingIndex(LISTED, last - STANDS_MAX_S + 1).after(LISTED, PERIOD_S)
    with pytest.raises(OutOfRange, match="after an hour"):
        FundingIndex(LISTED, STANDS_MAX_S - 1 - last).after(LISTED, -PERIOD_S)


@pytest.mark.parametrize(
    "change",
    [
        {"e9": 1 << bounds.FUNDING_INDEX_BITS},
        {"e9": -(1 << bounds.FUNDING_INDEX_BITS)},
        {"rest": -1},
        {"rest": PERIOD_S},
        {"amount_e9": 1 << bounds.FUNDING_BITS},
        {"amount_e9": -(1 << bounds.FUNDING_BITS)},
    ],
)
def test_an_index_out_of_range_is_refused(change: dict[str, int]) -> None:
    with pytest.raises(OutOfRange):
        FundingIndex(LISTED, **change)


def test_the_worked_example_of_the_papers() -> None:
    """10 contracts of 0.1 BTC at 100,000 USD, a premium of 0.075 %, for an hour of ticks."""
    amount_e9 = funding_e9(10_007_500, 10_000_000, USUAL)
    assert amount_e9 == 5_000_000_000  # 5 USD per contract in eight hours: 0.05 %
    assert expected_funding_e3(amount_e9) == 5_000
    index = FundingIndex(LISTED).after(LISTED, amount_e9)
    for minute in range(1, 60):
        index = index.after(later(60 * minute), amount_e9)
    assert index.at(later(3600)) == 625_000_000
    assert index.at(later(7200)) == 625_000_000 + 59 * 60 * amount_e9 // PERIOD_S


def test_the_laws_admit_no_neighbour() -> None:
    assert funding_cap_law(7, 2, 0, 5) == 0
    assert funding_cap_law(7, 2, 0, 6) != 0
    assert funding_accrual_law(5_000_000_000, 60, 0, 10_416_666, 19_200) == 0
    assert all(
        funding_accrual_law(5_000_000_000, 60, 0, 10_416_667, rest) for rest in range(PERIOD_S)
    )


def test_every_product_fits_its_width() -> None:
    funding, rate = (1 << bounds.FUNDING_BITS) - 1, (1 << bounds.FUNDING_RATE_BITS) - 1
    assert rate * CONTRACT < 1 << bounds.FUNDING_BITS
    assert funding * STANDS_MAX_S + 2 * PERIOD_S < 1 << 59
