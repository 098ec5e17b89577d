"""Greeks in the conventions of option desks."""

from dataclasses import fields

import numpy as np
import pytest
from mpmath import mpf

from novate.pricing import Greeks, call_delta_q28, call_e3, call_greeks, put_greeks
from novate.units import bounds

from .exact import ONE_Q28, errors, greeks
from .points import Points, drawn, edges

YEAR_S = bounds.YEAR_S
PHI_0 = 0.3989422804
"""The density in the middle."""


def with_time_value(points: Points, least: float) -> Points:
    """Those whose total volatility is at least so much."""
    forward, strike, vol, tenor = points
    kept = vol / 1e6 * np.sqrt(tenor / YEAR_S) >= least
    return forward[kept], strike[kept], vol[kept], tenor[kept]


def error_bounds(points: Points) -> dict[str, np.ndarray]:
    """docs/internals/pricing.md, in the units of `Greeks`."""
    forward, strike, vol_e6, tenor = points
    vol, years = vol_e6 / 1e6, tenor / YEAR_S
    root = np.sqrt(years)
    s, usd = vol * root, forward / 1000
    off_s = 1.87e-9 + 2.8e-9 * vol
    delta = (3.1e-9 + 6.8e-10 * vol) / s + 5.9e-9 + 1.2e-9 * vol
    density = (1.55e-9 + 0.295 * off_s) / s + 0.25 * off_s + 1.8e-9
    per_log = (density + 0.4 * off_s / s) / s
    days = np.minimum(tenor, 86_400) / np.maximum(tenor, 1)
    decayed = usd * (density * s + 0.4 * off_s + 1.9e-9) / 2 * days
    price_e6 = 1000 * (np.minimum(forward, strike) / 2**25 + 0.5)
    return {
        "delta_q28": delta * ONE_Q28,
        "gamma_e9": per_log / usd * 1e9 + 1,
        "vega_e6": usd * (density * root + 0.4 * 2.8e-9 + 1.9e-9) / 100 * 1e6 + 1,
        "theta_e6": decayed * 1e6 + 1,
        "rho_e6": years / 100 * (usd * delta * 1e6 + price_e6) + 1,
    }


def everywhere() -> Points:
    """A sample of the edges and of every kind of draw."""
    some = np.random.default_rng(13).choice(len(edges()[0]), 1_500, replace=False)
    forward, strike, vol, tenor = (
        np.concatenate([edge[some], draw])
        for edge, draw in zip(edges(), drawn(200, seed=8), strict=True)
    )
    return forward, strike, vol, tenor


@pytest.mark.parametrize("name", [field.name for field in fields(Greeks)])
def test_every_greek_is_within_its_bound(name: str) -> None:
    points = with_time_value(everywhere(), least=2**-14)
    computed = getattr(call_greeks(*points), name)
    off = errors(computed, lambda *point: greeks(*point)[name], *points)
    worst = (off / error_bounds(points)[name]).max()
    assert 0.1 < worst <= 1


def test_the_rho_of_a_put_is_within_the_bound_of_a_calls_and_never_positive() -> None:
    points = with_time_value(everywhere(), least=2**-14)

    def exact(forward: int, strike: int, vol: int, tenor: int) -> mpf:
        of_strike = mpf(strike) * 1000 * tenor / (100 * YEAR_S)
        return greeks(forward, strike, vol, tenor)["rho_e6"] - of_strike

    rho_e6 = put_greeks(*points).rho_e6
    worst = (errors(rho_e6, exact, *points) / error_bounds(points)["rho_e6"]).max()
    assert 0.1 < worst <= 1
    assert np.all(put_greeks(*edges()).rho_e6 <= 0)


def test_at_one_percent_of_total_volatility_the_digits_of_a_desk_are_right() -> None:
    """What the docstring of `Greeks` promises; the largest over all strikes is where d1 = 0."""
    points = with_time_value(drawn(2_000, seed=9), least=0.01)
    kept = points[2] <= 2_000_000
    forward, strike, vol, tenor = (column[kept] for column in points)
    usd, years = forward / 1000, tenor / YEAR_S
    s = vol / 1e6 * np.sqrt(years)
    promised = {
        "delta_q28": 5e-7 * ONE_Q28,
        "gamma_e9": 2.5e-6 * PHI_0 * 1e9 / (usd * s) + 1,
        "vega_e6": 2.5e-6 * PHI_0 * usd * np.sqrt(years) * 1e4 + 1,
        "theta_e6": 2.5e-6 * PHI_0 * usd * s / 2 * 1e6 / np.maximum(365 * years, 1) + 1,
        "rho_e6": 6e-7 * usd * years * 1e4 + 5 * years + 1,
    }
    bound = error_bounds((forward, strike, vol, tenor))
    for name, most in promised.items():
        share = (bound[name] / most).max()
        assert 0.8 < share <= 1, name


