"""Signatures as rows of the curve's tables: those of the kernel, and those of a prover who lies.

A cheat starts from honest rows, changes a column, and lets every later column follow by the laws,
quotients and carries included: so that only the law it breaks can refuse it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

import coincurve
import numpy as np
from tests.circuits import secp256k1_reference as reference
from tests.circuits.transactions.surroundings import counterpart

from novate import _stark
from novate.air import Program, Table, Trace, lookup, provide, receive, send, trace
from novate.air.kind import Below, Column
from novate.air.program import RANGES
from novate.circuits.buses import COMPRESSION, PERMUTATION, SIGNATURE
from novate.circuits.poseidon2 import Poseidon2
from novate.circuits.secp256k1 import TABLES, Fixed, Joint, Ladder, Signature, claim_rows
from novate.circuits.secp256k1.curve import (
    BETA,
    LAMBDA,
    MIDDLE,
    G,
    N,
    P,
    Point,
    centred,
)
from novate.circuits.secp256k1.ladder import END
from novate.circuits.secp256k1.messages import (
    DIGITS,
    FIXED,
    MULTIPLE,
    ROWS,
    STREAMS,
    UNITS,
    byte_of,
    packed,
    stream_of,
)
from novate.circuits.secp256k1.signature import GROUPS, TOP
from novate.circuits.sponge import States, absorb
from novate.field import P as NATIVE
from novate.field import Tag, Word, limbs24
from novate.keys import PublicKey
from novate.keys import Signature as Pair

Row = dict[str, Any]
Rows = dict[str, list[Row]]
"""Per table its rows. Wide columns are integers."""

Eisenstein = tuple[int, int]
"""(u, v) stands for u + v*omega."""

OMEGAS = (1, LAMBDA, LAMBDA * LAMBDA % N)
"""The scalars of the powers of `omega`."""

SIXTH_ROOTS = tuple(sign * omega % N for omega in OMEGAS for sign in (1, -1))

RELIANCE = counterpart("claims", SIGNATURE, lookup)
"""Whoever relies on signatures."""

COMPRESSED = counterpart("compressed", COMPRESSION, lookup)
SIGNATURES, JOINTS, LADDERS, CLAIMS = Signature.name, Joint.name, Ladder.name, RELIANCE.name
EVERY = 1 << 20
"""Findings that are asked for: all of them."""


# Programs.


@lru_cache(maxsize=1)
def whole() -> Program:
    """The four tables of a signature, the permutation, and someone who relies on them."""
    return Program([*TABLES, Poseidon2, RELIANCE, COMPRESSED])


@lru_cache(maxsize=4)
def alone(table: type[Table]) -> Program:
    """A table among counterparts that say on its buses whatever it needs to hear."""
    answers = {
        Signature: ((MULTIPLE, lookup), (DIGITS, send), (PERMUTATION, provide)),
        Joint: ((MULTIPLE, provide),),
        Ladder: ((MULTIPLE, provide), (FIXED, provide), (DIGITS, receive)),
    }
    if issubclass(table, Fixed):
        tables = [counterpart("asked", FIXED, lookup)]
    else:
        tables = [counterpart(bus.name, bus, speak) for bus, speak in answers[table]]
    return Program([table, *tables, *([RELIANCE] if table is Signature else [])])


def filled(program: Program, rows: Rows) -> Trace:
    """The trace of these rows; tables that the program does not know are left out."""
    known = {lowered.name: lowered.table for lowered in program.tables}
    inputs = {
        name: {column: _values(known[name].columns[column], found, column) for column in found[0]}
        for name, found in rows.items()
        if found and name in known
    }
    return trace(program, inputs)


def _values(column: Column, rows: Sequence[Row], name: str) -> Any:
    kind = column.kind
    if isinstance(kind, Below) and kind.bits > 62:
        joined = b"".join(row[name].to_bytes(-(-kind.bits // 8), "little") for row in rows)
        return np.frombuffer(joined, dtype=np.uint8).reshape(len(rows), -1)
    return np.array([row[name] for row in rows], dtype=np.int64)


@dataclass(frozen=True)
class Findings:
    """What is wrong with a trace: constraints by table and row, and buses that do not balance."""

    broken: tuple[tuple[str, int, str], ...]
    buses: frozenset[str]

    @property
    def names(self) -> set[str]:
        """Sentences, and buses as `bus name`."""
        return {name for _, _, name in self.broken} | {f"bus {name}" for name in self.buses}

    def of(self, table: str, rows: range) -> list[str]:
        """The sentences that break on these rows, one entry for each broken constraint."""
        return [name for where, row, name in self.broken if where == table and row in rows]


def findings(program: Program, found: Trace) -> Findings:
    """Every broken constraint and every bus that does not balance."""
    filler = _stark.Filler(program.encoding, program.plan)
    broken, unbalanced = filler.check(found.cells, found.public_values, EVERY)
    tables = program.tables
    return Findings(
        tuple((tables[t].name, row, tables[t].constraints[c].sentence) for t, c, row in broken),
        frozenset(program.buses[bus].name for bus, *_ in unbalanced),
    )


def refusals(rows: Rows) -> set[str]:
    """What refuses these rows among all tables of the curve."""
    return findings(whole(), filled(whole(), rows)).names


def helped(program: Program, found: Trace) -> Findings:
    """What refuses a trace when every message finds its answer: sentences, and ranges."""
    all_of_it = findings(program, found)
    return Findings(all_of_it.broken, all_of_it.buses & {bus.name for bus in RANGES})


def sentences(table: type[Table], *rows: Row) -> set[str]:
    """What refuses these rows of one table when every message finds its answer."""
    program = alone(table)
    return helped(program, filled(program, {table.name: list(rows)})).names


# Integers and points.


def point(scalar: int) -> Point:
    """The multiple of the generator."""
    x, y = coincurve.PrivateKey.from_int(scalar % N).public_key.point()
    return x, y


def opposite(of: Point) -> Point:
    return of[0], P - of[1]


def curve_key(at: Point) -> coincurve.PublicKey:
    """The point for coincurve."""
    return coincurve.PublicKey(b"\x04" + b"".join(value.to_bytes(32, "big") for value in at))


def sum_of(*terms: tuple[int, Point]) -> Point:
    """A sum of multiples of points, which is not the neutral element."""
    found = [
        curve_key(at).multiply((scalar % N).to_bytes(32, "big"))
        for scalar, at in terms
        if scalar % N
    ]
    x, y = coincurve.PublicKey.combine_keys(found).point()
    return x, y


def is_on_curve(at: Point) -> bool:
    return (at[1] ** 2 - at[0] ** 3 - 7) % P == 0


def square_root(value: int) -> int | None:
    root = pow(value, (P + 1) // 4, P)
    return root if root * root % P == value % P else None


def cube_root(value: int) -> int | None:
    """P is 7 modulo 9."""
    root = pow(value, (P + 2) // 9, P)
    return root if pow(root, 3, P) == value % P else None


def word(z: int) -> Word:
    """The eight elements of 32 bytes, as a digest has them; of a wild one, modulo the field."""
    octets = z.to_bytes(32, "big")
    return tuple(int.from_bytes(octets[4 * j : 4 * j + 4], "big") for j in range(8))


def integer(digest: Word) -> int:
    return int.from_bytes(b"".join(element.to_bytes(4, "big") for element in digest), "big")


def is_word(z: int) -> bool:
    return all(element < NATIVE for element in word(z))


def image(value: Eisenstein) -> int:
    return (value[0] + value[1] * LAMBDA) % N


# Claims.


@dataclass(frozen=True)
class Claim:
    """What a signer might have done: s*R = z*G + x_R*Q if the signature is valid."""

    z: int
    key: Point
    nonce: Point
    s: int

    @property
    def r(self) -> int:
        return self.nonce[0] % N

    @property
    def pair(self) -> Pair:
        """The signature as the ledger takes it: low s."""
        return Pair(self.r, min(self.s, N - self.s))

    @property
    def given(self) -> tuple[Word, PublicKey, Pair]:
        """The same for the kernel."""
        return word(self.z), PublicKey(*self.key), Pair(self.r, self.s)


def signed(*, key: int, nonce: int, z: int) -> Claim:
    """What the holder of a private key signs with this nonce."""
    at = point(nonce)
    return Claim(z, point(key), at, pow(nonce, -1, N) * (z + at[0] * key) % N)


def from_multipliers(key: Point, u1: int, u2: int) -> Claim:
    """A valid signature of some digest: R = u1*G + u2*Q, without knowing a private key."""
    nonce = sum_of((u1, G), (u2, key))
    s = nonce[0] * pow(u2, -1, N) % N
    return Claim(u1 * s % N, key, nonce, s)


def with_a_word(make: Callable[[int], Claim], start: int = 1) -> Claim:
    """The first of a family of claims whose digest is eight elements of the field."""
    return next(claim for claim in map(make, count(start)) if is_word(claim.z))


def sample(seed: int) -> Claim:
    """A valid claim."""
    z = integer(tuple((seed * 987654321 + j * 123456789 + 5) % NATIVE for j in range(8)))
    key, nonce = (pow(base, 65537 + seed, N) for base in (2, 3))
    return signed(key=key, nonce=nonce, z=z)


# Rows of the kernel.


def honest(*claims: Claim) -> Rows:
    """The rows of all tables for valid claims, as a batch has them.

    Raises: ValueError when one is not valid.
    """
    columns = claim_rows([claim.given for claim in claims], {})
    return surrounded({name: _rows(found) for name, found in columns.items()})


def _rows(columns: dict[str, np.ndarray]) -> list[Row]:
    lists = {name: [_plain(value) for value in values] for name, values in columns.items()}
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype == np.uint8:
            return int.from_bytes(value.tobytes(), "little")
        return tuple(int(v) for v in value)
    return int(value)


def surrounded(rows: Rows) -> Rows:
    """The rows, with the permutations that they need and someone who relies on each signature."""
    states: States = {}
    for row in rows[SIGNATURES]:
        absorb(Tag.KEY, key_elements(row), states)
    claims = [{"digest": row["digest"], "key": row["key"]} for row in rows[SIGNATURES]]
    return rows | {
        Poseidon2.name: [{"state": state} for state in states],
        CLAIMS: claims,
    }


def key_elements(row: Row) -> tuple[int, ...]:
    return (*limbs24(row["qx"]), *limbs24(row["qy"]))


# Rows of a prover who lies.


def witness(
    claim: Claim,
    *,
    index: int = 0,
    a: Eisenstein | None = None,
    b: Eisenstein | None = None,
    e: int | None = None,
    start: int = 0,
    spare: int = 0,
    pairs: Sequence[tuple[Eisenstein, Eisenstein]] | None = None,
) -> Rows:
    """The rows of a claim, valid or not: all but what validity would bring follows by the laws.

    Scalars that are not given are those of an honest prover. `pairs` are the digits of a and b,
    least significant first.

    Raises: ValueError when the ladder adds opposite points.
    """
    if a is None or b is None:
        a, b = reference.decomposition(claim.nonce[0] * pow(claim.s, -1, N) % N)
    pairs = (pairs or reference.digits(a, b))[::-1]
    if e is None:
        e = -claim.z * image(b) * pow(2 * claim.s, -1, N) % N
    octets = octets_of(e, start, spare)
    combined = [
        tuple(tuple(2 * one[i][j] + two[i][j] for one, two in _couples(pairs)) for j in (0, 1))
        for i in (0, 1)
    ]
    row = completed(
        {
            "signature": index,
            "z": claim.z,
            "digest": tuple(element % NATIVE for element in word(claim.z)),
            "s": claim.s,
            "a": image(a),
            "b": image(b),
            "fixed_byte": octets,
            "start_half": start,
            **dict(zip(("alpha", "alpha_omega"), combined[0], strict=True)),
            **dict(zip(("rho", "rho_omega"), combined[1], strict=True)),
            **coordinates("q", claim.key),
            **coordinates("r", claim.nonce),
        }
    )
    joints = list(sums(row))
    ladder = climb(index, pairs, octets, start, multiples(row, joints))
    return surrounded({SIGNATURES: [row], JOINTS: joints, LADDERS: ladder})


def _couples(pairs: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(pairs[::2], pairs[1::2], strict=True)


def octets_of(e: int, start: int, spare: int) -> tuple[int, ...]:
    """The byte of each row, for a ladder that starts at `start`, when they make E modulo N."""
    rest = (e - (spare << 64) - ((128 + start) << 66)) % N
    return (spare, *((rest >> (8 * byte_of(row))) & 255 for row in range(1, ROWS)))


def coordinates(name: str, at: Point) -> Row:
    """The columns of the key (`q`) or of R (`r`) that say where it is."""
    x, y = at
    return {
        f"{name}x": x,
        f"{name}y": y,
        f"{name}x2": x * x % P,
        f"{name}x_beta": BETA * x % P,
        f"{name}x_beta2": BETA * BETA * x % P,
    }


def completed(row: Row) -> Row:
    """The row of a signature with the columns that only help the others to be checked."""
    for name in ("qx", "qy", "rx", "ry"):
        row = row | {f"{name}_up": (P - row[name]) % 2**256}
    tops = row["z"].to_bytes(32, "big")[::4]
    outs = absorb(Tag.KEY, key_elements(row), {})
    qy, ry, opposite_ry = (limbs24(row[name]) for name in ("qy", "ry", "ry_up"))
    return row | {
        "rest": tuple(TOP - top if top <= TOP else 1 for top in tops),
        "unequal": weights(_less(qy, ry)),
        "unopposite": weights(_less(qy, opposite_ry)),
        "unzero": weights(_less(limbs24(row["rx"]), limbs24(N))),
        "b_weights": weights(
            reference.scalar(tuple(zip(row["rho"], row["rho_omega"], strict=True))[part], half)
            for part in (slice(0, 11), slice(11, 22), slice(22, 33))
            for half in (0, 1)
        ),
        "key": outs[2][:8],
        "first_out": outs[0],
        "second_out": outs[1],
        "capacity_out": outs[2][8:],
    }


def _less(left: Sequence[int], right: Sequence[int]) -> list[int]:
    assert len(left) == GROUPS
    return [a - b for a, b in zip(left, right, strict=True)]


def weights(values: Iterable[int]) -> tuple[int, ...]:
    """Weights with a sum of 1 over the values, where some value is not zero."""
    found, done = [], False
    for value in values:
        found.append(0 if done or not value % NATIVE else pow(value, -1, NATIVE))
        done = done or bool(value % NATIVE)
    return tuple(found)


def refitted(row: Row, **changes: Any) -> Row:
    """The row with changed scalars, and the bytes of E that fit them."""
    row = row | changes
    e = -row["z"] * row["b"] * pow(2 * row["s"], -1, N) % N
    return completed(row | {"fixed_byte": octets_of(e, row["start_half"], row["fixed_byte"][0])})


def slope(rise: int, run: int) -> int:
    """A slope as it is stored."""
    return centred(rise * pow(run, -1, P))


def line(a: Point, b: Point) -> int:
    """The slope of the line through two points, the tangent if they are one; as it is stored.

    Raises: ValueError when they are opposite.
    """
    if (a[0] - b[0]) % P or (a[1] - b[1]) % P:
        return slope(b[1] - a[1], b[0] - a[0])
    return slope(3 * a[0] * a[0], 2 * a[1])


def summed(row: Row, **forced: int) -> Row:
    """A row of `joint` in which each column follows from those before, unless it is forced."""
    key, unit = (row["qx"], row["qy"]), (row["ux"], (1 - 2 * row["minus"]) * row["uy"] % P)
    row = row | {"slope": forced["slope"] if "slope" in forced else line(key, unit)}
    s = row["slope"] - MIDDLE
    follows: dict[str, Callable[[], int]] = {
        "x": lambda: s * s - key[0] - unit[0],
        "y": lambda: s * (key[0] - row["x"]) - key[1],
        "x_beta": lambda: BETA * row["x"],
        "x_beta2": lambda: -row["x"] - row["x_beta"],
    }
    for name, value in follows.items():
        row = row | {name: forced[name] if name in forced else value() % P}
    return row


def sums(row: Row) -> Iterator[Row]:
    """The six rows of `joint` for the row of a signature; none for a sum of opposite points."""
    for power, ux in enumerate((row["rx"], row["rx_beta"], row["rx_beta2"])):
        for minus in (0, 1):
            told = {
                "signature": row["signature"], "power": power, "minus": minus,
                "qx": row["qx"], "qy": row["qy"], "ux": ux, "uy": row["ry"],
            }  # fmt: skip
            opposites = (row["qy"] + (1 - 2 * minus) * row["ry"]) % P == 0
            if (ux - row["qx"]) % P or not opposites:
                yield summed(told)


def multiples(row: Row, joints: Sequence[Row]) -> dict[int, Point]:
    """What is offered on the bus `multiple` to the ladder of a signature, by label."""
    offered = {}
    for power, unit in enumerate(UNITS):
        name = ("", "_beta", "_beta2")[power]
        offered[packed(unit, (0, 0))] = row[f"qx{name}"], row["qy"]
        offered[packed((0, 0), unit)] = row[f"rx{name}"], row["ry"]
        for joint in joints:
            other = UNITS[(joint["power"] + power) % 3]
            label = packed(unit, (0, 0)) + (1 - 2 * joint["minus"]) * packed((0, 0), other)
            offered[label] = joint[f"x{name}"], joint["y"]
    return offered


@lru_cache(maxsize=1)
def fixed_points() -> dict[tuple[int, int], Point]:
    """What is offered on the bus `fixed`, by stream and half."""
    return {
        (stream, half): point((2 * half + 1) << (62 * stream))
        for stream in range(STREAMS)
        for half in range(128)
    }


def climb(
    index: int,
    pairs: Sequence[tuple[Eisenstein, Eisenstein]],
    octets: Sequence[int],
    start: int,
    offered: dict[int, Point],
) -> list[Row]:
    """The ladder of these digits (most significant first), wherever it ends."""
    here, rows = fixed_points()[0, start], []
    for k, couple in enumerate(_couples(pairs)):
        row: Row = {
            "signature": index, "row": k, "stream": stream_of(k),
            "starts": int(k == 0), "ends": int(k == ROWS - 1), "returns": int(stream_of(k) == 0),
            "start_half": start if k == 0 else 0, "x": here[0], "y": here[1],
        }  # fmt: skip
        for name, digit in zip(("first", "second"), couple, strict=True):
            row |= multiple_columns(name, packed(*digit), offered)
        row = climbed(row | fixed_columns(stream_of(k), octets[k]))
        here = row["x_out"], row["y_out"]
        rows.append(row)
    return rows


def multiple_columns(name: str, label: int, offered: dict[int, Point]) -> Row:
    """The columns that take a multiple by its label, or by the opposite one."""
    minus = int(label not in offered)
    label = -label if minus else label
    x, y = offered[label]
    return {f"{name}_label": label, f"{name}_minus": minus, f"{name}_x": x, f"{name}_y": y}


def fixed_columns(stream: int, octet: int) -> Row:
    """The columns that take the fixed multiple of a byte."""
    half, minus = (octet - 128, 0) if octet >= 128 else (127 - octet, 1)
    x, y = fixed_points()[stream, half]
    return {"fixed_half": half, "fixed_minus": minus, "fixed_x": x, "fixed_y": y}


STEP = (
    "slope_a", "x_a", "slope_b", "x_b", "slope_c", "x_c", "slope_d", "x_d", "slope_e", "x_out",
    "y_out",
)  # fmt: skip
"""The columns of a ladder row that a law each determines, in order."""


def climbed(row: Row, **forced: int) -> Row:
    """A ladder row in which each column follows from those before, unless it is forced.

    The law of a forced column is the only one that breaks: the others take it as it is. The slope
    of a point added to itself is the tangent.

    Raises: ValueError when opposite points are added.
    """
    x, y = row["x"], row["y"]
    first, second, fixed = (operand(row, name) for name in ("first", "second", "fixed"))

    def at(name: str) -> int:
        return row[name] - MIDDLE if name.startswith("slope") else row[name]

    def y_b() -> int:
        return at("slope_b") * (x - row["x_b"]) - y

    def rise_d() -> int:
        return at("slope_c") * (second[0] - row["x_c"]) - second[1] - y_b()

    follows: dict[str, Callable[[], int]] = {
        "slope_a": lambda: line((x, y), first),
        "x_a": lambda: at("slope_a") ** 2 - x - first[0],
        "slope_b": lambda: slope(2 * y, x - row["x_a"]) - at("slope_a"),
        "x_b": lambda: at("slope_b") ** 2 - x - row["x_a"],
        "slope_c": lambda: line((row["x_b"], y_b()), second),
        "x_c": lambda: at("slope_c") ** 2 - row["x_b"] - second[0],
        "slope_d": lambda: slope(rise_d(), row["x_c"] - row["x_b"]),
        "x_d": lambda: at("slope_d") ** 2 - row["x_b"] - row["x_c"],
        "slope_e": lambda: line((row["x_d"], y_of_d(row)), fixed),
        "x_out": lambda: at("slope_e") ** 2 - row["x_d"] - fixed[0],
        "y_out": lambda: at("slope_e") * (fixed[0] - row["x_out"]) - fixed[1],
    }
    for name in STEP:
        row = row | {name: forced[name] if name in forced else follows[name]() % P}
    return row


def operand(row: Row, name: str) -> Point:
    """What a ladder row adds: the multiple with its sign."""
    return row[f"{name}_x"], (1 - 2 * row[f"{name}_minus"]) * row[f"{name}_y"] % P


def y_of_d(row: Row) -> int:
    """The y of D, which is no column: D and B are on the chord of `slope_d`."""
    d, b = row["slope_d"] - MIDDLE, row["slope_b"] - MIDDLE
    y_b = b * (row["x"] - row["x_b"]) - row["y"]
    return (d * (row["x_b"] - row["x_d"]) - y_b) % P


def aimed(row: Row, end: Point = END, **forced: int) -> Row:
    """The row with the fixed multiple that makes it end at `end`, whatever came before."""
    row = climbed(row, **forced)
    x_d, y_d = row["x_d"], y_of_d(row)
    e = (end[1] + y_d) * pow(x_d - end[0], -1, P)
    x = e * e - x_d - end[0]
    row = row | taking(row, "fixed", (x, e * (x - x_d) + y_d))
    return climbed(row, **forced) | {"x_out": end[0], "y_out": end[1]}


def taking(row: Row, name: str, at: Point) -> Row:
    """The columns of a multiple that no table may have offered, such that the row adds `at`."""
    y = (1 - 2 * row[f"{name}_minus"]) * at[1] % P
    return {f"{name}_x": at[0] % P, f"{name}_y": y}


def carried(rows: Sequence[Row], after: int = -1, *, aims: bool = True) -> list[Row]:
    """The rows again from where row `after` went: each starts where the last stopped, and those
    that end a ladder are aimed at END."""
    done = list(rows[: after + 1])
    for row in rows[after + 1 :]:
        if done and not done[-1]["ends"]:
            row = row | {"x": done[-1]["x_out"], "y": done[-1]["y_out"]}
        done.append(aimed(row) if aims and row["ends"] else climbed(row))
    return done


def merged(*parts: Rows) -> Rows:
    """The rows of several witnesses in one program."""
    names = dict.fromkeys(name for part in parts for name in part)
    rows = {name: [row for part in parts for row in part.get(name, [])] for name in names}
    return surrounded(rows)


def changed(rows: Rows, table: str, at: int, **changes: Any) -> Rows:
    """The same rows, one of them changed."""
    found = list(rows[table])
    assert set(changes) <= set(found[at]), changes
    found[at] = found[at] | changes
    return rows | {table: found}
