"""The smile of one expiry."""

import contextlib
import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from mpmath import log, mp, mpf, sqrt

from novate.pricing import (
    NotIntegers,
    Smiles,
    Svi,
    SviRefused,
    implied_vol_e6,
    lean_law,
    ln_ratio_q28,
    moneyness_e7,
    moneyness_law,
    smile_vol_law,
    sqrt_floor,
    sqrt_law,
    sqrt_years_q28,
    variance_e13,
)
from novate.units import OutOfRange, bounds

mp.dps = 50

SMILE = Svi(a_e6=120_000, b_e6=250_000, rho_e6=-300_000, m_e6=50_000, s_e6=400_000)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"a_e6": 2**27 - 1}, None),
        ({"a_e6": 2**27}, OutOfRange),
        ({"a_e6": -(2**27)}, OutOfRange),
        ({"b_e6": -1}, OutOfRange),
        ({"b_e6": 0}, None),
        ({"b_e6": 2**24 - 1}, None),
        ({"b_e6": 2**24}, OutOfRange),
        ({"rho_e6": -(10**6)}, OutOfRange),
        ({"rho_e6": 1 - 10**6}, None),
        ({"rho_e6": 10**6 - 1}, None),
        ({"rho_e6": 10**6}, OutOfRange),
        ({"m_e6": -(2**26)}, OutOfRange),
        ({"m_e6": 2**26 - 1}, None),
        ({"m_e6": 2**26}, OutOfRange),
        ({"s_e6": 0}, OutOfRange),
        ({"s_e6": 1}, None),
        ({"s_e6": 2**26}, OutOfRange),
        ({"a_e6": 99, "b_e6": 0}, SviRefused),
        ({"a_e6": 100, "b_e6": 0}, None),
        # b s = 0.1 exactly and rho = 0: the bottom is a + 0.1.
        ({"a_e6": -99_901, "rho_e6": 0}, SviRefused),
        ({"a_e6": -99_900, "rho_e6": 0}, None),
        ({"a_e6": -95_294}, SviRefused),  # 0.1 sqrt(1 - 0.3**2) = 0.0953939...
        ({"a_e6": -95_293}, None),
    ],
)
def test_a_smile_has_its_ranges_and_a_least_variance_of_one_per_cent_squared(
    changes: dict[str, Any], refused: type[ValueError] | None
) -> None:
    if refused is None:
        dataclasses.replace(SMILE, **changes)
    else:
        with pytest.raises(refused):
            dataclasses.replace(SMILE, **changes)


@pytest.mark.parametrize(
    ("b_e6", "rho_e6", "tenor_s", "stands"),
    [
        (1_000_000, 0, 31_536_000, True),
        (2_000_000, 0, 31_536_000, True),  # b sqrt(T) (1 + |rho|) = 2 exactly
        (2_000_001, 0, 31_536_000, False),
        (2_000_000, 1, 31_536_000, False),
        (2_000_000, -1, 31_536_000, False),
        (2_000_000, 0, 31_536_001, False),
        (16_000_000, 500_000, 200_000, True),  # steep, but of two days
        (16_000_000, 500_000, 2_000_000, False),
    ],
)
def test_wings_grow_no_faster_than_twice_log_moneyness(
    b_e6: int, rho_e6: int, tenor_s: int, stands: bool
) -> None:
    smile = dataclasses.replace(SMILE, b_e6=b_e6, rho_e6=rho_e6)
    if stands:
        smile.require_wings(tenor_s)
    else:
        with pytest.raises(SviRefused, match=r"wing slope .* beyond"):
            smile.require_wings(tenor_s)


@pytest.mark.parametrize("tenor_s", [0, -1, 2**26])
def test_wings_are_of_a_tenor_in_range(tenor_s: int) -> None:
    with pytest.raises(OutOfRange):
        SMILE.require_wings(tenor_s)


def exact_vol(smile: Svi, forward: int, strike: int, tenor_s: int) -> mpf:
    """The volatility that the smile defines, to fifty digits, cut as the smile is cut."""
    a, b, rho, m, s = (mpf(value) / 10**6 for value in dataclasses.astuple(smile))
    z = log(mpf(strike) / forward) / sqrt(mpf(tenor_s) / bounds.YEAR_S)
    x = max(min(z, mpf(bounds.SVI_Z_MAX)), -mpf(bounds.SVI_Z_MAX)) - m
    return min(sqrt(a + b * (rho * x + sqrt(x * x + s * s))), mpf(10))


