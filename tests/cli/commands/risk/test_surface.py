"""`novate risk surface`: a fit goes through a smile that it can draw, and says when it cannot."""

import json
from pathlib import Path
from typing import Any

import pytest

from ...scene import Shown, invoke
from .scene import rows_of, write_chain


def surface(chain: Path, *options: str) -> Shown:
    """What the command says."""
    return invoke("risk", "surface", "--chain", chain, *options)


def surface_json(chain: Path, *options: str) -> Any:
    """The same for machines, when it went well."""
    shown = surface(chain, *options, "--json")
    assert shown.status == 0, shown.err
    assert not shown.err
    return json.loads(shown.out)


def test_a_smile_is_met_within_a_tenth_of_a_point(tmp_path: Path) -> None:
    found = surface_json(write_chain(tmp_path))
    assert list(found) == ["BTC", "ETH"]
    for one in (smile for symbol in found.values() for smile in symbol["smiles"]):
        assert one["rms"] < 0.001
        assert one["at_the_money"] == pytest.approx(0.50, abs=0.002)
        assert one["butterfly"] > 0
        assert abs(one["risk_reversal"]) < 0.01  # the smile is the same on both sides


def test_the_fit_goes_through_quotes_when_asked(tmp_path: Path) -> None:
    found = surface_json(write_chain(tmp_path), "--fit-to", "quotes", "--symbol", "ETH")
    assert list(found) == ["ETH"]
    assert all(
        one["at_the_money"] == pytest.approx(0.5, abs=0.02) for one in found["ETH"]["smiles"]
    )


def test_the_table_has_a_row_for_each_expiry(tmp_path: Path) -> None:
    shown = surface(write_chain(tmp_path), "--symbol", "BTC")
    assert shown.status == 0, shown.err
    rows = rows_of(shown)
    assert set(rows) >= {"30JAN26", "27MAR26"}
    assert rows["30JAN26"][0] == "14.94"
    assert float(rows["30JAN26"][3].removesuffix(" %")) == pytest.approx(50, abs=0.1)
    assert "no arbitrage on its own strikes" in shown.out
    assert "28 quotes at 2026-01-15 09:21:30 UTC, 0 left out" in shown.err


def test_an_expiry_without_a_forward_is_told(tmp_path: Path) -> None:
    def calls_alone(rows: list[dict[str, str]]) -> None:
        rows[:] = [
            row
            for row in rows
            if "30JAN26" not in row["instrument_name"] or row["option_type"] == "call"
        ]

    shown = surface(write_chain(tmp_path, change=calls_alone), "--symbol", "BTC")
    assert shown.status == 0
    assert "BTC 30JAN26: no strike has both a call and a put" in shown.err


def test_a_chain_with_nothing_to_fit_is_refused(tmp_path: Path) -> None:
    def calls_alone(rows: list[dict[str, str]]) -> None:
        rows[:] = [row for row in rows if row["option_type"] == "call"]

    shown = surface(write_chain(tmp_path, change=calls_alone))
    assert shown.status == 3
    assert "no expiry to fit" in shown.err


def test_an_underlying_that_is_not_there_is_refused(tmp_path: Path) -> None:
    shown = surface(write_chain(tmp_path), "--symbol", "SOL")
    assert shown.status == 3
    assert "chain.csv: has no chain of SOL; it has BTC, ETH" in shown.err


def test_the_shape_of_the_answer_for_machines_is_fixed(tmp_path: Path) -> None:
    btc = surface_json(write_chain(tmp_path))["BTC"]
    assert list(btc) == ["taken_at", "quotes", "left_out", "rms", "smiles", "skipped"]
    assert list(btc["smiles"][0]) == [
        "expiry", "tenor_s", "forward", "strikes", "at_the_money", "risk_reversal", "butterfly",
        "rms", "worst", "is_repaired", "svi", "marks",
    ]  # fmt: skip
    assert list(btc["smiles"][0]["svi"]) == ["a_e6", "b_e6", "rho_e6", "m_e6", "s_e6"]
    assert list(btc["smiles"][0]["marks"][0]) == ["strike", "vol"]
