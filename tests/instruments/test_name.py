"""Instrument names."""

import pytest

from novate.instruments import Option, Right, Underlying, format_name, parse_expiry, parse_name
from novate.units import Multiplier, Price

HUNDREDTH = Multiplier(10)
NAME = "BTC_USDC-26DEC25-85000-P"


def test_a_name_and_a_multiplier_describe_an_option() -> None:
    assert parse_name(NAME, HUNDREDTH) == Option(
        underlying=Underlying.BTC,
        right=Right.PUT,
        strike=Price(850_000),
        expiry=parse_expiry("26DEC25"),
        multiplier=HUNDREDTH,
    )


@pytest.mark.parametrize(
    ("name", "multiplier_e3"),
    [
        (NAME, 10),
        (NAME, 1000),
        ("ETH_USDC-5DEC25-3000-C", 100),
        ("XRP_USDC-27JUN25-2d25-C", 1_000_000),
        ("XRP_USDC-27JUN25-0d625-P", 1_000_000),
        ("TRX_USDC-27JUN25-0d05-P", 1_000_000),
    ],
)
def test_a_name_survives_the_way_there_and_back(name: str, multiplier_e3: int) -> None:
    assert format_name(parse_name(name, Multiplier(multiplier_e3))) == name


@pytest.mark.parametrize(
    "name",
    [
        "BTC-26DEC25-85000-P",
        "BTC_USDC-26DEC25-85000-X",
        "BTC_USDC-26DEC25-085000-P",
        "BTC_USDC-26DEC25-0-P",
        "BTC_USDC-26DEC25-85000d0-P",
        "BTC_USDC-26DEC25-1d2345-P",
        "BTC_USDC-26DEC25-85000-P ",
        "DOGE_USDC-26DEC25-1-P",
        "BTC_USDC-PERPETUAL",
    ],
)
def test_a_name_that_is_not_canonical_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        parse_name(name, Multiplier(1000))


def test_a_strike_per_contract_is_a_whole_number_of_steps() -> None:
    parse_name("XRP_USDC-27JUN25-0d625-P", Multiplier(1000))
    with pytest.raises(ValueError, match="not a whole milli-USD"):
        parse_name("XRP_USDC-27JUN25-0d625-P", Multiplier(1))


def test_a_strike_that_no_name_can_say_is_refused() -> None:
    option = parse_name(NAME, Multiplier(3))
    odd = Option(option.underlying, option.right, Price(1), option.expiry, option.multiplier)
    with pytest.raises(ValueError, match="has no name"):
        format_name(odd)
