"""Options as people write them, as values: instants, amounts, parts, venues."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

import click

from novate.keys import Domain
from novate.units import Instant, OutOfRange, bounds

PRICE_MIN: Final = 0.001
AMOUNT_MAX: Final = 2**bounds.INDEX_BITS / 1000
"""USD a unit of an underlying."""


def instant_of(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Instant | None:
    """An instant in ISO 8601; without a zone it is UTC."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value.removesuffix(" UTC"))
        return Instant(int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()))
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{value!r} is not an instant like 2025-12-05T01:10:18Z") from None


def prices_of(
    ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, float]:
    """Names and prices, `BTC=92500`."""
    found = amounts_of(ctx, parameter, values)
    for name, price in found.items():
        if price < PRICE_MIN:
            raise click.BadParameter(f"'{name}={price:g}' is below {PRICE_MIN} USD")
    return found


def amounts_of(
    ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, float]:
    """Names and amounts of USD, `BTC=-12.5`."""
    found: dict[str, float] = {}
    for value in values:
        name, _, text = value.partition("=")
        try:
            amount = float(text)
            if not name or name in found:
                raise ValueError
        except ValueError:
            raise click.BadParameter(
                f"{value!r} is not a name, told once, and an amount in USD, like BTC=92500"
            ) from None
        if not abs(amount) < AMOUNT_MAX:
            raise click.BadParameter(f"{value!r} is not below {AMOUNT_MAX:,.0f} USD in size")
        found[name] = amount
    return found


def unused(flag: str, told: Iterable[str], known: Collection[str]) -> list[str]:
    """A notice of each name that an option tells and nothing here has."""
    return [
        f"{flag} {name}=... is not used; what it could name here: {', '.join(known) or 'nothing'}"
        for name in told
        if name not in known
    ]


def venue_of(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Domain | None:
    """A chain id and a contract, `1:0x...`."""
    if value is None:
        return None
    chain_id, _, contract = value.partition(":")
    try:
        return Domain(int(chain_id), bytes.fromhex(contract.removeprefix("0x")))
    except (ValueError, OutOfRange):
        raise click.BadParameter(
            f"{value!r} is not a chain id and the 20 bytes of a contract, like 1:0x12...ef"
        ) from None


def millionths_of(low: int, high: int) -> Callable[[click.Context, click.Parameter, str], int]:
    """A reader of numbers from `low` to `high`, with at most six decimals, as millionths."""

    def read(ctx: click.Context, parameter: click.Parameter, value: str) -> int:
        try:
            exact = Decimal(value)
            scaled = exact * bounds.RATE_SCALE
            if not low <= exact <= high or scaled != scaled.to_integral_value():
                raise InvalidOperation
        except InvalidOperation:
            raise click.BadParameter(
                f"{value!r} is not a number from {low:,} to {high:,} with at most six decimals"
            ) from None
        return int(scaled)

    return read
