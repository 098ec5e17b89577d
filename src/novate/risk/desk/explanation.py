"""Why margin is what it is: the scenario that decides, who loses in it, and every charge."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from novate.risk.charge import charged_e6
from novate.risk.desk.valuation import check_one, check_rows
from novate.risk.listing import Listing
from novate.risk.margin import ONE, Requirement, requirement
from novate.risk.positions import Positions
from novate.risk.scan import depeg_factor_e6
from novate.risk.scenario import COLUMNS, GRID, column_name
from novate.risk.sums import sums
from novate.risk.table import RiskTable
from novate.units import Integers

LEAST: Final = COLUMNS
WAYS: Final = COLUMNS + 1
"""Ways to lose: the 19 columns, and the least of the options."""
NOTHING: Final = -1


@dataclass(frozen=True, slots=True)
class Part:
    """One part of both margins, in micro-USD."""

    name: str
    """As in `Requirement`; of a scan, what is not basis."""
    words: str
    initial_e6: int
    maintenance_e6: int


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Why the margin of one account is what it is; positions (P,), ways to lose (W,) = 20."""

    requirement: Requirement
    loss_e6: Integers
    """What each way counts in initial margin's scan, (W,), with the buffer; gains below zero."""
    maintenance_loss_e6: Integers
    """What each way counts in that of maintenance margin, (W,); of buffered columns nothing."""
    binding: int
    """The way that decides: the first of the largest losses. `NOTHING` where no way loses."""
    contribution_e6: Integers
    """What each position counts in it, (P,): hedges below zero. Their sum and the basis are exactly
    the scan."""
    basis_e6: int
    """What forwards that move apart count in it."""
    maintenance_binding: int
    """The way that decides maintenance margin."""
    parts: tuple[Part, ...]
    """What both margins are made of; they add up exactly."""

    @property
    def binding_name(self) -> str:
        """What happens where the account loses most, in words."""
        return way_name(self.binding)

    def contribution_by(self, place: Integers, count: int) -> Integers:
        """Sums of the contributions by the place that each position belongs to, (count,): of each
        expiry, for instance, with `listing.group[positions.row]`."""
        sums = np.zeros(count, dtype=np.int64)
        np.add.at(sums, place, self.contribution_e6)
        return sums


def way_name(way: int) -> str:
    """A way to lose, in words."""
    if way == LEAST:
        return "the volatility of each strike moves against the account"
    return "nothing: no scenario loses" if way == NOTHING else column_name(way)


def explain(table: RiskTable, positions: Positions, *, stable_e6: int = ONE) -> Explanation:
    """Why the positions of one account require what they do.

    Rounding: none of its own: every figure is one of which the requirement is made.
    Raises:   BadPositions, GrossTooLarge.
    """
    check_one(positions)
    check_rows(table.listing, positions.row)
    required = requirement(table, positions, stable_e6=stable_e6)
    each_e6 = _each_loss_e6(table, positions)
    raw_e6, held = each_e6.sum(axis=0), sums(table, positions)
    basis_e6 = int(held.basis_e6[0]) * _IS_NEAR

    def counted_e6(loss_e6: Integers, basis_e6: Integers) -> Integers:
        """What losses, (..., W), count in initial margin."""
        factor_e6 = ONE + _IS_OF_MAINTENANCE * table.shocks.dials.margin_buffer_e6
        counted: Integers = charged_e6(
            charged_e6(loss_e6 + basis_e6, factor_e6), depeg_factor_e6(stable_e6)
        )
        return counted

    loss_e6 = counted_e6(raw_e6, basis_e6)
    maintenance_loss_e6 = (raw_e6 + basis_e6) * _IS_OF_MAINTENANCE
    binding, of_maintenance = _largest(loss_e6), _largest(maintenance_loss_e6)
    # Each counts what it adds to those before it, so that roundings add up to the scan's.
    running_e6 = counted_e6(np.cumsum(each_e6, axis=0), 0 * basis_e6)[:, binding]
    contribution_e6 = np.diff(running_e6, prepend=0) * (binding != NOTHING)
    scan_e6 = int(required.initial_scan_e6[0])
    of_basis_e6 = scan_e6 - int(contribution_e6.sum())
    assert binding == NOTHING or loss_e6[binding] == scan_e6
    assert of_basis_e6 == 0 or _IS_NEAR[binding]
    basis = (of_basis_e6, int(basis_e6[of_maintenance]) * (of_maintenance != NOTHING))
    return Explanation(
        requirement=required,
        loss_e6=loss_e6,
        maintenance_loss_e6=maintenance_loss_e6,
        binding=binding,
        contribution_e6=contribution_e6,
        basis_e6=of_basis_e6,
        maintenance_binding=of_maintenance,
        parts=_parts(required, basis),
    )


