"""`novate risk tick`: a file of signed reports from a chain, to try out what one is good for."""

import os
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from novate.cli.desk.figures import figures_table, show, show_json
from novate.cli.desk.inputs import FILE, at_option, symbol_option
from novate.cli.desk.markets import chains_at
from novate.cli.desk.option_values import prices_of, venue_of
from novate.cli.desk.tick_chain import SUFFIX
from novate.cli.desk.trial_tick import Signers, write_trial_tick
from novate.cli.render import percent
from novate.cli.talk import Talk
from novate.instruments import REGISTRY, Nameless, format_expiry
from novate.keys import Domain
from novate.nodes import TICK_FILE, FileRefused, FitSource, OptionChain, TickFile
from novate.oracle import AgreedExpiry, Feed
from novate.pricing import implied_vol_e6
from novate.units import Instant, Rate, bounds

PUBLISHERS: Final = 3
TRIAL_VENUE: Final = Domain(31_337, bytes(20))
"""Nobody's: a development chain and the contract of zeros."""


@click.command(short_help="Signed reports from a chain, by throw-away keys: for trying out.")
@click.option("--chain", "path", type=FILE, required=True, help="The option chain.")
@at_option
@symbol_option
@click.option(
    "--index",
    callback=prices_of,
    multiple=True,
    metavar="SYMBOL=PRICE",
    help="Index price in USD.  [default: the chain's]",
)
@click.option(
    "--publishers",
    type=click.IntRange(1, bounds.PUBLISHERS_MAX),
    help=f"How many keys to make and to throw away.  [default: {PUBLISHERS}]",
)
@click.option(
    "--keys",
    type=FILE,
    help="Private keys to sign with instead, one in hexadecimal a line. What they sign is written "
    "down beside the file, and nothing else of that second is ever signed.",
)
@click.option(
    "--sources",
    type=click.IntRange(1, bounds.SOURCES_MAX),
    default=3,
    show_default=True,
    help="How many sources the one index price stands for.",
)
@click.option(
    "--fit-to",
    type=click.Choice([one.value for one in FitSource]),
    default=FitSource.MARKS.value,
    show_default=True,
    help="What the smiles go through.",
)
@click.option(
    "--venue",
    callback=venue_of,
    metavar="CHAIN_ID:CONTRACT",
    help="The venue that the reports are for.  [default: nobody's]",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(f"ticks{SUFFIX}"),
    show_default=True,
    help="Where to write it.",
)
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON, and no talk.")
def tick(
    path: Path,
    at: Instant | None,
    symbol: str | None,
    index: dict[str, float],
    publishers: int | None,
    keys: Path | None,
    sources: int,
    fit_to: str,
    venue: Domain | None,
    out: Path,
    as_json: bool,
) -> None:
    """Write one tick of an oracle, made from a chain, for the other commands' --tick.

    For trying out: all publishers are you, their smiles differ because each leaves out other
    strikes, and one index price stands for all sources. Who signs with keys made for the moment
    proves nothing to anybody.
    """
    _require_free(out)
    if keys and publishers:
        raise click.UsageError("--publishers and --keys exclude each other: every key signs")
    signers = Signers.read(keys) if keys else Signers.thrown_away(publishers or PUBLISHERS)
    chains = chains_at(path, at)
    if symbol is not None and symbol not in chains:
        raise FileRefused(path, f"has no chain of {symbol}; it has {', '.join(chains)}")
    chosen = {symbol: chains[symbol]} if symbol else chains
    talk = Talk(quiet=as_json)
    prices = {name: _index(name, chain, index, talk) for name, chain in chosen.items()}
    written = write_trial_tick(
        out,
        chosen,
        prices,
        signers,
        domain=venue or TRIAL_VENUE,
        sources=sources,
        fit_to=FitSource(fit_to),
    )
    for refusal in written.last.refusals:
        talk.line("held back", f"{refusal.code}: {refusal}", style="yellow")
    if as_json:
        show_json(tick_fields(written))
        return
    for feed in written.last.feeds:
        show(_table(feed, written))
    show(
        f"{out}: {out.stat().st_size:,} bytes, {len(written.last.publishers)} reports of "
        f"{written.last.at}, for trying out; the oracle is {written.fingerprint}"
    )


