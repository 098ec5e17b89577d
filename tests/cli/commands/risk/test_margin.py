"""`novate risk margin`: totals that add up, by hand and by underlying."""

from pathlib import Path

import pytest

from novate.cli.desk import peers
from novate.risk import BTC, Dials, spot_range_e6

from .scene import POSITIONS, risk, risk_json, rows_of, write_chain, write_portfolio


def test_equity_is_cash_and_positions_and_what_is_left_is_available(tmp_path: Path) -> None:
    found = risk_json("margin", tmp_path)
    assert found["cash_e6"] == 60_000 * 10**6
    assert found["available_e6"] == found["equity_e6"] - found["initial_e6"]
    assert found["health"] == "healthy"
    assert found["flagged_below_e6"] == found["maintenance_e6"] < found["initial_e6"]


def test_underlyings_are_added_up_and_none_pays_for_another(tmp_path: Path) -> None:
    whole = risk_json("margin", tmp_path)
    parts = {}
    for symbol in ("BTC", "ETH"):
        positions = [one for one in POSITIONS if one[0].startswith((symbol, "USDC"))]
        portfolio = write_portfolio(tmp_path, positions, f"{symbol}.csv")
        parts[symbol] = risk_json("margin", tmp_path, portfolio=portfolio)
        assert list(parts[symbol]["underlyings"]) == [symbol]
    for amount in ("initial_e6", "maintenance_e6", "gross_e6"):
        assert whole[amount] == sum(part[amount] for part in parts.values())
    assert list(whole["underlyings"]) == ["BTC", "ETH"]


def test_a_perpetual_gains_what_its_price_rose_since_entry(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-PERPETUAL", "1.5", "94000")])
    found = risk_json("margin", tmp_path, portfolio=portfolio)
    assert found["equity_e6"] == 1_500 * 10**6  # 1.5 x (95,000 - 94,000)
    btc = found["underlyings"]["BTC"]
    assert btc["spot_range_e6"] == spot_range_e6(BTC, Dials(), btc["fortnight_vol_e6"])
    assert btc["requirement"]["scan_e6"] == 1_500 * (95 * btc["spot_range_e6"])


def test_the_lines_of_the_expiries_add_up_to_the_positions(tmp_path: Path) -> None:
    found = risk_json("margin", tmp_path)["underlyings"]["BTC"]
    assert [line["name"] for line in found["expiries"]] == ["perpetual", "30JAN26", "27MAR26"]
    assert [line["positions"] for line in found["expiries"]] == [1, 2, 2]
    alone_e6 = sum(line["initial_e6"] for line in found["expiries"])
    assert alone_e6 > found["requirement"]["initial_e6"]


def test_the_tables_show_the_figures_to_the_cent(tmp_path: Path) -> None:
    shown = risk("margin", tmp_path)
    found = risk_json("margin", tmp_path)
    assert shown.status == 0, shown.err
    rows = rows_of(shown)
    assert rows["cash"] == ["60,000.00"]
    for label, amount in (("initial margin", "initial_e6"), ("equity", "equity_e6")):
        assert abs(float(rows[label][0].replace(",", "")) - found[amount] / 1e6) <= 0.005
    assert len(rows["worst scenario"]) == 2 * 2
    assert rows["together"] != rows["worst scenario"]
    assert "Margin: healthy" in shown.out
    assert "BTC by expiry, each as if alone, USDC" in shown.out
    assert "2026-01-15 09:21:30 UTC, index 95,000.00 USD" in shown.err


def test_an_account_below_its_margin_says_so(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-PERPETUAL", "1", "95000"), ("USDC", "1", "")])
    found = risk_json("margin", tmp_path, portfolio=portfolio)
    assert found["health"] == "liquidatable"
    assert found["available_e6"] < 0


def test_no_more_is_asked_than_can_be_lost_and_that_is_told(tmp_path: Path) -> None:
    """In a row of its own, where the parts ask for more."""
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-27MAR26-110000-C", "3", "")])
    found = risk_json("margin", tmp_path, portfolio=portfolio)
    assert found["initial_e6"] <= found["equity_e6"] and found["health"] == "healthy"
    bounded = write_portfolio(tmp_path, [("BTC_USDC-30JAN26-100000-C", "3", "")])
    asked = risk_json("margin", tmp_path, portfolio=bounded)
    assert asked["initial_e6"] == asked["equity_e6"] - asked["cash_e6"]
    assert "more than can be lost" in risk("margin", tmp_path, portfolio=bounded).out
    assert "more than can be lost" not in risk("margin", tmp_path).out


@pytest.mark.parametrize(
    ("dial", "value", "grows"),
    [
        ("--margin-buffer", "0.5", "initial_e6"),
        ("--settlement-latency", "86400", "maintenance_e6"),
        ("--oracle-heartbeat", "86400", "maintenance_e6"),
        ("--liquidation-threshold", "1.25", "flagged_below_e6"),
    ],
)
def test_each_dial_turns_what_it_says(tmp_path: Path, dial: str, value: str, grows: str) -> None:
    assert risk_json("margin", tmp_path, dial, value)[grows] > risk_json("margin", tmp_path)[grows]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--margin-buffer", "x"], "'x' is not a number from 0 to 2 with at most six decimals"),
        (["--margin-buffer", "0.1234567"], "'0.1234567' is not a number from 0 to 2 with at most"),
        (["--margin-buffer", "-1"], "'-1' is not a number from 0 to 2"),
        (["--margin-buffer", "1.1"], "--margin-buffer 1.1 is not from 0 to 1"),
        (["--liquidation-threshold", "0.4"], "--liquidation-threshold 0.4 is not from 0.5 to 2"),
        (["--settlement-latency", "0"], "--settlement-latency 0 is not from 1 to 604800"),
        (["--at", "yesterday"], "'yesterday' is not an instant like 2025-12-05T01:10:18Z"),
        (
            ["--index", "BTC"],
            "'BTC' is not a name, told once, and an amount in USD, like",
        ),
        (["--index", "BTC=-1"], "'BTC=-1' is below 0.001 USD"),
        (["--index", "BTC=0.0009"], "'BTC=0.0009' is below 0.001 USD"),
        (["--index", "BTC=nan"], "'BTC=nan' is not below 17,179,869 USD in size"),
        (["--index", "BTC=1e30"], "'BTC=1e30' is not below 17,179,869 USD in size"),
        (["--index", "BTC=1", "--index", "BTC=2"], "'BTC=2' is not a name, told once, and an"),
        (["--beside", "ftx"], "no model 'ftx' of another venue"),
    ],
)
def test_an_option_that_makes_no_sense_is_wrong_usage(
    tmp_path: Path, options: list[str], words: str
) -> None:
    shown = risk("margin", tmp_path, *options)
    assert shown.status == 2
    assert words in shown.err
    assert "Traceback" not in shown.err
    assert not shown.out


