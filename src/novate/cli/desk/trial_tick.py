"""A tick made of an option chain by publishers who are all the same person: for trying out.

Each publisher fits the chain without some of its strikes, another some each, so that their smiles
differ a little, as those of publishers with data of their own do.
"""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import numpy as np

from novate.field import word_bytes
from novate.keys import Domain, public_key
from novate.nodes import (
    AlreadySigned,
    FileRefused,
    FitSource,
    OptionChain,
    ShownReports,
    TickFile,
    TickPublisher,
    feed_report,
    fit_surface,
    read_tick_file,
    write_tick_file,
)
from novate.oracle import (
    FeedParameters,
    OracleParameters,
    ReportRefused,
    SignedTickReport,
    Source,
    SourceQuote,
    TickReport,
)
from novate.units import Instant, OutOfRange, Price, bounds

SECRET_BYTES: Final = 32
APART_S: Final = 60
"""Chains of one tick are taken within so many seconds: older sources would not be heard."""


@dataclass(frozen=True, slots=True)
class Signers:
    """The keys that sign, and where it is written down what they signed."""

    secrets: tuple[bytes, ...]
    journals: Path | None
    """None for keys that are thrown away after their one report."""

    @classmethod
    def thrown_away(cls, count: int) -> "Signers":
        """Fresh keys, which nobody keeps."""
        return cls(tuple(secrets.token_bytes(SECRET_BYTES) for _ in range(count)), None)

    @classmethod
    def read(cls, path: Path) -> "Signers":
        """The private keys of a file, one of 32 bytes in hexadecimal a line; what they sign is
        written down in the folder beside it.

        Raises: FileRefused, which never shows a key.
        """
        found: list[bytes] = []
        for line, text in enumerate(path.read_text(errors="replace").split("\n"), start=1):
            if text.strip():
                found.append(_private_key(path, line, text.strip()))
                if found[-1] in found[:-1]:
                    raise FileRefused(path, "is a key that is told before", line=line)
        if not 0 < len(found) <= bounds.PUBLISHERS_MAX:
            raise FileRefused(path, f"has {len(found)} keys, not 1 to {bounds.PUBLISHERS_MAX}")
        return cls(tuple(found), path.with_name(f"{path.name}.journals"))


def write_trial_tick(
    out: Path,
    chains: Mapping[str, OptionChain],
    index: Mapping[str, float],
    signers: Signers,
    *,
    domain: Domain,
    sources: int,
    fit_to: FitSource,
) -> TickFile:
    """One tick of some chains, signed by every key, in a file that was read again.

    The index of each chain stands for so many sources.

    Raises: FileRefused for chains of which no report can be made; NothingToFit; click.UsageError
    when a key has signed of that second or later.
    """
    at = _instant(chains)
    reports = [
        _report(_seen(chains, place, len(signers.secrets)), index, at, sources, fit_to)
        for place in range(len(signers.secrets))
    ]
    signed = _signed(reports, signers, domain)
    count = len(signed)
    quorum = count // 2 + 1
    parameters = OracleParameters(
        publishers=tuple(one.key.commitment for one in signed),
        quorum=quorum,
        unlock_quorum=min(quorum + 1, count),
        feeds=tuple(
            FeedParameters(feed.subject, tuple(Source(one.source) for one in feed.sources))
            for feed in reports[0].feeds
        ),
    )
    write_tick_file(out, domain, parameters, [ShownReports(at, signed)])
    return read_tick_file(out)


def _private_key(path: Path, line: int, text: str) -> bytes:
    """The key of a line, which no refusal shows."""
    try:
        secret = bytes.fromhex(text.removeprefix("0x"))
        public_key(secret)
    except ValueError:
        secret = b""
    # What is shorter would be taken as a key with zeros before it.
    if len(secret) != SECRET_BYTES:
        raise FileRefused(path, "is no private key of 32 bytes", line=line)
    return secret


def _instant(chains: Mapping[str, OptionChain]) -> Instant:
    """The next whole second after all chains."""
    taken = {symbol: chain.taken_at_s for symbol, chain in chains.items()}
    if max(taken.values()) - min(taken.values()) > APART_S:
        told = ", ".join(f"{symbol} at {Instant(round(one))}" for symbol, one in taken.items())
        raise click.UsageError(
            f"the chains are more than {APART_S} s apart: {told}; next: one at a time with --symbol"
        )
    return Instant(ceil(max(taken.values())))


def _seen(chains: Mapping[str, OptionChain], place: int, count: int) -> list[OptionChain]:
    """The chains as one publisher sees them: without every so manieth strike, if there are more."""
    if count == 1:
        return list(chains.values())
    return [
        chain.where(~np.isin(chain.strike, np.unique(chain.strike)[place :: 2 * count]))
        for chain in chains.values()
    ]


def _report(
    chains: Sequence[OptionChain],
    index: Mapping[str, float],
    at: Instant,
    sources: int,
    fit_to: FitSource,
) -> TickReport:
    feeds = []
    for chain in chains:
        try:
            price = Price(round(index[chain.currency] * 1000))
            seen = [SourceQuote(number + 1, price, at) for number in range(sources)]
            fitted = fit_surface(chain, source=fit_to)
            feeds.append(feed_report(chain, fitted, seen, published_at=at))
        except (ReportRefused, OutOfRange) as error:
            raise FileRefused(chain.source, f"makes no report: {error}") from None
    return TickReport(at, tuple(sorted(feeds, key=lambda feed: feed.subject)))


def _signed(
    reports: Sequence[TickReport], signers: Signers, domain: Domain
) -> tuple[SignedTickReport, ...]:
    with ExitStack() as stack:
        folder = signers.journals
        if folder is None:
            folder = Path(stack.enter_context(TemporaryDirectory()))
        folder.mkdir(exist_ok=True)
        signed = []
        for report, secret in zip(reports, signers.secrets, strict=True):
            key = word_bytes(public_key(secret).commitment).hex()
            journal = folder / f"{domain.chain_id}-{domain.contract.hex()}-{key}"
            publisher = TickPublisher(domain=domain, secret=secret, journal=journal)
            try:
                signed.append(stack.enter_context(publisher).publish(report))
            except AlreadySigned as error:
                raise click.UsageError(f"key {len(signed) + 1}: {error}") from None
        return tuple(signed)
