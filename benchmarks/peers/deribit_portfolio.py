"""Deribit's portfolio margin: 27 scenarios, an extended table, and a charge for rolling deltas.

Source: parameters and outputs of `private/pme/simulate` (docs.deribit.com), the support article
"Portfolio Margin" (25944756247837); reference/margin.md, 2.2.
Verified: both published outputs, in coins and to 1e-9: risk vectors, extended table, worst case,
roll shock, initial and maintenance margin. They hold futures and perpetuals only.
Emulated: everything about options (Deribit publishes no risk vector of one); the account in US
dollars, with the parameters of the coin account of the same underlying; the order of the extended
table's fraction and dampener. One currency, so nothing is correlated or offset between two.
Not published: the charge for deltas above 20 million dollars. Such books are refused.
The dampener waives fixed dollars of every tail, so what a book is charged depends on its size.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.peers.black76 import delta, price
from benchmarks.peers.interface import Books, Floats, Kind, Requirement, Scene

DAYS_A_YEAR = 365.0
SECOND = 1 / 31_536_000
EXTENDED = np.array([-0.66, -0.33, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0])


@dataclass(frozen=True)
class Parameters:
    """As `model_params` names them; those of BTC in June 2024."""

    price_range: float = 0.16
    volatility_range_up: float = 0.50
    volatility_range_down: float = 0.25
    min_volatility_for_shock_up: float = 0.50
    short_term_vega_power: float = 0.30
    long_term_vega_power: float = 0.13
    buckets_count: int = 4
    extended_table_factor: float = 1.0
    extended_dampener: float = 100_000.0
    annualised_move_risk: float = 0.075
    min_annualised_move: float = 0.01
    delta_total_liq_shock_threshold: float = 20_000_000.0
    mm_factor: float = 0.8
    pnl_offset: float = 1.0


PUBLISHED: Mapping[str, Parameters] = {
    "BTC": Parameters(),
    "ETH": Parameters(
        price_range=0.18,
        volatility_range_up=0.40,
        extended_dampener=200_000.0,
        annualised_move_risk=0.05,
        min_annualised_move=0.005,
    ),
}
"""BTC: the API reference's example, June 2024. ETH: an account's response, February 2026."""


class NotPublished(ValueError):
    """A book that meets a rule which Deribit does not publish."""


@dataclass(frozen=True)
class Assessment:
    """Per book, in the account's currency; gains are positive, shocks too."""

    standard: Floats
    extended: Floats
    roll_shock: Floats

    @property
    def worst_case(self) -> Floats:
        """The largest loss of both tables."""
        worst = np.minimum(self.standard.min(axis=1), self.extended.min(axis=1))
        return np.maximum(0.0, -worst)


