"""Positions of one account or of many, as arrays."""

from dataclasses import dataclass

import numpy as np

from novate.units import Integers, bounds, down


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
        27 bits, what is still to be paid beyond 62 bits, or two positions of an account in a row.
        """
        cost = np.zeros_like(quantity_e3) if cost_e6 is None else cost_e6
        account, row, quantity_e3, cost = _checked(
            account=account, row=row, quantity=quantity_e3, cost=cost
        )
        if not len(row):
            raise BadPositions("no position; an account without any needs no margin")
        order = np.lexsort((row, account))
        account, row = account[order], row[order]
        starts_account = np.diff(account, prepend=account[0] - 1) != 0
        twice = np.flatnonzero((np.diff(row) == 0) & ~starts_account[1:])
        if twice.size:
            raise BadPositions(
                f"account {account[twice[0]]} has two positions in row {row[twice[0]]}; "
                "next: net them"
            )
        start = np.flatnonzero(starts_account)
        _check_cost(cost[order], start)
        return cls(row, quantity_e3[order], cost[order], start)

    @classmethod
    def netted(
        cls, account: Integers, row: Integers, quantity_e3: Integers, cost_e6: Integers
    ) -> "Positions":
        """The positions of many accounts, an account's in one row added up; what is then nothing
        stays as a size of zero, for what is still to be paid.

        Raises: BadPositions.
        """
        order = np.lexsort((row, account))
        account, row = account[order], row[order]
        begins = np.ones(len(row), dtype=np.bool_)
        begins[1:] = (np.diff(account) != 0) | (np.diff(row) != 0)
        first = np.flatnonzero(begins)
        quantity_e3, cost_e6 = (
            np.add.reduceat(values[order], first) for values in (quantity_e3, cost_e6)
        )
        return cls.many(account[first], row[first], quantity_e3, cost_e6)

    @classmethod
    def apart(cls, row: Integers, quantity_e3: Integers) -> "Positions":
        """Each one as if it were all of an account, in the order given; there may be none.

        Raises: BadPositions.
        """
        row, quantity_e3 = _checked(row=row, quantity=quantity_e3)
        return cls(row, quantity_e3, np.zeros_like(quantity_e3), np.arange(len(row)))

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return len(self.start)

    @property
    def account(self) -> Integers:
        """The account of each position, (P,)."""
        return np.repeat(np.arange(self.accounts), np.diff(self.start, append=len(self.row)))


def _checked(**columns: Integers) -> tuple[Integers, ...]:
    arrays = {name: np.asarray(values, order="C") for name, values in columns.items()}
    shapes = {name: values.shape for name, values in arrays.items()}
    if len(set(shapes.values())) > 1 or len(shapes["row"]) != 1:
        raise BadPositions(f"arrays of positions are not of one length: {shapes}")
    for name, values in arrays.items():
        if values.dtype != np.int64:
            raise BadPositions(f"{name} is {values.dtype}; next: give integers of 64 bits")
    if arrays["row"].min(initial=0) < 0:
        raise BadPositions(f"row {arrays['row'].min()} is below 0")
    quantity_e3 = arrays["quantity"]
    # The least integer of 64 bits has no magnitude.
    for extreme in (int(quantity_e3.min(initial=0)), int(quantity_e3.max(initial=0))):
        if abs(extreme) >= 1 << bounds.QTY_BITS:
            raise BadPositions(
                f"a size of {extreme} milli-contracts is not below 2**{bounds.QTY_BITS}"
            )
    return tuple(arrays.values())


def _check_cost(cost_e6: Integers, start: Integers) -> None:
    """What an account has to pay stays below 2**62: sums of a 1024th of each cannot overflow."""
    parts = np.maximum(down(cost_e6, 10), ~down(cost_e6, 10)) + 1
    largest = max(int(parts.max()), int(np.add.reduceat(parts, start).max()))
    if largest >= 1 << 52:
        raise BadPositions(f"what is to be paid, {largest << 10} micro-USD, is not below 2**62")
