"""A holding expiry by expiry: what is held there, and what it would require alone."""

from dataclasses import dataclass

from novate.cli.desk.holding import Holding
from novate.risk import by_expiry as alone_by_expiry
from novate.risk import expiries_held
from novate.units import Usd


@dataclass(frozen=True, slots=True)
class ExpiryLine:
    """What is delivered together: an expiry, or the perpetual."""

    name: str
    positions: int
    value: Usd
    """At the marks; of linear instruments their gain."""
    delta: Usd
    """What a rise of the underlying by all of itself would gain, if nothing bent."""
    initial: Usd
    """Initial margin if it were all of an account."""
    maintenance: Usd


def by_expiry(holding: Holding) -> list[ExpiryLine]:
    """The lines of a holding, the perpetual first."""
    table, positions = holding.market.table, holding.positions
    groups = expiries_held(table.listing, positions)
    alone = alone_by_expiry(table, positions)
    value_e6, delta_e6, held = holding.value_e6, holding.delta_e6, holding.groups
    return [
        ExpiryLine(
            name=holding.group_name(int(group)),
            positions=int((held == group).sum()),
            value=Usd(int(value_e6[held == group].sum())),
            delta=Usd(int(delta_e6[held == group].sum())),
            initial=Usd(int(alone.initial_e6[place])),
            maintenance=Usd(int(alone.maintenance_e6[place])),
        )
        for place, group in enumerate(groups)
    ]
