"""Bad portfolios and chains: file, line and field, the numbers, and the next step; never silence.

What a reader of a file refuses is tested with the reader; here is what a desk sees of it.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from .scene import Row, risk, risk_json, write_chain, write_portfolio

Positions = list[tuple[str, str, str]]


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (("BTC_USDC-30JAN26-100000-C", "x", ""),
         "portfolio.csv, line 2, field quantity: 'x' is not a number"),
        (("BTC_USDC-30JAN26-100000-C", "nan", ""),
         "portfolio.csv, line 2, field quantity: 'nan' is not a number"),
        (("BTC_USDC-30JAN26-100000-C", "0.0001", ""),
         "portfolio.csv, line 2, field quantity: '0.0001' is 0.0001 contracts"),
        (("BTC_USDC-30JAN26-100000-C", "1000000", ""),
         "portfolio.csv, line 2, field quantity: '1000000' is not below 134,217.728 contracts"),
        (("BTC_USDC-30JAN26-100001-C", "1", ""),
         "portfolio.csv, line 2, field instrument: 'BTC_USDC-30JAN26-100001-C' is not in chain.csv:"
         " that expiry has strikes from 70,000 to 120,000, and not this one"),
        (("BTC_USDC-29JAN26-100000-C", "1", ""),
         "is not in chain.csv: it has the expiries 30JAN26, 27MAR26"),
        (("BTC_USDC-26DEC25-100000-C", "1", ""),
         "is not in chain.csv: it expired at 2025-12-26 08:00:00 UTC"),
        (("SOL_USDC-PERPETUAL", "1", ""), "chain.csv: has no chain of SOL; it has BTC, ETH"),
        (("DOGE_USDC-PERPETUAL", "1", ""), "portfolio.csv, line 2, field instrument: "),
        (("BTC-30JAN26-100000-C", "1", ""),
         "is settled in the coin\n  next: ask by inverse_as_linear to take it as its linear twin"),
        (("BTC_USDC-PERPETUAL", "1", "-5"), "line 2, field average_price: '-5' is below 0"),
        (("BTC_USDC-PERPETUAL", "100000", ""),
         "portfolio.csv: gross notional of 9,500,000,000 USD is not below 9,007,199,254 USD"),
        (("USDC", "5", ""), "portfolio.csv: holds no position"),
    ],
)  # fmt: skip
def test_a_bad_position_is_told_with_its_place(
    tmp_path: Path, position: tuple[str, str, str], words: str
) -> None:
    shown = risk("margin", tmp_path, portfolio=write_portfolio(tmp_path, [position]))
    assert shown.status == 3, shown.err
    assert words in shown.err
    assert "\n  next: " in shown.err
    assert "Traceback" not in shown.err
    assert not shown.out


def each(**cells: str) -> Callable[[list[Row]], object]:
    """Every row with other cells."""
    return lambda rows: [row.update(cells) for row in rows]


def one(**cells: str) -> Callable[[list[Row]], object]:
    """The first row with other cells."""
    return lambda rows: rows[0].update(cells)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (one(strike="none"), "chain.csv, line 2, field strike: 'none' is not a number"),
        (one(underlying="nan"), "chain.csv, line 2, field underlying: 'nan' is not a finite"),
        (one(timestamp="2026-01-15"), "chain.csv, line 2, field timestamp: '2026-01-15' is not an"),
        (one(option_type="call"), "chain.csv, line 2, field instrument_name: "),
        (each(implied_volatility="50"), "field implied_volatility: volatility out of range"),
        (each(bid_price="0.9", ask_price="0.8"), "field bid_price: crossed"),
        (each(timestamp="2026-06-15T09:21:30+00:00"), "field expiry_datetime: expired"),
        (each(mark_price="90"), "field mark_price: more than it can be worth"),
        (lambda rows: rows.clear() or rows.append(dict.fromkeys(
            ("timestamp", "implied_volatility"), "")), "chain.csv: has no column instrument_name"),
        (each(index_price="20000000"), "field index_price: too high"),
        (each(index_price="95"), "field index_price: far from the forward"),
    ],
)  # fmt: skip
def test_a_bad_chain_is_told_with_its_place(
    tmp_path: Path, change: Callable[[list[Row]], object], words: str
) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-27MAR26-95000-C", "1", "")])
    shown = risk(
        "margin", tmp_path, portfolio=portfolio, chain=write_chain(tmp_path, change=change)
    )
    assert shown.status == 3, shown.err
    assert words in shown.err
    assert "\n  next: " in shown.err
    assert "Traceback" not in shown.err
    assert not shown.out


def test_a_position_whose_quote_was_left_out_says_why(tmp_path: Path) -> None:
    def crossed(rows: list[Row]) -> None:
        for row in rows:
            if row["instrument_name"] == "BTC-27MAR26-95000-C":
                row["bid_price"] = "0.9"

    chain = write_chain(tmp_path, change=crossed)
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-27MAR26-95000-C", "1", "")])
    shown = risk("margin", tmp_path, portfolio=portfolio, chain=chain)
    assert shown.status == 3
    assert "is not in chain.csv: its quote was left out: line 23" in shown.err
    assert "crossed, bid_price 0.9 is above the ask 0.0" in shown.err


def test_a_quote_that_was_left_out_elsewhere_is_noticed(tmp_path: Path) -> None:
    chain = write_chain(tmp_path, change=one(bid_price="0.9"))
    found = risk_json("margin", tmp_path, chain=chain)
    assert "BTC: 1 quotes left out: 1 crossed" in found["notices"]


def test_an_expiry_without_forward_is_left_out_and_noticed(tmp_path: Path) -> None:
    def calls_alone(rows: list[Row]) -> None:
        rows[:] = [
            row
            for row in rows
            if "30JAN26" not in row["instrument_name"] or row["option_type"] == "call"
        ]

    chain = write_chain(tmp_path, change=calls_alone)
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-27MAR26-95000-C", "1", "")])
    found = risk_json("margin", tmp_path, portfolio=portfolio, chain=chain)
    assert any("so left out: expiry 2026-01-30 08:00:00 UTC" in one for one in found["notices"])


def test_a_chain_without_any_forward_is_refused(tmp_path: Path) -> None:
    def calls_alone(rows: list[Row]) -> None:
        rows[:] = [row for row in rows if row["option_type"] == "call"]

    shown = risk("margin", tmp_path, chain=write_chain(tmp_path, change=calls_alone))
    assert shown.status == 3
    assert "has no expiry of BTC with both a forward and a volatility" in shown.err


def test_volatilities_that_are_not_published_are_those_that_marks_imply(tmp_path: Path) -> None:
    told = risk_json("margin", tmp_path)
    chain = write_chain(tmp_path, change=each(implied_volatility=""))
    found = risk_json("margin", tmp_path, chain=chain)
    assert any("volatilities are those that the mark prices imply" in n for n in found["notices"])
    assert found["initial_e6"] == pytest.approx(told["initial_e6"], rel=2e-3)


BOOK = (
    "instrument_name,type,expiry_date,strike,T_years,S0,market_price_btc,mark_iv,bid_btc,ask_btc,"
    "open_interest\n"
    "BTC-30JAN26-90000-C,call,30JAN26,90000.0,0.04,95000.0,0.06,50.0,0.059,0.061,1\n"
    "BTC-30JAN26-90000-P,put,30JAN26,90000.0,0.04,95000.0,0.01,50.0,0.009,0.011,1\n"
)


def test_a_chain_that_does_not_say_its_instant_needs_one(tmp_path: Path) -> None:
    chain = tmp_path / "book.csv"
    chain.write_text(BOOK)
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-30JAN26-90000-P", "-1", "")])
    shown = risk("margin", tmp_path, portfolio=portfolio, chain=chain)
    assert shown.status == 3
    assert "book.csv: does not say when it was taken\n  next: say it with --at" in shown.err
    told = risk(
        "margin", tmp_path, "--at", "2026-01-15T09:21:30Z", portfolio=portfolio, chain=chain
    )
    assert told.status == 0, told.err
    assert "2 quotes at 2026-01-15 09:21:30 UTC" in told.err
    late = risk("margin", tmp_path, "--at", "2026-02-01", portfolio=portfolio, chain=chain)
    assert late.status == 3
    assert "expired" in late.err


def sequence(folder: Path) -> Path:
    """Two chains in one file, six hours apart, volatility higher in the later."""
    lines = ["snapshot_utc,currency,expiry_utc,strike,type,mark_price_coin,mark_iv,open_interest,"
             "underlying_price,index_price"]  # fmt: skip
    for hour, vol in ((6, "0.5"), (12, "0.6")):
        for right, mark in (("call", "0.06"), ("put", "0.01")):
            lines.append(
                f"2026-01-15T{hour:02d}:00:00+00:00,BTC,2026-01-30T08:00:00+00:00,90000,{right},"
                f"{mark},{vol},1,95000,95000"
            )
    path = folder / "sequence.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("at", "taken"),
    [
        ("2026-01-15T06:00:00Z", "06:00:00"),
        ("2026-01-15T11:59:59Z", "06:00:00"),
        ("2026-01-15T12:00:00Z", "12:00:00"),
    ],
)
def test_of_several_chains_the_last_before_the_instant_is_taken(
    tmp_path: Path, at: str, taken: str
) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-30JAN26-90000-P", "-1", "")])
    found = risk_json("margin", tmp_path, "--at", at, portfolio=portfolio, chain=sequence(tmp_path))
    assert found["underlyings"]["BTC"]["taken_at"] == f"2026-01-15 {taken} UTC"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "has 2 chains of BTC, from 2026-01-15 06:00:00 UTC to 2026-01-15 12:00:00 UTC\n"
             "  next: choose one with --at"),
        (["--at", "2026-01-15T05:59:59Z"],
         "has nothing at or before 2026-01-15 05:59:59 UTC; it begins at 2026-01-15 06:00:00 UTC"),
    ],
)  # fmt: skip
def test_of_several_chains_one_must_be_chosen(
    tmp_path: Path, options: list[str], words: str
) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-30JAN26-90000-P", "-1", "")])
    shown = risk("margin", tmp_path, *options, portfolio=portfolio, chain=sequence(tmp_path))
    assert shown.status == 3
    assert words in shown.err


def test_coin_settled_positions_are_taken_as_linear_when_asked(tmp_path: Path) -> None:
    portfolio = tmp_path / "positions.json"
    portfolio.write_text(
        '{"result": [{"instrument_name": "BTC-27MAR26-95000-C", "size": -1.5, "direction": "sell",'
        ' "average_price": 0.05, "average_price_usd": 4700},'
        ' {"instrument_name": "BTC-PERPETUAL", "size": 50000, "direction": "buy",'
        ' "size_currency": 0.52631579, "average_price": 94000}]}'
    )
    found = risk_json("margin", tmp_path, "--inverse-as-linear", portfolio=portfolio)
    lines = {line["name"]: line for line in found["underlyings"]["BTC"]["expiries"]}
    assert set(lines) == {"perpetual", "27MAR26"}
    assert any("settled in the coin, is taken as" in notice for notice in found["notices"])
    # 0.526316 of a coin is no whole thousandth
    assert any("is taken as 0.526" in notice for notice in found["notices"])
    refused = risk("margin", tmp_path, portfolio=portfolio)
    assert refused.status == 3
    assert "to take it as its linear twin BTC_USDC-27MAR26-95000-C" in refused.err


@pytest.mark.parametrize("missing", ["--portfolio", "--chain"])
def test_both_files_are_needed_and_must_be_there(tmp_path: Path, missing: str) -> None:
    from ...scene import invoke

    files = {"--portfolio": write_portfolio(tmp_path), "--chain": write_chain(tmp_path)}
    kept = [word for flag, path in files.items() if flag != missing for word in (flag, path)]
    shown = invoke("risk", "margin", *kept)
    assert shown.status == 2
    assert f"Missing option '{missing}'" in shown.err
    gone = invoke("risk", "margin", *kept, missing, tmp_path / "nothing.csv")
    assert gone.status == 2
    assert "nothing.csv" in " ".join(gone.err.split())
