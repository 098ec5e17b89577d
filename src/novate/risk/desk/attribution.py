"""Attribution: what of a profit came from which Greek, from one market to a later one."""

from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np

from novate.risk.desk.expansion import second_order_e6
from novate.risk.desk.valuation import UNMOVED, check_gross, values_e3
from novate.risk.desk.wide_integers import narrow, wide, wide_div
from novate.risk.listing import Listing
from novate.risk.market import BadMarket, Market
from novate.risk.positions import Positions
from novate.units import Integers, Rounding, bounds, within

MILLE: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """Profit and loss of each position from one market to another, (P,); micro-USD.

    The parts add up to `total_e6` exactly, as `residual_e6` is what they do not explain.
    """

    delta_e6: Integers
    """The forward's move with the index, at the delta before."""
    basis_e6: Integers
    """The rest of the forward's move, at the same delta: carry."""
    gamma_e6: Integers
    vega_e6: Integers
    vanna_e6: Integers
    """Forward and volatility together."""
    volga_e6: Integers
    """The bend in volatility."""
    theta_e6: Integers
    """What the passing of time alone took: priced anew, so also over many days."""
    funding_e6: Integers
    """What the perpetual paid."""
    settlement_e6: Integers
    """All of the profit of what expired meanwhile: settlement value less the mark before."""
    residual_e6: Integers
    """Higher orders, and Greeks that changed on the way."""
    total_e6: Integers
    """Value after, less value before, and funding; exact."""

    PARTS: ClassVar = (
        "delta", "basis", "gamma", "vega", "vanna", "volga", "theta", "funding", "settlement",
        "residual",
    )  # fmt: skip

    def by(self, place: Integers, count: int) -> "Attribution":
        """Sums over positions, by the place that each belongs to; (count,)."""

        def total(values: Integers) -> Integers:
            sums = np.zeros(count, dtype=np.int64)
            np.add.at(sums, place, values)
            return sums

        return Attribution(*(total(getattr(self, name)) for name in self.__slots__))

    @property
    def total(self) -> "Attribution":
        """The sum of all positions, (1,)."""
        return self.by(np.zeros(len(self.total_e6), dtype=np.int64), 1)


def attribution(
    listing: Listing,
    before: Market,
    after: Market,
    positions: Positions,
    *,
    funding_e3: int = 0,
) -> Attribution:
    """Where the profit of positions, the same in both markets, came from.

    A group whose tenor was above zero before and is zero after has expired: its forward after is
    its settlement price (`with_settled`). `funding_e3` is what a long contract of the perpetual
    paid in between.

    A part saturates, and then the residual takes the rest: only that of a gamma a moment before
    expiry can.

    Rounding: each part down, of a contract and of the position; the residual takes what that cuts.
    Raises:   BadPositions, GrossTooLarge, NotAnInteger, OutOfRange; BadMarket when `after` is the
              earlier one.
    """
    price = 1 << bounds.PRICE_BITS
    within("funding", funding_e3, low=1 - price, high=price)
    before.check(listing)
    after.check(listing)
    back = np.flatnonzero(after.tenor_s > before.tenor_s)
    if back.size:
        group = int(back[0])
        raise BadMarket(
            f"group {group} has {after.tenor_s[group]} s to expiry after and "
            f"{before.tenor_s[group]} s before; next: give the earlier market first"
        )
    for market in (before, after):
        check_gross(listing, market, positions)
    row = positions.row
    size_e3 = positions.quantity_e3
    mark_e3 = values_e3(listing, before, UNMOVED, row)[:, 0]
    value_e3 = values_e3(listing, after, UNMOVED, row)[:, 0]
    aged = replace(before, tenor_s=after.tenor_s)
    aged_e3 = values_e3(listing, aged, UNMOVED, row)[:, 0]
    funding_e6 = -size_e3 * funding_e3 * (listing.group[row] == 0)
    total_e6 = size_e3 * (value_e3 - mark_e3) + funding_e6
    expired = ((before.tenor_s > 0) & (after.tenor_s == 0))[listing.group[row]]
    delta, basis, gamma, vega, vanna, volga = (
        narrow(wide_div(wide(size_e3) * part, MILLE, Rounding.FLOOR)) * ~expired
        for part in second_order_e6(listing, before, after, row)
    )
    settlement_e6 = size_e3 * (value_e3 - mark_e3) * expired
    theta_e6 = size_e3 * (aged_e3 - mark_e3) * ~expired
    by_greek_e6 = delta + basis + gamma + vega + vanna + volga
    explained_e6 = by_greek_e6 + theta_e6 + funding_e6 + settlement_e6
    return Attribution(
        delta_e6=delta,
        basis_e6=basis,
        gamma_e6=gamma,
        vega_e6=vega,
        vanna_e6=vanna,
        volga_e6=volga,
        theta_e6=theta_e6,
        funding_e6=funding_e6,
        settlement_e6=settlement_e6,
        residual_e6=total_e6 - explained_e6,
        total_e6=total_e6,
    )
