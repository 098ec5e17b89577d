"""`novate risk stress`: linear positions lose what arithmetic says, options what they must."""

from pathlib import Path

import pytest

from .scene import risk, risk_json, rows_of, write_portfolio

PERPETUAL = [("BTC_USDC-PERPETUAL", "2", "95000")]


def test_a_perpetual_loses_its_part_of_the_price(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, PERPETUAL)
    found = risk_json("stress", tmp_path, "--spot", "-10:10:10", "--vol", "0,50",
                      portfolio=portfolio)  # fmt: skip
    assert found["spot_e6"] == [-100_000, 0, 100_000]
    assert found["vol_e6"] == [0, 500_000]
    assert found["grid_e6"]["BTC"] == [[-19_000 * 10**6] * 2, [0, 0], [19_000 * 10**6] * 2]


def test_nothing_is_lost_where_nothing_moves(tmp_path: Path) -> None:
    found = risk_json("stress", tmp_path)
    row, column = found["spot_e6"].index(0), found["vol_e6"].index(0)
    assert {name: grid[row][column] for name, grid in found["grid_e6"].items()} == {
        "BTC": 0, "ETH": 0, "together": 0,
    }  # fmt: skip


def test_underlyings_together_are_their_sum(tmp_path: Path) -> None:
    grid = risk_json("stress", tmp_path)["grid_e6"]
    for btc, eth, both in zip(grid["BTC"], grid["ETH"], grid["together"], strict=True):
        assert [b + e for b, e in zip(btc, eth, strict=True)] == both


def test_a_short_option_loses_when_volatility_rises_and_gains_with_time(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-27MAR26-95000-C", "-1", "")])
    options = ("--spot", "0", "--vol", "0,20")
    now = risk_json("stress", tmp_path, *options, portfolio=portfolio)["grid_e6"]["BTC"][0]
    later = risk_json("stress", tmp_path, *options, "--hours", "240", portfolio=portfolio)
    assert now[0] == 0 > now[1]
    assert later["elapsed_s"] == 864_000
    assert later["grid_e6"]["BTC"][0][0] > 0


def test_volatility_moves_in_points_or_by_tenor_when_asked(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-27MAR26-95000-C", "-1", "")])
    options = ("--spot", "0", "--vol", "20")
    parts = risk_json("stress", tmp_path, *options, portfolio=portfolio)
    points = risk_json("stress", tmp_path, *options, "--points", portfolio=portfolio)
    tenor = risk_json("stress", tmp_path, *options, "--by-tenor", portfolio=portfolio)
    assert points["points_e6"] == [200_000]
    # 20 points are more than a fifth of 50 %; 70 days out a move is smaller than at 30
    losses = [one["grid_e6"]["BTC"][0][0] for one in (points, parts, tenor)]
    assert losses == sorted(losses)


def test_moves_of_ones_own_and_days_of_the_past_are_named(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, PERPETUAL)
    found = risk_json("stress", tmp_path, "--move", "mine=-12.5,20,24", portfolio=portfolio)
    moves = {move["name"]: move for move in found["moves"]}
    assert moves["mine"]["total_e6"] == -2 * 95_000 * 125_000
    assert moves["mine"]["elapsed_s"] == 86_400
    assert moves["2020-03-12"]["total_e6"] == -2 * 95_000 * 444_200
    assert moves["2020-03-12"]["remark"] == "volatility assumed"
    assert moves["2026-02-05"]["remark"] == ""


def test_an_underlying_without_a_price_that_day_is_left_and_told(tmp_path: Path) -> None:
    moves = {move["name"]: move for move in risk_json("stress", tmp_path)["moves"]}
    assert "no price of ETH: unmoved" in moves["2022-06-13"]["remark"]
    assert moves["2022-06-13"]["profit_e6"]["ETH"] == 0


def test_the_tables_have_a_row_for_each_move(tmp_path: Path) -> None:
    shown = risk("stress", tmp_path, "--spot", "-20,0,20", "--vol", "-10,0")
    assert shown.status == 0, shown.err
    rows = rows_of(shown)
    assert set(rows) >= {"spot -20 %", "spot 0 %", "spot +20 %", "2020-03-12"}
    assert "together: profit and loss, USDC; down: spot, across: volatility" in shown.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--spot", "x"], "'x' is not a number of percent like -12.5"),
        (["--spot", "nan"], "'nan' is not a number of percent"),
        (["--spot", "0.00001"], "'0.00001' is not a number of percent"),
        (["--spot", "1:2"], "'1:2' is not FROM:TO:STEP"),
        (["--spot", "10:-10:5"], "goes nowhere"),
        (["--spot", "-10:10:0"], "goes nowhere"),
        (["--spot", "-50:50:0.1"], "has 1001 steps, more than 101"),
        (["--spot", "1e30"], "'1e30' is not a number of percent"),
        (["--spot", "-101"], "spot move of -101, which is not from -100 to +400"),
        (["--vol", "2000"], "volatility move of +2,000, which is not from -100 to +1,000"),
        (["--points", "--vol", "1001"], "volatility points of +1,001, which is not from -1,000 to"),
        (["--points", "--by-tenor"], "--points and --by-tenor exclude each other"),
        (["--move", "mine"], "'mine' is not NAME=SPOT,VOL or NAME=SPOT,VOL,HOURS"),
        (["--move", "mine=1,2,3,4"], "is not NAME=SPOT,VOL"),
        (["--move", "mine=1,2,soon"], "has hours 'soon', not a whole number up to 18,000"),
        (["--move", "mine=1,2,18001"], "has hours '18001', not a whole number up to 18,000"),
        (["--move", "mine=500,0"], "'--move': 'mine=500,0' has a spot move of +500, which is not"),
        (["--move", "mine=x,0"], "'mine=x,0' has a move that is none: 'x' is not a number of"),
        (["--hours", "-1"], "--hours"),
    ],
)
def test_a_move_that_makes_no_sense_is_wrong_usage(
    tmp_path: Path, options: list[str], words: str
) -> None:
    shown = risk("stress", tmp_path, *options)
    assert shown.status == 2
    assert words in " ".join(shown.err.split())
    assert not shown.out


def test_the_shape_of_the_answer_for_machines_is_fixed(tmp_path: Path) -> None:
    found = risk_json("stress", tmp_path)
    assert list(found) == [
        "spot_e6", "vol_e6", "is_by_tenor", "elapsed_s", "grid_e6", "moves", "notices",
    ]  # fmt: skip
    assert list(found["moves"][0]) == [
        "name", "spot_e6", "vol_e6", "elapsed_s", "profit_e6", "total_e6", "remark",
    ]  # fmt: skip
