"""Options as people write them, as values: instants, amounts, parts, venues."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import click

from novate.keys import Domain
from novate.units import Instant, OutOfRange, bounds


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
    """Names and prices above zero, `BTC=92500`."""
    found = amounts_of(ctx, parameter, values)
    for name, price in found.items():
        if price <= 0:
            raise click.BadParameter(f"'{name}={price:g}' is not above 0")
    return found


def amounts_of(
    ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, float]:
    """Names and amounts of USD, `BTC=-12.5`."""
    found: dict[str, float] = {}
    for value in values:
        name, _, text = value.partition("=")
        try:
            found[name] = float(text)
            if not name or not abs(found[name]) < 2**bounds.INDEX_BITS / 1000:
                raise ValueError
        except ValueError:
            raise click.BadParameter(
                f"{value!r} is not a name and an amount in USD, like BTC=92500"
            ) from None
    return found


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


def part_of(ctx: click.Context, parameter: click.Parameter, value: str) -> int:
    """A part of a whole with at most six decimals, in millionths."""
    try:
        exact = Decimal(value) * bounds.RATE_SCALE
        if not exact.is_finite() or exact != exact.to_integral_value():
            raise InvalidOperation
    except InvalidOperation:
        raise click.BadParameter(f"{value!r} is not a number with at most six decimals") from None
    return int(exact)
