"""`novate risk whatif`: margin before and after orders, and whether they are accepted."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from novate.cli.desk.figures import figures_table, show, show_json
from novate.cli.desk.flags import FILE
from novate.cli.desk.holdings import Holdings, gross_words
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.desk.markets import DeskMarket
from novate.cli.desk.orders import orders_in, parsed_order, require_known, trades_of
from novate.cli.desk.parts import WORDS
from novate.cli.render import cents
from novate.risk import (
    BadPositions,
    Dials,
    GrossTooLarge,
    Margin,
    Positions,
    Requirement,
    Trades,
    WhatIf,
    health,
    is_accepted,
    margins,
    no_positions,
)
from novate.risk import what_if as with_trades
from novate.units import OutOfRange, Usd

PARTS: Final = {
    "initial_scan_e6": f"{WORDS['scan']}, initial",
    "scan_e6": f"{WORDS['scan']}, maintenance",
    **{f"{name}_e6": WORDS[name] for name in ("value", "crowded", "short")},
    **{f"{name}_e6": f"{WORDS[name]}, initial" for name in ("confidence", "funding")},
}
"""What a requirement is made of, in words."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A whole account before and after orders."""

    before: Margin
    after: Margin
    is_accepted: bool
    open_need: Usd
    """Equity at present that is enough to leave the orders open, whichever of them is filled."""
    parts_before: dict[str, int]
    parts_after: dict[str, int]


@click.command("whatif", short_help="Margin before and after orders.")
@with_inputs
@click.option(
    "--order",
    "texts",
    multiple=True,
    metavar="NAME=QUANTITY[@PRICE]",
    help="Buy, or sell below zero; at the mark if no price is told. May be repeated.",
)
@click.option("--orders", "path", type=FILE, help="Orders in a file of a portfolio's layout.")
def what_if(inputs: Inputs, texts: tuple[str, ...], path: Path | None) -> None:
    """Print what orders would do to the margin of a portfolio."""
    orders, noticed = [*map(parsed_order, texts)], list[str]()
    if path:
        of_file, noticed = orders_in(path, inverse_as_linear=inputs.inverse_as_linear)
        orders += of_file
    if not orders:
        raise click.UsageError("no order; next: name one with --order or a file with --orders")
    require_known(orders)
    portfolio = inputs.read_portfolio()
    markets = inputs.read_markets(portfolio, also=[one.instrument_name for one in orders])
    held = inputs.hold(portfolio, markets, noticed)
    trades = trades_of(orders, markets)
    try:
        found = outcome(held, markets, trades)
    except GrossTooLarge as error:
        raise click.UsageError(f"after these orders: {gross_words(error)}") from None
    except (BadPositions, OutOfRange) as error:
        raise click.UsageError(f"after these orders: {error}") from None
    if inputs.as_json:
        show_json(outcome_fields(held, found))
        return
    show(_margins(found, held.dials), _parts(found), _verdict(found))


def outcome(held: Holdings, markets: dict[str, DeskMarket], trades: dict[str, Trades]) -> Outcome:
    """What the trades of each underlying do to the account."""
    cash_e6, need_e6 = held.cash.e6, 0
    before: list[Requirement] = []
    after: list[Requirement] = []
    for symbol, market in markets.items():
        if symbol not in trades:
            untouched = held.requirements[symbol]
            before.append(untouched)
            after.append(untouched)
            need_e6 += int(untouched.initial_e6[0])
            continue
        found = _one(held, symbol, market, trades[symbol])
        before.append(found.requirement_before)
        after.append(found.requirement_after)
        cash_e6 += found.cash_after_e6 - held.cash.e6
        need_e6 += found.orders_need_e6
    then = margins(np.array([cash_e6], dtype=np.int64), after).of(0)
    return Outcome(
        before=held.margin,
        after=then,
        is_accepted=is_accepted(held.margin, then, held.dials),
        open_need=Usd(need_e6),
        parts_before=_sums(before),
        parts_after=_sums(after),
    )


def _one(held: Holdings, symbol: str, market: DeskMarket, trades: Trades) -> WhatIf:
    holding = held.by_symbol.get(symbol)
    positions: Positions = holding.positions if holding else no_positions()
    return with_trades(market.table, positions, held.cash.e6, trades)


def _sums(requirements: list[Requirement]) -> dict[str, int]:
    return {part: sum(int(getattr(one, part)[0]) for one in requirements) for part in PARTS}


def _margins(found: Outcome, dials: Dials) -> Any:
    rows = [
        (label, *_change(getattr(found.before, name), getattr(found.after, name)))
        for label, name in (
            ("equity", "equity"),
            ("initial margin", "initial"),
            ("maintenance margin", "maintenance"),
            ("available", "available"),
            ("gross notional", "gross"),
        )
    ]
    standing = [health(state, dials).value for state in (found.before, found.after)]
    return figures_table(
        "Before and after, all filled, USDC",
        ("", "before", "after", "change"),
        [*rows, ("account", *standing, "")],
    )


def _parts(found: Outcome) -> Any:
    return figures_table(
        "Parts, USDC",
        ("", "before", "after", "change"),
        [
            (label, *_change(Usd(found.parts_before[part]), Usd(found.parts_after[part])))
            for part, label in PARTS.items()
            if found.parts_before[part] or found.parts_after[part]
        ],
    )


def _change(before: Usd, after: Usd) -> tuple[str, str, str]:
    moved = after - before
    return cents(before), cents(after), f"{'+' if moved.e6 > 0 else ''}{cents(moved)}"


def _verdict(found: Outcome) -> str:
    accepted = (
        "accepted" if found.is_accepted else "refused: the account may not go there by itself"
    )
    spare = found.before.equity - found.open_need
    can = "can" if spare.e6 >= 0 else "cannot"
    return (
        f"Filled at once: {accepted}.\n"
        f"Left open: the account {can} carry them whichever is filled: that takes equity of "
        f"{cents(found.open_need)} USDC now, and it has {cents(found.before.equity)} USDC."
    )


def outcome_fields(held: Holdings, found: Outcome) -> dict[str, Any]:
    """The same for machines; money in millionths."""
    return {
        **{
            when: {
                "equity_e6": state.equity.e6,
                "initial_e6": state.initial.e6,
                "maintenance_e6": state.maintenance.e6,
                "available_e6": state.available.e6,
                "gross_e6": state.gross.e6,
                "health": health(state, held.dials).value,
                "parts": parts,
            }
            for when, state, parts in (
                ("before", found.before, found.parts_before),
                ("after", found.after, found.parts_after),
            )
        },
        "is_accepted": found.is_accepted,
        "open_need_e6": found.open_need.e6,
        "notices": list(held.notices),
    }
