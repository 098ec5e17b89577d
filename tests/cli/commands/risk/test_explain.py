"""`novate risk explain`: contributions add up to the scan, and proposals save what they say."""

from pathlib import Path

import pytest

from .scene import risk, risk_json, rows_of, write_portfolio

STRADDLE = [("BTC_USDC-30JAN26-95000-C", "-2", ""), ("BTC_USDC-30JAN26-95000-P", "-2", "")]


def test_contributions_add_up_to_the_loss_that_decides(tmp_path: Path) -> None:
    for found in risk_json("explain", tmp_path)["underlyings"].values():
        lost_e6 = sum(one["loss_e6"] for one in found["contributions"])
        assert lost_e6 + found["basis_e6"] == found["ways"][0]["loss_e6"]
        assert found["ways"][0]["name"] == found["binding"]
        losses = [way["loss_e6"] for way in found["ways"]]
        assert losses == sorted(losses, reverse=True)


def test_the_parts_add_up_to_both_margins(tmp_path: Path) -> None:
    margins = risk_json("margin", tmp_path)["underlyings"]
    for symbol, found in risk_json("explain", tmp_path)["underlyings"].items():
        for which in ("initial_e6", "maintenance_e6"):
            whole = sum(part[which] for part in found["parts"])
            assert whole == margins[symbol]["requirement"][which]


def test_ranges_are_told_in_percent_and_later_in_hours(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-PERPETUAL", "1", "95000")])
    found = risk_json("explain", tmp_path, "--worst", "21", portfolio=portfolio)
    margins = risk_json("margin", tmp_path, portfolio=portfolio)["underlyings"]["BTC"]
    percent = margins["spot_range_e6"] / 10_000
    btc = found["underlyings"]["BTC"]
    assert btc["maintenance_binding"] == f"spot -{percent:.1f} %, vol up"
    ways = {way["name"]: way for way in btc["ways"]}
    assert len(ways) == 20
    assert {f"spot -{percent * 1.15:.1f} %, vol up, buffered", "spot same, vol same, 6 h later"} < {
        *ways
    }
    assert btc["contributions"][0]["instrument"] == "BTC_USDC-PERPETUAL"


def test_the_later_hours_follow_the_dials(tmp_path: Path) -> None:
    found = risk_json("explain", tmp_path, "--worst", "21", "--settlement-latency", "8100")
    names = {way["name"] for way in found["underlyings"]["BTC"]["ways"]}
    assert "spot same, vol same, 8 h later" in names


def test_both_ways_that_decide_are_named(tmp_path: Path) -> None:
    """What a short straddle loses grows faster than the move, so initial margin looks beyond."""
    positions = [("BTC_USDC-27MAR26-95000-P", "-1", ""), ("BTC_USDC-27MAR26-95000-C", "-1", "")]
    portfolio = write_portfolio(tmp_path, positions)
    found = risk_json("explain", tmp_path, portfolio=portfolio)["underlyings"]["BTC"]
    assert found["binding"] != found["maintenance_binding"]
    decided = f"{found['binding']}; of maintenance margin, {found['maintenance_binding']}"
    shown = risk("explain", tmp_path, portfolio=portfolio)
    assert f"BTC: what decides is {decided}" in shown.out


def test_forwards_that_may_move_apart_have_a_row(tmp_path: Path) -> None:
    positions = [("BTC_USDC-PERPETUAL", "1", "95000"), ("BTC_USDC-27MAR26", "-1", "95500")]
    portfolio = write_portfolio(tmp_path, [*positions, ("USDC", "20000", "")])
    found = risk_json("explain", tmp_path, portfolio=portfolio)["underlyings"]["BTC"]
    assert found["basis_e6"] > 0
    rows = rows_of(risk("explain", tmp_path, portfolio=portfolio))
    assert float(rows["forwards apart"][1].replace(",", "")) == pytest.approx(
        found["basis_e6"] / 1e6, abs=0.005
    )


def test_a_proposed_trade_saves_what_it_says(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [*STRADDLE, ("USDC", "90000", "")])
    found = risk_json("explain", tmp_path, portfolio=portfolio)["underlyings"]["BTC"]["trades"]
    saved = [trade["saves_initial_e6"] for trade in found]
    assert saved == sorted(saved, reverse=True)
    best = found[0]
    assert best["quantity_e3"] in (1_000, -1_000)  # ten lots of 0.1
    order = f"{best['instrument']}={best['quantity_e3'] / 1000}"
    told = risk_json("whatif", tmp_path, "--order", order, portfolio=portfolio)
    assert told["before"]["initial_e6"] - told["after"]["initial_e6"] == best["saves_initial_e6"]


def test_only_what_is_quoted_on_both_sides_is_proposed(tmp_path: Path) -> None:
    from .scene import write_chain

    def only_one(rows: list[dict[str, str]]) -> None:
        for row in rows:
            if row["instrument_name"] != "BTC-27MAR26-100000-C":
                row["bid_price"] = ""

    chain = write_chain(tmp_path, change=only_one)
    portfolio = write_portfolio(tmp_path, STRADDLE)
    found = risk_json("explain", tmp_path, portfolio=portfolio, chain=chain)
    named = {trade["instrument"] for trade in found["underlyings"]["BTC"]["trades"]}
    assert named <= {"BTC_USDC-27MAR26-100000-C", "BTC_USDC-PERPETUAL"}


def test_the_tables_name_what_decides(tmp_path: Path) -> None:
    shown = risk("explain", tmp_path, "--worst", "2", "--trades", "1")
    assert shown.status == 0, shown.err
    assert "BTC: what decides is " in shown.out
    assert "ETH: what decides is " in shown.out
    rows = rows_of(shown)
    assert rows["scan"][2] == "100.0 %"
    assert any("initial" in cells[-1] for cells in rows.values())


@pytest.mark.parametrize("options", [["--worst", "0"], ["--trades", "-1"], ["--lots", "0"]])
def test_counts_have_their_ranges(tmp_path: Path, options: list[str]) -> None:
    assert risk("explain", tmp_path, *options).status == 2


def test_the_shape_of_the_answer_for_machines_is_fixed(tmp_path: Path) -> None:
    found = risk_json("explain", tmp_path)
    assert list(found) == ["underlyings", "notices"]
    btc = found["underlyings"]["BTC"]
    assert list(btc) == [
        "binding", "maintenance_binding", "ways", "contributions", "basis_e6", "scan_e6",
        "initial_e6", "maintenance_e6", "parts", "trades",
    ]  # fmt: skip
    assert list(btc["ways"][0]) == ["name", "loss_e6", "maintenance_loss_e6"]
    assert list(btc["contributions"][0]) == ["instrument", "quantity_e3", "loss_e6"]
    assert list(btc["parts"][0]) == ["name", "initial_e6", "maintenance_e6"]
    assert list(btc["trades"][0]) == [
        "instrument", "quantity_e3", "mark_e3", "saves_initial_e6", "saves_maintenance_e6",
        "delta_e6", "vega_e6",
    ]  # fmt: skip
