"""Forwards, volatilities and weights of every column."""

from dataclasses import replace

import numpy as np
import pytest
from mpmath import mpf

from novate.risk import BTC, ETH, RiskParameters
from novate.risk.parameters import MONTH_S
from novate.risk.scenario import GRID, RangeMove, Smile, TailMove, Term, VolShock
from novate.risk.shock import Shocks
from novate.risk.stressed import ONE, Stressed, damped, move_e6, stressed
from novate.units import bounds

from .exact import QUIET, Exact, e6
from .scene import DAY_S, USUAL, Scene, real, synthetic

FLAT = slice(27, 33)
"""Columns of volatility alone."""


def world_of(scene: Scene, parameters: RiskParameters = BTC) -> Stressed:
    table = scene.table(parameters)
    return stressed(table.listing, table.market, table.shocks)


SCENES = {
    "usual": lambda: synthetic(),
    "wild": lambda: synthetic(level_e6=2_000_000),
    "calm": lambda: synthetic(level_e6=1),
    "small": lambda: synthetic(index_e3=10_000),
    "large": lambda: synthetic(index_e3=2_000_000_000),
    "short": lambda: synthetic(tenors_s=(1, 1_800, DAY_S)),
    "long": lambda: synthetic(tenors_s=(MONTH_S, MONTH_S + 1, (1 << bounds.TENOR_BITS) - 1)),
}


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("parameters", [BTC, ETH])
def test_scenarios_in_integers_are_those_of_the_formulas(
    name: str, parameters: RiskParameters
) -> None:
    scene = SCENES[name]()
    world, model = world_of(scene, parameters), Exact(scene.listing, scene.market, parameters)
    for column in range(33):
        assert 0 <= e6(world.weight_e6[column]) - model.weight(column) < mpf(7) / 10**6
        for group in range(scene.listing.groups):
            moved = world.forward_e3[group, column] - model.forward(group, column)
            away = moved if model.move(column) > 0 else -moved
            # The range and its third are rounded up at a millionth, the move at one milli-USD.
            assert 0 <= away < 1 + 2 * e6(scene.market.forward_e3[group])
        for node in range(len(scene.listing.node_group)):
            vol = model.vol(node, column)
            tenor_s = int(scene.market.tenor_s[scene.listing.node_group[node]])
            k_error = mpf("6.4e-9") / max(mpf(tenor_s) / 31_536_000, mpf("1e-9")) ** 0.5
            least = max(e6(scene.market.fortnight_vol_e6), mpf("1e-6"))
            slack = mpf(2) / 10**6 * (1 + 8 * vol) + vol * min(k_error / least, mpf("0.15"))
            assert abs(e6(world.vol_e6[node, column]) - vol) <= slack, (node, column)


def test_on_a_published_chain_scenarios_are_those_of_the_formulas() -> None:
    scene = real()
    world, model = world_of(scene), Exact(scene.listing, scene.market, BTC)
    for node in range(0, len(scene.listing.node_group), 7):
        for column in range(33):
            vol = model.vol(node, column)
            assert abs(e6(world.vol_e6[node, column]) - vol) <= mpf(3) / 10**6 * (1 + vol)


def test_only_the_part_of_a_forward_that_still_moves_is_shocked() -> None:
    scene = synthetic(tenors_s=(900, 25 * DAY_S))
    shocked_e3 = scene.market.shocked_e3.copy()
    shocked_e3[1] //= 2
    world = world_of(scene.but(shocked_e3=shocked_e3))
    moves = world.forward_e3 - scene.market.forward_e3[:, None]
    whole = world_of(scene).forward_e3 - scene.market.forward_e3[:, None]
    assert np.all(np.abs(2 * moves[1] - whole[1]) <= 2)
    assert np.array_equal(moves[[0, 2]], whole[[0, 2]])
    assert not moves[:, FLAT].any()
    assert not moves[:, QUIET].any()


def test_a_forward_never_falls_to_zero() -> None:
    scene = synthetic(index_e3=10_000, tenors_s=(DAY_S,), with_options=False)
    shocks = Shocks(replace(BTC, range_max_e6=ONE - 1), USUAL, ONE - 1)
    world = stressed(scene.listing, scene.market, shocks)
    assert world.forward_e3.min() == 1


def test_a_linear_position_loses_in_every_tail_the_same_share_of_its_loss_in_the_range() -> None:
    scene = synthetic()
    world = world_of(scene)
    gain_e3 = (world.forward_e3 - scene.market.forward_e3[:, None])[:1]
    tails = np.abs(damped(gain_e3, world.weight_e6)[0, 21:27])
    range_e3 = abs(int(gain_e3[0, 15]))
    half = range_e3 * BTC.tail_weight_e6 // ONE
    assert np.abs(tails - half).max() <= 5 * 100_000_000 // ONE + 1


