"""Forwards, tenors and volatilities of every column."""

import numpy as np
import pytest
from mpmath import mpf

from novate.risk import BTC, ETH, Dials, RiskParameters, scenario_moves_e6
from novate.risk.parameters import MONTH_S
from novate.risk.scenario import COLUMNS, GRID, TAILS, VolShock
from novate.risk.shock import RANGE_MAX_E6, Shocks, horizon_s
from novate.risk.stressed import ONE, Stressed, counted, stressed
from novate.units import bounds

from .exact import Exact, e6
from .scene import DAY_S, Scene, real, synthetic

FLAT = (0, 1, 2)
"""Columns in which the index stays."""
USUAL, ODD = Dials(), Dials(margin_buffer_e6=333_333, settlement_latency_s=5_000)
ALL_DIALS = {
    "usual": USUAL,
    "odd": ODD,
    "no buffer": Dials(margin_buffer_e6=0),
    "twice and a day": Dials(margin_buffer_e6=ONE, settlement_latency_s=DAY_S),
}


def world_of(scene: Scene, parameters: RiskParameters = BTC, dials: Dials = USUAL) -> Stressed:
    table = scene.table(parameters, dials)
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
@pytest.mark.parametrize(
    ("parameters", "dials"), [(BTC, USUAL), (ETH, ODD), (BTC, ALL_DIALS["twice and a day"])]
)
def test_scenarios_in_integers_are_those_of_the_formulas(
    name: str, parameters: RiskParameters, dials: Dials
) -> None:
    scene = SCENES[name]()
    world = world_of(scene, parameters, dials)
    model = Exact(scene.listing, scene.market, parameters, dials)
    assert world.forward_e3.shape == world.tenor_s.shape == (scene.listing.groups, COLUMNS)
    assert world.vol_e6.shape == (len(scene.listing.node_group), COLUMNS)
    for column in range(COLUMNS):
        for group in range(scene.listing.groups):
            moved = int(world.forward_e3[group, column]) - model.forward(group, column)
            away = moved if model.move(column) > 0 else -moved
            # A part of the range, or what the buffer makes of it, is rounded up at a millionth,
            # the move at one milli-USD; digits err too.
            assert mpf("-1e-12") < away < 1 + e6(scene.market.forward_e3[group])
            assert world.tenor_s[group, column] == model.tenor_s(group, column)
        for node in range(len(scene.listing.node_group)):
            vol = model.vol(node, column)
            tenor_s = int(scene.market.tenor_s[scene.listing.node_group[node]])
            error = abs(e6(world.vol_e6[node, column]) - vol)
            allowed = model.shock_error(e6(scene.market.vol_e6[node]), tenor_s)
            assert error <= allowed, (node, column)


def test_on_a_published_chain_scenarios_are_those_of_the_formulas() -> None:
    scene = real()
    world, model = world_of(scene), Exact(scene.listing, scene.market, BTC)
    for node in range(0, len(scene.listing.node_group), 7):
        for column in range(COLUMNS):
            vol = model.vol(node, column)
            assert abs(e6(world.vol_e6[node, column]) - vol) <= mpf(3) / 10**6 * (1 + vol)


# Forwards.


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
    assert whole[:, [column for column in range(COLUMNS) if column not in FLAT]].all()


