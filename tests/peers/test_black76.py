"""Black-76 in floats against another library, at the edges, and at 50 digits."""

import mpmath
import numpy as np
import pytest
from benchmarks.peers.black76 import delta, price
from vollib.black.greeks.analytical import delta as library_delta
from vollib.ref_python.black import black


def exact(is_call: bool, forward: float, strike: float, vol: float, tenor: float) -> float:
    with mpmath.workdps(50):
        f, k, deviation = mpmath.mpf(forward), mpmath.mpf(strike), vol * mpmath.sqrt(tenor)
        first = mpmath.log(f / k) / deviation + deviation / 2
        sign = 1 if is_call else -1
        ends = mpmath.ncdf(sign * first), mpmath.ncdf(sign * (first - deviation))
        return float(sign * (f * ends[0] - k * ends[1]))


def test_values_are_those_of_fifty_digits() -> None:
    chance = np.random.default_rng(76)
    forwards = chance.uniform(50, 150, 300)
    strikes = forwards * np.exp(chance.normal(0, 0.5, 300))
    vols, tenors = chance.uniform(0.05, 2.0, 300), chance.uniform(1e-4, 2.0, 300)
    calls = chance.random(300) < 0.5
    found = price(calls, forwards, strikes, vols, tenors)
    expected = [exact(*each) for each in zip(calls, forwards, strikes, vols, tenors, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("flag", ["c", "p"])
def test_values_and_deltas_are_those_of_py_vollib(flag: str) -> None:
    of = (100.0, 110.0, 0.6, 0.25)
    value = black(flag, of[0], of[1], of[3], 0.0, of[2])
    assert price(flag == "c", *of) == pytest.approx(value, rel=1e-12)
    slope = library_delta(flag, of[0], of[1], of[3], 0.0, of[2])
    assert delta(flag == "c", *of) == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize(
    ("is_call", "forward", "strike", "vol", "tenor", "value"),
    [
        (True, 110.0, 100.0, 0.0, 1.0, 10.0),
        (True, 110.0, 100.0, 1.0, 0.0, 10.0),
        (False, 110.0, 100.0, 1.0, 0.0, 0.0),
        (True, 100.0, 100.0, 1.0, 0.0, 0.0),
        (False, 100.0, 100.0, 0.0, 1.0, 0.0),
        (True, 0.0, 100.0, 1.0, 1.0, 0.0),
        (False, 0.0, 100.0, 1.0, 1.0, 100.0),
        (True, 100.0, 0.0, 1.0, 1.0, 100.0),
        (True, 100.0, 50.0, 1e6, 1.0, 100.0),
        (False, 100.0, 50.0, 1e6, 1.0, 50.0),
    ],
)
def test_at_the_edges_the_value_is_what_remains(
    is_call: bool, forward: float, strike: float, vol: float, tenor: float, value: float
) -> None:
    assert price(is_call, forward, strike, vol, tenor) == value