def _of_ways(columns: Iterable[bool], *, least: bool) -> Integers:
    return np.array([*columns, least], dtype=np.int64)


_IS_NEAR: Final = _of_ways((scenario.is_near for scenario in GRID), least=False)
_IS_OF_MAINTENANCE: Final = _of_ways((not scenario.is_buffered for scenario in GRID), least=True)
"""Ways to lose of both margins: in initial margin they count more by the buffer."""


def _largest(loss_e6: Integers) -> int:
    """The first of the largest losses; `NOTHING` where no way loses."""
    return int(loss_e6.argmax()) if loss_e6.max() > 0 else NOTHING


def by_expiry(table: RiskTable, positions: Positions, *, stable_e6: int = ONE) -> Requirement:
    """What the positions of each expiry would require alone, (expiries held,), in order.

    What hedges over expiries is not seen here, nor is what it is charged.

    Raises: BadPositions, GrossTooLarge.
    """
    check_one(positions)
    check_rows(table.listing, positions.row)
    apart = Positions.many(
        table.listing.group[positions.row],
        positions.row,
        positions.quantity_e3,
        positions.cost_e6,
    )
    return requirement(table, apart, stable_e6=stable_e6)


def expiries_held(listing: Listing, positions: Positions) -> Integers:
    """The groups of which one account has positions, in the order of `by_expiry`."""
    return np.unique(listing.group[positions.row])


def _each_loss_e6(table: RiskTable, positions: Positions) -> Integers:
    """What each position loses in each way, (P, W); each way's sum is the account's."""
    size_e3 = positions.quantity_e3[:, None]
    error_e6 = np.abs(size_e3) * table.contract.entry_error_e3[positions.row, None]
    gain_e6 = size_e3 * table.entry_e3[positions.row]
    each_e6 = error_e6 - gain_e6 * _hedges(table, positions, gain_e6)
    least_e6 = np.abs(size_e3) * table.contract.least_e3[positions.row, None]
    return np.hstack([each_e6, least_e6])


def _hedges(table: RiskTable, positions: Positions, gain_e6: Integers) -> Integers:
    """0 where an expiry that will be gone gains in a column as a whole, for it hedges no other,
    (P, C); else 1.
    """
    group = table.listing.group[positions.row]
    sums_e6 = np.zeros((table.listing.groups, gain_e6.shape[1]), dtype=np.int64)
    np.add.at(sums_e6, group, gain_e6)
    return 1 - table.is_gone[group, None] * (sums_e6[group] > 0)


def _parts(required: Requirement, basis_e6: tuple[int, int]) -> tuple[Part, ...]:
    parts = [
        Part(
            "scan",
            "the worst loss over all scenarios",
            int(required.initial_scan_e6[0]) - basis_e6[0],
            int(required.scan_e6[0]) - basis_e6[1],
        ),
        Part("basis", "forwards of several expiries may move apart in it", *basis_e6),
    ]
    for name, words, is_maintenance in (
        ("value", "options that are worth something may have to be sold", True),
        ("crowded", "the net delta is large for its market", True),
        ("short", "naked short options", True),
        ("confidence", "expiries whose prices are uncertain", False),
        ("funding", "what the perpetual is expected to cost in eight hours", False),
    ):
        amount_e6 = int(getattr(required, f"{name}_e6")[0])
        parts.append(Part(name, words, amount_e6, amount_e6 * is_maintenance))
    flagged_e6 = int(required.uncapped_initial_e6[0]) - sum(part.initial_e6 for part in parts)
    parts.append(Part("flagged", "what would be flagged at once may not be opened", flagged_e6, 0))
    more_e6, more_maintenance_e6 = (
        sum(part.initial_e6 for part in parts) - int(required.initial_e6[0]),
        sum(part.maintenance_e6 for part in parts) - int(required.maintenance_e6[0]),
    )
    parts.append(Part("capped", "no more than can be lost", -more_e6, -more_maintenance_e6))
    return tuple(parts)
