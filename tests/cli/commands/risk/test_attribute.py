"""`novate risk attribute`: parts add up to the profit, and each comes from what moved."""

from pathlib import Path

import pytest

from .scene import EXPIRIES, later, risk, risk_json, rows_of, write_chain, write_portfolio

PARTS = (
    "delta", "basis", "gamma", "vega", "vanna", "volga", "theta", "funding", "settlement",
    "residual",
)  # fmt: skip
AFTER_JANUARY = (EXPIRIES["30JAN26"] - later(0)).total_seconds() / 86_400 + 1


def attributed(folder: Path, *options: str, portfolio: Path | None = None, **market: object):  # type: ignore[no-untyped-def]
    """The answer for the portfolio of the scene, to a market that moved."""
    to = write_chain(folder, "later.csv", **market)
    files = {"portfolio": portfolio} if portfolio else {}
    return risk_json("attribute", folder, "--to", to, *options, **files)


def test_the_parts_add_up_exactly_position_by_position(tmp_path: Path) -> None:
    found = attributed(tmp_path, at=later(2), moved=-0.06, vol=0.62)
    for underlying in found["underlyings"].values():
        for one in [underlying, *underlying["positions"]]:
            assert sum(one[f"{part}_e6"] for part in PARTS) == one["total_e6"]
        for part in ("total", *PARTS):
            each = sum(one[f"{part}_e6"] for one in underlying["positions"])
            assert each == underlying[f"{part}_e6"]


