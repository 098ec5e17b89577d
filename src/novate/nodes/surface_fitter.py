"""From an option chain to a surface: forwards by parity, a smile an expiry, and no arbitrage.

Nothing is returned that `pricing.surface_arbitrages` finds fault with, on the chain's own strikes.
Fitting asks for that with penalties; where integers still find something the penalties are widened;
and what will not come right is flattened, as far as it takes, so an answer always exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from novate.nodes.csv_file import Floats
from novate.nodes.option_chain import OptionChain
from novate.nodes.smile_fit import (
    Margins,
    SmileProblem,
    Targets,
    first_guess,
    solve,
    to_parameters,
    variance,
)
from novate.nodes.smile_numbers import free_numbers, in_floats
from novate.nodes.smile_quotes import OUTLIER, FitSource, SmileQuotes, smile_quotes
from novate.nodes.surface_repair import without_arbitrage
from novate.pricing import Svi
from novate.units import bounds

SIFTINGS: Final = 2
"""How often quotes are weighed anew by how far they are from the fit."""


@dataclass(frozen=True, slots=True)
class SmileFit:
    """The smile of one expiry, and how well it goes through what was asked."""

    expiry_s: int
    tenor_s: int
    forward: float
    smile: Svi
    strikes: int
    """Strikes that had a volatility to go through."""
    rms: float
    """Root of the mean square error in volatility, weighted by vega; of quotes also by how close
    bid and ask are."""
    worst: float
    """Largest error in volatility at a strike whose vega is at least a tenth of the largest."""


@dataclass(frozen=True, slots=True)
class SurfaceFit:
    """Smiles by rising expiry, without arbitrage, and the expiries that got none."""

    currency: str
    taken_at_s: float
    smiles: tuple[SmileFit, ...]
    skipped: tuple[tuple[int, str], ...]
    """Expiry in seconds since 1970, and why."""
    repaired: tuple[int, ...]
    """Expiries whose best fit offered arbitrage, so that it is not the one returned."""

    @property
    def rms(self) -> float:
        """Root of the mean square error over all strikes, weighted by vega within each expiry."""
        return float(np.sqrt(np.mean([one.rms**2 for one in self.smiles])))


class NothingToFit(ValueError):
    """A chain in which no expiry has both a forward and volatilities."""


def fit_surface(
    chain: OptionChain, *, source: FitSource = FitSource.MARKS, start: SurfaceFit | None = None
) -> SurfaceFit:
    """The surface of a chain; from an earlier one of the same currency it is found faster.

    Raises: NothingToFit.
    """
    quoted, skipped = smile_quotes(chain, source)
    if not quoted:
        reasons = "; ".join(reason for _, reason in skipped[:3])
        raise NothingToFit(f"{chain.source.name}, {chain.currency}: no expiry to fit ({reasons})")
    targets = _targets(quoted)
    free = _begin(targets, quoted, start)
    free = _robustly(targets, free)
    smiles, repaired = without_arbitrage(targets, quoted, free)
    return SurfaceFit(
        currency=chain.currency,
        taken_at_s=chain.taken_at_s,
        smiles=tuple(_told(one, smile) for one, smile in zip(quoted, smiles, strict=True)),
        skipped=tuple(skipped),
        repaired=tuple(quoted[at].expiry_s for at in repaired),
    )


def _targets(quoted: Sequence[SmileQuotes]) -> Targets:
    width = max(len(one.strike) for one in quoted)

    def padded(values: list[Floats], fill: float) -> Floats:
        return np.array([np.pad(v, (0, width - len(v)), constant_values=fill) for v in values])

    k = [np.log(one.strike / one.forward) for one in quoted]
    listed = [np.log(one.listed / one.forward) for one in quoted]
    root = [np.sqrt(one.tenor_s / bounds.YEAR_S) for one in quoted]
    return Targets(
        tenor=np.array([one.tenor_s / bounds.YEAR_S for one in quoted]),
        z=padded([a / b for a, b in zip(k, root, strict=True)], 0.0),
        vol=padded([one.vol for one in quoted], 0.5),
        weight=padded([one.weight / one.weight.sum() for one in quoted], 0.0),
        low=np.array([one.min() for one in listed]),
        high=np.array([one.max() for one in listed]),
    )


def _begin(targets: Targets, quoted: Sequence[SmileQuotes], start: SurfaceFit | None) -> Floats:
    """Where the search begins: an earlier smile of the same expiry or the best of a grid, whichever
    is nearer. Who begins at a smile that went wrong does not find back from it.
    """
    free = first_guess(targets)
    known = {one.expiry_s: one.smile for one in start.smiles} if start else {}
    earlier = np.array([at for at, one in enumerate(quoted) if one.expiry_s in known], dtype=int)
    if len(earlier):
        smiles = [known[quoted[at].expiry_s] for at in earlier]
        warm = free.copy()
        warm[earlier] = free_numbers(smiles, targets.tenor[earlier])
        nearer = _square_error(targets, warm) < _square_error(targets, free)
        free[nearer] = warm[nearer]
    return free


def _square_error(targets: Targets, free: Floats) -> Floats:
    """Of each expiry, by weight."""
    return np.asarray((targets.weight * _errors(targets, free) ** 2).sum(axis=1))


def _robustly(targets: Targets, start: Floats) -> Floats:
    """The best fit, in which quotes far from it count less than those near."""
    margins = Margins(np.full(len(start), 1e-3), np.full(len(start), 1e-4))
    free = solve(SmileProblem(targets, margins, start), start)
    counts = targets.weight > 1e-3 * targets.weight.max(axis=1, keepdims=True)
    for _ in range(SIFTINGS):
        off = np.abs(_errors(targets, free))
        typical = [_median(o, w) for o, w in zip(off, targets.weight, strict=True)]
        allowed = np.maximum(OUTLIER, 3 * np.array(typical))[:, None]
        far = off > allowed
        if not (far & counts).any():
            break
        weight = targets.weight * np.where(far, (allowed / np.maximum(off, 1e-9)) ** 3, 1.0)
        weight /= weight.sum(axis=1, keepdims=True)
        free = solve(SmileProblem(replace(targets, weight=weight), margins, start), free)
    return free


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def _errors(targets: Targets, free: Floats) -> Floats:
    parameters = to_parameters(free, targets.tenor)[:, None]
    return np.asarray(np.sqrt(variance(parameters, targets.z)) - targets.vol)


def _told(one: SmileQuotes, smile: Svi) -> SmileFit:
    z = np.log(one.strike / one.forward) / np.sqrt(one.tenor_s / bounds.YEAR_S)
    off = np.abs(np.sqrt(variance(in_floats(smile), z)) - one.vol)
    counted = one.vega >= one.vega.max() / 10
    return SmileFit(
        expiry_s=one.expiry_s,
        tenor_s=one.tenor_s,
        forward=one.forward,
        smile=smile,
        strikes=len(one.strike),
        rms=float(np.sqrt((one.belief * off**2).sum() / one.belief.sum())),
        worst=float(off[counted].max()),
    )
