"""`novate risk hedge`: after the trades it proposes the account is where it was to come."""

from pathlib import Path
from typing import Any

import pytest

from .scene import POSITIONS, risk, risk_json, rows_of, write_chain, write_portfolio

BTC = [one for one in POSITIONS if one[0].startswith(("BTC", "USDC"))]


def hedged(folder: Path, *options: str) -> list[Any]:
    """The hedges of the scene's BTC positions."""
    portfolio = write_portfolio(folder, BTC)
    found = risk_json("hedge", folder, *options, portfolio=portfolio)
    hedges: list[Any] = found["underlyings"]["BTC"]["hedges"]
    return hedges


def orders(hedge: Any) -> list[str]:
    """The hedge as options of another command."""
    return [
        word
        for leg in hedge["legs"]
        for word in ("--order", f"{leg['instrument']}={leg['quantity_e3'] / 1000}")
    ]


@pytest.mark.parametrize("aim", ["delta", "vega", "delta-vega"])
def test_a_hedge_is_margined_as_the_account_would_be(tmp_path: Path, aim: str) -> None:
    portfolio = write_portfolio(tmp_path, BTC)
    for hedge in hedged(tmp_path, "--to", aim, "--count", "3"):
        told = risk_json("whatif", tmp_path, *orders(hedge), portfolio=portfolio)
        assert told["after"]["initial_e6"] == hedge["initial_e6"]
        assert told["after"]["maintenance_e6"] == hedge["maintenance_e6"]


def test_hedges_come_with_the_least_margin_first_and_the_perpetual_at_the_end(
    tmp_path: Path,
) -> None:
    found = hedged(tmp_path, "--to", "delta", "--count", "4")
    assert len(found) == 4
    margins = [hedge["initial_e6"] for hedge in found[:-1]]
    assert margins == sorted(margins)
    assert any(
        leg["instrument"] == "BTC_USDC-PERPETUAL" for hedge in found for leg in hedge["legs"]
    )


@pytest.mark.parametrize(("target", "expected_e6"), [("0", 0), ("2.5", 2_500_000)])
def test_delta_comes_to_its_target_within_half_a_lot(
    tmp_path: Path, target: str, expected_e6: int
) -> None:
    found = hedged(tmp_path, "--to", "delta", "--delta", target, "--count", "50")
    perpetual = [hedge for hedge in found if hedge["legs"][0]["instrument"] == "BTC_USDC-PERPETUAL"]
    assert len(perpetual) == 1
    assert abs(perpetual[0]["delta_e6"] - expected_e6) <= 501
    assert all(abs(hedge["delta_e6"] - expected_e6) <= 51_000 for hedge in found)


def test_vega_and_delta_together_leave_both_near_nothing(tmp_path: Path) -> None:
    for hedge in hedged(tmp_path, "--to", "delta-vega", "--count", "5"):
        assert len(hedge["legs"]) == 2
        assert abs(hedge["delta_e6"]) <= 501
        assert abs(hedge["vega_e6"]) < 20 * 10**6


def test_sizes_are_whole_lots_of_ones_own(tmp_path: Path) -> None:
    for hedge in hedged(tmp_path, "--to", "vega", "--lot", "0.25", "--count", "5"):
        assert all(leg["quantity_e3"] % 250 == 0 for leg in hedge["legs"])


def test_least_margin_falls_with_every_trade(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, BTC)
    found = risk_json("hedge", tmp_path, "--to", "margin", "--count", "2", portfolio=portfolio)
    btc = found["underlyings"]["BTC"]
    margins = [btc["initial_before_e6"], *(trade["initial_e6"] for trade in btc["trades"])]
    assert margins == sorted(margins, reverse=True)
    assert len(margins) > 1
    orders = [
        word
        for trade in btc["trades"]
        for word in ("--order", f"{trade['instrument']}={trade['quantity_e3'] / 1000}")
    ]
    told = risk_json("whatif", tmp_path, *orders, portfolio=portfolio)
    assert told["after"]["initial_e6"] == margins[-1]


def test_a_chain_without_quotes_offers_what_is_held_open(tmp_path: Path) -> None:
    def unquoted(rows: list[dict[str, str]]) -> None:
        for row in rows:
            open_interest = "7" if row["instrument_name"].endswith("27MAR26-100000-C") else "0"
            row.update(bid_price="", ask_price="", open_interest=open_interest)

    chain = write_chain(tmp_path, change=unquoted)
    portfolio = write_portfolio(tmp_path, BTC)
    found = risk_json("hedge", tmp_path, "--to", "vega", chain=chain, portfolio=portfolio)
    named = {h["legs"][0]["instrument"] for h in found["underlyings"]["BTC"]["hedges"]}
    assert named == {"BTC_USDC-27MAR26-100000-C"}