def test_a_perpetual_earns_by_delta_alone_and_pays_funding(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-PERPETUAL", "2", "90000")])
    found = attributed(
        tmp_path, "--funding", "BTC=12.5", portfolio=portfolio, at=later(1), moved=0.01
    )["underlyings"]["BTC"]
    assert found["delta_e6"] == 1_900 * 10**6  # 2 x 1 % of 95,000
    assert found["funding_e6"] == -25 * 10**6
    assert found["total_e6"] == 1_875 * 10**6
    assert found["residual_e6"] == 0
    received = attributed(tmp_path, "--funding", "BTC=-1", portfolio=portfolio, at=later(1))
    assert received["underlyings"]["BTC"]["total_e6"] == 2 * 10**6


def test_time_alone_is_theta_and_volatility_alone_is_vega(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-27MAR26-95000-C", "-3", "")])
    waited = attributed(tmp_path, portfolio=portfolio, at=later(5))["underlyings"]["BTC"]
    assert waited["theta_e6"] > 0
    assert abs(waited["theta_e6"]) > 5 * abs(waited["total_e6"] - waited["theta_e6"])
    risen = attributed(tmp_path, portfolio=portfolio, vol=0.52)["underlyings"]["BTC"]
    assert risen["vega_e6"] < 0
    assert abs(risen["residual_e6"]) < abs(risen["vega_e6"]) / 100
    assert risen["theta_e6"] == 0


def test_what_expired_meanwhile_needs_its_settlement_price(tmp_path: Path) -> None:
    to = write_chain(tmp_path, "later.csv", at=later(AFTER_JANUARY), days=["27MAR26"])
    portfolio = write_portfolio(
        tmp_path, [("BTC_USDC-30JAN26-90000-P", "-1", ""), ("BTC_USDC-27MAR26-110000-C", "1", "")]
    )
    shown = risk("attribute", tmp_path, "--to", to, portfolio=portfolio)
    assert shown.status == 3
    assert "BTC 30JAN26 is held and has expired before later.csv" in shown.err
    assert "next: say its settlement price with --settled BTC-30JAN26=PRICE" in shown.err
    for name in ("30JAN26", "BTC-30JAN26"):
        found = risk_json("attribute", tmp_path, "--to", to, "--settled", f"{name}=88000",
                          portfolio=portfolio)["underlyings"]["BTC"]  # fmt: skip
        put, call = found["positions"]
        assert put["settlement_e6"] == put["total_e6"] < 0
        assert call["settlement_e6"] == 0


def test_an_expiry_that_is_not_held_may_be_gone(tmp_path: Path) -> None:
    to = write_chain(tmp_path, "later.csv", at=later(AFTER_JANUARY), days=["27MAR26"])
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-27MAR26-110000-C", "1", "")])
    found = risk_json("attribute", tmp_path, "--to", to, portfolio=portfolio)
    assert found["underlyings"]["BTC"]["settlement_e6"] == 0
    assert found["underlyings"]["BTC"]["theta_e6"] < 0


def test_an_expiry_that_is_held_must_be_quoted(tmp_path: Path) -> None:
    to = write_chain(tmp_path, "later.csv", at=later(1), days=["27MAR26"])
    shown = risk("attribute", tmp_path, "--to", to)
    assert shown.status == 3
    assert "later.csv has no forward of BTC 30JAN26, which is held" in shown.err


def test_time_does_not_go_back(tmp_path: Path) -> None:
    to = write_chain(tmp_path, "later.csv", at=later(-1))
    shown = risk("attribute", tmp_path, "--to", to)
    assert shown.status == 3
    assert "later.csv: is of 2026-01-14 09:21:30 UTC, before 2026-01-15 09:21:30 UTC" in shown.err
    assert "next: give the earlier chain as --chain and the later one as --to" in shown.err
    same = write_chain(tmp_path, "same.csv")
    assert risk("attribute", tmp_path, "--to", same).status == 0


def test_the_later_chain_must_have_the_underlying(tmp_path: Path) -> None:
    def btc_alone(rows: list[dict[str, str]]) -> None:
        rows[:] = [row for row in rows if row["currency"] == "BTC"]

    to = write_chain(tmp_path, "later.csv", change=btc_alone, at=later(1))
    shown = risk("attribute", tmp_path, "--to", to)
    assert shown.status == 3
    assert "later.csv: has no chain of ETH; it has BTC" in shown.err


def no_index(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["index_price"] = ""


def test_a_later_chain_without_an_index_says_what_stands_for_it(tmp_path: Path) -> None:
    to = write_chain(tmp_path, "later.csv", change=no_index, at=later(1))
    found = risk_json("attribute", tmp_path, "--to", to)
    (notice,) = [one for one in found["notices"] if one.startswith("BTC: the file has no index")]
    assert "the forward of 30JAN26 (name another with --to-index BTC=PRICE)" in notice
    told = risk_json("attribute", tmp_path, "--to", to, "--to-index", "BTC=95000")
    assert not any(one.startswith("BTC: the file has no index") for one in told["notices"])


def test_volatilities_of_a_later_chain_may_be_those_that_its_marks_imply(tmp_path: Path) -> None:
    def unpublished(rows: list[dict[str, str]]) -> None:
        for row in rows:
            row["implied_volatility"] = ""

    to = write_chain(tmp_path, "later.csv", change=unpublished, at=later(1))
    found = risk_json("attribute", tmp_path, "--to", to)
    assert any(one.startswith("BTC later: 28 volatilities are") for one in found["notices"])
    told = attributed(tmp_path, at=later(1))
    for part in ("vega_e6", "total_e6"):
        wanted = told["underlyings"]["BTC"][part]
        assert found["underlyings"]["BTC"][part] == pytest.approx(wanted, abs=5 * 10**6)


@pytest.mark.parametrize(
    ("option", "value", "known"),
    [
        ("--to-index", "SOL=100", "BTC, ETH"),
        ("--funding", "SOL=1", "BTC, ETH"),
        ("--settled", "26DEC25=90000", "27MAR26, 30JAN26, BTC-27MAR26, BTC-30JAN26, ETH-30JAN26"),
    ],
)
def test_what_is_told_of_nothing_held_is_noticed(
    tmp_path: Path, option: str, value: str, known: str
) -> None:
    found = attributed(tmp_path, option, value, at=later(1))
    name = value.partition("=")[0]
    notice = f"{option} {name}=... is not used; what it could name here: {known}"
    assert notice in found["notices"]


@pytest.mark.parametrize(("price", "status"), [("470000", 0), ("490000", 2), ("18000", 2)])
def test_a_settlement_price_in_another_unit_is_refused(
    tmp_path: Path, price: str, status: int
) -> None:
    to = write_chain(tmp_path, "later.csv", at=later(AFTER_JANUARY), days=["27MAR26"])
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-30JAN26-90000-P", "-1", "")])
    shown = risk("attribute", tmp_path, "--to", to, "--settled", f"30JAN26={price}",
                 portfolio=portfolio)  # fmt: skip
    assert shown.status == status
    assert "over 5 times off the later forward of 95," in shown.err or not status


def test_the_tables_show_every_part_that_there_is(tmp_path: Path) -> None:
    to = write_chain(tmp_path, "later.csv", at=later(2), moved=-0.06, vol=0.62)
    shown = risk("attribute", tmp_path, "--to", to)
    assert shown.status == 0, shown.err
    rows = rows_of(shown)
    assert rows["all"][1] == "100.0 %"
    assert {"delta", "gamma", "vega", "theta", "residual"} <= set(rows)
    assert "funding" not in rows
    assert "BTC_USDC-30JAN26-100000-C" in rows
    assert "at 2026-01-17 09:21:30 UTC" in shown.err


def test_a_later_chain_is_needed(tmp_path: Path) -> None:
    shown = risk("attribute", tmp_path)
    assert shown.status == 2
    assert "Missing option '--to'" in shown.err


@pytest.mark.parametrize("option", ["--settled", "--funding", "--to-index"])
def test_a_price_that_is_none_is_wrong_usage(tmp_path: Path, option: str) -> None:
    shown = risk("attribute", tmp_path, "--to", write_chain(tmp_path, "later.csv"), option, "BTC=x")
    assert shown.status == 2
    assert "'BTC=x'" in shown.err


def test_the_shape_of_the_answer_for_machines_is_fixed(tmp_path: Path) -> None:
    found = attributed(tmp_path, at=later(1))
    assert list(found) == ["underlyings", "notices"]
    names = [f"{part}_e6" for part in ("total", *PARTS)]
    assert list(found["underlyings"]["BTC"]) == ["from", "to", *names, "positions"]
    assert list(found["underlyings"]["BTC"]["positions"][0]) == ["instrument", *names]
