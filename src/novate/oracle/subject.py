"""What a feed is about."""

from dataclasses import dataclass

from novate.instruments import Underlying
from novate.units import Multiplier


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """Contracts of one multiplier on one underlying; every price of its feed is per contract.

    So a contract on a cheap underlying is priced as finely as one on a dear underlying, and what
    publishers sign needs no rounding before it is used.
    """

    underlying: Underlying
    multiplier: Multiplier

    def __str__(self) -> str:
        return f"underlying {self.underlying.id}, {self.multiplier}"
