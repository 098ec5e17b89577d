"""A prover who chooses quotients: which single constraint of a modular law refuses him.

A law that is a multiple of P becomes groups with carries between them. Were one group's constraint
missing, the law could miss every multiple of P by a power of two that lies in this group. So here a
column takes the value that misses by that power, everything else follows, and quotient and carries
are what hides it in all other groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from tests.air.evaluation import out_of_range, values
from tests.circuits.secp256k1 import test_fixed as fixed
from tests.circuits.secp256k1 import test_joint as joint
from tests.circuits.secp256k1 import test_ladder as ladder
from tests.circuits.secp256k1 import test_signature as signature
from tests.circuits.secp256k1.scene import (
    STEP,
    Row,
    alone,
    carried,
    climbed,
    completed,
    filled,
    octets_of,
    square_root,
    summed,
)

from novate import _stark
from novate.air import Program, Table
from novate.air.lowering import LoweredTable
from novate.circuits.secp256k1 import Joint, Ladder, Signature
from novate.circuits.secp256k1.curve import N, P, addition_laws
from novate.circuits.secp256k1.fixed import steps
from novate.circuits.secp256k1.joint import joint_laws
from novate.circuits.secp256k1.ladder import step_laws
from novate.circuits.secp256k1.signature import point_laws, scalar_laws

POWERS = range(0, 600, 8)
"""Laws have fewer binary places than that."""

FACTORS_MAX = 64
"""Where a power of two itself has no root, a small multiple of it may have one."""


@dataclass(frozen=True)
class Lie:
    """Rows of a table in which the law of one row has a residue of the liar's choice."""

    rows: Sequence[Row]
    at: int
    law: int


Liar = Callable[[int], Lie | None]
"""From a residue to rows that have it, if there are such."""


@dataclass(frozen=True)
class Sentence:
    """A modular law, and who lies about it."""

    table: type[Table]
    name: str
    modulus: int
    liar: Liar


def shown() -> dict[str, set[int]]:
    """Per table of the curve, the constraints that alone refuse such a lie."""
    found: dict[str, set[int]] = {}
    for sentence in sentences():
        name = sentence.table.name
        found.setdefault(name, set()).update(refusing(sentence))
    return found


