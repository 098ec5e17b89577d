"""A payoff: straight lines between strikes, and nothing where nothing moved."""

from pathlib import Path

import numpy as np
import pytest
from tests.cli.commands.risk.scene import write_chain, write_portfolio

from novate.cli.desk.holdings import Holding, holdings, symbols_of
from novate.cli.desk.markets import markets
from novate.cli.desk.payoffs import held_strikes_e3, payoff
from novate.nodes import read_portfolio


def holding(folder: Path, *positions: tuple[str, str, str]) -> Holding:
    """What is held in BTC."""
    portfolio = read_portfolio(write_portfolio(folder, positions))
    market = markets(write_chain(folder), symbols_of(portfolio))
    return holdings(portfolio, market).by_symbol["BTC"]


def test_a_short_put_loses_below_its_strike_and_keeps_its_premium_above(tmp_path: Path) -> None:
    held = holding(tmp_path, ("BTC_USDC-30JAN26-90000-P", "-2", ""))
    found = payoff(held)
    premium_e6 = -int(held.value_e6[0])
    above = found.price_e3 >= 90_000_000
    assert set(found.at_expiry_e6[above].tolist()) == {premium_e6}
    below = found.price_e3[~above]
    assert np.array_equal(found.at_expiry_e6[~above], premium_e6 - 2_000 * (90_000_000 - below))
    assert found.breaks_even_e3 == [90_000_000 - premium_e6 // 2_000]


def test_today_nothing_is_gained_at_the_index(tmp_path: Path) -> None:
    found = payoff(holding(tmp_path, ("BTC_USDC-27MAR26-95000-C", "1", "")))
    at = int(np.flatnonzero(found.price_e3 == 95_000_000)[0])
    assert found.today_e6[at] == 0
    assert np.all(np.diff(found.today_e6) >= 0)


def test_with_one_expiry_the_first_is_the_last(tmp_path: Path) -> None:
    found = payoff(holding(tmp_path, ("BTC_USDC-30JAN26-90000-P", "-2", "")))
    assert found.first_expiry == "30JAN26"
    assert np.array_equal(found.at_first_e6, found.at_expiry_e6)


def test_a_calendar_keeps_the_time_value_of_its_back_month(tmp_path: Path) -> None:
    found = payoff(
        holding(
            tmp_path, ("BTC_USDC-30JAN26-95000-C", "-1", ""), ("BTC_USDC-27MAR26-95000-C", "1", "")
        )
    )
    at = int(np.flatnonzero(found.price_e3 == 95_000_000)[0])
    assert found.at_first_e6[at] > 0 > found.at_expiry_e6[at]


def test_a_perpetual_alone_has_no_expiry(tmp_path: Path) -> None:
    held = holding(tmp_path, ("BTC_USDC-PERPETUAL", "1", "95000"))
    found = payoff(held)
    assert found.first_expiry == ""
    assert np.abs(found.today_e6 - found.at_first_e6).max() <= 96_000
    assert len(held_strikes_e3(held)) == 0


@pytest.mark.parametrize("strike", [70_000, 120_000])
def test_every_strike_that_is_held_is_a_price(tmp_path: Path, strike: int) -> None:
    found = payoff(holding(tmp_path, (f"BTC_USDC-27MAR26-{strike}-C", "1", "")))
    assert strike * 1000 in found.price_e3
    assert found.price_e3.min() < strike * 1000 < found.price_e3.max()
