"""From a table's sentences to constraints and messages over cells.

Soundness of a lowered law. Let V be the integer the law takes, within the bounds of its columns,
which their range checks enforce on real rows. Either the bounds of V lie strictly between -p and p,
and the single constraint V = 0 mod p means V = 0; or V is written as a sum of digits at bit
positions, the digits are cut into groups, and each group satisfies `total + carry in = carry out *
2**shift` with bounds that cannot wrap the field (`positional.cannot_wrap`), the last group being
zero: by induction the integers are equal and V = 0.
Padding rows. In an honest trace all cells are zero there, and every constraint vanishes on zero
cells (constant terms are multiplied by `real`). A cheat may fill padding as he likes, and it does
not matter: every message is gated by `real` or by bits, which are zero there by `bit * (bit -
real)`, so padding says nothing; and no sentence about a next row reaches it, because `has_next` is
zero where no real row follows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from novate.air.expression import Expression, Operation, Reference, column
from novate.air.kind import (
    Below,
    Bit,
    Choice,
    Element,
    Kind,
    Scalar,
    Signed,
    Vector,
    fits_field,
    is_wide,
    message_elements,
)
from novate.air.layout import (
    CELL_COST,
    CONSTRAINT_COST,
    MESSAGE_COST,
    Limb,
    Placed,
    RangeCheck,
    place,
    range_checks,
    widths,
)
from novate.air.nodes import Code, Nodes
from novate.air.positional import (
    Carrier,
    Grouping,
    Positional,
    Term,
    TooWide,
    carry_bounds,
    constant_digits,
)
from novate.air.statement import Bus, Direction, Discipline, Message, Rows, Sentence, Statement
from novate.air.table import Chosen, Row, Table, scalars
from novate.field import P

DEGREE_MAX = 3
SPARSE_DIGITS = 8
"""A modulus of at most so many digits base 2**8 multiplies a quotient in 16-bit limbs; others take
bytes."""
SPARE = " to its bound"
"""The hidden column that shows how far an integer is below a bound that is no power of two."""
MESSAGE_ELEMENTS_MAX = 120


class ProgramRefused(Exception):
    """The program cannot be built; the message names the table, the sentence and the figures."""


class FillKind(IntEnum):
    """How a hidden or derived cell is computed from a node, row by row."""

    CARRY = 0
    VALUE = 1
    INVERSE = 2
    QUOTIENT = 3


@dataclass(frozen=True, slots=True)
class Fill:
    """cell = node >> shift, or the node itself, or its inverse; zero on padding rows."""

    kind: FillKind
    cell: int
    node: int
    shift: int = 0
    quotient: Quotient | None = None


@dataclass(frozen=True, slots=True)
class Quotient:
    """How a hidden quotient is computed: (sum of digit * 2**position) // modulus, cut into limbs.

    `digits` are (position, node) with values centred around zero; `bound` is added before cutting.
    """

    digits: tuple[tuple[int, int], ...]
    modulus: int
    bound: int
    limbs: tuple[Limb, ...]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A polynomial over cells that is zero on every row, and the sentence it comes from."""

    sentence: str
    node: int


@dataclass(frozen=True, slots=True)
class LoweredMessage:
    """A message over cells: fields are nodes.

    A provided fact has a `multiplicity` cell, and a `gate`: the node that is 1 on rows that provide
    it.
    """

    bus: Bus
    direction: Direction
    count: int
    weight: int
    fields: tuple[int, ...]
    multiplicity: int | None = None
    gate: int | None = None


@dataclass(slots=True)
class LoweredTable:
    """A table as cells, constraints and messages."""

    table: type[Table]
    nodes: Nodes
    cells: list[str] = field(default_factory=list)
    placed: dict[str, Placed] = field(default_factory=dict)
    complements: dict[str, Placed] = field(default_factory=dict)
    constraints: list[Constraint] = field(default_factory=list)
    messages: list[LoweredMessage] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    real: int | None = None
    has_next: int | None = None

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def lookups(self) -> int:
        """Messages a real row takes part in."""
        return len(self.messages)

    @property
    def cost(self) -> int:
        """Cost of a row in hundredths of a cell, by the figures of `layout`."""
        return (
            CELL_COST * len(self.cells)
            + MESSAGE_COST * len(self.messages)
            + CONSTRAINT_COST * len(self.constraints)
        )

    def degree(self, constraint: Constraint) -> int:
        return self.nodes.degrees[constraint.node]


