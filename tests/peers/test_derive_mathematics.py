"""Derive's integer mathematics against the floats that these comparators use."""

import math
from typing import Any

import numpy as np
import pytest
from benchmarks.peers import black76
from benchmarks.peers.derive_surface import NegativeVariance, Slice
from scipy.special import ndtr

from .published import published

FILE = "derive/math_and_auction_vectors.json"
UNIT = 10**18
YEAR_S = 31_536_000


def number(case: dict[str, Any], name: str) -> float:
    """A figure given in units, or in 1e-18 of them."""
    return float(case[name]) if name in case else float(case[f"{name}_wei"]) / UNIT


def test_derive_black76_values_are_reproduced() -> None:
    vectors = published(FILE)["black76"]
    assert len(vectors["cases"]) == 9
    for case in vectors["cases"]:
        forward, strike = number(case, "F"), number(case, "K")
        of = (forward, strike, float(case["vol"]), case["T_s"] / YEAR_S)
        present = float(case["disc"])
        close = {"rel": 1e-14, "abs": vectors["abs_tol_wei"] / UNIT}
        assert present * black76.price(True, *of) == pytest.approx(number(case, "call"), **close)
        assert present * black76.price(False, *of) == pytest.approx(number(case, "put"), **close)
        assert black76.delta(True, *of) == pytest.approx(
            float(case["call_delta_undisc"]), rel=0, abs=1e-15
        )


def test_derive_svi_vols_are_reproduced() -> None:
    vectors = published(FILE)["svi"]
    found = 0
    for case in vectors["cases"]:
        shape = [float(case[name]) for name in ("a", "b", "rho", "m", "sigma", "F", "tau")]
        expected = [float(each) for each in case["vol"]]
        found += len(expected)
        np.testing.assert_allclose(Slice(*shape).vols(case["strikes"]), expected, rtol=1e-14)
    assert found == 12


def test_derive_svi_is_flat_beyond_its_reach() -> None:
    vectors = published(FILE)["svi_k_cap"]
    shape = [float(vectors[name]) for name in ("a", "b", "rho", "m", "sigma", "F", "tau")]
    for case in vectors["cases"]:
        strike = float(case["K"])
        assert int(1e6 * Slice(*shape).moneyness(strike)) == case["k_1e6"]
        assert int(1e6 * Slice(*shape).vols(strike)) == case["vol_1e6"]


def test_the_vols_of_published_portfolios_are_those_of_their_surfaces() -> None:
    compared = 0
    for case in published("derive/pmrm2_portfolio_cases.json").values():
        feeds = {each["FeedExpiry"]: each for each in case["Scenario"]["OptionFeeds"]}
        for option in case["Scenario"]["Options"]:
            shape = [float(each) for each in feeds[option["Expiry"]]["SVIparam"]]
            expected = pytest.approx(option["MarkVol"], rel=1e-13)
            assert Slice(*shape).vols(option["Strike"]) == expected
            compared += 1
    assert compared > 100


def test_a_slice_below_zero_is_refused() -> None:
    low = Slice(a=-0.1, b=0.1, rho=0.0, m=0.0, sigma=1.5, forward=100.0, tenor=1.0)
    assert low.vols(100.0) > 0
    with pytest.raises(NegativeVariance, match="below zero"):
        Slice(a=-0.1, b=0.1, rho=-0.9, m=0.0, sigma=1.001, forward=100.0, tenor=1.0).vols(101.0)


@pytest.mark.parametrize(
    ("name", "function", "units"),
    [("ln", math.log, 2), ("exp", math.exp, 2), ("sqrt", math.sqrt, 2), ("cdf", ndtr, 50)],
)
def test_derive_fixed_point_is_within_its_error_of_floats(
    name: str, function: Any, units: int
) -> None:
    for argument, expected in published(FILE)["fixed_point"][name].items():
        x = float(argument.removesuffix("e18"))
        found = function(x)
        # Derive counts in 1e-18, its normal distribution errs by 42 of them (reference/margin.md,
        # section 6); a float keeps sixteen digits.
        assert abs(found - int(expected) / UNIT) <= units / UNIT + 4e-16 * abs(found)


def test_derive_power_and_density_are_those_of_floats() -> None:
    vectors = published(FILE)["fixed_point"]
    for argument, expected in vectors["pdf"].items():
        x = float(argument.removesuffix("e18"))
        density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        assert density == pytest.approx(int(expected) / UNIT, rel=4e-16)
    for term, expected in vectors["decPow"].items():
        base, exponent = (float(each) for each in term.split("^"))
        assert base**exponent == pytest.approx(float(expected), rel=1e-14)
