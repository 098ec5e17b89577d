"""The witness of the secp256k1 circuits: valid signatures have one, nothing else has."""

import json
import random
from dataclasses import replace
from pathlib import Path

import coincurve
import pytest

from . import secp256k1_reference as ref
from .secp256k1_reference import N, P, Point, Refused

VECTORS = json.loads(
    (Path(__file__).parent / "vectors" / "wycheproof_ecdsa_secp256k1.json").read_text()
)
KEYS = [(int(x, 16), int(y, 16)) for x, y in VECTORS["keys"]]
CASES = [dict(zip(VECTORS["columns"], row, strict=True)) for row in VECTORS["tests"]]
EVERY = 12
"""Of the valid vectors without a story one in twelve is taken, for the time it takes."""


def point(scalar: int) -> Point:
    return ref.known(ref.times(scalar, ref.G))


def signed(*, key: int, nonce: int, z: int) -> tuple[int, int, int, Point]:
    r = point(nonce)[0] % N
    return z, r, pow(nonce, -1, N) * (z + r * key) % N, point(key)


def claim(seed: int) -> tuple[int, int, int, Point]:
    rng = random.Random(seed)
    return signed(key=rng.randrange(1, N), nonce=rng.randrange(1, N), z=rng.randrange(N))


@pytest.fixture(scope="module")
def honest() -> ref.Witness:
    return ref.witness(*claim(7))


# Completeness.


@pytest.mark.parametrize("seed", range(4))
def test_a_signature_of_coincurve_has_a_witness(seed: int) -> None:
    rng = random.Random(seed)
    secret = coincurve.PrivateKey.from_int(rng.randrange(1, N))
    digest = rng.randbytes(32)
    der = secret.sign(digest, hasher=None)
    r, s = (int.from_bytes(part, "big") for part in integers(der))
    ref.check(ref.witness(int.from_bytes(digest, "big"), r, s, secret.public_key.point()))


def integers(der: bytes) -> tuple[bytes, bytes]:
    length = der[3]
    return der[4 : 4 + length], der[6 + length :]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{case['file']}-{case['tcId']}")
        for i, case in enumerate(CASES)
        if case["result"] == "invalid" or i % EVERY == 0 or "edge case" in case["comment"]
    ],
)
def test_wycheproof_signatures_have_a_witness_when_valid(case: dict) -> None:
    # A valid signature with high s proves that there is one with low s: the bus says no more.
    valid = case["result"] == "valid" or "malleability" in case["comment"]
    z, r, s = (int(case[name], 16) for name in ("digest", "r", "s"))
    if valid:
        ref.check(ref.witness(z, r, s, KEYS[case["key"]]))
    else:
        with pytest.raises(Refused):
            ref.witness(z, r, s, KEYS[case["key"]])