def test_the_tables_say_where_the_account_is_and_what_to_trade(tmp_path: Path) -> None:
    shown = risk("hedge", tmp_path, "--count", "2")
    assert shown.status == 0, shown.err
    assert "BTC now: delta " in shown.out
    assert "ETH: hedges of delta, the least margin first; afterwards, USDC" in shown.out
    assert any(label.startswith(("buy ", "sell ")) for label in rows_of(shown))
    lowered = risk("hedge", tmp_path, "--to", "margin", "--count", "1")
    assert "as it is" in rows_of(lowered)


def test_trades_that_lower_margin_say_what_delta_and_vega_they_leave(tmp_path: Path) -> None:
    found = risk_json("hedge", tmp_path, "--to", "margin", "--count", "2")["underlyings"]["BTC"]
    last = found["trades"][-1]
    portfolio = write_portfolio(
        tmp_path,
        [
            *(one for one in POSITIONS if one[0] != "USDC"),
            *(
                (one["instrument"], f"{one['quantity_e3'] / 1000:.3f}", "")
                for one in found["trades"]
            ),
            ("USDC", "60000", ""),
        ],
        "after.csv",
    )
    after = risk_json("hedge", tmp_path, portfolio=portfolio)["underlyings"]["BTC"]
    assert after["delta_before_e6"] == pytest.approx(last["delta_e6"], abs=10)
    assert after["vega_before_e6"] == pytest.approx(last["vega_e6"], abs=10)


@pytest.mark.parametrize("aim", ["vega", "delta-vega"])
def test_where_no_size_comes_near_that_is_said(tmp_path: Path, aim: str) -> None:
    shown = risk("hedge", tmp_path, "--to", aim, "--vega", "1000000000")
    assert shown.status == 0, shown.err
    assert "BTC: no size that an account may hold of what is quoted comes near it." in shown.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--to", "gamma"], "'gamma' is not one of"),
        (["--delta", "x"], "'x' is not a number from -1,000,000,000 to 1,000,000,000 with at most"),
        (["--delta", "1e30"], "'--delta': '1e30' is not a number from -1,000,000,000 to"),
        (["--vega", "-1000000000.1"], "'--vega': '-1000000000.1' is not a number from -1,000,000"),
        (["--lot", "0"], "'--lot': '0' is not a multiple of 0.001 up to 134,217.727"),
        (["--lot", "0.0005"], "'--lot': '0.0005' is not a multiple of 0.001 up to 134,217.727"),
        (["--lot", "134217.728"], "'--lot': '134217.728' is not a multiple of 0.001 up to"),
        (["--lot", "1e30"], "'--lot': '1e30' is not a multiple"),
        (["--lot", "x"], "'--lot': 'x' is not a multiple"),
        (["--cost", "1.1"], "'--cost': '1.1' is not a number from 0 to 1 with at most six"),
        (["--cost", "-0.1"], "'--cost': '-0.1' is not a number from 0 to 1"),
        (["--count", "0"], "--count"),
    ],
)
def test_an_option_that_makes_no_sense_is_wrong_usage(
    tmp_path: Path, options: list[str], words: str
) -> None:
    shown = risk("hedge", tmp_path, *options)
    assert shown.status == 2
    assert words in " ".join(shown.err.split())
    assert not shown.out


def test_the_shape_of_the_answer_for_machines_is_fixed(tmp_path: Path) -> None:
    found = risk_json("hedge", tmp_path)
    assert list(found) == ["aim", "underlyings", "notices"]
    eth = found["underlyings"]["ETH"]
    before = ["delta_before_e6", "vega_before_e6", "initial_before_e6", "maintenance_before_e6"]
    assert list(eth) == [*before, "hedges"]
    assert list(eth["hedges"][0]) == [
        "legs", "delta_e6", "vega_e6", "notional_e6", "initial_e6", "maintenance_e6",
    ]  # fmt: skip
    assert list(eth["hedges"][0]["legs"][0]) == ["instrument", "quantity_e3"]
    lowered = risk_json("hedge", tmp_path, "--to", "margin")["underlyings"]["BTC"]
    assert list(lowered) == [*before, "trades"]
    assert list(lowered["trades"][0]) == [
        "instrument", "quantity_e3", "mark_e3", "cost_e6", "initial_e6", "maintenance_e6",
        "delta_e6", "vega_e6",
    ]  # fmt: skip
