"""Instrument names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.instruments import (
    LINEAR,
    Instrument,
    Nameless,
    NameRefused,
    Option,
    Payoff,
    Perpetual,
    Right,
    Underlying,
    call,
    format_name,
    future,
    parse_expiry,
    parse_name,
    parse_option,
    perpetual,
    put,
)
from novate.units import Instant, Multiplier, OutOfRange, Price

HUNDREDTH = Multiplier(10)
NAME = "BTC_USDC-26DEC25-85000-P"
EXPIRY = parse_expiry("26DEC25")


def test_a_name_and_a_multiplier_describe_an_option() -> None:
    option = parse_option(NAME, HUNDREDTH)
    assert option == Option(
        underlying=Underlying.BTC,
        right=Right.PUT,
        strike=Price(850_000),
        expiry=EXPIRY,
        multiplier=HUNDREDTH,
    )
    assert parse_name(NAME, HUNDREDTH) == option.instrument


def test_a_name_without_a_strike_is_a_future() -> None:
    assert parse_name("BTC_USDC-26DEC25", HUNDREDTH) == future(Underlying.BTC, HUNDREDTH, EXPIRY)


def test_a_name_without_an_expiry_is_a_perpetual() -> None:
    found = parse_name("ETH_USDC-PERPETUAL", Multiplier(100))
    assert found == perpetual(Underlying.ETH, Multiplier(100))
    assert found.maturity == Perpetual()


@pytest.mark.parametrize(
    ("name", "multiplier_e3"),
    [
        (NAME, 10),
        (NAME, 1000),
        ("BTC_USDC-26DEC25", 1000),
        ("BTC_USDC-PERPETUAL", 1000),
        ("ETH_USDC-5DEC25-3000-C", 100),
        ("SOL_USDC-5DEC25", 10_000),
        ("XRP_USDC-27JUN25-2d25-C", 1_000_000),
        ("XRP_USDC-27JUN25-0d625-P", 1_000_000),
        ("XRP_USDC-PERPETUAL", 1_000_000),
        ("TRX_USDC-27JUN25-0d05-P", 10_000_000),
    ],
)
def test_a_name_survives_the_way_there_and_back(name: str, multiplier_e3: int) -> None:
    assert format_name(parse_name(name, Multiplier(multiplier_e3))) == name


underlyings = st.sampled_from([Underlying.BTC, Underlying.XRP, Underlying.TRX])
multipliers = st.sampled_from([Multiplier(10**power) for power in range(8)])
days = st.integers(0, 36_524).map(lambda day: Instant((10_957 + day) * 86_400 + 8 * 3_600))
strikes = st.integers(1, 10**6).map(lambda strike: Price(strike * 10**4))
named = st.one_of(
    st.builds(perpetual, underlyings, multipliers),
    st.builds(future, underlyings, multipliers, days),
    st.builds(
        Option,
        underlyings,
        st.sampled_from(Right),
        strikes,
        days,
        st.sampled_from([Multiplier(10**power) for power in range(3, 8)]),
    ),
)


@given(named)
def test_an_instrument_survives_the_way_there_and_back(terms: Instrument | Option) -> None:
    found = parse_name(format_name(terms), terms.multiplier)
    assert found == (terms.instrument if isinstance(terms, Option) else terms)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BTC-26DEC25-85000-P", "not an option like BTC_USDC-26DEC25-85000-P, a future like"),
        ("BTC-PERPETUAL", "or a perpetual like BTC_USDC-PERPETUAL"),
        ("BTC_USDC", "or a perpetual like BTC_USDC-PERPETUAL"),
        ("BTC_USDT-PERPETUAL", "or a perpetual like BTC_USDC-PERPETUAL"),
        ("BTC_USDC-perpetual", "or a perpetual like BTC_USDC-PERPETUAL"),
        ("BTC_USDC-26DEC25-", "or a perpetual like BTC_USDC-PERPETUAL"),
        ("BTC_USDC-26DEC25-85000", "or a perpetual like BTC_USDC-PERPETUAL"),
        ("BTC_USDC-26DEC25-85000-X", "or a perpetual like BTC_USDC-PERPETUAL"),
        (f"{NAME} ", "or a perpetual like BTC_USDC-PERPETUAL"),
        (f"{NAME}\n", "or a perpetual like BTC_USDC-PERPETUAL"),
        ("BTC_USDC-PERP", "'PERP' is not an expiry like 26DEC25"),
        ("BTC_USDC-PERPETUAL-85000-P", "'PERPETUAL' is not an expiry like 26DEC25"),
        ("BTC_USDC-026DEC25", "'026DEC25' is not an expiry like 26DEC25"),
        ("BTC_USDC-31APR26", "'31APR26' is not an expiry like 26DEC25: that month has no such"),
        ("BTC_USDC-26DEC25-085000-P", "its strike is like 85000 or 0d625"),
        ("BTC_USDC-26DEC25-0-P", "its strike is like 85000 or 0d625"),
        ("BTC_USDC-26DEC25-0d0-P", "its strike is like 85000 or 0d625"),
        ("BTC_USDC-26DEC25-85000d0-P", "its strike is like 85000 or 0d625"),
        ("BTC_USDC-26DEC25-1d2345-P", "its strike is like 85000 or 0d625"),
        ("DOGE_USDC-26DEC25-1-P", "'DOGE' is not a registered underlying: BTC, ETH"),
        ("DOGE_USDC-PERPETUAL", "'DOGE' is not a registered underlying: BTC, ETH"),
    ],
)
def test_a_name_that_is_not_canonical_is_refused_with_what_was_expected(
    name: str, expected: str
) -> None:
    with pytest.raises(NameRefused, match=re.escape(expected)):
        parse_name(name, Multiplier(1000))


@pytest.mark.parametrize("name", ["BTC_USDC-PERPETUAL", "BTC_USDC-26DEC25", "BTC"])
def test_what_is_no_option_is_not_listed_as_one(name: str) -> None:
    with pytest.raises(NameRefused, match=r"not an option like BTC_USDC-26DEC25-85000-P$"):
        parse_option(name, HUNDREDTH)


def test_a_strike_per_contract_is_a_whole_number_of_steps() -> None:
    parse_name("XRP_USDC-27JUN25-0d625-P", Multiplier(1000))
    with pytest.raises(NameRefused, match="not a whole milli-USD"):
        parse_name("XRP_USDC-27JUN25-0d625-P", Multiplier(1))


def test_a_strike_per_contract_is_a_price() -> None:
    top = "BTC_USDC-27JUN25-17179869-P"
    parse_name(top, Multiplier(1000))
    with pytest.raises(OutOfRange, match="price"):
        parse_name(top, Multiplier(1001))


def test_a_strike_that_no_name_can_say_is_refused() -> None:
    odd = Option(Underlying.BTC, Right.PUT, Price(1), EXPIRY, Multiplier(3))
    free = Option(Underlying.BTC, Right.CALL, Price(0), EXPIRY, Multiplier(1_000))
    for terms in (odd, odd.instrument, free):
        with pytest.raises(Nameless, match="has no name"):
            format_name(terms)


@pytest.mark.parametrize(
    "payoff",
    [
        call(Price(800)) - call(Price(900)),
        call(Price(800)) + put(Price(800)),
        2 * call(Price(800)),
        LINEAR + put(Price(800)),
        2 * LINEAR,
        Payoff(1, 1, ()),
        Payoff(0, 0, ()),
    ],
)
def test_a_payoff_that_is_no_option_and_no_future_has_no_name(payoff: Payoff) -> None:
    with pytest.raises(Nameless, match="no call, no put and no future"):
        format_name(Instrument(Underlying.BTC, HUNDREDTH, EXPIRY, payoff))


def test_a_future_at_another_hour_has_no_name() -> None:
    with pytest.raises(Nameless, match="08:00 UTC"):
        format_name(future(Underlying.BTC, HUNDREDTH, Instant(EXPIRY.s + 1)))
