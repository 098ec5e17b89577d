"""The instrument of a row: its terms as listed, read and left as they are, and the batch's
window."""

from collections.abc import Iterator
from typing import Any

from novate.air import Row, Statement, limbs16, lookup
from novate.circuits.buses import WINDOW
from novate.circuits.clock import Clock
from novate.circuits.memory import access
from novate.instruments import Right
from novate.ledger import State, terms_address


def listed_instrument(row: Row) -> Iterator[Statement]:
    """The terms that stand at the row's instrument, and the window in which it is judged."""
    right = Right.CALL * row.right.CALL + Right.PUT * row.right.PUT
    strike, expiry = limbs16(row.strike, 3), limbs16(row.expiry, 2)
    terms = (row.underlying, right, *strike, *expiry, row.multiplier)
    listed = terms_address(row.instrument)._asdict()
    yield from access(**listed, old=terms, new=terms, time=row.time, gap=row.terms_gap)
    yield lookup(WINDOW, start=row.window_start, end=row.window_end)


def instrument_inputs(state: State, instrument: int, clock: Clock, time: int) -> dict[str, Any]:
    """What a listed instrument puts into the columns of a row."""
    option = state.option(instrument)
    return {
        "terms_gap": clock.gap(terms_address(instrument), time),
        "instrument": instrument,
        "underlying": option.underlying.id,
        "right": option.right - Right.CALL,
        "strike": option.strike.e3,
        "expiry": option.expiry.s,
        "multiplier": option.multiplier.e3,
        "window_start": state.window.start.s,
        "window_end": state.window.end.s,
    }
