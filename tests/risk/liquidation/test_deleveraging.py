"""Whose positions close a bankrupt account's: the order, the shares, and what each pays."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.pricing import NotIntegers
from novate.risk.liquidation.deleveraging import (
    CandidatesIncomplete,
    Deleveraging,
    deficit_charge_law,
    deficit_charges_e6,
    deficit_shares_e6,
    deleverage,
    hedge_tier_law,
    hedge_tiers,
)
from novate.risk.liquidation.rules import WHOLE
from novate.units import OutOfRange, bounds

OUTRIGHT_E3 = 1_200_000  # 1,200 USD for a contract alone


@pytest.mark.parametrize(
    ("relief_usd", "tier"),
    [
        (12_000, 8),  # outright: all the margin of 10 contracts goes with them
        (11_251, 8),
        (11_250, 8),  # the nearest eighth, and upwards from the middle
        (11_249, 7),
        (30_000, 8),  # more than outright: it carried others' risk too
        (6_000, 4),
        (750, 1),
        (749, 0),
        (0, 0),  # a long option asks nothing, and neither does its absence
        (-750, 0),
        (-751, -1),
        (-11_250, -7),
        (-11_251, -8),
        (-12_000, -8),  # fully hedged: as much would have to be found
        (-99_000, -8),
    ],
)
def test_a_tier_is_relief_in_eighths_of_what_the_contracts_require_alone(
    relief_usd: int, tier: int
) -> None:
    relief_e6, size_e3 = np.array([relief_usd * 10**6]), np.array([10_000])
    assert hedge_tiers(relief_e6, size_e3, OUTRIGHT_E3).tolist() == [tier]


@given(
    st.integers(-(1 << bounds.MAINTENANCE_BITS) + 1, (1 << bounds.MAINTENANCE_BITS) - 1),
    st.integers(1, (1 << bounds.QTY_BITS) - 1),
    st.integers(1, (1 << bounds.RISK_ENTRY_BITS) - 1),
)
def test_a_tier_is_the_nearest_on_the_whole_range(relief: int, size: int, outright: int) -> None:
    tier = int(hedge_tiers(np.array([relief]), np.array([size]), outright)[0])
    exact = Fraction(8 * relief, outright * size)
    assert tier == max(-8, min(8, (exact + Fraction(1, 2)).__floor__()))
    rest = hedge_tier_law(relief, outright * size, tier, 0)
    if -8 < tier < 8:
        assert 0 <= rest < 2 * outright * size
        assert hedge_tier_law(relief, outright * size, tier, rest) == 0


@pytest.mark.parametrize(
    ("deficit_e6", "gain_e3", "charge_e6", "left_e6"),
    [
        (100, 1_000, [34, 67], -1),  # a third and two thirds of 100, both rounded up
        (99, 1_000, [33, 66], 0),
        (0, 1_000, [0, 0], 0),
        (-100, 1_000, [-33, -66], -1),  # equity left: candidates receive, rounded down
        (1_500_000, 400, [400_000, 800_000], 300_000),  # nobody pays more than they gained
    ],
)
def test_candidates_bear_the_deficit_by_what_they_close_and_at_most_their_gain(
    deficit_e6: int, gain_e3: int, charge_e6: list[int], left_e6: int
) -> None:
    closed_e3 = np.array([1_000, 2_000])
    charge, left = deficit_charges_e6(deficit_e6, 3_000, closed_e3, np.array([gain_e3, gain_e3]))
    assert (charge.tolist(), left) == (charge_e6, left_e6)


@pytest.mark.parametrize("relief", [-1, 0, 1])
@pytest.mark.parametrize("outright", [1, (1 << bounds.RISK_ENTRY_BITS) - 1])
@pytest.mark.parametrize("size", [1, (1 << bounds.QTY_BITS) - 1])
def test_a_tier_is_the_nearest_at_every_edge(relief: int, size: int, outright: int) -> None:
    relief *= (1 << bounds.MAINTENANCE_BITS) - 1
    tier = int(hedge_tiers(np.array([relief]), np.array([size]), outright)[0])
    exact = Fraction(8 * relief, outright * size) + Fraction(1, 2)
    assert tier == max(-8, min(8, exact.__floor__()))


@pytest.mark.parametrize(
    ("relief", "size", "outright", "said"),
    [
        (1 << bounds.MAINTENANCE_BITS, 1, 1, "relief"),
        (-1 << bounds.MAINTENANCE_BITS, 1, 1, "relief"),
        (0, 0, 1, "size of a candidate"),
        (0, 1 << bounds.QTY_BITS, 1, "size of a candidate"),
        (0, 1, 0, "margin of one contract alone"),
        (0, 1, 1 << bounds.RISK_ENTRY_BITS, "margin of one contract alone"),
    ],
)
def test_a_tier_of_what_is_out_of_range_is_refused(
    relief: int, size: int, outright: int, said: str
) -> None:
    with pytest.raises(OutOfRange, match=said):
        hedge_tiers(np.array([relief]), np.array([size]), outright)


deficits = st.integers(-(1 << bounds.DEFICIT_BITS) + 1, (1 << bounds.DEFICIT_BITS) - 1)


@given(deficits, st.lists(st.integers(0, (1 << 24) - 1), min_size=1, max_size=8), st.data())
def test_charges_conserve_the_deficit_on_the_whole_range(
    deficit: int, closed: list[int], data: st.DataObject
) -> None:
    size = max(1, sum(closed))
    gains = st.lists(st.integers(0, 1 << 34), min_size=len(closed), max_size=len(closed))
    gain = data.draw(gains)
    charge, left = deficit_charges_e6(deficit, size, np.array(closed), np.array(gain))
    assert sum(charge.tolist()) + left == deficit
    for one, most, paid in zip(closed, gain, charge.tolist(), strict=True):
        exact = -(-deficit * one // size)
        assert paid == min(exact, most * one)
        if paid == exact:
            assert deficit_charge_law(deficit, size, one, paid, paid * size - deficit * one) == 0
    if sum(closed):
        assert left > -len(closed)


@given(deficits, st.lists(st.integers(0, 1 << 40), min_size=1, max_size=8).filter(any))
def test_a_deficit_falls_on_instruments_by_weight_and_exactly(
    deficit: int, weight: list[int]
) -> None:
    found = deficit_shares_e6(deficit, weight)
    assert sum(found) == deficit
    for one, part in zip(weight, found, strict=True):
        assert abs(part - Fraction(deficit * one, sum(weight))) < 1


def test_shares_are_what_the_sum_rounded_down_has_grown_by() -> None:
    assert deficit_shares_e6(10, [1, 1, 1]) == [3, 3, 4]
    assert deficit_shares_e6(-10, [1, 1, 1]) == [-4, -3, -3]
    assert deficit_shares_e6(10, [0, 7, 0]) == [0, 10, 0]


@pytest.mark.parametrize("weight", [[0, 0], [], [-1, 2], [1 << 62, 1 << 62]])
def test_weights_out_of_range_are_refused(weight: list[int]) -> None:
    with pytest.raises(OutOfRange, match="weight"):
        deficit_shares_e6(1, weight)


def crash(**change: object) -> Deleveraging:
    """Of docs/concepts/liquidation.md: who is short when 60 long perpetuals are bankrupt."""
    rows = {
        "size_e3": 60_000,
        "lot_e3": 100,
        "deficit_e6": 9_000 * 10**6,
        "outright_e3": OUTRIGHT_E3,
        "open_interest_e3": 170_000,
        "account": np.array([11, 12, 13, 14]),
        "held_e3": np.array([40_000, 50_000, 20_000, 60_000]),
        "relief_e6": np.array([-47_000, 60_000, 24_000, 30_000]) * 10**6,
        "gain_e3": np.array([400_000, 400_000, 400_000, 400_000]),
        "draw": WHOLE // 2,
    }
    return deleverage(**(rows | change))  # type: ignore[arg-type]


def test_the_worked_example_of_the_papers() -> None:
    done = crash()
    assert done.tier.tolist() == [-8, 8, 8, 3]
    assert done.closed_e3.tolist() == [0, 42_900, 17_100, 0]
    assert done.charge_e6.tolist() == [0, 6_435_000_000, 2_565_000_000, 0]
    assert (done.surplus_e6, done.uncovered_e6) == (0, 0)


def test_who_is_hedged_is_touched_last() -> None:
    assert crash(size_e3=130_000).closed_e3.tolist() == [0, 50_000, 20_000, 60_000]
    assert crash(size_e3=130_100).closed_e3.tolist() == [100, 50_000, 20_000, 60_000]


def test_what_gains_do_not_bear_is_left_for_the_haircut() -> None:
    done = crash(gain_e3=np.array([100_000] * 4))
    assert done.charge_e6.tolist() == [0, 4_290_000_000, 1_710_000_000, 0]
    assert (done.surplus_e6, done.uncovered_e6) == (0, 3_000_000_000)


def test_dust_is_for_the_insurance_fund() -> None:
    done = crash(deficit_e6=1)
    assert done.charge_e6.tolist() == [0, 1, 1, 0]
    assert (done.surplus_e6, done.uncovered_e6) == (1, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"open_interest_e3": 170_001},  # somebody is missing
        {"open_interest_e3": 169_999},
        {"account": np.array([11, 12, 13, 13])},  # somebody is there twice
        {"gain_e3": np.array([1])},
        {"relief_e6": np.array([[1, 2, 3, 4]])},
    ],
)
def test_every_holder_of_the_other_side_is_named_once(change: dict[str, object]) -> None:
    with pytest.raises(CandidatesIncomplete):
        crash(**change)


def test_nobody_is_paid_for_having_lost() -> None:
    """Before, a gain of -0.05 USD a contract paid the candidate for being closed."""
    with pytest.raises(OutOfRange, match=r"gain of a contract -50 is outside \[0, "):
        crash(gain_e3=np.array([400_000, -50, 400_000, 400_000]))
    nothing = crash(gain_e3=np.array([0, 0, 0, 0]))
    assert not nothing.charge_e6.any()
    assert nothing.uncovered_e6 == 9_000 * 10**6
    with pytest.raises(NotIntegers, match="gain of a contract"):
        crash(gain_e3=np.array([0.5, 0, 0, 0]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"size_e3": 0}, "contracts to close 0"),
        ({"size_e3": 170_001}, "lots to close"),
        ({"lot_e3": 0}, "lot 0"),
        ({"draw": -1}, "draw"),
        ({"draw": WHOLE}, "draw"),
        ({"deficit_e6": 1 << bounds.DEFICIT_BITS}, "deficit"),
    ],
)
def test_what_cannot_be_closed_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(OutOfRange, match=said):
        crash(**change)


def test_an_odd_position_is_closed_to_the_last_unit() -> None:
    odd = crash(size_e3=60_001)
    assert odd.closed_e3.tolist() == [0, 42_858, 17_143, 0]
    assert odd.closed_e3.sum() == 60_001
    held = np.array([40_000, 50_000, 20_000, 60_050])
    odd = crash(held_e3=held, open_interest_e3=170_050, size_e3=130_050)
    assert odd.closed_e3.tolist() == [0, 50_000, 20_000, 60_050]


def test_every_product_fits_its_width() -> None:
    size = (1 << bounds.QTY_BITS) - 1
    relief, deficit = (1 << bounds.MAINTENANCE_BITS) - 1, (1 << bounds.DEFICIT_BITS) - 1
    outright = (1 << bounds.RISK_ENTRY_BITS) - 1
    assert 16 * relief + size * outright < 1 << 63
    assert 2 * size * outright < 1 << 63
    assert 2 * (16 * relief + size * outright) < 1 << 64  # both sides of the law
    assert size * size < 1 << 54
    assert size * outright < 1 << 62  # a bound by gain
    assert deficit * size + size < 1 << bounds.DEFICIT_LAW_BITS
