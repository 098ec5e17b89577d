"""Option chains that never were: a surface drawn over hourly prices, where no real one is kept.

Everything here is synthetic and is labelled so wherever it is shown. Volatility follows from the
prices alone: three averages of squared returns, fast, middle and slow, of which the nearest
expiries feel the fast one and the farthest the slow one. Half-lives are such that 30-day volatility
stands where that of the real chains of the choice stretch stood (1.02 times it in the median) and
answers their large moves as theirs did (0.95 of the rise in BTC, 0.6 in ETH). The smile has the
shape that those chains had, in standard deviations the same from one day to a year, and leans with
the last two days.

What it cannot show: volatility that moves without the price. What it can: gamma, forwards and
volatility through crashes of which only prices are left, 2020-03-12 among them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from scipy.signal import lfilter

from benchmarks.backtest.chains import Chain, Smile
from benchmarks.backtest.prices import Prices
from benchmarks.peers.interface import Floats, Integers

HOURS_A_YEAR = 8760
HALF_LIVES_H = (24.0, 192.0, 1440.0)
"""Of the averages of squared returns."""
FADES_DAYS = (1.0, 10.0, 90.0)
"""How fast each average gives way to the next slower one as an expiry lies farther off."""
LONG_RUN = {"BTC": 0.60, "ETH": 0.80}
PREMIUM = 1.05
"""Implied over expected volatility."""
LEAST = 0.15
SKEW, LEAN, CURVATURE = -0.055, 0.04, 0.050
BASIS, BASIS_LEAN = 0.04, 0.04
"""Forward over spot a year, and how much of it comes and goes with the week's return."""
WING = 4.0
"""Standard deviations beyond which the smile goes on straight."""
GRID = np.arange(-6.0, 6.01, 0.25)
DAILY, WEEKLY, MONTHLY = 3, 4, 4
EXPIRY_HOUR = 8


@dataclass(frozen=True)
class Weather:
    """What the surface of each hour is drawn from, known at the hour's close."""

    prices: Prices
    variances: Floats
    """Hours x averages, a year, the fastest first."""
    two_days: Floats
    """Return of the last 48 hours in standard deviations."""
    week: Floats

    def at_the_money(self, hours: Integers, days: Floats) -> Floats:
        """Volatility at the forward: hours x tenors in days."""
        long_run = LONG_RUN[self.prices.underlying] ** 2
        slower = np.append(self.variances[hours][:, 1:], np.full((hours.size, 1), long_run), axis=1)
        total = np.full((hours.size, days.size), long_run)
        for i, fade in enumerate(FADES_DAYS):
            reach = days / fade
            share = -np.expm1(-reach) / reach
            total = total + (self.variances[hours, i] - slower[:, i])[:, None] * share
        return np.asarray(PREMIUM * np.sqrt(np.maximum(total, LEAST**2)))


def weather(prices: Prices) -> Weather:
    """Of all hours. A gap counts as one hour; what moved in a long one counts not at all."""
    returns = np.diff(np.log(prices.close), prepend=np.log(prices.close[0]))
    returns[prices.after_long_gap] = 0.0
    start = np.mean(returns[1:500] ** 2)
    averages = []
    for half_life in HALF_LIVES_H:
        keep = 0.5 ** (1 / half_life)
        average, _ = lfilter([1 - keep], [1, -keep], returns**2, zi=[keep * start])
        averages.append(average * HOURS_A_YEAR)
    variances = np.array(averages).T
    hourly = np.sqrt(variances[:, 2] / HOURS_A_YEAR)
    leans = []
    for hours in (48, 168):
        level = np.cumsum(returns)
        before = np.concatenate([np.full(hours, level[0]), level[:-hours]])
        leans.append(np.tanh((level - before) / (hourly * np.sqrt(hours))))
    return Weather(prices, variances, *leans)


def expiries(at: datetime) -> list[datetime]:
    """Days, Fridays and last Fridays of months, at 08:00, as the large venues list them."""
    day = at.replace(hour=EXPIRY_HOUR, minute=0, second=0, microsecond=0)
    first = day if day > at else day + timedelta(days=1)
    found = {first + timedelta(days=n) for n in range(DAILY)}
    friday = first + timedelta(days=(4 - first.weekday()) % 7)
    found |= {friday + timedelta(days=7 * n) for n in range(WEEKLY)}
    months = 0
    while months < MONTHLY:
        if (friday + timedelta(days=7)).month != friday.month:
            months += 1
            if months <= 2 or friday.month % 3 == 0:
                found.add(friday)
            else:
                months -= 1
        friday += timedelta(days=7)
    return sorted(found)


def smile_ratio(deviations: Floats, skew: float) -> Floats:
    """Volatility over that at the forward, `deviations` from it."""
    inside = np.clip(deviations, -WING, WING)
    beyond = np.abs(deviations) - np.abs(inside)
    slope = 2 * CURVATURE * WING
    return np.maximum(1 + skew * inside + CURVATURE * inside**2 + slope * beyond, 0.3)


def chain(drawn: Weather, hour: int) -> Chain:
    """The synthetic chain at the close of an hour."""
    prices = drawn.prices
    at = datetime.fromtimestamp(int(prices.end_s[hour]), UTC)
    dates = expiries(at)
    years = np.array([(date - at).total_seconds() / (365 * 86400) for date in dates])
    levels = drawn.at_the_money(np.array([hour]), years * 365)[0]
    basis = BASIS + BASIS_LEAN * drawn.week[hour]
    smiles = []
    for date, tenor, level in zip(dates, years, levels, strict=True):
        forward = prices.close[hour] * np.exp(basis * tenor)
        reach = level * np.sqrt(tenor)
        skew = SKEW + LEAN * drawn.two_days[hour] * min(1.0, np.sqrt(7 / 365 / tenor))
        strikes = forward * np.exp(reach * GRID)
        smiles.append(Smile(date, float(forward), strikes, level * smile_ratio(GRID, float(skew))))
    return Chain(at, prices.underlying, tuple(smiles))
