"""Orders that are not filled yet, of many accounts at once."""

from dataclasses import dataclass, fields

import numpy as np

from novate.risk.positions import BadPositions
from novate.units import Integers, bounds, within


@dataclass(frozen=True, slots=True, eq=False)
class OpenOrders:
    """Open orders of the accounts of some positions, each as the position it would become; (O,).

    Raises: BadPositions for arrays of other kinds or lengths; OutOfRange for prices and fees.
    """

    account: Integers
    """Place of the account among those of the positions."""
    row: Integers
    quantity_e3: Integers
    """What is left of the order: above zero buys, below zero sells."""
    price_e3: Integers
    """Limit, or the worst price."""
    fee_e6: Integers
    """The most that a fill, even of a part, can cost beside the price."""

    def __post_init__(self) -> None:
        for column in fields(self):
            values = np.asarray(getattr(self, column.name))
            if values.dtype != np.int64 or values.ndim != 1:
                raise BadPositions(
                    f"{column.name} of orders is {values.dtype} of shape {values.shape}; "
                    "next: give one row of integers of 64 bits"
                )
            object.__setattr__(self, column.name, values)
        lengths = {column.name: len(getattr(self, column.name)) for column in fields(self)}
        if len(set(lengths.values())) > 1:
            raise BadPositions(f"arrays of orders differ in length: {lengths}")
        for what, values, high in (
            ("limit price", self.price_e3, 1 << bounds.PRICE_BITS),
            ("fee of an order", self.fee_e6, 1 << bounds.GROSS_NOTIONAL_BITS),
        ):
            if len(values):
                within(what, int(values.min()), high=high)
                within(what, int(values.max()), high=high)