def test_a_tail_nearer_than_the_range_counts_in_full() -> None:
    scene = synthetic()
    shocks = Shocks(replace(BTC, tail_weight_e6=ONE, range_max_e6=ONE - 1), USUAL, 600_000)
    weights = stressed(scene.listing, scene.market, shocks).weight_e6
    assert weights[21:27].tolist() == [909_091, ONE, ONE, 600_000, 300_000, 150_000]
    assert set(weights[:21]) | set(weights[27:]) == {ONE}


@pytest.mark.parametrize(
    ("gain_e3", "weight_e6", "counted_e3"),
    [(10, 500_000, 5), (11, 500_000, 5), (-11, 500_000, -6), (-1, 1, -1), (1, 1, 0), (7, ONE, 7)],
)
def test_what_is_damped_is_rounded_down(gain_e3: int, weight_e6: int, counted_e3: int) -> None:
    assert damped(np.array([gain_e3]), np.array([weight_e6])).tolist() == [counted_e3]


@pytest.mark.parametrize(
    ("thirds", "range_e6", "moved_e6"),
    [(0, 150_000, 0), (1, 150_000, 50_000), (1, 150_001, 50_001), (-1, 150_001, -50_001)],
)
def test_a_part_of_the_range_is_rounded_away_from_zero(
    thirds: int, range_e6: int, moved_e6: int
) -> None:
    assert move_e6(RangeMove(thirds), range_e6) == moved_e6
    assert move_e6(RangeMove(3), range_e6) == range_e6
    assert move_e6(TailMove(-330_000), range_e6) == -330_000


def test_each_column_of_the_grid_has_the_volatility_that_it_says() -> None:
    scene = synthetic()
    vols = world_of(scene).vol_e6
    same = scene.market.vol_e6
    for column, scenario in enumerate(GRID):
        assert np.all(np.sign(vols[:, column] - same) == scenario.vol.value)
        assert np.array_equal(vols[:, column], vols[:, {1: 0, 0: 1, -1: 2}[scenario.vol.value]])
    assert VolShock.SAME == 0


def test_a_twist_moves_expiries_of_30_days_one_way_and_those_of_a_second_more_the_other() -> None:
    scene = SCENES["long"]()
    vols, same, group = world_of(scene).vol_e6, scene.market.vol_e6, scene.listing.node_group
    for node in range(len(same)):
        sign = 1 if group[node] == 1 else -1
        assert np.sign(vols[node, Term.FRONT_UP] - same[node]) == sign
        assert np.sign(vols[node, Term.FRONT_DOWN] - same[node]) == -sign


def test_a_smile_tilts_about_its_forward_and_its_wings_move_together() -> None:
    scene = synthetic()
    vols, same = world_of(scene).vol_e6, scene.market.vol_e6
    k = np.sign(scene.listing.node_strike_e3 - scene.market.forward_e3[scene.listing.node_group])
    assert np.all(np.sign(vols[:, Smile.TILT_UP] - same) == k)
    assert np.all(np.sign(vols[:, Smile.TILT_DOWN] - same) == -k)
    assert np.all(vols[:, Smile.WINGS_UP] >= same)
    assert np.all(vols[:, Smile.WINGS_DOWN] <= same)
    far = np.abs(vols[:, Smile.WINGS_UP] - same * 115 // 100) <= 1
    assert far.any()
    assert not far.all()


def test_no_scenario_leaves_the_range_of_volatilities() -> None:
    vols = world_of(synthetic(level_e6=bounds.VOL_MAX_E6)).vol_e6
    assert vols.max() == bounds.VOL_MAX_E6
    assert world_of(synthetic(level_e6=1)).vol_e6.min() >= 0


def test_every_product_of_a_scenario_fits() -> None:
    forward = (1 << bounds.CONTRACT_BITS) - 1
    assert forward * 4 * ONE < 1 << 53
    assert 5 * forward + 1 < 1 << bounds.PRICE_BITS
    # Eight calls and forwards that gain five times the forward, times a weight.
    assert bounds.STEEPNESS_MAX * 5 * forward * ONE < 1 << 57
    # A place on a smile: 24 x 2**28 is more than any logarithm of two prices.
    assert (24 << bounds.FRACTION_BITS) << 20 < 1 << 53
    assert 4 * bounds.VOL_MAX_E6 * 3 << bounds.FRACTION_BITS < 1 << 55
    assert bounds.VOL_MAX_E6 * 2 * ONE < 1 << 45
    assert ONE * (1 << 20) < 1 << 41
