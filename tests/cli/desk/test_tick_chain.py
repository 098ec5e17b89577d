"""A tick as a chain: what a quorum agreed on, at the strikes that are asked about."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.cli.commands.risk.scene import risk, risk_json, write_portfolio
from tests.nodes.chains import made_chain
from tests.nodes.ticks import DOMAIN, INDEX_E3, NOW, ONE_UNIT, PARAMETERS, feed, signed

from novate.cli.desk.markets import markets
from novate.cli.desk.tick_chain import read_tick_chains
from novate.instruments import Underlying, format_expiry
from novate.nodes import FileRefused, OptionChain, ShownReports, fingerprint, write_tick_file
from novate.oracle import FeedParameters, FeedReport, OracleParameters, Source, Subject
from novate.pricing import implied_vol_e6
from novate.units import Instant, Multiplier

DAY_S = 86_400
TENTH = Multiplier(100)


def at_eight() -> OptionChain:
    """The made chain, its expiries moved to the hour that names can tell."""
    chain = made_chain(days=(10, 40))
    late = chain.expiry_s - (chain.expiry_s - 8 * 3600) % DAY_S
    return replace(chain, expiry_s=late)


EXPIRIES = sorted(set(at_eight().expiry_s.tolist()))
FRONT = format_expiry(Instant(EXPIRIES[0]))
PUT = f"BTC_USDC-{FRONT}-87500-P"


def parameters(multiplier: Multiplier) -> OracleParameters:
    """The oracle of one subject."""
    listed = FeedParameters(Subject(Underlying.BTC, multiplier), tuple(map(Source, (1, 2, 3))))
    return replace(PARAMETERS, feeds=(listed,))


def write_ticks(
    folder: Path, *shown: FeedReport, multiplier: Multiplier = ONE_UNIT, every_s: int = 60
) -> Path:
    """A file of a tick for each feed, a minute apart."""
    path = folder / "ticks.json"
    feeds = shown or (feed(at_eight(), multiplier=multiplier),)
    ticks = []
    for place, one in enumerate(feeds):
        at = Instant(NOW.s + place * every_s)
        ticks.append(ShownReports(at, signed(one, at=at)))
    write_tick_file(path, DOMAIN, parameters(multiplier), ticks)
    return path


@pytest.mark.parametrize("multiplier", [TENTH, ONE_UNIT])
def test_prices_are_per_unit_whatever_the_contract(tmp_path: Path, multiplier: Multiplier) -> None:
    path = write_ticks(tmp_path, multiplier=multiplier)
    found = read_tick_chains(path, oracle=None, names=[PUT])["BTC"]
    chain, agreed = found.chain, found.feed.expiries[0]
    assert chain.index == 90_010
    assert chain.forwards[EXPIRIES[0]] == agreed.forward.e3 / multiplier.e3
    at = int(np.flatnonzero((chain.strike == 87_500) & ~chain.is_call)[0])
    vol_e6 = implied_vol_e6(
        agreed.smile, agreed.forward.e3, 87_500 * multiplier.e3, EXPIRIES[0] - NOW.s
    )
    assert chain.mark_iv[at] == int(vol_e6) / 1e6


def test_puts_and_calls_of_a_strike_obey_parity(tmp_path: Path) -> None:
    chain = read_tick_chains(write_ticks(tmp_path), oracle=None)["BTC"].chain
    calls, puts = chain.mark[chain.is_call], chain.mark[~chain.is_call]
    gap = calls - puts - (chain.forward - chain.strike)[chain.is_call]
    assert np.abs(gap).max() < 1e-6


def test_margin_is_asked_of_a_tick_as_of_a_chain(tmp_path: Path) -> None:
    path = write_ticks(tmp_path)
    portfolio = write_portfolio(tmp_path, [(PUT, "-2", ""), ("BTC_USDC-PERPETUAL", "0.5", "90010")])
    found = risk_json("margin", tmp_path, chain=path, portfolio=portfolio)
    assert found["underlyings"]["BTC"]["taken_at"] == str(NOW)
    assert found["underlyings"]["BTC"]["index_e3"] == 90_010_000
    assert found["initial_e6"] > 0
    oracle = fingerprint(DOMAIN, parameters(ONE_UNIT))
    assert any(f"they are those of the oracle {oracle}" in notice for notice in found["notices"])


@pytest.mark.parametrize("multiplier", [TENTH, ONE_UNIT])
def test_a_tenth_of_a_unit_a_contract_asks_nearly_the_same(
    tmp_path: Path, multiplier: Multiplier
) -> None:
    portfolio = write_portfolio(tmp_path, [(PUT, "-2", "")])
    told = risk_json("margin", tmp_path, chain=write_ticks(tmp_path), portfolio=portfolio)
    path = write_ticks(tmp_path, multiplier=multiplier)
    found = risk_json("margin", tmp_path, chain=path, portfolio=portfolio)
    assert found["initial_e6"] == pytest.approx(told["initial_e6"], rel=2e-3)


def test_the_last_tick_before_an_instant_is_taken(tmp_path: Path) -> None:
    feeds = [feed(at_eight(), at=Instant(NOW.s + 60 * n), index_e3=90_010_000 + 1000 * n)
             for n in range(3)]  # fmt: skip
    path = write_ticks(tmp_path, *feeds)
    for second, index in ((0, 90_010), (119, 90_011), (120, 90_012), (9_999, 90_012)):
        at = Instant(NOW.s + second)
        assert read_tick_chains(path, oracle=None, at=at)["BTC"].chain.index == index
    with pytest.raises(FileRefused, match="has no tick at or before"):
        read_tick_chains(path, oracle=None, at=Instant(NOW.s - 1))


@pytest.mark.parametrize("command", ["explain", "stress", "hedge"])
def test_other_commands_take_a_tick_too(tmp_path: Path, command: str) -> None:
    portfolio = write_portfolio(tmp_path, [(PUT, "-2", "")])
    shown = risk(command, tmp_path, chain=write_ticks(tmp_path), portfolio=portfolio)
    assert shown.status == 0, shown.err
    assert "BTC" in shown.out


def test_an_oracle_that_is_known_must_be_the_file_s(tmp_path: Path) -> None:
    path = write_ticks(tmp_path)
    ours = fingerprint(DOMAIN, parameters(ONE_UNIT))
    portfolio = write_portfolio(tmp_path, [(PUT, "-2", "")])
    known = risk("margin", tmp_path, "--oracle", ours, chain=path, portfolio=portfolio)
    assert known.status == 0, known.err
    other = risk("margin", tmp_path, "--oracle", "0x12", chain=path, portfolio=portfolio)
    assert other.status == 3
    assert f"is of the oracle {ours}, not of 0x12" in other.err
    assert "next: ask for reports of that one" in other.err


def test_a_signature_of_which_a_bit_was_turned_makes_no_tick(tmp_path: Path) -> None:
    path = write_ticks(tmp_path)
    told: Any = json.loads(path.read_text())
    reports = told["ticks"][0]["reports"]
    told["ticks"][0]["reports"] = [
        report[:200] + ("0" if report[200] != "0" else "1") + report[201:] for report in reports
    ]
    path.write_text(json.dumps(told))
    with pytest.raises(
        FileRefused, match=r"ticks\.json, line 1, field ticks\[0\]\.reports: make no tick"
    ):
        read_tick_chains(path, oracle=None)


def test_a_file_that_is_no_tick_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chain.json"
    path.write_text('{"positions": []}')
    shown = risk("margin", tmp_path, chain=path)
    assert shown.status == 3
    assert "chain.json" in shown.err


def test_an_expiry_that_the_tick_lacks_is_told(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-25JUN27-87500-P", "-2", "")])
    shown = risk("margin", tmp_path, chain=write_ticks(tmp_path), portfolio=portfolio)
    assert shown.status == 3
    assert f"is not in ticks.json: it has the expiries {FRONT}" in shown.err


def test_the_expiries_are_at_the_hour_that_names_tell() -> None:
    assert {datetime.fromtimestamp(one, UTC).hour for one in EXPIRIES} == {8}


@pytest.mark.parametrize("ticks", [1, 2, 4])
def test_what_the_ticks_of_a_file_have_settled_of_an_expiry_no_longer_moves(
    tmp_path: Path, ticks: int
) -> None:
    chain = made_chain(days=(1_000.5 / DAY_S, 40))
    feeds = [feed(chain, at=Instant(NOW.s + 60 * place)) for place in range(ticks)]
    market = markets(write_ticks(tmp_path, *feeds), ["BTC"])["BTC"].table.market
    settled_s = 60 * (ticks - 1)
    assert market.tenor_s[1] == 1_000 - settled_s
    assert market.shocked_e3[1] == INDEX_E3 * (1_800 - settled_s) // 1_800
    assert market.forward_e3[1] - market.shocked_e3[1] == INDEX_E3 * settled_s // 1_800
    assert market.shocked_e3[2] == market.forward_e3[2]
