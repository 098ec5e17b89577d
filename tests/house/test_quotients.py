"""Every quotient names its direction in the rooms that count money and do not prove: `-7 // 2` is
-4 without having said so. Whether something divides is no quotient: `x % lot == 0` is allowed."""

import ast
from typing import Final

import pytest

from .source import Module, pure_modules, told

ROOMS: Final = frozenset({"units", "instruments", "pricing", "oracle", "risk"})

DIRECTED: Final = {
    "units/rounding.py:div": "what FLOOR and CEIL are",
    "units/binary_places.py:down": "what down is",
    "units/binary_places.py:nearest": "what nearest is",
    "risk/charge.py:charged_e6": "the margin of one account asks it several times, and with `div` "
    "it would take half as long again",
}
"""Functions that divide by themselves, and why."""

BARE: Final = (ast.FloorDiv, ast.Mod, ast.RShift)
FUNCTIONS: Final = frozenset(
    {"divmod", "floor_divide", "floordiv", "fmod", "mod", "remainder", "right_shift", "rshift"}
)


def _asked_whether_it_divides(tree: ast.AST) -> set[ast.AST]:
    """Rests that are compared with zero, and go nowhere else."""
    return {
        node.left
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.BinOp)
        and isinstance(node.left.op, ast.Mod)
        and [type(op) for op in node.ops] in ([ast.Eq], [ast.NotEq])
        and ast.unparse(node.comparators[0]) == "0"
    }


def _functions(module: Module) -> dict[str, ast.FunctionDef]:
    return {
        f"{module.path}:{node.name}": node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef)
    }


def _is_bare(node: ast.AST) -> bool:
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            return isinstance(op, BARE)
        case ast.Name(id="divmod"):
            return True
        case ast.Attribute(value=ast.Name(id="np" | "numpy" | "operator"), attr=name):
            return name in FUNCTIONS
        case ast.ImportFrom(module="operator" | "numpy", names=names):
            return any(alias.name in FUNCTIONS for alias in names)
    return False


def quotient_complaints(module: Module) -> list[str]:
    """No quotient and no rest but by a name that says its direction."""
    if module.room not in ROOMS:
        return []
    allowed = _asked_whether_it_divides(module.tree)
    for name, function in _functions(module).items():
        allowed |= set(ast.walk(function)) if name in DIRECTED else set()
    return [
        f"{module.where(node)}: `{ast.unparse(node)}` does not say its direction; next: "
        "`div(x, y, Rounding...)`, `floor_and_rest`, or `down` and `nearest` by a power of two"
        for node in ast.walk(module.tree)
        if _is_bare(node) and node not in allowed
    ]


@pytest.mark.parametrize(
    "text",
    [
        "x = a // b",
        "x //= b",
        "x = a % b",
        "x = a % b == c",
        "x = 0 < a % b",
        "x = a >> 2",
        "x >>= 2",
        "x, y = divmod(a, b)",
        "x = map(divmod, a, b)",
        "x = np.floor_divide(a, b)",
        "x = np.divmod(a, b)",
        "x = numpy.right_shift(a, 2)",
        "x = operator.mod(a, b)",
        "from operator import floordiv",
        "def down(a):\n    return a >> 2",
    ],
)
def test_a_quotient_without_direction_is_refused(text: str) -> None:
    assert len(quotient_complaints(Module.of("risk/charge.py", text))) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("risk/charge.py", "x = div(a, b, Rounding.FLOOR)"),
        ("risk/charge.py", "x, y = floor_and_rest(a, b)"),
        ("risk/charge.py", "x = down(a, 2) + nearest(b, 2)"),
        ("risk/charge.py", "x = a % b == 0 or a % c != 0"),
        ("risk/charge.py", "x = 1 << 2"),
        ("risk/charge.py", "def charged_e6(a):\n    return a // 2"),
        ("units/binary_places.py", "def down(a):\n    return a >> 2"),
        ("ledger/address.py", "x = a >> 2"),
    ],
)
def test_a_quotient_with_direction_is_allowed(path: str, text: str) -> None:
    assert not quotient_complaints(Module.of(path, text))


def test_every_quotient_names_its_direction() -> None:
    complaints = [line for module in pure_modules() for line in quotient_complaints(module)]
    assert not complaints, told(complaints)


def test_a_function_that_divides_by_itself_still_does() -> None:
    divides = {
        name
        for module in pure_modules()
        for name, function in _functions(module).items()
        if any(_is_bare(node) for node in ast.walk(function))
    }
    assert set(DIRECTED) <= divides
