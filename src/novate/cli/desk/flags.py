"""The options that several risk commands share, each told in one place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import click

from novate.cli.desk.option_values import instant_of, millionths_of, prices_of
from novate.nodes import FitSource

Command: TypeAlias = Callable[..., None]
Flag: TypeAlias = Callable[[Command], Command]

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)

chain_flag = click.option(
    "--chain",
    "--tick",
    "chain",
    type=FILE,
    required=True,
    help="Option chain: CSV of a published layout, or an oracle's signed ticks (.json).",
)
at_flag = click.option(
    "--at",
    callback=instant_of,
    metavar="INSTANT",
    help="When the chain was taken, if its file does not say it; the last instant to look at, if "
    "it has many.",
)
oracle_flag = click.option(
    "--oracle",
    metavar="FINGERPRINT",
    help="The oracle that a tick must be of.  [default: the one that the file names]",
)
symbol_flag = click.option("--symbol", help="One underlying alone.  [default: all]")
fit_flag = click.option(
    "--fit-to",
    type=click.Choice([one.value for one in FitSource]),
    default=FitSource.MARKS.value,
    callback=lambda ctx, parameter, value: FitSource(value),
    show_default=True,
    help="What the smiles go through.",
)
json_flag = click.option(
    "--json", "as_json", is_flag=True, help="The figures as JSON, and no talk."
)


def prices_flag(name: str, help: str, *, metavar: str = "SYMBOL=PRICE") -> Flag:
    """Prices in USD by name; may be repeated."""
    return click.option(name, callback=prices_of, multiple=True, metavar=metavar, help=help)


def index_flag(name: str = "--index", *, whose: str = "the chain's") -> Flag:
    """An index price that a chain does not say, or says wrongly."""
    return prices_flag(name, f"Index price in USD.  [default: {whose}]")


def count_flag(
    name: str, help: str, *, default: int, low: int = 1, high: int | None = None, **also: Any
) -> Flag:
    """So many of something."""
    return click.option(
        name, type=click.IntRange(low, high), default=default, show_default=True, help=help, **also
    )


def decimal_flag(
    name: str,
    variable: str,
    help: str,
    *,
    default: str,
    low: int = 0,
    high: int = 1,
    metavar: str = "PART",
) -> Flag:
    """A number with at most six decimals, as millionths; by default a part of a whole."""
    return click.option(
        name,
        variable,
        callback=millionths_of(low, high),
        default=default,
        show_default=True,
        metavar=metavar,
        help=help,
    )
