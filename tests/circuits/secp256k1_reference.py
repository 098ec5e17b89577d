"""Witness of the secp256k1 circuits in exact integers: every value of every row, every law.

The algorithm, its tables and why it is sound: `docs/internals/secp256k1.md`. A signature is proven
by `a*Q + b*R + 2*E*G = 0` with short `a`, `b` in Z[omega], in a ladder of 33 rows that starts at a
point of a fixed table and must end at the constant `END`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

P: Final = 2**256 - 2**32 - 977
N: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
FIELD: Final = 2**31 - 2**27 + 1
BETA: Final = 0x7AE96A2B657C07106E64479EAC3434E99CF0497512F58995C1396C28719501EE
LAMBDA: Final = 0x5363AD4CC05C30E0A5261C028812645A122E22EA20816678DF02967C1B23BD72
G: Final = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
ROWS: Final = 33
"""Ladder rows of a signature; each doubles twice, so the short scalars have 66 binary places."""
STREAMS: Final = 4
MIDDLE: Final = 127 * (2**256 - 1) // 255
"""A slope is kept as the bytes of slope + MIDDLE: bytes less 127 are digits in [-127, 128]."""

Point = tuple[int, int]
Eisenstein = tuple[int, int]
"""(u, v) stands for u + v*omega, omega**2 + omega + 1 = 0."""

UNITS: Final[tuple[Eisenstein, ...]] = ((1, 0), (0, 1), (-1, -1))
"""1, omega, omega**2; with both signs, all six units."""

TURN: Final[Eisenstein] = (0, -1)
"""-omega, the unit of order six."""


class Refused(Exception):
    """A law or an inequality of the circuit does not hold."""


def require(holds: bool, sentence: str) -> None:
    if not holds:
        raise Refused(sentence)


# Plain arithmetic.


def add(a: Point | None, b: Point | None) -> Point | None:
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = (
        3 * a[0] ** 2 * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    )
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(scalar: int, point: Point) -> Point | None:
    total: Point | None = None
    for bit in bin(scalar % N)[2:]:
        total = add(total, total)
        total = add(total, point) if bit == "1" else total
    return total


def known(point: Point | None) -> Point:
    assert point is not None
    return point


def on_curve(point: Point) -> bool:
    return (point[1] ** 2 - point[0] ** 3 - 7) % P == 0


def e_mul(a: Eisenstein, b: Eisenstein) -> Eisenstein:
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0] - a[1] * b[1]


def e_sub(a: Eisenstein, b: Eisenstein) -> Eisenstein:
    return a[0] - b[0], a[1] - b[1]


def e_conjugate(a: Eisenstein) -> Eisenstein:
    return a[0] - a[1], -a[1]


def e_norm(a: Eisenstein) -> int:
    return a[0] ** 2 - a[0] * a[1] + a[1] ** 2


def e_nearest(a: Eisenstein, divisor: int) -> Eisenstein:
    """The Eisenstein integer nearest to a / divisor (distance at most 1/sqrt(3))."""
    floor = a[0] // divisor, a[1] // divisor
    corners = ((floor[0] + i, floor[1] + j) for i in (0, 1) for j in (0, 1))
    return min(corners, key=lambda c: e_norm(e_sub(a, (c[0] * divisor, c[1] * divisor))))


# Constants that the circuit is built with.


def _prime_over_n() -> Eisenstein:
    """(u, v) of norm N with u + v*LAMBDA = 0 mod N: Euclid, stopped at the square root."""
    low, high = (LAMBDA, -1), (N, 0)
    while low[0] ** 2 > N:
        q = high[0] // low[0]
        low, high = (high[0] - q * low[0], high[1] - q * low[1]), low
    for u, v in (
        low,
        high,
        (low[0] + high[0], low[1] + high[1]),
        (high[0] - low[0], high[1] - low[1]),
    ):
        if e_norm((u, v)) == N:
            assert (u + v * LAMBDA) % N == 0
            return u, v
    raise AssertionError("no generator among the candidates")


PRIME: Final = _prime_over_n()
FIXED_MULTIPLE: Final = 2**256 - 1 + 255 * (2**64 + 2**66)
"""What the odd digits 2e - 255 of the fixed base fall short of twice the bytes e."""
END: Final = known(times(-FIXED_MULTIPLE, G))


def stream_of(row: int) -> int:
    return (ROWS - 1 - row) % STREAMS


def byte_of(row: int) -> int:
    """The byte of E that row 1..32 adds; row 0 adds the spare digit, of weight 2**64."""
    return 8 * stream_of(row) + (ROWS - 1 - row) // STREAMS


def fixed_tables() -> list[list[Point]]:
    """`fixed`: entry h of stream j is (2h + 1) * 2**(62 j) * G; 4 streams of 128 entries."""
    tables = []
    for j in range(STREAMS):
        base = known(times(2 ** (62 * j), G))
        table, step = [base], known(add(base, base))
        for _ in range(127):
            table.append(known(add(table[-1], step)))
        tables.append(table)
    return tables


FIXED: Final = fixed_tables()


def half(byte: int) -> tuple[int, int]:
    """(h, sign) of the digit 2*byte - 255 = sign * (2h + 1)."""
    return (byte - 128, 1) if byte >= 128 else (127 - byte, -1)


# Short scalars.


def decomposition(residue: int) -> tuple[Eisenstein, Eisenstein]:
    """(a, b), b not 0, with a + b*residue = 0 mod N: the shortest vector, not divisible by 2.

    Lagrange's reduction over Z[omega]: |a|**2 + |b|**2 <= sqrt(1.5 * N), whatever the residue.
    """
    one = e_nearest(e_mul((-residue, 0), e_conjugate(PRIME)), N)
    long = (PRIME, (0, 0))
    short = (e_sub((-residue, 0), e_mul(one, PRIME)), (1, 0))
    norm = [sum(map(e_norm, long)), sum(map(e_norm, short))]
    while norm[1] < norm[0]:
        (a, b), (c, d) = long, short
        u, v = e_mul(a, e_conjugate(c)), e_mul(b, e_conjugate(d))
        q = e_nearest((u[0] + v[0], u[1] + v[1]), norm[1])
        long, short = short, (e_sub(a, e_mul(q, c)), e_sub(b, e_mul(q, d)))
        norm = [norm[1], sum(map(e_norm, short))]
    a, b = long
    while not (a[0] | a[1] | b[0] | b[1]) & 1:
        a, b = (a[0] // 2, a[1] // 2), (b[0] // 2, b[1] // 2)
    assert e_norm(a) ** 2 <= 3 * N // 2 and e_norm(b) > 0 and e_norm(b) ** 2 <= 3 * N // 2
    return a, b


def _unit_like(a: Eisenstein) -> Eisenstein:
    """0 or the one of 1, omega, omega**2 that is congruent to a mod 2."""
    return {(0, 0): (0, 0), (1, 0): (1, 0), (0, 1): (0, 1), (1, 1): (-1, -1)}[a[0] & 1, a[1] & 1]


def _is_even(a: Eisenstein) -> bool:
    return not (a[0] | a[1]) & 1


def digits(a: Eisenstein, b: Eisenstein) -> list[tuple[Eisenstein, Eisenstein]]:
    """66 pairs of digits (each 0 or a unit, never both 0), least significant first.

    A digit is fixed by its scalar mod 2 up to its sign, and at least one sign of a unit leaves an
    odd quotient. So the pair is never all even: no row adds the neutral element. Any admissible
    sign will do, since |(a - d) / 2| <= (|a| + 1) / 2; the first is taken.
    """
    pairs = []
    for _ in range(2 * ROWS - 1):
        for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            da, db = _unit_like(a), _unit_like(b)
            da, db = (s * da[0], s * da[1]), (t * db[0], t * db[1])
            qa = (a[0] - da[0]) // 2, (a[1] - da[1]) // 2
            qb = (b[0] - db[0]) // 2, (b[1] - db[1]) // 2
            if not (_is_even(qa) and _is_even(qb)):
                break
        pairs.append((da, db))
        a, b = qa, qb
    assert e_norm(a) <= 1 and e_norm(b) <= 1
    return [*pairs, (a, b)]


# The tables. Coordinates and slopes are wide integers of their row.


@dataclass(frozen=True, slots=True)
class Signature:
    """One row of `signature`: what is claimed, and how the scalars hang together."""

    z: int
    qx: int
    qy: int
    rx: int
    ry: int
    s: int
    qx2: int  # squares, for the curve equation
    rx2: int
    qx_beta: int
    qx_beta2: int
    rx_beta: int
    rx_beta2: int
    alpha: tuple[Eisenstein, ...]  # per ladder row: 2*first digit + second, of a
    rho: tuple[Eisenstein, ...]  # the same of b
    fixed_byte: tuple[int, ...]  # per ladder row: the byte of its fixed digit
    start_byte: int
    a: int  # a1 + LAMBDA*a2 mod N
    b: int


@dataclass(frozen=True, slots=True)
class Joint:
    """One row of `joint`: Q + u*R for one unit u = sign * omega**power."""

    power: int
    sign: int
    qx: int
    qy: int
    ux: int  # omega**power * R
    uy: int
    slope: int
    x: int
    y: int
    x_beta: int
    x_beta2: int


@dataclass(frozen=True, slots=True)
class Addend:
    """A multiple dq*Q + dr*R from the bus `multiple`; the row negates it by its sign."""

    dq: Eisenstein
    dr: Eisenstein
    x: int
    y: int
    sign: int


@dataclass(frozen=True, slots=True)
class Step:
    """One row of `ladder`: (x_out, y_out) = 2*(2*(x, y) + first) + second + fixed."""

    row: int
    x: int
    y: int
    first: Addend
    second: Addend
    fixed_half: int
    fixed_sign: int
    fixed_x: int
    fixed_y: int
    slope_a: int  # P + first = A
    x_a: int
    slope_b: int  # A + P = B
    x_b: int
    slope_c: int  # B + second = C
    x_c: int
    slope_d: int  # C + B = D
    x_d: int
    slope_e: int  # D + fixed = out
    x_out: int
    y_out: int


Law = tuple[str, int]
"""A name and the integer that must be a multiple of the modulus."""


def step_laws(r: Step) -> Iterator[Law]:
    """The eleven laws of a ladder row, each a multiple of P. At most three products each.

    No y of an intermediate point is a column: y_a = slope_a*(x - x_a) - y,
    y_b = slope_b*(x - x_b) - y, y_c = slope_c*(second.x - x_c) - second.y and
    y_d = slope_d*(x_b - x_d) - y_b are linear in the next law.
    """
    s1, s2, s3 = r.first.sign, r.second.sign, r.fixed_sign
    a, b, c, d, e = (getattr(r, f"slope_{name}") - MIDDLE for name in "abcde")
    y_b = b * (r.x - r.x_b) - r.y
    yield "slope a", a * (r.first.x - r.x) - s1 * r.first.y + r.y
    yield "x a", a * a - r.x - r.first.x - r.x_a
    yield "slope b", (a + b) * (r.x - r.x_a) - 2 * r.y
    yield "x b", b * b - r.x - r.x_a - r.x_b
    yield "slope c", c * (r.second.x - r.x_b) - s2 * r.second.y + y_b
    yield "x c", c * c - r.x_b - r.second.x - r.x_c
    yield "slope d", d * (r.x_c - r.x_b) - c * (r.second.x - r.x_c) + s2 * r.second.y + y_b
    yield "x d", d * d - r.x_b - r.x_c - r.x_d
    yield "slope e", e * (r.fixed_x - r.x_d) - s3 * r.fixed_y + d * (r.x_b - r.x_d) - y_b
    yield "x out", e * e - r.x_d - r.fixed_x - r.x_out
    yield "y out", e * (r.fixed_x - r.x_out) - s3 * r.fixed_y - r.y_out


def step_differences(r: Step) -> Iterator[Law]:
    """Differences that must not vanish mod P; the two additions of a doubling need none."""
    yield "first", r.first.x - r.x
    yield "second", r.second.x - r.x_b
    yield "fixed", r.fixed_x - r.x_d


def joint_laws(r: Joint) -> Iterator[Law]:
    slope = r.slope - MIDDLE
    yield "slope", slope * (r.ux - r.qx) - r.sign * r.uy + r.qy
    yield "x", slope * slope - r.qx - r.ux - r.x
    yield "y", slope * (r.qx - r.x) - r.qy - r.y
    yield "x beta", BETA * r.x - r.x_beta
    yield "x beta2", r.x + r.x_beta + r.x_beta2


def signature_curve_laws(r: Signature) -> Iterator[Law]:
    yield "qx2", r.qx * r.qx - r.qx2
    yield "key on the curve", r.qx2 * r.qx - r.qy * r.qy + 7
    yield "rx2", r.rx * r.rx - r.rx2
    yield "R on the curve", r.rx2 * r.rx - r.ry * r.ry + 7
    yield "qx beta", BETA * r.qx - r.qx_beta
    yield "qx beta2", r.qx + r.qx_beta + r.qx_beta2
    yield "rx beta", BETA * r.rx - r.rx_beta
    yield "rx beta2", r.rx + r.rx_beta + r.rx_beta2


def scalar(row_digits: tuple[Eisenstein, ...], part: int) -> int:
    total = 0
    for digit in row_digits:
        total = 4 * total + digit[part]
    return total


def fixed_scalar(r: Signature) -> int:
    """E: the bytes of the fixed digits, the spare one and the start included."""
    total = (r.fixed_byte[0] << 64) + (r.start_byte << 66)
    return total + sum(r.fixed_byte[k] << (8 * byte_of(k)) for k in range(1, ROWS))


def signature_scalar_laws(r: Signature) -> Iterator[Law]:
    """Multiples of N. r itself is rx: only its residue matters."""
    a, b = r.alpha, r.rho
    yield "a", scalar(a, 0) + LAMBDA * scalar(a, 1) - r.a
    yield "b", scalar(b, 0) + LAMBDA * scalar(b, 1) - r.b
    yield "s*a + r*b", r.s * r.a + r.rx * r.b
    yield "2*s*E + z*b", 2 * r.s * fixed_scalar(r) + r.z * r.b


# What the circuit checks.


def nonzero_in_field(difference: int) -> bool:
    """The cheap inequality: the difference is none of 0, P, -P, read in the native field."""
    return (difference * (difference - P) * (difference + P)) % FIELD != 0


def check_wide(row: Signature | Joint | Step | Addend) -> None:
    """Every integer of the row fits its bytes."""
    small = {"row", "sign", "power", "fixed_half", "fixed_sign", "start_byte"}
    for field in fields(row):
        value = getattr(row, field.name)
        if isinstance(value, int) and field.name not in small:
            require(0 <= value < 2**256, f"{field.name} is 32 bytes")


def check_step(row: Step, table: dict[tuple[Eisenstein, Eisenstein], set[Point]]) -> None:
    for addend in (row.first, row.second):
        check_wide(addend)
        require(addend.sign in (1, -1), "the sign is 1 or -1")
        require((addend.x, addend.y) in table.get((addend.dq, addend.dr), set()), "bus multiple")
    check_wide(row)
    require(row.fixed_sign in (1, -1), "the sign is 1 or -1")
    require(0 <= row.fixed_half < 128, "bus fixed")
    require((row.fixed_x, row.fixed_y) == FIXED[stream_of(row.row)][row.fixed_half], "bus fixed")
    for name, difference in step_differences(row):
        require(nonzero_in_field(difference), f"{name}: the points have different x")
    for name, value in step_laws(row):
        require(value % P == 0, f"ladder: {name}")


def groups24(value: int) -> list[int]:
    return [(value >> (24 * i)) & 0xFFFFFF for i in range(11)]


def differ(a: int, b: int) -> bool:
    """Some 24-bit group differs: exact for integers, since bytes are unique."""
    return any(x != y for x, y in zip(groups24(a), groups24(b), strict=True))


def check_signature(row: Signature) -> None:
    check_wide(row)
    for name in ("qx", "qy", "rx", "ry"):
        require(getattr(row, name) <= P, f"{name} is canonical")
    for name, value in signature_curve_laws(row):
        require(value % P == 0, f"signature: {name}")
    require(differ(row.qy, row.ry) and differ(row.qy, P - row.ry), "R is no unit times the key")
    require(differ(row.rx, N), "r is not zero")
    for name, value in signature_scalar_laws(row):
        require(value % N == 0, f"signature: {name}")
    pieces = [scalar(row.rho[i : i + 11], part) for i in (0, 11, 22) for part in (0, 1)]
    require(any(piece % FIELD for piece in pieces), "b is not zero")


@dataclass(frozen=True, slots=True)
class Witness:
    """All rows of one signature."""

    signature: Signature
    joints: tuple[Joint, ...]
    steps: tuple[Step, ...]


def multiples(
    signature: Signature, joints: tuple[Joint, ...]
) -> dict[tuple[Eisenstein, Eisenstein], set[Point]]:
    """What the bus `multiple` offers: (dq, dr) -> points, from `signature` and `joint`."""
    r, offered = signature, {}
    for power, (q, w) in enumerate(
        ((r.qx, r.rx), (r.qx_beta, r.rx_beta), (r.qx_beta2, r.rx_beta2))
    ):
        offered[UNITS[power], (0, 0)] = {(q, r.qy)}
        offered[(0, 0), UNITS[power]] = {(w, r.ry)}
    for j in joints:
        for power, x in enumerate((j.x, j.x_beta, j.x_beta2)):
            unit = e_mul(UNITS[j.power], UNITS[power])
            label = UNITS[power], (j.sign * unit[0], j.sign * unit[1])
            offered.setdefault(label, set()).add((x, j.y))
    return offered


def check(witness: Witness) -> None:
    """Everything the tables require of one signature. Raises: Refused."""
    sig = witness.signature
    check_signature(sig)
    own = multiples(sig, ())
    for joint in witness.joints:
        check_wide(joint)
        require(joint.sign in (1, -1), "the sign is 1 or -1")
        require((joint.qx, joint.qy) in own[(1, 0), (0, 0)], "bus multiple: Q")
        require((joint.ux, joint.uy) in own[(0, 0), UNITS[joint.power]], "bus multiple: u*R")
        for name, value in joint_laws(joint):
            require(value % P == 0, f"joint: {name}")
    table = multiples(sig, witness.joints)
    require([step.row for step in witness.steps] == list(range(ROWS)), "rows 0..32")
    require(128 <= sig.start_byte < 256, "bus digits: start")
    x, y = FIXED[0][sig.start_byte - 128]
    for k, step in enumerate(witness.steps):
        require((step.x, step.y) == (x, y), "the row continues the last")
        check_step(step, table)
        require(half(sig.fixed_byte[k]) == (step.fixed_half, step.fixed_sign), "bus digit: fixed")
        for name, part in (("alpha", "dq"), ("rho", "dr")):
            one, two = getattr(step.first, part), getattr(step.second, part)
            combined = tuple(
                2 * step.first.sign * one[i] + step.second.sign * two[i] for i in (0, 1)
            )
            require(combined == getattr(sig, name)[k], f"bus digit: {name}")
        x, y = step.x_out, step.y_out
    require((x, y) == END, "the ladder ends at END")


# The honest prover.


def r_point(z: int, r: int, s: int, key: Point) -> Point:
    """R = (z/s)*G + (r/s)*Q. Raises: Refused when the signature is not valid."""
    require(0 < r < N and 0 < s < N, "r and s are in range")
    inverse = pow(s, -1, N)
    point = add(times(z * inverse, G), times(r * inverse, key))
    require(point is not None and known(point)[0] % N == r, "x of R is r")
    return known(point)


def _centre(slope: int) -> int:
    return (slope + MIDDLE) % P


def _addition(a: Point, b: Point) -> tuple[int, Point]:
    """Slope and sum of two points with different x."""
    require(a[0] != b[0], "the points have different x")
    slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    return _centre(slope), known(add(a, b))


def _negated(point: Point, sign: int) -> Point:
    return point if sign == 1 else (point[0], P - point[1])


def joint_row(signature: Signature, power: int, sign: int) -> Joint:
    key = (signature.qx, signature.qy)
    u = ((signature.rx, signature.rx_beta, signature.rx_beta2)[power], signature.ry)
    other = _negated(u, sign)
    slope = (other[1] - key[1]) * pow(other[0] - key[0], -1, P) % P
    x, y = known(add(key, other))
    return Joint(power, sign, *key, *u, _centre(slope), x, y, BETA * x % P, BETA * BETA * x % P)


def addend(digit: tuple[Eisenstein, Eisenstein], witness: dict) -> Addend:
    """The multiple on the bus that is plus or minus dq*Q + dr*R."""
    for sign in (1, -1):
        dq, dr = ((sign * d[0], sign * d[1]) for d in digit)
        for x, y in witness.get((dq, dr), ()):
            return Addend(dq, dr, x, y, sign)
    raise AssertionError(f"no multiple for {digit}")


def step_row(row: int, start: Point, pair: tuple[Addend, Addend], byte: int) -> Step:
    first, second = pair
    one = _negated((first.x, first.y), first.sign)
    two = _negated((second.x, second.y), second.sign)
    fixed_half, fixed_sign = half(byte)
    fixed = FIXED[stream_of(row)][fixed_half]
    slope_a, point_a = _addition(start, one)
    slope_b, point_b = _addition(point_a, start)
    slope_c, point_c = _addition(point_b, two)
    slope_d, point_d = _addition(point_c, point_b)
    slope_e, out = _addition(point_d, _negated(fixed, fixed_sign))
    step = Step(
        row, *start, first, second, fixed_half, fixed_sign, *fixed, slope_a, point_a[0], slope_b,
        point_b[0], slope_c, point_c[0], slope_d, point_d[0], slope_e, *out,
    )  # fmt: skip
    for name, difference in step_differences(step):
        require(nonzero_in_field(difference), f"{name}: the points have different x")
    return step


def witness(z: int, r: int, s: int, key: Point, choice: int = 0) -> Witness:
    """All rows of a valid signature; `choice` is tried upwards until no addition is exceptional.

    Each try takes another start and the short scalars times another unit: of the last row the
    starts know nothing.

    Raises: Refused for an invalid signature, or when R is a unit times the key.
    """
    require(on_curve(key) and key[0] < P and key[1] < P, "the key is on the curve")
    point = r_point(z, r, s, key)
    require((point[1] ** 2 - key[1] ** 2) % P != 0, "R is no unit times the key")
    a, b = decomposition(r * pow(s, -1, N) % N)
    for attempt in range(choice, 1 << 15):
        found = attempted(z, s, key, point, (a, b), attempt)
        if found is not None:
            return found
        a, b = e_mul(TURN, a), e_mul(TURN, b)
    raise AssertionError("32,768 starts, each with an exceptional addition")


def attempted(
    z: int, s: int, key: Point, point: Point, short: tuple[Eisenstein, Eisenstein], attempt: int
) -> Witness | None:
    """The rows with these short scalars and the start of an attempt; None if an addition is
    exceptional."""
    pairs = digits(*short)[::-1]
    alpha, rho = (
        tuple(
            (
                2 * pairs[2 * k][i][0] + pairs[2 * k + 1][i][0],
                2 * pairs[2 * k][i][1] + pairs[2 * k + 1][i][1],
            )
            for k in range(ROWS)
        )
        for i in (0, 1)
    )
    a_mod, b_mod = ((c[0] + LAMBDA * c[1]) % N for c in short)
    target = -z * b_mod * pow(2 * s, -1, N) % N
    start_byte, spare = 128 + (attempt & 127), attempt >> 7
    e = (target - (spare << 64) - (start_byte << 66)) % N
    fixed = (spare, *((e >> (8 * byte_of(k))) & 255 for k in range(1, ROWS)))
    row = Signature(
        z, *key, *point, s, key[0] ** 2 % P, point[0] ** 2 % P,
        BETA * key[0] % P, BETA * BETA * key[0] % P,
        BETA * point[0] % P, BETA * BETA * point[0] % P,
        alpha, rho, fixed, start_byte, a_mod, b_mod,
    )  # fmt: skip
    joints = tuple(joint_row(row, power, sign) for power in range(3) for sign in (1, -1))
    table = multiples(row, joints)
    here, steps = FIXED[0][start_byte - 128], []
    try:
        for k in range(ROWS):
            both = addend(pairs[2 * k], table), addend(pairs[2 * k + 1], table)
            steps.append(step_row(k, here, both, fixed[k]))
            here = steps[-1].x_out, steps[-1].y_out
    except Refused:
        return None
    return Witness(row, joints, tuple(steps))
