"""A later market made whole by the settlement prices of what expired meanwhile."""

from dataclasses import replace
from typing import Any

import numpy as np

from novate.risk.listing import Listing
from novate.risk.market import BadMarket, Market
from novate.units import Integers, bounds


def with_settled(
    listing: Listing, before: Market, later: Market, settlement_e3: Integers
) -> Market:
    """The market of a whole listing, where `later` only knows the groups that did not expire.

    `later` is of `listing.part(settlement_e3 == 0)`. Groups with a settlement price above zero,
    (G,) in milli-USD per contract, take it as their forward at tenor 0; their volatilities stay.

    Raises: BadMarket.
    """
    is_settled = settlement_e3 > 0
    is_settled_node = is_settled[listing.node_group]
    if len(later.forward_e3) != int((~is_settled).sum()):
        raise BadMarket(
            f"{len(later.forward_e3)} groups later and {int(is_settled.sum())} settled are not the "
            f"{listing.groups} of the listing"
        )

    def merged(old: Integers, new: Integers, settled: Any, where: Any) -> Integers:
        whole = np.where(where, settled, old)
        whole[~where] = new
        return whole

    return replace(
        later,
        tenor_s=merged(before.tenor_s, later.tenor_s, 0, is_settled),
        forward_e3=merged(before.forward_e3, later.forward_e3, settlement_e3, is_settled),
        shocked_e3=merged(before.shocked_e3, later.shocked_e3, 0, is_settled),
        confidence_e6=merged(
            before.confidence_e6, later.confidence_e6, bounds.RATE_SCALE, is_settled
        ),
        vol_e6=merged(before.vol_e6, later.vol_e6, before.vol_e6, is_settled_node),
    )
