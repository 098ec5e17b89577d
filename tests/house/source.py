"""What the rules look at: the repository's files, and the modules of each room as syntax trees."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "src" / "novate"

PURE: Final = frozenset(
    {
        "field",
        "units",
        "keys",
        "instruments",
        "pricing",
        "oracle",
        "markets",
        "risk",
        "ledger",
        "air",
        "circuits",
    }
)
"""Rooms whose every function depends on its arguments alone."""


@dataclass(frozen=True)
class Module:
    """One Python file of a room; `path` starts at the room, as in `ledger/order_slot.py`."""

    path: str
    tree: ast.Module

    @classmethod
    def of(cls, path: str, text: str) -> "Module":
        """The module that `text` would be at `path`."""
        return cls(path, ast.parse(text))

    @property
    def room(self) -> str:
        """The first name after `novate`."""
        return self.path.split("/")[0]

    @property
    def package(self) -> list[str]:
        """The dotted parts of the package that relative imports start from."""
        return ["novate", *self.path.split("/")[:-1]]

    def where(self, node: ast.AST) -> str:
        """File and line, as a person would type it."""
        return f"src/novate/{self.path}:{getattr(node, 'lineno', 1)}"

    def imports(self) -> Iterator[tuple[ast.AST, str, tuple[str, ...]]]:
        """Each import statement: where it stands, the absolute module, the names taken from it."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node, alias.name, ()
            elif isinstance(node, ast.ImportFrom):
                start = self.package[: len(self.package) - node.level + 1] if node.level else []
                module = ".".join([*start, *([node.module] if node.module else [])])
                yield node, module, tuple(alias.name for alias in node.names)


@lru_cache
def modules() -> tuple[Module, ...]:
    """Every module of every room that stands."""
    return tuple(
        Module.of(path.relative_to(PACKAGE).as_posix(), path.read_text())
        for path in sorted(PACKAGE.glob("*/**/*.py"))
    )


def pure_modules() -> tuple[Module, ...]:
    """Every module of the pure rooms that stand."""
    return tuple(module for module in modules() if module.room in PURE)


def doors() -> tuple[Module, ...]:
    """The `__init__.py` of every room that stands."""
    return tuple(module for module in modules() if module.path == f"{module.room}/__init__.py")


def exported(door: Module) -> list[str] | None:
    """The names in `__all__`, in their order; None when the door has none."""
    for node in door.tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            assert node.value is not None
            names = ast.literal_eval(node.value)
            return [str(name) for name in names]
    return None


def classes_derived_from(base: str, among: tuple[Module, ...]) -> dict[str, ast.ClassDef]:
    """Every class that has `base` among its ancestors, by name."""
    known = {
        node.name: node
        for module in among
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }

    def descends(node: ast.ClassDef) -> bool:
        parents = [parent.id for parent in node.bases if isinstance(parent, ast.Name)]
        return base in parents or any(descends(known[p]) for p in parents if p in known)

    return {name: node for name, node in known.items() if descends(node)}


@lru_cache
def repository_texts() -> tuple[tuple[str, str], ...]:
    """Path and text of every file that belongs to the repository and is text."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        paths = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    else:  # an unpacked archive has no history: look into the rooms that people write in
        paths = [
            path
            for folder in ("src", "tests", "rust/src", "contracts", "docs", "tools", "benchmarks")
            for path in (ROOT / folder).rglob("*")
            if "__pycache__" not in path.parts
        ]
    texts = []
    for path in sorted(set(paths)):
        if path.is_file() and not path.is_symlink() and "target" not in path.parts:
            try:
                texts.append((path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")))
            except UnicodeDecodeError:
                continue
    return tuple(texts)


def told(complaints: list[str]) -> str:
    """The complaints as a failing test shows them, the first fifty."""
    rest = [f"... and {len(complaints) - 50} more"] if len(complaints) > 50 else []
    return "\n" + "\n".join([*complaints[:50], *rest])
