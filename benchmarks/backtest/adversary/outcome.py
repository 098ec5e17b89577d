"""What books that were made to lose are asked for, and what they lose when the market moves on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.backtest.adversary.offer import Offer, in_lots
from benchmarks.backtest.books import NOTIONAL_USD
from benchmarks.backtest.chains import Chain
from benchmarks.backtest.evidence import HORIZONS
from benchmarks.backtest.statistics import percent
from benchmarks.peers import Model
from benchmarks.peers.interface import Floats

Table = dict[str, Any]
Words = NDArray[np.object_]
LEAST = 1e-6
"""A dollar in a million: less is what rounding to lots may cost."""


@dataclass(frozen=True)
class Outcome:
    """Books of one search against one model; all is a part of the gross notional they may have.

    Where a search found nothing there is a book that asks and loses nothing.
    """

    is_held: Floats
    """1 where there is a book."""
    maintenance: Floats
    initial: Floats
    loss: Floats
    """Horizons x books; NaN where there is no later chain."""
    legs: Words
    """Each book in words."""

    @classmethod
    def of(
        cls, model: Model, offer: Offer, quantities: Floats, later: Sequence[Chain | None]
    ) -> "Outcome":
        """Rounded to lots, margined by the model itself, and valued again in full."""
        lots = in_lots(quantities)
        some = np.flatnonzero(np.any(lots != 0, axis=1))
        found = np.zeros((3 + len(later), len(lots)))
        found[3:] = [np.full(len(lots), np.nan if end is None else 0.0) for end in later]
        if some.size:
            held = offer.held(lots[some])
            asked = model.margin(held.scene, held.books)
            part = held.notional / NOTIONAL_USD
            found[0, some] = 1.0
            found[1:3, some] = asked.maintenance / NOTIONAL_USD, asked.initial / NOTIONAL_USD
            for row, end in zip(found[3:], later, strict=True):
                if end is not None:
                    row[some] = held.losses(end) * part
        words = [offer.in_words(book) for book in lots]
        return cls(found[0], found[1], found[2], found[3:], np.array(words, dtype=object))

    @classmethod
    def joined(cls, every: Sequence["Outcome"]) -> "Outcome":
        """One after another."""
        rows = ((o.is_held, o.maintenance, o.initial, o.loss, o.legs) for o in every)
        return cls(*(np.concatenate(column, axis=-1) for column in zip(*rows, strict=True)))

    def beyond(self, horizon: int) -> Floats:
        """What each book loses beyond its maintenance margin; only of those whose loss is known."""
        loss = self.loss[horizon]
        known = np.isfinite(loss)
        return np.asarray(np.maximum(loss[known] - self.maintenance[known], 0.0))

    def breached_at(self, horizon: int) -> dict[str, int]:
        """How many books breach, by the instant at which they were held."""
        breached = np.nan_to_num(self.loss[horizon] - self.maintenance, nan=-np.inf) > LEAST
        return dict(Counter(str(legs).rpartition(": ")[0] for legs in self.legs[breached]))

    def worst(self, horizon: int) -> str:
        """The book that loses most beyond its margin, in words."""
        beyond = np.nan_to_num(self.loss[horizon] - self.maintenance, nan=-np.inf)
        return str(self.legs[np.argmax(beyond)])

    def figures(self, horizons: Sequence[int]) -> Table:
        """Margin of the books that there are; shortfall as a mean over all that were sought."""
        held = self.is_held > 0
        mean = percent(self.maintenance[held].mean()) if held.any() else None
        return {"books": held.size, "held": int(held.sum()), "maintenance_mean": mean} | {
            f"{HORIZONS[h]}h": _shortfall(self.beyond(h)) for h in horizons
        }


def _shortfall(beyond: Floats) -> Table:
    if not beyond.size:
        return {"known": 0}
    return {
        "known": beyond.size,
        "breaches": int((beyond > LEAST).sum()),
        "mean": percent(beyond.mean(), 4),
        "worst": percent(beyond.max()),
    }
