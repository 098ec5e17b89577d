"""Shares in whole lots: the total exact, each within a lot, and nobody able to choose which."""

from fractions import Fraction
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.liquidation.lot_share import (
    closed_lots,
    lot_share_law,
    row_start_law,
    shares_in_order,
)
from novate.risk.liquidation.rules import WHOLE
from novate.units import Integers, OutOfRange, bounds

HALF = WHOLE // 2


def shares(
    need: int, size: list[int], tier: list[int], account: list[int], draw: int = HALF
) -> list[int]:
    return closed_lots(need, np.array(size), np.array(tier), np.array(account), draw).tolist()


@pytest.mark.parametrize(
    ("need", "closed"),
    [
        (0, [0, 0, 0, 0]),
        (4, [0, 2, 2, 0]),  # pro rata in the first tier: 2.4 and 1.6; half a lot in, 2.9 and 4.5
        (9, [0, 5, 4, 0]),  # 5.4 and 3.6; 5.9 and 9.5
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


@pytest.mark.parametrize(
    ("part", "closed"),
    [
        (0, [2, 2]),
        (Fraction(59, 100), [2, 2]),
        (Fraction(3, 5), [3, 1]),
        (Fraction(99, 100), [3, 1]),
    ],
)
def test_where_in_a_lot_the_row_begins_says_who_closes_the_odd_lot(
    part: Fraction, closed: list[int]
) -> None:
    """2.4 and 1.6 lots: six beginnings of ten for the second account, four for the first."""
    draw = -(-part * WHOLE // 1)
    assert shares(4, [6, 4], [8, 8], [5, 7], int(draw)) == closed


@pytest.mark.parametrize("draw", [-1, WHOLE])
def test_a_draw_has_30_bits(draw: int) -> None:
    with pytest.raises(OutOfRange, match="draw"):
        shares(1, [5], [0], [1], draw)


Crowd: TypeAlias = tuple[int, Integers, Integers, Integers, int]
"""Lots to close; size, tier and account of each candidate; the draw."""


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    count = draw(st.integers(1, 12))
    size = draw(st.lists(st.integers(1, 50), min_size=count, max_size=count))
    tier = draw(st.lists(st.integers(-8, 8), min_size=count, max_size=count))
    account = draw(st.permutations(range(count)))
    need, begin = draw(st.integers(0, sum(size))), draw(st.integers(0, WHOLE - 1))
    return need, np.array(size), np.array(tier), np.array(account), begin


@given(crowds())
def test_exactly_the_need_is_closed_and_no_one_before_their_tier(crowd: Crowd) -> None:
    need, size, tier, _, _ = crowd
    closed = closed_lots(*crowd)
    assert closed.sum() == need
    assert np.all((closed >= 0) & (closed <= size))
    touched = tier[closed > 0]
    if touched.size:
        marginal = touched.min()
        assert np.all(closed[tier > marginal] == size[tier > marginal])
        assert np.all(closed[tier < marginal] == 0)


@given(crowds())
def test_within_the_last_tier_everybody_closes_the_same_part_to_a_lot(crowd: Crowd) -> None:
    """So does every stretch of neighbours: a split into accounts side by side gains nothing."""
    _, size, tier, account, draw = crowd
    closed = closed_lots(*crowd)
    touched = tier[closed > 0]
    rows = np.flatnonzero(tier == (touched.min() if touched.size else tier.max()))
    rows = rows[np.argsort(account[rows])]
    total, need = int(size[rows].sum()), int(closed[rows].sum())
    start = draw * total // WHOLE
    assert row_start_law(draw, total, start, draw * total - start * WHOLE) == 0
    for first in range(len(rows)):
        for last in range(first, len(rows)):
            stretch = rows[first : last + 1]
            exact = Fraction(need * int(size[stretch].sum()), total)
            assert abs(int(closed[stretch].sum()) - exact) < 1
    for so_far, reached in zip(
        size[rows].cumsum().tolist(), closed[rows].cumsum().tolist(), strict=True
    ):
        if need < total:  # a tier that is closed whole needs no law
            rest = need * so_far + start - reached * total
            assert 0 <= rest < total
            assert lot_share_law(so_far, need, total, start, reached, rest) == 0


rows_of_lots = st.lists(st.integers(0, 30), min_size=1, max_size=8).filter(any)


@given(rows_of_lots, st.integers(0, 240))
def test_over_all_beginnings_everybody_closes_their_part_exactly(
    lots: list[int], need: int
) -> None:
    """Whatever the numbers of the accounts and however a holder is split over them."""
    total = sum(lots)
    need = min(need, total)
    closed = np.sum([shares_in_order(need, lots, start) for start in range(total)], axis=0)
    assert closed.tolist() == [need * one for one in lots]


def test_one_lot_accounts_with_high_numbers_close_their_part_too() -> None:
    """1,000 holders of 100 lots and 400 of one, 50,300 to close: 200.4 is the part of the 400.

    Before, the remainders went to the lowest numbers and the 400 closed nothing.
    """
    size, tier, account = [100] * 1_000 + [1] * 400, [8] * 1_400, list(range(1_400))
    for draw in (0, 1, WHOLE // 3, HALF, WHOLE - 1):
        closed = shares(50_300, size, tier, account, draw)
        assert sum(closed[1_000:]) in (200, 201)
        assert sum(closed) == 50_300


def test_one_lot_accounts_between_others_gain_nothing_by_their_place() -> None:
    """Each behind a holder of 100: with another beginning for each of 1,000 ticks."""
    size, tier, account = [100, 1] * 40, [8] * 80, list(range(80))
    draws = range(0, WHOLE, WHOLE // 1_000 + 1)
    closed = sum(sum(shares(2_013, size, tier, account, draw)[1::2]) for draw in draws)
    exact = Fraction(2_013 * 40, 101 * 40)
    assert abs(closed / len(draws) - exact) < 0.05


def test_the_laws_admit_no_neighbour() -> None:
    for wrong, is_law in ((1, False), (2, True), (3, False)):
        assert (0 <= -lot_share_law(6, 4, 10, 5, wrong, 0) < 10) is is_law
    for wrong, is_law in ((4, False), (5, True), (6, False)):
        assert (0 <= -row_start_law(HALF, 10, wrong, 0) < WHOLE) is is_law


def test_every_product_fits_its_width() -> None:
    need, so_far = (1 << bounds.QTY_BITS) - 1, (1 << bounds.OPEN_INTEREST_BITS) - 1
    assert need * so_far + 2 * so_far < 1 << bounds.LOT_SHARE_LAW_BITS
    assert WHOLE * so_far < 1 << bounds.SLICE_BITS + bounds.OPEN_INTEREST_BITS
    assert ((1 << bounds.TRADER_BITS) - 1) * need < 1 << bounds.OPEN_INTEREST_BITS
