"""Open orders: their limits, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from novate.risk import BadPositions
from novate.units import OutOfRange, bounds

from .orders import Order, of


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ((0, 1, 1 << bounds.PRICE_BITS, 0), "limit price 17179869184 is outside"),
        ((0, 1, -1, 0), "limit price -1 is outside"),
        ((0, 1, 1, -1), "fee of an order -1 is outside"),
        ((0, 1, 1, 1 << 53), "fee of an order 9007199254740992 is outside"),
    ],
)
def test_prices_and_fees_out_of_range_are_refused(order: Order, told: str) -> None:
    for orders in ([order], [(0, 1, 1, 0), order]):
        with pytest.raises(OutOfRange, match=told):
            of(orders)


@pytest.mark.parametrize("order", [(0, 1, (1 << 34) - 1, (1 << 53) - 1), (33, 0, 0, 0)])
def test_prices_and_fees_at_their_limits_are_allowed(order: Order) -> None:
    assert len(of([order]).row) == 1


@pytest.mark.parametrize("name", ["account", "row", "quantity_e3", "price_e3", "fee_e6"])
def test_arrays_of_other_kinds_or_lengths_are_refused(name: str) -> None:
    orders = of([(0, 1, 1, 0), (1, 1, 1, 0)])
    for wrong in (np.array([0.5, 1]), np.array([[1, 1]]), np.array([1, 2], dtype=np.int32)):
        with pytest.raises(BadPositions, match=f"{name} of orders is"):
            replace(orders, **{name: wrong})
    with pytest.raises(BadPositions, match="arrays of orders differ in length"):
        replace(orders, **{name: np.array([1])})
