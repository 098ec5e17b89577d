"""The shipped chain: what it holds, and how a mark in BTC becomes a price of ours."""

from decimal import Decimal
from importlib.resources import files

import pytest

from novate.instruments import Right, format_name
from novate.nodes import TAKEN_AT, market_sample
from novate.nodes.market_sample import FILE, price_per_contract
from novate.units import Price


def test_the_sample_is_puts_of_one_expiry_that_had_not_passed() -> None:
    options = [quote.option for quote in market_sample()]
    assert len(options) == 32
    assert {option.right for option in options} == {Right.PUT}
    assert {str(option.expiry) for option in options} == {"2025-12-26 08:00:00 UTC"}
    assert options[0].expiry > TAKEN_AT


def test_every_quote_is_two_sided_around_its_mark_and_dearer_with_the_strike() -> None:
    quotes = market_sample()
    assert all(Price(0) < quote.bid < quote.mark < quote.ask for quote in quotes)
    marks = [quote.mark for quote in quotes]
    assert marks == sorted(marks)


def test_names_are_those_of_the_options_paid_in_usdc() -> None:
    assert all(quote.instrument_name == format_name(quote.option) for quote in market_sample())


@pytest.mark.parametrize(
    ("price_btc", "underlying", "expected_e3"),
    [
        ("0.02453698", "92726.47", 22_752),  # 2275.2275... USD per BTC, a hundredth of it
        ("0.00000005", "100000", 0),  # 0.05 milli-USD: down
        ("0.0000005", "100000", 0),  # a half, to the even 0
        ("0.0000015", "100000", 2),  # a half, to the even 2
        ("0.00000051", "100000", 1),  # above a half
    ],
)
def test_a_mark_is_rounded_to_the_nearest_milli_usd(
    price_btc: str, underlying: str, expected_e3: int
) -> None:
    found = price_per_contract(Decimal(price_btc), Decimal(underlying))
    assert found == Price(expected_e3)


def test_the_file_names_its_source_and_licence() -> None:
    folder = files("novate.nodes") / "sample"
    head = (folder / FILE).read_text(encoding="ascii")[:600]
    notice = (folder / "NOTICE.md").read_text(encoding="utf-8")
    for text in (head, notice):
        assert "heston-bitcoin-pricing" in text
        assert "2b42b2a" in text
        assert "MIT" in text
