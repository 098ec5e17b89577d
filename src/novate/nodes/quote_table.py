"""Quotes as they stand in a file of an option chain, before anybody judged them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from novate.nodes.csv_file import Bools, Floats
from novate.units import Integers


@dataclass(frozen=True, slots=True)
class QuoteTable:
    """The rows of a file by column, prices in the currency that it quotes in.

    NaN is what was not published.
    """

    path: Path
    lines: Integers
    instrument_names: Sequence[str]
    currencies: Sequence[str]
    taken_at_s: Floats
    is_coin_quoted: Bools
    expiry_s: Integers
    strike: Floats
    is_call: Bools
    bid: Floats
    ask: Floats
    mark: Floats
    mark_iv: Floats
    open_interest: Floats
    published_underlying: Floats
    index_price: Floats
    quoted_at_s: Floats
    field_names: dict[str, str] = field(default_factory=dict)
    """What the file calls a field that is named differently here."""