def refusing(sentence: Sentence) -> set[int]:
    """The constraints of a sentence that alone refuse a lie about it."""
    base = sentence.liar(0)
    assert base is not None
    bench = Bench(sentence, base)
    found: set[int] = set()
    for power in POWERS:
        for factor in range(1, FACTORS_MAX):
            missed = factor << power
            lie = sentence.liar(missed % sentence.modulus)
            if lie is None:
                continue
            assert (lie.law - missed) % sentence.modulus == 0
            found |= bench.refused_alone(lie, (lie.law - missed) // sentence.modulus)
            break
    return found


class Bench:
    """Traces of lies about one sentence, against the honest one."""

    def __init__(self, sentence: Sentence, base: Lie) -> None:
        self._program: Program = alone(sentence.table)
        self._lowered = self._program[sentence.table.name]
        self._sentence, self._name = sentence, sentence.table.name
        self._filler = _stark.Filler(self._program.encoding, self._program.plan)
        self._honest = self._filled(base)

    def _filled(self, lie: Lie) -> Any:
        return filled(self._program, {self._name: list(lie.rows)})

    def refused_alone(self, lie: Lie, quotient: int) -> set[int]:
        """The one constraint that refuses a lie with this quotient; none when the quotient has no
        such width, or when more than one refuses it."""
        cells = self._filled(lie)[self._name]
        following = cells[(lie.at + 1) % len(cells)]
        row = with_quotient(self._lowered, self._sentence.name, cells[lie.at], following, quotient)
        if row is None:
            return set()
        cells[lie.at] = row
        honest = self._honest[self._name]
        index = [table.name for table in self._program.tables].index(self._name)
        patches = [
            (index, int(r), int(c), int(cells[r, c]))
            for r, c in zip(*np.nonzero(cells != honest), strict=True)
        ]
        traces, publics = self._honest.cells, self._honest.public_values
        ((broken, _, _),) = self._filler.probe(traces, publics, [patches], False)
        alone_in_it = {constraint for _, constraint, _ in broken}
        touched = sorted({r for _, r, _, _ in patches})
        if out_of_range(self._lowered, cells[touched].astype(np.int64)):
            return set()
        return alone_in_it if len(alone_in_it) == 1 else set()


def with_quotient(
    table: LoweredTable, sentence: str, cells: np.ndarray, following: np.ndarray, quotient: int
) -> np.ndarray | None:
    """The row with this quotient in a sentence, and the carries that follow from it."""
    row = cells.copy()
    placed = table.placed[f"quotient of {sentence}"]
    stored, top = quotient + placed.offset, placed.limbs[-1]
    if not 0 <= stored < 1 << (top.position + top.bits):
        return None
    for limb in placed.limbs:
        row[limb.cell] = (stored >> limb.position) & ((1 << limb.bits) - 1)
    for fill in table.fills:
        name = table.cells[fill.cell]
        if name.startswith("carry ") and name.endswith(f" of {sentence}"):
            here, after = (cells[None].astype(np.int64) for cells in (row, following))
            row[fill.cell] = int(values(table, fill.node, here, after)[0]) >> fill.shift
    return row


# The liars.


def sentences() -> Iterator[Sentence]:
    """Every law of the curve's tables that is a multiple of something, with a column to bend."""
    for column, name in joint.CHEATS:
        yield Sentence(Joint, name, P, bent(lambda d, c=column, n=name: _joint(c, n, d)))
    for column in STEP:
        yield Sentence(Ladder, column.replace("_", " "), P, bent(lambda d, c=column: _ladder(c, d)))
    # the fixed table fills itself: its double takes the rows of a liar
    told = fixed.told_of(fixed.HEIGHT)
    for column in ("slope", "x", "y"):
        yield Sentence(told, f"next multiple: {column}", P, bent(lambda d, c=column: _fixed(c, d)))
    for short, said in (("q", "the key"), ("r", "R")):
        beta = bent(lambda d, s=short, n=said: _beta(s, f"{n}: beta x", d))
        yield Sentence(Signature, f"{said}: beta x", P, beta)
        last = bent(lambda d, s=short, n=said: _beta2(s, f"{n}: beta squared x", d))
        yield Sentence(Signature, f"{said}: beta squared x", P, last)
        square = f"{said}: square of x"
        yield Sentence(Signature, square, P, lambda d, s=short, n=square: _square(s, n, d))
        curve = f"{said} is on the curve"
        yield Sentence(Signature, curve, P, lambda d, s=short, n=curve: _curve(s, n, d))
    for column in ("a", "b"):
        yield Sentence(Signature, column, N, bent(lambda d, c=column: _scalar(c, d), N))
    yield Sentence(Signature, "s*a + r*b = 0", N, bent(_s, N))
    yield Sentence(Signature, "2*s*E + z*b = 0", N, bent(_e, N))


def bent(make: Callable[[int], Lie], modulus: int = P) -> Liar:
    """A liar who bends one column, of which the law is an affine function."""
    at_zero = make(0).law % modulus
    slope = (make(1).law - at_zero) % modulus
    return lambda residue: make((residue - at_zero) * pow(slope, -1, modulus) % modulus)


def _joint(column: str, name: str, by: int) -> Lie:
    honest = joint.told()[0]
    row = summed(honest, **{column: (honest[column] + by) % P})
    law = dict(joint_laws(SimpleNamespace(**row)))[name]
    return Lie([row], 0, law)


def _ladder(column: str, by: int) -> Lie:
    at, honest = 31, ladder.told()
    row = climbed(honest[at], **{column: (honest[at][column] + by) % P})
    rows = carried([*honest[:at], row, *honest[at + 1 :]], at)
    return Lie(rows, at, dict(step_laws(SimpleNamespace(**row)))[column.replace("_", " ")])


def _fixed(column: str, by: int) -> Lie:
    at = 510
    rows = fixed.rows_of(fixed.honest_places(), forced={(at, column): by})
    here, after = rows[at], rows[at + 1]
    laws = addition_laws(
        "next multiple",
        slope=here["slope"],
        a=(here["x"], here["y"]),
        b=steps()[here["stage"]],
        out=(after["x"], after["y"]),
    )
    return Lie(rows, at, dict(laws)[f"next multiple: {column}"])


def _claim(row: Row, name: str) -> Lie:
    told = SimpleNamespace(**row)
    return Lie([row], 0, (dict(point_laws(told)) | dict(scalar_laws(told)))[name])


def _beta(short: str, name: str, by: int) -> Lie:
    row = signature.told()
    beta = (row[f"{short}x_beta"] + by) % P
    beta2 = (-row[f"{short}x"] - beta) % P
    return _claim(row | {f"{short}x_beta": beta, f"{short}x_beta2": beta2}, name)


def _beta2(short: str, name: str, by: int) -> Lie:
    row = signature.told()
    return _claim(row | {f"{short}x_beta2": (row[f"{short}x_beta2"] + by) % P}, name)


def _square(short: str, name: str, residue: int) -> Lie | None:
    """Another square of x, and the y that is on the curve for it."""
    row = signature.told()
    x = row[f"{short}x"]
    square = (x * x - residue) % P
    y = square_root((square * x + 7) % P)
    if y is None:
        return None
    return _claim(completed(row | {f"{short}x2": square, f"{short}y": y}), name)


def _curve(short: str, name: str, residue: int) -> Lie | None:
    """A y whose square is another."""
    row = signature.told()
    y = square_root((row[f"{short}x"] * row[f"{short}x2"] + 7 - residue) % P)
    return None if y is None else _claim(completed(row | {f"{short}y": y}), name)


def _scalar(column: str, by: int) -> Lie:
    """Another image of the digits, with s and E that fit it."""
    row = signature.told()
    row = row | {column: (row[column] + by) % N}
    s = -row["rx"] * row["b"] * pow(row["a"], -1, N) % N
    return _claim(signature.refitted(row | {"s": s}), column)


def _s(by: int) -> Lie:
    row = signature.told()
    return _claim(signature.refitted(row, s=(row["s"] + by) % N), "s*a + r*b = 0")


def _e(by: int) -> Lie:
    row = signature.told()
    e = (-row["z"] * row["b"] * pow(2 * row["s"], -1, N) + by) % N
    octets = octets_of(e, row["start_half"], row["fixed_byte"][0])
    return _claim(completed(row | {"fixed_byte": octets}), "2*s*E + z*b = 0")
