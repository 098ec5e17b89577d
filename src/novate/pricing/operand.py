"""What the functions of this room take: arrays of integers within a range."""

from typing import Any

import numpy as np
import numpy.typing as npt

from novate.units import Integers, NamedError, bounds, within


class NotIntegers(NamedError, ValueError):
    """Numbers that are no integers, where only integers are taken."""

    def __init__(self, what: str, kind: str) -> None:
        super().__init__(f"{what} is {kind}; next: give integers in the unit of the argument")
        self.what, self.kind = what, kind


class NotBooleans(NamedError, ValueError):
    """Something else, where a call is True and a put is False: an `"P"` would count as a call."""

    def __init__(self, what: str, kind: str) -> None:
        super().__init__(f"{what} is {kind}; next: give True or False")
        self.what, self.kind = what, kind


def operand(what: str, values: Any, *, low: int = 0, high: int) -> Integers:
    """Values as an array of 64-bit integers, all of them `low <= value < high`.

    Raises: NotIntegers (floats, so also NaN; booleans; objects, so also integers beyond 64 bits;
    an empty list is of no kind and taken), OutOfRange (the first value outside).
    """
    array = np.asarray(values)
    if array.dtype.kind not in "iu" and array.size:
        raise NotIntegers(what, str(array.dtype))
    outside = np.flatnonzero((array < low) | (array >= high))
    if outside.size:
        within(what, int(array.flat[outside[0]]), low=low, high=high)
    return array.astype(np.int64, copy=False)


def truths(what: str, values: Any) -> npt.NDArray[np.bool_]:
    """Values as an array of booleans.

    Raises: NotBooleans.
    """
    array = np.asarray(values)
    if array.dtype != np.bool_ and array.size:
        raise NotBooleans(what, str(array.dtype))
    return array.astype(np.bool_, copy=False)


def prices(what: str, values: Any, *, low: int = 1) -> Integers:
    """Milli-USD per contract: below 2**34, and from 1 for a forward or a strike.

    Raises: NotIntegers, OutOfRange.
    """
    return operand(what, values, low=low, high=1 << bounds.PRICE_BITS)


def vols(values: Any) -> Integers:
    """Volatilities in millionths: from 0 to 1000 %.

    Raises: NotIntegers, OutOfRange.
    """
    return operand("volatility", values, high=bounds.VOL_MAX_E6 + 1)


def tenors(values: Any) -> Integers:
    """Seconds to expiry: from 0, below 2**26.

    Raises: NotIntegers, OutOfRange.
    """
    return operand("tenor", values, high=1 << bounds.TENOR_BITS)
