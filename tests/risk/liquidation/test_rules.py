"""The flag, the premium curve, and the largest slice."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.liquidation.rules import (
    ONE,
    WHOLE,
    Knot,
    LiquidationRules,
    flagged_since,
    is_below_threshold,
    largest_slice,
    largest_slice_law,
    taker_premium_e6,
    taker_premium_law,
)
from novate.risk.parameters import Dials
from novate.units import Instant, OutOfRange, bounds

USUAL = LiquidationRules()
USD = 10**6


def threshold_at(millionths: int) -> Dials:
    return Dials(liquidation_threshold_e6=millionths)


@pytest.mark.parametrize(
    ("threshold_e6", "equity_e6", "is_below"),
    [
        (ONE, 799, True),
        (ONE, 800, False),
        (ONE, 801, False),
        (ONE + ONE // 10, 879, True),
        (ONE + ONE // 10, 880, False),
        (ONE // 2, 399, True),
        (ONE // 2, 400, False),
    ],
)
def test_an_account_is_below_when_equity_is_under_the_threshold_of_maintenance(
    threshold_e6: int, equity_e6: int, is_below: bool
) -> None:
    rules = LiquidationRules(threshold_at(threshold_e6))
    assert is_below_threshold(equity_e6, 800, rules) is is_below


def test_an_account_without_positions_is_below_only_in_debt() -> None:
    assert not is_below_threshold(0, 0, USUAL)
    assert is_below_threshold(-1, 0, USUAL)


def test_the_flag_keeps_the_first_tick_until_a_tick_finds_the_account_well() -> None:
    first, second, third = Instant(60), Instant(120), Instant(180)
    assert flagged_since(None, first, 800, 800, USUAL) is None
    flagged = flagged_since(None, first, 799, 800, USUAL)
    assert flagged == first
    assert flagged_since(flagged, second, 500, 800, USUAL) == first
    assert flagged_since(flagged, third, 800, 800, USUAL) is None
    assert flagged_since(first, first, 500, 800, USUAL) == first
    with pytest.raises(OutOfRange, match="tick 60 is outside"):
        flagged_since(second, first, 500, 800, USUAL)


@pytest.mark.parametrize(
    ("elapsed_s", "premium"),
    [
        (0, 20_000),
        (1, 20_766),  # 766.67 a second, rounded down
        (150, 135_000),
        (299, 249_233),
        (300, 250_000),
        (301, 250_227),
        (1950, 625_000),
        (3599, 999_772),
        (3600, ONE),
        (3601, ONE),
        (10**9, ONE),
    ],
)
def test_the_premium_is_2_percent_at_once_25_after_five_minutes_and_all_after_an_hour(
    elapsed_s: int, premium: int
) -> None:
    assert taker_premium_e6(elapsed_s, USUAL) == premium


def test_the_premium_never_falls_and_only_its_floor_obeys_the_law() -> None:
    curve = [taker_premium_e6(elapsed_s, USUAL) for elapsed_s in range(3700)]
    assert curve == sorted(curve)
    assert taker_premium_law(135_000, 20_000, 230_000, 300, 150, 0) == 0
    assert all(taker_premium_law(134_999, 20_000, 230_000, 300, 150, rest) for rest in range(300))
    assert all(taker_premium_law(135_001, 20_000, 230_000, 300, 150, rest) for rest in range(300))


def test_there_is_no_premium_before_the_flag() -> None:
    with pytest.raises(OutOfRange):
        taker_premium_e6(-1, USUAL)


@pytest.mark.parametrize(
    "change",
    [
        {"buffer_e6": 0},
        {"buffer_e6": ONE + 1},
        {"fee_e6": -1},
        {"fee_e6": ONE // 8 + 1},
        {"whole_below_e6": -1},
        {"tolerated_e6": -1},
        {"tolerated_e6": ONE // 8 + 1},
        {"curve": ()},
        {"curve": (Knot(1, 0),)},
        {"curve": (Knot(0, 0), Knot(0, 1))},
        {"curve": (Knot(0, 5), Knot(9, 4))},
        {"curve": (Knot(0, 0), Knot(9, ONE + 1))},
        {"curve": (Knot(0, ONE + 1),)},
        {"curve": (Knot(0, -1),)},
    ],
)
def test_rules_that_no_account_could_live_by_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"outside|starts at the flag"):
        LiquidationRules(**change)  # type: ignore[arg-type]


def test_rules_at_their_limits_are_allowed() -> None:
    LiquidationRules(threshold_at(ONE // 2), 1, 0, 0, 0, (Knot(0, 0),))
    LiquidationRules(
        threshold_at(2 * ONE), ONE, ONE // 8, 0, ONE // 8, (Knot(0, 7), Knot(1, 7), Knot(2, ONE))
    )


@pytest.mark.parametrize(
    ("equity_usd", "premium", "part"),
    [
        (10_000, 20_000, 0),  # well: exactly at the threshold
        (9_000, 20_000, Fraction(2_500, 11_100)),
        (9_000, 250_000, Fraction(2_500, 8_800)),
        (5_000, 480_000, Fraction(6_500, 6_500)),  # E = G * M: all
        (5_001, 480_000, Fraction(6_499, 6_500)),
        (4_999, 480_000, 1),
        (9_999, ONE, 1),
        (0, 20_000, 1),
        (-1, 20_000, 1),
    ],
)
def test_the_largest_slice_follows_the_formula_and_ends_at_all(
    equity_usd: int, premium: int, part: Fraction
) -> None:
    largest = largest_slice(equity_usd * USD, 10_000 * USD, premium, USUAL)
    assert largest == int(part * WHOLE)


@pytest.mark.parametrize(
    ("equity_e6", "is_whole"),
    [(100 * USD - 1, True), (100 * USD, False), (100 * USD + 1, False)],
)
def test_an_account_with_less_than_100_usd_may_be_taken_whole(
    equity_e6: int, is_whole: bool
) -> None:
    assert (largest_slice(equity_e6, 105 * USD, 20_000, USUAL) == WHOLE) is is_whole


thresholds = st.integers(ONE // 2, 2 * ONE)
premiums = st.integers(0, ONE)
margins = st.integers(1, (1 << bounds.MAINTENANCE_BITS) - 1)
ratios = st.integers(-ONE, 2 * ONE)


@given(thresholds, st.integers(1, ONE), premiums, margins, ratios)
def test_the_largest_slice_is_the_exact_one_rounded_down_whatever_the_threshold(
    threshold: int, buffer: int, premium: int, maintenance: int, ratio: int
) -> None:
    rules = LiquidationRules(threshold_at(threshold), buffer, whole_below_e6=0)
    equity = ratio * maintenance // ONE
    part = largest_slice(equity, maintenance, premium, rules)
    cost = Fraction(premium + rules.fee_e6, ONE)
    target = Fraction(rules.target_e6, ONE)
    if not is_below_threshold(equity, maintenance, rules):
        assert part == 0
    elif equity <= cost * maintenance:
        assert part == WHOLE
    else:
        exact = (target * maintenance - equity) / ((target - cost) * maintenance)
        assert 0 < exact < 1
        assert part == int(exact * WHOLE)


@given(margins, st.integers(0, ONE), st.integers(0, 3_600), st.integers(0, 3_600))
def test_waiting_never_makes_the_largest_slice_smaller(
    maintenance: int, ratio: int, sooner: int, later: int
) -> None:
    equity = ratio * maintenance // ONE
    sooner, later = sorted((sooner, later))
    before = largest_slice(equity, maintenance, taker_premium_e6(sooner, USUAL), USUAL)
    assert before <= largest_slice(equity, maintenance, taker_premium_e6(later, USUAL), USUAL)


def test_a_maintenance_margin_beyond_its_width_is_refused() -> None:
    with pytest.raises(OutOfRange):
        largest_slice(0, 1 << bounds.MAINTENANCE_BITS, 20_000, USUAL)


def test_the_law_of_the_largest_slice_admits_no_neighbour() -> None:
    equity, maintenance, target, cost = 9_000, 10_000, 1_150_000, 40_000
    part = largest_slice(equity, maintenance, 20_000, LiquidationRules(whole_below_e6=0))
    divisor = (target - cost) * maintenance
    for wrong, is_law in ((part - 1, False), (part, True), (part + 1, False)):
        rest = largest_slice_law(equity, maintenance, target, cost, wrong, 0)
        assert (0 <= rest < divisor) is is_law  # the only rest with which the law is zero


def test_every_product_fits_its_width() -> None:
    maintenance = (1 << bounds.MAINTENANCE_BITS) - 1
    highest = 3 * ONE  # the highest threshold and buffer
    assert highest < 1 << 22
    assert WHOLE * highest * maintenance < 1 << bounds.SLICE_LAW_BITS
    assert ONE + ONE // 8 < 1 << 21  # premium and fee
    assert (ONE << bounds.TIME_BITS) + (1 << bounds.TIME_BITS) < 1 << 53  # a premium times seconds