def stated_error(smile: Svi, forward: int, strike: int, tenor_s: int, vol: mpf) -> mpf:
    """The bound in the docstring of `implied_vol_e6`."""
    root = sqrt(mpf(tenor_s) / bounds.YEAR_S)
    z = min(abs(log(mpf(strike) / forward) / root), mpf(bounds.SVI_Z_MAX))
    z_error = (mpf("6.4e-9") + mpf("2.8e-9") * z) / root + mpf("1e-7")
    b, lean = mpf(smile.b_e6) / 10**6, mpf(abs(smile.rho_e6)) / 10**6
    return mpf("1e-6") + b * ((1 + lean) * z_error + mpf("2e-7")) / vol


def drawn_smiles(count: int, seed: int) -> list[Svi]:
    """Smiles over all ranges, as many of each magnitude."""
    random = np.random.default_rng(seed)
    smiles: list[Svi] = []
    while len(smiles) < count:
        a, b, m, s = (
            int(10 ** random.uniform(0, math.log10((1 << bits) - 1)))
            for bits in (
                bounds.SVI_LEVEL_BITS,
                bounds.SVI_SLOPE_BITS,
                bounds.SVI_PLACE_BITS,
                bounds.SVI_PLACE_BITS,
            )
        )
        signs = random.choice([-1, 1], 2)
        with contextlib.suppress(SviRefused):
            rho = int(random.integers(1 - 10**6, 10**6))
            smiles.append(Svi(a * int(signs[0]), b, rho, m * int(signs[1]), s))
    return smiles


EXTREMES = [
    Svi(2**27 - 1, 2**24 - 1, 10**6 - 1, 2**26 - 1, 2**26 - 1),
    Svi(2**27 - 1, 2**24 - 1, 1 - 10**6, 2**26 - 1, 2**26 - 1),
    Svi(2**27 - 1, 2**24 - 1, 1 - 10**6, 1 - 2**26, 1),
    Svi(100, 0, 0, 0, 1),
    Svi(100, 2**24 - 1, 10**6 - 1, 0, 1),
]
PRICE_MAX = 2**34 - 1
TENORS = [1, 60, 3_600, 86_400, 2_592_000, 31_536_000, 2**26 - 1]


@pytest.mark.parametrize("tenor_s", TENORS)
def test_volatility_is_within_its_stated_error_everywhere(tenor_s: int) -> None:
    random = np.random.default_rng(tenor_s)
    for smile in [*EXTREMES, *drawn_smiles(60, seed=tenor_s)]:
        forward = int(10 ** random.uniform(0, math.log10(PRICE_MAX)))
        spread = np.exp(random.normal(0, 2, 4) * math.sqrt(tenor_s / bounds.YEAR_S))
        near = np.clip(forward * spread, 1, PRICE_MAX)
        strikes = np.array([1, forward, PRICE_MAX, *near]).astype(np.int64)
        found = implied_vol_e6(smile, forward, strikes, tenor_s)
        for strike, vol_e6 in zip(strikes.tolist(), found.tolist(), strict=True):
            exact = exact_vol(smile, forward, strike, tenor_s)
            allowed = stated_error(smile, forward, strike, tenor_s, exact)
            assert abs(mpf(vol_e6) / 10**6 - exact) <= allowed, (smile, forward, strike)


def test_volatility_is_within_its_stated_error_at_a_million_points() -> None:
    # In 80-bit floats, which are exact enough by nine decimals.
    random = np.random.default_rng(3)
    count = 1_000_000
    columns = Smiles.of(drawn_smiles(500, seed=9), random.integers(0, 500, count))
    tenor = np.exp(random.uniform(0, np.log(2**26 - 1), count)).astype(np.int64)
    forward = np.exp(random.uniform(0, np.log(PRICE_MAX), count)).astype(np.int64)
    root = np.sqrt(tenor.astype(np.longdouble) / bounds.YEAR_S)
    strike = np.clip(forward * np.exp(random.normal(0, 3, count) * root), 1, PRICE_MAX)
    strike = strike.astype(np.int64)
    a, b, rho, m, s = (
        getattr(columns, name).astype(np.longdouble) / 10**6
        for name in ("a_e6", "b_e6", "rho_e6", "m_e6", "s_e6")
    )
    z = np.clip(np.log(strike.astype(np.longdouble) / forward) / root, -64, 64)
    vol = np.minimum(np.sqrt(a + b * (rho * (z - m) + np.hypot(z - m, s))), 10)
    z_error = (6.4e-9 + 2.8e-9 * np.abs(z)) / root + 1e-7
    allowed = 1e-6 + b * ((1 + np.abs(rho)) * z_error + 2e-7) / vol
    found = implied_vol_e6(columns, forward, strike, tenor)
    used = np.abs(found / np.longdouble(10**6) - vol) / allowed
    assert used.max() < 1
    assert used.max() > 0.9  # and the bound is no larger than it has to be


