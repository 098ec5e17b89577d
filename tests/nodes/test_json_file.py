"""JSON whose objects know their line."""

from decimal import Decimal
from pathlib import Path

import pytest

from novate.nodes import FileRefused
from novate.nodes.json_file import read_json


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "book.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_objects_know_the_line_of_their_brace_and_numbers_are_exact(tmp_path: Path) -> None:
    found = read_json(write(tmp_path, '{"a": [\n\n {"b": 0.1}, \n{"b":\n1}]}'))
    assert found == {"a": [{"b": Decimal("0.1")}, {"b": 1}]}
    assert (found.line, found["a"][0].line, found["a"][1].line) == (1, 3, 4)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: is not JSON"),
        ('{"a": 1,\n5}', "line 2: is not JSON"),
        ('[1,\n{"a": 1, "b": 2, "a": 1}]', "line 2: is not JSON: an object tells 'a' twice"),
        ('[1,\nNaN]', "line 2: is not JSON: NaN is no number"),
        ('[-Infinity]', "line 1: is not JSON: -Infinity is no number"),
        (b'["\xff"]', "is not UTF-8"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_no_strict_json_is_refused(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_json(write(tmp_path, content))
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be read"):
        read_json(tmp_path / "none.json")
