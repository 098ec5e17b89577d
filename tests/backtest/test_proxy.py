"""Drawn chains: known from the past alone, and of the shape of real ones."""

from datetime import timedelta

import numpy as np
import pytest
from benchmarks.backtest.prices import Prices
from benchmarks.backtest.proxy import GRID, Weather, chain, expiries, smile_ratio, weather
from benchmarks.backtest.stretch import utc

START_S = int(utc(2020, 1, 1).timestamp())


def _weather(hours: int = 3000, crash_at: int | None = None) -> Weather:
    returns = np.random.default_rng(7).normal(0, 0.006, hours)
    if crash_at is not None:
        returns[crash_at] = -0.2
    close = 10_000 * np.exp(np.cumsum(returns))
    end_s = START_S + 3600 * np.arange(1, hours + 1)
    return weather(Prices("BTC", end_s, close * 1.001, close * 0.999, close))


def test_a_crash_is_not_known_before_it_happens_and_felt_after() -> None:
    calm, crash = _weather(), _weather(crash_at=2000)
    hours, days = np.array([1999, 2000, 2100]), np.array([1.5, 30.0])
    before, at, after = crash.at_the_money(hours, days) / calm.at_the_money(hours, days)
    assert before == pytest.approx(1)
    assert at[0] > at[1] > 1.1
    assert 1 < after[0] < at[0]


@pytest.mark.parametrize(
    ("at", "first"),
    [
        (utc(2020, 3, 12, 7, 59), utc(2020, 3, 12, 8)),
        (utc(2020, 3, 12, 8), utc(2020, 3, 13, 8)),
        (utc(2020, 3, 12, 8, 1), utc(2020, 3, 13, 8)),
    ],
)
def test_the_nearest_expiry_is_the_next_eight_o_clock(at, first) -> None:  # type: ignore[no-untyped-def]
    assert expiries(at)[0] == first


def test_expiries_are_days_then_fridays_and_the_last_are_months_apart() -> None:
    found = expiries(utc(2020, 3, 9, 4))
    assert all(date.hour == 8 for date in found)
    assert all(date.weekday() == 4 for date in found[3:])
    for date in found[-3:]:
        assert (date + timedelta(days=7)).month != date.month
    assert len(found) == len(set(found))


def test_the_smile_is_one_at_the_forward_and_rises_to_both_sides() -> None:
    ratio = smile_ratio(GRID, skew=-0.05)
    assert ratio[GRID == 0] == 1
    assert ratio[0] > ratio[GRID.size // 4] > 1
    assert ratio[-1] > 1
    assert (np.diff(ratio[GRID < -2]) < 0).all()


def test_a_drawn_chain_is_the_same_each_time_and_its_forwards_are_near_spot() -> None:
    drawn = _weather()
    one, two = chain(drawn, 2500), chain(drawn, 2500)
    assert [s.forward for s in one.smiles] == [s.forward for s in two.smiles]
    assert np.abs(one.forwards / drawn.prices.close[2500] - 1).max() < 0.05
    assert all((smile.vols > 0.1).all() for smile in one.smiles)
