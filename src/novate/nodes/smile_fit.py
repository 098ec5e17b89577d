"""Smiles through quoted volatilities: all expiries at once, by damped least squares.

An expiry's five parameters are written so that any five numbers are a smile within its ranges: the
least variance, the slope as a part of what Lee allows, the correlation, the centre, the width. What
a smile must not do, alone or to its neighbours, is a residual of its own that is zero while it does
not: a negative density (Durrleman's function), or less total variance than the expiry before.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from novate.nodes.csv_file import Floats

VARIANCE_MIN: Final = 1.1e-4
"""Just above the least variance of an `Svi`, so that rounding does not fall below it."""

SLOPE_MAX: Final = 16.0
WING_MAX: Final = 1.98
"""Just below the 2 of Lee's bound."""

DEPTH_MAX: Final = 100.0
"""The largest slope times width, so that the level stays in its range."""

RHO_MAX: Final = 0.9995
WIDTH_MIN: Final = 1e-3

_STEP: Final = 1e-5
"""For derivatives by differences."""

_LOW: Final = np.array([-12.0, -9.0, -4.0, -40.0, -9.0])
_HIGH: Final = np.array([4.5, 9.0, 4.0, 40.0, 3.5])
"""Of the free numbers: variances up to 90, centres up to 40, widths up to 33."""

GAIN_MIN: Final = 1e-3
"""A round that lowers no expiry's square error by this part is idle; two idle rounds end it."""

_PRIOR: Final = 2e-4
"""How much a parameter is held where it began, for expiries with few quotes; in volatility per unit
of a parameter."""

_DENSITY_WEIGHT, _STEEPNESS_WEIGHT, _CALENDAR_WEIGHT = 0.2, 1.0, 5.0
"""What a condition that is missed counts beside a volatility that is missed."""

_CALENDAR_PLACES: Final = np.linspace(-2.5, 2.5, 17)
"""Standard deviations of the nearer expiry, where it is compared with the next."""

_SHAPE_PLACES: Final = np.linspace(-0.3, 1.3, 33)
"""Where the shape is looked at: 0 and 1 are the lowest and the highest strike, and it goes on, so
that no bend waits behind the last.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What smiles are to go through; one row an expiry, padded with weight 0."""

    tenor: Floats
    """Years."""
    z: Floats
    vol: Floats
    weight: Floats
    """Sums to 1 in each row."""
    low: Floats
    """The lowest and the highest log-moneyness that matters, of each expiry."""
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """By how much the conditions are to be kept: of shape, and of total variance as a part."""

    shape: Floats
    calendar: Floats
    """Of each expiry against the one before."""


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """The five of `Svi`, as floats; arrays of one shape."""

    a: Floats
    b: Floats
    rho: Floats
    m: Floats
    s: Floats

    def __getitem__(self, part: Any) -> "Parameters":
        """The same part of each."""
        return Parameters(self.a[part], self.b[part], self.rho[part], self.m[part], self.s[part])


def variance(parameters: Parameters, z: Floats) -> Floats:
    """Variance per year at standardised log-moneyness."""
    x = z - parameters.m
    bend = parameters.rho * x + np.hypot(x, parameters.s)
    return np.asarray(parameters.a + parameters.b * bend)


def shape(parameters: Parameters, z: Floats, tenor: Floats) -> tuple[Floats, Floats]:
    """What must not be negative: Durrleman's function, and the room left to the steepness.

    The first is the density up to a positive factor: below zero a butterfly costs less than
    nothing. The second says, as a part, that calls fall and puts rise with the strike, which a
    positive density alone does not say of a stretch: `-M(d2) <= d vol / dz <= M(-d2)` with Mills'
    ratio M, here by its lower bound `2 / (x + sqrt(x**2 + 4))`.
    """
    b, rho, m, s = parameters.b, parameters.rho, parameters.m, parameters.s
    root = np.hypot(z - m, s)
    v = variance(parameters, z)
    slope, curve = b * (rho + (z - m) / root), b * s**2 / root**3
    bent = (1 - z * slope / (2 * v)) ** 2
    density = bent - slope**2 / (4 * v) - tenor * slope**2 / 16 + curve / 2
    vol = np.sqrt(v)
    steep = slope / (2 * vol)
    d2 = np.sign(steep) * -(z / vol + vol * np.sqrt(tenor) / 2)
    room = 1 - np.abs(steep) * (np.hypot(d2, 2) - d2) / 2
    return np.asarray(density), np.asarray(room)


