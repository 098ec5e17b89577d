"""Published vectors, read from beside the repository: their licences keep them out of it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@cache
def published(path: str) -> Any:
    """The contents of a file of vectors; the test is skipped where there is none."""
    file = DATA / path
    if not file.exists():
        pytest.skip(f"{file} is absent; next: place the published vectors there")
    return json.loads(file.read_text())


def cases(path: str) -> dict[str, Any]:
    """Named cases, for a parametrised test; none where the file is absent."""
    file = DATA / path
    if not file.exists():
        return {}
    contents = json.loads(file.read_text())
    return dict(contents.get("cases", contents))
