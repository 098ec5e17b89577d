"""Names: of modules, of what is public, and of what the glossary must hold."""

import ast
import re

import pytest

from .source import PURE, ROOT, Module, doors, exported, modules, pure_modules, told

HOMELESS = frozenset({"utils", "helpers", "common", "core", "misc", "manager", "engine"})


def module_name_complaints(path: str) -> list[str]:
    """A function without a home serves a concept without a name."""
    stems = {part.removesuffix(".py").removesuffix(".rs").strip("_") for part in path.split("/")}
    words = {form for stem in stems for form in (stem, stem + "s")}
    return [
        f"{path} is named {name}; next: find the noun of the field that it serves, and name it that"
        for name in sorted(words & HOMELESS)
    ]


def docstring_complaints(module: Module, public: list[str]) -> list[str]:
    """Modules, classes, functions, and the methods of what a door lists, say what they are."""
    complaints = []
    if not ast.get_docstring(module.tree):
        complaints.append(
            f"src/novate/{module.path} has no docstring; next: say in one sentence what it holds"
        )

    def visit(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            marks = {ast.unparse(mark).split(".")[-1].split("(")[0] for mark in node.decorator_list}
            if node.name.startswith("_") or marks & {"overload", "override", "setter"}:
                continue
            if not ast.get_docstring(node):
                complaints.append(
                    f"{module.where(node)}: {prefix}{node.name} has no docstring; next: say what "
                    "it is in the words of the field, then only what the signature cannot say"
                )
            if isinstance(node, ast.ClassDef) and node.name in public:
                visit(node.body, f"{node.name}.")

    visit(module.tree.body, "")
    return complaints


def glossary_complaints(door: Module, classes: set[str], words: str) -> list[str]:
    """Each public class is a word, and words are explained before they are used."""
    return [
        f"{name}, public in {door.room}, is not in docs/glossary.md; "
        "next: write its one meaning there"
        for name in exported(door) or []
        if name in classes and not re.search(rf"\b{name}\b", words)
    ]


@pytest.mark.parametrize(
    "path",
    ["ledger/utils.py", "ledger/util.py", "core/order.py", "ledger/_helpers.py", "src/helper.rs"],
)
def test_a_homeless_module_is_refused(path: str) -> None:
    assert module_name_complaints(path)


def test_a_module_with_a_noun_is_allowed() -> None:
    assert not module_name_complaints("ledger/order_slot.py")


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        "'''M.'''\ndef f(): ...",
        "'''M.'''\nclass A: ...",
        "'''M.'''\nclass A:\n  '''A.'''\n  def f(self): ...",
    ],
)
def test_a_public_name_without_docstring_is_refused(text: str) -> None:
    assert docstring_complaints(Module.of("units/usd.py", text), ["A"])


def test_a_private_name_without_docstring_is_allowed() -> None:
    text = "'''M.'''\ndef _f(): ...\nclass A:\n  '''A.'''\n  def __add__(self, other): ..."
    assert not docstring_complaints(Module.of("units/usd.py", text), ["A"])


def test_a_class_that_the_glossary_lacks_is_refused() -> None:
    door = Module.of("units/__init__.py", "__all__ = ['Qty', 'Usd', 'div']")
    assert len(glossary_complaints(door, {"Qty", "Usd"}, "`Usd`: money. Qtys.")) == 1


def test_every_module_is_named_for_what_it_holds() -> None:
    paths = [module.path for module in modules()]
    paths += [path.relative_to(ROOT).as_posix() for path in (ROOT / "rust" / "src").rglob("*.rs")]
    complaints = [line for path in paths for line in module_name_complaints(path)]
    assert not complaints, told(complaints)


def test_every_public_name_of_a_pure_room_has_a_docstring() -> None:
    public = {door.room: exported(door) or [] for door in doors()}
    complaints = [
        line
        for module in pure_modules()
        for line in docstring_complaints(module, public.get(module.room, []))
    ]
    assert not complaints, told(complaints)


def test_every_public_class_is_in_the_glossary() -> None:
    # Rejections are words too, and have a page of their own.
    pages = [ROOT / "docs" / "glossary.md", ROOT / "docs" / "reference" / "rejections.md"]
    words = "\n".join(page.read_text() for page in pages if page.exists())
    complaints = []
    for door in doors():
        classes = {
            node.name
            for module in modules()
            if module.room == door.room
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ClassDef)
        }
        complaints += glossary_complaints(door, classes, words)
    assert not complaints, told(complaints)


def test_the_pure_rooms_are_those_of_the_architecture() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    missing = [room for room in sorted(PURE) if f"`{room}`" not in page]
    assert not missing, f"{missing} are not in ARCHITECTURE.md; next: give each its sentence there"
