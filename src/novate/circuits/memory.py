"""Reading and writing words of the state: the memory argument, as two messages per access.

Soundness. Every word that a batch touches is opened once, at time 0, by the leaf that the state
tree puts at its address, and closed once by the same leaf. Each access takes the word as it stood
at some earlier instant off the bus and puts it back as of its own instant. Messages balance, so the
accesses to one address form chains, and rings if they could:

1. An access at `time` takes the word of instant `time - 1 - gap`, and `gap` has 24 bits: each step
   raises the time by 1 to 2**24.
2. Times have 24 bits, where they are declared or where they come from, so no step wraps around the
   field: along a chain they rise strictly, no chain closes, and the only one runs from the opening
   to the closing.
3. Were `time` a bare element, 121 steps could add up to p and close into a ring nobody opened.

All accesses of a transaction carry its one instant, so whatever two transactions share, they share
in the same order: the batch is equivalent to its transactions one after the other. An access relies
on no range of the address: a leaf exists only for 24-bit accounts and 8-bit slots.
"""

from collections.abc import Iterator
from typing import Any

from novate.air import Expression, Statement, receive, send, when
from novate.circuits.buses import MEMORY


def access(
    *,
    account: Any,
    slot: Any,
    old: tuple[Any, ...],
    new: tuple[Any, ...],
    time: Expression | int,
    gap: Expression,
    flag: Expression | None = None,
) -> Iterator[Statement]:
    """Take the word `old` as it stood at instant `time - 1 - gap`, put back `new` as of `time`.

    `gap` is a column of `TIME_BITS` bits, and `time` has as many; to read only, let `new` be `old`.
    Under `flag` when one is given.
    """
    taken = receive(MEMORY, account=account, slot=slot, time=time - 1 - gap, word=old)
    put = send(MEMORY, account=account, slot=slot, time=time, word=new)
    if flag is None:
        yield from (taken, put)
    else:
        yield from when(flag, taken, put)
