"""The portfolio margins of Deribit and Derive under attack."""

import numpy as np

from benchmarks.backtest.adversary.offer import Offer
from benchmarks.backtest.adversary.program import Program
from benchmarks.peers import DeribitPortfolio, DerivePmrm2, Model
from benchmarks.peers.deribit_portfolio import EXTENDED, unit_deltas
from benchmarks.peers.derive_pmrm2_parameters import SKEWS
from benchmarks.peers.interface import Floats, Scene


class DeribitTarget:
    """Deribit portfolio margin: exact below 20 million dollars of delta, where it is published."""

    def __init__(self, model: DeribitPortfolio) -> None:
        self.model: Model = model
        self._of = model

    def ask(self, program: Program, offer: Offer) -> None:
        """The worst of both tables, and what deltas cost that would be rolled, in part."""
        scene, model = offer.market.scene, self._of
        p = model.parameters[scene.underlying]
        worst = program.unknown(p.mm_factor)
        for row in model.risk_vectors(scene):
            program.at_most(net=-row, terms=[(worst, -1)])
        waived = (np.abs(EXTENDED) / p.price_range - 1) * p.extended_dampener
        for row, spared in zip(model.extended_vectors(scene), waived, strict=True):
            program.at_most(net=-row, terms=[(worst, -1)], limit=spared)
        deltas = unit_deltas(scene) * scene.index_price
        for expiry in np.unique(scene.expiries):
            tenor = 0.0 if expiry < 0 else scene.tenors[expiry]
            move = max(p.min_annualised_move, p.annualised_move_risk * tenor)
            rolled = program.unknown(p.mm_factor * move)
            for sign in (1, -1):
                program.at_most(
                    net=sign * deltas * (scene.expiries == expiry), terms=[(rolled, -1)]
                )


class DeriveTarget:
    """Derive PMRM_2, from above: its two skew columns count a gain as a loss and are not convex.

    There the program asks the higher price of what an expiry is worth, whichever sign it has; what
    it finds is a book of the real margin all the same, though perhaps not the worst.
    """

    def __init__(self, model: DerivePmrm2) -> None:
        self.model: Model = model
        self._of = model

    def ask(self, program: Program, offer: Offer) -> None:
        """A part of the worst scenario or basis, and contingencies for perpetuals and shorts."""
        scene, p = offer.market.scene, self._of.parameters
        worst = program.unknown(p.maintenance_factor)
        expiries = np.unique(scene.expiries[scene.is_option])
        parts = [self._expiry(program, scene, int(expiry)) for expiry in expiries]
        linear = np.where(scene.is_option, 0.0, scene.marks)
        for column, scenario in enumerate(p.scenarios):
            move = (scenario.spot - 1) * scenario.dampening
            terms = [(lost[column], 1.0) for lost, _ in parts]
            program.at_most(net=-linear * move, terms=[*terms, (worst, -1)])
        program.at_most(terms=[*((basis, 1.0) for _, basis in parts), (worst, -1)])
        perpetual = program.unknown(p.perpetual_maintenance * scene.index_price)
        program.at_most(size=1.0 * ~scene.is_option, terms=[(perpetual, -1)])
        for mine in _strikes(scene):
            naked = program.unknown(p.option_maintenance * scene.index_price)
            program.at_most(net=-1.0 * mine, terms=[(naked, -1)])

    def _expiry(self, program: Program, scene: Scene, expiry: int) -> tuple[list[int], int]:
        """Unknowns: what one expiry loses in each scenario, and when its basis moves."""
        p, tenor = self._of.parameters, scene.tenors[expiry]
        mine = scene.is_option & (scene.expiries == expiry)
        values = np.zeros((len(p.scenarios) + 3, mine.size))
        values[:, mine] = self._of.values(scene.take(mine), expiry)
        now, up, down = values[-3:]
        kept = p.long_discount * np.exp(-tenor * p.long_rate_added)
        raised = min(1.0, p.short_mark_up * np.exp(tenor * p.short_rate_added))
        losses = []
        for value, scenario in zip(values, p.scenarios, strict=False):
            lost = program.unknown(least=-np.inf)
            gains = [kept * value - now, raised * value - now]
            if scenario.vol in SKEWS:
                gains.append(-gains[1])
            for gain in gains:
                program.at_most(net=-gain * scenario.dampening, terms=[(lost, -1)])
            losses.append(lost)
        basis = program.unknown()
        rate = p.basis_factor + p.basis_factor_a_year * tenor
        for value in (up, down):
            program.at_most(net=-(value - now) * rate, terms=[(basis, -1)])
        return losses, basis


def _strikes(scene: Scene) -> list[Floats]:
    """The options of each expiry and strike."""
    keys = np.column_stack([scene.expiries, scene.strikes])[scene.is_option]
    return [
        scene.is_option & (scene.expiries == expiry) & (scene.strikes == strike)
        for expiry, strike in np.unique(keys, axis=0)
    ]
