"""Every value is the same to the last unit, on every machine and after every change.

Whoever recomputes a margin, in a circuit or in another language, must meet these very integers; an
error bound alone would let them drift. Another digest here is another protocol: it goes first in
the changelog, with its reason.
"""

import hashlib

import numpy as np
import pytest

from novate.pricing import (
    Smiles,
    Svi,
    call_e3,
    call_greeks,
    call_implied_vols,
    forward_at_e3,
    implied_vol_e6,
    ln_q28,
    normal_cdf_q28,
    normal_pdf_q28,
    perpetual_mark_e3,
    put_greeks,
    settling_parts_e3,
    sqrt_years_q28,
)
from novate.units import Integers, bounds

from .points import PRICE_MAX, TENOR_MAX, Points, edges

COUNT = 40_000
SMILES = (
    Svi(a_e6=120_000, b_e6=250_000, rho_e6=-300_000, m_e6=50_000, s_e6=400_000),
    Svi(a_e6=-39_900, b_e6=2_000_000, rho_e6=500_000, m_e6=-700_000, s_e6=100_000),
    Svi(a_e6=100, b_e6=(1 << 24) - 1, rho_e6=999_999, m_e6=0, s_e6=1),
)


def spread(stride: int, most: int, octaves: int) -> Integers:
    """Odd numbers up to `most`, scattered without chance over so many octaves."""
    number = np.arange(COUNT, dtype=np.int64)
    return (1 + number * stride % most) >> number % octaves | 1


def points() -> Points:
    """The edges, and as many points scattered anywhere as near the money."""
    forward, vol = spread(2_654_435_761, PRICE_MAX, 19), spread(40_503, 10**7, 7)
    tenor = spread(7_368_787, TENOR_MAX, 23)
    near = forward + (forward * (np.arange(COUNT) % 81 - 40) >> np.arange(COUNT) % 11 + 7)
    far = spread(1_597_334_677, PRICE_MAX, 17)
    strike = np.where(np.arange(COUNT) % 2 == 0, near, far).clip(1, PRICE_MAX)
    columns = zip(edges(), (forward, strike, vol, tenor), strict=True)
    one, two, three, four = (np.concatenate(column) for column in columns)
    return one, two, three, four


def values() -> dict[str, tuple[Integers, ...]]:
    forward, strike, vol, tenor = points()
    alive, second = np.maximum(tenor, 1), np.minimum(tenor, bounds.SETTLEMENT_WINDOW_S)
    calls, puts = (greeks(*points()) for greeks in (call_greeks, put_greeks))
    call = call_e3(*points())
    implied = call_implied_vols(call, forward, strike, tenor)
    smiles = Smiles.of(SMILES, np.arange(len(forward)) % len(SMILES))
    d = (strike - forward) * 37 + vol * 256
    listed_s, listed_e3 = np.array([100, 500, 90_000]), np.array([1_010, 990, 1_200])
    return {
        "logarithm": (ln_q28(strike),),
        "root of time": (sqrt_years_q28(tenor),),
        "normal distribution": (normal_cdf_q28(d), normal_pdf_q28(d)),
        "call": (call,),
        "delta": (calls.delta_q28,),
        "gamma": (calls.gamma_e9,),
        "vega": (calls.vega_e6,),
        "theta": (calls.theta_e6,),
        "rho": (calls.rho_e6, puts.rho_e6),
        "implied volatility": (implied.vol_e6, implied.above_e6, implied.implied),
        "smile": (implied_vol_e6(smiles, forward, strike, alive),),
        "forward": (forward_at_e3(np.arange(100_000), listed_s, listed_e3, 1_000),),
        "perpetual": (perpetual_mark_e3(np.minimum(forward, 1 << 33), strike - (1 << 33)),),
        "settling forward": settling_parts_e3(forward, strike * second, second),
    }


DIGESTS = {
    "logarithm": "5d846ec55991d41d",
    "root of time": "076eb70b248584d2",
    "normal distribution": "2394688f312985a8",
    "call": "228fb61e7d1cf4de",
    "delta": "7288be89f57ce2ba",
    "gamma": "8f49f84737a0f4f9",
    "vega": "a6936d131eea53c9",
    "theta": "9f61dbd49e8d2b7f",
    "rho": "715012060a3ae904",
    "implied volatility": "593a0f25db9579c9",
    "smile": "e22f08a20a53dcce",
    "forward": "645d62106e3e62d1",
    "perpetual": "57ac5ab35d1a7ae7",
    "settling forward": "009740893ee377ba",
}


@pytest.mark.parametrize("what", DIGESTS)
def test_a_value_is_the_same_to_the_last_unit(what: str) -> None:
    digest = hashlib.sha256()
    for array in values()[what]:
        digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
    assert digest.hexdigest()[:16] == DIGESTS[what]


def test_every_value_has_its_digest_and_the_points_reach_into_every_corner() -> None:
    assert set(DIGESTS) == set(values())
    forward, strike, vol, tenor = points()
    assert len(forward) == 47_200
    value = call_e3(*points())
    has_time_value = value > np.maximum(forward - strike, 0)
    assert 0.3 < has_time_value.mean() < 0.8
    for column, top in ((forward, PRICE_MAX), (vol, bounds.VOL_MAX_E6), (tenor, TENOR_MAX)):
        assert all(np.any(column < top >> bits) for bits in range(0, 20, 4))
