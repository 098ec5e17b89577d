"""Option chains from the tick of an oracle: what a quorum agreed on, at strikes of one's own.

A tick has an index, forwards and smiles, but no list of instruments and no quotes. So the chain
made of it holds the strikes that somebody asks about, and a ladder of others around each forward.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from novate.instruments import REGISTRY, Nameless, NameRefused, parse_option
from novate.nodes import FileRefused, OptionChain, read_tick_file
from novate.oracle import AgreedExpiry, Feed, IndexSample, OracleTick, index_samples
from novate.pricing import call_e3, implied_vol_e6, put_e3
from novate.units import Instant, Multiplier, bounds

SUFFIX: Final = ".json"
"""Of a tick file; chains of quotes are CSV."""

UNIT: Final = Multiplier(1000)
LADDER: Final = np.linspace(-2, 2, 9)
"""Standard deviations from the forward at which strikes are made up."""


@dataclass(frozen=True, slots=True, eq=False)
class TickChain:
    """A chain from a tick, and the tick."""

    chain: OptionChain
    tick: OracleTick
    feed: Feed
    samples: tuple[IndexSample, ...]
    """The index prices that the file knows until then: what settles in the last half hour."""
    oracle: str
    """The fingerprint of who reports, for which venue and by which rules."""

    @property
    def confidence_e6(self) -> dict[int, int]:
        """How far to trust each expiry now, by seconds since 1970."""
        return {
            one.expiry.s: one.trust.confidence_e6(self.tick.taken_at) for one in self.feed.expiries
        }


def read_tick_chains(
    path: Path, *, oracle: str | None, at: Instant | None = None, names: Collection[str] = ()
) -> dict[str, TickChain]:
    """The chains of a tick by symbol, at the strikes of the named options; every signature, quorum
    and band of the file is checked.

    `oracle` is the fingerprint that the file must have; `at` the last instant to look at, by
    default the end of the file.

    Raises: FileRefused.
    """
    file = read_tick_file(path, known=oracle)
    past = [tick for tick in file.ticks if at is None or tick.taken_at <= at]
    if not past:
        first = file.ticks[0].taken_at
        raise FileRefused(path, f"has no tick at or before {at}; it begins at {first}")
    tick = past[-1]
    found: dict[str, TickChain] = {}
    for feed in tick.feeds:
        try:
            symbol = REGISTRY.symbol(feed.subject.underlying)
        except Nameless:
            continue
        expiries = [one for one in feed.expiries if one.expiry > tick.taken_at]
        # Of several contracts on one underlying that of one unit, which needs no conversion.
        if expiries and (symbol not in found or feed.subject.multiplier == UNIT):
            chain = _chain(path, symbol, feed, expiries, tick.taken_at, names)
            samples = tuple(index_samples(past, feed.subject))
            found[symbol] = TickChain(chain, tick, feed, samples, file.fingerprint)
    if not found:
        raise FileRefused(path, f"has nothing agreed at {tick.taken_at} that could be margined")
    return found


def _chain(
    path: Path,
    symbol: str,
    feed: Feed,
    expiries: list[AgreedExpiry],
    at: Instant,
    names: Collection[str],
) -> OptionChain:
    """Every strike as a put and a call, without quotes."""
    per_unit = feed.subject.multiplier.e3
    asked = _strikes(symbol, names)
    rows = [
        (agreed, strike, is_call)
        for agreed in expiries
        for strike in sorted({*asked.get(agreed.expiry.s, ()), *_ladder(agreed, per_unit, at)})
        for is_call in (False, True)
    ]
    forward = np.array([agreed.forward.e3 / per_unit for agreed, _, _ in rows])
    nothing = np.full(len(rows), np.nan)
    vols_e6 = [_vol_e6(agreed, strike, per_unit, at) for agreed, strike, _ in rows]
    return OptionChain(
        currency=symbol,
        taken_at_s=float(at.s),
        is_coin_quoted=False,
        source=path,
        lines=np.arange(len(rows), dtype=np.int64),
        instrument_names=tuple("" for _ in rows),
        expiry_s=np.array([agreed.expiry.s for agreed, _, _ in rows], dtype=np.int64),
        strike=np.array([strike for _, strike, _ in rows]),
        is_call=np.array([is_call for _, _, is_call in rows], dtype=bool),
        bid=nothing,
        ask=nothing,
        mark=np.array(
            [
                _mark(agreed, strike, per_unit, at, is_call, vol_e6)
                for (agreed, strike, is_call), vol_e6 in zip(rows, vols_e6, strict=True)
            ]
        ),
        mark_iv=np.array(vols_e6) / 1e6,
        open_interest=nothing,
        published_underlying=forward,
        index_price=np.full(len(rows), feed.index.price.e3 / per_unit),
        forward=forward,
    )


def _strikes(symbol: str, names: Iterable[str]) -> dict[int, set[float]]:
    """The strikes of the named options of an underlying, by expiry."""
    found: dict[int, set[float]] = {}
    for name in names:
        if name.startswith(f"{symbol}_USDC-"):
            try:
                option = parse_option(name, UNIT)
            except (NameRefused, ValueError):
                continue
            found.setdefault(option.expiry.s, set()).add(option.strike.e3 / 1000)
    return found


def _ladder(agreed: AgreedExpiry, per_unit: int, at: Instant) -> list[float]:
    """Round strikes around a forward."""
    tenor_s = agreed.expiry.s - at.s
    forward = agreed.forward.e3 / per_unit
    width = _vol_e6(agreed, forward, per_unit, at) / 1e6 * np.sqrt(tenor_s / bounds.YEAR_S)
    return [float(f"{forward * np.exp(step * width):.3g}") for step in LADDER]


def _vol_e6(agreed: AgreedExpiry, strike: float, per_unit: int, at: Instant) -> int:
    strike_e3 = max(round(strike * per_unit), 1)
    return int(implied_vol_e6(agreed.smile, agreed.forward.e3, strike_e3, agreed.expiry.s - at.s))


def _mark(
    agreed: AgreedExpiry, strike: float, per_unit: int, at: Instant, is_call: bool, vol_e6: int
) -> float:
    strike_e3 = max(round(strike * per_unit), 1)
    price = call_e3 if is_call else put_e3
    return int(price(agreed.forward.e3, strike_e3, vol_e6, agreed.expiry.s - at.s)) / per_unit
