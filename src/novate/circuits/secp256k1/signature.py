"""The claim of a signature: digest, key, nonce point and scalars, one row each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from novate.air import (
    InverseOf,
    Row,
    Statement,
    Table,
    element,
    equal,
    first,
    followed,
    limbs,
    lookup,
    modular,
    provide,
    receive,
    signed,
    unsigned,
    vector,
)
from novate.circuits.buses import PERMUTATION, SIGNATURE
from novate.circuits.secp256k1.curve import (
    BITS,
    LAMBDA,
    Law,
    N,
    P,
    curve_laws,
    unit_laws,
)
from novate.circuits.secp256k1.messages import DIGITS, MULTIPLE, ROWS, UNITS, byte_of, packed
from novate.field import Tag

GROUPS = 11
"""A wide integer in groups of 24 bits, each smaller than a field element."""

KEY_ELEMENTS = 2 * GROUPS
TOP = 0x78
"""The first byte of the largest element, 0x78000000."""


class Signature(Table):
    """A digest and a key for which a valid ECDSA signature exists, one a row.

    Soundness. Whoever looks up `signature(digest, key)` knows: there are a point R of the curve and
    integers s, a, b, E with x_R and b not 0 mod N, s*a + x_R*b = 0 and 2*s*E + z*b = 0 mod N, and
    a*Q + b*R + 2*E*G = 0, where z is the digest and the commitment of Q is the key. Then s is not
    0, and R = (z/s)*G + (x_R/s)*Q, so that (x_R mod N, s) or (x_R mod N, N - s) is valid with low
    s. The last equation is the ladder's: `digits` takes one message for each of 33 rows of this
    signature, and there is one ladder of 33 rows for each. Coordinates are canonical (v + v_up = P
    leaves v below P, for no point has a coordinate 0), so the commitment has one reading. Sums of
    weights are 1 exactly when some group differs: y_Q is not y_R nor -y_R, so that the sums of
    `joint` are no doublings; x_R is not N; b is not 0, since its three pieces of 22 bits are not
    all 0 and the norm of b is below N. The bytes of each element of the digest are canonical, so
    digest and z determine each other.

    Determined: z by the digest, the key word by the key's coordinates (sponge); the multiples it
    offers by key and R, as residues (each law has one unknown: squares, then products with beta);
    a and b by their digits, modulo N. Given these and z, s and E are determined modulo N. Free, and
    harmless: R (its sign; any R, if the claim is true of it), s and the images by any
    representative, a and b by a common factor, the digits of both, the start and the spare byte.
    """

    signature = element()
    digest, key = vector(element(), 8), vector(element(), 8)
    z = unsigned(BITS)
    rest = vector(unsigned(8), 8, given=lambda row: TOP - _first_bytes(row.z))
    top = vector(element(), 8, given=lambda row: tuple(InverseOf(rest) for rest in row.rest))
    qx, qy, rx, ry, s = (
        unsigned(BITS),
        unsigned(BITS),
        unsigned(BITS),
        unsigned(BITS),
        unsigned(BITS),
    )
    qx_up = unsigned(BITS, given=lambda row: complement(row.qx))
    qy_up = unsigned(BITS, given=lambda row: complement(row.qy))
    rx_up = unsigned(BITS, given=lambda row: complement(row.rx))
    ry_up = unsigned(BITS, given=lambda row: complement(row.ry))
    qx2, rx2 = unsigned(BITS), unsigned(BITS)
    qx_beta, qx_beta2 = unsigned(BITS), unsigned(BITS)
    rx_beta, rx_beta2 = unsigned(BITS), unsigned(BITS)
    alpha, alpha_omega = vector(signed(3), ROWS), vector(signed(3), ROWS)
    rho, rho_omega = vector(signed(3), ROWS), vector(signed(3), ROWS)
    fixed_byte = vector(unsigned(8), ROWS)
    start_half = unsigned(7)
    a, b = unsigned(BITS), unsigned(BITS)
    unequal, unopposite, unzero = (
        vector(element(), GROUPS),
        vector(element(), GROUPS),
        vector(element(), GROUPS),
    )
    b_weights = vector(element(), 6)
    first_out, second_out = vector(element(), 16), vector(element(), 16)
    capacity_out = vector(element(), 8)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield from first(equal("signatures count from 0", row.signature, 0))
        yield from followed(equal("signatures count up", row.next.signature, row.signature + 1))
        yield from _digest(row)
        for name in ("qx", "qy", "rx", "ry"):
            value, up = getattr(row, name), getattr(row, f"{name}_up")
            yield equal(f"{name} is canonical", value + up, P)
        for name, law in point_laws(row):
            yield modular(name, law, P)
        for name, law in scalar_laws(row):
            yield modular(name, law, N)
        yield from _inequalities(row)
        yield from _messages(row)


def _digest(row: Row) -> Iterator[Statement]:
    """Each element of the digest is four bytes of z, most significant first, and canonical."""
    octets = limbs(row.z, 8, 32)
    for j in range(8):
        low, low_middle, high_middle, top = octets[28 - 4 * j : 32 - 4 * j]
        low24 = low + low_middle * 2**8 + high_middle * 2**16
        yield equal(f"element {j} of the digest is of z", row.digest[j], low24 + top * 2**24)
        yield equal(f"first byte of element {j} is at most 0x78", top + row.rest[j], TOP)
        product = row.rest[j] * row.top[j]
        yield equal(f"element {j} is canonical", low24 * (1 - product), 0)


def _inequalities(row: Row) -> Iterator[Statement]:
    qy, ry, opposite = (limbs(value, 24, GROUPS) for value in (row.qy, row.ry, row.ry_up))
    order = [(N >> (24 * i)) & 0xFFFFFF for i in range(GROUPS)]
    yield _some("R is no power of omega times the key", row.unequal, _less(qy, ry))
    yield _some("-R is no power of omega times the key", row.unopposite, _less(qy, opposite))
    yield _some("r is not zero", row.unzero, _less(limbs(row.rx, 24, GROUPS), order))
    yield _some("b is not zero", row.b_weights, b_pieces(row))


def _less(left: Sequence[Any], right: Sequence[Any]) -> list[Any]:
    return [a - b for a, b in zip(left, right, strict=True)]


def _some(name: str, weights: Sequence[Any], values: Sequence[Any]) -> Statement:
    """Some value is not zero: a sum of multiples is 1."""
    products = [weight * value for weight, value in zip(weights, values, strict=True)]
    return equal(name, sum(products[1:], products[0]), 1)


def _messages(row: Row) -> Iterator[Statement]:
    coordinates = (*limbs(row.qx, 24, GROUPS), *limbs(row.qy, 24, GROUPS), 0, 0)
    capacity = (KEY_ELEMENTS, int(Tag.KEY), 0, 0, 0, 0, 0, 0)
    outs = (row.first_out, row.second_out, (*row.key, *row.capacity_out))
    for block, out in enumerate(outs):
        state = (*coordinates[8 * block : 8 * block + 8], *capacity)
        yield lookup(PERMUTATION, state=state, out=out)
        capacity = out[8:]
    mine = {"signature": row.signature}
    keys = (row.qx, row.qx_beta, row.qx_beta2)
    nonces = (row.rx, row.rx_beta, row.rx_beta2)
    for unit, of_key, of_nonce in zip(UNITS, keys, nonces, strict=True):
        yield provide(MULTIPLE, **mine, label=packed(unit, (0, 0)), x=of_key, y=row.qy)
        yield provide(MULTIPLE, **mine, label=packed((0, 0), unit), x=of_nonce, y=row.ry)
    for k in range(ROWS):
        yield receive(
            DIGITS,
            **mine,
            row=k,
            digits=packed((row.alpha[k], row.alpha_omega[k]), (row.rho[k], row.rho_omega[k])),
            byte=row.fixed_byte[k],
            start=row.start_half if k == 0 else 0,
        )
    yield provide(SIGNATURE, digest=row.digest, key=row.key)


def point_laws(row: Any) -> Iterator[Law]:
    """Key and nonce point are on the curve; their x times the powers of beta. Multiples of P."""
    yield from curve_laws("the key", x=row.qx, y=row.qy, square=row.qx2)
    yield from curve_laws("R", x=row.rx, y=row.ry, square=row.rx2)
    yield from unit_laws("the key", x=row.qx, beta=row.qx_beta, beta2=row.qx_beta2)
    yield from unit_laws("R", x=row.rx, beta=row.rx_beta, beta2=row.rx_beta2)


def scalar_laws(row: Any) -> Iterator[Law]:
    """The short scalars, and the two equations of ECDSA. Multiples of N."""
    yield "a", scalar(row.alpha) + LAMBDA * scalar(row.alpha_omega) - row.a
    yield "b", scalar(row.rho) + LAMBDA * scalar(row.rho_omega) - row.b
    yield "s*a + r*b = 0", row.s * row.a + row.rx * row.b
    yield "2*s*E + z*b = 0", 2 * row.s * fixed_scalar(row) + row.z * row.b


def scalar(digits: Sequence[Any]) -> Any:
    """The integer of digits base 4, most significant first."""
    places = [4 ** (len(digits) - 1 - k) * digit for k, digit in enumerate(digits)]
    return sum(places[1:], places[0])


def fixed_scalar(row: Any) -> Any:
    """E: the bytes of the fixed digits, the spare one and the start included."""
    octets = row.fixed_byte
    total = octets[0] * 2**64 + (128 + row.start_half) * 2**66
    return sum((octets[k] * 2 ** (8 * byte_of(k)) for k in range(1, ROWS)), total)


def b_pieces(row: Any) -> list[Any]:
    """b in three pieces of 22 bits, each coordinate."""
    parts = [slice(start, start + 11) for start in (0, 11, 22)]
    return [scalar(digits[part]) for part in parts for digits in (row.rho, row.rho_omega)]


def _first_bytes(z: Any) -> Any:
    return z[:, 31::-4].astype(np.int64)


def complement(values: np.ndarray) -> np.ndarray:
    """What integers up to P lack of P. Shape: (rows, 32) bytes, least significant first."""
    missing = (P - int.from_bytes(row.tobytes(), "little") for row in values)
    joined = b"".join(value.to_bytes(BITS // 8, "little") for value in missing)
    return np.frombuffer(joined, dtype=np.uint8).reshape(-1, BITS // 8)
