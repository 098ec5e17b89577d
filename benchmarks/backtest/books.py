"""The books that are margined: 87 to a market, of 14 families, drawn to deltas and tenors.

A leg names a tenor and a delta; on a market it becomes the listed option nearest to both. A family
is a table of recipes, random ones are drawn from a seed. Each book is scaled to the same gross
notional: the sum over its legs of size times index.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.peers import Kind

SEED = 20260205
NOTIONAL_USD = 1_000_000.0
DAY0, DAY1, WEEK, MONTH, QUARTER, HALF = 0.35, 1.5, 7.0, 30.0, 90.0, 180.0
TENORS = (DAY0, DAY1, WEEK, MONTH, QUARTER, HALF)
"""In days. The first two are what lives on gamma, the last what lives on volatility."""
DELTAS = (0.50, 0.40, 0.25, 0.20, 0.10, 0.05, 0.02)
C, P, X = Kind.CALL, Kind.PUT, Kind.PERPETUAL


@dataclass(frozen=True)
class Leg:
    """One position of a recipe; a perpetual has neither tenor nor delta."""

    kind: Kind
    days: float
    delta: float
    size: float


@dataclass(frozen=True)
class Recipe:
    """A book before it meets a market; `hedged` adds the perpetuals that make it flat in delta."""

    family: str
    name: str
    legs: tuple[Leg, ...]
    hedged: bool = False


def _call(days: float, delta: float, size: float) -> Leg:
    return Leg(C, days, delta, size)


def _put(days: float, delta: float, size: float) -> Leg:
    return Leg(P, days, delta, size)


def _perp(size: float) -> Leg:
    return Leg(X, 0.0, 0.0, size)


def _at(kind: Kind, days: float, call_delta: float, size: float) -> Leg:
    """An option at the strike where a call has this delta."""
    return Leg(kind, days, call_delta if kind == C else 1 - call_delta, size)


def _strangle(days: float, delta: float, size: float) -> tuple[Leg, ...]:
    return (_call(days, delta, size), _put(days, delta, size))


def _synthetic(days: float, size: float) -> tuple[Leg, ...]:
    return (_at(C, days, 0.5, size), _at(P, days, 0.5, -size))


def _outright() -> Iterator[Recipe]:
    yield Recipe("perp", "long", (_perp(1),))
    yield Recipe("perp", "short", (_perp(-1),))
    for days in TENORS:
        yield Recipe("straddle", f"short {days:g}d", _strangle(days, 0.5, -1))
    yield Recipe("straddle", "long 7d", _strangle(WEEK, 0.5, 1))
    for days in (DAY1, WEEK, MONTH, QUARTER):
        for delta in (0.25, 0.10):
            yield Recipe("strangle", f"short {days:g}d {delta:.0%}", _strangle(days, delta, -1))
        yield Recipe("far strangle", f"short {days:g}d 5%", _strangle(days, 0.05, -1))
    for days in (WEEK, MONTH):
        yield Recipe("far strangle", f"short {days:g}d 2%", _strangle(days, 0.02, -1))
        yield Recipe("naked", f"short call {days:g}d", (_call(days, 0.25, -1),))
        yield Recipe("naked", f"short put {days:g}d", (_put(days, 0.25, -1),))
    yield Recipe("naked", "short put 1.5d 10%", (_put(DAY1, 0.10, -1),))
    yield Recipe("naked", "short put 180d", (_put(HALF, 0.50, -1),))


def _spreads() -> Iterator[Recipe]:
    for days in (WEEK, MONTH, QUARTER):
        for leg, side in ((_call, "call"), (_put, "put")):
            legs = (leg(days, 0.4, -1), leg(days, 0.2, 1))
            yield Recipe("vertical", f"credit {side} {days:g}d", legs)
    for leg, side in ((_call, "call"), (_put, "put")):
        yield Recipe("vertical", f"debit {side} 30d", (leg(MONTH, 0.4, 1), leg(MONTH, 0.2, -1)))
        yield Recipe("ratio", f"1x2 {side} 30d", (leg(MONTH, 0.4, 1), leg(MONTH, 0.2, -2)))
        yield Recipe("ratio", f"2x1 {side} 30d", (leg(MONTH, 0.4, -1), leg(MONTH, 0.2, 2)))
    legs = (_call(MONTH, 0.25, -1), _put(MONTH, 0.25, 1))
    yield Recipe("ratio", "risk reversal 30d", legs)
    for days in (DAY0, DAY1, WEEK, MONTH, QUARTER):
        legs = _strangle(days, 0.25, -1) + _strangle(days, 0.10, 1)
        yield Recipe("iron condor", f"{days:g}d", legs)
    for days in (DAY1, MONTH):
        legs = _strangle(days, 0.5, -1) + _strangle(days, 0.10, 1)
        yield Recipe("iron condor", f"butterfly {days:g}d", legs)
    for near, far in ((DAY1, WEEK), (WEEK, MONTH), (MONTH, QUARTER), (MONTH, HALF)):
        for side in (1, -1):
            legs = (_at(C, near, 0.5, side), _at(C, far, 0.5, -side))
            yield Recipe("calendar", f"{'long' if side > 0 else 'short'} {near:g}/{far:g}d", legs)


def _against_spot() -> Iterator[Recipe]:
    for days in (WEEK, MONTH, QUARTER, HALF):
        yield Recipe("conversion", f"{days:g}d", (*_synthetic(days, -1), _perp(1)))
    yield Recipe("conversion", "reversal 90d", (*_synthetic(QUARTER, 1), _perp(-1)))
    legs = (_at(C, MONTH, 0.6, 1), _at(P, MONTH, 0.6, -1), _at(C, MONTH, 0.25, -1))
    yield Recipe("conversion", "box 30d", (*legs, _at(P, MONTH, 0.25, 1)))
    for side in (1, -1):
        legs = _synthetic(MONTH, side) + _synthetic(HALF, -side)
        yield Recipe("conversion", f"jelly roll {'long' if side > 0 else 'short'}", legs)
    for days in (WEEK, MONTH):
        yield Recipe("covered", f"call {days:g}d", (_perp(1), _call(days, 0.25, -1)))
    yield Recipe("covered", "put 30d", (_perp(-1), _put(MONTH, 0.25, -1)))
    yield Recipe("covered", "protective put 30d", (_perp(1), _put(MONTH, 0.25, 1)))
    legs = (_perp(1), _put(MONTH, 0.25, 1), _call(MONTH, 0.25, -1))
    yield Recipe("covered", "collar 30d", legs)
    yield Recipe("hedged short", "straddle 7d", _strangle(WEEK, 0.5, -1), hedged=True)
    yield Recipe("hedged short", "put 7d", (_put(WEEK, 0.25, -1),), hedged=True)
    yield Recipe("hedged short", "put 30d", (_put(MONTH, 0.25, -1),), hedged=True)
    yield Recipe("hedged short", "call 30d", (_call(MONTH, 0.10, -1),), hedged=True)
    yield Recipe("hedged short", "put 180d", (_put(HALF, 0.25, -1),), hedged=True)


def _random(family: str, rng: np.random.Generator, count: int, shorts: float) -> Iterator[Recipe]:
    for n in range(count):
        legs = tuple(
            Leg(
                C if rng.random() < 0.5 else P,
                float(rng.choice(TENORS[1:])),
                float(rng.choice(DELTAS)),
                float(rng.integers(1, 6)) * (-1 if rng.random() < shorts else 1),
            )
            for _ in range(int(rng.integers(3, 9)))
        )
        yield Recipe(family, str(n), legs, hedged=family == "random hedged")


def recipes(seed: int = SEED) -> list[Recipe]:
    """All books of one market."""
    rng = np.random.default_rng(seed)
    found = [*_outright(), *_spreads(), *_against_spot()]
    found += _random("random hedged", rng, 6, 0.5)
    found += _random("random net short", rng, 6, 0.75)
    return found


FAMILIES = tuple(recipe.family for recipe in recipes())
"""Of each book, in order: the same whatever the seed."""