def to_parameters(free: Floats, tenor: Floats) -> Parameters:
    """What five free numbers mean at a tenor; the last axis of `free` holds the five."""
    floor, slope, lean, m, width = np.moveaxis(free, -1, 0)
    rho = RHO_MAX * np.tanh(lean)
    steepest = np.minimum(SLOPE_MAX, WING_MAX / (np.sqrt(tenor) * (1 + np.abs(rho))))
    b = steepest / (1 + np.exp(-slope))
    s = np.minimum(WIDTH_MIN + np.exp(width), DEPTH_MAX / b)
    a = VARIANCE_MIN + np.exp(floor) - b * s * np.sqrt(1 - rho**2)
    return Parameters(a, b, rho, m, s)


def to_free(parameters: Parameters, tenor: Floats) -> Floats:
    """The five free numbers of parameters, brought into the range where they have some."""
    a, b, m, s = parameters.a, parameters.b, parameters.m, parameters.s
    rho = np.clip(parameters.rho, -0.999, 0.999)
    steepest = np.minimum(SLOPE_MAX, WING_MAX / (np.sqrt(tenor) * (1 + np.abs(rho))))
    part = np.clip(b / steepest, 1e-4, 1 - 1e-4)
    floor = np.maximum(a + b * s * np.sqrt(1 - rho**2) - VARIANCE_MIN, 1e-5)
    free = np.stack(
        [
            np.log(floor),
            np.log(part / (1 - part)),
            np.arctanh(rho / RHO_MAX),
            m,
            np.log(np.maximum(s - WIDTH_MIN, 1e-4)),
        ],
        axis=-1,
    )
    return np.asarray(np.clip(free, _LOW, _HIGH))


def first_guess(targets: Targets) -> Floats:
    """Free numbers to begin with: of a grid of centres and widths the best, the rest by lines.

    With centre and width given a variance is linear in three numbers, so each place of the grid is
    one small system of equations.
    """
    z, vol, weight = targets.z, targets.vol, targets.weight
    spread = np.sqrt((weight * z**2).sum(axis=1)) + 0.05
    centres = np.array([-1.5, -0.8, -0.4, 0.0, 0.4, 0.8, 1.5])
    widths = np.array([0.1, 0.3, 0.7, 1.5, 3.0])
    m, s = (grid.ravel() for grid in np.meshgrid(centres, widths))
    m, s = spread[:, None] * m, spread[:, None] * s
    x = z[:, None, :] - m[:, :, None]
    basis = np.stack([np.ones_like(x), x, np.hypot(x, s[:, :, None])], axis=-1)
    # A variance is off by twice the volatility times what the volatility is off.
    scale = np.sqrt(weight) / (2 * np.maximum(vol, 1e-3))
    rows = basis * scale[:, None, :, None]
    target = (vol**2 * scale)[:, None, :]
    normal = np.einsum("egni,egnj->egij", rows, rows)
    normal += 1e-9 * np.trace(normal, axis1=2, axis2=3)[..., None, None] * np.eye(3)
    right = np.einsum("egni,egn->egi", rows, target)
    level, lean, slope = np.moveaxis(np.linalg.solve(normal, right[..., None])[..., 0], -1, 0)
    slope = np.maximum(slope, 1e-3)
    rho = np.clip(lean / slope, -0.98, 0.98)
    free = to_free(Parameters(level, slope, rho, m, s), targets.tenor[:, None])
    found = variance(to_parameters(free, targets.tenor[:, None])[..., None], z[:, None, :])
    off = (weight[:, None, :] * (np.sqrt(found) - vol[:, None, :]) ** 2).sum(axis=-1)
    best = off.argmin(axis=1)
    return np.asarray(free[np.arange(len(z)), best])


