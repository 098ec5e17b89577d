"""From an option chain to a surface: forwards by parity, a smile an expiry, and no arbitrage.

Nothing is returned that `pricing.surface_arbitrages` finds fault with, on the chain's own strikes.
Fitting asks for that with penalties; where integers still find something the penalties are widened;
and what will not come right is flattened, as far as it takes, so an answer always exists.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from novate.nodes.bad_quotes import PRICE_MAX, PRICE_MIN, VOL_MAX, VOL_MIN
from novate.nodes.csv_file import Floats
from novate.nodes.option_chain import OptionChain
from novate.nodes.smile_fit import (
    Margins,
    Parameters,
    SmileProblem,
    Targets,
    first_guess,
    solve,
    to_free,
    to_parameters,
    variance,
)
from novate.pricing import (
    Arbitrage,
    ArbitrageRule,
    Implied,
    Svi,
    SviRefused,
    call_implied_vols,
    put_implied_vols,
    surface_arbitrages,
)
from novate.units import OutOfRange, bounds

TENOR_MIN_S: Final = 60
"""An expiry in its last minute has no smile: a price there is worth its distance to the strike."""

SPREAD_MAX: Final = 0.5
"""A quote whose bid and ask are further apart, in volatility, says nothing."""

OUTLIER: Final = 0.04
"""Quotes further off than this, and than three typical distances, count less the further they are,
by the third power.
"""

SIFTINGS: Final = 2
"""How often quotes are weighed anew by how far they are from the fit."""

LONE: Final = 0.15
"""A volatility off by this part, and by `OUTLIER`, from the lines through its neighbours on either
side, the next and the next but one, hardly counts: it is stale, or a slip.
"""

WIDENINGS: Final = 5
"""How often the penalties are widened before smiles are flattened."""

_NO_VEGA: Final = 1e-100

_PER_UNIT: Final = 1000
"""Prices here are per unit of the underlying, in milli-USD."""


class FitSource(StrEnum):
    """What a surface is fitted to."""

    MARKS = "marks"
    """The source's own mark volatilities, else those that its mark prices imply."""
    QUOTES = "quotes"
    """The middle of bid and ask in volatility, of out-of-the-money options."""


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


@dataclass(frozen=True, slots=True, eq=False)
class _Quoted:
    """One expiry's volatilities by rising strike."""

    expiry_s: int
    tenor_s: int
    forward: float
    strike: Floats
    vol: Floats
    weight: Floats
    vega: Floats
    belief: Floats
    """Vega, times how much the quotes are believed."""
    listed: Floats
    """Every strike of the expiry, quoted or not: where there must be no arbitrage."""


def fit_surface(
    chain: OptionChain, *, source: FitSource = FitSource.MARKS, start: SurfaceFit | None = None
) -> SurfaceFit:
    """The surface of a chain; from an earlier one of the same currency it is found faster.

    Raises: NothingToFit.
    """
    quoted, skipped = _quoted(chain, source)
    if not quoted:
        reasons = "; ".join(reason for _, reason in skipped[:3])
        raise NothingToFit(f"{chain.source.name}, {chain.currency}: no expiry to fit ({reasons})")
    targets = _targets(quoted)
    free = _begin(targets, quoted, start)
    free = _robustly(targets, free)
    smiles, repaired = _without_arbitrage(targets, quoted, free)
    return SurfaceFit(
        currency=chain.currency,
        taken_at_s=chain.taken_at_s,
        smiles=tuple(_told(one, smile) for one, smile in zip(quoted, smiles, strict=True)),
        skipped=tuple(skipped),
        repaired=tuple(quoted[at].expiry_s for at in repaired),
    )


def _quoted(chain: OptionChain, source: FitSource) -> tuple[list[_Quoted], list[tuple[int, str]]]:
    vol, weight = _vols(chain, source)
    forwards = chain.forwards
    found, skipped = [], []
    for expiry_s in np.unique(chain.expiry_s).tolist():
        rows = chain.expiry_s == expiry_s
        tenor_s = round(expiry_s - chain.taken_at_s)
        forward = forwards.get(expiry_s, np.nan)
        usable = rows & (vol >= VOL_MIN) & (vol <= VOL_MAX) & (weight > 0)
        if tenor_s < TENOR_MIN_S or tenor_s >= 1 << bounds.TENOR_BITS:
            skipped.append((expiry_s, f"its tenor of {tenor_s} s is outside what has a smile"))
        elif not np.isfinite(forward):
            skipped.append((expiry_s, "no strike has both a call and a put"))
        elif not PRICE_MIN <= forward < PRICE_MAX:
            why = f"its forward of {forward:g} is outside [{PRICE_MIN:g}, {PRICE_MAX:.10g})"
            skipped.append((expiry_s, why))
        elif not usable.any():
            skipped.append((expiry_s, "no strike has a volatility"))
        else:
            found.append(_expiry(chain, rows, usable, vol, weight, expiry_s, tenor_s, forward))
    return found, skipped


