"""Signatures alone: their tables, the hashing of their keys, and someone who relies on them."""

from collections.abc import Iterator

from benchmarks.walk import DOMAIN, order, secret
from novate.air import Program, Row, Statement, Table, Trace, element, lookup, trace, vector
from novate.circuits import SIGNATURE_TABLES
from novate.circuits.buses import COMPRESSION, SIGNATURE
from novate.circuits.poseidon2 import Poseidon2
from novate.circuits.secp256k1 import signature_rows
from novate.circuits.sponge import States
from novate.ledger import Side, sign
from novate.units import Qty


class Relying(Table):
    """Whoever relies on signatures."""

    digest, key = vector(element(), 8), vector(element(), 8)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield lookup(SIGNATURE, digest=row.digest, key=row.key)


class Compressing(Table):
    """Whoever asks for compressions: nobody here."""

    left, right, out = vector(element(), 8), vector(element(), 8), vector(element(), 8)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        yield lookup(COMPRESSION, left=row.left, right=row.right, out=row.out)


def signatures(count: int) -> Trace:
    """The trace of so many signatures, of two accounts in turn."""
    orders = [order(1 + i % 2, Side.BUY, Qty(1_000), i // 2) for i in range(count)]
    states: States = {}
    rows = signature_rows(
        DOMAIN, [sign(DOMAIN, each, secret(each.account)) for each in orders], states
    )
    relying = {name: rows["signature"][name] for name in ("digest", "key")}
    hashing = {"state": list(states)}
    return trace(
        Program([*SIGNATURE_TABLES, Poseidon2, Relying, Compressing]),
        rows | {Relying.name: relying, Poseidon2.name: hashing},
    )
