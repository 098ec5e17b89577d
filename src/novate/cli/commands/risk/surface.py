"""`novate risk surface`: the smiles of a chain, its marks beside a fit without arbitrage."""

from pathlib import Path
from typing import Any

import click

from novate.cli.desk.chains import chosen_chains
from novate.cli.desk.figures import figures_table, show, show_json
from novate.cli.desk.flags import (
    at_flag,
    chain_flag,
    fit_flag,
    json_flag,
    oracle_flag,
    symbol_flag,
)
from novate.cli.desk.smiles import marked_smile, smile_line
from novate.cli.talk import Talk
from novate.instruments import format_expiry
from novate.nodes import FitSource, OptionChain, SmileFit, SurfaceFit, fit_surface
from novate.units import Instant


@click.command(short_help="Smiles of a chain: marks beside a fit without arbitrage.")
@chain_flag
@at_flag
@symbol_flag
@fit_flag
@oracle_flag
@json_flag
def surface(
    chain: Path,
    at: Instant | None,
    symbol: str | None,
    fit_to: FitSource,
    oracle: str | None,
    as_json: bool,
) -> None:
    """Print forwards and smiles of every expiry, and how far a surface without arbitrage is off."""
    chosen = chosen_chains(chain, at, symbol, oracle=oracle)
    talk = Talk(quiet=as_json)
    found: dict[str, SurfaceFit] = {}
    for name, quoted in chosen.items():
        talk.line(
            f"{name} chain",
            f"{chain}: {len(quoted.strike)} quotes at {Instant(round(quoted.taken_at_s))}, "
            f"{len(quoted.excluded)} left out",
        )
        found[name] = fit_surface(quoted, source=fit_to)
        for expiry_s, why in found[name].skipped:
            talk.line("no smile", f"{name} {format_expiry(Instant(expiry_s))}: {why}")
    if as_json:
        show_json(surface_fields(chosen, found))
        return
    for name, fitted in found.items():
        show(_table(name, fitted))
        show(
            f"{name}: {100 * fitted.rms:.2f} volatility points off over all, weighted by vega; no "
            f"arbitrage on its own strikes; {len(fitted.repaired)} expiries repaired for that."
        )


def _table(name: str, fitted: SurfaceFit) -> Any:
    rows = []
    for one in fitted.smiles:
        line = smile_line(one)
        rows.append(
            (
                format_expiry(Instant(one.expiry_s)),
                f"{one.tenor_s / 86_400:,.2f}",
                f"{one.forward:,.2f}",
                str(one.strikes),
                f"{100 * line.at_the_money:.2f} %",
                f"{100 * line.risk_reversal:+.2f}",
                f"{100 * line.butterfly:+.2f}",
                f"{100 * one.rms:.2f}",
                f"{100 * one.worst:.2f}",
            )
        )
    return figures_table(
        f"{name}: smiles; risk reversal and butterfly at 25 % delta, errors in volatility points",
        ("", "days", "forward, USD", "strikes", "at the money", "reversal", "butterfly", "rms off",
         "worst off"),
        rows,
    )  # fmt: skip


def surface_fields(chains: dict[str, OptionChain], found: dict[str, SurfaceFit]) -> dict[str, Any]:
    """The same for machines, with the smiles' five numbers and the marks."""
    return {
        name: {
            "taken_at": str(Instant(round(fitted.taken_at_s))),
            "quotes": len(chains[name].strike),
            "left_out": dict(chains[name].exclusion_counts),
            "rms": round(fitted.rms, 6),
            "smiles": [_smile_fields(chains[name], one, fitted) for one in fitted.smiles],
            "skipped": [
                {"expiry": str(Instant(expiry_s)), "why": why} for expiry_s, why in fitted.skipped
            ],
        }
        for name, fitted in found.items()
    }


def _smile_fields(chain: OptionChain, one: SmileFit, fitted: SurfaceFit) -> dict[str, Any]:
    line, smile = smile_line(one), one.smile
    strikes, vols = marked_smile(chain, one.expiry_s)
    return {
        "expiry": format_expiry(Instant(one.expiry_s)),
        "tenor_s": one.tenor_s,
        "forward": round(one.forward, 3),
        "strikes": one.strikes,
        "at_the_money": round(line.at_the_money, 6),
        "risk_reversal": round(line.risk_reversal, 6),
        "butterfly": round(line.butterfly, 6),
        "rms": round(one.rms, 6),
        "worst": round(one.worst, 6),
        "is_repaired": one.expiry_s in fitted.repaired,
        "svi": {
            "a_e6": smile.a_e6, "b_e6": smile.b_e6, "rho_e6": smile.rho_e6, "m_e6": smile.m_e6,
            "s_e6": smile.s_e6,
        },
        "marks": [
            {"strike": strike, "vol": round(vol, 6)}
            for strike, vol in zip(strikes.tolist(), vols.tolist(), strict=True)
        ],
    }  # fmt: skip
