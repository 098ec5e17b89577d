"""Windows of a history: which there are, how far each moved, and what no history is."""

import numpy as np
import pytest

from novate.pricing import NotIntegers
from novate.risk import BadMoves, windows
from novate.units import OutOfRange

HOUR_S = 3_600
ONE = 10**6


def test_a_window_is_from_an_instant_to_the_one_a_horizon_later_if_there_is_one() -> None:
    at_s = np.array([0, 1, 2, 3, 5, 6]) * HOUR_S
    price = np.array([100, 110, 120, 90, 100, 45])
    vol = np.array([50, 50, 40, 80, 50, 50])
    found = windows(at_s, price, vol, 2 * HOUR_S, elapsed_s=60, is_by_tenor=True)
    assert (found.began_at_s // HOUR_S).tolist() == [0, 1, 3]  # nothing at four o'clock
    assert found.moves.spot_e6.tolist() == [200_000, -181_819, 111_111]
    assert found.moves.vol_e6.tolist() == [-200_000, 600_000, -375_000]
    assert found.moves.elapsed_s.tolist() == [60, 60, 60]
    assert found.moves.is_by_tenor
    assert found.overlap == 2


@pytest.mark.parametrize(("horizon_h", "overlap"), [(1, 1), (3, 3), (7, 7)])
def test_longer_windows_overlap_more(horizon_h: int, overlap: int) -> None:
    at_s = np.arange(30) * HOUR_S
    level = np.ones_like(at_s)
    assert windows(at_s, level, level, horizon_h * HOUR_S).overlap == overlap


@pytest.mark.parametrize(
    ("loss", "count", "worst"),
    [
        ([1, 5, 4, 3, 2, 6], 3, [5, 1, 3]),  # 4 overlaps 5, as 2 does 1 and 0 does
        ([1, 5, 4, 3, 2, 6], 1, [5]),
        ([7, 7, 7, 7, 7, 7], 9, [0, 2, 4]),
        ([-1, -5, -4, -3, -2, -6], 0, []),
    ],
)
def test_the_worst_windows_do_not_overlap_worse_ones(
    loss: list[int], count: int, worst: list[int]
) -> None:
    at_s = np.arange(8) * HOUR_S
    found = windows(at_s, np.ones_like(at_s), np.ones_like(at_s), 2 * HOUR_S)
    assert found.horizon_s == 2 * HOUR_S
    assert found.worst(np.array(loss), count).tolist() == worst


@pytest.mark.parametrize(
    ("at_s", "price", "vol", "horizon_s", "error"),
    [
        ([0, 1], [1, 1, 1], [1, 1], 1, BadMoves),
        ([1, 0], [1, 1], [1, 1], 1, BadMoves),
        ([0, 0], [1, 1], [1, 1], 1, BadMoves),
        ([0, 1], [1, 0], [1, 1], 1, OutOfRange),
        ([0, 1], [1, 1], [0, 1], 1, OutOfRange),
        ([0, 2], [1, 1], [1, 1], 1, BadMoves),
        ([], [], [], 1, BadMoves),
        ([0, 1], [1, 1], [1, 1], 0, OutOfRange),
        ([0, 1], [10, 51], [1, 1], 1, OutOfRange),  # five times the price, and more
        ([0, 1], [1, 1], [10, 111], 1, OutOfRange),
        ([0, 1], [1, 1 << 43], [1, 1], 1, OutOfRange),
    ],
)
def test_a_history_that_is_none_is_refused(
    at_s: list[int], price: list[int], vol: list[int], horizon_s: int, error: type[Exception]
) -> None:
    columns = (np.array(values, dtype=np.int64) for values in (at_s, price, vol))
    with pytest.raises(error):
        windows(*columns, horizon_s)


def test_the_largest_moves_of_a_history_are_moves() -> None:
    pair = np.array([0, 1])
    found = windows(pair, np.array([10, 50]), np.array([10, 110]), 1).moves
    assert (found.spot_e6.tolist(), found.vol_e6.tolist()) == ([4 * ONE], [10 * ONE])


def test_a_history_of_floats_is_refused() -> None:
    at_s = np.array([0, 1])
    with pytest.raises(NotIntegers):
        windows(at_s, np.array([1.0, 1.5]), at_s + 1, 1)
