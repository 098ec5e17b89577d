"""How accounts stand by their cash, their positions in one underlying, and all else they hold."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from novate.risk.desk.trades import Filled, Trades, filled_each
from novate.risk.health import Margins, margins
from novate.risk.margin import ONE, Requirement, requirement
from novate.risk.positions import Positions
from novate.risk.table import RiskTable
from novate.units import Integers

CHUNK = 512
"""Trades that are tried at a time, so that what is summed stays in memory."""


def standing(
    table: RiskTable,
    positions: Positions,
    cash_e6: Integers,
    others: Sequence[Requirement] = (),
    *,
    stable_e6: int = ONE,
) -> Margins:
    """Margins of accounts, (A,), with `cash_e6` (A,); `others` is what one account, the same for
    all, requires for positions in other underlyings.

    Raises: GrossTooLarge.
    """
    repeated = [_repeated(other, positions.accounts) for other in others]
    return margins(cash_e6, [requirement(table, positions, stable_e6=stable_e6), *repeated])


def standing_after_each(
    table: RiskTable,
    positions: Positions,
    cash_e6: int,
    trades: Trades,
    others: Sequence[Requirement] = (),
    *,
    stable_e6: int = ONE,
) -> Margins:
    """Margins of one account after each of the trades alone, (T,); exact.

    Raises: BadPositions, GrossTooLarge.
    """
    if not len(trades):
        nobody = np.zeros(0, dtype=np.int64)
        return Margins(nobody, nobody, nobody, nobody)
    found = [
        standing(table, after.positions, cash_e6 + after.cash_e6, others, stable_e6=stable_e6)
        for after in _after_each(table, positions, trades)
    ]
    return Margins(
        *(
            np.concatenate([getattr(part, column.name) for part in found])
            for column in fields(Margins)
        )
    )


def _after_each(table: RiskTable, positions: Positions, trades: Trades) -> list[Filled]:
    return [
        filled_each(table.listing, positions, trades.part(slice(first, first + CHUNK)))
        for first in range(0, len(trades), CHUNK)
    ]


def _repeated(one: Requirement, count: int) -> Requirement:
    parts: dict[str, Any] = {
        column.name: np.repeat(getattr(one, column.name), count)
        for column in fields(Requirement)
        if column.name != "compartment"
    }
    return replace(one, **parts)
