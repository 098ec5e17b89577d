"""The normal distribution: its density, its cumulative function and Mills' ratio."""

from typing import Final

import numpy as np

from novate.pricing.normal_table import (
    DENSITY_Q31,
    LAST_NODE,
    MILLS_Q31,
    NODE_BITS,
    TABLE_BITS,
)
from novate.units import Integers, bounds, down, nearest

_CELL_BITS: Final = bounds.FRACTION_BITS - NODE_BITS
_LAST_Q28: Final = LAST_NODE << _CELL_BITS
_ONE_Q28: Final = 1 << bounds.FRACTION_BITS
_TO_Q28: Final = TABLE_BITS - bounds.FRACTION_BITS
_PRODUCT_TO_Q28: Final = 2 * TABLE_BITS - bounds.FRACTION_BITS


def _node(y_q28: Integers) -> tuple[Integers, Integers]:
    """The nearest node of the table, and how far `y` lies beyond it: at most half a cell."""
    node = nearest(y_q28, _CELL_BITS)
    return node, y_q28 - (node << _CELL_BITS)


def _cubic(table: Integers, node: Integers, beyond_q28: Integers) -> Integers:
    """The Taylor polynomial of a row at `beyond`: 32 + 21 bits at most in a product, each rounded
    down.
    """
    value: Integers = table[3].take(node)
    for row in (table[2], table[1], table[0]):
        value = row.take(node) + down(value * beyond_q28, bounds.FRACTION_BITS)
    return value


def density_and_mills_q31(y_q28: Integers) -> tuple[Integers, Integers]:
    """`phi(y)` and `M(y) = Phi(-y) / phi(y)` in steps of 2**-31.

    Range: 0 <= y <= 10.

    Error: 9e-10 and 1.3e-9 (docs/internals/pricing.md).
    """
    node, beyond = _node(y_q28)
    return _cubic(DENSITY_Q31, node, beyond), _cubic(MILLS_Q31, node, beyond)


def mills_q31(y_q28: Integers) -> Integers:
    """`M(y) = Phi(-y) / phi(y)` in steps of 2**-31.

    Range: 0 <= y <= 10.

    Error: 1.3e-9.
    """
    return _cubic(MILLS_Q31, *_node(y_q28))


def pdf_q31(d_q28: Integers) -> Integers:
    """`phi(d)` in steps of 2**-31, never negative.

    Range: magnitudes below 2**63; beyond 10, where it is below 2**-72, it is that of 10.

    Error: 9e-10. Exactly even.
    """
    density: Integers = _cubic(DENSITY_Q31, *_node(np.minimum(np.abs(d_q28), _LAST_Q28)))
    return np.maximum(density, 0)


def normal_pdf_q28(d_q28: Integers) -> Integers:
    """The density of the standard normal distribution, in steps of 2**-28.

    Range: magnitudes below 2**63.

    Error: 2.8e-9. Exactly even.

    Rounding: to the nearest step.
    """
    return nearest(pdf_q31(d_q28), _TO_Q28)


def normal_cdf_q28(d_q28: Integers) -> Integers:
    """The cumulative function of the standard normal distribution, in steps of 2**-28.

    One tail is the product of density and Mills' ratio, below 2**62, the other what is left of
    one: `cdf(d) + cdf(-d)` is exactly one, and `cdf(0)` exactly a half.

    Range: magnitudes below 2**63; beyond 10 it is 0 or 1, and the error below 2**-75.

    Error: 3.6e-9.

    Rounding: of the tail, to the nearest step.
    """
    density, mills = density_and_mills_q31(np.minimum(np.abs(d_q28), _LAST_Q28))
    tail = nearest(density * mills, _PRODUCT_TO_Q28)
    return np.where(d_q28 > 0, _ONE_Q28 - tail, tail)
