"""A clearing house's margin in the manner of SPAN: the largest loss of sixteen scenarios in a day.

Source: CME, "Components of SPAN" (scenarios, look-ahead of one trading day) and advisory 08-303 of
2008 (extreme moves of three ranges, covered for 0.33); before that two ranges and 0.35, with which
a published array of a future is reproduced.
Emulated: the ranges and charges of BTC and ETH, which no clearing house publishes for these
contracts. Prices are scanned over Deribit's published range, so that what differs from it is the
method; the volatility range of 35% is that of CME's worked S&P 500 example; the spread charge is
one for all pairs of expiries, on Black-76 deltas instead of composite ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.peers.black76 import price
from benchmarks.peers.deribit_portfolio import unit_deltas
from benchmarks.peers.interface import Books, Floats, Kind, Requirement, Scene

DAY = 1 / 365


@dataclass(frozen=True)
class Parameters:
    """What a clearing house sets for one underlying; parts of the price, or of a vol."""

    price_range: float
    vol_range: float = 0.35
    extreme_ranges: float = 3.0
    extreme_cover: float = 0.33
    spread_charge: float = 0.01
    short_option_minimum: float = 0.01
    initial_of_maintenance: float = 1.10

    def scenarios(self) -> list[tuple[float, float, float]]:
        """Move of the price, factor of the vol, part of the result that counts: in CME's order."""
        both = (1 + self.vol_range, 1 - self.vol_range)
        moves = [0.0]
        for third in (1, 2, 3):
            moves += [self.price_range * third / 3, -self.price_range * third / 3]
        extreme = self.price_range * self.extreme_ranges
        return [(move, vol, 1.0) for move in moves for vol in both] + [
            (extreme, 1.0, self.extreme_cover),
            (-extreme, 1.0, self.extreme_cover),
        ]


EMULATED: Mapping[str, Parameters] = {"BTC": Parameters(0.16), "ETH": Parameters(0.18)}


class Span:
    """SPAN-like margin in US dollars: maintenance is the requirement, initial a part more."""

    def __init__(self, parameters: Mapping[str, Parameters] = EMULATED, name: str = "span") -> None:
        self.name = name
        self.parameters = parameters

    def margin(self, scene: Scene, books: Books) -> Requirement:
        """What each book must hold: scan risk and spread charge, or the least for options sold."""
        scene, books = books.held(scene)
        p, quantities = self.parameters[scene.underlying], books.quantities
        scan = np.maximum(0.0, -(quantities @ self.risk_arrays(scene).T).min(axis=1))
        deltas = quantities * unit_deltas(scene)
        by_expiry = np.stack(
            [deltas[:, scene.expiries == each].sum(axis=1) for each in np.unique(scene.expiries)]
            or [np.zeros(quantities.shape[0])]
        )
        paired = np.minimum(
            np.maximum(by_expiry, 0.0).sum(axis=0), np.maximum(-by_expiry, 0.0).sum(axis=0)
        )
        sold = np.maximum(0.0, -quantities[:, scene.is_option]).sum(axis=1)
        risk = np.maximum(
            scan + paired * p.spread_charge * scene.index_price,
            sold * p.short_option_minimum * scene.index_price,
        )
        return Requirement(risk * p.initial_of_maintenance, risk)

    def risk_arrays(self, scene: Scene) -> Floats:
        """What one unit of each instrument gains in a day: a row per scenario."""
        return np.stack(
            [
                cover * _gains(scene, move, vol)
                for move, vol, cover in self.parameters[scene.underlying].scenarios()
            ]
        )


def _gains(scene: Scene, move: float, vol: float) -> Floats:
    """What one unit of each instrument gains in a day, with its forward and vol moved."""
    is_call = scene.kinds == Kind.CALL
    forwards, tenors = scene.by_instrument(scene.forwards, 1.0), scene.by_instrument(scene.tenors)
    strikes = np.where(scene.is_option, scene.strikes, 1.0)
    later = np.maximum(0.0, tenors - DAY)
    after = price(is_call, forwards * (1 + move), strikes, scene.vols * vol, later)
    options = after - price(is_call, forwards, strikes, scene.vols, tenors)
    return np.where(scene.is_option, options, scene.marks * move)