def _index(name: str, chain: OptionChain, told: dict[str, float], talk: Talk) -> float:
    """The index price that was told, or the chain's, or the nearest forward."""
    if name in told or np.isfinite(chain.index):
        return told.get(name, chain.index)
    if not chain.forwards:
        raise FileRefused(chain.source, f"has neither an index price nor a forward of {name}")
    expiry_s, forward = min(chain.forwards.items())
    talk.line(
        "notice",
        f"{name}: the file has no index price; taken as {forward:,.2f} USD, the forward of "
        f"{_day(Instant(expiry_s))} (name another with --index {name}=PRICE)",
        style="yellow",
    )
    return forward


def _table(feed: Feed, written: TickFile) -> Any:
    now = written.last.taken_at
    return figures_table(
        f"{_symbol(feed)}: index {feed.index.price.e3 / 1000:,.2f} USD of {feed.index.sources} "
        "sources; as agreed",
        ("", "days", "forward, USD", "at the money", "rate a year", "confidence"),
        [
            (
                _day(one.expiry),
                f"{(one.expiry.s - now.s) / 86_400:,.2f}",
                f"{one.forward.e3 / 1000:,.2f}",
                f"{_at_the_money_e6(one, now) / 10_000:.2f} %",
                f"{one.rate_e6 / 10_000:+.2f} %",
                percent(Rate(one.trust.confidence_e6(now))),
            )
            for one in feed.expiries
        ],
    )


def tick_fields(written: TickFile) -> dict[str, Any]:
    """The same for machines; parts in millionths, prices in thousandths."""
    last = written.last
    return {
        "file": os.fspath(written.source),
        "oracle": written.fingerprint,
        "taken_at": str(last.taken_at),
        "publishers": len(last.publishers),
        "feeds": {
            _symbol(feed): {
                "index_e3": feed.index.price.e3,
                "sources": feed.index.sources,
                "confidence_e6": feed.index.trust.confidence_e6(last.taken_at),
                "expiries": [
                    {
                        "expiry": _day(one.expiry),
                        "forward_e3": one.forward.e3,
                        "rate_e6": one.rate_e6,
                        "at_the_money_e6": _at_the_money_e6(one, last.taken_at),
                        "confidence_e6": one.trust.confidence_e6(last.taken_at),
                    }
                    for one in feed.expiries
                ],
            }
            for feed in last.feeds
        },
        "held_back": [{"code": refusal.code, "why": str(refusal)} for refusal in last.refusals],
    }


def _at_the_money_e6(one: AgreedExpiry, now: Instant) -> int:
    forward_e3 = one.forward.e3
    return int(implied_vol_e6(one.smile, forward_e3, forward_e3, one.expiry.s - now.s))


def _symbol(feed: Feed) -> str:
    return REGISTRY.symbol(feed.subject.underlying)


def _day(expiry: Instant) -> str:
    try:
        return format_expiry(expiry)
    except Nameless:
        return str(expiry)


def _require_free(out: Path) -> None:
    """Refuse a name that no command takes for ticks, and to write over what is no tick file.

    Raises: click.BadParameter.
    """
    if out.suffix != SUFFIX:
        raise click.BadParameter(f"--out: {str(out)!r} does not end in {SUFFIX}")
    if not out.parent.is_dir():
        raise click.BadParameter(f"--out: there is no folder {str(out.parent)!r}")
    if out.exists():
        with out.open("rb") as file:
            if TICK_FILE.encode() not in file.read(200):
                raise click.BadParameter(
                    f"--out: {str(out)!r} exists and is no tick file; name another file"
                )
