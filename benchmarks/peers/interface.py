"""What every margin model is asked, and what it answers: one market at one instant, many books.

Money is in US dollars and floats; one unit of any instrument is one coin of its underlying. Rows
are books, columns are instruments, so that a model values each instrument in each of its scenarios
once and the rest is products of matrices.
"""

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Kind(IntEnum):
    """What an instrument pays."""

    CALL = 0
    PUT = 1
    FUTURE = 2
    PERPETUAL = 3


class MisshapenScene(ValueError):
    """A market or a set of books whose arrays do not belong together."""


@dataclass(frozen=True)
class Scene:
    """The market in one underlying at one instant.

    Per expiry: `forwards`, `tenors` in years of 365 days; 1, 0 and 0 unless said: `confidences`
    of the feed in 0..1, continuous `rates` per year, and `averaged`, the share of the forward that
    a running settlement average has fixed already.
    Per instrument: `kinds`, `expiries` (an index into the arrays per expiry; -1 for a perpetual),
    `strikes` and `vols` (1.0 is 100%; both 0 where there is none), `marks`.

    Raises: MisshapenScene when lengths differ, an instrument names no expiry, or a number is not
    finite or not in its range.
    """

    underlying: str
    index_price: float
    forwards: Floats
    tenors: Floats
    kinds: Integers
    expiries: Integers
    strikes: Floats
    vols: Floats
    marks: Floats
    confidences: Floats = field(default_factory=lambda: np.ones(0))
    rates: Floats = field(default_factory=lambda: np.zeros(0))
    averaged: Floats = field(default_factory=lambda: np.zeros(0))
    index_confidence: float = 1.0
    perpetual_confidence: float = 1.0
    stable_price: float = 1.0

    def __post_init__(self) -> None:
        for name, kind in _DTYPES.items():
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=kind))
        for name, unless_said in _UNLESS_SAID.items():
            if getattr(self, name).size == 0:
                object.__setattr__(self, name, np.full(self.forwards.shape, unless_said))
        self._check_shapes()
        self._check_values()

    def _check_shapes(self) -> None:
        for names in (_PER_EXPIRY, _PER_INSTRUMENT):
            shapes = {name: getattr(self, name).shape for name in names}
            if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
                raise MisshapenScene(f"arrays of one kind differ in shape: {shapes}")
        last = self.forwards.size - 1
        dated = self.kinds != Kind.PERPETUAL
        if np.any((self.expiries[dated] < 0) | (self.expiries[dated] > last)):
            raise MisshapenScene(
                f"an instrument names an expiry outside 0..{last}: {self.expiries[dated]}"
            )
        if np.any(self.expiries[~dated] != -1):
            raise MisshapenScene(f"a perpetual names an expiry: {self.expiries[~dated]}")

    def _check_values(self) -> None:
        prices = {
            "index_price": np.array([self.index_price]),
            "forwards": self.forwards,
            "strikes of options": self.strikes[self.is_option],
            "marks of futures": self.marks[~self.is_option],
        }
        for name, values in prices.items():
            if not np.all(np.isfinite(values) & (values > 0)):
                raise MisshapenScene(f"{name} must be finite and positive: {values}")
        amounts = {"tenors": self.tenors, "vols": self.vols, "marks": self.marks}
        for name, values in amounts.items():
            if not np.all(np.isfinite(values) & (values >= 0)):
                raise MisshapenScene(f"{name} must be finite and not negative: {values}")

    def by_instrument(self, expiry_values: Floats, perpetual: float = 0.0) -> Floats:
        """An array per expiry, as one per instrument."""
        return np.append(expiry_values, perpetual)[self.expiries]

    def take(self, columns: NDArray[np.bool_] | Integers) -> "Scene":
        """The same market with some of its instruments."""
        return replace(self, **{name: getattr(self, name)[columns] for name in _PER_INSTRUMENT})

    @property
    def is_option(self) -> NDArray[np.bool_]:
        """Per instrument: a call or a put."""
        return self.kinds <= Kind.PUT

    @property
    def is_perpetual(self) -> NDArray[np.bool_]:
        """Per instrument: without an expiry."""
        return self.kinds == Kind.PERPETUAL

    @property
    def option_marks(self) -> Floats:
        """What one unit adds to equity: futures and perpetuals are settled into cash."""
        return np.where(self.is_option, self.marks, 0.0)


_DTYPES = {
    "forwards": np.float64,
    "tenors": np.float64,
    "confidences": np.float64,
    "rates": np.float64,
    "averaged": np.float64,
    "kinds": np.int64,
    "expiries": np.int64,
    "strikes": np.float64,
    "vols": np.float64,
    "marks": np.float64,
}
_UNLESS_SAID = {"confidences": 1.0, "rates": 0.0, "averaged": 0.0}
_PER_EXPIRY = ("forwards", "tenors", "confidences", "rates", "averaged")
_PER_INSTRUMENT = ("kinds", "expiries", "strikes", "vols", "marks")


@dataclass(frozen=True)
class Books:
    """Portfolios of one scene: `quantities` (books x instruments, in coins, long positive), `cash`.

    Cash holds what futures and perpetuals have gained up to this instant.
    Raises: MisshapenScene when a book has no cash of its own, or a number is not finite.
    """

    quantities: Floats
    cash: Floats

    def __post_init__(self) -> None:
        quantities = np.atleast_2d(np.asarray(self.quantities, dtype=np.float64))
        cash = np.asarray(self.cash, dtype=np.float64)
        if quantities.ndim != 2 or cash.shape != quantities.shape[:1]:
            raise MisshapenScene(f"{quantities.shape} quantities, but {cash.shape} cash")
        if not (np.all(np.isfinite(quantities)) and np.all(np.isfinite(cash))):
            raise MisshapenScene("a quantity or an amount of cash is not finite")
        object.__setattr__(self, "quantities", quantities)
        object.__setattr__(self, "cash", cash)

    @classmethod
    def of(cls, quantities: Floats) -> "Books":
        """Books without cash: what they must hold is the same."""
        table = np.atleast_2d(np.asarray(quantities, dtype=np.float64))
        return cls(table, np.zeros(table.shape[0]))

    def held(self, scene: Scene) -> tuple[Scene, "Books"]:
        """Scene and books without the instruments that no book holds."""
        columns = np.any(self.quantities != 0, axis=0)
        return scene.take(columns), Books(self.quantities[:, columns], self.cash)

    def equity(self, scene: Scene) -> Floats:
        """Cash and what the options are worth at their marks."""
        return self.cash + self.quantities @ scene.option_marks


@dataclass(frozen=True)
class Requirement:
    """What each book must hold against its equity, in US dollars.

    A book may open positions while equity >= `initial`, and is liquidated when equity <
    `maintenance`. Venues that compare something else (margin balance without option value, or
    equity minus requirement against zero) are brought to this form by their model.
    """

    initial: Floats
    maintenance: Floats


class Model(Protocol):
    """A venue's margin model."""

    name: str

    def margin(self, scene: Scene, books: Books) -> Requirement:
        """What each book must hold."""
        ...
