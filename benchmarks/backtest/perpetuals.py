"""One perpetual, long or short, every hour since 2018, against the worst of the next hours.

Volatility is that of the drawn surface: implied volatility does not exist so far back. A model is
asked at some levels of volatility, all expiries alike, and read between them; only ours answers
differently at each.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.backtest.books import NOTIONAL_USD
from benchmarks.backtest.evidence import MODELS, NAMES
from benchmarks.backtest.prices import Prices, hourly
from benchmarks.backtest.proxy import weather
from benchmarks.backtest.statistics import Table, breaches, cost, percent, sway
from benchmarks.backtest.stretch import Stretch, utc
from benchmarks.peers import Books, Kind, Scene, black76
from benchmarks.peers.interface import Floats, Integers

WITHIN_H = (1, 6, 8)
VOL_DAYS = 14.0
"""Tenor whose volatility stands for all: that which our spot range follows."""
LEVELS = np.concatenate([np.arange(0.05, 1.5, 0.025), np.arange(1.5, 8.01, 0.25)])
TENORS = np.array([1.5, 7, 14, 30, 60, 90, 180]) / 365
CRASHES = {
    "2018-01-16": utc(2018, 1, 16),
    "2018-11-14": utc(2018, 11, 14),
    "2020-03-12": utc(2020, 3, 12),
    "2021-05-19": utc(2021, 5, 19),
    "2022-06-18": utc(2022, 6, 18),
    "2024-08-05": utc(2024, 8, 5),
    "2025-10-10": utc(2025, 10, 10),
}
CRASH_LASTS = timedelta(hours=36)


@dataclass(frozen=True)
class Hours:
    """Hours of a stretch; per model the parts of notional that it asks, model x hour."""

    prices: Prices
    hours: Integers
    vols: Floats
    initial: Floats
    maintenance: Floats


def level_scene(underlying: str, price: float, vol: float) -> Scene:
    """A perpetual, and at every tenor a call at the forward on either side of it."""
    expiries = np.repeat(np.arange(TENORS.size), 2)
    strikes = np.tile([0.99, 1.01], TENORS.size) * price
    marks = black76.price(True, price, strikes, vol, TENORS[expiries])
    return Scene(
        underlying,
        price,
        np.full(TENORS.size, price),
        TENORS,
        np.append(np.full(strikes.size, Kind.CALL), Kind.PERPETUAL),
        np.append(expiries, -1),
        np.append(strikes, 0.0),
        np.append(np.full(strikes.size, vol), 0.0),
        np.append(marks, price),
    )


def asked(underlying: str, vols: Floats) -> tuple[Floats, Floats]:
    """Initial and maintenance margin of a perpetual, the larger of long and short: model x vol."""
    price = 1000.0
    size = NOTIONAL_USD / price
    scenes = [level_scene(underlying, price, float(vol)) for vol in LEVELS]
    quantities = np.zeros((2, scenes[0].kinds.size))
    quantities[:, -1] = (size, -size)
    books = Books.of(quantities)
    initial, maintenance = [], []
    for model in MODELS:
        found = [model.margin(scene, books) for scene in scenes]
        for into, each in (
            (initial, [one.initial.max() for one in found]),
            (maintenance, [one.maintenance.max() for one in found]),
        ):
            into.append(np.interp(vols, LEVELS, np.array(each) / NOTIONAL_USD))
    return np.array(initial), np.array(maintenance)


def hours_of(stretch: Stretch, underlying: str) -> Hours:
    """Every hour from which all looks ahead end in the stretch."""
    prices = hourly(underlying, stretch)
    hours = prices.measured_in(stretch, max(WITHIN_H))
    vols = weather(prices).at_the_money(hours, np.array([VOL_DAYS]))[:, 0]
    return Hours(prices, hours, vols, *asked(underlying, vols))


def summary(found: Hours) -> Table:
    """Of every model: cost, sway, and breaches within some hours; then the crashes one by one."""
    both = {n: np.stack(found.prices.excursions(found.hours, n)) for n in WITHIN_H}
    seconds = found.prices.end_s[found.hours].astype(np.float64)
    return {
        "hours": int(found.hours.size),
        "models": {
            name: {"initial": cost(found.initial[i]), "sway": sway(seconds, found.initial[i])}
            | {f"{n}h": breaches(both[n], found.maintenance[i]) for n in WITHIN_H}
            | {"initial_8h": breaches(both[8], found.initial[i])}
            for i, name in enumerate(NAMES)
        },
        "crashes": {
            day: _crash(found, start)
            for day, start in CRASHES.items()
            if _hours_between(found, start).any()
        },
    }


def _hours_between(found: Hours, start: datetime) -> "np.typing.NDArray[np.bool_]":
    end_s = found.prices.end_s[found.hours]
    return np.asarray((end_s >= start.timestamp()) & (end_s < (start + CRASH_LASTS).timestamp()))


def _crash(found: Hours, start: datetime) -> Table:
    during = _hours_between(found, start)
    hours = found.hours[during]
    result: dict[str, Any] = {
        "vol_before": percent(found.vols[during][0], 1),
        "vol_peak": percent(found.vols[during].max(), 1),
    }
    worst = {n: np.stack(found.prices.excursions(hours, n)) for n in WITHIN_H}
    result |= {f"worst_within_{n}h": percent(worst[n].max(), 2) for n in WITHIN_H}
    for i, name in enumerate(NAMES):
        margin = found.maintenance[i, during]
        result[name] = {
            "initial_before": percent(found.initial[i, during][0], 2),
            "initial_peak": percent(found.initial[i, during].max(), 2),
        } | {f"{n}h": breaches(worst[n], margin) for n in WITHIN_H}
    return result


def frontier(found: Hours, i: int, factors: Floats) -> Table:
    """Mean initial margin and shortfall within six hours, all margins times each factor."""
    both = np.stack(found.prices.excursions(found.hours, 6))
    every = [breaches(both, found.maintenance[i] * f) for f in factors]
    return {
        "factor": [round(float(f), 3) for f in factors],
        "mean_initial": [percent(found.initial[i].mean() * f) for f in factors],
        "shortfall": [one["shortfall"] for one in every],
        "breaches": [one["breaches"] for one in every],
    }
