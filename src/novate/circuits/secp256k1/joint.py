"""The six sums Q + u*R of a signature: key plus a unit times the nonce's point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from novate.air import (
    Row,
    Statement,
    Table,
    bit,
    choice,
    element,
    lookup,
    modular,
    provide,
    unsigned,
)
from novate.circuits.secp256k1.curve import BITS, P, addition_laws, unit_laws
from novate.circuits.secp256k1.messages import MULTIPLE, UNITS, packed

POWERS = ("ONE", "OMEGA", "OMEGA2")


class Joint(Table):
    """One sum Q + u*R a row, u = +-omega**power, and its products with the powers of omega.

    Soundness. Q and omega**power * R are the multiples of the labels (1, 0) and (0, omega**power)
    of this signature. Their x differ modulo P, also with the sign, because `signature` shows that
    y_Q is neither y_R nor -y_R; so slope and sum are determined as residues, and the sum is a
    finite point. The label of what is offered is computed from power and sign, and both its halves
    are units: it is never a label that `signature` offers. Rows stand alone; their order and number
    do not matter.

    Determined: by signature, power and sign; slope, x, y and the products with beta follow one
    after the other, each by its law, as residues.
    """

    signature = element()
    power = choice(*POWERS)
    minus = bit()
    qx, qy, ux, uy = unsigned(BITS), unsigned(BITS), unsigned(BITS), unsigned(BITS)
    slope = unsigned(BITS)
    x, y, x_beta, x_beta2 = unsigned(BITS), unsigned(BITS), unsigned(BITS), unsigned(BITS)

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        for name, law in joint_laws(row):
            yield modular(name, law, P)
        none = (0, 0)
        mine = {"signature": row.signature}
        key = packed(UNITS[0], none)
        yield lookup(MULTIPLE, **mine, label=key, x=row.qx, y=row.qy)
        yield lookup(MULTIPLE, **mine, label=_of_r(row.power, 0), x=row.ux, y=row.uy)
        sign = 1 - 2 * row.minus
        for power, x in enumerate((row.x, row.x_beta, row.x_beta2)):
            label = packed(UNITS[power], none) + sign * _of_r(row.power, power)
            yield provide(MULTIPLE, **mine, label=label, x=x, y=row.y)


def joint_laws(row: Any) -> Iterator[tuple[str, Any]]:
    """(x, y) is Q + u*R, and its x times the powers of beta."""
    key, unit = (row.qx, row.qy), (row.ux, (1 - 2 * row.minus) * row.uy)
    yield from addition_laws("sum", slope=row.slope, a=key, b=unit, out=(row.x, row.y))
    yield from unit_laws("sum", x=row.x, beta=row.x_beta, beta2=row.x_beta2)


def _of_r(power: Any, times: int) -> Any:
    """The half of a label for omega**(power + times) * R."""
    labels = [packed((0, 0), UNITS[(chosen + times) % 3]) for chosen in range(3)]
    bits = [getattr(power, name) for name in POWERS]
    return labels[0] * bits[0] + labels[1] * bits[1] + labels[2] * bits[2]
