"""The curve as integers: the constants, the arithmetic behind witnesses, and the shared laws."""

from collections.abc import Iterable

import pytest

from novate.air import Row
from novate.circuits.secp256k1 import Ladder
from novate.circuits.secp256k1.curve import (
    BETA,
    BITS,
    LAMBDA,
    MIDDLE,
    G,
    Law,
    N,
    P,
    addition_laws,
    centred,
    chord,
    curve_laws,
    multiple,
    native,
    pieces,
    total,
    unit_laws,
)

from .scene import is_on_curve, opposite, point, sum_of

SCALARS = (1, 2, 3, 5, 2**62, 2**128 + 7, LAMBDA, N - 2, N - 1)


def residues(laws: Iterable[Law]) -> dict[str, int]:
    return {name: value % P for name, value in laws}


# Constants.


def test_the_constants_are_those_of_the_curve() -> None:
    assert point(1) == G
    assert point(LAMBDA) == (BETA * G[0] % P, G[1])
    assert pow(BETA, 3, P) == 1 != BETA
    assert pow(LAMBDA, 3, N) == 1 != LAMBDA
    assert (1 + BETA + BETA**2) % P == 0
    assert is_on_curve(G)


def test_no_point_has_a_coordinate_zero() -> None:
    """7 is no square, and -7 is no cube: what `v + v_up = P` and doublings rest on."""
    assert pow(7, (P - 1) // 2, P) == P - 1
    assert pow(-7, (P - 1) // 3, P) != 1


def test_the_order_of_the_group_is_the_x_of_a_point() -> None:
    """So r = 0 is a case that must be refused."""
    assert N < P < 2 * N
    assert is_on_curve((N, pow(N**3 + 7, (P + 1) // 4, P)))


def test_twice_the_field_does_not_fit_the_bytes() -> None:
    """A residue has one or two representatives; D of equal residues is 0, P or -P."""
    assert 2 * P > 2**BITS > P


def test_stored_slopes_have_centred_digits() -> None:
    octets = MIDDLE.to_bytes(32, "little")
    assert set(octets) == {127}
    for slope in (0, 1, P - 1, 2**200):
        stored = centred(slope).to_bytes(32, "little")
        value = sum((byte - 127) << (8 * i) for i, byte in enumerate(stored))
        assert value % P == slope
        assert all(-127 <= byte - 127 <= 128 for byte in stored)


# Arithmetic.


@pytest.mark.parametrize("scalar", SCALARS)
def test_multiples_are_those_of_coincurve(scalar: int) -> None:
    assert multiple(scalar, G) == point(scalar)
    assert multiple(scalar, point(12345)) == sum_of((scalar, point(12345)))


@pytest.mark.parametrize(("a", "b"), [(1, 2), (5, N - 4), (7, 7), (LAMBDA, 1)])
def test_sums_are_those_of_coincurve(a: int, b: int) -> None:
    assert total(point(a), point(b)) == point(a + b)


def test_opposite_points_have_no_sum() -> None:
    with pytest.raises(ValueError, match="not invertible"):
        total(G, opposite(G))
    with pytest.raises(ValueError, match="not invertible"):
        chord(G, G)


# Laws.


def added(a: int, b: int, **changes: int) -> dict[str, int]:
    """The laws of a sum of two multiples of the generator."""
    one, two, out = point(a), point(b), point(a + b)
    slope = changes.get("slope", centred(chord(one, two)))
    told = (changes.get("x", out[0]), changes.get("y", out[1]))
    return residues(addition_laws("sum", slope=slope, a=one, b=two, out=told))


def broken(laws: dict[str, int]) -> set[str]:
    return {name.partition(": ")[2] for name, value in laws.items() if value}


def test_a_sum_obeys_its_laws_and_another_does_not() -> None:
    out = point(12)
    assert broken(added(5, 7)) == set()
    assert broken(added(5, 7, x=out[0] + P)) == set()
    assert broken(added(5, 7, y=out[1] + 1)) == {"y"}
    assert broken(added(5, 7, x=out[0] + 1)) == {"x", "y"}
    assert broken(added(5, 7, y=P - out[1])) == {"y"}
    assert broken(added(5, 7, slope=centred(3))) == {"slope", "x", "y"}


@pytest.mark.parametrize(
    ("x", "y", "square", "said"),
    [
        (*G, G[0] ** 2 % P, set()),
        (G[0], P - G[1], G[0] ** 2 % P, set()),
        (G[0], G[1] + 1, G[0] ** 2 % P, {"the key is on the curve"}),
        (*G, G[0] ** 2 % P + 1, {"the key: square of x", "the key is on the curve"}),
        (G[1], G[0], G[1] ** 2 % P, {"the key is on the curve"}),
        (0, 0, 0, {"the key is on the curve"}),
    ],
)
def test_a_point_is_on_the_curve_or_breaks_a_law(
    x: int, y: int, square: int, said: set[str]
) -> None:
    laws = residues(curve_laws("the key", x=x, y=y, square=square))
    assert {name for name, value in laws.items() if value} == said


def test_products_with_omega_obey_their_laws() -> None:
    x = G[0]
    betas = BETA * x % P, BETA**2 * x % P
    assert not any(residues(unit_laws("R", x=x, beta=betas[0], beta2=betas[1])).values())
    swapped = residues(unit_laws("R", x=x, beta=betas[1], beta2=betas[0]))
    assert swapped["R: beta x"]
    assert not swapped["R: beta squared x"]


@pytest.mark.parametrize("value", [0, 1, P, N, 2**BITS - 1, G[0]])
def test_a_constant_is_its_sixteen_pieces(value: int) -> None:
    found = pieces(value)
    assert len(found) == 16
    assert all(0 <= piece < 2**16 for piece in found)
    assert sum(piece << (16 * i) for i, piece in enumerate(found)) == value


def test_a_column_is_its_sixteen_pieces_and_one_element() -> None:
    """The same integer, whether its limbs are compared or their sum."""
    value = Row(Ladder).x
    assert len(pieces(value)) == 16
    assert native(value).is_field is False
    assert native(value).bounds == (0, 2**BITS - 1)
