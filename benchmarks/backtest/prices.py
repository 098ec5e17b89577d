"""Hourly prices of BTC and ETH, up to the end of a stretch and never beyond."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from tests.shared_data import DATA

from benchmarks.backtest.stretch import Stretch
from benchmarks.peers.interface import Floats, Integers
from novate.nodes import PriceHistory, joined, read_price_history

FILES = {
    "BTC": (
        "btcusdt_1h_2017-08_2023-12.csv.gz",
        "btcusdt_1h_2023-01_2025-01.csv.gz",
        "btcusdt_perp_1h_to_2025-10-22.csv",
    ),
    "ETH": ("ethusdt_1h_2017-08_2021-06.csv.gz", "ethusdt_perp_1h_to_2025-10-22.csv"),
}
"""In order of trust: an hour that two files tell is taken from the first."""
HOUR_S = 3600
LONG_GAP_S = 24 * HOUR_S
WARM_H = 14 * 24
"""After a long gap realised volatility is that of another time, for so long."""


@dataclass(frozen=True)
class Prices:
    """Hours that may have gaps: when each was over, its extremes and its close."""

    underlying: str
    end_s: Integers
    high: Floats
    low: Floats
    close: Floats

    @property
    def after_long_gap(self) -> Integers:
        """The first hours after gaps of more than a day."""
        return np.flatnonzero(np.diff(self.end_s) > LONG_GAP_S) + 1

    def measured_in(self, stretch: Stretch, ahead: int) -> Integers:
        """Hours from whose end one sees `ahead` hours without a gap, to one of the stretch, and a
        fortnight back.

        What starts in one stretch and ends in the next belongs to the next.
        """
        i = np.arange(max(self.end_s.size - ahead, 0))
        whole = self.end_s[i + ahead] - self.end_s[i] == ahead * HOUR_S
        after, until = stretch.prices_after.timestamp(), stretch.prices_until.timestamp()
        end_s = self.end_s[i + ahead]
        whole &= ~np.isin(i, self.after_long_gap[:, None] + np.arange(WARM_H))
        return i[whole & (end_s > after) & (end_s <= until)]

    def excursions(self, hours: Integers, ahead: int) -> tuple[Floats, Floats]:
        """The largest fall and the largest rise within `ahead` hours, as parts of the close."""
        steps = hours[:, None] + np.arange(1, ahead + 1)
        close = self.close[hours]
        fall = 1 - self.low[steps].min(axis=1) / close
        rise = self.high[steps].max(axis=1) / close - 1
        return np.maximum(fall, 0.0), np.maximum(rise, 0.0)


def hourly(underlying: str, stretch: Stretch) -> Prices:
    """All hours up to the end of a stretch; those before it only feed realised volatility."""
    read = [read_price_history(DATA / "prices" / name) for name in FILES[underlying]]
    history: PriceHistory = reduce(joined, read)
    history = history.where(history.opened_at_s + HOUR_S <= stretch.prices_until.timestamp())
    return Prices(
        underlying,
        history.opened_at_s + HOUR_S,
        np.maximum(history.high, history.close),
        np.minimum(history.low, history.close),
        history.close,
    )
