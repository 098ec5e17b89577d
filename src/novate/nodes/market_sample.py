"""A real options chain that ships with the package: BTC puts of one expiry, with their source."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

from novate.instruments import Option, parse_option
from novate.units import Instant, Multiplier, Price

FILE: Final = "btc_puts_2025-12-05.csv"

TAKEN_AT: Final = Instant(int(datetime(2025, 12, 5, 1, 10, 18, tzinfo=UTC).timestamp()))
"""When the chain looked like this."""

SOURCE: Final = "github.com/GitHubAvailable/heston-bitcoin-pricing at 2b42b2a, MIT licence"

MULTIPLIER: Final = Multiplier(10)
"""One contract is 0.01 BTC: our choice, the source's contracts are 1 BTC."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A put of the sample, per contract of ours and paid in USDC."""

    instrument_name: str
    option: Option
    underlying: Decimal
    """What a BTC for the option's expiry costs, in USD."""
    mark: Price
    mark_iv: Decimal
    """Per cent a year."""
    bid: Price
    ask: Price


@lru_cache(maxsize=1)
def market_sample() -> tuple[Quote, ...]:
    """The quotes by ascending strike."""
    text = (files("novate.nodes") / "sample" / FILE).read_text(encoding="ascii")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    quotes = tuple(_quote(row) for row in csv.DictReader(lines))
    assert all(a.option.strike < b.option.strike for a, b in pairwise(quotes))
    return quotes


def _quote(row: dict[str, str]) -> Quote:
    # `BTC-26DEC25-88000-P` is paid in BTC; its sister that is paid in USDC has a name of its own.
    name = row["instrument_name"].replace("BTC-", "BTC_USDC-", 1)
    underlying = Decimal(row["underlying_price"])
    return Quote(
        instrument_name=name,
        option=parse_option(name, MULTIPLIER),
        underlying=underlying,
        mark=price_per_contract(Decimal(row["mark_price_btc"]), underlying),
        mark_iv=Decimal(row["mark_iv"]),
        bid=price_per_contract(Decimal(row["bid_btc"]), underlying),
        ask=price_per_contract(Decimal(row["ask_btc"]), underlying),
    )


def price_per_contract(price_btc: Decimal, underlying: Decimal) -> Price:
    """A price in BTC per BTC as USD per contract, to the nearest 0.001 USD, halves to even."""
    # milli-USD per contract = BTC x USD per BTC x milli-BTC per contract: the two milli cancel out.
    exact_e3 = price_btc * underlying * MULTIPLIER.e3
    return Price(int(exact_e3.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)))
