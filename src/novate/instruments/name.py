"""Instrument names as desks write them; a `d` in a strike is its decimal point.

`BTC_USDC-26DEC25-85000-P` is an option, `BTC_USDC-26DEC25` a dated future and `BTC_USDC-PERPETUAL`
the perpetual. Prices in a name are per unit of the underlying; those of an instrument are per
contract, so that a name and a multiplier together say everything.
"""

import re
from typing import Final, assert_never

from novate.instruments.expiry import format_expiry, parse_expiry
from novate.instruments.instrument import Instrument, Maturity, Perpetual, future, perpetual
from novate.instruments.name_refused import Nameless, NameRefused
from novate.instruments.option import Option, Right
from novate.instruments.payoff import LINEAR
from novate.instruments.underlying import REGISTRY, Registry
from novate.units import Instant, Multiplier, Price, bounds, floor_and_rest

_NAME: Final = re.compile(r"([A-Z][A-Z0-9]*)_USDC-([0-9A-Z]+)(?:-([0-9d]+)-([CP]))?")
_STRIKE: Final = re.compile(r"([1-9][0-9]*|0(?=d))(?:d([0-9]{0,2}[1-9]))?")
_PERPETUAL: Final = "PERPETUAL"
_RIGHTS: Final = {"C": Right.CALL, "P": Right.PUT}
_LETTERS: Final = {right: letter for letter, right in _RIGHTS.items()}
_OPTION: Final = "an option like BTC_USDC-26DEC25-85000-P"
_ANY: Final = f"{_OPTION}, a future like BTC_USDC-26DEC25 or a perpetual like BTC_USDC-PERPETUAL"


def parse_name(name: str, multiplier: Multiplier, *, registry: Registry = REGISTRY) -> Instrument:
    """The instrument that a name and a multiplier describe.

    Raises: NameRefused for a name that is not canonical, an unknown underlying, or a strike per
    contract that is not a whole number of milli-USD; OutOfRange for a strike that is no `Price`.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise NameRefused(name, expected=_ANY)
    if found[3] is not None:
        return parse_option(name, multiplier, registry=registry).instrument
    underlying = registry.underlying(found[1])
    if found[2] == _PERPETUAL:
        return perpetual(underlying, multiplier)
    return future(underlying, multiplier, parse_expiry(found[2]))


def parse_option(name: str, multiplier: Multiplier, *, registry: Registry = REGISTRY) -> Option:
    """The option that a name and a multiplier describe, as it is listed.

    Raises: as `parse_name`.
    """
    found = _NAME.fullmatch(name)
    if found is None or found[3] is None:
        raise NameRefused(name, expected=_OPTION)
    return Option(
        underlying=registry.underlying(found[1]),
        right=_RIGHTS[found[4]],
        strike=_strike(name, found[3], multiplier),
        expiry=parse_expiry(found[2]),
        multiplier=multiplier,
    )


def format_name(terms: Instrument | Option, *, registry: Registry = REGISTRY) -> str:
    """The name of an instrument; together with its multiplier it says everything but the tick.

    Raises: Nameless for an expiry at another hour, a strike per unit that is not a whole number of
    milli-USD, a payoff that is no call, no put and no future, or an underlying without a symbol.
    """
    underlying = f"{registry.symbol(terms.underlying)}_USDC"
    if isinstance(terms, Instrument) and terms.payoff == LINEAR:
        return f"{underlying}-{_maturity_text(terms.maturity)}"
    option = terms if isinstance(terms, Option) else _option(terms)
    day, strike = format_expiry(option.expiry), _strike_text(option.strike, option.multiplier)
    return f"{underlying}-{day}-{strike}-{_LETTERS[option.right]}"


def _strike(name: str, text: str, multiplier: Multiplier) -> Price:
    found = _STRIKE.fullmatch(text)
    if found is None:
        raise NameRefused(name, expected=f"{_OPTION}: its strike is like 85000 or 0d625")
    per_unit_e3 = int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0"))
    strike_e3, rest = floor_and_rest(per_unit_e3 * multiplier.e3, bounds.PAYOFF_SCALE)
    if rest:
        raise NameRefused(
            name, expected=f"possible with {multiplier}: its strike is not a whole milli-USD"
        )
    return Price(strike_e3)


def _strike_text(strike: Price, multiplier: Multiplier) -> str:
    per_unit_e3, rest = floor_and_rest(strike.e3 * bounds.PAYOFF_SCALE, multiplier.e3)
    if rest or not per_unit_e3:
        raise Nameless(f"strike {strike} with {multiplier} has no name")
    whole, step = floor_and_rest(per_unit_e3, 1000)
    return f"{whole}" + (f"d{step:03d}".rstrip("0") if step else "")


def _maturity_text(maturity: Maturity) -> str:
    match maturity:
        case Perpetual():
            return _PERPETUAL
        case Instant():
            return format_expiry(maturity)
        case _:
            assert_never(maturity)


def _option(instrument: Instrument) -> Option:
    """The option that is this instrument.

    Raises: Nameless.
    """
    for kink in instrument.payoff.kinks:
        for right in Right:
            assert isinstance(instrument.maturity, Instant), "a perpetual has no kinks"
            option = Option(
                underlying=instrument.underlying,
                right=right,
                strike=Price(kink.strike_e3),
                expiry=instrument.maturity,
                multiplier=instrument.multiplier,
            )
            if option.payoff == instrument.payoff:
                return option
    raise Nameless(
        f"what pays {instrument.payoff} is no call, no put and no future: it has no name"
    )
