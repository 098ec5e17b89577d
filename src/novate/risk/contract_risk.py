"""What one contract of each instrument is worth, and what it gains or loses in each scenario."""

from dataclasses import dataclass, fields

import numpy as np

from novate.pricing import (
    call_delta_q28,
    call_e3,
    call_given_q28,
    ln_q28,
    price_error_e3,
    sqrt_years_q28,
    total_vol_q28,
)
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.risk.shock import Shocks, buffered_e6
from novate.risk.stressed import Stressed, counted, stressed
from novate.units import Integers, Rounding, bounds, div, down, within


@dataclass(frozen=True, slots=True, eq=False)
class ContractRisk:
    """One long contract of each instrument, in milli-USD; instruments (I,), columns (C,) = 19."""

    entry_e3: Integers
    """Value in the scenario minus mark, (I, C)."""
    entry_error_e3: Integers
    """An entry is certain to within this, in every column: 0 of a linear instrument, which moves by
    whole milli-USD."""
    mark_e3: Integers
    mark_error_e3: Integers
    delta_e3: Integers
    """Delta times the part of the forward that still moves: what a contract would gain if the index
    doubled and nothing bent."""
    least_e3: Integers
    """What the scan counts at least, long or short: a part of the forward for each call that the
    contract is made of, at most the call's time value; nothing of a linear instrument."""
    gross_e3: Integers
    """Forward times the number of options and linear contracts that one contract is; its mark's
    magnitude if that is more. Delta and mark are at most as much, an entry at most twice."""

    def with_rows(self, rows: Integers, new: "ContractRisk") -> "ContractRisk":
        """The same but for some rows."""
        patched = []
        for column in fields(self):
            values = getattr(self, column.name).copy()
            values[rows] = getattr(new, column.name)
            patched.append(values)
        return ContractRisk(*patched)


def contract_risk(listing: Listing, market: Market, shocks: Shocks) -> ContractRisk:
    """Marks and entries of a listing, priced strike by strike.

    Error:   docs/internals/pricing.md; each of the calls an instrument is made of errs by at most
             `price_error_e3` of its forward, in an entry once at the mark and once at the shocked
             forward. In a tail the forward is at most three times as large, and a quarter counts:
             with what rounding it down takes, (3 eps + eps) / 4 + 1 <= 2 eps, as eps is at least 2.
    Witness: of each instrument, whether its mark is more than its notional; of each strike, which
             is less, its time value or a part of its forward.
    Raises:  OutOfRange when an entry, a mark or a gross notional does not fit its width.
    """
    world, call_mark_e3 = stressed(listing, market, shocks), _call_marks(listing, market)
    mark_e3, entry_e3 = _marks_and_entries(listing, market, world, call_mark_e3)
    forward_e3 = market.forward_e3
    calls = listing.sum_kinks(np.abs(listing.kink_turn))
    range_e6 = int(buffered_e6(np.array([shocks.range_e6]), shocks.dials)[0])
    far_e3 = forward_e3 + div(forward_e3 * range_e6, bounds.RATE_SCALE, Rounding.CEIL)
    error_e3, far_error_e3 = price_error_e3(forward_e3), price_error_e3(far_e3)
    notional_e3 = forward_e3[listing.group] * (calls + _linear_contracts(listing))
    gross_e3 = np.maximum(notional_e3, np.abs(mark_e3))
    for what, values in (("entry", entry_e3), ("gross notional", gross_e3), ("mark", mark_e3)):
        largest = int(np.abs(values).max(initial=0))
        within(f"{what} of a contract", largest, high=1 << bounds.RISK_ENTRY_BITS)
    return ContractRisk(
        entry_e3=entry_e3,
        entry_error_e3=calls * (error_e3 + far_error_e3)[listing.group],
        mark_e3=mark_e3,
        mark_error_e3=calls * error_e3[listing.group],
        delta_e3=_deltas(listing, market),
        least_e3=_leasts(listing, market, shocks, call_mark_e3),
        gross_e3=gross_e3,
    )


def _call_marks(listing: Listing, market: Market) -> Integers:
    """What a call at each node is worth now, (N,)."""
    group = listing.node_group
    return call_e3(
        market.forward_e3[group], listing.node_strike_e3, market.vol_e6, market.tenor_s[group]
    )


def _marks_and_entries(
    listing: Listing, market: Market, world: Stressed, call_mark_e3: Integers
) -> tuple[Integers, Integers]:
    """Marks (I,) and entries (I, C), from one pricing of every node in every column.

    A logarithm is taken of each strike and of each shocked forward, not of each pair.
    """
    group, strike_e3 = listing.node_group, listing.node_strike_e3
    k_q28 = ln_q28(strike_e3)[:, None] - ln_q28(world.forward_e3)[group]
    total_q28 = total_vol_q28(world.vol_e6, sqrt_years_q28(world.tenor_s)[group])
    call = call_given_q28(world.forward_e3[group], strike_e3[:, None], k_q28, total_q28)
    gain_e3 = call - call_mark_e3[:, None]
    entry_e3 = (
        listing.slope[:, None] * (world.forward_e3 - market.forward_e3[:, None])[listing.group]
    )
    entry_e3 = entry_e3 + listing.sum_kinks(listing.kink_turn[:, None] * gain_e3[listing.kink_node])
    mark_e3 = (
        listing.constant_e3
        + listing.slope * market.forward_e3[listing.group]
        + listing.sum_kinks(listing.kink_turn * call_mark_e3[listing.kink_node])
    )
    return mark_e3, counted(entry_e3)


def _leasts(listing: Listing, market: Market, shocks: Shocks, call_mark_e3: Integers) -> Integers:
    """The least that the scan counts of a contract, (I,); rounded up, the time value by what it may
    err."""
    forward_e3 = market.forward_e3[listing.node_group]
    intrinsic_e3 = np.maximum(forward_e3 - listing.node_strike_e3, 0)
    time_value_e3 = call_mark_e3 - intrinsic_e3 + price_error_e3(forward_e3)
    rate_e6 = shocks.parameters.least_option_e6
    least_e3 = div(forward_e3 * rate_e6, bounds.RATE_SCALE, Rounding.CEIL)
    of_node_e3 = np.minimum(time_value_e3, least_e3)
    return listing.sum_kinks(np.abs(listing.kink_turn) * of_node_e3[listing.kink_node])


def _deltas(listing: Listing, market: Market) -> Integers:
    """The moving part of the forward times delta, (I,), rounded down."""
    forward_e3 = market.forward_e3[listing.node_group]
    tenor_s = market.tenor_s[listing.node_group]
    delta_q28 = call_delta_q28(forward_e3, listing.node_strike_e3, market.vol_e6, tenor_s)
    whole_q28 = (listing.slope << bounds.FRACTION_BITS) + listing.sum_kinks(
        listing.kink_turn * delta_q28[listing.kink_node]
    )
    return down(market.shocked_e3[listing.group] * whole_q28, bounds.FRACTION_BITS)


def _linear_contracts(listing: Listing) -> Integers:
    """Linear contracts in one contract, (I,), besides its calls: a put is a call less one, so
    slope that turns take back is none."""
    against = listing.kink_turn * -np.sign(listing.slope)[listing.kink_instrument]
    left: Integers = np.abs(listing.slope) - listing.sum_kinks(np.maximum(against, 0))
    return np.maximum(left, 0)
