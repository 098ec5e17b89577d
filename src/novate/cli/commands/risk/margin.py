"""`novate risk margin`: what a portfolio requires, part by part and expiry by expiry."""

from dataclasses import asdict, fields
from typing import Any

import click

from novate.cli.desk.by_expiry import ExpiryLine, by_expiry
from novate.cli.desk.figures import figures_table, show, show_json
from novate.cli.desk.holdings import Holdings
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.desk.parts import part_fields, shown_parts
from novate.cli.desk.peers import PeerMargin, peer_margins
from novate.cli.render import cents
from novate.risk import Explanation, Requirement, explain
from novate.units import Usd


@click.command(short_help="What a portfolio requires: totals, parts, and by expiry.")
@with_inputs
@click.option(
    "--beside",
    metavar="VENUES",
    default="",
    help="Other venues' figures for the same holdings: deribit,derive. In a checkout only.",
)
def margin(inputs: Inputs, beside: str) -> None:
    """Print the margin of a portfolio in the market of a chain."""
    held = inputs.read()
    names = [name.strip().lower() for name in beside.split(",") if name.strip()]
    others = peer_margins(names, held.by_symbol) if names else []
    parts = {
        symbol: explain(holding.market.table, holding.positions)
        for symbol, holding in held.by_symbol.items()
    }
    if inputs.as_json:
        show_json(margin_fields(held, parts, others))
        return
    show(_totals(held), _parts(held, parts))
    for symbol, holding in held.by_symbol.items():
        show(_expiries(symbol, by_expiry(holding), held.requirements[symbol]))
    if others:
        show(_beside(held, others))


def _totals(held: Holdings) -> Any:
    found, dials = held.margin, held.dials
    standing = f"Margin: {held.health.value}"
    rows = [
        ("cash", cents(held.cash)),
        ("positions", cents(found.equity - held.cash)),
        ("equity", cents(found.equity)),
        ("initial margin", cents(found.initial)),
        ("maintenance margin", cents(found.maintenance)),
        ("available", cents(found.available)),
        ("gross notional", cents(found.gross)),
    ]
    if dials.liquidation_threshold_e6 != 10**6:
        rows.insert(5, ("flagged below", cents(held.flagged_below)))
    return figures_table(standing, ("", "USDC"), rows)


def _parts(held: Holdings, found: dict[str, Explanation]) -> Any:
    rows = []
    for words, by_symbol in shown_parts(found).items():
        amounts = [(part.initial_e6, part.maintenance_e6) for part in by_symbol.values()]
        rows.append((words, *(cents(Usd(amount)) for pair in amounts for amount in pair)))
    wholes = [
        cents(_usd(required, which))
        for required in held.requirements.values()
        for which in ("initial_e6", "maintenance_e6")
    ]
    headings = [f"{symbol} {which}" for symbol in found for which in ("initial", "maintenance")]
    return figures_table(
        "Parts, USDC",
        ("", *headings),
        rows,
        total=("together", *wholes),
    )


def _expiries(symbol: str, lines: list[ExpiryLine], whole: Requirement) -> Any:
    rows = [
        (
            line.name,
            str(line.positions),
            cents(line.value),
            cents(line.delta),
            cents(line.initial),
            cents(line.maintenance),
        )
        for line in lines
    ]
    saved = sum(line.initial.e6 for line in lines), sum(line.maintenance.e6 for line in lines)
    total = (
        "together",
        str(sum(line.positions for line in lines)),
        cents(Usd(sum(line.value.e6 for line in lines))),
        cents(Usd(sum(line.delta.e6 for line in lines))),
        cents(_usd(whole, "initial_e6")),
        cents(_usd(whole, "maintenance_e6")),
    )
    table = figures_table(
        f"{symbol} by expiry, each as if alone, USDC",
        ("", "positions", "value", "delta", "initial", "maintenance"),
        rows,
        total=total,
    )
    table.add_row(
        "netting saves", "", "", "",
        cents(Usd(saved[0] - int(whole.initial_e6[0]))),
        cents(Usd(saved[1] - int(whole.maintenance_e6[0]))),
    )  # fmt: skip
    return table


def _beside(held: Holdings, others: list[PeerMargin]) -> Any:
    ours = held.margin
    rows = [("novate", cents(ours.initial), cents(ours.maintenance), "100 %")]
    rows += [
        (other.model, "no figure", other.remark, "")
        if other.remark
        else (
            other.model,
            cents(other.initial),
            cents(other.maintenance),
            _part(other.initial, ours.initial),
        )
        for other in others
    ]
    return figures_table(
        "Beside other venues' models, USDC", ("", "initial", "maintenance", "of ours"), rows
    )


def _part(amount: Usd, whole: Usd) -> str:
    return f"{100 * amount.e6 / whole.e6:.0f} %" if whole.e6 else ""


def _usd(required: Requirement, part: str) -> Usd:
    return Usd(int(getattr(required, part)[0]))


def margin_fields(
    held: Holdings, parts: dict[str, Explanation], others: list[PeerMargin]
) -> dict[str, Any]:
    """The same for machines; money in millionths."""
    found = held.margin
    return {
        "portfolio": held.portfolio.source.name,
        "cash_e6": held.cash.e6,
        "equity_e6": found.equity.e6,
        "initial_e6": found.initial.e6,
        "maintenance_e6": found.maintenance.e6,
        "flagged_below_e6": held.flagged_below.e6,
        "available_e6": found.available.e6,
        "gross_e6": found.gross.e6,
        "health": held.health.value,
        "dials": asdict(held.dials),
        "underlyings": {
            symbol: {
                "chain": holding.market.chain.source.name,
                "taken_at": str(holding.market.taken_at),
                "index_e3": holding.market.table.market.index_e3,
                "fortnight_vol_e6": holding.market.table.market.fortnight_vol_e6,
                "spot_range_e6": holding.market.table.shocks.range_e6,
                "requirement": _requirement_fields(held.requirements[symbol]),
                "parts": part_fields(parts[symbol]),
                "expiries": [_line_fields(line) for line in by_expiry(holding)],
            }
            for symbol, holding in held.by_symbol.items()
        },
        "beside": [
            {
                "model": other.model,
                "initial_e6": None if other.remark else other.initial.e6,
                "maintenance_e6": None if other.remark else other.maintenance.e6,
                "remark": other.remark,
            }
            for other in others
        ],
        "notices": list(held.notices),
    }


def _requirement_fields(required: Requirement) -> dict[str, int]:
    return {
        field.name: int(getattr(required, field.name)[0])
        for field in fields(required)
        if field.name != "compartment"
    }


def _line_fields(line: ExpiryLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "positions": line.positions,
        "value_e6": line.value.e6,
        "delta_e6": line.delta.e6,
        "initial_e6": line.initial.e6,
        "maintenance_e6": line.maintenance.e6,
    }