@pytest.mark.parametrize("range_e6", [250_000, 250_001, 280_000, RANGE_MAX_E6])
def test_a_forward_never_falls_to_zero(range_e6: int) -> None:
    for index_e3 in (10_000, 100_000_000):
        scene = synthetic(index_e3=index_e3, tenors_s=(DAY_S,), with_options=False)
        shocks = Shocks(BTC, Dials(margin_buffer_e6=ONE), range_e6)
        world = stressed(scene.listing, scene.market, shocks)
        # Four ranges are all of it from 25 % on; a buffered range never is.
        assert set(world.forward_e3[:, 15]) == {1}
        assert world.forward_e3.min() == 1
        assert np.all(world.forward_e3[:, 17] >= scene.market.forward_e3 // 1_000)


@pytest.mark.parametrize(
    ("range_e6", "dials", "moves_e6"),
    [
        (120_000, USUAL, [12_000, 36_000, 120_000, 480_000, 138_000]),
        (120_500, USUAL, [12_050, 36_150, 120_500, 482_000, 138_575]),
        (1, USUAL, [1, 1, 1, 4, 2]),  # parts of a millionth: up
        (120_500, ODD, [12_050, 36_150, 120_500, 482_000, 160_667]),  # 160,666.6: up
        (499_500, ALL_DIALS["twice and a day"], [49_950, 149_850, 499_500, 1_998_000, 999_000]),
    ],
)
def test_moves_are_parts_of_the_range_rounded_away_from_zero(
    range_e6: int, dials: Dials, moves_e6: list[int]
) -> None:
    found = scenario_moves_e6(Shocks(BTC, dials, range_e6))
    tenth, three_tenths, whole, four, buffered = moves_e6
    assert found.tolist() == [
        *(0, 0, 0),
        *(-tenth, -tenth, tenth, tenth),
        *(-three_tenths, -three_tenths, three_tenths, three_tenths),
        *(-whole, whole, -whole, whole),
        *(max(-four, -ONE), four),
        *(-buffered, buffered),
    ]


# Tails.


@pytest.mark.parametrize(
    ("gain_e3", "counted_e3"),
    [(8, 2), (11, 2), (3, 0), (0, 0), (-1, -1), (-4, -1), (-5, -2), (-8, -2)],
)
def test_a_quarter_of_a_tail_counts_and_is_rounded_down(gain_e3: int, counted_e3: int) -> None:
    gains_e3 = np.full((1, COLUMNS), gain_e3)
    tails = range(COLUMNS)[TAILS]
    assert counted(gains_e3)[0].tolist() == [
        counted_e3 if column in tails else gain_e3 for column in range(COLUMNS)
    ]


# Tenors.


def test_later_the_horizon_has_passed_and_no_tenor_is_below_zero() -> None:
    scene = synthetic(tenors_s=(21_599, 21_600, 21_601))
    tenor_s = world_of(scene).tenor_s
    later = [scenario.is_later for scenario in GRID]
    for column in range(COLUMNS):
        left_s = [0, 0, 0, 1] if later[column] else [0, 21_599, 21_600, 21_601]
        assert tenor_s[:, column].tolist() == left_s
    assert sum(later) == 12


@pytest.mark.parametrize("dials", ALL_DIALS.values(), ids=ALL_DIALS)
def test_later_is_as_late_as_the_dials_say(dials: Dials) -> None:
    scene = synthetic()
    tenor_s = world_of(scene, dials=dials).tenor_s
    assert np.array_equal(tenor_s[2:, 1] - tenor_s[2:, 0], np.full(2, horizon_s(dials)))


# Volatilities.


def test_each_column_of_the_grid_has_the_volatility_that_it_says() -> None:
    scene = synthetic()
    vols, same = world_of(scene).vol_e6, scene.market.vol_e6
    for column, scenario in enumerate(GRID):
        assert np.all(np.sign(vols[:, column] - same) == scenario.vol.value)
        twin = {VolShock.SAME: 0, VolShock.UP: 1, VolShock.DOWN: 2}[scenario.vol]
        if scenario.is_buffered:
            twin = 17
        assert np.array_equal(vols[:, column], vols[:, twin])
    assert np.all(vols[:, 17] > vols[:, 11])


def test_without_a_buffer_the_columns_of_initial_margin_are_those_of_both() -> None:
    world = world_of(synthetic(), dials=ALL_DIALS["no buffer"])
    for column, twin in ((17, 11), (18, 12)):
        for values in (world.forward_e3, world.tenor_s, world.vol_e6):
            assert np.array_equal(values[:, column], values[:, twin])


def test_no_scenario_leaves_the_range_of_volatilities() -> None:
    vols = world_of(synthetic(level_e6=bounds.VOL_MAX_E6)).vol_e6
    assert vols.max() == bounds.VOL_MAX_E6
    assert world_of(synthetic(level_e6=1)).vol_e6.min() >= 0


def test_every_product_of_a_scenario_fits() -> None:
    forward = (1 << bounds.CONTRACT_BITS) - 1
    assert forward * 4 * RANGE_MAX_E6 < 1 << 53
    # The farthest forward is less than three times as large.
    assert forward + -(-forward * 4 * RANGE_MAX_E6 // ONE) < 3 * forward < 1 << bounds.PRICE_BITS
    assert 4 * 1000 * RANGE_MAX_E6 < 1 << 31  # a part of a range, in thousandths


@pytest.mark.parametrize(("range_e6", "tail_e6"), [(250_000, -1_000_000), (250_500, -1_000_000)])
def test_an_index_falls_by_at_most_all_of_itself(range_e6: int, tail_e6: int) -> None:
    moves_e6 = scenario_moves_e6(Shocks(BTC, Dials(), range_e6))
    assert moves_e6[15] == tail_e6
    assert moves_e6[16] == 4 * range_e6