def test_a_usual_smile_is_off_by_little_more_than_the_rounding() -> None:
    strikes = np.linspace(30_000_000, 300_000_000, 500).astype(np.int64)
    found = implied_vol_e6(SMILE, 90_000_000, strikes, 2_592_000)
    exact = [exact_vol(SMILE, 90_000_000, strike, 2_592_000) for strike in strikes.tolist()]
    errors = [mpf(vol) / 10**6 - value for vol, value in zip(found.tolist(), exact, strict=True)]
    assert max(errors) < 1e-7
    assert min(errors) > -1.2e-6


def test_the_laws_hold_and_fit_their_widths() -> None:
    random = np.random.default_rng(5)
    z = random.integers(-64 * 10**7, 64 * 10**7 + 1, 400)
    z[:2] = -64 * 10**7, 64 * 10**7
    for smile in [*EXTREMES, *drawn_smiles(40, seed=6)]:
        x = z - smile.m_e6 * 10
        square = x * x + (smile.s_e6 * 10) ** 2
        assert 0 <= square.min() <= square.max() < 2**61
        root = sqrt_floor(square)
        assert not sqrt_law(square, root, square - root * root).any()
        lean, rest = np.divmod(smile.rho_e6 * x, 10**6)
        assert not lean_law(smile.rho_e6, x, lean, rest).any()
        variance = variance_e13(smile, z)
        assert (variance == smile.a_e6 * 10**7 + smile.b_e6 * (lean + root)).all()
        assert 99 * 10**7 < variance.min() <= variance.max() < 2**56
        cut = np.minimum(variance, 10**15)
        vol = sqrt_floor(cut // 10)
        rest = cut - 10 * vol * vol
        assert not smile_vol_law(cut, vol, rest).any()
        assert ((rest >= 0) & (rest < 20 * vol + 10)).all()
        assert vol.max() <= bounds.VOL_MAX_E6


def test_moneyness_is_rounded_down_and_cut_at_its_bound() -> None:
    forward = np.array([10**8] * 6)
    strike = np.array([1, 10**8 - 1, 10**8, 10**8 + 1, 2 * 10**8, PRICE_MAX])
    root, k = sqrt_years_q28(np.array([86_400])), ln_ratio_q28(strike, forward)
    z = moneyness_e7(forward, strike, np.array([86_400]))
    inside = np.abs(z) < 64 * 10**7
    assert inside.tolist() == [False, True, True, True, True, False]
    assert (z[0], z[2], z[-1]) == (-64 * 10**7, 0, 64 * 10**7)
    rest = k * 10**7 - z * root
    assert not moneyness_law(k, root, z, rest).any()
    assert ((rest >= 0) & (rest < root))[inside].all()


def test_smiles_in_columns_are_the_same_as_one_by_one() -> None:
    smiles = [SMILE, *drawn_smiles(3, seed=1)]
    which = np.array([0, 3, 1, 0, 2])
    strikes = np.array([80, 90, 100, 120, 200]) * 10**6
    tenors = np.array([3_600, 86_400, 10**6, 10**7, 5 * 10**7])
    rows = implied_vol_e6(Smiles.of(smiles, which), 10**8, strikes, tenors)
    one_by_one = [
        int(implied_vol_e6(smiles[smile], 10**8, strike, tenor))
        for smile, strike, tenor in zip(which, strikes, tenors, strict=True)
    ]
    assert rows.tolist() == one_by_one


@pytest.mark.parametrize(
    ("forward", "strike", "tenor_s"),
    [(0, 1, 1), (2**34, 1, 1), (1, 0, 1), (1, 2**34, 1), (1, 1, 0), (1, 1, -1), (1, 1, 2**26)],
)
def test_a_smile_has_no_volatility_outside_its_range(
    forward: int, strike: int, tenor_s: int
) -> None:
    with pytest.raises(OutOfRange):
        implied_vol_e6(SMILE, forward, np.array([strike]), tenor_s)
    assert implied_vol_e6(SMILE, 1, np.array([1]), 1).shape == (1,)


def test_a_smile_takes_no_floats() -> None:
    with pytest.raises(NotIntegers):
        implied_vol_e6(SMILE, 90_000.5, np.array([90_000]), 3_600)
