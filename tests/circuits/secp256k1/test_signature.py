"""The claim of a signature: each of its sentences is broken by a cheat that breaks nothing else,
and forgeries fail for the reason that the page gives."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import pytest
from tests.circuits import secp256k1_reference as reference
from tests.circuits.transactions.surroundings import sentences_of

from novate.air import InputRefused
from novate.circuits.secp256k1 import Signature
from novate.circuits.secp256k1.curve import BETA, LAMBDA, G, N, P, Point
from novate.circuits.secp256k1.messages import ROWS, UNITS
from novate.field import P as NATIVE

from .scene import (
    CLAIMS,
    LADDERS,
    SIGNATURES,
    SIXTH_ROOTS,
    Claim,
    Row,
    Rows,
    changed,
    completed,
    coordinates,
    cube_root,
    from_multipliers,
    honest,
    image,
    is_on_curve,
    opposite,
    point,
    refitted,
    refusals,
    sample,
    sentences,
    signed,
    square_root,
    sum_of,
    surrounded,
    with_a_word,
    witness,
    word,
)

Cheat = Callable[[], list[Row]]


@lru_cache(maxsize=1)
def told() -> Row:
    """The row of a valid signature."""
    (row,) = honest(sample(1))[SIGNATURES]
    return completed(row)


def lie(**changes: Any) -> list[Row]:
    """The row with some columns changed, and what helps to check them told again."""
    return [completed(told() | changes)]


def of(claim: Claim) -> Row:
    """The row of a claim, valid or not, that holds every law of scalars."""
    a, b = reference.decomposition(claim.nonce[0] * pow(claim.s, -1, N) % N)
    row = told() | {"z": claim.z, "digest": tuple(e % NATIVE for e in word(claim.z)), "s": claim.s}
    pairs = reference.digits(a, b)[::-1]
    for i, names in enumerate((("alpha", "alpha_omega"), ("rho", "rho_omega"))):
        for j, name in enumerate(names):
            row[name] = tuple(
                2 * one[i][j] + two[i][j] for one, two in zip(pairs[::2], pairs[1::2], strict=True)
            )
    row |= {"a": image(a), "b": image(b)}
    row |= coordinates("q", claim.key) | coordinates("r", claim.nonce)
    return refitted(row)


# The digest.


def with_element(j: int, element: int) -> Claim:
    """A valid signature of a digest with this element, or of 32 bytes that are none."""
    digest = [*word(sample(1).z)]
    digest[j] = element
    z = int.from_bytes(b"".join(e.to_bytes(4, "big") for e in digest), "big")
    return signed(key=77, nonce=78 + j, z=z)


@pytest.mark.parametrize("element", [0, 1, 0x77FFFFFF, NATIVE - 1])
@pytest.mark.parametrize("j", range(8))
def test_every_canonical_digest_is_accepted(j: int, element: int) -> None:
    assert sentences(Signature, of(with_element(j, element))) == set()


@pytest.mark.parametrize("element", [NATIVE, NATIVE + 1, 0x78FFFFFF])
@pytest.mark.parametrize("j", range(8))
def test_bytes_at_the_order_or_above_are_no_element(j: int, element: int) -> None:
    """The signature is valid for these bytes; the digest would be that of other bytes."""
    assert sentences(Signature, of(with_element(j, element))) == {f"element {j} is canonical"}


@pytest.mark.parametrize("element", [0x79000000, 0x80000001, NATIVE + NATIVE, 0xFFFFFFFF])
@pytest.mark.parametrize("j", range(8))
def test_a_first_byte_above_0x78_is_no_elements(j: int, element: int) -> None:
    row = of(with_element(j, element))
    assert row["rest"][j] == 1
    sentence = f"first byte of element {j} is at most 0x78"
    assert sentences(Signature, row) == {sentence}


@pytest.mark.parametrize("j", range(8))
def test_a_digest_is_the_bytes_that_were_signed(j: int) -> None:
    digest = list(told()["digest"])
    digest[j] = (digest[j] + 1) % NATIVE
    sentence = f"element {j} of the digest is of z"
    assert sentences(Signature, *lie(digest=tuple(digest))) == {sentence}


def test_a_rest_has_eight_bits() -> None:
    """0x78 less a first byte above it is negative: it has no column."""
    with pytest.raises(InputRefused):
        sentences(Signature, told() | {"rest": (-1, *told()["rest"][1:])})


# Coordinates.

TINY = next((x, y) for x in count(1) if (y := square_root(x**3 + 7)))
"""A point whose x has two representatives below 2**256."""

LOW = next((x, y) for y in count(1) if (x := cube_root(y * y - 7)))
"""A point whose y has two."""


def for_key(key: Point) -> Claim:
    """A valid signature under a key of which nobody knows the private one."""
    return with_a_word(lambda i: from_multipliers(key, 2 * i + 1, 3 * i + 1))


def for_nonce(nonce: Point) -> Claim:
    """A valid signature whose nonce nobody knows: the key is what fits."""
    z, s = sample(1).z, 123456789
    key = sum_of((s * pow(nonce[0], -1, N), nonce), (-z * pow(nonce[0], -1, N), G))
    return Claim(z, key, nonce, s)


CANONICAL = [
    ("qx", for_key, TINY),
    ("qy", for_key, LOW),
    ("rx", for_nonce, TINY),
    ("ry", for_nonce, LOW),
]


@pytest.mark.parametrize(("column", "make", "at"), CANONICAL)
def test_a_coordinate_has_one_representative(
    column: str, make: Callable[[Point], Claim], at: Point
) -> None:
    row = of(make(at))
    assert sentences(Signature, row) == set()
    other = row | {column: row[column] + P}
    assert other[column] < 2**256
    other = refitted(other) if column == "rx" else completed(other)
    if column == "rx":
        # r is another number now: s follows, and E
        other = refitted(other, s=-other["rx"] * other["b"] * pow(other["a"], -1, N) % N)
    assert sentences(Signature, other) == {f"{column} is canonical"}


@pytest.mark.parametrize("name", ["qx", "qy", "rx", "ry"])
def test_a_coordinate_at_the_order_of_the_field_is_zero_and_off_the_curve(name: str) -> None:
    """`v + v_up = P` would let it pass."""
    row = completed(told() | {name: P})
    assert row[f"{name}_up"] == 0
    assert f"{name} is canonical" not in sentences(Signature, row)
    where = "the key is on the curve" if name[0] == "q" else "R is on the curve"
    assert where in sentences(Signature, row)


def off_the_curve(name: str) -> Row:
    """Another y, and the square of x that the curve would ask for."""
    y = told()[f"{name}y"] + 1
    return {f"{name}y": y, f"{name}x2": (y * y - 7) * pow(told()[f"{name}x"], -1, P) % P}


def another_s() -> Row:
    return refitted(told(), s=told()["s"] + 1)


def another_scalar(name: str) -> Row:
    """Another image of the short scalar, and s and E that fit it."""
    row = told() | {name: (told()[name] + 1) % N}
    return refitted(row, s=-row["rx"] * row["b"] * pow(row["a"], -1, N) % N)


def another_byte(at: int) -> Row:
    octets = list(told()["fixed_byte"])
    octets[at] ^= 1
    return told() | {"fixed_byte": tuple(octets)}


def with_nonce(nonce: Point) -> Row:
    """The honest key with another R, and scalars that hold their laws."""
    return of(Claim(sample(1).z, sample(1).key, nonce, told()["s"]))


def with_zero_scalar(name: str) -> Row:
    """b = 0 and s = 0: both equations of scalars say nothing about the digest."""
    nothing = (0,) * ROWS
    return completed(told() | {"rho": nothing, "rho_omega": nothing, "b": 0, "s": 0})


AT_N = (N, square_root(N**3 + 7))
"""A point with r = 0."""

CHEATS: list[tuple[str, Callable[[], Row]]] = [
    ("signatures count from 0", lambda: told() | {"signature": 1}),
    ("the key: square of x", lambda: completed(told() | off_the_curve("q"))),
    ("the key is on the curve", lambda: completed(told() | {"qy": told()["qy"] + 1})),
    ("R: square of x", lambda: completed(told() | off_the_curve("r"))),
    ("R is on the curve", lambda: completed(told() | {"ry": told()["ry"] + 1})),
    *(
        (
            f"{said}: beta x",
            lambda n=n: told()
            | {f"{n}x_beta": told()[f"{n}x_beta2"], f"{n}x_beta2": told()[f"{n}x_beta"]},
        )
        for n, said in (("q", "the key"), ("r", "R"))
    ),
    *(
        (f"{said}: beta squared x", lambda n=n: told() | {f"{n}x_beta2": told()[f"{n}x"]})
        for n, said in (("q", "the key"), ("r", "R"))
    ),
    ("a", lambda: another_scalar("a")),
    ("b", lambda: another_scalar("b")),
    ("s*a + r*b = 0", another_s),
    ("2*s*E + z*b = 0", lambda: another_byte(0)),
    ("2*s*E + z*b = 0", lambda: another_byte(32)),
    ("2*s*E + z*b = 0", lambda: told() | {"start_half": 1}),
    ("b is not zero", lambda: with_zero_scalar("b")),
    ("r is not zero", lambda: with_nonce(AT_N)),
]


@pytest.mark.parametrize(("sentence", "cheat"), CHEATS)
def test_a_cheat_breaks_its_sentence_alone(sentence: str, cheat: Callable[[], Row]) -> None:
    assert sentences(Signature, told()) == set()
    assert sentences(Signature, cheat()) == {sentence}


@pytest.mark.parametrize("second", [0, 2, NATIVE - 1])
def test_signatures_count_up(second: int) -> None:
    one, other = (row | {"signature": i} for i, row in enumerate((told(), of(sample(2)))))
    assert sentences(Signature, one, other) == set()
    refused = sentences(Signature, one, other | {"signature": second})
    assert refused == {"signatures count up"}


NEVER_THE_KEY = {
    1: "R is no power of omega times the key",
    -1: "-R is no power of omega times the key",
}


@pytest.mark.parametrize("power", range(3))
@pytest.mark.parametrize("sign", [1, -1])
def test_a_nonce_that_is_a_unit_times_the_key_is_refused_exactly(sign: int, power: int) -> None:
    key = sample(1).key
    root = sign * pow(LAMBDA, power, N)
    assert sentences(Signature, with_nonce(sum_of((root, key)))) == {NEVER_THE_KEY[sign]}
    assert sentences(Signature, with_nonce(sum_of((2 * root, key)))) == set()


def test_every_sentence_has_its_cheat() -> None:
    tried = {sentence for sentence, _ in CHEATS} | {"signatures count up"}
    tried |= set(NEVER_THE_KEY.values()) | {f"{column} is canonical" for column, *_ in CANONICAL}
    for j in range(8):
        tried |= {
            f"element {j} of the digest is of z",
            f"first byte of element {j} is at most 0x78",
            f"element {j} is canonical",
        }
    assert tried == sentences_of(Signature)


# Inequalities.


@pytest.mark.parametrize("group", range(11))
def test_a_difference_in_one_group_is_a_difference(group: int) -> None:
    """Two integers differ if one of their eleven groups does; a weight at another does not help."""
    row = told()
    # the law of weights alone: no curve has two points with such y
    y = row["qy"] ^ (1 << (24 * group))
    laws = {"R is on the curve", "ry is canonical"}
    near = completed(row | {"ry": y})
    assert NEVER_THE_KEY[1] not in sentences(Signature, near)
    unequal = [0] * 11
    unequal[(group + 1) % 11] = 1
    assert sentences(Signature, near | {"unequal": tuple(unequal)}) - laws == {NEVER_THE_KEY[1]}


@pytest.mark.parametrize("piece", range(3))
@pytest.mark.parametrize("part", ["rho", "rho_omega"])
def test_b_with_one_digit_is_not_zero(part: str, piece: int) -> None:
    digits = [0] * ROWS
    digits[11 * piece + 10] = -1
    nothing = (0,) * ROWS
    row = told() | {"rho": nothing, "rho_omega": nothing, part: tuple(digits)}
    b = image(tuple(_scalar(row[name]) for name in ("rho", "rho_omega")))
    row = refitted(row | {"b": b, "s": -row["rx"] * b * pow(row["a"], -1, N) % N})
    assert sentences(Signature, row) == set()


def _scalar(digits: Sequence[int]) -> int:
    return sum(digit * 4 ** (ROWS - 1 - k) for k, digit in enumerate(digits))


def test_no_short_b_but_zero_is_zero_modulo_the_order() -> None:
    """The norm of b is below N, and norms of multiples of a prime over N are multiples of N."""
    largest = 4**ROWS - 1
    assert 3 * largest**2 < N
    assert _scalar([0] * 22 + [3] * 11) == 2**22 - 1


# Forgeries, told to all tables at once.

ENDS_ELSEWHERE = {"x ends at END", "y ends at END"}
STRANGER = 424242


def valid() -> Claim:
    return sample(3)


def retold(rows: Rows, **changes: Any) -> Rows:
    """Rows with another claim, and someone who relies on it."""
    (row,) = rows[SIGNATURES]
    return surrounded(rows | {SIGNATURES: [completed(row | changes)]})


def forge(claim: Claim, **told_as: Any) -> set[str]:
    return refusals(witness(claim, **told_as))


def test_the_rows_of_a_prover_are_accepted_when_the_signature_is_valid() -> None:
    assert forge(valid()) == set()


def another(z: int) -> Claim:
    claim = valid()
    return Claim(z, claim.key, claim.nonce, claim.s)


ANOTHER_DIGEST = another(sample(4).z)


def test_another_digest_does_not_fit_the_scalars() -> None:
    changes = {"z": ANOTHER_DIGEST.z, "digest": word(ANOTHER_DIGEST.z)}
    assert refusals(retold(witness(valid()), **changes)) == {"2*s*E + z*b = 0"}


def test_another_digest_with_a_scalar_that_fits_ends_elsewhere() -> None:
    assert forge(ANOTHER_DIGEST) == ENDS_ELSEWHERE


def test_another_digest_with_the_ladder_of_the_valid_one_has_other_bytes() -> None:
    rows = witness(ANOTHER_DIGEST) | {LADDERS: witness(valid())[LADDERS]}
    assert refusals(rows) == {"bus digits"}


def test_another_digest_with_an_s_that_fits_breaks_the_other_equation() -> None:
    (row,) = witness(valid())[SIGNATURES]
    e = -row["z"] * row["b"] * pow(2 * row["s"], -1, N) % N
    s = -ANOTHER_DIGEST.z * row["b"] * pow(2 * e, -1, N) % N
    a, b = reference.decomposition(valid().r * pow(valid().s, -1, N) % N)
    claim = Claim(ANOTHER_DIGEST.z, valid().key, valid().nonce, s)
    assert forge(claim, a=a, b=b) == {"s*a + r*b = 0"}


def test_scalars_that_fit_another_digest_are_not_those_of_the_digits() -> None:
    """Both equations hold for other images of a and b, and the ladder ends at END."""
    claim = valid()
    a, b = reference.decomposition(claim.r * pow(claim.s, -1, N) % N)
    rows = witness(claim)
    (row,) = rows[SIGNATURES]
    e = -row["z"] * row["b"] * pow(2 * row["s"], -1, N) % N
    z, s = ANOTHER_DIGEST.z, 31337
    image_b = -2 * s * e * pow(z, -1, N) % N
    image_a = -row["rx"] * image_b * pow(s, -1, N) % N
    changes = {"z": z, "digest": word(z), "s": s, "a": image_a, "b": image_b}
    assert refusals(retold(rows, **changes)) == {"a", "b"}
    assert (image(a), image(b)) != (image_a, image_b)


def test_another_key_ends_elsewhere() -> None:
    claim = valid()
    assert forge(Claim(claim.z, point(STRANGER), claim.nonce, claim.s)) == ENDS_ELSEWHERE


def test_the_opposite_key_ends_elsewhere() -> None:
    claim = valid()
    assert forge(Claim(claim.z, opposite(claim.key), claim.nonce, claim.s)) == ENDS_ELSEWHERE


def test_the_key_times_omega_ends_elsewhere() -> None:
    claim = valid()
    key = (BETA * claim.key[0] % P, claim.key[1])
    assert is_on_curve(key)
    assert forge(Claim(claim.z, key, claim.nonce, claim.s)) == ENDS_ELSEWHERE


def test_another_nonce_point_ends_elsewhere() -> None:
    claim = valid()
    assert forge(Claim(claim.z, claim.key, point(STRANGER), claim.s)) == ENDS_ELSEWHERE
    assert forge(Claim(claim.z, claim.key, opposite(claim.nonce), claim.s)) == ENDS_ELSEWHERE


def test_with_s_and_b_zero_the_key_holder_could_sign_anything_without_a_nonce() -> None:
    """a*Q + 2*E*G = 0 is then all that is left, and says nothing about the digest."""
    secret, pairs = STRANGER, [((1, 0), (0, 0))] * 66
    a = (2**66 - 1, 0)
    e = -image(a) * secret * pow(2, -1, N) % N
    claim = Claim(sample(4).z, point(secret), point(5), 0)
    assert forge(claim, a=a, b=(0, 0), e=e, pairs=pairs) == {"b is not zero"}


def test_scalars_that_are_all_zero_have_no_multiple_to_add() -> None:
    """The digits (0, 0) have no label; so the ladder says others."""
    claim = valid()
    rows = witness(claim)
    nothing = (0,) * ROWS
    row = rows[SIGNATURES][0] | {"a": 0, "b": 0, "fixed_byte": nothing}
    row |= dict.fromkeys(("alpha", "alpha_omega", "rho", "rho_omega"), nothing)
    for ladder in (rows[LADDERS], [r | {"first_label": 0} for r in rows[LADDERS]]):
        refused = refusals(rows | {SIGNATURES: [completed(row | {"s": 0})], LADDERS: ladder})
        assert {"b is not zero", "bus digits"} <= refused


def test_with_r_zero_a_key_could_be_made_for_the_digest_zero() -> None:
    """The order of the group is the x of a point; then s = 0 would meet both equations."""
    a, b = reference.decomposition(12345)
    e, inverse = 777, pow(image(a), -1, N)
    key = sum_of((-image(b) * inverse, AT_N), (-2 * e * inverse, G))
    assert forge(Claim(0, key, AT_N, 0), a=a, b=b, e=e) == {"r is not zero"}


@pytest.mark.parametrize("up", [0, P])
def test_r_read_from_another_representative_would_forge(up: int) -> None:
    """For any digest and s there would be a key that never signed."""
    x, y = TINY
    z, s = sample(4).z, 31337
    inverse = pow(x + up, -1, N)
    key = sum_of((s * inverse, TINY), (-z * inverse, G))
    assert forge(Claim(z, key, (x + up, y), s)) == ({"rx is canonical"} if up else set())


@pytest.mark.parametrize("up", [0, P])
def test_a_key_read_from_another_representative_would_have_two_commitments(up: int) -> None:
    claim = for_key(TINY)
    lie = Claim(claim.z, (claim.key[0] + up, claim.key[1]), claim.nonce, claim.s)
    assert forge(lie) == ({"qx is canonical"} if up else set())


@pytest.mark.parametrize("element", [NATIVE, 0x80000000])
def test_a_signature_of_bytes_that_are_no_word_vouches_for_no_word(element: int) -> None:
    sentence = (
        "element 3 is canonical"
        if element >> 24 == 0x78
        else "first byte of element 3 is at most 0x78"
    )
    assert forge(with_element(3, element)) == {sentence}


@pytest.mark.parametrize("root", range(6))
def test_a_valid_signature_whose_nonce_is_the_key_is_refused_for_that_alone(root: int) -> None:
    """Its sums may be doublings, in which any slope would do; one of them is no point, and the
    digits go round it."""
    secret = STRANGER
    claim = signed(key=secret, nonce=SIXTH_ROOTS[root] * secret % N, z=sample(4).z)
    a, b = reference.decomposition(claim.r * pow(claim.s, -1, N) % N)
    pairs = digits_around(a, b, missing=-pow(SIXTH_ROOTS[root], -1, N) % N)
    assert forge(claim, a=a, b=b, pairs=pairs) == {NEVER_THE_KEY[-1 if root % 2 else 1]}


def digits_around(a: Any, b: Any, *, missing: int) -> list[Any]:
    """Digits of a and b, least significant first, without a pair (d, missing*d)."""

    def found(a: Any, b: Any, place: int) -> list[Any] | None:
        if place == 2 * ROWS - 1:
            last = reference.e_norm(a) <= 1 and reference.e_norm(b) <= 1
            return [(a, b)] if last and not is_missing(a, b) else None
        for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            da, db = (
                (sign * unit[0], sign * unit[1])
                for sign, unit in ((s, reference._unit_like(a)), (t, reference._unit_like(b)))
            )
            rest = [
                ((value[0] - d[0]) // 2, (value[1] - d[1]) // 2) for value, d in ((a, da), (b, db))
            ]
            if is_missing(da, db) or all(part % 2 == 0 for value in rest for part in value):
                continue
            above = found(rest[0], rest[1], place + 1)
            if above is not None:
                return [(da, db), *above]
        return None

    def is_missing(da: Any, db: Any) -> bool:
        return da != (0, 0) and (image(db) - missing * image(da)) % N == 0

    pairs = found(a, b, 0)
    assert pairs is not None
    return pairs


# What the prover is free to choose.


def test_the_signs_of_r_and_s_are_free() -> None:
    claim = valid()
    assert forge(Claim(claim.z, claim.key, opposite(claim.nonce), N - claim.s)) == set()
    assert forge(Claim(claim.z, claim.key, opposite(claim.nonce), claim.s)) == ENDS_ELSEWHERE


@pytest.mark.parametrize("factor", [*((s * u, s * v) for u, v in UNITS for s in (1, -1)), (3, 1)])
def test_the_short_scalars_are_free_up_to_a_factor(factor: Any) -> None:
    claim = valid()
    a, b = (
        reference.e_mul(factor, value)
        for value in reference.decomposition(claim.r * pow(claim.s, -1, N) % N)
    )
    assert forge(claim, a=a, b=b) == set()
    assert forge(claim, a=(a[0] + 2, a[1]), b=b) == {"s*a + r*b = 0"} | ENDS_ELSEWHERE


def test_scalars_may_be_told_by_any_representative() -> None:
    a, b = (3, 0), (5, 0)
    u2 = -image(a) * pow(image(b), -1, N) % N
    claim = with_a_word(lambda u1: from_multipliers(valid().key, u1, u2))
    rows = witness(claim, a=a, b=b)
    for name in ("a", "b"):
        told_as = changed(rows, SIGNATURES, 0, **{name: rows[SIGNATURES][0][name] + N})
        assert refusals(told_as) == set()
    five = for_nonce(point(STRANGER))
    five = Claim(
        five.z, sum_of((5 * pow(five.r, -1, N), five.nonce), (-five.z * pow(five.r, -1, N), G)),
        five.nonce, 5,
    )  # fmt: skip
    rows = witness(five)
    assert refusals(changed(rows, SIGNATURES, 0, s=5 + N)) == set()
    assert refusals(changed(rows, SIGNATURES, 0, s=6 + N)) == {"s*a + r*b = 0", "2*s*E + z*b = 0"}


# Whom it speaks to.


@pytest.mark.parametrize("name", ["digest", "key"])
def test_a_signature_vouches_for_one_digest_and_one_key(name: str) -> None:
    rows = honest(sample(1), sample(2))
    one, other = rows[CLAIMS]
    assert refusals(rows | {CLAIMS: [one, other, one]}) == set()
    assert refusals(rows | {CLAIMS: [one | {name: other[name]}]}) == {"bus signature"}


def test_the_key_word_is_the_commitment_of_the_point() -> None:
    rows = honest(sample(1))
    word_of_another = honest(sample(2))[SIGNATURES][0]["key"]
    lie = changed(rows, SIGNATURES, 0, key=word_of_another)
    lie |= {CLAIMS: [rows[CLAIMS][0] | {"key": word_of_another}]}
    assert refusals(lie) == {"bus permutation"}


@pytest.mark.parametrize("name", ["first_out", "second_out", "capacity_out"])
def test_the_sponge_is_followed_to_its_end(name: str) -> None:
    rows = honest(sample(1))
    found = list(rows[SIGNATURES][0][name])
    found[-1] = (found[-1] + 1) % NATIVE
    assert refusals(changed(rows, SIGNATURES, 0, **{name: tuple(found)})) == {"bus permutation"}
