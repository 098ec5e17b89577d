"""Wide integer laws as carry chains: sums of (field node) * 2**position, cut into groups that
cannot wrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from novate.air.expression import Expression, Operation
from novate.air.layout import CELL_COST, MESSAGE_COST, NARROW_BITS_MAX, Placed
from novate.air.nodes import Nodes
from novate.field import P


@dataclass(frozen=True, slots=True)
class Term:
    """A node with integer bounds: the digit at one position."""

    node: int
    low: int
    high: int


Digits = dict[int, Term]


@dataclass(frozen=True, slots=True)
class Group:
    """Digits that are summed in one field element; `shift` bits below the next group (None for the
    last)."""

    total: Term
    shift: int | None


class TooWide(Exception):
    """A digit of the law could wrap the field."""

    def __init__(self, position: int, bits: int) -> None:
        super().__init__(position, bits)
        self.position, self.bits = position, bits

    def __str__(self) -> str:
        return f"the digit at bit {self.position} needs {self.bits} bits; a field element holds 30"


def constant_digits(value: int) -> dict[int, int]:
    """Balanced digits base 2**8 (one digit when the value is small), so that sparse constants stay
    sparse."""
    digits: dict[int, int] = {}
    position = 0
    while value:
        digit = (value + 128) % 256 - 128
        if digit:
            digits[position] = digit
        value = (value - digit) >> 8
        position += 8
    return digits


class Positional:
    """Lowers integer expressions of one table to digits over its cells."""

    def __init__(
        self, nodes: Nodes, placed: dict[str, Placed], direct: Callable[[Expression], int]
    ) -> None:
        self._nodes = nodes
        self._placed = placed
        self._direct = direct
        self._known: dict[int, tuple[Expression, Digits]] = {}

    def digits(self, expression: Expression) -> Digits:
        """The expression as digits; the same object is lowered once."""
        known = self._known.get(id(expression))
        if known is None:
            known = (expression, self._lower(expression))
            self._known[id(expression)] = known
        return known[1]

    def _lower(self, expression: Expression) -> Digits:
        match expression.operation:
            case Operation.CONSTANT:
                return {
                    position: Term(self._nodes.constant(digit), digit, digit)
                    for position, digit in constant_digits(expression.value).items()
                }
            case Operation.COLUMN:
                return self._column(expression)
            case Operation.REAL | Operation.HAS_NEXT | Operation.LIMB:
                return {0: Term(self._direct(expression), *expression.bounds)}
            case Operation.PUBLIC:
                raise TypeError("a public value is a field element, not an integer")
            case Operation.ADD | Operation.SUB:
                a, b = (self.digits(argument) for argument in expression.arguments)
                return self._merge(a, b, 1 if expression.operation is Operation.ADD else -1)
            case Operation.MUL:
                a, b = (self.digits(argument) for argument in expression.arguments)
                return self._convolve(a, b)

    def _column(self, expression: Expression) -> Digits:
        assert expression.reference is not None
        placed = self._placed[expression.reference.name]
        node = self._nodes.next if expression.next_row else self._nodes.local
        whole = len(placed.limbs) == 1 and not placed.offset
        digits = {
            limb.position: Term(
                node(limb.cell), 0, expression.bounds[1] if whole else (1 << limb.bits) - 1
            )
            for limb in placed.limbs
        }
        if placed.offset:
            offset = {
                position: Term(self._nodes.constant(digit), digit, digit)
                for position, digit in constant_digits(placed.offset).items()
            }
            return self._merge(digits, offset, -1)
        return digits

    def _merge(self, a: Digits, b: Digits, sign: int) -> Digits:
        merged = dict(a)
        for position, term in b.items():
            old = merged.get(position, Term(self._nodes.constant(0), 0, 0))
            if sign > 0:
                node = self._nodes.add(old.node, term.node)
                merged[position] = Term(node, old.low + term.low, old.high + term.high)
            else:
                node = self._nodes.sub(old.node, term.node)
                merged[position] = Term(node, old.low - term.high, old.high - term.low)
        return merged

    def _convolve(self, a: Digits, b: Digits) -> Digits:
        products: dict[int, list[Term]] = {}
        for i, x in a.items():
            for j, y in b.items():
                corners = [p * q for p in (x.low, x.high) for q in (y.low, y.high)]
                term = Term(self._nodes.mul(x.node, y.node), min(corners), max(corners))
                products.setdefault(i + j, []).append(term)
        return {
            position: Term(
                self._nodes.total([term.node for term in terms]),
                sum(term.low for term in terms),
                sum(term.high for term in terms),
            )
            for position, terms in products.items()
        }


def carry_bounds(total: Term, shift: int) -> tuple[int, int]:
    """The least carry of a group and the width in bits of its range."""
    least = total.low >> shift
    return least, max(1, ((total.high >> shift) - least).bit_length())


def cannot_wrap(total: Term, shift: int) -> bool:
    """Whether `total = carry * 2**shift` in the field implies it over the integers, for every carry
    in range."""
    least, bits = carry_bounds(total, shift)
    most = least + (1 << bits) - 1
    reach = max(total.high - (least << shift), (most << shift) - total.low)
    return reach < P


def carry_cost(bits: int) -> int:
    """What a carry of this width costs in hundredths of a cell: its cells and their lookups."""
    if bits <= NARROW_BITS_MAX or bits == 16:
        return CELL_COST + MESSAGE_COST
    return 2 * (CELL_COST + MESSAGE_COST)


class Grouping:
    """Cuts digits into groups with carries between them."""

    def __init__(self, nodes: Nodes, digits: Digits) -> None:
        self._nodes = nodes
        self._digits = digits

    def _join(self, total: Term, start: int, position: int) -> Term:
        term = self._digits[position]
        factor = 1 << (position - start)
        node = self._nodes.add(total.node, self._nodes.scale(term.node, factor % P))
        return Term(node, total.low + factor * term.low, total.high + factor * term.high)

    def run(self, carry: Carrier) -> None:
        """Close group after group; `carry` makes the carry cell of each, or ends the chain.

        Raises: TooWide when even a single digit could wrap.
        """
        positions = sorted(self._digits)
        incoming: Term | None = None
        while positions:
            start = positions[0]
            total = self._digits[start]
            if incoming is not None:
                total = Term(
                    self._nodes.add(total.node, incoming.node),
                    total.low + incoming.low,
                    total.high + incoming.high,
                )
            taken = 1
            best: tuple[int, Term] | None = None
            while True:
                if taken == len(positions):
                    if max(-total.low, total.high) < P:
                        carry.finish(total)
                        return
                    break
                if cannot_wrap(total, positions[taken] - start):
                    best = (taken, total)
                elif best is not None or max(-total.low, total.high) >= P:
                    break
                total = self._join(total, start, positions[taken])
                taken += 1
            if best is None:
                raise TooWide(start, max(-total.low, total.high).bit_length())
            taken, total = best
            incoming = carry.out(total, positions[taken] - start)
            positions = positions[taken:]
        raise AssertionError("a law without digits")


class Carrier:
    """What a grouping calls: makes carry cells and the equations of a chain."""

    def out(self, total: Term, shift: int) -> Term:
        """Close a group: a new carry such that total = carry * 2**shift."""
        raise NotImplementedError

    def finish(self, total: Term) -> None:
        """Close the last group: the total is zero."""
        raise NotImplementedError
