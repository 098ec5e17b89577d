"""The error of a number that has no place in its type."""

from functools import partial
from typing import Any


class OutOfRange(ValueError):
    """A number outside the range its type allows; raised where data enters, not on its way."""

    def __init__(self, *, what: str, value: int, low: int, high: int) -> None:
        super().__init__(f"{what} {value} is outside [{low}, {high})")
        self.what, self.value, self.low, self.high = what, value, low, high

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it crosses from one process to another, as arguments by keyword do not."""
        again = partial(type(self), what=self.what, value=self.value, low=self.low, high=self.high)
        return again, ()


def within(what: str, value: int, *, low: int = 0, high: int) -> None:
    """Refuse a number outside `low <= value < high`.

    Raises: OutOfRange.
    """
    if not low <= value < high:
        raise OutOfRange(what=what, value=value, low=low, high=high)
