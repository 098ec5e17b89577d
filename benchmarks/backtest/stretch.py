"""Two stretches of dates: one on which parameters were chosen, one that was looked at afterwards.

What is measured runs from one instant to a later one and belongs to the stretch of the later one:
a loss over the boundary was not known when the parameters were chosen. Chains and hourly prices
have boundaries of their own, as the chains are so much younger.
"""

from dataclasses import dataclass
from datetime import UTC, datetime


def utc(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime:
    """An instant in UTC."""
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


FIRST, LAST = utc(2017, 8, 1), utc(2027, 1, 1)
CHAINS_CHOSEN_UNTIL = utc(2026, 2, 5, 4, 30)
PRICES_CHOSEN_UNTIL = utc(2021, 1, 1)
PRICES_MEASURED_FROM = utc(2018, 1, 1)
"""The months before only feed realised volatility."""


@dataclass(frozen=True)
class Stretch:
    """Dates after `*_after` up to and including `*_until`."""

    name: str
    chains_after: datetime
    chains_until: datetime
    prices_after: datetime
    prices_until: datetime

    def has_chain(self, end: datetime) -> bool:
        """Whether what ends at this instant of the chains belongs here."""
        return self.chains_after < end <= self.chains_until

    def has_price(self, end: datetime) -> bool:
        """Whether what ends at this instant of the prices belongs here."""
        return self.prices_after < end <= self.prices_until


CHOICE = Stretch("choice", FIRST, CHAINS_CHOSEN_UNTIL, PRICES_MEASURED_FROM, PRICES_CHOSEN_UNTIL)
HELD_OUT = Stretch("held out", CHAINS_CHOSEN_UNTIL, LAST, PRICES_CHOSEN_UNTIL, LAST)

STRETCHES = (CHOICE, HELD_OUT)

MEASURED: tuple[Stretch, ...] = STRETCHES
"""The stretches that `make backtest` looks at. `HELD_OUT` joined them in the commit after 427ca56,
at which the parameters were frozen.
"""
