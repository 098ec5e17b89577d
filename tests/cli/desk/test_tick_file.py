"""A signed report as a chain: its own smile at the strikes that are asked about."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.cli.commands.risk.scene import risk, risk_json, write_portfolio

from novate.cli.desk.tick_file import read_tick_chains
from novate.instruments import Underlying
from novate.keys import Domain
from novate.nodes import FileRefused
from novate.oracle import (
    ExpiryQuote,
    FeedReport,
    SourceQuote,
    TickReport,
    sign_report,
)
from novate.oracle.subject import Subject
from novate.pricing import Svi, implied_vol_e6
from novate.units import Instant, Multiplier, Price, Rate

AT = Instant(1_768_468_890)
EXPIRY = Instant(1_769_760_000)  # 30JAN26
DOMAIN = Domain(31_337, bytes(range(20)))
SECRET = bytes(31) + b"\x07"
SMILE = Svi(a_e6=160_000, b_e6=120_000, rho_e6=-300_000, m_e6=0, s_e6=400_000)
HUNDREDTH = Multiplier(10)
OPTIONS = ("--domain", f"31337:0x{DOMAIN.contract.hex()}")


def report(multiplier: Multiplier = HUNDREDTH, confidence: int = 900_000) -> TickReport:
    """BTC at 95,000 from three sources, one expiry."""

    def price(usd: int) -> Price:
        return Price(usd * multiplier.e3)

    sources = tuple(
        SourceQuote(number, price(usd), AT)
        for number, usd in ((1, 94_990), (2, 95_000), (3, 95_020))
    )
    quote = ExpiryQuote(EXPIRY, price(95_200), 0, SMILE, Rate(confidence))
    feed = FeedReport(Subject(Underlying.BTC, multiplier), sources, (quote,))
    return TickReport(AT, (feed,))


def write_tick(folder: Path, told: TickReport | None = None, domain: Domain = DOMAIN) -> Path:
    """A report, signed, as a file."""
    path = folder / "report.tick"
    path.write_bytes(sign_report(domain, told or report(), SECRET).encode())
    return path


@pytest.mark.parametrize("multiplier", [Multiplier(10), Multiplier(1000)])
def test_prices_are_per_unit_whatever_the_contract(tmp_path: Path, multiplier: Multiplier) -> None:
    path = write_tick(tmp_path, report(multiplier))
    names = ["BTC_USDC-30JAN26-87500-P"]
    chain = read_tick_chains(path, domain=DOMAIN, names=names)["BTC"].chain
    assert chain.index == 95_000
    assert chain.forwards == {EXPIRY.s: 95_200}
    assert 87_500 in chain.strike
    at = int(np.flatnonzero((chain.strike == 87_500) & ~chain.is_call)[0])
    vol_e6 = implied_vol_e6(SMILE, 95_200_000, 87_500_000, EXPIRY.s - AT.s)
    assert chain.mark_iv[at] == pytest.approx(int(vol_e6) / 1e6, abs=2e-6)


def test_puts_and_calls_of_a_strike_obey_parity(tmp_path: Path) -> None:
    chain = read_tick_chains(write_tick(tmp_path), domain=DOMAIN)["BTC"].chain
    puts, calls = chain.mark[~chain.is_call], chain.mark[chain.is_call]
    gap = calls - puts - (95_200 - chain.strike[chain.is_call])
    assert np.abs(gap).max() < 0.1 + 1e-6  # a hundredth of a coin is priced to a tenth of a cent


def test_margin_is_asked_of_a_tick_as_of_a_chain(tmp_path: Path) -> None:
    portfolio = write_portfolio(
        tmp_path, [("BTC_USDC-30JAN26-87500-P", "-2", ""), ("BTC_USDC-PERPETUAL", "0.5", "95000")]
    )
    found = risk_json("margin", tmp_path, *OPTIONS, chain=write_tick(tmp_path), portfolio=portfolio)
    assert found["underlyings"]["BTC"]["taken_at"] == str(AT)
    assert found["underlyings"]["BTC"]["index_e3"] == 95_000_000
    assert found["underlyings"]["BTC"]["requirement"]["confidence_e6"] == 0
    assert any("the word of one publisher, not of a quorum" in n for n in found["notices"])


def test_a_publisher_that_is_not_sure_makes_margin_dearer(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-30JAN26-87500-P", "-2", "")])
    unsure = write_tick(tmp_path, report(confidence=400_000))
    found = risk_json("margin", tmp_path, *OPTIONS, chain=unsure, portfolio=portfolio)
    # what lacks of confidence, on the notional: 60 % of 2 x 95,200
    asked_e6 = found["underlyings"]["BTC"]["requirement"]["confidence_e6"]
    assert asked_e6 == 2 * 95_200 * 600_000


@pytest.mark.parametrize("command", ["explain", "stress", "hedge"])
def test_other_commands_take_a_tick_too(tmp_path: Path, command: str) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-30JAN26-87500-P", "-2", "")])
    shown = risk(command, tmp_path, *OPTIONS, chain=write_tick(tmp_path), portfolio=portfolio)
    assert shown.status == 0, shown.err
    assert "BTC" in shown.out


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        (None, "is a signed tick; next: say for which venue with --domain"),
        (replace(DOMAIN, chain_id=1), "is not signed by the key it names for chain id 1"),
        (replace(DOMAIN, contract=bytes(20)), "is not signed by the key it names"),
    ],
)
def test_a_report_for_another_place_is_refused(
    tmp_path: Path, domain: Domain | None, words: str
) -> None:
    with pytest.raises(FileRefused, match=words):
        read_tick_chains(write_tick(tmp_path), domain=domain)


@pytest.mark.parametrize("place", [0, 100, 140, -1])
def test_a_report_of_which_a_bit_was_turned_is_refused(tmp_path: Path, place: int) -> None:
    path = write_tick(tmp_path)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(FileRefused, match=r"report\.tick: is no"):
        read_tick_chains(path, domain=DOMAIN)


def test_bytes_that_are_no_report_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.tick"
    path.write_bytes(b"instrument,quantity\n")
    shown = risk("margin", tmp_path, *OPTIONS, chain=path)
    assert shown.status == 3
    assert "report.tick: is no signed tick: number of bytes: 20" in shown.err


def test_an_expiry_that_the_report_lacks_is_told(tmp_path: Path) -> None:
    portfolio = write_portfolio(tmp_path, [("BTC_USDC-27MAR26-87500-P", "-2", "")])
    shown = risk("margin", tmp_path, *OPTIONS, chain=write_tick(tmp_path), portfolio=portfolio)
    assert shown.status == 3
    assert "is not in report.tick: it has the expiries 30JAN26" in shown.err
