"""What can be traded: a payoff on an underlying, at a maturity."""

from dataclasses import dataclass

from novate.instruments.payoff import LINEAR, Payoff
from novate.instruments.tick import FINEST, Tick
from novate.instruments.underlying import Underlying
from novate.units import Instant, Multiplier


@dataclass(frozen=True, slots=True)
class Perpetual:
    """The maturity that never comes: funding holds the price to the index instead."""

    def __str__(self) -> str:
        return "perpetual"


Maturity = Instant | Perpetual


@dataclass(frozen=True, slots=True)
class Instrument:
    """One thing to trade, settled in USDC; two with the same terms are the same instrument.

    Raises: ValueError for a perpetual with kinks, as no settlement would ever look at them.
    """

    underlying: Underlying
    multiplier: Multiplier
    maturity: Maturity
    payoff: Payoff
    tick: Tick = FINEST

    def __post_init__(self) -> None:
        if self.maturity == Perpetual() and self.payoff.kinks:
            raise ValueError(f"a perpetual has no kinks, and this pays {self.payoff}")

    def __str__(self) -> str:
        return f"{self.underlying}, {self.multiplier}, {self.maturity}, pays {self.payoff}"


def future(underlying: Underlying, multiplier: Multiplier, expiry: Instant) -> Instrument:
    """A dated future: it settles at the settlement price, against the price of entry."""
    return Instrument(underlying, multiplier, expiry, LINEAR)


def perpetual(underlying: Underlying, multiplier: Multiplier) -> Instrument:
    """A perpetual future."""
    return Instrument(underlying, multiplier, Perpetual(), LINEAR)
