"""European options, settled in USDC."""

from dataclasses import dataclass
from enum import IntEnum

from novate.instruments.instrument import Instrument
from novate.instruments.payoff import Payoff, call, put
from novate.instruments.underlying import Underlying
from novate.units import Instant, Multiplier, Price


class Right(IntEnum):
    """What the holder may do at expiry; the number is its code in the state."""

    CALL = 1
    PUT = 2

    @property
    def sign(self) -> int:
        """+1 for a put, whose value grows as the index falls; -1 for a call."""
        return 1 if self is Right.PUT else -1


@dataclass(frozen=True, slots=True)
class Option:
    """A European option: exercised by itself at expiry, against one index price, in cash."""

    underlying: Underlying
    right: Right
    strike: Price
    """Per contract, not per unit of the underlying."""
    expiry: Instant
    multiplier: Multiplier

    @property
    def payoff(self) -> Payoff:
        """What one contract pays, as data."""
        return call(self.strike) if self.right is Right.CALL else put(self.strike)

    @property
    def instrument(self) -> Instrument:
        """The option as one of all the things that can be traded."""
        return Instrument(self.underlying, self.multiplier, self.expiry, self.payoff)