class SmileProblem:
    """Targets, conditions, and where the search began."""

    def __init__(self, targets: Targets, margins: Margins, start: Floats) -> None:
        self.targets, self.margins, self.start = targets, margins, start
        self.root_weight = np.sqrt(targets.weight)
        root = np.sqrt(targets.tenor)[:, None]
        wide = (targets.high - targets.low)[:, None]
        self.shape_z = (targets.low[:, None] + wide * _SHAPE_PLACES) / root

    def residuals(self, free: Floats, others: Floats) -> Floats:
        """Rows of residuals for (expiry, trial) free numbers, next to the other expiries."""
        targets = self.targets
        tenor = targets.tenor[:, None]
        parameters = to_parameters(free, tenor)[..., None]
        vol = np.sqrt(variance(parameters, targets.z[:, None, :]))
        fitted = self.root_weight[:, None, :] * (vol - targets.vol[:, None, :])
        lacking = [
            np.minimum(part - self.margins.shape[:, None, None], 0) / np.sqrt(part.shape[-1])
            for part in shape(parameters, self.shape_z[:, None, :], tenor[..., None])
        ]
        held = _PRIOR * (free - self.start[:, None, :])
        parts = [fitted, _DENSITY_WEIGHT * lacking[0], _STEEPNESS_WEIGHT * lacking[1], held]
        if len(tenor) > 1:
            parts += [self._crossings(parameters, others, later) for later in (True, False)]
        return np.concatenate(parts, axis=-1)

    def _crossings(self, parameters: Parameters, others: Floats, is_later: bool) -> Floats:
        """How far total variance is on the wrong side of the neighbour's, in volatility."""
        tenor, count = self.targets.tenor, len(self.targets.tenor)
        other = to_parameters(others, tenor)
        k = self._places(other)[:-1]
        mine, theirs = slice(0, count - 1), slice(1, count)
        if is_later:
            mine, theirs = theirs, mine
        own_years, their_years = tenor[mine][:, None], tenor[theirs][:, None]
        own = own_years[..., None] * variance(
            parameters[mine], (k / np.sqrt(own_years))[:, None, :]
        )
        their = their_years * variance(other[theirs, None], k / np.sqrt(their_years))
        margin = (1 + self.margins.calendar[1:])[:, None, None]
        their = their[:, None, :]
        gap = own - their * margin if is_later else their / margin - own
        scale = 2 * np.sqrt(np.maximum(own, 1e-12) * own_years[..., None])
        found = np.zeros((count, parameters.a.shape[1], k.shape[1]))
        found[mine] = _CALENDAR_WEIGHT * np.minimum(gap, 0) / scale / np.sqrt(k.shape[1])
        return found

    def _places(self, parameters: Parameters) -> Floats:
        """Log-moneyness where an expiry and the next are compared."""
        tenor = self.targets.tenor
        middle = variance(parameters[:, None], np.zeros((len(tenor), 1)))
        return np.asarray(np.sqrt(middle * tenor[:, None]) * _CALENDAR_PLACES)


def solve(problem: SmileProblem, free: Floats, *, rounds: int = 40) -> Floats:
    """Levenberg and Marquardt's method on every expiry at once, each next to the others as they
    stand.
    """
    free = free.copy()
    damping = np.full(len(free), 1e-2)
    steps = np.concatenate([np.zeros((1, 5)), _STEP * np.eye(5)])
    idle = 0
    for _ in range(rounds):
        rows = problem.residuals(free[:, None, :] + steps, free)
        now = rows[:, 0]
        jacobian = (rows[:, 1:] - rows[:, :1]) / _STEP
        normal = jacobian @ jacobian.transpose(0, 2, 1)
        right = jacobian @ now[..., None]
        lifted = normal + damping[:, None, None] * (normal * np.eye(5) + 1e-12 * np.eye(5))
        move = -np.linalg.solve(lifted, right)[..., 0]
        trial = np.clip(free + np.clip(move, -1.5, 1.5), _LOW, _HIGH)
        then = problem.residuals(trial[:, None, :], free)[:, 0]
        cost, cost_then = (now**2).sum(axis=1), (then**2).sum(axis=1)
        better = cost_then < cost
        free[better] = trial[better]
        damping = np.clip(np.where(better, damping / 3, damping * 4), 1e-9, 1e6)
        gained = better & (cost_then < cost * (1 - GAIN_MIN))
        idle = 0 if gained.any() else idle + 1
        if idle == 2:
            break
    return free
