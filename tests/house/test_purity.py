"""Pure rooms see no clock, wire, disk, chance or environment.

So the same batch gives the same root everywhere.
"""

import ast

import pytest

from .source import Module, pure_modules, told

PURE_IMPORTS = frozenset(
    {
        "__future__",
        "abc",
        "bisect",
        "coincurve",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",  # instants and dates as values; `now` is refused below
        "enum",
        "eth_hash",
        "functools",
        "hashlib",
        "heapq",
        "immutables",
        "inspect",
        "itertools",
        "json",
        "keyword",
        "math",
        "novate",
        "numpy",
        "operator",
        "re",
        "string",
        "struct",
        "textwrap",
        "types",
        "typing",
        "weakref",
    }
)
"""What a pure room may import: modules whose functions depend on their arguments alone."""

IMPURE_CALLS = frozenset({"__import__", "eval", "exec", "input", "open", "print"})
IMPURE_METHODS = frozenset({"getenv", "now", "today", "utcnow"})


def purity_complaints(module: Module) -> list[str]:
    """Nothing in a pure room reaches for the world."""
    complaints = [
        f"{module.where(node)} imports {name} in a pure room; next: take the value as an argument "
        "and fetch it in nodes, or, if it depends on its arguments alone, add it to PURE_IMPORTS"
        for node, name, _ in module.imports()
        if name.split(".")[0] not in PURE_IMPORTS
    ]
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                what = f"calls {name}()"
            case ast.Call(func=ast.Attribute(attr=name)) if name in IMPURE_METHODS:
                what = f"asks for {name}()"
            case ast.Call(func=ast.Attribute(attr="fromtimestamp"), args=[_], keywords=[]):
                what = "reads the machine's time zone"
            case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="random"):
                what = "draws at random"
            case _:
                continue
        complaints.append(
            f"{module.where(node)} {what} in a pure room; next: take the value as an argument"
        )
    return complaints


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "from time import time",
        "import os.path",
        "from pathlib import Path",
        "import socket",
        "import random",
        "import secrets",
        "import requests",
        "x = open('f')",
        "print(1)",
        "x = datetime.now(UTC)",
        "x = datetime.fromtimestamp(0)",
        "x = np.random.default_rng(1)",
    ],
)
def test_reaching_for_the_world_is_refused(text: str) -> None:
    assert purity_complaints(Module.of("ledger/state.py", text))


@pytest.mark.parametrize(
    "text",
    [
        "from collections.abc import Mapping",
        "from novate.units import Usd",
        "from .account import Account",
        "x = datetime.fromtimestamp(0, UTC)",
        "self.open_interest(1)",
    ],
)
def test_a_function_of_its_arguments_is_allowed(text: str) -> None:
    assert not purity_complaints(Module.of("ledger/state.py", text))


def test_pure_rooms_see_no_world() -> None:
    complaints = [line for module in pure_modules() for line in purity_complaints(module)]
    assert not complaints, told(complaints)