def test_other_venues_stand_beside_when_they_are_asked_for(tmp_path: Path) -> None:
    found = risk_json("margin", tmp_path, "--beside", "deribit,derive")["beside"]
    assert [other["model"] for other in found] == ["deribit_portfolio", "derive_pmrm2"]
    for other in found:
        assert other["initial_e6"] > other["maintenance_e6"] > 0
    rows = rows_of(risk("margin", tmp_path, "--beside", "deribit, derive"))
    assert rows["novate"][2] == "100 %"
    assert rows["derive_pmrm2"][0].replace(",", "") == f"{found[1]['initial_e6'] / 1e6:.2f}"


def test_a_perpetual_costs_beside_what_the_venue_publishes(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-PERPETUAL", "1", "95000")])
    (found,) = risk_json("margin", tmp_path, "--beside", "deribit", portfolio=portfolio)["beside"]
    # 16 % of the price and a roll charge of 1 %, as published
    assert found["initial_e6"] == pytest.approx(0.17 * 95_000e6, rel=1e-3)


def test_a_book_that_a_venue_does_not_say_how_to_margin_has_a_remark(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-PERPETUAL", "1000", "95000")])
    (found,) = risk_json("margin", tmp_path, "--beside", "deribit", portfolio=portfolio)["beside"]
    assert found["initial_e6"] is None
    assert "BTC" in found["remark"]


def test_without_a_checkout_there_is_nothing_to_stand_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "CHECKOUT", tmp_path)
    shown = risk("margin", tmp_path, "--beside", "deribit")
    assert shown.status == 2
    assert "no models of other venues in" in shown.err
    assert "next: run from a checkout of the repository" in shown.err


def test_the_shape_of_the_answer_for_machines_is_fixed(tmp_path: Path) -> None:
    found = risk_json("margin", tmp_path, "--beside", "derive")
    assert list(found) == [
        "portfolio", "cash_e6", "equity_e6", "initial_e6", "maintenance_e6", "flagged_below_e6",
        "available_e6", "gross_e6", "health", "dials", "underlyings", "beside", "notices",
    ]  # fmt: skip
    assert list(found["underlyings"]["ETH"]) == [
        "chain", "taken_at", "index_e3", "fortnight_vol_e6", "spot_range_e6", "requirement",
        "parts", "expiries",
    ]  # fmt: skip
    assert list(found["underlyings"]["ETH"]["parts"][0]) == ["name", "initial_e6", "maintenance_e6"]
    assert list(found["underlyings"]["ETH"]["expiries"][0]) == [
        "name", "positions", "value_e6", "delta_e6", "initial_e6", "maintenance_e6",
    ]  # fmt: skip
    assert list(found["beside"][0]) == ["model", "initial_e6", "maintenance_e6", "remark"]


@pytest.mark.parametrize(("index", "status"), [("100000", 0), ("190000", 3), ("95", 3)])
def test_an_index_price_far_from_the_nearest_forward_is_in_another_unit(
    tmp_path: Path, index: str, status: int
) -> None:
    shown = risk("margin", tmp_path, "--index", f"BTC={index}")
    assert shown.status == status
    if status:
        assert f"the index price {index} is not within" in shown.err
        assert "next: give it in USD per BTC" in shown.err


def test_an_index_of_nothing_here_is_noticed(tmp_path: Path) -> None:
    found = risk_json("margin", tmp_path, "--index", "SOL=100")
    assert "--index SOL=... is not used; what it could name here: BTC, ETH" in found["notices"]


def test_an_oracle_is_asked_of_ticks_alone(tmp_path: Path) -> None:
    shown = risk("margin", tmp_path, "--oracle", "0x12")
    assert shown.status == 3
    assert "chain.csv: is no file of ticks (.json), which an oracle signs" in shown.err


def test_what_is_not_said_is_noticed(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-PERPETUAL", "1", "")])
    chain = write_chain(tmp_path, change=lambda rows: [row.update(index_price="") for row in rows])
    shown = risk("margin", tmp_path, portfolio=portfolio, chain=chain)
    assert shown.status == 0
    assert "no cash is told: taken as 0 USDC" in shown.err
    assert "line 2: BTC_USDC-PERPETUAL has no average price" in shown.err
    assert "the file has no index price; taken as 95,1" in shown.err
    told = risk("margin", tmp_path, "--index", "BTC=95000", portfolio=portfolio, chain=chain)
    assert "index 95,000.00 USD" in told.err
    assert "no index price" not in told.err
