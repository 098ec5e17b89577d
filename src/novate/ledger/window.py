"""When a batch is valid."""

from dataclasses import dataclass

from novate.units import Instant, within


@dataclass(frozen=True, slots=True)
class Window:
    """The time a batch claims.

    What must not be over is judged at its end, what must be over at its start.
    """

    start: Instant
    end: Instant

    def __post_init__(self) -> None:
        within("window start", self.start.s, high=self.end.s + 1)
