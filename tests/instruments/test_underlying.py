"""What an instrument is written on."""

import pytest

from novate.instruments import (
    REGISTRY,
    Nameless,
    NameRefused,
    Registry,
    Underlying,
    format_name,
    parse_name,
)
from novate.units import Multiplier, OutOfRange

DOGE = Underlying(7)
WITH_DOGE = REGISTRY.also("DOGE", DOGE)


def test_the_id_of_an_underlying_never_changes() -> None:
    assert {symbol: underlying.id for symbol, underlying in REGISTRY.symbols} == {
        "BTC": 1,
        "ETH": 2,
        "SOL": 3,
        "XRP": 4,
        "AVAX": 5,
        "TRX": 6,
    }
    assert all(getattr(Underlying, symbol) == known for symbol, known in REGISTRY.symbols)


@pytest.mark.parametrize("number", [1, 7, 2**16 - 1])
def test_any_number_of_sixteen_bits_is_an_underlying(number: int) -> None:
    assert Underlying(number).id == number


@pytest.mark.parametrize("number", [-1, 0, 2**16, 2**16 + 1])
def test_a_number_beyond_them_is_none(number: int) -> None:
    with pytest.raises(OutOfRange, match="underlying"):
        Underlying(number)


def test_a_new_underlying_is_an_entry_of_a_registry() -> None:
    name = "DOGE_USDC-26DEC25-0d125-P"
    found = parse_name(name, Multiplier(1_000_000), registry=WITH_DOGE)
    assert found.underlying == DOGE
    assert format_name(found, registry=WITH_DOGE) == name
    assert WITH_DOGE.symbol(Underlying.BTC) == "BTC"


def test_what_is_not_registered_has_neither_symbol_nor_underlying() -> None:
    with pytest.raises(NameRefused, match=r"'DOGE' is not a registered underlying: BTC, ETH, "):
        REGISTRY.underlying("DOGE")
    with pytest.raises(Nameless, match="underlying 7 has no symbol"):
        REGISTRY.symbol(DOGE)


@pytest.mark.parametrize(("symbol", "underlying"), [("BTC", DOGE), ("XBT", Underlying.BTC)])
def test_a_registry_tells_each_symbol_and_each_underlying_once(
    symbol: str, underlying: Underlying
) -> None:
    with pytest.raises(ValueError, match="once"):
        REGISTRY.also(symbol, underlying)


@pytest.mark.parametrize("symbol", ["A", "BTCDVOL", "A1"])
def test_a_symbol_is_of_capitals_and_digits(symbol: str) -> None:
    assert Registry(()).also(symbol, DOGE).underlying(symbol) == DOGE


@pytest.mark.parametrize("symbol", ["", "btc", "1INCH", "BTC_USDC", "BTC-"])
def test_a_symbol_that_no_name_could_hold_is_refused(symbol: str) -> None:
    with pytest.raises(NameRefused, match="a symbol like BTC"):
        REGISTRY.also(symbol, DOGE)
