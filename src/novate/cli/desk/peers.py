"""What other venues would ask for the same holdings, by the models in a checkout's `benchmarks`.

They are floats and emulations, for comparison alone, so no wheel carries them: what novate asks
never depends on them.
"""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

import novate
from novate.cli.desk.holding import Holding
from novate.risk import Positions
from novate.units import Instant, NamedError, Usd, bounds

ALIASES: Final = {"deribit": "deribit_portfolio", "derive": "derive_pmrm2"}
"""What a desk calls the model that a venue uses by default for portfolios."""

CHECKOUT: Final = Path(novate.__file__).resolve().parents[2]


class PeersAbsent(NamedError, ValueError):
    """The models of other venues are not part of what is installed."""

    def __init__(self) -> None:
        super().__init__(
            f"no models of other venues in {CHECKOUT / 'benchmarks' / 'peers'}; next: run from a "
            "checkout of the repository, which has them, or leave --beside out"
        )


class UnknownPeer(ValueError):
    """A name of no model."""


@dataclass(frozen=True, slots=True)
class PeerMargin:
    """What another venue's model asks for the holdings in all underlyings, added up."""

    model: str
    initial: Usd
    maintenance: Usd
    remark: str = ""
    """Why there is no figure, when there is none: the amounts are zero then."""


def peer_margins(names: list[str], holdings: dict[str, Holding]) -> list[PeerMargin]:
    """The margin of each named model for the holdings.

    Raises: PeersAbsent, UnknownPeer.
    """
    if not (CHECKOUT / "benchmarks" / "peers" / "__init__.py").is_file():
        raise PeersAbsent
    if str(CHECKOUT) not in sys.path:
        sys.path.append(str(CHECKOUT))
    peers = importlib.import_module("benchmarks.peers")
    models = {model.name: model for model in peers.PEERS}
    for name in names:
        if ALIASES.get(name, name) not in models:
            known = ", ".join([*ALIASES, *models])
            raise UnknownPeer(f"no model {name!r} of another venue; next: choose of {known}")
    return [
        _peer_margin(peers, ALIASES.get(name, name), models[ALIASES.get(name, name)], holdings)
        for name in names
    ]


def _peer_margin(peers: Any, name: str, model: Any, holdings: dict[str, Holding]) -> PeerMargin:
    initial = maintenance = 0.0
    for symbol, holding in holdings.items():
        try:
            asked = model.margin(_scene(peers, symbol, holding), _books(peers, holding.positions))
        except ValueError as error:
            return PeerMargin(name, Usd(0), Usd(0), remark=f"{symbol}: {error}")
        initial += float(asked.initial[0])
        maintenance += float(asked.maintenance[0])
    return PeerMargin(name, Usd(round(initial * 1e6)), Usd(round(maintenance * 1e6)))


def _scene(peers: Any, symbol: str, holding: Holding) -> Any:
    """The market as the models read it: USD per unit, the instruments held alone."""
    table, rows = holding.market.table, holding.positions.row
    listing, market = table.listing, table.market
    kinds, strikes, vols = [], [], []
    node_of = dict(zip(listing.kink_instrument.tolist(), listing.kink_node.tolist(), strict=True))
    for row in rows.tolist():
        if not listing.is_curved[row]:
            is_dated = isinstance(listing.instruments[row].maturity, Instant)
            kinds.append(peers.Kind.FUTURE if is_dated else peers.Kind.PERPETUAL)
            strikes.append(0.0)
            vols.append(0.0)
            continue
        kinds.append(peers.Kind.CALL if listing.upside[row] else peers.Kind.PUT)
        strikes.append(float(listing.node_strike_e3[node_of[row]]) / 1000)
        vols.append(float(market.vol_e6[node_of[row]]) / 1e6)
    return peers.Scene(
        underlying=symbol,
        index_price=market.index_e3 / 1000,
        forwards=market.forward_e3[1:] / 1000,
        tenors=market.tenor_s[1:] / bounds.YEAR_S,
        kinds=np.array(kinds),
        expiries=listing.group[rows] - 1,
        strikes=np.array(strikes),
        vols=np.array(vols),
        marks=table.mark_e3[rows] / 1000,
    )


def _books(peers: Any, positions: Positions) -> Any:
    return peers.Books.of(positions.quantity_e3 / 1000)
