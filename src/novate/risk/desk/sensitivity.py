"""Greeks of contracts and positions, in the units of a desk."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from novate.pricing import Greeks, call_greeks
from novate.risk.desk.valuation import check_rows
from novate.risk.desk.wide_integers import LIMIT, WideIntegers, narrow, wide, wide_div
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.risk.positions import Positions
from novate.units import Integers, Rounding, bounds, div

ONE: Final = bounds.RATE_SCALE
MILLE: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivities:
    """What positions gain by small moves, one by one; arrays of one shape.

    Error:    as of `pricing.Greeks`. A gamma a moment before expiry may saturate; nothing else can.
    Rounding: down, once.
    """

    delta_e6: Integers
    """Units of the underlying, in millionths: one BTC of a future is 1,000,000."""
    cash_delta_e6: Integers
    """Micro-USD that a rise of the forward by all of itself would bring at this delta."""
    gamma_e9: Integers
    """Change of delta, in units of the underlying, per dollar of their price; steps of 1e-9."""
    cash_gamma_e6: Integers
    """Micro-USD by which the cash delta changes through gamma for a move of 1 %."""
    vega_e6: Integers
    """Micro-USD per volatility point."""
    theta_e6: Integers
    """Micro-USD of the next day, or of what is left of the tenor if that is less."""
    rho_e6: Integers
    """Micro-USD per point of an annual rate by which forwards and discounts grow."""

    def by(self, place: Integers, count: int) -> "Sensitivities":
        """Sums over positions (P,), by the place that each belongs to; (count,)."""

        def total(values: Integers) -> Integers:
            sums = np.zeros(count, dtype=np.int64)
            np.add.at(sums, place, values)
            return sums

        return self._each(total)

    @property
    def total(self) -> "Sensitivities":
        """The sum of all, (1,)."""
        return self.by(np.zeros(len(self.delta_e6), dtype=np.int64), 1)

    def _each(self, change: Callable[[Integers], Integers]) -> "Sensitivities":
        return Sensitivities(*(change(getattr(self, column.name)) for column in fields(self)))


def contract_greeks(listing: Listing, market: Market) -> Greeks:
    """Greeks of one long contract of each instrument, (I,), per dollar of its own forward.

    A put comes by parity, any payoff from its kinks. Of linear instruments delta is one; the rho of
    a future is what its forward grows by, of the perpetual 0.
    """
    group = listing.node_group
    node = call_greeks(
        market.forward_e3[group], listing.node_strike_e3, market.vol_e6, market.tenor_s[group]
    )

    def of_kinks(values: Integers) -> Integers:
        return listing.sum_kinks(listing.kink_turn * values[listing.kink_node])

    # A future is worth its forward; an option's slope and constant are discounted.
    bearing_e3 = np.where(
        listing.is_curved,
        -listing.constant_e3,
        listing.slope * market.forward_e3[listing.group],
    )
    borne = bearing_e3 * market.tenor_s[listing.group]
    grown = div(borne, bounds.YEAR_S, Rounding.FLOOR)
    rest = 10 * (borne - grown * bounds.YEAR_S)
    return Greeks(
        delta_q28=(listing.slope << bounds.FRACTION_BITS) + of_kinks(node.delta_q28),
        gamma_e9=of_kinks(np.minimum(node.gamma_e9, LIMIT)),
        vega_e6=of_kinks(node.vega_e6),
        theta_e6=of_kinks(node.theta_e6),
        # A point of a milli-USD is ten micro-USD; 37 bits x 26 of tenor leave no room for the ten.
        rho_e6=of_kinks(node.rho_e6) + 10 * grown + div(rest, bounds.YEAR_S, Rounding.FLOOR),
    )


def sensitivities(listing: Listing, market: Market, positions: Positions) -> Sensitivities:
    """Sensitivities of each position, (P,).

    By expiry: `.by(listing.group[positions.row], listing.groups)`; of everything: `.total`.

    Raises: BadMarket, BadPositions, OutOfRange.
    """
    market.check(listing)
    check_rows(listing, positions.row)
    greeks = contract_greeks(listing, market)
    # Integers of any size: a gamma a moment before expiry has 62 bits by itself.
    size_e3 = wide(positions.quantity_e3)
    forward_e3 = wide(market.forward_e3[listing.group[positions.row]])
    units_e3 = listing.instruments[0].multiplier.e3

    def held(values: Integers) -> WideIntegers:
        return size_e3 * values[positions.row]

    def down(values: WideIntegers, scale: int) -> Integers:
        return narrow(wide_div(values, scale, Rounding.FLOOR))

    delta, gamma = held(greeks.delta_q28), held(greeks.gamma_e9)
    return Sensitivities(
        delta_e6=down(delta * units_e3, 1 << bounds.FRACTION_BITS),
        cash_delta_e6=down(delta * forward_e3, 1 << bounds.FRACTION_BITS),
        gamma_e9=down(gamma * units_e3**2, MILLE**3),
        cash_gamma_e6=down(gamma * forward_e3**2, 100 * MILLE * ONE * MILLE),
        vega_e6=down(held(greeks.vega_e6), MILLE),
        theta_e6=down(held(greeks.theta_e6), MILLE),
        rho_e6=down(held(greeks.rho_e6), MILLE),
    )
