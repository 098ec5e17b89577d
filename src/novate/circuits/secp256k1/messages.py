"""What the tables of a signature tell each other: multiples by label, digits, fixed multiples."""

from typing import Any, Final

from novate.air import element, lookup_bus, permutation_bus, unsigned
from novate.circuits.secp256k1.curve import BITS

ROWS: Final = 33
"""Rows of a ladder: each doubles twice, so the short scalars have 66 binary places."""

STREAMS: Final = 4
"""A ladder row of stream j adds a multiple of 2**(62*j) * G."""

UNITS: Final = ((1, 0), (0, 1), (-1, -1))
"""1, omega, omega**2 as (u, v) = u + v*omega; with both signs, all six units."""

MULTIPLE = lookup_bus(
    "multiple",
    "(x, y) is dq*Q + dr*R, of the key Q and the point R of this signature; label is dq, dr",
    signature=element(),
    label=element(),
    x=unsigned(BITS),
    y=unsigned(BITS),
)

DIGITS = permutation_bus(
    "digits",
    "this row of the ladder of this signature uses these digits, this fixed byte and this start",
    signature=element(),
    row=element(),
    digits=element(),
    byte=element(),
    start=element(),
)

FIXED = lookup_bus(
    "fixed",
    "(x, y) = (2*half + 1) * 2**(62*stream) * G",
    stream=element(),
    half=element(),
    x=unsigned(BITS),
    y=unsigned(BITS),
)


def packed(dq: Any, dr: Any) -> Any:
    """Two pairs (u, v) of digits as one element: base 8, which tells digits in [-4, 3] apart."""
    return dq[0] + 8 * dq[1] + 64 * dr[0] + 512 * dr[1]


def stream_of(row: int) -> int:
    """The stream whose multiple a ladder row adds: 0, 3, 2, 1, 0, ..., 0."""
    return (ROWS - 1 - row) % STREAMS


def byte_of(row: int) -> int:
    """The byte of E that row 1..32 adds; row 0 adds the spare one, of weight 2**64."""
    return 8 * stream_of(row) + (ROWS - 1 - row) // STREAMS