def _expiry(
    chain: OptionChain, rows: np.ndarray, usable: np.ndarray, vol: Floats, weight: Floats,
    expiry_s: int, tenor_s: int, forward: float,
) -> _Quoted:  # fmt: skip
    """A call and a put of one strike are one quote: their mean by weight."""
    strike, place = np.unique(chain.strike[usable], return_inverse=True)
    total = np.bincount(place, weight[usable])
    mean = np.bincount(place, weight[usable] * vol[usable]) / total
    years = tenor_s / bounds.YEAR_S
    deviation = np.maximum(mean, 0.01) * np.sqrt(years)
    d1 = np.log(forward / strike) / deviation + deviation / 2
    vega = forward * np.sqrt(years) * np.exp(-d1 * d1 / 2) / np.sqrt(2 * np.pi)
    # Where no price would move by a milli-USD all strikes count alike.
    vega = np.maximum(vega, _NO_VEGA)
    believed = total / np.bincount(place)
    # A little weight for wings without vega, so that they do not hang free.
    near = vega / max(vega.max(), 1 / _PER_UNIT) + 1e-4
    return _Quoted(
        expiry_s=expiry_s,
        tenor_s=tenor_s,
        forward=forward,
        strike=strike,
        vol=mean,
        weight=near * believed * np.where(_is_lone(strike, mean), 1e-3, 1.0),
        vega=vega,
        belief=vega * believed,
        listed=np.unique(chain.strike[rows]),
    )


def _is_lone(strike: Floats, vol: Floats) -> np.ndarray:
    """Which volatilities are far, to the same side, from both lines through their neighbours.

    From the wider line a bend is four times as far as from the narrower, a slip as far as from it.
    """
    far = np.zeros((2, len(vol)))
    for place, apart in enumerate((1, 2)):
        low, at, high = strike[: -2 * apart], strike[apart:-apart], strike[2 * apart :]
        part = (at - low) / (high - low)
        line = vol[: -2 * apart] * (1 - part) + vol[2 * apart :] * part
        off = vol[apart:-apart] - line
        far[place, apart:-apart] = np.where(np.abs(off) > np.maximum(OUTLIER, LONE * line), off, 0)
    return np.asarray((far[0] * far[1] > 0) & (np.abs(far[0]) > 0.6 * np.abs(far[1])))


def _vols(chain: OptionChain, source: FitSource) -> tuple[Floats, Floats]:
    """A volatility for each row that has one, and how much it is to be believed."""
    if source is FitSource.MARKS:
        vol = chain.mark_iv
        lacking = ~np.isfinite(vol)
        if lacking.any():
            vol = np.where(lacking, _implied(chain, chain.mark), vol)
        return vol, np.ones(len(vol))
    bid, ask = _implied(chain, chain.bid), _implied(chain, chain.ask)
    spread = ask - bid
    is_otm = chain.is_call == (chain.strike >= chain.forward)
    usable = is_otm & np.isfinite(spread) & (spread >= 0) & (spread <= SPREAD_MAX)
    with np.errstate(invalid="ignore"):
        weight = np.where(usable, 1 / (1 + (spread / 0.02) ** 2), 0.0)
    return np.where(usable, (bid + ask) / 2, np.nan), weight