class DeribitPortfolio:
    """Deribit portfolio margin, of an account in US dollars or in the coin (`in_coin`)."""

    def __init__(
        self,
        parameters: Mapping[str, Parameters] = PUBLISHED,
        name: str = "deribit_portfolio",
        in_coin: bool = False,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.in_coin = in_coin

    def margin(self, scene: Scene, books: Books) -> Requirement:
        """What each book must hold; in coins where the account is.

        Raises: NotPublished.
        """
        assessed = self.assess(scene, books)
        # In both published outputs the worst case is a number of 1e-9 coins before it is added.
        worst = assessed.worst_case.round(9) if self.in_coin else assessed.worst_case
        initial = worst + assessed.roll_shock
        return Requirement(initial, initial * self.parameters[scene.underlying].mm_factor)

    def assess(self, scene: Scene, books: Books) -> Assessment:
        """Both tables, after offset and dampener, and the roll shock."""
        scene, books = books.held(scene)
        p = self.parameters[scene.underlying]
        standard = books.quantities @ self.risk_vectors(scene).T
        standard = np.where(standard > 0, standard * p.pnl_offset, standard)
        extended = books.quantities @ self.extended_vectors(scene).T
        unit = scene.index_price if self.in_coin else 1.0
        waived = (np.abs(EXTENDED) / p.price_range - 1) * p.extended_dampener / unit
        extended = np.sign(extended) * np.maximum(0.0, np.abs(extended) - waived)
        return Assessment(standard, extended, self._roll_shock(scene, books.quantities))

    def moves(self, scene: Scene) -> Floats:
        """The buckets of the price range, from its bottom to its top."""
        p = self.parameters[scene.underlying]
        return p.price_range * np.arange(-p.buckets_count, p.buckets_count + 1) / p.buckets_count

    def risk_vectors(self, scene: Scene) -> Floats:
        """What one unit of each instrument gains: a row per bucket and vol (up, same, down)."""
        vols = self._vols(scene)
        rows = []
        for move in self.moves(scene):
            gained = np.stack([_gains(scene, move, each) for each in vols])
            if self.in_coin:
                # An option is held in coins, whose own price moves under what it was worth.
                revalued = 1 / (1 + move) - 1
                worth = np.where(scene.is_option, _values(scene, 0.0, scene.vols), 0.0)
                gained = _in_coins(scene, gained, move) + worth / scene.index_price * revalued
            rows.append(gained)
        return np.concatenate(rows)

    def extended_vectors(self, scene: Scene) -> Floats:
        """What counts of a gain in each extended move: as much as lets a future lose the range."""
        p = self.parameters[scene.underlying]
        up = self._vols(scene)[0]
        rows = []
        for move in EXTENDED:
            gained = _gains(scene, move, up) * p.extended_table_factor * p.price_range / abs(move)
            if self.in_coin:
                gained = _in_coins(scene, gained, np.sign(move) * p.price_range)
            rows.append(gained)
        return np.stack(rows)

    def _vols(self, scene: Scene) -> tuple[Floats, Floats, Floats]:
        """Each instrument's vol shocked up, as it is, and shocked down."""
        p = self.parameters[scene.underlying]
        days = np.maximum(scene.by_instrument(scene.tenors), SECOND) * DAYS_A_YEAR
        power = np.where(days < 30, p.short_term_vega_power, p.long_term_vega_power)
        stretch = (30 / days) ** power
        up = scene.vols * (1 + p.volatility_range_up * stretch)
        down = scene.vols * (1 - p.volatility_range_down * stretch)
        return np.maximum(up, p.min_volatility_for_shock_up), scene.vols, np.maximum(down, 0.0)

    def _roll_shock(self, scene: Scene, quantities: Floats) -> Floats:
        """What the deltas of each expiry lose when it moves against the others."""
        p = self.parameters[scene.underlying]
        unit = 1.0 if self.in_coin else scene.index_price
        deltas = quantities * unit_deltas(scene)
        total = np.abs(deltas.sum(axis=1)) * scene.index_price
        limit = p.delta_total_liq_shock_threshold
        if np.any(total > limit):
            raise NotPublished(
                f"a delta of {total.max():,.0f} USD, above {limit:,.0f}: Deribit does not publish "
                "its charge; next: scale the book down"
            )
        shock = np.zeros(quantities.shape[0])
        for expiry in np.unique(scene.expiries):
            tenor = 0.0 if expiry < 0 else scene.tenors[expiry]
            move = max(p.min_annualised_move, p.annualised_move_risk * tenor)
            shock += np.abs(deltas[:, scene.expiries == expiry].sum(axis=1)) * move * unit
        return shock


def unit_deltas(scene: Scene) -> Floats:
    """The delta of one unit of each instrument, in coins."""
    return np.where(
        scene.is_option,
        delta(
            scene.kinds == Kind.CALL,
            scene.by_instrument(scene.forwards, 1.0),
            np.where(scene.is_option, scene.strikes, 1.0),
            scene.vols,
            scene.by_instrument(scene.tenors),
        ),
        1.0,
    )


def _values(scene: Scene, move: float, vols: Floats) -> Floats:
    """What one unit of each option is worth after a move of its forward, in dollars."""
    return price(
        scene.kinds == Kind.CALL,
        scene.by_instrument(scene.forwards, 1.0) * (1 + move),
        np.where(scene.is_option, scene.strikes, 1.0),
        vols,
        scene.by_instrument(scene.tenors),
    )


def _gains(scene: Scene, move: float, vols: Floats) -> Floats:
    """What one unit of each instrument gains in a move, in dollars."""
    options = _values(scene, move, vols) - _values(scene, 0.0, scene.vols)
    return np.where(scene.is_option, options, scene.marks * move)


def _in_coins(scene: Scene, gained: Floats, move: float) -> Floats:
    """Dollars gained, as the coins that they buy after the index has moved.

    Futures trade at their own price: one coin of them is worth the mark, not the index.
    """
    own = np.where(scene.is_option, 1.0, scene.index_price / scene.marks)
    return gained * own / (scene.index_price * (1 + move))
