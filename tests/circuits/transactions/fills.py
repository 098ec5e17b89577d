"""Fills of the ledger as rows of the circuit, and rows that lie about them."""

from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from tests.ledger.scene import ALICE, BOB, Fill, order, traded

from novate.air import Program
from novate.air.kind import Element, Vector
from novate.circuits.buses import PARAMETERS, SIGNED, WINDOW
from novate.circuits.clock import Clock
from novate.circuits.transactions.user_trade import UserTrade as Table
from novate.circuits.transactions.user_trade import rows
from novate.ledger import Side, State, Transaction

from .surroundings import Environment, Rows, program_of, steps_of

Cheat = Callable[[Any], dict[str, Any]]
"""From the columns of an honest row to the columns that a cheat changes."""


@lru_cache(maxsize=1)
def program() -> Program:
    """The table of fills among counterparts for its buses."""
    return program_of(Table, SIGNED, WINDOW, PARAMETERS)


def told(state: State, *trades: Transaction) -> tuple[Rows, Environment]:
    """The rows of the trades, and what is around them."""
    steps, clock = steps_of(state, trades), Clock()
    made = [rows(step, clock)[Table.name][0] for step in steps]
    return {Table.name: made}, Environment.around(program(), steps, clock)


@lru_cache(maxsize=1)
def second_fill() -> tuple[Rows, Environment]:
    """Alice, long one put, buys half of one more under the same order; Bob, short one, sells it
    under a new one."""
    trade = Fill(order(ALICE, Side.BUY), order(BOB, Side.SELL, nonce=2), size_e3=500).trade
    return told(traded(), trade)


def changed(made: Rows, **changes: Any) -> Rows:
    """The same rows, the first of them changed."""
    row, *rest = made[Table.name]
    assert set(changes) <= set(Table.columns), changes
    return {Table.name: [row | changes, *rest]}


def complete(made: Rows) -> SimpleNamespace:
    """Every integer of the first row, the computed ones too."""
    columns = {name: np.array([value]) for name, value in made[Table.name][0].items()}
    for name, column in Table.columns.items():
        inner = column.kind.kind if isinstance(column.kind, Vector) else column.kind
        if column.given and name not in columns and not isinstance(inner, Element):
            columns[name] = column.given(SimpleNamespace(**columns))
    whole = {name: v[0] if v.ndim > 1 else int(v[0]) for name, v in columns.items()}
    return SimpleNamespace(**whole)
