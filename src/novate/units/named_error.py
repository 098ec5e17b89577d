"""Errors with a name of their own, wherever they are raised."""

from typing import Any


class NamedError(Exception):
    """What an error is built on that takes something else than its text, such as figures.

    It comes back whole from another process: Python would call its class again with the text alone,
    which fails, and who waits for that process would wait for ever.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        """Text and fields as they are, with no call that could ask for more."""
        return type(self).__new__, (type(self), *self.args), vars(self)
