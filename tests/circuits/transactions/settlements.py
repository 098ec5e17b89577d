"""Settlements of the ledger as rows of the circuit, and rows that lie about them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from tests.ledger.scene import AFTER, CONFIGURATION, DOMAIN, EXPIRY, LISTING, PUT, USD

from novate.air import Program, Table
from novate.air.kind import Element, Vector
from novate.circuits.buses import PARAMETERS, PUBLISHER, SIGNED, WINDOW
from novate.circuits.clock import Clock
from novate.circuits.transactions.system_settle import TABLES, rows
from novate.instruments import Option
from novate.keys import public_key
from novate.ledger import (
    Collateral,
    Holder,
    Position,
    Report,
    Signed,
    State,
    Transaction,
    collateral_address,
    genesis_state,
    position_address,
    sign,
)
from novate.ledger import SystemSettle as Settle
from novate.units import IndexPrice, Instant, bounds

from .surroundings import ANSWERS, MEMORY_TABLES, Environment, Rows, steps_of

BUSES = (SIGNED, WINDOW, PARAMETERS, PUBLISHER)

Sizes = Mapping[tuple[int, int], int]
"""Milli-contracts by account and position slot; short below zero."""

Changes = Mapping[int, Mapping[str, Any]]
"""By row, columns with other values, or with functions from the honest value to the other."""

SECRETS = tuple(bytes([0x70 + i]) * 32 for i in range(bounds.PUBLISHERS_MAX))
COMMITMENTS = tuple(public_key(secret).commitment for secret in SECRETS)


@lru_cache(maxsize=1)
def program() -> Program:
    """The three tables of a settlement among counterparts for their other buses."""
    return Program([*TABLES, *MEMORY_TABLES, *(ANSWERS[bus.name] for bus in BUSES)])


def venue(
    *, listing: Mapping[int, Option] = LISTING, publishers: int = 3, quorum: int = 2
) -> State:
    """A venue after expiry, where nobody holds anything."""
    keys = COMMITMENTS[:publishers]
    configuration = replace(CONFIGURATION, publishers=keys, quorum=quorum)
    state = genesis_state(configuration=configuration, domain=DOMAIN, listing=listing)
    return replace(state, window=AFTER)


def holding(state: State, instrument: int, sizes: Sizes, *, money_e6: int = 10_000 * USD) -> State:
    """The same venue, where these positions are held; each account has some money beside its
    locks."""
    words, strike = state.words, state.option(instrument).strike.e3
    for (account, slot), size in sizes.items():
        before = Collateral.decode(state.word(collateral_address(account)))
        if before.balance_e6 == 0:
            before = Collateral(money_e6)
        lock = strike * max(0, -size)
        after = Collateral(before.balance_e6 + lock, before.locked_e6 + lock)
        words = words.set(collateral_address(account), after.encode())
        words = words.set(position_address(account, slot), Position(instrument, size).encode())
        state = replace(state, words=words)
    return state


def report(publisher: int, index_e3: int, **changes: Any) -> Signed[Report]:
    """A publisher's report on BTC at expiry, changed as named."""
    plain = Report(1, EXPIRY, IndexPrice(index_e3), Instant(EXPIRY.s + 30))
    return sign(DOMAIN, replace(plain, **changes), SECRETS[publisher])


def settle(
    sizes: Sizes, prices: Mapping[int, int] | None = None, *, instrument: int = PUT
) -> Settle:
    """These positions, settled by reports of these prices by their publishers."""
    reports = tuple(report(publisher, index) for publisher, index in (prices or {}).items())
    return Settle(instrument, reports, tuple(Holder(*at) for at in sizes))


def told(state: State, *settlements: Transaction) -> tuple[Rows, Environment]:
    """The rows of the settlements, and what is around them."""
    steps, clock = steps_of(state, settlements), Clock()
    made: Rows = {table.name: [] for table in TABLES}
    for step in steps:
        for name, found in rows(step, clock).items():
            made[name] += found
    return made, Environment.around(program(), steps, clock)


def only(table: type[Table], made: Rows) -> Rows:
    """The rows of one table."""
    return {table.name: made[table.name]}


def changed(table: type[Table], made: Rows, changes: Changes) -> Rows:
    """The same rows, some of one table changed; what is computed from them follows."""
    given = [dict(row) for row in made[table.name]]
    computed: dict[str, dict[int, Any]] = {}
    honest = complete(table, made) if _has_function(changes) else []
    for at, columns in changes.items():
        for name, other in columns.items():
            assert name in table.columns, name
            value = other(getattr(honest[at], name)) if callable(other) else other
            if name in given[at]:
                given[at][name] = value
            else:
                computed.setdefault(name, {})[at] = value
    return made | {table.name: _filled_in(table, given, computed)}


def plus(by: int) -> Callable[[int], int]:
    """So much more than the honest value."""
    return lambda value: value + by


def _has_function(changes: Changes) -> bool:
    return any(callable(value) for columns in changes.values() for value in columns.values())


def _filled_in(
    table: type[Table], given: list[dict[str, Any]], computed: dict[str, dict[int, Any]]
) -> list[dict[str, Any]]:
    columns = {name: np.array([row[name] for row in given]) for name in given[0]}
    for name, column in table.columns.items():
        if name not in columns:
            inner = column.kind.kind if isinstance(column.kind, Vector) else column.kind
            assert column.given is not None and not isinstance(inner, Element), name
            values = np.array(column.given(SimpleNamespace(**columns)), dtype=object)
            for at, value in computed.get(name, {}).items():
                values[at] = value
            columns[name] = values
    return [
        {name: _plain(values[at]) for name, values in columns.items()} for at in range(len(given))
    ]


def _plain(value: Any) -> Any:
    return tuple(int(part) for part in value) if np.ndim(value) else int(value)


def complete(table: type[Table], made: Rows) -> list[SimpleNamespace]:
    """The rows of a table with every column, the computed ones too."""
    return [SimpleNamespace(**row) for row in changed(table, made, {})[table.name]]