def _implied(chain: OptionChain, price: Floats) -> Floats:
    """The volatility that each price implies by our own formula; NaN where it implies none."""
    found = np.full(len(price), np.nan)
    most = (1 << bounds.PRICE_BITS) - 1
    with np.errstate(invalid="ignore"):
        price_e3, forward_e3, strike_e3 = (
            np.rint(per_unit * _PER_UNIT) for per_unit in (price, chain.forward, chain.strike)
        )
        tenor_s = np.rint(chain.tenor_s)
        known = (price_e3 >= 0) & (price_e3 <= most) & (forward_e3 >= 1) & (forward_e3 <= most)
        known &= (tenor_s >= TENOR_MIN_S) & (tenor_s < 1 << bounds.TENOR_BITS) & (strike_e3 >= 1)
    for is_call, implied_vols in ((True, call_implied_vols), (False, put_implied_vols)):
        rows = known & (chain.is_call == is_call)
        if rows.any():
            columns = [
                column[rows].astype(np.int64)
                for column in (price_e3, forward_e3, strike_e3, tenor_s)
            ]
            implied = implied_vols(columns[0], columns[1], columns[2], columns[3])
            middle = (implied.vol_e6 + implied.above_e6) / 2e6
            found[rows] = np.where(implied.implied == Implied.VOL, middle, np.nan)
    return found


def _targets(quoted: Sequence[_Quoted]) -> Targets:
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


def _begin(targets: Targets, quoted: Sequence[_Quoted], start: SurfaceFit | None) -> Floats:
    """Where the search begins: an earlier smile of the same expiry or the best of a grid, whichever
    is nearer. Who begins at a smile that went wrong does not find back from it.
    """
    free = first_guess(targets)
    known = {one.expiry_s: one.smile for one in start.smiles} if start else {}
    earlier = np.array([at for at, one in enumerate(quoted) if one.expiry_s in known], dtype=int)
    if len(earlier):
        smiles = [known[quoted[at].expiry_s] for at in earlier]
        warm = free.copy()
        warm[earlier] = _free(smiles, targets.tenor[earlier])
        nearer = _square_error(targets, warm) < _square_error(targets, free)
        free[nearer] = warm[nearer]
    return free


def _square_error(targets: Targets, free: Floats) -> Floats:
    """Of each expiry, by weight."""
    return np.asarray((targets.weight * _errors(targets, free) ** 2).sum(axis=1))


def _free(smiles: Sequence[Svi], tenor: Floats) -> Floats:
    whole = [(one.a_e6, one.b_e6, one.rho_e6, one.m_e6, one.s_e6) for one in smiles]
    a, b, rho, m, s = (np.array(whole) / 1e6).T
    return to_free(Parameters(a, b, rho, m, s), tenor)


def in_floats(smile: Svi) -> Parameters:
    """The five numbers of a smile, without their unit."""
    whole = (smile.a_e6, smile.b_e6, smile.rho_e6, smile.m_e6, smile.s_e6)
    return Parameters(*(np.asarray(value / 1e6) for value in whole))


def raw_svi(smile: Svi, tenor_s: int) -> Parameters:
    """The same smile as the literature writes it: total variance over log-moneyness."""
    years = tenor_s / bounds.YEAR_S
    free, root = in_floats(smile), np.sqrt(years)
    return Parameters(free.a * years, free.b * root, free.rho, free.m * root, free.s * root)


def from_raw_svi(raw: Parameters, tenor_s: int) -> Svi:
    """The smile of a tenor that total variance over log-moneyness describes, to 1e-6.

    Raises: OutOfRange, SviRefused.
    """
    years = tenor_s / bounds.YEAR_S
    root = np.sqrt(years)
    free_of_tenor = (raw.a / years, raw.b / root, raw.rho, raw.m / root, raw.s / root)
    return Svi(*(round(float(value) * 1e6) for value in free_of_tenor))


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


def rounded(parameters: Parameters) -> list[Svi]:
    """Smiles in steps of 1e-6."""
    columns = (parameters.a, parameters.b, parameters.rho, parameters.m, parameters.s)
    table = np.rint(np.stack(columns, axis=-1) * 1e6).astype(np.int64).tolist()
    return [Svi(*row) for row in table]


def _without_arbitrage(
    targets: Targets, quoted: Sequence[_Quoted], free: Floats
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


def _offered(quoted: Sequence[_Quoted], smiles: Sequence[Svi]) -> tuple[Arbitrage, ...]:
    tenor_s = np.array([one.tenor_s for one in quoted])
    forward = np.array([round(one.forward * _PER_UNIT) for one in quoted])
    expiry = np.repeat(np.arange(len(quoted)), [len(one.listed) for one in quoted])
    strike = np.rint(np.concatenate([one.listed for one in quoted]) * _PER_UNIT).astype(np.int64)
    return surface_arbitrages(smiles, tenor_s, forward, expiry, strike)


def _told(one: _Quoted, smile: Svi) -> SmileFit:
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
