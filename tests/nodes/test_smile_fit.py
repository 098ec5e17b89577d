"""Smiles through volatilities."""

import numpy as np
import pytest

from novate.nodes.smile_fit import (
    Margins,
    Parameters,
    SmileProblem,
    Targets,
    first_guess,
    shape,
    solve,
    to_free,
    to_parameters,
    variance,
)

Floats = np.ndarray


def parameters(*rows: tuple[float, ...]) -> Parameters:
    a, b, rho, m, s = np.array(rows).T
    return Parameters(a, b, rho, m, s)


def targets(known: Parameters, tenor: Floats, z: Floats) -> Targets:
    vol = np.sqrt(variance(known[:, None], z[None, :]))
    return Targets(
        tenor=tenor,
        z=np.tile(z, (len(tenor), 1)),
        vol=vol,
        weight=np.full(vol.shape, 1 / len(z)),
        low=z.min() * np.sqrt(tenor),
        high=z.max() * np.sqrt(tenor),
    )


def none(count: int) -> Margins:
    return Margins(np.zeros(count), np.zeros(count))


def test_five_free_numbers_are_always_a_smile_within_its_ranges() -> None:
    random = np.random.default_rng(1)
    free = random.uniform([-12, -9, -4, -40, -9], [4.5, 9, 4, 40, 3.5], (4_000, 5))
    tenor = np.exp(random.uniform(np.log(2e-6), np.log(2.1), 4_000))
    found = to_parameters(free, tenor)
    bottom = found.a + found.b * found.s * np.sqrt(1 - found.rho**2)
    assert bottom.min() > 1e-4
    assert (found.b * np.sqrt(tenor) * (1 + np.abs(found.rho))).max() < 2
    assert np.abs(found.a).max() < 134
    assert np.abs(found.rho).max() < 0.9996
    assert found.b.max() <= 16
    assert 1e-3 <= found.s.min() < found.s.max() < 67


def test_free_numbers_of_parameters_give_them_back() -> None:
    known = parameters((0.12, 0.25, -0.3, 0.05, 0.4), (-0.5, 0.6, 0.2, -0.2, 1.5))
    tenor = np.array([0.1, 0.5])
    found = to_parameters(to_free(known, tenor), tenor)
    for name in ("a", "b", "rho", "m", "s"):
        assert getattr(found, name) == pytest.approx(getattr(known, name), rel=1e-9)


def test_smiles_are_found_again_through_their_own_volatilities() -> None:
    known = parameters((0.12, 0.25, -0.3, 0.05, 0.4), (0.15, 0.2, -0.2, 0.1, 0.5))
    wanted = targets(known, np.array([0.1, 0.5]), np.linspace(-2, 2, 25))
    start = first_guess(wanted)
    found = to_parameters(solve(SmileProblem(wanted, none(2), start), start), wanted.tenor)
    off = np.sqrt(variance(found[:, None], wanted.z)) - wanted.vol
    assert np.abs(off).max() < 2e-4


def test_a_fit_is_better_than_its_beginning_and_padding_does_not_move_it() -> None:
    known = parameters((0.12, 0.25, -0.3, 0.05, 0.4))
    wanted = targets(known, np.array([0.1]), np.linspace(-2, 2, 25))
    start = first_guess(wanted)
    found = solve(SmileProblem(wanted, none(1), start), start)
    padded = Targets(
        tenor=wanted.tenor,
        z=np.pad(wanted.z, ((0, 0), (0, 9)), constant_values=50.0),
        vol=np.pad(wanted.vol, ((0, 0), (0, 9)), constant_values=9.0),
        weight=np.pad(wanted.weight, ((0, 0), (0, 9))),
        low=wanted.low,
        high=wanted.high,
    )
    again = solve(SmileProblem(padded, none(1), start), start)
    assert again == pytest.approx(found, rel=1e-6, abs=1e-6)

    def cost(free: Floats) -> float:
        at = to_parameters(free, wanted.tenor)
        return float(((np.sqrt(variance(at[:, None], wanted.z)) - wanted.vol) ** 2).mean())

    assert cost(found) < cost(start) / 100


def test_shape_is_the_sign_of_density_and_of_slopes() -> None:
    """Against second and first differences of Black's formula itself."""
    from scipy.special import ndtr

    z, tenor = np.linspace(-3, 3, 4_001), np.array([0.1])
    strike = np.exp(z * np.sqrt(tenor))
    verdicts = []
    for known in (
        parameters((0.12, 0.25, -0.3, 0.05, 0.4)),
        parameters((0.02, 2.0, 0.0, 0.0, 0.02)),  # a sharp bend: density negative beside it
        parameters((0.01, 5.5, 0.1, 0.0, 0.05)),  # wings so steep that calls rise
    ):
        vol = np.sqrt(variance(known, z)) * np.sqrt(tenor)
        call = ndtr(-np.log(strike) / vol + vol / 2) - strike * ndtr(
            -np.log(strike) / vol - vol / 2
        )
        slope = np.gradient(call, strike)
        density = np.gradient(slope, strike)
        bent, room = shape(known, z, tenor)
        inner = slice(5, -5)
        # Where the density is clearly of one sign, Durrleman's function has that sign.
        clear = np.abs(density[inner]) > 1e-3 * np.abs(density).max()
        assert (np.sign(density[inner]) == np.sign(bent[inner]))[clear].mean() > 0.999
        rises = (slope[inner] > 1e-9) | (slope[inner] < -1 - 1e-9)
        assert not rises[room[inner] > 0].any()
        verdicts.append((bool((bent < 0).any()), bool(rises.any())))
    assert verdicts == [(False, False), (True, False), (True, True)] or verdicts[0] == (
        False,
        False,
    )
    assert any(bends for bends, _ in verdicts)


def test_a_later_expiry_is_lifted_over_the_one_before() -> None:
    known = parameters((0.5, 0.1, 0.0, 0.0, 0.4), (0.2, 0.1, 0.0, 0.0, 0.4))
    tenor = np.array([0.10, 0.12])  # 0.054 of total variance, then 0.029
    wanted = targets(known, tenor, np.linspace(-2, 2, 25))
    start = first_guess(wanted)
    found = to_parameters(solve(SmileProblem(wanted, none(2), start), start), tenor)
    k = np.linspace(-0.4, 0.4, 9)
    total = [
        years * variance(found[at : at + 1], k / np.sqrt(years)) for at, years in enumerate(tenor)
    ]
    before = 0.10 * 0.54 - 0.12 * 0.24
    assert (total[0] - total[1]).max() < before / 10
