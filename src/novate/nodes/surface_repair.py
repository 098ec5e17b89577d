"""Smiles brought apart until integers find no arbitrage in them.

The conditions' margins are widened and all smiles found anew, a few times; then each smile that
still offers something is flattened and raised, as far as it takes.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

import numpy as np

from novate.nodes.csv_file import Floats
from novate.nodes.smile_fit import Margins, SmileProblem, Targets, solve, to_parameters, variance
from novate.nodes.smile_numbers import in_floats, rounded
from novate.nodes.smile_quotes import PER_UNIT, SmileQuotes
from novate.pricing import Arbitrage, ArbitrageRule, Svi, SviRefused, surface_arbitrages
from novate.units import OutOfRange, bounds

WIDENINGS: Final = 5
"""How often the penalties are widened before smiles are flattened."""


def without_arbitrage(
    targets: Targets, quoted: Sequence[SmileQuotes], free: Floats
) -> tuple[list[Svi], list[int]]:
    """The fit when it offers none, else one near it that does not; and which were changed."""
    shape, calendar = np.full(len(free), 1e-3), np.full(len(free), 1e-4)
    touched: set[int] = set()
    for _ in range(WIDENINGS):
        smiles = rounded(to_parameters(free, targets.tenor))
        found = _offered(quoted, smiles)
        if not found:
            return smiles, sorted(touched)
        for one in found:
            if one.rule is ArbitrageRule.CALENDAR:
                calendar[one.expiry + 1] *= 4
                touched |= {one.expiry, one.expiry + 1}
            else:
                shape[one.expiry] = min(4 * shape[one.expiry], 0.5)
                touched.add(one.expiry)
        free = solve(SmileProblem(targets, Margins(shape, calendar), free), free)
    tamed: list[Svi] = []
    for at, smile in enumerate(rounded(to_parameters(free, targets.tenor))):
        last = tamed[-1:]
        for candidate in _tamer(smile):
            if not _offered(quoted[at - len(last) : at + 1], [*last, candidate]):
                tamed.append(candidate)
                break
        if tamed[at] != smile:
            touched.add(at)
    return tamed, sorted(touched)


def _tamer(smile: Svi) -> list[Svi]:
    """Smiles ever flatter and higher than this one, by how far that takes them from it.

    The last is level at 1000 %, which no earlier expiry exceeds in total variance.
    """
    middle_e6 = _variance_e6(smile, 0.0)
    found: list[tuple[float, Svi]] = []
    for kept in (1.0, 0.9, 0.75, 0.5, 0.25, 0.0):
        b_e6 = round(smile.b_e6 * kept)
        # As high at the forward as the smile was, and raised from there.
        level = middle_e6 - kept * (middle_e6 - smile.a_e6)
        moved = abs(_variance_e6(smile, 2.0) - middle_e6) * (1 - kept)
        for raised in (0, *(2**n for n in range(5, 27))):
            with suppress(SviRefused, OutOfRange):
                tamed = replace(smile, a_e6=round(level) + raised, b_e6=b_e6)
                found.append((raised + moved, tamed))
    found.sort(key=lambda one: one[0])
    highest = Svi(a_e6=bounds.VOL_MAX_E6**2 // 10**6, b_e6=0, rho_e6=0, m_e6=0, s_e6=1)
    return [tamed for _, tamed in found] + [highest]


def _variance_e6(smile: Svi, z: float) -> float:
    return float(variance(in_floats(smile), np.asarray(z))) * 1e6


def _offered(quoted: Sequence[SmileQuotes], smiles: Sequence[Svi]) -> tuple[Arbitrage, ...]:
    tenor_s = np.array([one.tenor_s for one in quoted])
    forward = np.array([round(one.forward * PER_UNIT) for one in quoted])
    expiry = np.repeat(np.arange(len(quoted)), [len(one.listed) for one in quoted])
    strike = np.rint(np.concatenate([one.listed for one in quoted]) * PER_UNIT).astype(np.int64)
    return surface_arbitrages(smiles, tenor_s, forward, expiry, strike)
