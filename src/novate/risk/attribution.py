"""Attribution: what of a profit came from which Greek, from one market to a later one."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import numpy as np

from novate.pricing import call_greeks
from novate.risk.listing import Listing
from novate.risk.market import BadMarket, Market
from novate.risk.positions import Positions
from novate.risk.sensitivity import contract_greeks
from novate.risk.valuation import UNMOVED, check_gross, values_e3
from novate.units import Integers, bounds

ONE: Final = bounds.RATE_SCALE
MILLE: Final = 1000
POINT_E6: Final = 10_000
"""A volatility point."""
HALF_POINT_E6: Final = POINT_E6 // 2
"""Vanna and volga are differences of delta and vega over a point, half of it either side."""
LIMIT: Final = 1 << bounds.GROSS_NOTIONAL_BITS + 1
"""Where a part saturates: the residual takes the rest, so that the sum holds, and the parts of 32
positions still add up. Only a gamma, a moment before expiry, can come near it."""


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

    Rounding: each part down, once.
    Raises:   BadPositions, GrossTooLarge, OutOfRange; BadMarket when `after` is the earlier one.
    """
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
        _narrow(size_e3.astype(object) * part // MILLE) * ~expired
        for part in _contract_parts_e6(listing, before, after, row)
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
        confidence_e6=merged(before.confidence_e6, later.confidence_e6, ONE, is_settled),
        vol_e6=merged(before.vol_e6, later.vol_e6, before.vol_e6, is_settled_node),
    )


def _contract_parts_e6(
    listing: Listing, before: Market, after: Market, row: Integers
) -> tuple[Any, ...]:
    """Delta, basis, gamma, vega, vanna and volga of one contract of each row in micro-USD, as
    integers of any size: a gamma a moment before expiry has 62 bits."""
    group = listing.group[row]
    forward_e3 = before.forward_e3.astype(object)
    move_e3 = (after.forward_e3 - before.forward_e3).astype(object)
    with_index_e3 = forward_e3 * (after.index_e3 - before.index_e3) // before.index_e3
    vol_move_e6 = (after.vol_e6 - before.vol_e6).astype(object)
    greeks = contract_greeks(listing, before)
    delta_q28 = greeks.delta_q28[row].astype(object)
    by_vol = _by_vol(listing, before)
    bits = bounds.FRACTION_BITS

    def of_kinks(values: Any) -> Any:
        sums = np.zeros(len(listing.group), dtype=object)
        np.add.at(sums, listing.kink_instrument, listing.kink_turn * values[listing.kink_node])
        return sums[row]

    node_move_e3 = move_e3[listing.node_group]
    # Per half point to the left and right: two differences over one point.
    vega_e6 = by_vol.vega_e6 * vol_move_e6 // POINT_E6
    vanna_e6 = (by_vol.delta_q28 * node_move_e3 * vol_move_e6 * MILLE >> bits) // POINT_E6
    volga_e6 = by_vol.vega_slope_e6 * vol_move_e6 * vol_move_e6 // (2 * POINT_E6 * POINT_E6)
    gamma_e9 = greeks.gamma_e9[row].astype(object)
    return (
        delta_q28 * with_index_e3[group] * MILLE >> bits,
        delta_q28 * (move_e3 - with_index_e3)[group] * MILLE >> bits,
        # dollars squared are 10**-6, steps 10**-9: in micro-USD divided by 10**9, and halved.
        gamma_e9 * move_e3[group] ** 2 // (2 * MILLE**3),
        of_kinks(vega_e6),
        of_kinks(vanna_e6),
        of_kinks(volga_e6),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _ByVol:
    """How the call at each node changes with its volatility, (N,); integers of any size."""

    vega_e6: Any
    delta_q28: Any
    """Change of delta over a volatility point."""
    vega_slope_e6: Any
    """Change of vega over a volatility point."""


def _by_vol(listing: Listing, market: Market) -> _ByVol:
    group = listing.node_group

    def at(vol_e6: Integers) -> Any:
        return call_greeks(
            market.forward_e3[group], listing.node_strike_e3, vol_e6, market.tenor_s[group]
        )

    low = np.maximum(market.vol_e6 - HALF_POINT_E6, 0)
    high = np.minimum(low + POINT_E6, bounds.VOL_MAX_E6)
    below, here, above = at(high - POINT_E6), at(market.vol_e6), at(high)
    return _ByVol(
        here.vega_e6.astype(object),
        (above.delta_q28 - below.delta_q28).astype(object),
        (above.vega_e6 - below.vega_e6).astype(object),
    )


def _narrow(values: Any) -> Integers:
    return np.array([min(max(value, -LIMIT), LIMIT) for value in values], dtype=np.int64)
