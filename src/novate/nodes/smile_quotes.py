"""What a smile is to go through: one expiry's volatilities, and how far each is believed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from novate.nodes.bad_quotes import PRICE_MAX, PRICE_MIN, VOL_MAX, VOL_MIN
from novate.nodes.csv_file import Floats
from novate.nodes.option_chain import OptionChain
from novate.pricing import Implied, call_implied_vols, put_implied_vols
from novate.units import bounds

TENOR_MIN_S: Final = 60
"""An expiry in its last minute has no smile: a price there is worth its distance to the strike."""

SPREAD_MAX: Final = 0.5
"""A quote whose bid and ask are further apart, in volatility, says nothing."""

OUTLIER: Final = 0.04
"""Quotes further off than this, and than three typical distances, count less the further they are,
by the third power.
"""

LONE: Final = 0.15
"""A volatility off by this part, and by `OUTLIER`, from the lines through its neighbours on either
side, the next and the next but one, hardly counts: it is stale, or a slip.
"""

PER_UNIT: Final = 1000
"""Prices here are per unit of the underlying, in milli-USD."""

_NO_VEGA: Final = 1e-100


class FitSource(StrEnum):
    """What a surface is fitted to."""

    MARKS = "marks"
    """The source's own mark volatilities, else those that its mark prices imply."""
    QUOTES = "quotes"
    """The middle of bid and ask in volatility, of out-of-the-money options."""


@dataclass(frozen=True, slots=True, eq=False)
class SmileQuotes:
    """One expiry's volatilities by rising strike."""

    expiry_s: int
    tenor_s: int
    forward: float
    strike: Floats
    vol: Floats
    weight: Floats
    vega: Floats
    belief: Floats
    """Vega, times how much the quotes are believed."""
    listed: Floats
    """Every strike of the expiry, quoted or not: where there must be no arbitrage."""


def smile_quotes(
    chain: OptionChain, source: FitSource
) -> tuple[list[SmileQuotes], list[tuple[int, str]]]:
    """The expiries that can have a smile, in their order; and the others, each with the reason."""
    vol, weight = _vols(chain, source)
    forwards = chain.forwards
    found, skipped = [], []
    for expiry_s in np.unique(chain.expiry_s).tolist():
        rows = chain.expiry_s == expiry_s
        tenor_s = round(expiry_s - chain.taken_at_s)
        forward = forwards.get(expiry_s, np.nan)
        usable = rows & (vol >= VOL_MIN) & (vol <= VOL_MAX) & (weight > 0)
        if tenor_s < TENOR_MIN_S or tenor_s >= 1 << bounds.TENOR_BITS:
            skipped.append((expiry_s, f"its tenor of {tenor_s} s is outside what has a smile"))
        elif not np.isfinite(forward):
            skipped.append((expiry_s, "no strike has both a call and a put"))
        elif not PRICE_MIN <= forward < PRICE_MAX:
            why = f"its forward of {forward:g} is outside [{PRICE_MIN:g}, {PRICE_MAX:.10g})"
            skipped.append((expiry_s, why))
        elif not usable.any():
            skipped.append((expiry_s, "no strike has a volatility"))
        else:
            found.append(_expiry(chain, rows, usable, vol, weight, expiry_s, tenor_s, forward))
    return found, skipped


