"""Positions of one account or of many, as arrays."""

from dataclasses import dataclass

import numpy as np

from novate.units import Integers, bounds


class BadPositions(ValueError):
    """Rows and sizes that are not the positions of an account."""


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Positions in instruments of one risk table, account by account.

    Shape: positions (P,), accounts (A,). Rows of an account ascend, so that those of an expiry are
    neighbours; an account has at least one position.
    """

    row: Integers
    """Of the risk table."""
    quantity_e3: Integers
    cost_e6: Integers
    """What was agreed to be paid for a position and was not paid: size times entry price of a
    perpetual or a future; 0 of an option, whose premium left the cash."""
    start: Integers
    """Where each account begins."""

    @classmethod
    def of(
        cls, row: Integers, quantity_e3: Integers, cost_e6: Integers | None = None
    ) -> "Positions":
        """The positions of one account, in any order.

        Raises: BadPositions.
        """
        return cls.many(np.zeros(len(row), dtype=np.int64), row, quantity_e3, cost_e6)

    @classmethod
    def many(
        cls,
        account: Integers,
        row: Integers,
        quantity_e3: Integers,
        cost_e6: Integers | None = None,
    ) -> "Positions":
        """The positions of many accounts, in any order; `account` groups them and is forgotten.

        Raises: BadPositions for lengths that differ, no position at all, a size that does not fit
        27 bits, or an account with two positions in a row.
        """
        cost = np.zeros_like(quantity_e3) if cost_e6 is None else cost_e6
        _check_arrays(account=account, row=row, quantity=quantity_e3, cost=cost)
        order = np.lexsort((row, account))
        account, row = account[order], row[order]
        starts_account = np.diff(account, prepend=account[0] - 1) != 0
        twice = np.flatnonzero((np.diff(row) == 0) & ~starts_account[1:])
        if twice.size:
            raise BadPositions(
                f"account {account[twice[0]]} has two positions in row {row[twice[0]]}; "
                "next: net them"
            )
        return cls(row, quantity_e3[order], cost[order], np.flatnonzero(starts_account))

    @classmethod
    def apart(cls, row: Integers, quantity_e3: Integers) -> "Positions":
        """Each one as if it were all of an account, in the order given; none is refused."""
        _check_sizes(quantity_e3)
        return cls(row, quantity_e3, np.zeros_like(quantity_e3), np.arange(len(row)))

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return len(self.start)


def _check_arrays(**arrays: Integers) -> None:
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise BadPositions(f"arrays of positions differ in length: {lengths}")
    if not lengths["row"]:
        raise BadPositions("no position; an account without any needs no margin")
    for name, values in arrays.items():
        if values.dtype != np.int64:
            raise BadPositions(f"{name} is {values.dtype}; next: give integers of 64 bits")
    _check_sizes(arrays["quantity"])


def _check_sizes(quantity_e3: Integers) -> None:
    largest = int(np.abs(quantity_e3).max(initial=0))
    if largest >= 1 << bounds.QTY_BITS:
        raise BadPositions(f"a size of {largest} milli-contracts is not below 2**{bounds.QTY_BITS}")
