"""`novate risk tick`: a file of signed reports from a chain, to try out what one is good for."""

import os
from pathlib import Path
from typing import Any, Final

import click

from novate.cli.desk.chains import chosen_chains, day_of, index_of
from novate.cli.desk.figures import figures_table, show, show_json
from novate.cli.desk.flags import (
    FILE,
    at_flag,
    count_flag,
    fit_flag,
    index_flag,
    json_flag,
    symbol_flag,
)
from novate.cli.desk.option_values import unused, venue_of
from novate.cli.desk.out_file import out_flag, require_free, writing
from novate.cli.desk.tick_chain import SUFFIX
from novate.cli.desk.trial_tick import Signers, write_trial_tick
from novate.cli.render import percent
from novate.cli.talk import Talk
from novate.instruments import REGISTRY
from novate.keys import Domain
from novate.nodes import TICK_FILE, FitSource, TickFile
from novate.oracle import AgreedExpiry, Feed
from novate.pricing import implied_vol_e6
from novate.units import Instant, Rate, bounds

PUBLISHERS: Final = 3
TRIAL_VENUE: Final = Domain(31_337, bytes(20))
"""Nobody's: a development chain and the contract of zeros."""


@click.command(short_help="Signed reports from a chain, by throw-away keys: for trying out.")
@click.option("--chain", "path", type=FILE, required=True, help="The option chain.")
@at_flag
@symbol_flag
@index_flag()
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
@count_flag(
    "--sources",
    "How many sources the one index price stands for.",
    default=3,
    high=bounds.SOURCES_MAX,
)
@fit_flag
@click.option(
    "--venue",
    callback=venue_of,
    metavar="CHAIN_ID:CONTRACT",
    help="The venue that the reports are for.  [default: nobody's]",
)
@out_flag(f"ticks{SUFFIX}")
@json_flag
def tick(
    path: Path,
    at: Instant | None,
    symbol: str | None,
    index: dict[str, float],
    publishers: int | None,
    keys: Path | None,
    sources: int,
    fit_to: FitSource,
    venue: Domain | None,
    out: Path,
    as_json: bool,
) -> None:
    """Write one tick of an oracle, made from a chain, for the other commands' --tick.

    For trying out: all publishers are you, their smiles differ because each leaves out other
    strikes, and one index price stands for all sources. Who signs with keys made for the moment
    proves nothing to anybody.
    """
    if out.suffix != SUFFIX:
        raise click.BadParameter(f"{str(out)!r} does not end in {SUFFIX}", param_hint="'--out'")
    require_free(out, mark=TICK_FILE, what="tick file")
    if keys and publishers:
        raise click.UsageError("--publishers and --keys exclude each other: every key signs")
    signers = Signers.read(keys) if keys else Signers.thrown_away(publishers or PUBLISHERS)
    chosen = chosen_chains(path, at, symbol)
    talk = Talk(quiet=as_json)
    prices = {}
    for name, chain in chosen.items():
        prices[name], assumed = index_of(name, chain, index.get(name))
        for notice in assumed:
            talk.line("notice", notice, style="yellow")
    for notice in unused("--index", index, chosen):
        talk.line("notice", notice, style="yellow")
    with writing(out):
        written = write_trial_tick(
            out,
            chosen,
            prices,
            signers,
            domain=venue or TRIAL_VENUE,
            sources=sources,
            fit_to=fit_to,
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


def _table(feed: Feed, written: TickFile) -> Any:
    now = written.last.taken_at
    return figures_table(
        f"{_symbol(feed)}: index {feed.index.price.e3 / 1000:,.2f} USD of {feed.index.sources} "
        "sources; as agreed",
        ("", "days", "forward, USD", "at the money", "rate a year", "confidence"),
        [
            (
                day_of(one.expiry.s),
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
                        "expiry": day_of(one.expiry.s),
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
