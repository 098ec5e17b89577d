"""A room is entered by its door: from its `__init__.py`, which names what is public."""

import ast
import re

import pytest

from .source import Module, doors, exported, modules, told

STARK_ROOMS = frozenset({"field", "air", "circuits", "risk"})
"""Who may speak to the Rust extension: `circuits` for the witness of its curve, `risk` for sums."""


def entry_complaints(module: Module, public: dict[str, list[str]]) -> list[str]:
    """Other rooms are imported by their door and only for what is public there."""
    complaints = []
    for node, name, taken in module.imports():
        parts = name.split(".")
        if parts[0] != "novate":
            continue
        rooms = [parts[1]] if len(parts) > 1 else [t for t in taken if t != "__version__"]
        for room in rooms:
            if room == module.room:
                continue
            if room == "_stark":
                if module.room not in STARK_ROOMS:
                    complaints.append(
                        f"{module.where(node)} imports the Rust extension; "
                        "next: go through novate.air or novate.field"
                    )
            elif len(parts) > 2:
                complaints.append(
                    f"{module.where(node)} imports {name}, behind the door of {room}; next: "
                    f"`from novate.{room} import ...`; what must be public goes into its __all__"
                )
            elif len(parts) == 2 and room in public:
                complaints += [
                    f"{module.where(node)} takes {t} from novate.{room}, which does not list it; "
                    f"next: add it to __all__ in src/novate/{room}/__init__.py, or do without"
                    for t in taken
                    if t not in public[room]
                ]
    return complaints


def natural(name: str) -> list[object]:
    """Sort key in which `x9` comes before `x10`."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def dunder_all_order(name: str) -> tuple[int, list[object]]:
    """Constants, then classes, then the rest: the order that ruff keeps."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, natural(name)


def bound_names(door: Module) -> set[str]:
    """Names without underscore that the door binds."""
    names: set[str] = set()
    for node in door.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                continue
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return {name for name in names if not name.startswith("_")}


def door_complaints(door: Module) -> list[str]:
    """`__all__` is present, sorted, without repeats, and is what the door binds."""
    where = f"src/novate/{door.path}"
    names = exported(door)
    if names is None:
        return [f"{where} has no __all__; next: list its public names there, even if none"]
    complaints = []
    if names != sorted(set(names), key=dunder_all_order):
        complaints.append(f"{where}: __all__ is not sorted; next: ruff check --fix {where}")
    complaints += [
        f"{where}: __all__ names {name}, which is not there; next: import it or strike it out"
        for name in sorted(set(names) - bound_names(door))
    ]
    complaints += [
        f"{where} binds {name} without listing it; next: add it to __all__, or import it elsewhere"
        for name in sorted(bound_names(door) - set(names))
    ]
    return complaints


@pytest.mark.parametrize(
    "line",
    [
        "from novate.units.price import Price",
        "import novate.units.price",
        "from ..units.price import Price",
        "from novate.units import secret",
        "from novate import _stark",
    ],
)
def test_entering_by_the_window_is_refused(line: str) -> None:
    assert entry_complaints(Module.of("ledger/order.py", line), {"units": ["Price"]})


@pytest.mark.parametrize(
    "line",
    [
        "from novate.units import Price",
        "from novate.ledger.account import Account",
        "from .account import Account",
        "import numpy.linalg",
    ],
)
def test_entering_by_the_door_is_allowed(line: str) -> None:
    assert not entry_complaints(Module.of("ledger/order.py", line), {"units": ["Price"]})


@pytest.mark.parametrize(
    "text",
    [
        "from novate.units.usd import Usd",
        "from a import A, B\n__all__ = ['B', 'A']",
        "from a import A, B\n__all__ = ['A']",
        "__all__ = ['A']",
        "from a import A\n__all__ = ['A', 'A']",
    ],
)
def test_a_door_without_a_true_and_sorted_list_is_refused(text: str) -> None:
    assert door_complaints(Module.of("units/__init__.py", text))


def test_a_door_with_a_true_and_sorted_list_is_allowed() -> None:
    names = ["BC", "P", "Word", "word", "x9", "x10"]
    text = f"from a import {', '.join(names)}\n__all__ = {names}"
    assert not door_complaints(Module.of("units/__init__.py", text))


def test_rooms_are_entered_by_their_door() -> None:
    public = {door.room: exported(door) or [] for door in doors()}
    complaints = [line for module in modules() for line in entry_complaints(module, public)]
    assert not complaints, told(complaints)


def test_every_room_has_a_door_that_lists_what_is_public() -> None:
    complaints = [line for door in doors() for line in door_complaints(door)]
    open_rooms = {module.room for module in modules()} - {door.room for door in doors()}
    complaints += [
        f"src/novate/{room} has no door; next: write its __init__.py with a sentence and __all__"
        for room in sorted(open_rooms)
    ]
    assert not complaints, told(complaints)
