"""Moves of the market: what they refuse, and where forwards, tenors and volatilities go."""

import numpy as np
import pytest

from novate.pricing import NotIntegers
from novate.risk import BadMoves, Moves
from novate.risk.desk.moves import moved_forward_e3, moved_tenor_s, moved_vol_e6
from novate.units import OutOfRange, bounds

from ..books import SCENE

NODES = np.arange(len(SCENE.listing.node_group))
DAY_S = 86_400


def vols(moves: Moves, tenor_s: int = 30 * DAY_S) -> list[list[int]]:
    """Volatilities of 50 % and 80 % after the moves."""
    scene = SCENE.but(tenor_s=tenor_s, vol_e6=np.resize([500_000, 800_000], len(NODES)))
    return moved_vol_e6(scene.listing, scene.market, moves, NODES[:2]).T.tolist()


def test_moves_broadcast_to_one_row() -> None:
    moves = Moves.of([-100_000, 0, 100_000], 50_000)
    assert len(moves) == 3
    assert moves.vol_e6.tolist() == [50_000] * 3
    assert moves.part(slice(1, 3)).spot_e6.tolist() == [0, 100_000]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"spot_e6": -0.2}, NotIntegers),
        ({"spot_e6": [0.0, float("nan")]}, NotIntegers),
        ({"spot_e6": 0, "vol_e6": [True]}, NotIntegers),
        ({"spot_e6": -1_000_001}, OutOfRange),
        ({"spot_e6": 4_000_001}, OutOfRange),
        ({"spot_e6": 0, "vol_e6": -1_000_001}, OutOfRange),
        ({"spot_e6": 0, "vol_e6": 10_000_001}, OutOfRange),
        ({"spot_e6": 0, "points_e6": bounds.VOL_MAX_E6 + 1}, OutOfRange),
        ({"spot_e6": 0, "elapsed_s": -1}, OutOfRange),
        ({"spot_e6": 0, "elapsed_s": 1 << bounds.TENOR_BITS}, OutOfRange),
        ({"spot_e6": [1, 2], "vol_e6": [1, 2, 3]}, BadMoves),
        ({"spot_e6": [[1, 2]]}, BadMoves),
    ],
)
def test_what_is_no_move_is_refused(arguments: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        Moves.of(**arguments)


def test_the_ends_of_every_range_are_moves() -> None:
    top = bounds.VOL_MAX_E6
    moves = Moves.of([-1_000_000, 4_000_000], [-1_000_000, 10_000_000], [-top, top])
    moved_e3 = moved_forward_e3(SCENE.market, moves)
    assert (moved_e3[:, 0] == 1).all()
    assert (moved_e3[:, 1] == 5 * SCENE.market.forward_e3).all()
    assert vols(moves) == [[0, 0], [top, top]]


@pytest.mark.parametrize(("spot_e6", "moved_e3"), [(0, 100_001), (100_000, 110_001), (-1, 100_000)])
def test_a_forward_moves_by_a_part_of_itself_rounded_down(spot_e6: int, moved_e3: int) -> None:
    market = SCENE.but(forward_e3=100_001, shocked_e3=100_001).market
    assert set(moved_forward_e3(market, Moves.of(spot_e6)).ravel().tolist()) == {moved_e3}


def test_what_is_already_in_a_settlement_price_does_not_move() -> None:
    market = SCENE.but(forward_e3=100_000, shocked_e3=25_000).market
    assert set(moved_forward_e3(market, Moves.of(400_000)).ravel().tolist()) == {110_000}


def test_time_passes_until_expiry_and_no_further() -> None:
    moves = Moves.of(0, elapsed_s=[0, 36 * 3600, 36 * 3600 + 1])
    assert moved_tenor_s(SCENE.market, moves)[:3].tolist() == [
        [0, 0, 0],
        [36 * 3600, 0, 0],
        [25 * DAY_S, 25 * DAY_S - 36 * 3600, 25 * DAY_S - 36 * 3600 - 1],
    ]


@pytest.mark.parametrize(
    ("vol_e6", "points_e6", "moved"),
    [
        (0, 0, [500_000, 800_000]),
        (500_000, 0, [750_000, 1_200_000]),
        (-250_000, 0, [375_000, 600_000]),
        (0, 50_000, [550_000, 850_000]),
        (0, -600_000, [0, 200_000]),  # never below zero
        (100_000, -50_000, [500_000, 830_000]),  # the part first, then the points
    ],
)
def test_volatility_moves_by_a_part_and_then_by_points(
    vol_e6: int, points_e6: int, moved: list[int]
) -> None:
    assert vols(Moves.of(0, vol_e6, points_e6)) == [moved]


@pytest.mark.parametrize(
    ("tenor_s", "vol_e6", "moved"),
    [
        (30 * DAY_S, 400_000, [700_000, 1_120_000]),  # what happens at 30 days
        (120 * DAY_S, 400_000, [600_000, 960_000]),  # half of it at four times the tenor
        (30 * DAY_S, -200_000, [400_000, 640_000]),
        (120 * DAY_S, -200_000, [444_444, 711_111]),  # 1 / (1 + x): a quarter falls to an eighth
        (DAY_S, -999_999, [0, 0]),
    ],
)
def test_by_tenor_a_move_is_that_of_thirty_days_scaled_by_the_root_of_time(
    tenor_s: int, vol_e6: int, moved: list[int]
) -> None:
    assert vols(Moves.of(0, vol_e6, is_by_tenor=True), tenor_s) == [moved]


def test_by_tenor_a_short_one_moves_more_and_never_below_zero() -> None:
    falls = [
        vols(Moves.of(0, -500_000, is_by_tenor=True), days * DAY_S)[0][0] for days in (1, 7, 30, 90)
    ]
    assert falls == sorted(falls)
    assert falls[0] > 0
