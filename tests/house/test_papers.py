"""The papers tell the truth: invariants have tests, tasks have numbers, links lead somewhere."""

import ast
import re
from pathlib import PurePosixPath

import pytest

from .source import ROOT, repository_texts, told

CLAIM = re.compile(r"^(\d+)\. (.*(?:\n(?!\d+\. |#|\n).*)*)", re.MULTILINE)
TEST_NAME = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
TASK = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b(?!\(#\d+\))")

# Written in halves, so that this file does not offend itself.
OF_ONE_MACHINE = re.compile(
    "|".join(
        [
            "(?<![\\w.])/" + "work/",
            "(?<![\\w.])/" + "root/",
            "(?<![\\w.])/" + "home/\\w",
            "(?<![\\w.])/" + "Users/\\w",
            "index" + "-url",
            "extra" + "-index",
            "PIP_" + "INDEX",
            "CARGO_" + "REGISTRIES",
        ]
    )
)


def invariant_complaints(page: str, tests: dict[str, set[str]]) -> list[str]:
    """Claims are numbered from one without gaps, and each names a test that exists."""
    complaints = []
    claims = CLAIM.findall(page)
    numbers = [int(number) for number, _ in claims]
    if numbers != list(range(1, len(numbers) + 1)):
        complaints.append(
            f"docs/invariants.md is numbered {numbers}; next: count from 1 without gaps"
        )
    for number, text in claims:
        names = TEST_NAME.findall(text)
        if not names:
            complaints.append(
                f"invariant {number} names no test; next: end it with `tests/...py::test_...`"
            )
        complaints += [
            f"invariant {number} names {path}::{name}, which does not exist; "
            "next: write that test, or name the one that shows the claim"
            for path, name in names
            if name not in tests.get(path, set())
        ]
    return complaints


def line_complaints(path: str, text: str, pattern: re.Pattern[str], advice: str) -> list[str]:
    """Lines of a file in which the pattern occurs."""
    return [
        f"{path}:{number} has {found[0]!r}; next: {advice}"
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := pattern.search(line))
    ]


def link_complaints(path: str, text: str, exists: set[str]) -> list[str]:
    """Links between the papers lead to files of the repository."""
    complaints = []
    for target in LINK.findall(text):
        parts: list[str] = []
        for part in (PurePosixPath(path).parent / target).parts:
            if part == "..":
                parts = parts[:-1]
            elif part != ".":
                parts.append(part)
        if "/".join(parts) not in exists:
            complaints.append(
                f"{path} links to {target}, which does not exist; next: mend the link"
            )
    return complaints


def test_an_invariant_without_an_existing_test_is_refused() -> None:
    tests = {"tests/ledger/test_state.py": {"test_money_is_conserved"}}
    true = "1. **Money.** It stays.\n   `tests/ledger/test_state.py::test_money_is_conserved`\n"
    assert not invariant_complaints(true, tests)
    assert invariant_complaints(true + "2. **Time.** It flies.\n", tests)
    assert invariant_complaints(
        true + "2. **Time.** `tests/ledger/test_state.py::test_gone`\n", tests
    )
    assert invariant_complaints(true.replace("1.", "2."), tests)


@pytest.mark.parametrize("line", ["# TO" + "DO: later", "// FIX" + "ME", "TO" + "DO(me): later"])
def test_a_task_without_a_number_is_refused(line: str) -> None:
    assert line_complaints("a.py", line, TASK, "")


def test_a_task_with_a_number_is_allowed() -> None:
    assert not line_complaints("a.py", "# TO" + "DO(#12): margin", TASK, "")


@pytest.mark.parametrize("line", ["see /" + "work/x", "'/" + "home/me/x'", "--index" + "-url x"])
def test_a_path_of_one_machine_is_refused(line: str) -> None:
    assert line_complaints("a.py", line, OF_ONE_MACHINE, "")


@pytest.mark.parametrize("line", ["docs/work/x", "https://example.org/home/", "network/ root/"])
def test_a_path_of_the_repository_is_allowed(line: str) -> None:
    assert not line_complaints("a.py", line, OF_ONE_MACHINE, "")


def test_a_link_that_leads_nowhere_is_refused() -> None:
    exists = {"docs/glossary.md"}
    assert not link_complaints("docs/start.md", "[words](glossary.md#a)", exists)
    assert not link_complaints("docs/decisions/0001.md", "[words](../glossary.md)", exists)
    assert link_complaints("docs/start.md", "[words](words.md)", exists)


def test_every_invariant_names_a_test_that_exists() -> None:
    tests = {
        path: {n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)}
        for path, text in repository_texts()
        if path.startswith("tests/") and path.endswith(".py")
    }
    complaints = invariant_complaints((ROOT / "docs" / "invariants.md").read_text(), tests)
    assert not complaints, told(complaints)


def test_every_task_left_in_the_code_has_an_issue_number() -> None:
    advice = "add the issue's number, as in TO" + "DO(#12), or do it now"
    complaints = [
        line
        for path, text in repository_texts()
        if path.startswith(("src/", "rust/src/", "tests/", "contracts/", "benchmarks/", "tools/"))
        and path.endswith((".py", ".pyi", ".rs", ".vy", ".sh"))
        for line in line_complaints(path, text, TASK, advice)
    ]
    assert not complaints, told(complaints)


def test_nothing_names_a_path_of_one_machine() -> None:
    advice = "say it relative to the repository, or leave it out"
    complaints = [
        line
        for path, text in repository_texts()
        for line in line_complaints(path, text, OF_ONE_MACHINE, advice)
    ]
    assert not complaints, told(complaints)


def test_links_between_the_papers_lead_somewhere() -> None:
    paths = {path for path, _ in repository_texts()}
    folders = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    complaints = [
        line
        for path, text in repository_texts()
        if path.endswith(".md")
        for line in link_complaints(path, text, paths | folders)
    ]
    assert not complaints, told(complaints)
