"""Orders as people write them, as trades in the markets that list them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path

import click
import numpy as np

from novate.cli.desk.holdings import CONTRACT, symbol_of, why_unlisted
from novate.cli.desk.markets import DeskMarket
from novate.instruments import NameRefused, parse_name
from novate.nodes import read_portfolio
from novate.risk import BadPositions, Trades
from novate.units import OutOfRange


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
        if not quantity.is_finite() or (told is not None and not (told.is_finite() and told >= 0)):
            raise InvalidOperation
    except InvalidOperation:
        raise click.BadParameter(
            f"{text!r} is not NAME=QUANTITY or NAME=QUANTITY@PRICE, "
            "like BTC_USDC-26DEC25-85000-P=-2@1210"
        ) from None
    return DeskOrder("--order", name, quantity, told)


def orders_in(path: Path) -> list[DeskOrder]:
    """The orders of a file in the layout of a portfolio: its positions, at their average prices.

    Raises: FileRefused.
    """
    return [
        DeskOrder(
            f"{path.name}, line {one.line}", one.instrument_name, one.quantity, one.average_price
        )
        for one in read_portfolio(path).positions
    ]


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
    size_e3 = order.quantity * CONTRACT.e3
    if size_e3 != size_e3.to_integral_value():
        raise click.UsageError(f"{order.where}: {order.quantity} is finer than 0.001")
    if order.price is None:
        return row, int(size_e3), int(table.mark_e3[row])
    price_e3 = (order.price * 1000).to_integral_value(ROUND_HALF_EVEN)
    return row, int(size_e3), int(price_e3)
