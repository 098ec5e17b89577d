"""Which prices and sizes an order may name."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from novate.units import Price, Qty, Rounding, bounds, div, within


@dataclass(frozen=True, slots=True, order=True)
class TickStep:
    """Above a price the grid is coarser: prices are multiples of `step`."""

    above: Price
    step: Price

    def __post_init__(self) -> None:
        within("step of a tick", self.step.e3, low=1, high=1 << bounds.PRICE_BITS)


@dataclass(frozen=True, slots=True)
class Tick:
    """The grid of an instrument: prices are multiples of a step, sizes of a lot.

    Raises: OutOfRange; ValueError unless the grid widens, each step from a price of its own.
    """

    step: Price
    lot: Qty
    """The least size of an order, and the step of every size."""
    coarser: tuple[TickStep, ...] = ()

    def __post_init__(self) -> None:
        within("step of a tick", self.step.e3, low=1, high=1 << bounds.PRICE_BITS)
        within("lot", self.lot.e3, low=1, high=1 << bounds.QTY_BITS)
        for below, step in pairwise((TickStep(Price(0), self.step), *self.coarser)):
            if not (below.above < step.above and below.step < step.step) or (
                step.above.e3 % step.step.e3 != 0
            ):
                raise ValueError(f"{step} is not coarser, further up, and on its own grid")

    def step_at(self, price: Price) -> Price:
        """The step at a price."""
        return max([self.step, *(at.step for at in self.coarser if price > at.above)])

    def price(self, price: Price, rounding: Rounding) -> Price:
        """The nearest price of the grid in a direction; a price of the grid is its own.

        Raises: OutOfRange when the price above it is none.
        """
        step = self.step_at(price)
        return Price(div(price.e3, step.e3, rounding) * step.e3)

    def size(self, size: Qty) -> Qty:
        """The nearest whole number of lots towards zero: never more than was asked for."""
        lots = div(abs(size.e3), self.lot.e3, Rounding.FLOOR)
        return Qty(lots * self.lot.e3 * (1 if size.e3 > 0 else -1))


FINEST: Final = Tick(Price(1), Qty(1))
"""Every price and every size: 0.001 USD and 0.001 contracts."""
