"""Every way of saying no is listed, tested, and has a code of its own."""

import ast
import re

from .source import ROOT, Module, classes_derived_from, modules, repository_texts, told


def code_of(rejection: ast.ClassDef) -> str | None:
    """The literal value of the class attribute `code`."""
    for node in rejection.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and target.id == "code" and isinstance(value, ast.Constant):
            return str(value.value)
    return None


def rejection_complaints(
    rejections: dict[str, ast.ClassDef], page: str, tests: dict[str, str]
) -> list[str]:
    """Each rejection has its own code, a place in the reference and a test that expects it."""
    complaints: list[str] = []
    owners: dict[str, str] = {}
    for name, node in sorted(rejections.items()):
        code = code_of(node)
        if code is None:
            complaints.append(
                f'{name} has no code; next: give it one, as in `code = "stale_nonce"`'
            )
            continue
        if code in owners:
            complaints.append(f"{name} and {owners[code]} share the code {code}; next: rename one")
        owners[code] = name
        if f"`{code}`" not in page:
            complaints.append(
                f"{name} ({code}) is not listed; next: add `{code}` to docs/reference/rejections.md"
            )
        if not any(re.search(rf"\b({name}|{code})\b", text) for text in tests.values()):
            complaints.append(
                f"{name} ({code}) is not tested; next: write the test that expects it"
            )
    return complaints


OFFENDERS = """
class Rejection(Exception): ...
class Late(Rejection):
    code = "late"
class Later(Late):
    code = "late"
class Mute(Rejection): ...
"""


def test_a_rejection_unlisted_untested_codeless_or_with_a_used_code_is_refused() -> None:
    found = classes_derived_from("Rejection", (Module.of("ledger/rejection.py", OFFENDERS),))
    assert set(found) == {"Late", "Later", "Mute"}
    complaints = rejection_complaints(found, "", {})
    assert sum("not listed" in line for line in complaints) == 2
    assert sum("not tested" in line for line in complaints) == 2
    assert sum("share the code" in line for line in complaints) == 1
    assert sum("has no code" in line for line in complaints) == 1


def test_a_rejection_that_is_listed_and_tested_is_allowed() -> None:
    text = 'class Late(Rejection):\n    code: ClassVar[str] = "late"'
    found = classes_derived_from("Rejection", (Module.of("ledger/rejection.py", text),))
    assert not rejection_complaints(found, "| `late` |", {"tests/x.py": "raises(Late)"})


def test_every_rejection_is_listed_and_tested() -> None:
    page = ROOT / "docs" / "reference" / "rejections.md"
    tests = {
        path: text
        for path, text in repository_texts()
        if path.startswith("tests/") and not path.startswith("tests/house/")
    }
    found = classes_derived_from("Rejection", modules())
    complaints = rejection_complaints(found, page.read_text() if page.exists() else "", tests)
    assert not complaints, told(complaints)
