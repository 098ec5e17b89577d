"""Volatilities of a chain that publishes none: those that its mark prices imply."""

from dataclasses import replace

import numpy as np

from novate.nodes import OptionChain
from novate.pricing import Implied, call_implied_vols, put_implied_vols
from novate.units import bounds


def with_implied_vols(chain: OptionChain) -> tuple[OptionChain, int]:
    """The chain with every volatility that it lacks and a mark implies, and how many these are.

    A mark that implies no one volatility, as deep in the money, leaves it unknown.
    """
    tenor_s = np.rint(chain.tenor_s)
    lacking = ~np.isfinite(chain.mark_iv) & np.isfinite(chain.mark) & np.isfinite(chain.forward)
    lacking &= (tenor_s > 0) & (tenor_s < 1 << bounds.TENOR_BITS)
    vol = chain.mark_iv.copy()
    for is_call, implied_vols in ((True, call_implied_vols), (False, put_implied_vols)):
        rows = lacking & (chain.is_call == is_call)
        if rows.any():
            price_e3, forward_e3, strike_e3 = (
                np.rint(values[rows] * 1000).astype(np.int64)
                for values in (chain.mark, chain.forward, chain.strike)
            )
            found = implied_vols(price_e3, forward_e3, strike_e3, tenor_s[rows].astype(np.int64))
            middle = (found.vol_e6 + found.above_e6) / 2e6
            vol[rows] = np.where(found.implied == Implied.VOL, middle, np.nan)
    return replace(chain, mark_iv=vol), int((lacking & np.isfinite(vol)).sum())
