"""Option chains from files: three layouts that people publish Deribit's book summary in.

| layout | a file of | known by |
|---|---|---|
| snapshot | both currencies at one instant | `expiry_datetime` and `implied_volatility` |
| sequence | both currencies at many instants, without bid and ask | `snapshot_utc` |
| book summary | one currency, as `get_book_summary_by_currency` tells it | `creation_timestamp` |
| priced book | one currency, in BTC and USD; the instant is not in the file | `T_years` |

An empty price, and a bid or ask of zero, is a side that nobody quotes.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from novate.instruments import parse_expiry
from novate.nodes.csv_file import Bools, CsvFile, FileRefused, Floats, read_csv
from novate.nodes.option_chain import OptionChain, chains_of
from novate.nodes.quote_table import QuoteTable
from novate.units import Instant, Integers

_SYMBOL: Final = re.compile(r"[A-Z][A-Z0-9]*")
_RIGHTS: Final = {"call": True, "C": True, "put": False, "P": False}


def read_option_chains(
    path: Path | str, *, taken_at: Instant | None = None
) -> tuple[OptionChain, ...]:
    """The chains in a file by instant, then currency; the header tells the layout.

    `taken_at` is for a layout that does not say when it was taken, and only for that.

    Raises: FileRefused for a layout nobody knows; a cell that is unreadable, or contradicts the
    instrument's name; a chain of which most is bad. Single bad quotes are in `excluded`.
    """
    file = read_csv(Path(path))
    for mark, layout in _LAYOUTS.items():
        if mark in file.cells:
            needs_instant = mark == _WITHOUT_INSTANT
            if needs_instant != (taken_at is not None):
                what = "does not say when it was taken: say it" if needs_instant else (
                    "says itself when it was taken: do not say it again"
                )  # fmt: skip
                raise FileRefused(file.path, what, field="taken_at")
            return chains_of(layout(file, taken_at))
    known = ", ".join(_LAYOUTS)
    raise FileRefused(file.path, f"is no layout of an option chain: none of {known} is a column")


def _snapshot(file: CsvFile, taken_at: Instant | None) -> QuoteTable:
    names = file.texts("instrument_name")
    table = QuoteTable(
        path=file.path,
        lines=file.lines,
        instrument_names=names,
        currencies=_currencies(file, "currency"),
        taken_at_s=_instants(file, "timestamp"),
        is_coin_quoted=_is_coin_quoted(names),
        expiry_s=_instants(file, "expiry_datetime").astype(np.int64),
        strike=file.numbers("strike"),
        is_call=_is_call(file, "option_type"),
        bid=_side(file, "bid_price"),
        ask=_side(file, "ask_price"),
        mark=file.numbers("mark_price", may_be_empty=True),
        mark_iv=file.numbers("implied_volatility", may_be_empty=True),
        open_interest=file.numbers("open_interest", may_be_empty=True),
        published_underlying=file.numbers("underlying"),
        index_price=file.numbers("index_price", may_be_empty=True),
        quoted_at_s=np.full(len(names), np.nan),
        field_names={
            "bid": "bid_price", "ask": "ask_price", "mark": "mark_price",
            "mark_iv": "implied_volatility", "published_underlying": "underlying",
            "expiry_s": "expiry_datetime",
        },
    )  # fmt: skip
    _require_names(file, table)
    return table


def _sequence(file: CsvFile, taken_at: Instant | None) -> QuoteTable:
    currencies = _currencies(file, "currency")
    expiry_s = _instants(file, "expiry_utc").astype(np.int64)
    strike, is_call = file.numbers("strike"), _is_call(file, "type")
    nothing = np.full(len(strike), np.nan)
    days = {s: f"{datetime.fromtimestamp(s, UTC):%Y-%m-%d}" for s in set(expiry_s.tolist())}
    return QuoteTable(
        path=file.path,
        lines=file.lines,
        instrument_names=[
            f"{currency} {days[expiry]} {at:.10g} {'call' if right else 'put'}"
            for currency, expiry, at, right in zip(
                currencies, expiry_s.tolist(), strike.tolist(), is_call.tolist(), strict=True
            )
        ],
        currencies=currencies,
        taken_at_s=_instants(file, "snapshot_utc"),
        is_coin_quoted=np.ones(len(strike), dtype=bool),
        expiry_s=expiry_s,
        strike=strike,
        is_call=is_call,
        bid=nothing,
        ask=nothing,
        mark=file.numbers("mark_price_coin", may_be_empty=True),
        mark_iv=file.numbers("mark_iv", may_be_empty=True),
        open_interest=file.numbers("open_interest", may_be_empty=True),
        published_underlying=file.numbers("underlying_price"),
        index_price=file.numbers("index_price", may_be_empty=True),
        quoted_at_s=nothing,
        field_names={
            "mark": "mark_price_coin", "published_underlying": "underlying_price",
            "expiry_s": "expiry_utc",
        },
    )  # fmt: skip


def _book_summary(file: CsvFile, taken_at: Instant | None) -> QuoteTable:
    names = file.texts("instrument_name")
    quoted_at_s = file.numbers("creation_timestamp") / 1000
    table = QuoteTable(
        path=file.path,
        lines=file.lines,
        instrument_names=names,
        currencies=_currencies(file, "base_currency"),
        taken_at_s=np.full(len(names), quoted_at_s.max()),
        is_coin_quoted=_is_coin_quoted(names),
        expiry_s=_days(file, "expire_date"),
        strike=file.numbers("strike_price"),
        is_call=_is_call(file, "option_type"),
        bid=_side(file, "bid_price"),
        ask=_side(file, "ask_price"),
        mark=file.numbers("mark_price", may_be_empty=True),
        mark_iv=file.numbers("mark_iv", may_be_empty=True) / 100
        if "mark_iv" in file.cells
        else np.full(len(names), np.nan),
        open_interest=file.numbers("open_interest", may_be_empty=True),
        published_underlying=file.numbers("underlying_price"),
        index_price=file.numbers("estimated_delivery_price", may_be_empty=True),
        quoted_at_s=quoted_at_s,
        field_names={
            "bid": "bid_price", "ask": "ask_price", "mark": "mark_price", "strike": "strike_price",
            "published_underlying": "underlying_price", "index_price": "estimated_delivery_price",
            "quoted_at_s": "creation_timestamp", "expiry_s": "expire_date",
        },
    )  # fmt: skip
    _require_names(file, table)
    return table


def _priced_book(file: CsvFile, taken_at: Instant | None) -> QuoteTable:
    assert taken_at is not None
    names = file.texts("instrument_name")
    nothing = np.full(len(names), np.nan)
    table = QuoteTable(
        path=file.path,
        lines=file.lines,
        instrument_names=names,
        currencies=_currencies(file, "instrument_name"),
        taken_at_s=np.full(len(names), float(taken_at.s)),
        is_coin_quoted=_is_coin_quoted(names),
        expiry_s=_days(file, "expiry_date"),
        strike=file.numbers("strike"),
        is_call=_is_call(file, "type"),
        bid=_side(file, "bid_btc"),
        ask=_side(file, "ask_btc"),
        mark=file.numbers("market_price_btc", may_be_empty=True),
        mark_iv=file.numbers("mark_iv", may_be_empty=True) / 100,
        open_interest=file.numbers("open_interest", may_be_empty=True),
        published_underlying=file.numbers("S0"),
        index_price=nothing,
        quoted_at_s=nothing,
        field_names={
            "bid": "bid_btc", "ask": "ask_btc", "mark": "market_price_btc",
            "published_underlying": "S0", "expiry_s": "expiry_date",
        },
    )  # fmt: skip
    _require_names(file, table)
    return table


_WITHOUT_INSTANT: Final = "T_years"
_LAYOUTS: Final[dict[str, Callable[[CsvFile, Instant | None], QuoteTable]]] = {
    "snapshot_utc": _sequence,
    "implied_volatility": _snapshot,
    "creation_timestamp": _book_summary,
    _WITHOUT_INSTANT: _priced_book,
}


def _require_names(file: CsvFile, table: QuoteTable) -> None:
    """Refuse a row whose columns are about another option than its name."""
    for row, name in enumerate(table.instrument_names):
        parts = name.split("-")
        try:
            named = (
                parts[0].removesuffix("_USDC"),
                parse_expiry(parts[1]).s,
                float(parts[2].replace("d", ".")),
                {"C": True, "P": False}[parts[3]],
            )
            if len(parts) != 4:
                raise ValueError
        except (KeyError, IndexError, ValueError):
            raise file.refusal(
                row, "instrument_name", "is not an option like BTC-26DEC25-85000-P"
            ) from None
        told = (
            table.currencies[row],
            int(table.expiry_s[row]),
            float(table.strike[row]),
            bool(table.is_call[row]),
        )
        if named != told:
            raise file.refusal(
                row, "instrument_name", f"contradicts its row, which is about {told}"
            )


def _is_coin_quoted(names: list[str]) -> Bools:
    return np.array(["_USDC-" not in name for name in names])


def _is_call(file: CsvFile, field: str) -> Bools:
    def read(text: str) -> bool:
        if text not in _RIGHTS:
            raise ValueError
        return _RIGHTS[text]

    return np.array(file.values(field, read, f"one of {', '.join(_RIGHTS)}"), dtype=bool)


def _currencies(file: CsvFile, field: str) -> list[str]:
    """The symbol that a cell is, or that the name in it begins with."""

    def read(text: str) -> str:
        symbol = text.split("-")[0].removesuffix("_USDC")
        if not _SYMBOL.fullmatch(symbol):
            raise ValueError
        return symbol

    return file.values(field, read, "a currency like BTC")


def _instants(file: CsvFile, field: str) -> Floats:
    """Instants in ISO 8601 with a time zone, as seconds since 1970."""

    def read(text: str) -> float:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return moment.timestamp()

    expected = "an instant with a time zone, like 2025-12-05T01:10:18Z"
    return np.array(file.values(field, read, expected))


def _days(file: CsvFile, field: str) -> Integers:
    return np.array(
        file.values(field, lambda text: parse_expiry(text).s, "an expiry like 26DEC25"),
        dtype=np.int64,
    )


def _side(file: CsvFile, field: str) -> Floats:
    """A bid or an ask; zero is how an API writes that there is none."""
    price = file.numbers(field, may_be_empty=True)
    return np.where(price == 0, np.nan, price)
