"""The errors of a number that has no place in its type."""

from novate.units.named_error import NamedError


class OutOfRange(NamedError, ValueError):
    """A number outside the range its type allows; raised where data enters, not on its way."""

    def __init__(self, *, what: str, value: int, low: int, high: int) -> None:
        super().__init__(f"{what} {value} is outside [{low}, {high})")
        self.what, self.value, self.low, self.high = what, value, low, high


class NotAnInteger(NamedError, ValueError):
    """A float, or an integer of a fixed width, where one of any size is taken.

    A float would go on as one, and the products and sums of numpy's integers leave 64 bits without
    a word.
    """

    def __init__(self, what: str, kind: str) -> None:
        super().__init__(f"{what} is of type {kind}; next: give an int, in the unit of its name")
        self.what, self.kind = what, kind


def within(what: str, value: int, *, low: int = 0, high: int) -> None:
    """Refuse a number outside `low <= value < high`, and what is no `int`.

    Raises: OutOfRange, NotAnInteger.
    """
    if not isinstance(value, int):
        raise NotAnInteger(what, type(value).__name__)
    if not low <= value < high:
        raise OutOfRange(what=what, value=value, low=low, high=high)
