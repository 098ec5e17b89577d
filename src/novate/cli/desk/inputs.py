"""The options that every risk command takes, and the holdings that they describe."""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click

from novate.cli.desk.chains import NoChain
from novate.cli.desk.flags import (
    FILE,
    Command,
    Flag,
    at_flag,
    chain_flag,
    decimal_flag,
    index_flag,
    json_flag,
    oracle_flag,
)
from novate.cli.desk.holdings import Holdings, holdings, symbol_of, symbols_of
from novate.cli.desk.markets import DeskMarket, markets
from novate.cli.desk.option_values import unused
from novate.cli.talk import Talk
from novate.nodes import FileRefused, Portfolio, read_portfolio
from novate.risk import Dials
from novate.units import Instant, OutOfRange, bounds


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a person told a risk command to look at."""

    portfolio: Path
    chain: Path
    at: Instant | None
    index: Mapping[str, float]
    inverse_as_linear: bool
    oracle: str | None
    dials: Dials
    as_json: bool

    @property
    def talk(self) -> Talk:
        """A voice that is silent when a machine listens."""
        return Talk(quiet=self.as_json)

    def read_portfolio(self) -> Portfolio:
        """The portfolio in its file."""
        return read_portfolio(self.portfolio, inverse_as_linear=self.inverse_as_linear)

    def read_markets(
        self, portfolio: Portfolio, also: Collection[str] = ()
    ) -> dict[str, DeskMarket]:
        """The markets of the portfolio's instruments and of some more, by name."""
        names = [*(one.instrument_name for one in portfolio.positions), *also]
        try:
            return markets(
                self.chain,
                list(dict.fromkeys([*symbols_of(portfolio), *map(symbol_of, also)])),
                at=self.at,
                index=self.index,
                dials=self.dials,
                oracle=self.oracle,
                names=names,
            )
        except NoChain as error:
            for one in portfolio.positions:
                if symbol_of(one.instrument_name) == error.symbol:
                    raise FileRefused(
                        portfolio.source,
                        f"cannot be margined, as {error}; next: take a chain that has "
                        f"{error.symbol}, or leave it out",
                        line=one.line,
                        field="instrument",
                        value=one.instrument_name,
                    ) from None
            names = [name for name in also if symbol_of(name) == error.symbol]
            words = f"an order in {names[0]} cannot be margined, as {error}"
            raise click.UsageError(words) from None

    def read(self) -> Holdings:
        """The holdings, after saying what was read and how."""
        portfolio = self.read_portfolio()
        return self.hold(portfolio, self.read_markets(portfolio))

    def hold(
        self,
        portfolio: Portfolio,
        markets: Mapping[str, DeskMarket],
        noticed: Collection[str] = (),
    ) -> Holdings:
        """The holdings in these markets, after saying what was read and how, and what else was
        noticed."""
        found = holdings(
            portfolio,
            markets,
            dials=self.dials,
            is_rounded=self.inverse_as_linear,
        )
        unknown = unused("--index", self.index, markets)
        found = replace(found, notices=(*found.notices, *unknown, *noticed))
        self.tell(found)
        return found

    def tell(self, found: Holdings) -> None:
        """Say on stderr what was read, and what was taken as something else than it says."""
        talk = self.talk
        talk.line("portfolio", f"{self.portfolio}: {len(found.portfolio.positions)} positions")
        for symbol, holding in found.by_symbol.items():
            market = holding.market
            index = market.table.market.index_e3 / 1000
            talk.line(
                f"{symbol} chain",
                f"{market.chain.source}: {len(market.chain.strike)} quotes at {market.taken_at}, "
                f"index {index:,.2f} USD",
            )
        for notice in found.notices:
            talk.line("notice", notice, style="yellow")


def with_inputs(function: Command) -> Command:
    """The command with the options of `Inputs`, which it takes as its first argument."""

    @click.option(
        "--portfolio", type=FILE, required=True, help="CSV, JSON, or Deribit's get_positions."
    )
    @chain_flag
    @at_flag
    @index_flag()
    @click.option(
        "--inverse-as-linear",
        is_flag=True,
        help="Take coin-settled instruments as their USDC-settled twins.",
    )
    @oracle_flag
    @_part("margin_buffer", "What initial margin asks beyond maintenance margin's scan.")
    @_seconds("settlement_latency", "From a trade to its final settlement.")
    @_seconds("oracle_heartbeat", "How old a tick may be.")
    @_part("liquidation_threshold", "Part of maintenance margin below which an account is flagged.")
    @json_flag
    @functools.wraps(function)
    def command(**options: Any) -> None:
        return function(_inputs(options), **options)

    return command


def _part(dial: str, text: str) -> Flag:
    """The option of a dial that is a part of a whole."""
    default = getattr(Dials(), f"{dial}_e6") / bounds.RATE_SCALE
    return decimal_flag(_flag(dial), f"{dial}_e6", text, default=f"{default:g}", high=2)


def _seconds(dial: str, text: str) -> Flag:
    """The option of a dial that is a duration."""
    return click.option(
        _flag(dial), f"{dial}_s", type=int, default=getattr(Dials(), f"{dial}_s"),
        show_default=True, metavar="SECONDS", help=text,
    )  # fmt: skip


def _flag(dial: str) -> str:
    return f"--{dial.replace('_', '-')}"


_DIALS: Final = (
    "margin_buffer_e6",
    "settlement_latency_s",
    "oracle_heartbeat_s",
    "liquidation_threshold_e6",
)


def _inputs(options: dict[str, Any]) -> Inputs:
    """Take what belongs to `Inputs` out of a command's options."""
    try:
        dials = Dials(**{name: options.pop(name) for name in _DIALS})
    except OutOfRange as error:
        scale = bounds.RATE_SCALE if f"{error.what}_e6" in _DIALS else 1
        value, low, high = (
            f"{number / scale:g}" for number in (error.value, error.low, error.high - 1)
        )
        raise click.UsageError(f"{_flag(error.what)} {value} is not from {low} to {high}") from None
    return Inputs(
        portfolio=options.pop("portfolio"),
        chain=options.pop("chain"),
        at=options.pop("at"),
        index=options.pop("index"),
        inverse_as_linear=options.pop("inverse_as_linear"),
        oracle=options.pop("oracle"),
        dials=dials,
        as_json=options.pop("as_json"),
    )
