"""An option chain as a source published it: the quotes of one currency at one instant.

What is merely a bad quote in a good chain is left out and listed with its reason; when one reason
leaves out more than half of a chain the fault is the file's, as with prices in the wrong unit.
"""

from collections import Counter
from dataclasses import dataclass, fields, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from novate.nodes.bad_quotes import judged
from novate.nodes.csv_file import Bools, Exclusion, FileRefused, Floats
from novate.nodes.parity import parity_forwards
from novate.nodes.quote_table import QuoteTable
from novate.units import Integers


@dataclass(frozen=True, slots=True)
class OptionChain:
    """Quotes of one currency at one instant, sorted by expiry, strike, and puts before calls.

    Prices are USD per unit of the underlying; NaN is what was not published. A quote in the coin is
    made USD by the forward of its expiry, as the venue makes it the other way round.
    """

    currency: str
    """The symbol of the underlying, `BTC`."""
    taken_at_s: float
    """Seconds since 1970, with the decimals that the source gives."""
    is_coin_quoted: bool
    """The source quotes and settles in the coin."""
    source: Path
    lines: Integers
    instrument_names: tuple[str, ...]
    """As the source spells them."""
    expiry_s: Integers
    strike: Floats
    is_call: Bools
    bid: Floats
    ask: Floats
    mark: Floats
    mark_iv: Floats
    """A fraction of one a year: 0.53, not 53."""
    open_interest: Floats
    published_underlying: Floats
    """Near the forward, but not what the marks were made with."""
    index_price: Floats
    forward: Floats
    """Of each quote's expiry, by put-call parity of the marks, else of mid prices; else NaN."""
    excluded: tuple[Exclusion, ...] = ()

    @property
    def tenor_s(self) -> Floats:
        """Seconds to expiry; a year has 31,536,000."""
        return self.expiry_s.astype(np.float64) - self.taken_at_s

    @property
    def forwards(self) -> dict[int, float]:
        """The forward of each expiry that has one, by expiry in seconds since 1970."""
        known = np.isfinite(self.forward)
        return dict(zip(self.expiry_s[known].tolist(), self.forward[known].tolist(), strict=True))

    @property
    def index(self) -> float:
        """The median of the index prices that came with the quotes; NaN when there are none."""
        known = self.index_price[np.isfinite(self.index_price)]
        return float(np.median(known)) if len(known) else np.nan

    @property
    def exclusion_counts(self) -> Counter[str]:
        """How many quotes were left out for each reason."""
        return Counter(excluded.reason for excluded in self.excluded)

    def where(self, chosen: Bools | Integers) -> "OptionChain":
        """The chain with only the chosen rows."""
        names = np.array(self.instrument_names, dtype=object)[chosen].tolist()
        arrays = {
            item.name: getattr(self, item.name)[chosen]
            for item in fields(self)
            if isinstance(getattr(self, item.name), np.ndarray)
        }
        return replace(self, instrument_names=tuple(names), **arrays)

    def at(self, taken_at_s: float) -> "OptionChain":
        """The same quotes as of another clock."""
        return replace(self, taken_at_s=taken_at_s)


def chains_of(table: QuoteTable) -> tuple[OptionChain, ...]:
    """The chains of a table by instant and currency, judged, with forwards, in USD.

    Raises: FileRefused when one reason leaves out more than half of a chain, or nothing remains.
    """
    keys = [
        (float(at), currency, bool(is_coin_quoted))
        for at, currency, is_coin_quoted in zip(
            table.taken_at_s, table.currencies, table.is_coin_quoted, strict=True
        )
    ]
    rows = sorted(range(len(keys)), key=lambda row: (keys[row], row))
    return tuple(
        _chain(table, np.array(list(group), dtype=np.int64))
        for _, group in groupby(rows, key=lambda row: keys[row])
    )


def _chain(table: QuoteTable, rows: Integers) -> OptionChain:
    kept, excluded = judged(table, rows)
    first = int(rows[0])
    if not len(kept):
        raise FileRefused(
            table.path,
            f"has no quote of {table.currencies[first]} left: {excluded[0]}",
            line=int(table.lines[first]),
        )
    order = np.lexsort((table.is_call[kept], table.strike[kept], table.expiry_s[kept]))
    kept = kept[order]
    is_coin_quoted = bool(table.is_coin_quoted[first])
    prices = {name: getattr(table, name)[kept] for name in ("bid", "ask", "mark")}
    forward = parity_forwards(table, kept)
    # Without a pair of call and put the source's underlying is the best there is to convert with.
    usd = np.where(np.isfinite(forward), forward, table.published_underlying[kept])
    return OptionChain(
        currency=table.currencies[first],
        taken_at_s=float(table.taken_at_s[first]),
        is_coin_quoted=is_coin_quoted,
        source=table.path,
        lines=table.lines[kept],
        instrument_names=tuple(table.instrument_names[row] for row in kept.tolist()),
        expiry_s=table.expiry_s[kept],
        strike=table.strike[kept],
        is_call=table.is_call[kept],
        **{name: price * usd if is_coin_quoted else price for name, price in prices.items()},
        mark_iv=table.mark_iv[kept],
        open_interest=table.open_interest[kept],
        published_underlying=table.published_underlying[kept],
        index_price=table.index_price[kept],
        forward=forward,
        excluded=tuple(sorted(excluded, key=lambda out: out.line)),
    )
