"""Whose positions close a bankrupt account's: the order, the shares, and what each pays."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.liquidation.deleveraging import (
    CandidatesIncomplete,
    Deleveraging,
    closed_lots,
    deficit_charge_law,
    deficit_charges_e6,
    deficit_shares_e6,
    deleverage,
    hedge_tier_law,
    hedge_tiers,
    lot_share_law,
)
from novate.units import Integers, OutOfRange, bounds

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
    st.integers(1, (1 << bounds.PRICE_BITS) - 1),
)
def test_a_tier_is_the_nearest_on_the_whole_range(relief: int, size: int, outright: int) -> None:
    tier = int(hedge_tiers(np.array([relief]), np.array([size]), outright)[0])
    exact = Fraction(8 * relief, outright * size)
    assert tier == max(-8, min(8, (exact + Fraction(1, 2)).__floor__()))
    rest = hedge_tier_law(relief, outright * size, tier, 0)
    if -8 < tier < 8:
        assert 0 <= rest < 2 * outright * size
        assert hedge_tier_law(relief, outright * size, tier, rest) == 0


def shares(need: int, size: list[int], tier: list[int], account: list[int]) -> list[int]:
    return closed_lots(need, np.array(size), np.array(tier), np.array(account)).tolist()


@pytest.mark.parametrize(
    ("need", "closed"),
    [
        (0, [0, 0, 0, 0]),
        (4, [0, 3, 1, 0]),  # pro rata in the first tier: 2.4 and 1.6, the odd lot to account 5
        (9, [0, 6, 3, 0]),  # 5.4 and 3.6, the odd lot to account 5
        (10, [0, 6, 4, 0]),
        (11, [1, 6, 4, 0]),
        (15, [5, 6, 4, 0]),
        (16, [5, 6, 4, 1]),
        (115, [5, 6, 4, 100]),
    ],
)
def test_tiers_close_one_after_the_other_and_pro_rata_within(need: int, closed: list[int]) -> None:
    assert shares(need, [5, 6, 4, 100], [0, 8, 8, -8], [1, 5, 7, 2]) == closed


def test_the_order_of_rows_changes_nothing() -> None:
    size, tier, account = [5, 6, 4, 100], [0, 8, 8, -8], [1, 5, 7, 2]
    for need in range(116):
        forwards = shares(need, size, tier, account)
        backwards = shares(need, size[::-1], tier[::-1], account[::-1])
        assert forwards == backwards[::-1]


@pytest.mark.parametrize("need", [-1, 116])
def test_more_than_candidates_hold_cannot_be_closed(need: int) -> None:
    with pytest.raises(OutOfRange):
        shares(need, [5, 6, 4, 100], [0, 8, 8, -8], [1, 5, 7, 2])


@pytest.mark.parametrize("size", [0, 1 << bounds.QTY_BITS])
def test_a_candidate_holds_at_least_a_lot_and_at_most_a_position(size: int) -> None:
    with pytest.raises(OutOfRange):
        shares(1, [5, size], [0, 8], [1, 2])


@st.composite
def crowds(draw: st.DrawFn) -> tuple[Integers, Integers, Integers, int]:
    count = draw(st.integers(1, 12))
    size = draw(st.lists(st.integers(1, 50), min_size=count, max_size=count))
    tier = draw(st.lists(st.integers(-8, 8), min_size=count, max_size=count))
    account = draw(st.permutations(range(count)))
    return np.array(size), np.array(tier), np.array(account), draw(st.integers(0, sum(size)))


@given(crowds())
def test_exactly_the_need_is_closed_and_no_one_before_their_tier(
    crowd: tuple[Integers, Integers, Integers, int],
) -> None:
    size, tier, account, need = crowd
    closed = closed_lots(need, size, tier, account)
    assert closed.sum() == need
    assert np.all((closed >= 0) & (closed <= size))
    touched = tier[closed > 0]
    if touched.size:
        marginal = touched.min()
        assert np.all(closed[tier > marginal] == size[tier > marginal])
        assert np.all(closed[tier < marginal] == 0)


@given(crowds())
def test_within_the_last_tier_everybody_closes_the_same_part_to_a_lot(
    crowd: tuple[Integers, Integers, Integers, int],
) -> None:
    size, tier, account, need = crowd
    closed = closed_lots(need, size, tier, account)
    touched = tier[closed > 0]
    rows = np.flatnonzero(tier == (touched.min() if touched.size else tier.max()))
    total, part = int(size[rows].sum()), int(closed[rows].sum())
    extras = []
    for row in rows[np.argsort(account[rows])]:
        extra = int(closed[row]) - int(size[row]) * part // total
        rest = int(size[row]) * part % total
        assert extra in (0, 1)
        assert lot_share_law(int(size[row]), part, total, int(closed[row]), extra, rest) == 0
        extras.append(extra)
    assert extras == sorted(extras, reverse=True)  # the first accounts take the odd lots


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


def test_a_deficit_without_weight_is_refused() -> None:
    with pytest.raises(OutOfRange):
        deficit_shares_e6(1, [0, 0])


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
    ],
)
def test_every_holder_of_the_other_side_is_named_once(change: dict[str, object]) -> None:
    with pytest.raises(CandidatesIncomplete):
        crash(**change)


def test_every_product_fits_its_width() -> None:
    size, price = (1 << bounds.QTY_BITS) - 1, (1 << bounds.PRICE_BITS) - 1
    relief, deficit = (1 << bounds.MAINTENANCE_BITS) - 1, (1 << bounds.DEFICIT_BITS) - 1
    assert 16 * relief + size * price < 1 << 63
    assert 2 * size * price < 1 << 63
    assert size * size < 1 << 54
    assert size * price < 1 << 63  # a bound by gain
    assert deficit * size + size < 1 << bounds.DEFICIT_LAW_BITS


def test_a_contract_that_requires_nothing_has_no_tiers() -> None:
    with pytest.raises(OutOfRange, match="margin of one contract alone"):
        hedge_tiers(np.array([1]), np.array([1]), 0)