@pytest.mark.parametrize(
    "residue",
    [1, 2, 3, 4, 6, N - 1, N - 2, ref.LAMBDA, 2 * ref.LAMBDA % N, (N + 1) // 2, 2**64, 2**128],
)
def test_every_residue_has_a_short_pair_and_66_digits_that_are_never_both_zero(
    residue: int,
) -> None:
    a, b = ref.decomposition(residue)
    assert (a[0] + a[1] * ref.LAMBDA + (b[0] + b[1] * ref.LAMBDA) * residue) % N == 0
    pairs = ref.digits(a, b)
    assert len(pairs) == 2 * ref.ROWS
    assert ((0, 0), (0, 0)) not in pairs
    for i, value in enumerate((a, b)):
        for part in (0, 1):
            assert sum(pair[i][part] << place for place, pair in enumerate(pairs)) == value[part]


def test_random_residues_have_a_short_pair() -> None:
    rng = random.Random(3)
    for _ in range(300):
        ref.digits(*ref.decomposition(rng.randrange(N)))


@pytest.mark.parametrize("start_byte", [128, 145, 255])
def test_a_key_equal_to_a_start_takes_another_start(start_byte: int) -> None:
    """A key holder who aims at a collision with one start meets the next one."""
    choice, nonce = start_byte - 128, 5
    for nonce in range(5, 200):
        z, r, s, key = signed(key=(2 * start_byte - 255) % N, nonce=nonce, z=1)
        a, b = ref.decomposition(r * pow(s, -1, N) % N)
        first = ref.digits(a, b)[-1]
        if first in (((1, 0), (0, 0)), ((-1, 0), (0, 0))):
            break
    witness = ref.witness(z, r, s, key, choice)
    assert witness.signature.start_byte != start_byte
    ref.check(witness)


def test_the_fixed_multiple_of_the_end_is_what_the_digits_fall_short_of() -> None:
    assert ref.add(ref.END, ref.times(ref.FIXED_MULTIPLE, ref.G)) is None
    assert ref.on_curve(ref.END)


# Refusals that the ledger shares.


def test_a_nonce_that_is_the_key_is_refused() -> None:
    for unit in (1, N - 1, ref.LAMBDA, N - ref.LAMBDA, pow(ref.LAMBDA, 2, N)):
        with pytest.raises(Refused, match="no unit times the key"):
            ref.witness(*signed(key=1234567, nonce=1234567 * unit % N, z=99))


def test_a_nonce_next_to_the_key_is_proven() -> None:
    ref.check(ref.witness(*signed(key=1234567, nonce=1234568, z=99)))


@pytest.mark.parametrize("key", [(5, 6), (0, 0), (P + 1, 1)])
def test_a_key_off_the_curve_is_refused(key: Point) -> None:
    z, r, s, _ = claim(1)
    with pytest.raises(Refused, match="on the curve"):
        ref.witness(z, r, s, key)


# Forgeries: a prover who fills the tables as he likes.


def forged_step(step: ref.Step, *, free_slope: int) -> ref.Step:
    """A row that starts at its own first addend: `slope_a` is free, the rest is consistent."""
    start = (step.first.x, step.first.y if step.first.sign == 1 else P - step.first.y)
    x_a = (free_slope**2 - 2 * start[0]) % P
    point_a = x_a, (free_slope * (start[0] - x_a) - start[1]) % P

    def chord(a: Point, b: Point) -> tuple[int, Point]:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
        x = (slope**2 - a[0] - b[0]) % P
        return (slope + ref.MIDDLE) % P, (x, (slope * (a[0] - x) - a[1]) % P)

    second = (step.second.x, step.second.sign * step.second.y % P)
    fixed = (step.fixed_x, step.fixed_sign * step.fixed_y % P)
    slope_b, b = chord(point_a, start)
    slope_c, c = chord(b, second)
    slope_d, d = chord(c, b)
    slope_e, out = chord(d, fixed)
    return replace(
        step, x=start[0], y=start[1], slope_a=(free_slope + ref.MIDDLE) % P, x_a=x_a,
        slope_b=slope_b, x_b=b[0], slope_c=slope_c, x_c=c[0], slope_d=slope_d, x_d=d[0],
        slope_e=slope_e, x_out=out[0], y_out=out[1],
    )  # fmt: skip


def test_a_point_added_to_itself_meets_every_law_and_is_refused_by_the_inequality(
    honest: ref.Witness,
) -> None:
    step = honest.steps[0]
    table = ref.multiples(honest.signature, honest.joints)
    ref.check_step(step, table)
    for free_slope in (0, 1, 2**255 % P):
        forged = forged_step(step, free_slope=free_slope)
        assert all(value % P == 0 for _, value in ref.step_laws(forged))
        with pytest.raises(Refused, match="first: the points have different x"):
            ref.check_step(forged, table)


@pytest.mark.parametrize("shift", [-P, 0, P])
def test_the_inequality_sees_every_representative_of_equal_x(shift: int) -> None:
    assert not ref.nonzero_in_field(shift)
    assert ref.nonzero_in_field(shift + 1)


def test_the_sum_of_a_doubling_cannot_be_exceptional(honest: ref.Witness) -> None:
    """A + P with x_a = x is the one case left: it would need 2*y = 0, whatever the slopes."""
    step = replace(honest.steps[3], x_a=honest.steps[3].x)
    for slope in (0, 1, 2**200):
        laws = dict(ref.step_laws(replace(step, slope_b=slope)))
        assert laws["slope b"] % P != 0


WIDE = [name for name in ref.Step.__slots__ if name[:2] in ("x_", "y_", "sl") or name in ("x", "y")]


@pytest.mark.parametrize("name", WIDE)
def test_every_wide_column_of_a_ladder_row_is_bound(honest: ref.Witness, name: str) -> None:
    step = honest.steps[5]
    table = ref.multiples(honest.signature, honest.joints)
    with pytest.raises(Refused):
        ref.check_step(replace(step, **{name: getattr(step, name) ^ 1}), table)


@pytest.mark.parametrize(
    "name", ["slope", "x", "y", "x_beta", "x_beta2", "ux", "uy", "qx", "qy", "sign"]
)
def test_every_column_of_a_joint_row_is_bound(honest: ref.Witness, name: str) -> None:
    joint = honest.joints[2]
    value = -joint.sign if name == "sign" else getattr(joint, name) ^ 1
    joints = (replace(joint, **{name: value}), *honest.joints)
    with pytest.raises(Refused):
        ref.check(replace(honest, joints=joints))


@pytest.mark.parametrize("name", [name for name in ref.Signature.__slots__ if name != "z"])
def test_every_column_of_a_signature_row_is_bound(honest: ref.Witness, name: str) -> None:
    value = getattr(honest.signature, name)
    match value:
        case int():
            value ^= 1
        case ((_, _), *rest):
            value = ((3, 3), *rest)
        case (first, *rest):
            value = (first ^ 1, *rest)
    with pytest.raises(Refused):
        ref.check(replace(honest, signature=replace(honest.signature, **{name: value})))


def test_another_digest_is_refused(honest: ref.Witness) -> None:
    with pytest.raises(Refused, match=r"2\*s\*E"):
        ref.check(replace(honest, signature=replace(honest.signature, z=honest.signature.z ^ 1)))


def test_a_nonce_coordinate_that_is_not_canonical_is_refused(honest: ref.Witness) -> None:
    row = replace(honest.signature, rx=P + 1)
    with pytest.raises(Refused, match="rx is canonical"):
        ref.check_signature(row)


def test_r_zero_is_refused_though_n_is_a_coordinate_of_the_curve(honest: ref.Witness) -> None:
    y = pow(N**3 + 7, (P + 1) // 4, P)
    assert ref.on_curve((N, y))
    beta = ref.BETA
    row = replace(
        honest.signature, rx=N, ry=y, rx2=N * N % P, rx_beta=beta * N % P, rx_beta2=beta**2 * N % P
    )
    with pytest.raises(Refused, match="r is not zero"):
        ref.check_signature(row)


def test_b_zero_is_refused(honest: ref.Witness) -> None:
    """With b = 0, a = 0 and E = 0 the equation would say nothing about R."""
    nothing = ((0, 0),) * ref.ROWS
    row = replace(
        honest.signature,
        alpha=nothing,
        rho=nothing,
        fixed_byte=(0,) * ref.ROWS,
        start_byte=0,
        a=0,
        b=0,
    )
    with pytest.raises(Refused, match="b is not zero"):
        ref.check_signature(row)


def test_a_ladder_that_ends_elsewhere_is_refused(honest: ref.Witness) -> None:
    other = replace(honest, steps=(*honest.steps[:-1], honest.steps[0]))
    with pytest.raises(Refused):
        ref.check(other)


# The widths that the carries rest on.


def test_a_law_of_three_products_stays_inside_the_native_field() -> None:
    """Groups of 16 bits, with carry in and carry out, never wrap: the page's section 6."""
    slope, difference, products = 128, 255, 3
    terms = 31 + 256 * 32
    digit = products * slope * difference * terms + 2**20
    carry = 2**14
    assert digit / 2**16 + 1 < carry
    assert digit + carry + 2**16 * carry < ref.FIELD
