"""The clock of a batch: one instant per transaction, and how long ago each word was last
touched."""

from novate.circuits.buses import TIME_END
from novate.ledger import Address


class Clock:
    """Gives instants in order and remembers, for every word, the instant of its last access."""

    def __init__(self) -> None:
        self._now = 1
        self._last: dict[Address, int] = {}

    def tick(self) -> int:
        """The instant of the next transaction.

        Raises: OverflowError when the batch has no instants left.
        """
        self._now += 1
        if self._now >= TIME_END:
            raise OverflowError(f"a batch has {TIME_END} instants; close it earlier")
        return self._now

    @property
    def touched(self) -> frozenset[Address]:
        """Every word that was accessed."""
        return frozenset(self._last)

    def gap(self, address: Address, time: int) -> int:
        """Instants between the last access to a word and this one, less one; the access is
        remembered."""
        gap = time - 1 - self._last.get(address, 0)
        assert gap >= 0, f"{address} was touched after instant {time}"
        self._last[address] = time
        return gap

    def last(self, address: Address) -> int:
        """The instant of the last access to a word: 0 when it was only opened."""
        return self._last.get(address, 0)
