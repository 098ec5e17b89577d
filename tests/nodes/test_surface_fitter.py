"""Surfaces through chains: close to their volatilities, and never with arbitrage."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.surface import arbitrages, error_to_marks
from tests.shared_data import published

from novate.nodes import (
    Exclusion,
    FitSource,
    NothingToFit,
    OptionChain,
    SurfaceFit,
    fit_surface,
    read_option_chains,
)
from novate.nodes.smile_numbers import from_raw_svi, in_floats, raw_svi
from novate.pricing import Svi
from novate.units import Instant, bounds

from .chains import DAY_S, SMILE, TAKEN_AT_S, made_chain


@pytest.mark.parametrize("source", FitSource)
def test_a_surface_is_found_again_in_its_own_prices(source: FitSource) -> None:
    chain = made_chain()
    fit = fit_surface(chain, source=source)
    assert [one.expiry_s - TAKEN_AT_S for one in fit.smiles] == [
        day * DAY_S for day in (1, 7, 30, 90, 365)
    ]
    assert fit.rms < 5e-4
    assert fit.repaired == ()
    assert arbitrages(fit, chain) == 0


def test_marks_without_volatilities_are_inverted() -> None:
    chain = made_chain()
    lacking = replace(chain, mark_iv=np.full(len(chain.strike), np.nan))
    assert fit_surface(lacking).rms < 5e-4


@pytest.mark.parametrize(
    ("name", "taken_at", "rms"),
    [
        ("deribit_options_snapshot_20260115T092130Z.csv", None, [0.0045, 0.0045]),
        ("deribit_options_snapshot_20260205T155132Z.csv", None, [0.0065, 0.0090]),
        ("eth_book_summary_2024-01-08.csv", None, [0.0060]),
        ("btc_book_summary_2025-12-05.csv", Instant(1_764_897_018), [0.0035]),
    ],
)
@pytest.mark.parametrize("source", FitSource)
def test_published_chains_are_fitted_closely_and_without_arbitrage(
    name: str, taken_at: Instant | None, rms: list[float], source: FitSource
) -> None:
    chains = read_option_chains(published(f"deribit/{name}"), taken_at=taken_at)
    for chain, most in zip(chains, rms, strict=True):
        fit = fit_surface(chain, source=source)
        assert len(fit.smiles) == len(chain.forwards)
        # The quotes of the crash are wide apart and full of holes.
        assert fit.rms < (most if source is FitSource.MARKS else 2 * most)
        assert arbitrages(fit, chain) == 0
        again = fit_surface(chain, source=source, start=fit)
        assert again.rms < 1.05 * fit.rms
        assert arbitrages(again, chain) == 0


@pytest.mark.parametrize(("source", "points"), [(FitSource.MARKS, 1.0), (FitSource.QUOTES, 1.3)])
@pytest.mark.parametrize("currency", ["BTC", "ETH"])
def test_a_tenth_of_a_published_chain_may_be_nonsense(
    currency: str, source: FitSource, points: float
) -> None:
    path = published("deribit/deribit_options_snapshot_20260115T092130Z.csv")
    (chain,) = (one for one in read_option_chains(path) if one.currency == currency)
    assert 100 * distance(fit_surface(chain, source=source), chain) < 0.65
    found = []
    for seed in range(8):
        fit = fit_surface(spoilt(chain, seed), source=source)
        assert arbitrages(fit, chain) == 0
        assert len(fit.smiles) == len(chain.forwards)
        found.append(100 * distance(fit, chain))
    assert np.median(found) < points


def spoilt(chain: OptionChain, seed: int) -> OptionChain:
    """With volatilities of a tenth of the strikes two fifths too low or half too high; a tenth of
    the quotes two fifths too high, and a tenth crossed."""
    random = np.random.default_rng(seed)
    strikes, place = np.unique(
        np.stack([chain.expiry_s, chain.strike]), axis=1, return_inverse=True
    )
    factor = np.where(random.random(strikes.shape[1]) < 0.5, 0.6, 1.5)
    factor[random.random(len(factor)) > 0.1] = 1.0
    dearer = np.where(random.random(len(chain.strike)) > 0.1, 1.0, 1.4)
    is_crossed = random.random(len(chain.strike)) < 0.1
    return replace(
        chain,
        mark_iv=chain.mark_iv * factor[place.ravel()],
        bid=np.where(is_crossed, chain.ask * 1.01, chain.bid * dearer),
        ask=np.where(is_crossed, chain.bid, chain.ask * dearer),
    )


def distance(fit: SurfaceFit, chain: OptionChain) -> float:
    """Root of the mean square distance to the marks of a chain, weighted by vega."""
    return float(np.sqrt(np.mean([error_to_marks(one, chain) ** 2 for one in fit.smiles])))


def test_a_warm_start_takes_smiles_to_the_next_chain() -> None:
    chain = made_chain()
    fit = fit_surface(chain)
    later = replace(chain, taken_at_s=chain.taken_at_s + 600)
    assert fit_surface(later, start=fit).rms < 1e-3
    fewer = fit_surface(made_chain(days=(7, 30)), start=fit)
    more = fit_surface(chain, start=fewer)
    assert more.rms < 1e-3
    assert len(more.smiles) == 5


def test_stale_quotes_do_not_move_the_fit() -> None:
    chain = made_chain()
    clean = fit_surface(chain)
    random = np.random.default_rng(4)
    vol = chain.mark_iv.copy()
    for expiry_s in np.unique(chain.expiry_s):
        # Both options of five strikes of twenty-five, by 20 points down or 40 up.
        rows = np.flatnonzero(chain.expiry_s == expiry_s).reshape(-1, 2)
        stale = rows[random.choice(np.arange(2, 23, 2), 5, replace=False)]
        vol[stale] += random.choice([-0.2, 0.4], (5, 1))
    fit = fit_surface(replace(chain, mark_iv=vol))
    for found, true in zip(fit.smiles, clean.smiles, strict=True):
        level, expected = (variance_at(one.smile) for one in (found, true))
        assert np.sqrt(level) == pytest.approx(np.sqrt(expected), abs=0.015)
    assert arbitrages(fit, chain) == 0


def variance_at(smile: Svi) -> float:
    at = in_floats(smile)
    return float(at.a + at.b * (-at.rho * at.m + np.hypot(at.m, at.s)))


def test_holes_are_bridged(tmp_path: Path) -> None:
    chain = made_chain()
    random = np.random.default_rng(2)
    holes = chain.where(random.random(len(chain.strike)) < 0.3)
    fit = fit_surface(holes)
    assert fit.rms < 1e-3
    assert len(fit.smiles) == 5
    assert arbitrages(fit, chain) == 0


@pytest.mark.parametrize("strikes", [1, 2, 3, 4, 5])
def test_few_strikes_are_enough_for_some_smile(strikes: int) -> None:
    fit = fit_surface(made_chain(strikes=strikes))
    assert len(fit.smiles) == 5
    assert fit.rms < 2e-3


def test_expiries_without_forward_volatility_or_time_are_skipped_with_the_reason() -> None:
    chain = made_chain(days=(30 / DAY_S, 1, 7, 30))
    expiries = np.unique(chain.expiry_s)
    forward, vol = chain.forward.copy(), chain.mark_iv.copy()
    forward[chain.expiry_s == expiries[1]] = np.nan
    vol[chain.expiry_s == expiries[2]] = np.nan
    nothing = np.full(len(vol), np.nan)
    fit = fit_surface(replace(chain, forward=forward, mark_iv=vol, mark=nothing))
    assert [expiry for expiry, _ in fit.skipped] == expiries[:3].tolist()
    reasons = [reason for _, reason in fit.skipped]
    assert "30 s" in reasons[0]
    assert "call and a put" in reasons[1]
    assert "volatility" in reasons[2]
    assert len(fit.smiles) == 1
    with pytest.raises(NothingToFit, match=r"made\.csv, BTC: no expiry to fit"):
        fit_surface(replace(chain, forward=nothing))


def nonsense(seed: int) -> OptionChain:
    """A chain whose volatilities have been tampered with in one of several ways."""
    chain = made_chain(strikes=12)
    random = np.random.default_rng(seed)
    vol = chain.mark_iv.copy()
    order = np.unique(chain.expiry_s, return_inverse=True)[1]
    match seed % 6:
        case 0:  # noise beyond recognition
            vol *= np.exp(random.normal(0, 1, len(vol)))
        case 1:  # total variance that falls from expiry to expiry
            vol *= np.sqrt(np.exp(-random.uniform(1, 4) * order))
        case 2:  # one expiry far above the others
            vol[order == random.integers(0, 4)] *= 5
        case 3:  # steep wings on one side
            steep = np.log(chain.strike / 90_000) / np.sqrt(chain.tenor_s / bounds.YEAR_S)
            vol += random.uniform(0.5, 3) * np.maximum(random.choice([-1, 1]) * steep, 0)
        case 4:  # both ends of what a volatility may be
            vol = random.choice([0.01, 10.0], len(vol))
        case 5:  # a smile upside down
            vol = 0.3 + np.maximum(0.0, 1 - 3 * np.abs(np.log(chain.strike / 90_000)))
    return replace(chain, mark_iv=np.clip(vol, 0.01, 10.0))


@pytest.mark.parametrize("seed", range(24))
def test_no_chain_however_absurd_gives_an_arbitrageable_surface(seed: int) -> None:
    chain = nonsense(seed)
    fit = fit_surface(chain)
    assert len(fit.smiles) == 5
    assert arbitrages(fit, chain) == 0
    assert fit.repaired or fit.rms < 5
    for one in fit.smiles:
        one.smile.require_wings(one.tenor_s)


@pytest.mark.parametrize("seed", range(24))
def test_a_surface_that_went_wrong_does_not_spoil_the_next(seed: int) -> None:
    chain = made_chain()
    fit = fit_surface(chain, start=fit_surface(nonsense(seed)))
    assert fit.rms < 1e-3
    assert arbitrages(fit, chain) == 0


@pytest.mark.parametrize("value", [np.inf, -0.5, 0.0, 0.0099, 10.01, 1e6, 1e300])
def test_a_volatility_that_is_none_does_not_count(value: float) -> None:
    chain = made_chain()
    vol = chain.mark_iv.copy()
    vol[50:52] = value  # a call and a put
    without = np.full(len(vol), np.nan)
    fit = fit_surface(replace(chain, mark_iv=vol, mark=without))
    assert fit.rms < 5e-4
    assert fit.smiles[1].strikes == 24


def test_where_no_price_has_a_vega_a_smile_still_goes_through_what_is_asked() -> None:
    chain = made_chain(days=(1,))
    far = chain.where(chain.strike > 92_000)
    fit = fit_surface(replace(far, mark_iv=np.full(len(far.strike), 0.01)))
    assert np.isfinite(fit.rms)
    assert fit.rms < 0.01
    assert arbitrages(fit, far) == 0


@pytest.mark.parametrize(
    ("forward", "is_skipped"),
    [(0.0, True), (-1.0, True), (9e-4, True), (1e-3, False), (1e7, False), (2e7, True)],
)
def test_a_forward_that_is_no_price_is_said_and_skipped(forward: float, is_skipped: bool) -> None:
    chain = made_chain(days=(7, 30))
    changed = np.where(chain.expiry_s == chain.expiry_s.min(), forward, chain.forward)
    fit = fit_surface(replace(chain, forward=changed))
    assert len(fit.smiles) == 2 - is_skipped
    if is_skipped:
        assert f"its forward of {forward:g} is outside [0.001, 17179869.18)" in fit.skipped[0][1]


def test_the_literature_s_parameters_are_the_same_smile() -> None:
    tenor_s = 30 * DAY_S
    years = tenor_s / bounds.YEAR_S
    raw = raw_svi(SMILE, tenor_s)
    k = np.linspace(-0.5, 0.5, 11)
    total = raw.a + raw.b * (raw.rho * (k - raw.m) + np.hypot(k - raw.m, raw.s))
    free = in_floats(SMILE)
    z = k / np.sqrt(years)
    per_year = free.a + free.b * (free.rho * (z - free.m) + np.hypot(z - free.m, free.s))
    assert total == pytest.approx(per_year * years, rel=1e-12)
    assert from_raw_svi(raw, tenor_s) == SMILE


def test_exclusions_have_words() -> None:
    told = Exclusion(7, "BTC-26DEC25-85000-P", "crossed", "bid 2 is above the ask 1")
    assert str(told) == "line 7, BTC-26DEC25-85000-P: crossed, bid 2 is above the ask 1"
