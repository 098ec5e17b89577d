"""The tables of the report."""

from typing import Final

import numpy as np

from novate.cli.desk.by_expiry import ExpiryLine
from novate.cli.desk.holding import Holding
from novate.cli.desk.holdings import Holdings
from novate.cli.desk.moves import historical_moves, move_profits_e6
from novate.cli.desk.smiles import smile_line
from novate.cli.render import cents
from novate.cli.report.page import html_table
from novate.instruments import format_expiry
from novate.nodes import SurfaceFit
from novate.risk import Explanation, Requirement, Sensitivities, sensitivities
from novate.units import Instant, Usd

GREEKS: Final = ("delta", "gamma, 1\u00a0%", "vega", "theta", "rho")


def positions_table(holding: Holding, found: Explanation) -> str:
    """Every position with its Greeks and what it does where the account loses most."""
    table, positions = holding.market.table, holding.positions
    greeks = sensitivities(table.listing, table.market, positions)
    value_e6 = holding.value_e6
    rows = [
        (
            name,
            f"{positions.quantity_e3[place] / 1000:,.3f}",
            f"{table.mark_e3[positions.row[place]] / 1000:,.2f}",
            cents(Usd(int(value_e6[place]))),
            *_greek_cells(greeks, place),
            cents(Usd(int(found.contribution_e6[place]))),
        )
        for place, name in enumerate(holding.names)
    ]
    total = (
        "together", "", "", cents(Usd(int(value_e6.sum()))), *_greek_cells(greeks.total, 0),
        cents(Usd(int(found.contribution_e6.sum()))),
    )  # fmt: skip
    return html_table(
        ("instrument", "quantity", "mark, USD", "value, USDC", *GREEKS, "loss in what decides"),
        rows,
        total=total,
    )


def expiries_table(
    holding: Holding, lines: list[ExpiryLine], required: Requirement, found: Explanation
) -> str:
    """The same by expiry, with what each would require alone."""
    table, positions = holding.market.table, holding.positions
    group = table.listing.group[positions.row]
    greeks = sensitivities(table.listing, table.market, positions).by(group, table.listing.groups)
    lost_e6 = found.contribution_by(group, table.listing.groups)
    groups = np.unique(group).tolist()
    rows = [
        (
            line.name,
            str(line.positions),
            cents(line.value),
            *_greek_cells(greeks, place),
            cents(Usd(int(lost_e6[place]))),
            cents(line.initial),
        )
        for line, place in zip(lines, groups, strict=True)
    ]
    whole = sensitivities(table.listing, table.market, positions).total
    total = (
        "together",
        str(sum(line.positions for line in lines)),
        cents(Usd(sum(line.value.e6 for line in lines))),
        *_greek_cells(whole, 0),
        cents(Usd(int(lost_e6.sum()))),
        cents(Usd(int(required.initial_e6[0]))),
    )
    return html_table(
        ("expiry", "positions", "value, USDC", *GREEKS, "loss in what decides", "initial alone"),
        rows,
        total=total,
    )  # fmt: skip


def _greek_cells(greeks: Sensitivities, place: int) -> tuple[str, ...]:
    """Delta in units; the change of cash delta by 1 %, vega, theta and rho in USDC."""
    return (
        f"{round(greeks.delta_e6[place] / 1e6, 3) + 0.0:,.3f}",
        *(
            f"{round(int(values[place]) / 1e6) + 0:,}"
            for values in (
                greeks.cash_gamma_e6,
                greeks.vega_e6,
                greeks.theta_e6,
                greeks.rho_e6,
            )
        ),
    )


def days_table(held: Holdings) -> str:
    """What the holdings would gain on each of the days that desks remember."""
    moves = historical_moves(held.by_symbol)
    profits = move_profits_e6(held.by_symbol, moves).sum(axis=1).tolist()
    rows = []
    for move, profit in zip(moves, profits, strict=True):
        rows.append((move.name, cents(Usd(profit)), move.words(held.by_symbol), move.remark))
    return html_table(("day", "profit, USDC", "moves", "remark"), rows, words=(2, 3))


def smiles_table(fitted: SurfaceFit) -> str:
    """Forwards and smiles by expiry."""
    rows = []
    for one in fitted.smiles:
        line = smile_line(one)
        rows.append(
            (
                format_expiry(Instant(one.expiry_s)),
                f"{one.tenor_s / 86_400:,.2f}",
                f"{one.forward:,.2f}",
                f"{100 * line.at_the_money:.2f} %",
                f"{100 * line.risk_reversal:+.2f}",
                f"{100 * line.butterfly:+.2f}",
                f"{100 * one.rms:.2f}",
            )
        )
    return html_table(
        ("expiry", "days", "forward, USD", "at the money", "25 % reversal", "25 % butterfly",
         "fit off, points"),
        rows,
    )  # fmt: skip
