"""No floats in pure rooms: `1600 - 1187.40` is `412.5999...`, and money is not. No width of money
but from `units/bounds.py`, so that ledger and circuit cannot disagree."""

import ast

import pytest

from .source import PURE, ROOT, Module, modules, pure_modules, told

EXACT_MATH = frozenset({"comb", "factorial", "gcd", "isqrt", "lcm", "perm", "prod"})
ROUNDING_NUMPY = frozenset(
    {"average", "divide", "linspace", "mean", "median", "sqrt", "std", "true_divide", "var"}
)


def _reason(node: ast.AST) -> str | None:
    """Why this node makes a float, or None."""
    match node:
        case ast.Constant(value=float() | complex() as value):
            return f"the float {value}"
        case ast.Name(id="float" | "complex" as name):
            return f"`{name}`"
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return "a division without direction"
        case ast.BinOp(op=ast.Pow(), right=ast.UnaryOp(op=ast.USub())):
            return "a negative power"
        case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=name) if (
            name.startswith(("float", "complex", "double")) or name in ROUNDING_NUMPY
        ):
            return f"numpy's `{name}`"
        case ast.Attribute(value=ast.Name(id="math"), attr=name) if name not in EXACT_MATH:
            return f"`math.{name}`"
    return None


def float_complaints(module: Module) -> list[str]:
    """Integers only, and every quotient names its direction."""
    complaints = [
        f"{module.where(node)} has {reason} in a pure room; next: use integers in the unit's step, "
        "and `div(x, y, Rounding...)` for a quotient"
        for node in ast.walk(module.tree)
        if (reason := _reason(node))
    ]
    complaints += [
        f"{module.where(node)} imports {name} from math; next: use integers, or isqrt"
        for node, source, taken in module.imports()
        if source == "math"
        for name in taken
        if name not in EXACT_MATH
    ]
    return complaints


@pytest.mark.parametrize(
    "text",
    [
        "x = 0.5",
        "x = 1e6",
        "x = a / b",
        "a /= b",
        "x = float(a)",
        "def f(x: float) -> int: ...",
        "x = 10**-3",
        "x = np.float64(1)",
        "x = np.mean(a)",
        "import math\nx = math.sqrt(2)",
        "from math import log",
        "x = 2j",
    ],
)
def test_a_float_is_refused(text: str) -> None:
    assert float_complaints(Module.of("units/usd.py", text))


@pytest.mark.parametrize(
    "text", ["x = 10**6", "x = a // b", "from math import isqrt", "x = np.int64(1)", "'0.5 / 2'"]
)
def test_an_integer_is_allowed(text: str) -> None:
    assert not float_complaints(Module.of("units/usd.py", text))


def test_pure_rooms_have_no_floats() -> None:
    complaints = [line for module in pure_modules() for line in float_complaints(module)]
    assert not complaints, told(complaints)


WIDE = frozenset({"below", "signed", "unsigned"})


def width_complaints(module: Module) -> list[str]:
    """A table that means money names its widths; the curve's tables are about no money."""
    if module.room != "circuits" or module.path.startswith("circuits/secp256k1/"):
        return []
    return [
        f"{module.where(node)} has a width written out; next: name it in units/bounds.py, or in "
        "circuits/buses.py if no word of the state has it"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in WIDE
        and not any(isinstance(part, ast.Name) for part in ast.walk(node.args[0]))
    ]


@pytest.mark.parametrize("text", ["x = unsigned(63)", "x = signed(2**5)", "x = below(1 << 20)"])
def test_a_width_written_out_is_refused(text: str) -> None:
    assert width_complaints(Module.of("circuits/transactions/user_trade.py", text))


@pytest.mark.parametrize("text", ["x = unsigned(bounds.USD_BITS)", "x = below(BOUND + 1)"])
def test_a_width_with_a_name_is_allowed(text: str) -> None:
    assert not width_complaints(Module.of("circuits/transactions/user_trade.py", text))


def test_widths_of_money_are_named() -> None:
    complaints = [line for module in pure_modules() for line in width_complaints(module)]
    assert not complaints, told(complaints)


def unread_complaints(widths: Module, readers: list[ast.Module]) -> list[str]:
    """Each width is read: by a room, by another width, or by a test that adds up a law's bits."""
    read = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for tree in (widths.tree, *readers)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    }
    return [
        f"{widths.where(node)}: nobody reads {node.target.id}; next: strike it out, or "
        "add it up in the test of its law"
        for node in widths.tree.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id not in read
    ]


WIDTHS = Module.of("units/bounds.py", "A: Final = 1\nB: Final = A + 1\n")


def test_a_width_that_nobody_reads_is_refused() -> None:
    assert len(unread_complaints(WIDTHS, [])) == 1
    assert len(unread_complaints(WIDTHS, [ast.parse("B = 2")])) == 1


@pytest.mark.parametrize("reader", ["x = bounds.B", "from novate.units.bounds import B\nx = B"])
def test_a_width_that_somebody_reads_is_allowed(reader: str) -> None:
    assert not unread_complaints(WIDTHS, [ast.parse(reader)])


def test_every_width_is_read() -> None:
    widths = next(module for module in modules() if module.path == "units/bounds.py")
    tests = [path for room in sorted(PURE) for path in (ROOT / "tests" / room).rglob("test_*.py")]
    readers = [module.tree for module in modules() if module is not widths]
    readers += [ast.parse(path.read_text()) for path in tests]
    complaints = unread_complaints(widths, readers)
    assert not complaints, told(complaints)
