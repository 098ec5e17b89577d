"""The risk table: what one contract of each instrument adds to whoever holds it.

Made once per tick. An account's margin is then sums of quantity times entry and a few maxima, so
that a proof prices each strike once and not once per account.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from novate.risk.charge import group_rates_e6
from novate.risk.contract_risk import ContractRisk, contract_risk
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.risk.parameters import Dials, RiskParameters
from novate.risk.scenario import COLUMNS
from novate.risk.shock import Shocks, horizon_s
from novate.units import Integers, Rounding, bounds, div


class Summand(IntEnum):
    """What one contract adds to its account, after its 19 entries.

    Up to `VALUE` with the sign of the position; from `GROSS` on with its size, long or short.
    From `SHORT_UP` to `GROSS` no group pays for another.
    """

    MARK = COLUMNS
    FUNDING = COLUMNS + 1
    SHORT_UP = COLUMNS + 2
    """What an option loses for each dollar beyond all strikes: -1 of a call; and below them all."""
    SHORT_DOWN = COLUMNS + 3
    DELTA = COLUMNS + 4
    VALUE = COLUMNS + 5
    """Mark of an option; 0 of a linear instrument."""
    GROSS = COLUMNS + 6
    ENTRY_ERROR = COLUMNS + 7
    MARK_ERROR = COLUMNS + 8
    LINEAR = COLUMNS + 9
    """1 of a linear instrument: nothing bounds what it can come to owe."""
    LEAST = COLUMNS + 10


@dataclass(frozen=True, slots=True, eq=False)
class RiskTable:
    """The table of one underlying at one tick; instruments (I,), groups (G,)."""

    listing: Listing
    market: Market
    shocks: Shocks
    contract: ContractRisk
    summand_e3: Integers
    """Entries, then the columns of `Summand`, (I, 30)."""
    group_rates_e6: Integers
    """Rates of `GroupCharge`, (G, 5)."""
    naked_e3: int
    """What one naked short option is charged: a part of the index, rounded up."""
    is_gone: Integers
    """1 of a group that expires before a position can be closed, (G,): it hedges no other."""
    has_gone: bool
    """Whether there is such a group: asked once a table, and not for each account."""
    compartment: int
    """Whose accounts may be margined by it."""

    @property
    def entry_e3(self) -> Integers:
        """Value of a contract in each scenario minus its mark, (I, 19)."""
        return self.contract.entry_e3

    @property
    def mark_e3(self) -> Integers:
        """Value of a contract, (I,)."""
        return self.contract.mark_e3

    @property
    def mark_lo_e3(self) -> Integers:
        """What a long contract is worth at least, (I,)."""
        return self.contract.mark_e3 - self.contract.mark_error_e3

    @property
    def mark_hi_e3(self) -> Integers:
        """What a short contract costs at most, (I,)."""
        return self.contract.mark_e3 + self.contract.mark_error_e3


def risk_table(
    listing: Listing,
    market: Market,
    parameters: RiskParameters,
    dials: Dials = Dials(),  # noqa: B008 - frozen
    *,
    compartment: int = 1,
    previous: RiskTable | None = None,
) -> RiskTable:
    """The risk table of a listing in a market; `Compartment.table` is the same with its parameters.

    With `previous`, rows of groups whose inputs did not change are taken from it.

    Raises: BadMarket, OutOfRange.
    """
    market.check(listing)
    shocks = Shocks.of(parameters, dials, market.fortnight_vol_e6)
    if previous is None:
        contract = contract_risk(listing, market, shocks)
    else:
        contract = _updated(previous, listing, market, shocks)
    is_gone = 1 * ((market.tenor_s <= horizon_s(dials)) & (listing.expiry_s > 0))
    return RiskTable(
        listing,
        market,
        shocks,
        contract,
        _summands(listing, market, contract),
        group_rates_e6(parameters, market.tenor_s, market.confidence_e6),
        div(market.index_e3 * parameters.short_option_e6, bounds.RATE_SCALE, Rounding.CEIL),
        is_gone,
        bool(is_gone.any()),
        compartment,
    )


def _updated(previous: RiskTable, listing: Listing, market: Market, shocks: Shocks) -> ContractRisk:
    """The rows of changed groups anew, the others as they were."""
    changed = _changed_groups(previous, listing, market, shocks)
    if changed.all():
        return contract_risk(listing, market, shocks)
    if not changed.any():
        return previous.contract
    part, rows, nodes = listing.part(changed)
    return previous.contract.with_rows(
        rows, contract_risk(part, market.part(changed, nodes), shocks)
    )


def _changed_groups(
    previous: RiskTable, listing: Listing, market: Market, shocks: Shocks
) -> npt.NDArray[np.bool_]:
    """Which groups must be priced again, (G,): everything a row depends on is compared."""
    before = previous.market
    if previous.listing is not listing or previous.shocks != shocks:
        return np.ones(listing.groups, dtype=np.bool_)
    changed: npt.NDArray[np.bool_] = (
        (before.tenor_s != market.tenor_s)
        | (before.forward_e3 != market.forward_e3)
        | (before.shocked_e3 != market.shocked_e3)
    )
    changed[listing.node_group[before.vol_e6 != market.vol_e6]] = True
    return changed


def _summands(listing: Listing, market: Market, contract: ContractRisk) -> Integers:
    """The columns side by side, in the order of `Summand`."""
    is_curved = 1 * listing.is_curved
    return np.column_stack(
        [
            contract.entry_e3,
            contract.mark_e3,
            market.funding_e3 * (listing.group == 0),
            -listing.upside,
            -listing.downside,
            contract.delta_e3,
            contract.mark_e3 * is_curved,
            contract.gross_e3,
            contract.entry_error_e3,
            contract.mark_error_e3,
            1 - is_curved,
            contract.least_e3,
        ]
    )
