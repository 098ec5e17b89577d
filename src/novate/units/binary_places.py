"""Binary places dropped, each time in a direction with a name.

A quotient by a power of two is a shift, and these cost no more than one.
"""

from typing import TypeVar

from novate.units.integers import Integers

Number = TypeVar("Number", int, Integers)


def down(value: Number, places: int) -> Number:
    """`value / 2**places`, towards minus infinity."""
    return value >> places


def nearest(value: Number, places: int) -> Number:
    """`value / 2**places` to the nearest; of two that are equally near the higher.

    Range: places from 1; in arrays `value + 2**(places - 1)` is below 2**63.
    """
    return (value + (1 << (places - 1))) >> places
