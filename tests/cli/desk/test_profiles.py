"""The prices of a profile: around the index, with every strike that is held."""

from pathlib import Path

import numpy as np
import pytest
from tests.cli.commands.risk.scene import write_chain, write_portfolio

from novate.cli.desk.holding import Holding
from novate.cli.desk.holdings import holdings, symbols_of
from novate.cli.desk.markets import markets
from novate.cli.desk.profiles import held_strikes_e3, profile_of
from novate.nodes import read_portfolio


def holding(folder: Path, *positions: tuple[str, str, str]) -> Holding:
    """What is held in BTC."""
    portfolio = read_portfolio(write_portfolio(folder, positions))
    market = markets(write_chain(folder), symbols_of(portfolio))
    return holdings(portfolio, market).by_symbol["BTC"]


def test_the_index_is_a_price_and_nothing_is_gained_there_today(tmp_path: Path) -> None:
    found = profile_of(holding(tmp_path, ("BTC_USDC-27MAR26-95000-C", "1", "")))
    at = int(np.flatnonzero(found.price_e3 == 95_000_000)[0])
    assert found.today_e6[at] == 0
    assert np.all(np.diff(found.today_e6) >= 0)


@pytest.mark.parametrize("strike", [70_000, 120_000])
def test_every_strike_that_is_held_is_a_price(tmp_path: Path, strike: int) -> None:
    found = profile_of(holding(tmp_path, (f"BTC_USDC-27MAR26-{strike}-C", "1", "")))
    assert strike * 1000 in found.price_e3
    assert found.price_e3.min() < strike * 1000 < found.price_e3.max()


def test_a_perpetual_alone_has_no_strike_and_no_expiry(tmp_path: Path) -> None:
    held = holding(tmp_path, ("BTC_USDC-PERPETUAL", "1", "95000"))
    assert len(held_strikes_e3(held)) == 0
    found = profile_of(held)
    assert found.first_group == 0
    assert (found.price_e3[0], found.price_e3[-1]) == (57_000_000, 137_750_000)
