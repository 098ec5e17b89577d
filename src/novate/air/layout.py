"""How integers become cells: limbs, their range checks, and what each costs. The one place for such
figures.

Measured on two cores at full parameters (`docs/internals/cost_model.md`): a message costs as much
as about six cells however many fields it has, a constraint a twelfth of a cell. So a 16-bit limb
(one cell, one lookup) is the cheapest store, bytes checked in pairs are the cheapest operands of a
product, and bits or small digits never pay.
"""

from __future__ import annotations

from dataclasses import dataclass

from novate.air.kind import Below, Bit, Element, Scalar, Signed

CELL_COST = 100
MESSAGE_COST = 550
CONSTRAINT_COST = 8
"""Costs in hundredths of a cell."""
NARROW_BITS_MAX = 14
"""The widest range of the narrow table; 16 bits are a table of their own."""


@dataclass(frozen=True, slots=True)
class Limb:
    """One cell of an integer: `bits` wide, worth 2**position."""

    cell: int
    position: int
    bits: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a scalar lives: its limbs, least significant first, and what is subtracted from their
    sum."""

    kind: Scalar
    limbs: tuple[Limb, ...]
    offset: int = 0


def widths(bits: int, limb_bits: int) -> list[int]:
    """The widths of the limbs of an integer of `bits`, least significant first."""
    if bits <= NARROW_BITS_MAX or bits == 16:
        return [bits]
    full, rest = divmod(bits, limb_bits)
    return [limb_bits] * full + ([rest] if rest else [])


def place(kind: Scalar, first_cell: int, limb_bits: int) -> Placed:
    """Limbs for a scalar from `first_cell` on."""
    match kind:
        case Bit() | Element():
            return Placed(kind, (Limb(first_cell, 0, 1),))
        case Below() | Signed():
            limbs = []
            position = 0
            for i, width in enumerate(widths(kind.bits, limb_bits)):
                limbs.append(Limb(first_cell + i, position, width))
                position += width
            offset = 1 << (kind.bits - 1) if isinstance(kind, Signed) else 0
            return Placed(kind, tuple(limbs), offset)


@dataclass(frozen=True, slots=True)
class RangeCheck:
    """One lookup that bounds cells: a pair of bytes, a 16-bit cell, or a cell of fewer bits."""

    cells: tuple[int, ...]
    bits: int
    factor: int = 1


def range_checks(cells: list[tuple[int, int]]) -> list[RangeCheck]:
    """Lookups for `(cell, bits)` pairs: bytes go two by two, whatever integer they belong to."""
    checks: list[RangeCheck] = []
    single_byte: int | None = None
    for cell, bits in cells:
        if bits == 8:
            if single_byte is None:
                single_byte = cell
            else:
                checks.append(RangeCheck((single_byte, cell), 8))
                single_byte = None
        elif bits == 15:
            # x and 2x both below 2**16 leave x below 2**15, and 2x cannot wrap the field
            checks += [RangeCheck((cell,), 16), RangeCheck((cell,), 16, factor=2)]
        elif bits == 16 or bits <= NARROW_BITS_MAX:
            checks.append(RangeCheck((cell,), bits))
        else:
            raise ValueError(f"no range check for a cell of {bits} bits")
    if single_byte is not None:
        checks.append(RangeCheck((single_byte,), 8))
    return checks
