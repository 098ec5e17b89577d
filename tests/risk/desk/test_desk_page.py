"""The page for desks: its examples run as they are printed."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.shared_data import published

PAGE = Path(__file__).resolve().parents[3] / "docs" / "internals" / "desk.md"
FILES = {
    "snapshot.csv": "deribit/deribit_options_snapshot_20260115T092130Z.csv",
    "later.csv": "deribit/deribit_options_snapshot_20260115T212156Z.csv",
    "prices.csv": "prices/btcusdt_perp_1d_to_2025-10-22.csv",
}


def test_the_examples_for_notebooks_run_one_after_the_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(examples) == 3
    names: dict[str, Any] = {}
    for example, lines in zip(examples, (5, 7, 2), strict=True):
        for name, path in FILES.items():
            example = example.replace(f'"{name}"', repr(str(published(path))))
        exec(example, names)
        told = capsys.readouterr().out.splitlines()
        assert len(told) >= lines
        if example is examples[0]:
            assert told[0].startswith(("-", "+", "spot", "the ", "nothing"))
    assert names["around"].today_e6.shape == (91,)
    assert names["less"].initial_e6[-1] < names["less"].initial_e6[0]
    assert names["after"].requirement_after.initial_e6[0] == names["best"].initial_e6[0]
    assert names["found"].total.total_e6[0] != 0
