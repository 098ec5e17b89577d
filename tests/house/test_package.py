"""The package as a whole: its version, the processor it was built for, its assertions."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import novate

from .source import PACKAGE, ROOT


def test_the_package_and_the_project_file_agree_on_the_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert novate.__version__ == project["version"]


@pytest.mark.parametrize(
    ("flags", "missing"),
    [
        ("fpu avx avx2 bmi1 bmi2 f16c fma abm movbe sse2", set()),
        ("fpu avx bmi1 bmi2 f16c fma abm movbe sse2", {"avx2"}),
    ],
)
def test_a_processor_without_the_instructions_is_recognised(flags: str, missing: set[str]) -> None:
    assert novate._missing_instructions(f"model name : x\nflags\t\t: {flags}\n") == missing


def test_a_wheel_says_why_it_does_not_run_on_an_older_processor(tmp_path: Path) -> None:
    note, cpuinfo = tmp_path / "built_for.json", tmp_path / "cpuinfo"
    cpuinfo.write_text("flags\t\t: fpu sse2\n")
    novate._refuse_older_processor(note, cpuinfo)  # built from source: no note, nothing refused
    note.write_text('{"processor": "x86-64-v3"}')
    with pytest.raises(ImportError, match=r"x86-64-v3.*lacks.*avx2.*next:"):
        novate._refuse_older_processor(note, cpuinfo)


@pytest.mark.skipif(
    not (PACKAGE / "ledger" / "__init__.py").exists(), reason="the ledger is not built yet"
)
def test_the_ledger_refuses_to_start_without_assertions() -> None:
    for flags, starts in (([], True), (["-O"], False)):
        result = subprocess.run(
            [sys.executable, *flags, "-c", "import novate.ledger"],
            env={"PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode == 0) is starts, (
            f"import novate.ledger with {flags} ended with {result.returncode}; next: refuse in "
            f"src/novate/ledger/__init__.py when `__debug__` is false\n{result.stderr}"
        )
