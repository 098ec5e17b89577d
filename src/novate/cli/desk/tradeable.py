"""Which instruments of a market somebody could trade now, and at what prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.cli.desk.markets import DeskMarket
from novate.instruments import Perpetual
from novate.nodes import OptionChain
from novate.units import Integers

LOTS_E3: Final[Mapping[str, int]] = {"BTC": 100, "ETH": 1_000}
"""Thousandths of a unit that desks trade options in: 0.1 BTC, 1 ETH."""

PERPETUAL_LOT_E3: Final = 1


@dataclass(frozen=True, slots=True, eq=False)
class Quotes:
    """What can be traded in one market: options that are quoted on both sides, the perpetual."""

    row: Integers
    bid_e3: Integers
    """Of the perpetual the index: a chain does not quote it."""
    ask_e3: Integers


def quotes(market: DeskMarket) -> Quotes:
    """The rows that can be traded. In a chain without quotes, those that somebody holds open, at
    their marks; in one that does not know this either, as that of a tick, all of them."""
    chain, listing = market.chain, market.table.listing
    options = np.flatnonzero(listing.is_curved)
    place = _chain_rows(market, options)
    bid, ask = chain.bid[place], chain.ask[place]
    if not (np.isfinite(bid) & np.isfinite(ask)).any():
        open_interest = chain.open_interest[place]
        is_open = (open_interest > 0) | ~np.isfinite(open_interest).any()
        bid = ask = np.where(is_open, chain.mark[place], np.nan)
    known = np.isfinite(bid) & np.isfinite(ask)
    perpetual = [row for row, one in enumerate(listing.instruments) if one.maturity == Perpetual()]
    index_e3 = market.table.market.index_e3
    row = np.append(options[known], perpetual)
    order = np.argsort(row, kind="stable")
    return Quotes(
        row=row[order],
        bid_e3=np.append(_e3(bid[known]), [index_e3] * len(perpetual))[order],
        ask_e3=np.append(_e3(ask[known]), [index_e3] * len(perpetual))[order],
    )


def _chain_rows(market: DeskMarket, options: Integers) -> Integers:
    """Where the chain quotes each option of the listing that was made of it."""
    chain, listing = market.chain, market.table.listing
    node = dict(zip(listing.kink_instrument.tolist(), listing.kink_node.tolist(), strict=True))
    found = _places(chain)
    return np.array(
        [
            found[
                int(listing.expiry_s[listing.group[row]]),
                int(listing.node_strike_e3[node[row]]),
                bool(listing.upside[row]),
            ]
            for row in options.tolist()
        ],
        dtype=np.int64,
    )


def _places(chain: OptionChain) -> dict[tuple[int, int, bool], int]:
    keys = zip(
        chain.expiry_s.tolist(),
        _e3(chain.strike).tolist(),
        chain.is_call.tolist(),
        strict=True,
    )
    return {key: place for place, key in enumerate(keys)}


def _e3(prices: object) -> Integers:
    found: Integers = np.rint(np.asarray(prices) * 1000).astype(np.int64)
    return found
