"""Orders as people write them, as trades in the markets that list them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

import click
import numpy as np

from novate.cli.desk.holding import CONTRACT, PRICE_LIMIT, why_unlisted
from novate.cli.desk.holdings import symbol_of
from novate.cli.desk.markets import MARGINED, DeskMarket
from novate.instruments import NameRefused, parse_name
from novate.nodes import read_portfolio
from novate.risk import BadPositions, Trades
from novate.units import OutOfRange, bounds

SIZE_LIMIT: Final = Decimal(1 << bounds.QTY_BITS) / 1000


@dataclass(frozen=True, slots=True)
class DeskOrder:
    """So many units of an instrument, bought or sold, at a price or at its mark."""

    where: str
    """The option, or the file and line, that says it."""
    instrument_name: str
    quantity: Decimal
    price: Decimal | None
    """USD per unit; None is the mark."""


def parsed_order(text: str) -> DeskOrder:
    """`NAME=QUANTITY` or `NAME=QUANTITY@PRICE`; a quantity below zero sells.

    Raises: click.BadParameter.
    """
    name, _, terms = text.partition("=")
    size, at, price = terms.partition("@")
    try:
        quantity = Decimal(size)
        told = Decimal(price) if at else None
        if not name or not (quantity.is_finite() and (told is None or told.is_finite())):
            raise InvalidOperation
    except InvalidOperation:
        raise click.BadParameter(
            f"{text!r} is not NAME=QUANTITY or NAME=QUANTITY@PRICE, "
            "like BTC_USDC-26DEC25-85000-P=-2@1210",
            param_hint="'--order'",
        ) from None
    return DeskOrder("--order", name, quantity, told)


def orders_in(path: Path, *, inverse_as_linear: bool = False) -> tuple[list[DeskOrder], list[str]]:
    """The orders of a file in the layout of a portfolio, its positions at their average prices; and
    what was read as something else than it says.

    Raises: FileRefused; click.UsageError for cash, which nobody orders.
    """
    found = read_portfolio(path, inverse_as_linear=inverse_as_linear, is_netted=False)
    if found.cash:
        raise click.UsageError(
            f"{path.name}: {found.cash} USDC of cash is no order; next: leave it out"
        )
    orders = [
        DeskOrder(
            f"{path.name}, line {one.line}", one.instrument_name, one.quantity, one.average_price
        )
        for one in found.positions
    ]
    return orders, [f"{path.name}, {one}" for one in found.notices if not one.startswith("no cash")]


def require_known(orders: Sequence[DeskOrder]) -> None:
    """Refuse orders in what cannot be margined at all.

    Raises: click.UsageError.
    """
    for order in orders:
        if symbol_of(order.instrument_name) not in MARGINED:
            raise click.UsageError(
                f"{order.where}: {order.instrument_name!r} is no USDC-settled instrument of "
                f"{' or '.join(MARGINED)}; next: name one like BTC_USDC-26DEC25-85000-P"
            )


def trades_of(orders: Sequence[DeskOrder], markets: Mapping[str, DeskMarket]) -> dict[str, Trades]:
    """The orders of each underlying, all filled.

    Raises: click.UsageError for an order in something that is not listed, or that does not fit.
    """
    found: dict[str, list[tuple[int, int, int]]] = {}
    for order in orders:
        symbol = symbol_of(order.instrument_name)
        found.setdefault(symbol, []).append(_trade(order, markets[symbol]))
    try:
        return {
            symbol: Trades.of(*np.ascontiguousarray(np.array(trades, dtype=np.int64).T))
            for symbol, trades in found.items()
        }
    except (BadPositions, OutOfRange, OverflowError) as error:
        raise click.UsageError(str(error)) from None


def _trade(order: DeskOrder, market: DeskMarket) -> tuple[int, int, int]:
    """Row, size and price."""
    table = market.table
    try:
        instrument = parse_name(order.instrument_name, CONTRACT)
    except (NameRefused, OutOfRange, ValueError) as error:
        raise click.UsageError(f"{order.where}: {order.instrument_name!r}: {error}") from None
    if instrument not in table.listing.instruments:
        why = why_unlisted(order.instrument_name, instrument, market.chain)
        raise click.UsageError(f"{order.where}: {order.instrument_name!r} {why}")
    row = table.listing.instruments.index(instrument)
    size_e3 = _milli(order, "quantity", order.quantity, SIZE_LIMIT)
    if not size_e3:
        raise click.UsageError(f"{order.where}: a quantity of 0 of {order.instrument_name}")
    if order.price is None:
        return row, size_e3, int(table.mark_e3[row])
    if order.price < 0:
        raise click.UsageError(f"{order.where}: a price of {order.price} is below 0")
    return row, size_e3, _milli(order, "price", order.price, PRICE_LIMIT)


def _milli(order: DeskOrder, what: str, number: Decimal, limit: Decimal) -> int:
    """A number in thousandths.

    Raises: click.UsageError for what is finer, or too large.
    """
    where = f"{order.where}: {order.instrument_name}, {what} {number}"
    if not abs(number) < limit:
        raise click.UsageError(f"{where} is not below {limit:,} in size")
    if number * 1000 != (number * 1000).to_integral_value():
        raise click.UsageError(f"{where} is finer than 0.001")
    return int(number * 1000)
