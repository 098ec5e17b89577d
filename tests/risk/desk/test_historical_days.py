"""Days of the past are those of the published histories, to a hundredth of a percent."""

from datetime import UTC, datetime

import numpy as np
import pytest
from tests.shared_data import published

from novate.nodes import (
    PriceHistory,
    read_option_chains,
    read_price_history,
    read_volatility_history,
)
from novate.risk import HISTORICAL_DAYS, BadMoves, day_moves
from novate.risk.desk.historical_days import FALL_VOL_E6, RALLY_VOL_E6

PRICES = {
    "BTC": (
        "btcusdt_1h_2017-08_2023-12.csv.gz",
        "btcusdt_1h_2023-01_2025-01.csv.gz",
        "btcusdt_perp_1h_to_2025-10-22.csv",
    ),
    "ETH": (
        "ethusdt_1h_2017-08_2021-06.csv.gz",
        "ethusdt_perp_1h_to_2025-10-22.csv",
        "ethusdt_perp_1d_to_2025-10-22.csv",
    ),
}
OF_CHAINS = "2026-02-05"
CLOSE = 1e-4


def of_day(history: PriceHistory, day: str) -> PriceHistory:
    """The bars of a UTC day."""
    first = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
    since = history.opened_at_s - first
    return history.where((since >= 0) & (since < 86_400))


@pytest.mark.parametrize("symbol", ["BTC", "ETH"])
def test_prices_move_as_they_did(symbol: str) -> None:
    histories = [read_price_history(published(f"prices/{name}")) for name in PRICES[symbol]]
    for day, moves in HISTORICAL_DAYS.items():
        bars = next((b for b in (of_day(h, day) for h in histories) if len(b)), None)
        if day == OF_CHAINS:
            continue
        if symbol not in moves:
            assert bars is None, f"{symbol} has a price on {day}"
            continue
        assert bars is not None
        move = moves[symbol].spot_e6 / 1e6
        worst = bars.low.min() if move < 0 else bars.high.max()
        assert move == pytest.approx(worst / bars.open[0] - 1, abs=CLOSE)


@pytest.mark.parametrize("symbol", ["BTC", "ETH"])
def test_the_day_of_the_chains_is_theirs(symbol: str) -> None:
    path = published("deribit/chain_sequence_2026-02-03_2026-02-08.csv.gz")
    chains = [chain for chain in read_option_chains(path) if chain.currency == symbol]
    midnight = datetime(2026, 2, 5, tzinfo=UTC).timestamp()
    before = [chain for chain in chains if chain.taken_at_s < midnight][-1]
    during = [chain for chain in chains if 0 <= chain.taken_at_s - midnight < 86_400]
    lowest = min(chain.index for chain in during)
    move = HISTORICAL_DAYS[OF_CHAINS][symbol].spot_e6 / 1e6
    assert move == pytest.approx(lowest / before.index - 1, abs=CLOSE)


@pytest.mark.parametrize("symbol", ["BTC", "ETH"])
def test_volatility_moves_as_its_index_did_or_says_that_it_is_assumed(symbol: str) -> None:
    index = read_volatility_history(
        published(f"deribit/dvol_{symbol}_daily_2025-09-19_2026-09-19.csv")
    )
    for day, moves in HISTORICAL_DAYS.items():
        if symbol not in moves:
            continue
        move, bars = moves[symbol], of_day(index, day)
        assert move.is_vol_assumed == (len(bars) == 0)
        if len(bars):
            risen = float(np.max(bars.high) / bars.open[0] - 1)
            assert move.vol_e6 / 1e6 == pytest.approx(risen, abs=CLOSE)
        else:
            assert move.vol_e6 == (FALL_VOL_E6 if move.spot_e6 < 0 else RALLY_VOL_E6)


@pytest.mark.parametrize(("symbol", "count"), [("BTC", 8), ("ETH", 7)])
def test_the_days_of_an_underlying_are_moves(symbol: str, count: int) -> None:
    days, moves = day_moves(symbol)
    assert len(days) == len(moves) == count
    assert moves.is_by_tenor
    for place, day in enumerate(days):
        move = HISTORICAL_DAYS[day][symbol]
        assert (moves.spot_e6[place], moves.vol_e6[place]) == (move.spot_e6, move.vol_e6)


def test_an_underlying_that_no_day_is_remembered_of_is_refused() -> None:
    with pytest.raises(BadMoves, match="no day of SOL is remembered"):
        day_moves("SOL")
