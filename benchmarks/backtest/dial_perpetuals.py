"""A perpetual at each setting of the dials, long and short, every hour since 2018."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.backtest.books import NOTIONAL_USD
from benchmarks.backtest.dial_evidence import (
    FLAGGED_WITHIN_H,
    PRICE_HOURS,
    DialEvidence,
    Settings,
    thresholds,
)
from benchmarks.backtest.novate_model import margins_at
from benchmarks.backtest.perpetuals import LEVELS, VOL_DAYS, level_scene
from benchmarks.backtest.prices import Prices, hourly
from benchmarks.backtest.proxy import weather
from benchmarks.backtest.stretch import CHOICE
from benchmarks.peers import Books
from benchmarks.peers.interface import Floats, Integers

PRICE = 1000.0


def perpetuals(settings: Settings, underlying: str) -> DialEvidence:
    """Every hour against the worst of the hours ahead: first all longs, then all shorts."""
    prices = hourly(underlying, CHOICE)
    hours = prices.measured_in(CHOICE, max(PRICE_HOURS))
    vols = weather(prices).at_the_money(np.arange(prices.close.size), np.array([VOL_DAYS]))[:, 0]
    initial_at, maintenance_at = rates(settings, underlying)
    initial = _read(initial_at, vols[hours])
    is_flagged = np.zeros((2, *initial.shape), dtype=bool)
    for later in range(1, FLAGGED_WITHIN_H + 1):
        needed = thresholds(settings) * _read(maintenance_at, vols[hours + later])
        is_flagged |= _flagged(prices, hours, hours + later, initial, needed)
    return DialEvidence(
        PRICE_HOURS,
        np.ones(2 * hours.size),
        np.hstack([initial] * 2),
        np.hstack([_read(maintenance_at, vols[hours])] * 2),
        np.hstack(list(is_flagged)).astype(float),
        np.array([np.concatenate(prices.excursions(hours, n)) for n in PRICE_HOURS]),
    )


def rates(settings: Settings, underlying: str) -> tuple[Floats, Floats]:
    """Initial and maintenance margin, the larger of long and short, as parts of the notional:
    settings x levels of volatility."""
    found = []
    for level in LEVELS:
        scene = level_scene(underlying, PRICE, float(level))
        quantities = np.zeros((2, scene.kinds.size))
        quantities[:, -1] = np.array([1, -1]) * NOTIONAL_USD / PRICE
        asked = margins_at(scene, Books.of(quantities), settings)
        found.append([(one.initial.max(), one.maintenance.max()) for one in asked])
    initial, maintenance = np.array(found).T / NOTIONAL_USD
    return initial, maintenance


def _read(rates_at: Floats, vols: Floats) -> Floats:
    """Rates between two levels of volatility, settings x hours."""
    return np.array([np.interp(vols, LEVELS, row) for row in rates_at])


def _flagged(
    prices: Prices, hours: Integers, later: Integers, initial: Floats, needed: Floats
) -> NDArray[np.bool_]:
    """Whether long and short are below their threshold at the worst price of a later hour."""
    close = prices.close[hours]
    low, high = prices.low[later] / close, prices.high[later] / close
    return np.array([initial + low - 1 < needed * low, initial + 1 - high < needed * high])
