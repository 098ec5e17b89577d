"""Counted tables that range checks look things up in: pairs of bytes, 16-bit integers, and narrow
widths.

Soundness. A counted table is fixed by its sentences, not by a commitment of its own: the first row,
the step from each row to the next, and the last row leave exactly one filling of exactly one
height. Whoever looks up `byte_pair(a, b)` knows 0 <= a, b < 2**8; `u16(value)`: 0 <= value < 2**16;
`narrow(bits, value)`: 0 <= value < 2**bits. The prover chooses only how often each fact is used.
"""

from collections.abc import Iterator

import numpy as np

from novate.air.kind import bit, element
from novate.air.layout import NARROW_BITS_MAX
from novate.air.statement import Statement, equal, first, followed, last, lookup_bus, provide, when
from novate.air.table import Row, Table

BYTE_PAIR = lookup_bus("byte_pair", "two integers of 8 bits", a=element(), b=element())
U16 = lookup_bus("u16", "an integer of 16 bits", value=element())
NARROW = lookup_bus("narrow", "an integer of `bits` bits", bits=element(), value=element())


class Bytes(Table):
    """All pairs of bytes, in order.

    Determined: b counts up and can only return to zero at 255, where a rises; a row that misses
    this leaves b above 255 for ever, and the last row, where b is about to return, could not be
    (255, 255).
    """

    counted = 1 << 16
    a, b = element(), element()
    wraps = bit()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield from first(equal("a starts at 0", row.a, 0), equal("b starts at 0", row.b, 0))
        yield from followed(
            equal("b counts up, or returns to 0", row.next.b, (1 - row.wraps) * (row.b + 1)),
            equal("a rises when b returns", row.next.a, row.a + row.wraps),
        )
        yield from when(row.wraps, equal("b returns only at 255", row.b, 255))
        yield from last(
            equal("a ends at 255", row.a, 255), equal("b ends where it returns", row.wraps, 1)
        )
        yield provide(BYTE_PAIR, a=row.a, b=row.b)
        yield provide(U16, value=256 * row.a + row.b)

    @classmethod
    def kernel(cls, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        index = np.arange(cls.counted, dtype=np.int64)
        return {"a": index >> 8, "b": index & 255, "wraps": ((index & 255) == 255).astype(np.int64)}


class Narrow(Table):
    """For each width from 0 to 14 bits, every integer of that width; then one last row.

    Determined: value counts up and can only return to zero at size - 1, where bits rises and size
    doubles; a row that misses this never meets size - 1 again, and the last row could not say 15
    bits.
    """

    counted = 1 << (NARROW_BITS_MAX + 1)
    bits, size, value = element(), element(), element()
    wraps = bit()

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield from first(
            equal("bits starts at 0", row.bits, 0),
            equal("size starts at 1", row.size, 1),
            equal("value starts at 0", row.value, 0),
        )
        yield from followed(
            equal(
                "value counts up, or returns to 0",
                row.next.value,
                (1 - row.wraps) * (row.value + 1),
            ),
            equal("bits rises when value returns", row.next.bits, row.bits + row.wraps),
            equal("size doubles when value returns", row.next.size, row.size * (1 + row.wraps)),
        )
        yield from when(row.wraps, equal("value returns only at size - 1", row.value, row.size - 1))
        yield from last(
            equal("bits ends at 15", row.bits, NARROW_BITS_MAX + 1),
            equal("value ends at 0", row.value, 0),
        )
        yield provide(NARROW, bits=row.bits, value=row.value)

    @classmethod
    def kernel(cls, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        index = np.arange(1, cls.counted + 1, dtype=np.int64)
        bits = np.searchsorted(1 << np.arange(1, NARROW_BITS_MAX + 2), index, side="right")
        size = np.int64(1) << bits
        value = index - size
        return {
            "bits": bits,
            "size": size,
            "value": value,
            "wraps": ((value == size - 1) & (bits <= NARROW_BITS_MAX)).astype(np.int64),
        }
