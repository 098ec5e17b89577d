"""A margin model under attack: what a book must maintain, as a linear program.

What is found there is a book and no more: rounded to lots it is margined by the model itself.
"""

from math import ceil
from typing import Protocol

import numpy as np

from benchmarks.backtest.adversary.offer import Offer
from benchmarks.backtest.adversary.program import Program, Term
from benchmarks.backtest.novate_model import Novate
from benchmarks.peers import Model
from benchmarks.peers.interface import Floats, Integers
from novate.risk import COLUMNS, GRID, RiskTable
from novate.units import bounds

ONE = bounds.RATE_SCALE
MAINTENANCE = [column for column in range(COLUMNS) if not GRID[column].is_buffered]


class Target(Protocol):
    """A model, and its maintenance margin in a program."""

    model: Model

    def ask(self, program: Program, offer: Offer) -> None:
        """Let a book cost what it must maintain."""
        ...


class NovateTarget:
    """The product's margin: exact, as all its parts are convex; entry by entry of its own table.

    Left out: the charge for crowded deltas, from 10 and 20 million dollars on.
    """

    def __init__(self, model: Novate) -> None:
        self.model: Model = model
        self._table = model.table

    def ask(self, program: Program, offer: Offer) -> None:
        """The largest loss of the scan, and the charges on value and on naked shorts."""
        table, row = self._table(offer.market.scene)
        scan = program.unknown(1.0)
        self._scan(program, table, row, scan)
        listing, parameters = table.listing, table.shocks.parameters
        group, mark = listing.group[row], (table.mark_e3 * listing.is_curved)[row] / 1e3
        rates = _rates(table)[:, 1]
        naked = ceil(table.market.index_e3 * parameters.short_option_e6 / ONE) / 1e3
        error = table.contract.mark_error_e3[row] / 1e3
        for each in range(1, listing.groups):
            mine = group == each
            worth = program.unknown(rates[each])
            program.at_most(net=mark * mine, size=error * mine, terms=[(worth, -1)])
            for side in (listing.upside, listing.downside):
                program.at_most(net=-1.0 * side[row] * mine, terms=[(program.unknown(naked), -1)])

    def _scan(self, program: Program, table: RiskTable, row: Integers, scan: int) -> None:
        contract, group = table.contract, table.listing.group[row]
        program.at_most(size=contract.least_e3[row] / 1e3, terms=[(scan, -1)])
        basis = self._basis(program, table, row)
        gone = np.flatnonzero(table.is_gone)
        stays = ~np.isin(group, gone)
        for column in MAINTENANCE:
            gain = table.summand_e3[row, column] / 1e3
            terms: list[Term] = [(scan, -1), *([(basis, 1)] if GRID[column].is_near else [])]
            for each in gone:  # what will be gone pays for nothing that stays
                lost = program.unknown()
                program.at_most(net=-gain * (group == each), terms=[(lost, -1)])
                terms.append((lost, 1))
            program.at_most(net=-gain * stays, size=contract.entry_error_e3[row] / 1e3, terms=terms)

    def _basis(self, program: Program, table: RiskTable, row: Integers) -> int:
        """The unknown that is at least what forwards moving apart may cost."""
        delta, group, basis = table.contract.delta_e3[row] / 1e3, table.listing.group[row], []
        for each, rate in enumerate(_rates(table)[:, 0]):
            moved = program.unknown()
            for sign in (1, -1):
                program.at_most(net=sign * delta * (group == each), terms=[(moved, -1)])
            basis.append((moved, rate))
        total = program.unknown()
        program.at_most(terms=[*basis, (total, -1)])
        return total


def _rates(table: RiskTable) -> Floats:
    """Of each group: basis, value and confidence, the last three that it is charged."""
    return np.asarray(table.group_rates_e6[:, -3:] / ONE)