def test_calls_and_puts_differ_by_parity() -> None:
    _forward, strike, _vol, tenor = edges()
    call, put = call_greeks(*edges()), put_greeks(*edges())
    assert np.all(call.delta_q28 - put.delta_q28 == ONE_Q28)
    assert np.all((call.delta_q28 >= 0) & (call.delta_q28 <= ONE_Q28))
    assert np.array_equal(call.delta_q28, call_delta_q28(*edges()))
    for same, sign in (("gamma_e9", 1), ("vega_e6", 1), ("theta_e6", -1)):
        assert np.array_equal(getattr(call, same), getattr(put, same))
        assert np.all(sign * getattr(call, same) >= 0)
    per_point = strike * 1000.0 * tenor / (100 * YEAR_S)
    assert np.all(np.abs(call.rho_e6 - put.rho_e6 - per_point) <= 1 + per_point * 1e-12)
    assert np.all(call.rho_e6 >= 0)


@pytest.mark.parametrize(("vol", "tenor"), [(500_000, 0), (0, 86_400), (0, 0)])
def test_at_a_kink_delta_is_a_step_and_nothing_decays(vol: int, tenor: int) -> None:
    result = call_greeks(1_000_000, [999_999, 1_000_000, 1_000_001], vol, tenor)
    assert result.delta_q28.tolist() == [ONE_Q28, ONE_Q28 // 2, 0]
    assert not result.gamma_e9.any()
    assert not result.theta_e6.any()


def test_a_step_of_one_part_in_ten_billion_is_still_a_step() -> None:
    top = (1 << bounds.PRICE_BITS) - 1
    assert call_delta_q28(top, [top - 8, top], 0, 0).tolist() == [ONE_Q28, ONE_Q28 // 2]


def test_gamma_stays_within_64_bits_at_the_least_forward_and_the_least_volatility() -> None:
    gamma = call_greeks([1, 26, 1000], [1, 26, 1000], 21, 1).gamma_e9  # one step of volatility
    assert np.all((gamma > 1 << 55) & (gamma < 1 << 62))


def test_greeks_are_the_slopes_of_values() -> None:
    forward, strike, vol, tenor = 100_000_000, 105_000_000, 600_000, 30 * 86_400
    result = call_greeks(forward, strike, vol, tenor)
    up, at, down = call_e3([forward + 10**6, forward, forward - 10**6], strike, vol, tenor)
    assert (up - down) / 2e6 == pytest.approx(result.delta_q28 / ONE_Q28, abs=1e-5)
    assert (up - 2 * at + down) / 1e12 * 1000 == pytest.approx(result.gamma_e9 / 1e9, rel=1e-3)
    more, less = call_e3(forward, strike, [vol + 10_000, vol - 10_000], tenor)
    assert (more - less) / 2 * 1000 == pytest.approx(result.vega_e6, rel=1e-4)
    day_less, day_more = call_e3(forward, strike, vol, [tenor - 86_400, tenor + 86_400])
    assert (day_less - day_more) / 2 * 1000 == pytest.approx(result.theta_e6, rel=1e-3)


def test_a_published_quote_of_deribit_is_met_in_every_greek() -> None:
    """ETH-31DEC21-10000-C at 2021-11-28 16:37:18 UTC, forward 4,080.34, IV 132.26 %.

    Source: https://docs.amberdata.io/reference/marketoptionstickers-ent, which repeats a ticker of
    Deribit. The page names another instrument; all seven numbers together have this one solution.
    """
    tenor = 1_640_937_600 - 1_638_117_438
    quote = call_greeks(4_080_340, 10_000_000, 1_322_600, tenor)
    assert round(int(quote.delta_q28) / ONE_Q28, 5) == 0.01929
    assert round(int(quote.gamma_e9) / 1e9, 5) == 0.00003
    assert int(quote.vega_e6) / 1e6 == pytest.approx(0.57283, rel=2e-4)
    assert int(quote.theta_e6) / 1e6 == pytest.approx(-1.1605, rel=2e-4)
    assert int(quote.rho_e6) / 1e6 == pytest.approx(0.06139, rel=3e-4)
    assert int(call_e3(4_080_340, 10_000_000, 1_322_600, tenor)) / 4_080_340 == pytest.approx(
        0.00246, abs=5e-6
    )


@pytest.mark.parametrize("hours", [1, 12, 24, 25, 48])
def test_theta_is_that_of_a_day_or_of_what_is_left(hours: int) -> None:
    tenor = hours * 3_600
    forward, vol = 100_000_000, 600_000
    half = 0.3 * np.sqrt(tenor / YEAR_S)  # d1 at the money
    per_year = (
        100_000 * np.exp(-half * half / 2) / np.sqrt(2 * np.pi) * 0.3 / np.sqrt(tenor / YEAR_S)
    )
    expected = -per_year / 365 * min(1, hours / 24)
    assert int(call_greeks(forward, forward, vol, tenor).theta_e6) / 1e6 == pytest.approx(
        expected, rel=1e-4
    )
