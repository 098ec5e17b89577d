"""The risk report of a portfolio: what it holds, what it must hold, and what could happen to it."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from novate import __version__
from novate.cli.desk.by_expiry import by_expiry
from novate.cli.desk.holding import Holding
from novate.cli.desk.holdings import Holdings
from novate.cli.desk.moves import grid_profits_e6
from novate.cli.desk.parts import shown_parts
from novate.cli.desk.profiles import profile_of
from novate.cli.desk.ways import deciding_words, later_words
from novate.cli.render import cents
from novate.cli.report.charts import expiry_bars, heat_map, parts_bars, payoff_chart, scenario_bars
from novate.cli.report.page import chart, heading, html_table, listing, page, paragraph, tiles
from novate.cli.report.smile_chart import smile_chart
from novate.cli.report.tables import (
    days_table,
    expiries_table,
    positions_table,
    smiles_table,
)
from novate.nodes import NothingToFit, fit_surface
from novate.risk import Explanation, Health, Profile, explain
from novate.units import Integers, Usd

SPOT_E6: Final = np.arange(-300_000, 300_001, 50_000, dtype=np.int64)
VOL_E6: Final = np.array([-300_000, -150_000, 0, 250_000, 500_000, 1_000_000], dtype=np.int64)


def risk_report(held: Holdings) -> str:
    """The page."""
    title = f"Risk of {held.portfolio.source.name}"
    return page(title, _body(title, held))


def _body(title: str, held: Holdings) -> Iterator[str]:
    yield heading(1, title)
    taken = ", ".join(
        f"{symbol} {holding.market.taken_at}" for symbol, holding in held.by_symbol.items()
    )
    sources = dict.fromkeys(one.market.chain.source.name for one in held.by_symbol.values())
    yield paragraph(f"Market of {taken}; from {', '.join(sources)}.", "sub")
    yield _tiles(held)
    grids = {
        symbol: grid_profits_e6(holding, SPOT_E6, VOL_E6)
        for symbol, holding in held.by_symbol.items()
    }
    if len(grids) > 1:
        yield from _together(held, grids)
    yield heading(3, "Days of the past")
    yield days_table(held)
    yield paragraph(
        "From the open of the day to its worst price, today's positions priced anew; volatility "
        "moves are those of the 30-day index, other tenors by the square root of time.",
        "note",
    )
    yield from _making(held)
    for symbol, holding in held.by_symbol.items():
        yield from _underlying(held, symbol, holding, grids[symbol])


def _tiles(held: Holdings) -> str:
    margin = held.margin
    kind = {Health.HEALTHY: "good", Health.REDUCE_ONLY: "bad", Health.LIQUIDATABLE: "bad"}
    return tiles(
        [
            ("account", held.health.value, "", kind[held.health]),
            ("equity", cents(margin.equity), "USDC", ""),
            ("available", cents(margin.available), "USDC", "bad" * (margin.available.e6 < 0)),
            ("initial margin", cents(margin.initial), "USDC", ""),
            ("maintenance margin", cents(margin.maintenance), "USDC", ""),
            ("gross notional", cents(margin.gross), "USDC", ""),
        ]
    )


def _together(held: Holdings, grids: dict[str, Integers]) -> Iterator[str]:
    yield heading(3, "All underlyings together")
    rows = [
        (
            symbol,
            cents(Usd(int(held.by_symbol[symbol].value_e6.sum()))),
            cents(Usd(int(required.initial_e6[0]))),
            cents(Usd(int(required.maintenance_e6[0]))),
        )
        for symbol, required in held.requirements.items()
    ]
    margin = held.margin
    yield html_table(
        ("USDC", "positions at mark", "initial margin", "maintenance margin"),
        rows,
        total=(
            "together",
            cents(Usd(sum(int(one.value_e6.sum()) for one in held.by_symbol.values()))),
            cents(margin.initial),
            cents(margin.maintenance),
        ),
    )
    whole = np.sum(list(grids.values()), axis=0)
    yield chart(
        heat_map("together", SPOT_E6, VOL_E6, whole),
        "Profit and loss, USDC, when all underlyings make the same move at once.",
    )


def _underlying(held: Holdings, symbol: str, holding: Holding, grid: Integers) -> Iterator[str]:
    table, positions = holding.market.table, holding.positions
    required, found = held.requirements[symbol], explain(table, positions)
    lines = by_expiry(holding)
    yield heading(2, symbol)
    yield paragraph(
        f"Index {table.market.index_e3 / 1000:,.2f} USD; 14-day volatility "
        f"{table.market.fortnight_vol_e6 / 10_000:.1f} %, so a spot range of "
        f"{table.shocks.range_e6 / 10_000:.2f} % either way; {deciding_words(table, found)}.",
        "sub",
    )
    yield heading(3, "Positions")
    yield positions_table(holding, found)
    yield heading(3, "Payoff")
    profile = profile_of(holding)
    yield chart(payoff_chart(symbol, holding, profile), _payoff_words(holding, profile))
    yield heading(3, "Stress")
    yield chart(
        heat_map(symbol, SPOT_E6, VOL_E6, grid),
        "Profit and loss, USDC, at once: forwards and volatilities of all expiries move in "
        "proportion, and every contract is priced anew.",
    )
    yield heading(3, "Margin")
    yield chart(parts_bars(symbol, _parts(symbol, found)), "What both margins are made of.")
    yield chart(
        expiry_bars(symbol, lines, int(required.initial_e6[0]) / 1e6),
        "Initial margin of each expiry if it were all of an account, and of all together.",
    )
    yield expiries_table(holding, lines, required, found)
    yield heading(3, "Scenarios")
    yield chart(
        scenario_bars(symbol, holding, found),
        _scenario_words(held, holding),
    )
    yield heading(3, "Surface")
    yield from _surface(holding)


def _scenario_words(held: Holdings, holding: Holding) -> str:
    buffer = f"{held.dials.margin_buffer_e6 / 10_000:g} %"
    return (
        f"All that the account is margined against, as it counts in initial margin. Buffered ways "
        f"are {buffer} larger in spot and volatility and of initial margin alone; all others count "
        f"{buffer} more in it than in maintenance margin. Later: "
        f"{later_words(holding.market.table)} have passed. Where spot is near, the loss holds what "
        "forwards may lose by moving apart. The last way is the least that every option counts, "
        "long or short, however the columns net."
    )


def _payoff_words(holding: Holding, found: Profile) -> str:
    words = "Profit and loss from now on, volatilities unmoved."
    first = found.first_group
    when = f"At {holding.group_name(first)}" if first else "Over these prices"
    prices = [f"{price / 1000:,.0f}" for price in found.breaks_even_e3.tolist()]
    if not prices:
        return f"{words} {when} it breaks even nowhere."
    told = prices[0] if len(prices) == 1 else f"{', '.join(prices[:-1])} and {prices[-1]}"
    return f"{words} {when} it breaks even at {told} USD."


def _parts(symbol: str, found: Explanation) -> dict[str, tuple[float, float]]:
    return {
        words: (by_symbol[symbol].initial_e6 / 1e6, by_symbol[symbol].maintenance_e6 / 1e6)
        for words, by_symbol in shown_parts({symbol: found}).items()
    }


def _surface(holding: Holding) -> Iterator[str]:
    chain = holding.market.chain
    try:
        fitted = fit_surface(chain)
    except NothingToFit as error:
        yield paragraph(f"No surface: {error}.", "note")
        return
    yield chart(
        smile_chart(chain, fitted),
        "Implied volatility by strike: the chain's marks, and smiles without arbitrage fitted "
        "through them. Above each: days to expiry and volatility at the forward, the dotted line.",
    )
    yield smiles_table(fitted)


def _making(held: Holdings) -> Iterator[str]:
    dials = held.dials
    yield heading(3, "How it was made")
    yield listing(
        [
            *held.notices,
            "Margins are exact to the last millionth by the venue's own integer rules, and round "
            "against the account; marks are the chain's volatilities at its forwards, without "
            "discounting. In equity each option counts at its mark less what that may err.",
            "Greeks: delta in units of the underlying; gamma as the change of the delta's worth "
            "for a move of 1 %, vega for a volatility point, theta for a day, rho for a point of "
            "the rate, all in USDC.",
            f"Dials: margin buffer {dials.margin_buffer_e6 / 1e6:g}, settlement latency "
            f"{dials.settlement_latency_s:,} s, oracle heartbeat {dials.oracle_heartbeat_s:,} s, "
            f"liquidation threshold {dials.liquidation_threshold_e6 / 1e6:g}.",
            f"novate {__version__}.",
        ]
    )
