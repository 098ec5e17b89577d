"""Imports point down, and the language of tables has never heard of money."""

import subprocess
import sys
from pathlib import Path

import pytest

from .source import PURE, ROOT, Module, modules, told

BELOW_AIR = frozenset({"air", "field", "_stark"})


def air_complaints(module: Module) -> list[str]:
    """`air` must not learn finance."""
    if module.room != "air":
        return []
    return [
        f"{module.where(node)} imports {name}: air knows no finance; "
        "next: pass what it needs as an argument, or move the code to circuits"
        for node, name, names in module.imports()
        for room in ([name.split(".")[1]] if "." in name else names)
        if name.split(".")[0] == "novate" and room not in BELOW_AIR
    ]


def import_linter(source: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """Run these contracts, or all, over the package under `source`."""
    command = "from importlinter.cli import lint_imports_command as run; run()"
    arguments = ["--config", str(ROOT / ".importlinter"), "--no-cache"]
    arguments += [f"--contract={contract}" for contract in contracts]
    return subprocess.run(
        [sys.executable, "-c", command, *arguments],
        cwd=source,
        env={"PYTHONPATH": str(source), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def build(tmp_path: Path, files: dict[str, str]) -> Path:
    """A package named novate with these files."""
    for name in ("__init__.py", *files):
        path = tmp_path / "novate" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files.get(name, ""))
    return tmp_path


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {
                "units/__init__.py": "import novate.ledger",
                "ledger/__init__.py": "",
            },
            "novate.units is not allowed to import novate.ledger",
        ),
        (
            {"air/__init__.py": "import novate.ledger", "ledger/__init__.py": ""},
            "novate.air is not allowed to import novate.ledger",
        ),
        ({"cellar/__init__.py": ""}, "novate.cellar"),
    ],
)
def test_the_floors_refuse_an_upward_arrow_a_sideways_arrow_and_an_unknown_room(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    result = import_linter(build(tmp_path, files), "floors")
    assert result.returncode != 0
    assert said in result.stdout + result.stderr


def test_the_floors_allow_a_downward_arrow(tmp_path: Path) -> None:
    files = {"ledger/__init__.py": "import novate.units", "units/__init__.py": ""}
    result = import_linter(build(tmp_path, files), "floors")
    assert result.returncode == 0, result.stdout + result.stderr


def test_imports_point_down() -> None:
    result = import_linter(ROOT / "src")
    assert result.returncode == 0, (
        result.stdout
        + result.stderr
        + "\nnext: move the code to the higher room, or pass the value as an argument; "
        "a new room gets its floor in .importlinter"
    )


@pytest.mark.parametrize(
    "line", ["from novate.units import Usd", "import novate.ledger", "from novate import units"]
)
def test_air_with_money_is_refused(line: str) -> None:
    assert air_complaints(Module.of("air/table.py", line))


@pytest.mark.parametrize(
    "line", ["from novate.field import P", "from novate import _stark", "from .kind import Bit"]
)
def test_air_over_the_field_is_allowed(line: str) -> None:
    assert not air_complaints(Module.of("air/table.py", line))


def test_air_has_never_heard_of_money() -> None:
    complaints = [line for module in modules() for line in air_complaints(module)]
    assert not complaints, told(complaints)


def test_every_pure_room_has_a_floor() -> None:
    floors = (ROOT / ".importlinter").read_text()
    missing = [room for room in sorted(PURE) if f"({room})" not in floors]
    assert not missing, f"{missing} have no floor; next: add them to .importlinter"
