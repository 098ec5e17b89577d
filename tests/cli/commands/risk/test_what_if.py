"""`novate risk whatif`: the account after orders is the account of the portfolio with them."""

from pathlib import Path

import pytest

from .scene import POSITIONS, risk, risk_json, rows_of, write_portfolio


def test_after_an_order_at_the_mark_margin_is_that_of_the_larger_portfolio(tmp_path: Path) -> None:
    found = risk_json("whatif", tmp_path, "--order", "BTC_USDC-27MAR26-80000-P=2")
    larger = write_portfolio(
        tmp_path, [*POSITIONS, ("BTC_USDC-27MAR26-80000-P", "2", "")], "larger.csv"
    )
    whole = risk_json("margin", tmp_path, portfolio=larger)
    for which in ("initial_e6", "maintenance_e6", "gross_e6"):
        assert found["after"][which] == whole[which]
    before = risk_json("margin", tmp_path)
    assert found["before"]["initial_e6"] == before["initial_e6"]
    # bought at its mark, equity only loses what the mark may err by
    assert 0 <= found["before"]["equity_e6"] - found["after"]["equity_e6"] < 10**6


def test_a_price_worse_than_the_mark_costs_the_difference(tmp_path: Path) -> None:
    name = "BTC_USDC-PERPETUAL"
    at_mark = risk_json("whatif", tmp_path, "--order", f"{name}=1")
    above = risk_json("whatif", tmp_path, "--order", f"{name}=1@95010.5")
    assert at_mark["after"]["equity_e6"] - above["after"]["equity_e6"] == 10_500_000


def test_orders_in_both_underlyings_and_in_a_file_are_taken_together(tmp_path: Path) -> None:
    orders = write_portfolio(
        tmp_path,
        [("BTC_USDC-PERPETUAL", "-1.5", "95000"), ("ETH_USDC-PERPETUAL", "5", "3300")],
        "orders.csv",
    )
    found = risk_json("whatif", tmp_path, "--orders", orders)
    flat = [one for one in POSITIONS if "PERPETUAL" not in one[0]]
    whole = risk_json("margin", tmp_path, portfolio=write_portfolio(tmp_path, flat, "flat.csv"))
    assert found["after"]["initial_e6"] == whole["initial_e6"]


def test_an_order_in_an_underlying_that_is_not_held_is_margined_too(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("ETH_USDC-PERPETUAL", "1", ""), ("USDC", "99999", "")])
    found = risk_json("whatif", tmp_path, "--order", "BTC_USDC-PERPETUAL=1", portfolio=portfolio)
    # a tenth of the price at the very least
    assert found["after"]["initial_e6"] > found["before"]["initial_e6"] + 9_500 * 10**6
    assert found["is_accepted"] is True


@pytest.mark.parametrize(("cash", "accepted", "words"), [
    ("30000", True, "Filled at once: accepted."),
    ("10", False, "Filled at once: refused: the account may not go there by itself."),
])  # fmt: skip
def test_an_account_says_whether_it_can_carry_the_orders(
    tmp_path: Path, cash: str, accepted: bool, words: str
) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-PERPETUAL", "0.001", ""), ("USDC", cash, "")])
    options = ("--order", "BTC_USDC-PERPETUAL=1")
    found = risk_json("whatif", tmp_path, *options, portfolio=portfolio)
    assert found["is_accepted"] is accepted
    assert (found["open_need_e6"] <= found["before"]["equity_e6"]) is accepted
    shown = risk("whatif", tmp_path, *options, portfolio=portfolio)
    assert words in shown.out
    assert ("the account can carry" if accepted else "the account cannot carry") in shown.out
    assert set(rows_of(shown)) >= {"equity", "initial margin", "available", "account"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "no order; next: name one with --order or a file with --orders"),
        (["--order", "BTC_USDC-PERPETUAL"], "is not NAME=QUANTITY or NAME=QUANTITY@PRICE"),
        (["--order", "BTC_USDC-PERPETUAL=x"], "is not NAME=QUANTITY or NAME=QUANTITY@PRICE"),
        (["--order", "=1"], "is not NAME=QUANTITY or NAME=QUANTITY@PRICE"),
        (["--order", "BTC_USDC-PERPETUAL=1@-5"], "--order: a price of -5 is below 0"),
        (["--order", "BTC_USDC-PERPETUAL=0"], "--order: a quantity of 0 of BTC_USDC-PERPETUAL"),
        (["--order", "BTC_USDC-PERPETUAL=nan"], "is not NAME=QUANTITY or NAME=QUANTITY@PRICE"),
        (
            ["--order", "BTC_USDC-PERPETUAL=0.0001"],
            "quantity 0.0001 is finer than 0.001",
        ),
        (["--order", "BTC_USDC-PERPETUAL=1@9.9999"], "price 9.9999 is finer than 0.001"),
        (["--order", "BTC_USDC-PERPETUAL=1e9"], "quantity 1E+9 is not below 134,217.728 in size"),
        (
            ["--order", "BTC_USDC-PERPETUAL=1@1e30"],
            "price 1E+30 is not below 17,179,869.184 in",
        ),
        (["--order", "BTC_USDC-PERPETUAL=1e5"], "after these orders: gross notional of "),
        (["--order", "BTC_USDC-27MAR26-81000-P=1"], "strikes from 70,000 to 120,000, and not"),
        (["--order", "BTC_USDC-28MAR26-80000-P=1"], "it has the expiries 30JAN26, 27MAR26"),
        (["--order", "BTC_USDC-26DEC25-80000-P=1"], "it expired at 2025-12-26 08:00:00 UTC"),
        (["--order", "BTC_USDC-FOO=1"], "--order: 'BTC_USDC-FOO'"),
        (["--order", "DOGE=1"], "--order: 'DOGE' is no USDC-settled instrument of BTC or ETH"),
        (["--order", "BTC-27MAR26-80000-P=1"], "is no USDC-settled instrument of BTC or ETH"),
    ],
)
def test_an_order_that_makes_no_sense_is_wrong_usage(
    tmp_path: Path, options: list[str], words: str
) -> None:
    shown = risk("whatif", tmp_path, *options)
    assert shown.status == 2
    assert words in " ".join(shown.err.split())
    assert not shown.out


def test_the_shape_of_the_answer_for_machines_is_fixed(tmp_path: Path) -> None:
    found = risk_json("whatif", tmp_path, "--order", "BTC_USDC-PERPETUAL=1")
    assert list(found) == ["before", "after", "is_accepted", "open_need_e6", "notices"]
    assert list(found["after"]) == [
        "equity_e6", "initial_e6", "maintenance_e6", "available_e6", "gross_e6", "health", "parts",
    ]  # fmt: skip
