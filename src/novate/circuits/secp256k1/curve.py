"""The curve secp256k1 as integers: its constants, and the laws that its tables share.

A law is an integer polynomial of degree two that is a multiple of `P` (or of `N`) exactly when a
rule was followed. It is written for anything that adds and multiplies: integers compute,
expressions are recorded.
"""

from collections.abc import Iterator
from typing import Any, Final

from novate.air import Expression, limbs16

P: Final = 2**256 - 2**32 - 977
"""The order of the field of coordinates."""

N: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of the group."""

BETA: Final = 0x7AE96A2B657C07106E64479EAC3434E99CF0497512F58995C1396C28719501EE
"""A cube root of one mod P: (BETA*x, y) is LAMBDA times (x, y)."""

LAMBDA: Final = 0x5363AD4CC05C30E0A5261C028812645A122E22EA20816678DF02967C1B23BD72
"""The cube root of one mod N that acts as `omega`."""

G: Final = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
"""The generator."""

BITS: Final = 256
"""Width of coordinates, slopes and scalars."""

MIDDLE: Final = 127 * (2**BITS - 1) // 255
"""A slope is stored as slope + MIDDLE: its bytes less 127 are digits in [-127, 128], so that
products stay narrow.
"""

Point = tuple[int, int]
"""Coordinates of a point other than infinity."""

Law = tuple[str, Any]
"""A name, and what must be a multiple of the modulus."""


def centred(slope: int) -> int:
    """A slope as it is stored."""
    return (slope + MIDDLE) % P


def chord(a: Point, b: Point) -> int:
    """The slope of the line through two points with different x."""
    return (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P


def total(a: Point, b: Point) -> Point:
    """The sum of two points that are not opposite."""
    slope = 3 * a[0] ** 2 * pow(2 * a[1], -1, P) if a == b else chord(a, b)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiple(scalar: int, point: Point) -> Point:
    """`scalar` times a point, for 0 < scalar < N."""
    found, doubled = None, point
    while scalar:
        if scalar & 1:
            found = doubled if found is None else total(found, doubled)
        doubled, scalar = total(doubled, doubled), scalar >> 1
    assert found is not None
    return found


def pieces(value: Any) -> tuple[Any, ...]:
    """A wide unsigned column, or a constant, in pieces of 16 bits."""
    if isinstance(value, int):
        return tuple((value >> (16 * i)) & 0xFFFF for i in range(BITS // 16))
    return limbs16(value, BITS // 16)


def native(value: Expression) -> Expression:
    """A wide unsigned column as one field element: its integer modulo the native order."""
    result: Expression = sum(piece * 2 ** (16 * i) for i, piece in enumerate(pieces(value)))
    return result


def curve_laws(name: str, *, x: Any, y: Any, square: Any) -> Iterator[Law]:
    """(x, y) is on the curve; `square` is x * x."""
    yield f"{name}: square of x", x * x - square
    yield f"{name} is on the curve", square * x - y * y + 7


def unit_laws(name: str, *, x: Any, beta: Any, beta2: Any) -> Iterator[Law]:
    """The x of a point times the three powers of `omega`; 1 + BETA + BETA**2 is 0."""
    yield f"{name}: beta x", BETA * x - beta
    yield f"{name}: beta squared x", x + beta + beta2


def addition_laws(name: str, *, slope: Any, a: Any, b: Any, out: Any) -> Iterator[Law]:
    """out = a + b by the chord, for points with different x; `slope` as it is stored."""
    s = slope - MIDDLE
    yield f"{name}: slope", s * (b[0] - a[0]) - b[1] + a[1]
    yield f"{name}: x", s * s - a[0] - b[0] - out[0]
    yield f"{name}: y", s * (a[0] - out[0]) - a[1] - out[1]
