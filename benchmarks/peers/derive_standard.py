"""Derive's standard margin: each option alone, or the largest loss of its expiry if that is less.

Source: `StandardManager.sol` of derivexyz/v2-core @ 7736900, read for its behaviour; parameters of
BTC and ETH as `scripts/config-mainnet.sol` sets them.
Verified: MM, IM and value of 28 published portfolios, to 1e-12 of their size.
Emulated: a dated future counts as a perpetual at its forward, as Derive lists none.
"""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.peers.black76 import price
from benchmarks.peers.interface import Books, Floats, Kind, Requirement, Scene


@dataclass(frozen=True)
class Parameters:
    """What Derive's governance sets, as parts of the spot price unless the name says otherwise."""

    perpetual_initial: float = 0.10
    perpetual_maintenance: float = 0.065
    option_max: float = 0.15
    option_min: float = 0.13
    call_maintenance: float = 0.09
    put_maintenance: float = 0.09
    put_maintenance_of_mark: float = 0.09
    unpaired_initial: float = 1.2
    unpaired_maintenance: float = 1.1
    put_initial_of_maintenance: float = 1.05
    confidence_threshold: float = 0.55
    confidence_factor: float = 1.0
    peg_threshold: float = 0.99
    peg_factor: float = 2.0
    base_factor: float = 0.0
    base_initial_factor: float = 1.0


V3 = replace(Parameters(), perpetual_initial=0.066, perpetual_maintenance=0.05)
"""With the perpetuals of docs.derive.xyz, Standard Margin Parameters, BTC and ETH. The rest of that
page could not be read: options are those of the script."""


@dataclass(frozen=True)
class Margins:
    """What Derive adds to cash, per book: negative where cash is needed; and options' worth."""

    initial: Floats
    maintenance: Floats
    option_value: Floats


class DeriveStandard:
    """Derive standard margin in US dollars."""

    def __init__(self, parameters: Parameters | None = None, name: str = "derive_standard") -> None:
        self.name = name
        self.parameters = parameters or Parameters()

    def margin(self, scene: Scene, books: Books) -> Requirement:
        """What each book must hold: options bought are worth their mark, and back nothing."""
        margins = self.margins(scene, books)
        marked = books.quantities @ scene.option_marks
        return Requirement(marked - margins.initial, marked - margins.maintenance)

    def margins(self, scene: Scene, books: Books, base: float = 0.0) -> Margins:
        """Sums over the market's instruments; each book also holds `base` coins as collateral."""
        scene, books = books.held(scene)
        quantities = books.quantities
        initial, maintenance = self._linear(scene, quantities)
        value = np.zeros(quantities.shape[0])
        for expiry in np.unique(scene.expiries[scene.is_option]):
            columns = scene.is_option & (scene.expiries == expiry)
            of_expiry = self._expiry(scene.take(columns), quantities[:, columns], expiry)
            initial, maintenance = initial + of_expiry[0], maintenance + of_expiry[1]
            value = value + of_expiry[2]
        initial -= self._peg_loss(scene, quantities)
        of_base = self._base(scene, base)
        return Margins(initial + of_base[0], maintenance + of_base[1], value)

    def _linear(self, scene: Scene, quantities: Floats) -> tuple[Floats, Floats]:
        """Initial and maintenance of perpetuals, at the price of the perpetual."""
        p, linear = self.parameters, ~scene.is_option
        sizes = np.abs(quantities[:, linear])
        notional = sizes @ scene.marks[linear]
        doubt = self._doubt(min(scene.perpetual_confidence, scene.index_confidence))
        unsure = doubt * scene.index_price * sizes.sum(axis=1)
        return -notional * p.perpetual_initial - unsure, -notional * p.perpetual_maintenance

    def _expiry(
        self, options: Scene, quantities: Floats, expiry: int
    ) -> tuple[Floats, Floats, Floats]:
        """Initial, maintenance and value of one expiry's options."""
        p, is_call = self.parameters, options.kinds == Kind.CALL
        forward, tenor = options.forwards[expiry], options.tenors[expiry]
        marks = price(is_call, forward, options.strikes, options.vols, tenor)
        sold = np.minimum(quantities, 0.0)
        alone = sold @ self._alone(options, marks).T
        bounded = _largest_loss(options, quantities)
        unpaired = np.minimum(0.0, quantities[:, is_call].sum(axis=1)) * forward
        initial = np.maximum(alone[:, 0], bounded + p.unpaired_initial * unpaired)
        maintenance = np.maximum(alone[:, 1], bounded + p.unpaired_maintenance * unpaired)
        doubt = self._doubt(min(options.index_confidence, options.confidences[expiry]))
        initial += doubt * options.index_price * sold.sum(axis=1)
        return initial, maintenance, quantities @ marks

    def _alone(self, options: Scene, marks: Floats) -> Floats:
        """Initial and maintenance, rows of two, of one unit sold of each option."""
        p, spot = self.parameters, options.index_price
        is_call = options.kinds == Kind.CALL
        out_of_the_money = np.maximum(
            0.0, np.where(is_call, options.strikes - spot, spot - options.strikes)
        )
        initial = marks + np.maximum(p.option_max * spot - out_of_the_money, p.option_min * spot)
        of_put = np.maximum(p.put_maintenance * spot, p.put_maintenance_of_mark * marks)
        maintenance = marks + np.where(is_call, p.call_maintenance * spot, of_put)
        least = np.where(is_call, 0.0, maintenance * p.put_initial_of_maintenance)
        return np.stack([np.maximum(initial, least), maintenance])

    def _peg_loss(self, scene: Scene, quantities: Floats) -> Floats:
        """What initial margin grows by while the stable coin is below its threshold."""
        p = self.parameters
        lost = max(0.0, p.peg_threshold - scene.stable_price) * p.peg_factor
        at_risk = np.where(scene.is_option, np.maximum(0.0, -quantities), np.abs(quantities))
        return lost * scene.index_price * at_risk.sum(axis=1)

    def _base(self, scene: Scene, base: float) -> tuple[float, float]:
        """Initial and maintenance value of coins held as collateral."""
        p, notional = self.parameters, base * scene.index_price
        maintenance = notional * p.base_factor
        unsure = self._doubt(scene.index_confidence) * notional if maintenance else 0.0
        return maintenance * p.base_initial_factor - unsure, maintenance

    def _doubt(self, confidence: float) -> float:
        """The part of a notional that a feed's low confidence takes from the initial margin."""
        p = self.parameters
        unsure = confidence < p.confidence_threshold
        return (1 - confidence) * p.confidence_factor if unsure else 0.0


def _largest_loss(options: Scene, quantities: Floats) -> Floats:
    """The worst payoff at zero or at a strike that the book holds; never a gain.

    Strikes of other books are left out: past the highest of its own, calls sold lose without end,
    and that is what the unpaired charge is for.
    """
    strikes = np.unique(options.strikes)
    prices = np.append(0.0, strikes)
    signs = np.where(options.kinds == Kind.CALL, 1.0, -1.0)
    payoffs = np.maximum(0.0, signs[:, None] * (prices - options.strikes[:, None]))
    at_strike = options.strikes[:, None] == strikes
    held = (quantities != 0).astype(np.float64) @ at_strike > 0
    outcomes = quantities @ payoffs
    outcomes[:, 1:] = np.where(held, outcomes[:, 1:], 0.0)
    return np.minimum(0.0, outcomes.min(axis=1))
