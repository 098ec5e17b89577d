"""Instrument names: `BTC_USDC-26DEC25-85000-P`; a `d` in a strike is its decimal point."""

import re
from typing import Final

from novate.instruments.expiry import format_expiry, parse_expiry
from novate.instruments.option import Option, Right
from novate.instruments.underlying import Underlying
from novate.units import Multiplier, Price, bounds

_NAME: Final = re.compile(
    r"([A-Z]+)_USDC-([0-9A-Z]+)-([1-9][0-9]*|0(?=d))(?:d([0-9]{0,2}[1-9]))?-([CP])"
)
_RIGHTS: Final = {"C": Right.CALL, "P": Right.PUT}


def parse_name(name: str, multiplier: Multiplier) -> Option:
    """The option that a name and a multiplier describe.

    The name's strike is per unit of the underlying; an option's is per contract.

    Raises: ValueError for a name that is not canonical, an unknown underlying, or a strike per
    contract that is not a whole number of milli-USD.
    """
    found = _NAME.fullmatch(name)
    if found is None or found[1] not in Underlying.__members__:
        raise ValueError(f"{name!r} is not an option like BTC_USDC-26DEC25-85000-P")
    strike_per_unit_e3 = int(found[3]) * 1000 + int((found[4] or "").ljust(3, "0"))
    strike_e3, rest = divmod(strike_per_unit_e3 * multiplier.e3, bounds.PAYOFF_SCALE)
    if rest:
        raise ValueError(f"the strike of {name!r} is not a whole milli-USD with {multiplier}")
    return Option(
        underlying=Underlying[found[1]],
        right=_RIGHTS[found[5]],
        strike=Price(strike_e3),
        expiry=parse_expiry(found[2]),
        multiplier=multiplier,
    )


def format_name(option: Option) -> str:
    """The name of an option; together with its multiplier it says everything about it.

    Raises: ValueError for an expiry without a name, or a strike per unit that is not a whole number
    of milli-USD.
    """
    per_unit_e3, rest = divmod(option.strike.e3 * bounds.PAYOFF_SCALE, option.multiplier.e3)
    if rest or not per_unit_e3:
        raise ValueError(f"strike {option.strike} with {option.multiplier} has no name")
    whole, step = divmod(per_unit_e3, 1000)
    decimals = f"d{step:03d}".rstrip("0") if step else ""
    letter = next(letter for letter, right in _RIGHTS.items() if right is option.right)
    day = format_expiry(option.expiry)
    return f"{option.underlying.name}_USDC-{day}-{whole}{decimals}-{letter}"