@dataclass(frozen=True, slots=True)
class RangeBuses:
    """Where range checks are looked up."""

    bytes: Bus
    u16: Bus
    narrow: Bus


class Lowering(Carrier):
    """Lowers one table with given limb widths."""

    def __init__(self, table: type[Table], limb_bits: dict[str, int], buses: RangeBuses) -> None:
        self._buses = buses
        self._limb_bits = limb_bits
        self._nodes = Nodes()
        self._result = LoweredTable(table, self._nodes)
        self._ranged: list[tuple[int, int]] = []
        self._spoken: set[int] = set()
        self._sentence = ""
        self._gate: int | None = None
        self._directly: dict[int, tuple[Expression, int]] = {}
        self._positional = Positional(self._nodes, self._result.placed, self._direct)

    def run(self) -> LoweredTable:
        result, table = self._result, self._result.table
        if table.public_values and not table.required and table.counted is None:
            raise ProgramRefused(
                f"table {table.name}: without a row its public values would mean nothing: "
                "say `required = True`"
            )
        if table.counted is None:
            result.real = self._cell("real")
        self._declare()
        statements = list(table.constrain(Row(table)))
        result.statements = statements
        if any(_uses_has_next(statement) for statement in statements):
            result.has_next = self._cell("has_next")
        self._flags_of_the_language()
        self._given()
        for statement in statements:
            if isinstance(statement, Sentence):
                self._lower_sentence(statement)
            else:
                self._lower_message(statement)
        self._every_column_speaks()
        self._range_messages()
        for constraint in result.constraints:
            if result.degree(constraint) > DEGREE_MAX:
                raise ProgramRefused(
                    f"table {table.name}: '{constraint.sentence}' has degree "
                    f"{result.degree(constraint)}, at most {DEGREE_MAX}; name a product as a column"
                )
        return result

    # cells

    def _cell(self, name: str) -> int:
        self._result.cells.append(name)
        return len(self._result.cells) - 1

    def _place(self, name: str, kind: Scalar) -> Placed:
        bits = self._limb_bits.get(name, 16)
        placed = place(kind, len(self._result.cells), bits)
        single = len(placed.limbs) == 1
        for i, limb in enumerate(placed.limbs):
            self._cell(name if single else f"{name}.{i}")
            if isinstance(kind, Below | Signed):
                self._ranged.append((limb.cell, limb.bits))
        return placed

    def _declare(self) -> None:
        result = self._result
        for name, declared in result.table.columns.items():
            for reference in scalars(name, declared.kind):
                result.placed[reference.name] = self._place(reference.name, reference.kind)
        for name, placed in list(result.placed.items()):
            if isinstance(placed.kind, Below) and placed.kind.bound != 1 << placed.kind.bits:
                spare = Below(1 << placed.kind.bits)
                hidden = name + SPARE
                result.placed[hidden] = self._place(hidden, spare)
                result.complements[name] = result.placed[hidden]

    def _flags_of_the_language(self) -> None:
        nodes, result = self._nodes, self._result
        one = nodes.constant(1)
        if result.real is not None:
            real, following = nodes.local(result.real), nodes.next(result.real)
            self._constrain("real is a bit", nodes.mul(real, nodes.sub(real, one)))
            falls = nodes.mul(following, nodes.sub(one, real))
            self._constrain(
                "real never rises", nodes.mul(nodes.selector(Code.IS_TRANSITION), falls)
            )
        if result.table.required:
            absent = nodes.sub(one, self._real_node())
            self._constrain("there is a row", nodes.mul(nodes.selector(Code.IS_FIRST), absent))
        if result.has_next is not None:
            has_next = nodes.local(result.has_next)
            following = one if result.real is None else nodes.next(result.real)
            inside = nodes.mul(nodes.selector(Code.IS_TRANSITION), following)
            self._constrain(
                "has next: the next row exists and is real", nodes.sub(has_next, inside)
            )
        implied = _implied_bits(result.table)
        for name, placed in result.placed.items():
            if isinstance(placed.kind, Bit) and name not in implied:
                bit = nodes.local(placed.limbs[0].cell)
                self._constrain(
                    f"{name} is a bit", nodes.mul(bit, nodes.sub(bit, self._real_node()))
                )
        for name, declared in result.table.columns.items():
            if isinstance(declared.kind, Choice):
                bits = [
                    nodes.local(result.placed[reference.name].limbs[0].cell)
                    for reference in scalars(name, declared.kind)
                ]
                total = nodes.sub(nodes.total(bits), self._real_node())
                self._constrain(f"{name} takes one choice", total)
        for name, _ in result.complements.items():
            kind = result.placed[name].kind
            assert isinstance(kind, Below)
            spare = name + SPARE
            # its cells are only known to hold that many bits: the law is what brings the bound
            law = (
                column(Reference(name, Below(1 << kind.bits)))
                + column(Reference(spare, result.placed[spare].kind))
                - (kind.bound - 1)
            )
            self._lower_sentence(Sentence(f"{name} is below {kind.bound}", law))
        self._spoken.clear()

    def _given(self) -> None:
        """Field columns with an expression: their cells are filled from it."""
        for name, declared in self._result.table.columns.items():
            kind = declared.kind
            inner = kind.kind if isinstance(kind, Vector) else kind
            if declared.given is None or not isinstance(inner, Element):
                continue
            values = declared.given(Row(self._result.table))
            parts = values if isinstance(kind, Vector) else (values,)
            for reference, value in zip(scalars(name, kind), parts, strict=True):
                inverse = isinstance(value, InverseOf)
                node = self._direct(value.of if inverse else value)
                cell = self._result.placed[reference.name].limbs[0].cell
                fill = FillKind.INVERSE if inverse else FillKind.VALUE
                self._result.fills.append(Fill(fill, cell, node))

    # expressions

    def _real_node(self) -> int:
        real = self._result.real
        return self._nodes.constant(1) if real is None else self._nodes.local(real)

    def _flag(self, expression: Expression) -> int:
        nodes = self._nodes
        pick = nodes.next if expression.next_row else nodes.local
        if expression.operation is Operation.REAL:
            real = self._result.real
            return nodes.constant(1) if real is None else pick(real)
        assert self._result.has_next is not None
        return pick(self._result.has_next)

    def _direct(self, expression: Any) -> int:
        """The value of an expression in the field; the same object is lowered once."""
        if isinstance(expression, int):
            return self._nodes.constant(expression)
        known = self._directly.get(id(expression))
        if known is None:
            known = (expression, self._direct_once(expression))
            self._directly[id(expression)] = known
        return known[1]

    def _direct_once(self, expression: Expression) -> int:
        nodes = self._nodes
        match expression.operation:
            case Operation.CONSTANT:
                return nodes.constant(expression.value)
            case Operation.COLUMN:
                assert expression.reference is not None
                pick = nodes.next if expression.next_row else nodes.local
                placed = self._result.placed[expression.reference.name]
                limbs = [
                    nodes.scale(pick(limb.cell), (1 << limb.position) % P) for limb in placed.limbs
                ]
                return nodes.sub(nodes.total(limbs), nodes.constant(placed.offset))
            case Operation.REAL | Operation.HAS_NEXT:
                return self._flag(expression)
            case Operation.PUBLIC:
                return nodes.public(expression.value)
            case Operation.LIMB:
                bits = expression.bounds[1].bit_length()
                return self.limbs(expression.arguments[0], bits, expression.value + 1)[-1]
        a, b = (self._direct(argument) for argument in expression.arguments)
        match expression.operation:
            case Operation.ADD:
                return nodes.add(a, b)
            case Operation.SUB:
                return nodes.sub(a, b)
            case _:
                return nodes.mul(a, b)

    def _homogeneous(self, node: int) -> int:
        """The same value on real rows, zero where all cells are zero."""
        at_zero = self._nodes.at_zero[node]
        if at_zero is None:
            return self._nodes.mul(self._real_node(), node)
        if at_zero == 0 or self._result.real is None:
            return node
        constant = self._nodes.constant(at_zero)
        return self._nodes.add(
            self._nodes.sub(node, constant), self._nodes.mul(constant, self._real_node())
        )

    def _flags(self, flags: tuple[Expression, ...]) -> int | None:
        if not flags:
            return None
        gate = self._nodes.constant(1)
        for flag in flags:
            if not all(_is_flag(leaf) for leaf in _leaves(flag)):
                # only bits are known to be zero on padding rows: any other column could speak there
                raise ProgramRefused(
                    f"table {self._result.name}: '{flag}' is no flag: it is not made of bits"
                )
            if flag.is_field or flag.bounds[0] < 0 or flag.bounds[1] > 1:
                raise ProgramRefused(
                    f"table {self._result.name}: '{flag}' is no flag: it may leave 0 and 1"
                )
            gate = self._nodes.mul(gate, self._homogeneous(self._direct(flag)))
        return gate

    # sentences

    def _lower_sentence(self, sentence: Sentence) -> None:
        name = self._result.name
        self._sentence = sentence.name
        self._next_rows_allowed(sentence.law, sentence.rows, sentence.flags)
        gate = self._flags(sentence.flags)
        selector = self._rows_selector(sentence.rows)
        if selector is not None:
            gate = selector if gate is None else self._nodes.mul(gate, selector)
        self._gate = gate
        law = sentence.law
        if sentence.modulus is not None:
            law = self._with_quotient(sentence.name, law, sentence.modulus)
        if law.is_constant:
            raise ProgramRefused(f"table {name}: '{sentence.name}' says nothing about any column")
        if law.is_field:
            self._no_wide_integers(law)
            self.finish(Term(self._direct(law), 0, 0))
        elif fits_field(*law.bounds):
            self.finish(Term(self._direct(law), *law.bounds))
        else:
            try:
                Grouping(self._nodes, self._positional.digits(law)).run(self)
            except TooWide as problem:
                raise LawRefused(
                    f"table {name}: '{sentence.name}' could wrap the field: {problem}", law
                ) from None

    def _with_quotient(self, name: str, law: Expression, modulus: int) -> Expression:
        """The law less a hidden quotient times the modulus: zero exactly when the law is a
        multiple."""
        low, high = law.bounds
        least, most = low // modulus, high // modulus
        bits = max(-least, most + 1).bit_length() + 1
        kind = Signed(bits)
        sparse = len(constant_digits(modulus)) <= SPARSE_DIGITS
        hidden = f"quotient of {name}"
        placed = place(kind, len(self._result.cells), 16 if sparse else 8)
        for i, limb in enumerate(placed.limbs):
            self._cell(f"{hidden}.{i}")
            self._ranged.append((limb.cell, limb.bits))
        self._result.placed[hidden] = placed
        digits = self._positional.digits(law)
        for position, term in digits.items():
            if 2 * max(-term.low, term.high) >= P:
                raise LawRefused(
                    f"table {self._result.name}: '{name}' could wrap the field at bit {position}",
                    law,
                )
        fill = Quotient(
            tuple((position, term.node) for position, term in sorted(digits.items())),
            modulus,
            placed.offset,
            placed.limbs,
        )
        last = max(term.node for term in digits.values())
        cell = placed.limbs[0].cell
        self._result.fills.append(Fill(FillKind.QUOTIENT, cell, last, quotient=fill))
        return law - column(Reference(hidden, kind)) * modulus

    def _rows_selector(self, rows: Rows) -> int | None:
        nodes = self._nodes
        match rows:
            case Rows.EVERY:
                return None
            case Rows.FIRST:
                return nodes.selector(Code.IS_FIRST)
            case Rows.FOLLOWED:
                assert self._result.has_next is not None
                return nodes.local(self._result.has_next)
            case Rows.LAST:
                assert self._result.has_next is not None
                return nodes.sub(self._real_node(), nodes.local(self._result.has_next))

    def out(self, total: Term, shift: int) -> Term:
        """Close a group: a carry column, its range, and the group's equation."""
        least, bits = carry_bounds(total, shift)
        limbs: list[Limb] = []
        position = 0
        for width in widths(bits, 16):
            cell = self._cell(f"carry {len(self._result.fills)} of {self._sentence}")
            self._ranged.append((cell, width))
            limbs.append(Limb(cell, position, width))
            position += width
        self._fill_carry(total.node, shift, least, limbs)
        nodes = self._nodes
        stored = nodes.total([nodes.scale(nodes.local(x.cell), 1 << x.position) for x in limbs])
        carry = nodes.add(stored, nodes.constant(least))
        self._equation(nodes.sub(total.node, nodes.scale(carry, (1 << shift) % P)))
        return Term(carry, least, least + (1 << bits) - 1)

    def _fill_carry(self, node: int, shift: int, least: int, limbs: list[Limb]) -> None:
        # from the least carry on nothing is negative, and `cannot_wrap` keeps it below p
        nodes = self._nodes
        rest = nodes.sub(node, nodes.constant((least << shift) % P))
        for limb in reversed(limbs):
            at = shift + limb.position
            self._result.fills.append(Fill(FillKind.CARRY, limb.cell, rest, at))
            if limb.position:
                taken = nodes.scale(nodes.local(limb.cell), (1 << at) % P)
                rest = nodes.sub(rest, taken)

    def finish(self, total: Term) -> None:
        """The last group, or a law that fits the field: zero."""
        self._equation(total.node)

    def _equation(self, node: int) -> None:
        if self._gate is None:
            self._constrain(self._sentence, self._homogeneous(node))
            return
        # under a selector of rows alone, padding may be selected: only there constants need `real`
        vanishes = self._nodes.at_zero[self._gate] == 0
        inner = node if vanishes else self._homogeneous(node)
        self._constrain(self._sentence, self._nodes.mul(self._gate, inner))

    def _constrain(self, sentence: str, node: int) -> None:
        padded = self._result.real is not None
        if padded and self._nodes.at_zero[node] not in (0, None):
            raise ProgramRefused(f"table {self._result.name}: '{sentence}' fails on padding rows")
        self._result.constraints.append(Constraint(sentence, node))
        self._spoken |= self._nodes.cells(node)

    def _next_rows_allowed(
        self, law: Expression, rows: Rows, flags: tuple[Expression, ...]
    ) -> None:
        guarded = rows is Rows.FOLLOWED or any(
            f.operation is Operation.HAS_NEXT and not f.next_row for f in flags
        )
        if not guarded and any(_reads_next(x) for x in (law, *flags)):
            raise ProgramRefused(
                f"table {self._result.name}: '{self._sentence}' reads the next row "
                "but is not inside followed(...)"
            )

    def _no_wide_integers(self, law: Expression) -> None:
        for part in _leaves(law):
            if part.operation is Operation.COLUMN and not part.is_field:
                assert part.reference is not None
                if not fits_field(*part.bounds):
                    raise ProgramRefused(
                        f"table {self._result.name}: '{self._sentence}' mixes the wide integer "
                        f"{part.reference.name} with field elements; use its elements"
                    )

    # messages

    def _lower_message(self, message: Message) -> None:
        self._sentence = f"{message.direction.value} {message.bus.name}"
        fields = self._message_fields(message)
        for flag in message.flags:
            self._next_rows_allowed(flag, Rows.EVERY, message.flags)
        for value in _values(message.fields):
            if isinstance(value, Expression):
                self._next_rows_allowed(value, Rows.EVERY, message.flags)
        if len(fields) > MESSAGE_ELEMENTS_MAX:
            raise ProgramRefused(
                f"table {self._result.name}: {self._sentence}: {len(fields)} elements, "
                f"at most {MESSAGE_ELEMENTS_MAX}"
            )
        gate = self._flags(message.flags)
        count = self._real_node() if gate is None else gate
        multiplicity = provided = None
        weight = 1
        match message.direction:
            case Direction.SEND | Direction.LOOKUP:
                pass
            case Direction.RECEIVE:
                count = self._nodes.sub(self._nodes.constant(0), count)
            case Direction.PROVIDE:
                provided = count
                multiplicity = self._multiplicity(message.bus, count)
                count = self._nodes.sub(self._nodes.constant(0), self._nodes.local(multiplicity))
                weight = 0
        for node in (count, *fields):
            if self._nodes.degrees[node] > DEGREE_MAX:
                raise ProgramRefused(
                    f"table {self._result.name}: {self._sentence}: degree "
                    f"{self._nodes.degrees[node]}, at most {DEGREE_MAX}"
                )
            self._spoken |= self._nodes.cells(node)
        self._result.messages.append(
            LoweredMessage(
                message.bus, message.direction, count, weight, fields, multiplicity, provided
            )
        )

    def _multiplicity(self, bus: Bus, count: int) -> int:
        cell = self._cell(f"uses of {bus.name}")
        nodes = self._nodes
        if self._nodes.entries[count][:2] != (Code.CONSTANT, 1):
            silent = nodes.mul(nodes.local(cell), nodes.sub(nodes.constant(1), count))
            self._constrain(f"only such rows provide {bus.name}", silent)
        return cell

    def _message_fields(self, message: Message) -> tuple[int, ...]:
        bus, table = message.bus, self._result.name
        wanted, found = set(bus.fields), set(message.fields)
        if wanted != found:
            raise ProgramRefused(
                f"table {table}: bus {bus.name} has the fields {sorted(wanted)}, not "
                f"{sorted(found)}"
            )
        is_lookup = message.direction in (Direction.LOOKUP, Direction.PROVIDE)
        if is_lookup != (bus.discipline is Discipline.LOOKUP):
            raise ProgramRefused(
                f"table {table}: {message.direction.value} on bus {bus.name}: "
                f"there, {bus.discipline.value}"
            )
        fields: list[int] = []
        for name, kind in bus.fields.items():
            fields += self._field(f"bus {bus.name}, field {name}", kind, message.fields[name])
        return tuple(fields)

    def _field(self, where: str, kind: Kind, value: Any) -> list[int]:
        table = self._result.name
        match kind:
            case Vector(inner, length):
                parts = tuple(value)
                if len(parts) != length:
                    raise ProgramRefused(
                        f"table {table}: {where}: {len(parts)} values, expected {length}"
                    )
                return [node for part in parts for node in self._field(where, inner, part)]
            case Choice(names):
                if not isinstance(value, Chosen) or value.names != names:
                    raise ProgramRefused(f"table {table}: {where}: expected a {kind}")
                return [self._direct(part) for part in value.elements]
        if isinstance(value, int):
            return self._constant_field(where, kind, value)
        if not isinstance(value, Expression):
            raise ProgramRefused(f"table {table}: {where}: {value!r} is no value of kind {kind}")
        if isinstance(kind, Element):
            if not value.is_field and not fits_field(*value.bounds):
                raise ProgramRefused(f"table {table}: {where}: {value} is too wide for one element")
            return [self._direct(value)]
        if value.is_field:
            raise ProgramRefused(f"table {table}: {where}: {value} is an element, not {kind}")
        if is_wide(kind):
            if value.operation is not Operation.COLUMN or value.reference is None:
                raise ProgramRefused(f"table {table}: {where}: {kind} takes a column of that kind")
            if value.reference.kind != kind:
                raise ProgramRefused(
                    f"table {table}: {where}: {value.reference.name} is "
                    f"{value.reference.kind}, expected {kind}"
                )
            return self.limbs16(value, message_elements(kind))
        low, high = value.bounds
        if low < kind.low or high > kind.high:
            raise ProgramRefused(
                f"table {table}: {where}: {value} lies in [{low}, {high}], expected {kind}"
            )
        return [self._direct(value)]

    def _constant_field(self, where: str, kind: Scalar, value: int) -> list[int]:
        if isinstance(kind, Element):
            return [self._nodes.constant(value)]
        if not kind.low <= value <= kind.high:
            raise ProgramRefused(f"table {self._result.name}: {where}: {value} is no {kind}")
        if is_wide(kind):
            stored = value - kind.low
            count = message_elements(kind)
            return [self._nodes.constant((stored >> (16 * i)) & 0xFFFF) for i in range(count)]
        return [self._nodes.constant(value)]

    def limbs16(self, value: Expression, count: int) -> list[int]:
        """The 16-bit limbs of a column, least significant first, padded with zeros to `count`."""
        return self.limbs(value, 16, count)

    def limbs(self, value: Expression, bits: int, count: int) -> list[int]:
        """A column less its lowest value in pieces of `bits`, of which each is a sum of its
        limbs."""
        assert value.reference is not None
        placed = self._result.placed[value.reference.name]
        assert isinstance(placed.kind, Below | Signed)
        pick = self._nodes.next if value.next_row else self._nodes.local
        pieces: list[list[int]] = [[] for _ in range(max(count, -(-placed.kind.bits // bits)))]
        for limb in placed.limbs:
            at, rest = divmod(limb.position, bits)
            if rest + limb.bits > bits:
                raise ProgramRefused(
                    f"table {self._result.name}: {value} is one cell of {limb.bits} bits "
                    f"and has no limbs of {bits}"
                )
            pieces[at].append(self._nodes.scale(pick(limb.cell), 1 << rest))
        return [self._nodes.total(parts) for parts in pieces[:count]]

    # range checks and the build's own refusals

    def _every_column_speaks(self) -> None:
        result = self._result
        for column_name, declared in result.table.columns.items():
            parts = [[part.name] for part in scalars(column_name, declared.kind)]
            if isinstance(declared.kind, Choice):
                # the names of a choice exclude each other: one that is spoken of stands for all
                parts = [[name for part in parts for name in part]]
            for names in parts:
                limbs = [limb for name in names for limb in result.placed[name].limbs]
                idle = [limb for limb in limbs if limb.cell not in self._spoken]
                if len(idle) == len(limbs) or (idle and len(names) == 1):
                    part = f", from bit {idle[0].position}" if len(idle) < len(limbs) else ""
                    raise ProgramRefused(
                        f"table {result.name}: column {column_name} is in no sentence "
                        f"and no message ({names[0]}{part})"
                    )

    def _range_messages(self) -> None:
        nodes = self._nodes
        for check in range_checks(self._ranged):
            bus, fields = self._range_fields(check)
            self._result.messages.append(
                LoweredMessage(bus, Direction.LOOKUP, self._real_node(), 1, fields)
            )
            assert all(node < len(nodes.entries) for node in fields)

    def _range_fields(self, check: RangeCheck) -> tuple[Bus, tuple[int, ...]]:
        nodes = self._nodes
        cells = [nodes.scale(nodes.local(cell), check.factor) for cell in check.cells]
        if check.bits == 8 and len(cells) == 2:
            return self._buses.bytes, (cells[0], cells[1])
        if check.bits == 16:
            return self._buses.u16, (cells[0],)
        return self._buses.narrow, (nodes.constant(check.bits), cells[0])


class LawRefused(ProgramRefused):
    """A law that could wrap the field in this layout."""

    def __init__(self, message: str, law: Expression) -> None:
        super().__init__(message, law)
        self.message, self.law = message, law

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class InverseOf:
    """In a `given`: the inverse of the value in the field, or zero for zero."""

    of: Expression


def lower(table: type[Table], buses: RangeBuses) -> LoweredTable:
    """The table with the cheapest sound limb widths found.

    Operands of products start as bytes, everything else as 16-bit limbs; then each operand of up to
    64 bits is tried as 16-bit limbs and kept so if that is sound and cheaper.

    Raises: ProgramRefused, naming table, sentence and width, when no layout is sound.
    """
    statements = list(table.constrain(Row(table)))
    operands = _operands(statements)
    bytewise = _bytewise(statements)
    operands = {name: kind for name, kind in operands.items() if name not in bytewise}
    limb_bits = dict.fromkeys((*operands, *bytewise), 8)
    for _ in range(len(table.columns) + 1):
        try:
            best = Lowering(table, limb_bits, buses).run()
            break
        except LawRefused as problem:
            widened = {
                part.reference.name
                for part in _leaves(problem.law)
                if part.reference is not None and limb_bits.get(part.reference.name) != 8
            }
            if not widened:
                raise
            limb_bits |= dict.fromkeys(widened, 8)
    else:
        raise AssertionError("the search for limb widths did not end")
    for name, kind in operands.items():
        if not isinstance(kind, Below | Signed) or kind.bits > 64:
            continue
        try:
            other = Lowering(table, limb_bits | {name: 16}, buses).run()
        except ProgramRefused:
            continue
        if other.cost < best.cost:
            best, limb_bits = other, limb_bits | {name: 16}
    return best


def _implied_bits(table: type[Table]) -> set[str]:
    """The second name of each choice of two: what a bit leaves of 1 (of 0 on padding) is a bit."""
    found: set[str] = set()
    for name, declared in table.columns.items():
        if isinstance(declared.kind, Choice) and len(declared.kind.names) == 2:
            found.add(scalars(name, declared.kind)[1].name)
    return found


def _operands(statements: list[Statement]) -> dict[str, Scalar]:
    """Columns of several limbs that a wide law multiplies with something other than a bit or a
    constant."""
    found: dict[str, Scalar] = {}
    seen: set[int] = set()

    def visit(expression: Expression) -> None:
        if id(expression) in seen:
            return
        seen.add(id(expression))
        if expression.operation is Operation.MUL:
            a, b = expression.arguments
            for one, other in ((a, b), (b, a)):
                low, high = other.bounds
                if max(-low, high) > 1:
                    for part in _leaves(one):
                        kind = part.reference.kind if part.reference else None
                        if isinstance(kind, Below | Signed) and len(widths(kind.bits, 16)) > 1:
                            assert part.reference is not None
                            found[part.reference.name] = kind
        for argument in expression.arguments:
            visit(argument)

    for statement in statements:
        if isinstance(statement, Sentence):
            law = statement.law
            modular = statement.modulus is not None
            if not law.is_field and (modular or not fits_field(*law.bounds)):
                visit(law)
    return found


def _bytewise(statements: list[Statement]) -> set[str]:
    """Columns that are read in pieces of 8 or 24 bits, so that only bytes serve."""
    found: set[str] = set()
    for statement in statements:
        parts: list[Any] = list(statement.flags)
        if isinstance(statement, Sentence):
            parts.append(statement.law)
        else:
            parts += _values(statement.fields)
        for part in parts:
            if isinstance(part, Expression):
                for leaf in _leaves(part):
                    if leaf.operation is Operation.LIMB and leaf.bounds[1] != 0xFFFF:
                        reference = leaf.arguments[0].reference
                        assert reference is not None
                        found.add(reference.name)
    return found


def _leaves(expression: Expression) -> list[Expression]:
    found: list[Expression] = []
    seen: set[int] = set()
    pending = [expression]
    while pending:
        part = pending.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if part.arguments and part.operation is not Operation.LIMB:
            pending += part.arguments
        else:
            found.append(part)
    return found


def _is_flag(leaf: Expression) -> bool:
    if leaf.operation is Operation.COLUMN:
        return leaf.reference is not None and isinstance(leaf.reference.kind, Bit)
    return leaf.operation in (Operation.CONSTANT, Operation.REAL, Operation.HAS_NEXT)


def _reads_next(expression: Expression) -> bool:
    return any(part.next_row for part in _leaves(expression))


def _values(fields: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    for value in fields.values():
        match value:
            case tuple() | list():
                found += value
            case Chosen():
                found += value.elements
            case _:
                found.append(value)
    return found


def _uses_has_next(statement: Statement) -> bool:
    flags = statement.flags
    parts: list[Any] = list(flags)
    if isinstance(statement, Sentence):
        if statement.rows in (Rows.FOLLOWED, Rows.LAST):
            return True
        parts.append(statement.law)
    else:
        parts += _values(statement.fields)
    return any(
        leaf.operation is Operation.HAS_NEXT
        for part in parts
        if isinstance(part, Expression)
        for leaf in _leaves(part)
    )
