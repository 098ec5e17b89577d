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

    Raises: OutOfRange; ValueError unless each coarser step starts on its own grid, and further up.
    """

    step: Price
    lot: Qty
    """The least size of an order, and the step of every size."""
    coarser: tuple[TickStep, ...] = ()

    def __post_init__(self) -> None:
        within("step of a tick", self.step.e3, low=1, high=1 << bounds.PRICE_BITS)
        within("lot", self.lot.e3, low=1, high=1 << bounds.QTY_BITS)
        for one, next_one in pairwise((TickStep(Price(0), self.step), *self.coarser)):
            if next_one.above.e3 <= one.above.e3 or next_one.above.e3 % next_one.step.e3:
                raise ValueError(f"{next_one} does not start further up on its own grid")

    def step_e3(self, price_e3: int) -> int:
        """The step at a price."""
        steps = [at.step.e3 for at in self.coarser if price_e3 > at.above.e3]
        return steps[-1] if steps else self.step.e3

    def price(self, price: Price, rounding: Rounding) -> Price:
        """The nearest price of the grid in a direction; a price of the grid is its own.

        Raises: OutOfRange when the price above it is none.
        """
        step_e3 = self.step_e3(price.e3)
        return Price(div(price.e3, step_e3, rounding) * step_e3)

    def size(self, size: Qty) -> Qty:
        """The nearest whole number of lots towards zero: never more than was asked for."""
        lots = div(abs(size.e3), self.lot.e3, Rounding.FLOOR)
        return Qty(lots * self.lot.e3 * (1 if size.e3 > 0 else -1))


FINEST: Final = Tick(Price(1), Qty(1))
"""Every price and every size: 0.001 USD and 0.001 contracts."""