def _expiry(
    chain: OptionChain, rows: np.ndarray, usable: np.ndarray, vol: Floats, weight: Floats,
    expiry_s: int, tenor_s: int, forward: float,
) -> SmileQuotes:  # fmt: skip
    """A call and a put of one strike are one quote: their mean by weight."""
    strike, place = np.unique(chain.strike[usable], return_inverse=True)
    total = np.bincount(place, weight[usable])
    mean = np.bincount(place, weight[usable] * vol[usable]) / total
    years = tenor_s / bounds.YEAR_S
    deviation = np.maximum(mean, 0.01) * np.sqrt(years)
    d1 = np.log(forward / strike) / deviation + deviation / 2
    vega = forward * np.sqrt(years) * np.exp(-d1 * d1 / 2) / np.sqrt(2 * np.pi)
    # Where no price would move by a milli-USD all strikes count alike.
    vega = np.maximum(vega, _NO_VEGA)
    believed = total / np.bincount(place)
    # A little weight for wings without vega, so that they do not hang free.
    near = vega / max(vega.max(), 1 / PER_UNIT) + 1e-4
    return SmileQuotes(
        expiry_s=expiry_s,
        tenor_s=tenor_s,
        forward=forward,
        strike=strike,
        vol=mean,
        weight=near * believed * np.where(_is_lone(strike, mean), 1e-3, 1.0),
        vega=vega,
        belief=vega * believed,
        listed=np.unique(chain.strike[rows]),
    )


def _is_lone(strike: Floats, vol: Floats) -> np.ndarray:
    """Which volatilities are far, to the same side, from both lines through their neighbours.

    From the wider line a bend is four times as far as from the narrower, a slip as far as from it.
    """
    far = np.zeros((2, len(vol)))
    for place, apart in enumerate((1, 2)):
        low, at, high = strike[: -2 * apart], strike[apart:-apart], strike[2 * apart :]
        part = (at - low) / (high - low)
        line = vol[: -2 * apart] * (1 - part) + vol[2 * apart :] * part
        off = vol[apart:-apart] - line
        far[place, apart:-apart] = np.where(np.abs(off) > np.maximum(OUTLIER, LONE * line), off, 0)
    return np.asarray((far[0] * far[1] > 0) & (np.abs(far[0]) > 0.6 * np.abs(far[1])))


def _vols(chain: OptionChain, source: FitSource) -> tuple[Floats, Floats]:
    """A volatility for each row that has one, and how much it is to be believed."""
    if source is FitSource.MARKS:
        vol = chain.mark_iv
        lacking = ~np.isfinite(vol)
        if lacking.any():
            vol = np.where(lacking, _implied(chain, chain.mark), vol)
        return vol, np.ones(len(vol))
    bid, ask = _implied(chain, chain.bid), _implied(chain, chain.ask)
    spread = ask - bid
    is_otm = chain.is_call == (chain.strike >= chain.forward)
    usable = is_otm & np.isfinite(spread) & (spread >= 0) & (spread <= SPREAD_MAX)
    with np.errstate(invalid="ignore"):
        weight = np.where(usable, 1 / (1 + (spread / 0.02) ** 2), 0.0)
    return np.where(usable, (bid + ask) / 2, np.nan), weight


def _implied(chain: OptionChain, price: Floats) -> Floats:
    """The volatility that each price implies by our own formula; NaN where it implies none."""
    found = np.full(len(price), np.nan)
    most = (1 << bounds.PRICE_BITS) - 1
    with np.errstate(invalid="ignore"):
        price_e3, forward_e3, strike_e3 = (
            np.rint(per_unit * PER_UNIT) for per_unit in (price, chain.forward, chain.strike)
        )
        tenor_s = np.rint(chain.tenor_s)
        known = (price_e3 >= 0) & (price_e3 <= most) & (forward_e3 >= 1) & (forward_e3 <= most)
        known &= (tenor_s >= TENOR_MIN_S) & (tenor_s < 1 << bounds.TENOR_BITS) & (strike_e3 >= 1)
    for is_call, implied_vols in ((True, call_implied_vols), (False, put_implied_vols)):
        rows = known & (chain.is_call == is_call)
        if rows.any():
            columns = [
                column[rows].astype(np.int64)
                for column in (price_e3, forward_e3, strike_e3, tenor_s)
            ]
            implied = implied_vols(columns[0], columns[1], columns[2], columns[3])
            middle = (implied.vol_e6 + implied.above_e6) / 2e6
            found[rows] = np.where(implied.implied == Implied.VOL, middle, np.nan)
    return found
