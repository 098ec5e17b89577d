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
        ("[1,\n" + "9" * 101 + "]", "line 2: is not JSON: 99999999999999999999999"),
        ("[" + "9" * 5_000 + "]", "is no number of at most 100 digits"),
        ("[0." + "9" * 99 + "]", "is no number of at most 100 digits"),
        ("[1e101]", "1e101 is no number of at most 100 digits"),
        ("[1E-101]", "1E-101 is no number of at most 100 digits"),
        ("[1e99999999999999999999]", "is no number of at most 100 digits"),
        ("[1e-" + "9" * 9_000 + "]", "is no number of at most 100 digits"),
    ],
)  # fmt: skip
def test_what_is_no_strict_json_is_refused(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_json(write(tmp_path, content))
    assert said in str(refused.value)


def test_large_and_small_numbers_are_exact(tmp_path: Path) -> None:
    told = ["9" * 100, "-" + "9" * 99, "0." + "9" * 98, "1e100", "1E-100", "-1.5e+7", "0", "-0"]
    found = read_json(write(tmp_path, f"[{','.join(told)}]"))
    assert found == [Decimal(one) for one in told]
    assert [type(one) for one in found] == [int, int, *[Decimal] * 4, int, int]


def test_lines_end_where_editors_end_them(tmp_path: Path) -> None:
    found = read_json(write(tmp_path, '["\u2028\x85",\n{},\r\n{}]'))
    assert [one.line for one in found[1:]] == [2, 3]


def test_many_objects_are_read_in_a_time_that_grows_with_their_number(tmp_path: Path) -> None:
    """Their lines are found without reading from the top again for each."""
    count = 60_000
    found = read_json(write(tmp_path, "[" + ",\n".join(count * ['{"instrument": 1}']) + "]"))
    assert found[-1].line == count
    keys = ", ".join(f'"{n}": 1' for n in range(count))
    with pytest.raises(FileRefused, match=f"an object tells '{count - 1}' twice"):
        read_json(write(tmp_path, f'{{{keys}, "{count - 1}": 2}}'))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be read"):
        read_json(tmp_path / "none.json")
