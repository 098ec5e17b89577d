"""The page for desks: its example runs as it is printed."""

import re
from pathlib import Path

import pytest
from tests.shared_data import published

PAGE = Path(__file__).resolve().parents[3] / "docs" / "internals" / "desk.md"


def test_the_example_for_notebooks_runs(capsys: pytest.CaptureFixture[str]) -> None:
    path = published("deribit/deribit_options_snapshot_20260115T092130Z.csv")
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert '"snapshot.csv"' in example
    exec(example.replace('"snapshot.csv"', repr(str(path))), {})
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(("-", "+", "spot", "the ", "nothing"))
    assert len(told) == 5
