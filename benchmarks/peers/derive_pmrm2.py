"""Derive's portfolio margin, second version (PMRM_2): 33 scenarios, discounted per expiry.

Source: the contracts derivexyz/v2-core @ 7736900, read for their behaviour; parameters as named.
Verified: every scenario loss, MM and IM of 104 published portfolios, to 1e-12 of their size.
Emulated: a dated future counts as a perpetual at its forward, as Derive lists none; a scene without
rates has rates of zero, to which the discounts of shocked values still add theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.peers.black76 import price
from benchmarks.peers.derive_pmrm2_parameters import SKEWS, Parameters, Vol
from benchmarks.peers.interface import Books, Floats, Kind, Requirement, Scene

DAYS_A_YEAR = 365.0


@dataclass(frozen=True)
class Collateral:
    """An asset held beside cash, in US dollars; `moves` when it is shocked with the spot."""

    value: float
    maintenance_haircut: float
    initial_haircut: float
    confidence: float = 1.0
    moves: bool = False


@dataclass(frozen=True)
class Assessment:
    """Everything a margin is made of, per book; gains are positive, charges too."""

    scenario_pnl: Floats
    basis_pnl: Floats
    option_value: Floats
    maintenance_charge: Floats
    initial_charge: Floats
    confidence_charge: Floats


class DerivePmrm2:
    """Derive PMRM_2 in US dollars."""

    def __init__(self, parameters: Parameters | None = None, name: str = "derive_pmrm2") -> None:
        self.name = name
        self.parameters = parameters or Parameters()

    def margin(self, scene: Scene, books: Books) -> Requirement:
        """What each book must hold: worst scenario times a factor, plus contingencies."""
        return self.requirement(scene, self.assess(scene, books))

    def requirement(self, scene: Scene, assessed: Assessment) -> Requirement:
        """The two requirements of what was assessed."""
        p = self.parameters
        worst = np.minimum(assessed.scenario_pnl.min(axis=1), assessed.basis_pnl)
        peg_loss = max(0.0, p.peg_threshold - scene.stable_price)
        initial_factor = p.initial_factor + peg_loss * p.peg_factor
        initial = (
            -worst * initial_factor
            + assessed.maintenance_charge
            + assessed.initial_charge
            + assessed.confidence_charge
        )
        return Requirement(initial, -worst * p.maintenance_factor + assessed.maintenance_charge)

    def assess(
        self, scene: Scene, books: Books, collaterals: Sequence[Collateral] = ()
    ) -> Assessment:
        """Scenario results and contingencies; each book holds the same collaterals."""
        scene, books = books.held(scene)
        quantities, p = books.quantities, self.parameters
        linear = ~scene.is_option
        shape = (quantities.shape[0], len(p.scenarios))
        moves = np.array([(each.spot - 1) * each.dampening for each in p.scenarios])
        moved = quantities[:, linear] @ scene.marks[linear]
        moved = moved + sum(each.value for each in collaterals if each.moves)
        pnl, basis, value = np.zeros(shape), np.zeros(shape[0]), np.zeros(shape[0])
        for expiry in np.unique(scene.expiries[scene.is_option]):
            columns = scene.is_option & (scene.expiries == expiry)
            of_expiry = self._expiry(scene, scene.take(columns), quantities[:, columns], expiry)
            pnl, basis, value = pnl + of_expiry[0], basis + of_expiry[1], value + of_expiry[2]
        charges = self._charges(scene, quantities, collaterals)
        return Assessment(pnl + np.outer(moved, moves), basis, value, *charges)

    def _expiry(
        self, scene: Scene, options: Scene, quantities: Floats, expiry: int
    ) -> tuple[Floats, Floats, Floats]:
        """Scenario results, basis contingency and value of one expiry's options."""
        p = self.parameters
        tenor, rate = scene.tenors[expiry], max(0.0, scene.rates[expiry])
        present = np.exp(-rate * tenor)
        table = present * self.values(options, expiry)
        worth = quantities @ table.T
        value, up, down = worth[:, -3], worth[:, -2], worth[:, -1]
        kept = p.long_discount * np.exp(-tenor * (rate * p.long_rate_scale + p.long_rate_added))
        raised = min(
            1 / present,
            p.short_mark_up * np.exp(tenor * (rate * p.short_rate_scale + p.short_rate_added)),
        )
        shocked = worth[:, :-3]
        pnl = np.where(shocked >= 0, kept, raised) * shocked - value[:, None]
        pnl *= np.array([each.dampening for each in p.scenarios])
        skewed = np.array([each.vol in SKEWS for each in p.scenarios])
        pnl = np.where(skewed, -np.abs(pnl), pnl)
        basis = np.minimum(np.minimum(up, down) - value, 0.0)
        return pnl, basis * (p.basis_factor + p.basis_factor_a_year * tenor), value

    def values(self, options: Scene, expiry: int) -> Floats:
        """Undiscounted option values: a row per scenario, then now, basis up, basis down."""
        p = self.parameters
        forward, fixed = options.forwards[expiry], options.averaged[expiry]
        spots = np.array([*(each.spot for each in p.scenarios), 1.0, p.basis_up, p.basis_down])
        vols = [self._vols(options, expiry, each.vol) for each in p.scenarios]
        vols += [options.vols] * 3
        forwards = forward * ((1 - fixed) * spots + fixed)
        is_call = options.kinds == Kind.CALL
        return price(
            is_call, forwards[:, None], options.strikes, np.array(vols), options.tenors[expiry]
        )

    def _vols(self, options: Scene, expiry: int, shock: Vol) -> Floats:
        """The vols of one expiry's options in a scenario."""
        p, days = self.parameters, options.tenors[expiry] * DAYS_A_YEAR
        if shock in SKEWS:
            return options.vols * self._skew(options, expiry, shock)
        if shock is Vol.UNCHANGED:
            return options.vols
        power = p.power_short if days <= 30 else p.power_long
        stretch = (30 / max(days, p.days_min)) ** power
        if shock is Vol.UP:
            return np.maximum(options.vols * (1 + p.vol_up * stretch), p.vol_min_up)
        return options.vols * max(0.0, 1 - p.vol_down * stretch)

    def _skew(self, options: Scene, expiry: int, shock: Vol) -> Floats:
        """What a skew scenario multiplies each option's vol by: the wings are turned or raised."""
        p, root = self.parameters, np.sqrt(options.tenors[expiry])
        distance = np.log(options.strikes / options.forwards[expiry])
        if shock is Vol.LINEAR:
            cap = p.skew_linear_slope * root + p.skew_linear_cap
        else:
            distance, cap = np.abs(distance), p.skew_absolute_slope * root + p.skew_absolute_cap
        reach = max(p.skew_reach_min, p.skew_width * root * (p.skew_vol + p.skew_vol_slope * root))
        turned = distance * cap / reach
        # Not a clip: with a negative cap the two sides of the contract's rule cross.
        turned = np.where(distance >= 0, np.minimum(cap, turned), np.maximum(-cap, turned))
        return np.maximum(0.0, 1 + turned)

    def _charges(
        self, scene: Scene, quantities: Floats, collaterals: Sequence[Collateral]
    ) -> tuple[Floats, Floats, Floats]:
        """Contingencies of maintenance, on top of them of initial, and of confidence."""
        p, spot = self.parameters, scene.index_price
        linear = ~scene.is_option
        notional = np.abs(quantities[:, linear]).sum(axis=1) * spot
        shorts = naked_shorts(scene, quantities) * spot
        maintenance = notional * p.perpetual_maintenance + shorts * p.option_maintenance
        initial = notional * p.perpetual_initial + shorts * p.option_initial
        maintenance += sum(each.value * each.maintenance_haircut for each in collaterals)
        initial += sum(each.value * each.initial_haircut for each in collaterals)
        # A book that holds a perpetual is as sure of the spot as of the perpetual's price.
        trusted = np.full(quantities.shape[0], scene.index_confidence)
        surest = np.where(
            np.any(quantities[:, linear] != 0, axis=1),
            np.minimum(trusted, scene.perpetual_confidence),
            trusted,
        )
        doubt = self._doubt(surest) * notional
        for expiry in np.unique(scene.expiries[scene.is_option]):
            columns = scene.is_option & (scene.expiries == expiry)
            size = np.abs(quantities[:, columns]).sum(axis=1) * spot
            doubt += self._doubt(np.minimum(surest, scene.confidences[expiry])) * size
        for each in collaterals:
            doubt += self._doubt(np.minimum(trusted, each.confidence)) * each.value
        return maintenance, initial, doubt

    def _doubt(self, confidence: Floats) -> Floats:
        """The part of a notional that a feed's low confidence adds to the initial margin."""
        p = self.parameters
        unsure = confidence < p.confidence_threshold
        return np.where(unsure, (1 - confidence) * p.confidence_factor, 0.0)


def naked_shorts(scene: Scene, quantities: Floats) -> Floats:
    """Options sold and not bought back at the same expiry and strike, whether calls or puts."""
    rows = np.flatnonzero(scene.is_option)
    if rows.size == 0:
        return np.zeros(quantities.shape[0])
    order = rows[np.lexsort((scene.strikes[rows], scene.expiries[rows]))]
    keys = np.stack([scene.expiries[order].astype(float), scene.strikes[order]])
    starts = np.flatnonzero(np.append(True, np.any(np.diff(keys) != 0, axis=0)))
    net = np.add.reduceat(quantities[:, order], starts, axis=1)
    return np.maximum(0.0, -net).sum(axis=1)
