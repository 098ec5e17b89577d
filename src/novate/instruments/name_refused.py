"""What is said of a name that names nothing, and of a thing that has no name."""

from novate.units import NamedError


class NameRefused(NamedError, ValueError):
    """A text that is not the canonical name of anything; it says what was expected."""

    def __init__(self, text: str, *, expected: str) -> None:
        super().__init__(f"{text!r} is not {expected}")
        self.text, self.expected = text, expected


class Nameless(ValueError):
    """Something real that desks' names cannot say."""
