"""Each table argues in its docstring what whoever relies on it knows, and what determines what it
sends."""

import ast

import pytest

from .source import Module, classes_derived_from, pure_modules, told

ARGUMENTS = ("Soundness.", "Determined")


def argument_complaints(modules: tuple[Module, ...]) -> list[str]:
    """Every table of the circuits has both arguments."""
    circuits = tuple(module for module in modules if module.room == "circuits")
    complaints = []
    for name, node in classes_derived_from("Table", circuits).items():
        text = ast.get_docstring(node) or ""
        complaints += [
            f"table {name} has no paragraph '{argument}' in its docstring; next: argue it there"
            for argument in ARGUMENTS
            if argument not in text
        ]
    return complaints


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('"""One row each."""', 2),
        ('"""One row each. Soundness. All is well."""', 1),
        ('"""One row each. Soundness. All is well. Determined: by the rest."""', 0),
    ],
)
def test_a_table_without_its_arguments_is_refused(text: str, count: int) -> None:
    module = Module.of("circuits/tree.py", f"class Leaf(Table):\n    {text}\n")
    assert len(argument_complaints((module,))) == count


def test_every_table_argues_its_soundness() -> None:
    complaints = argument_complaints(tuple(pure_modules()))
    assert not complaints, told(complaints)
