"""Columns of a file, and refusals that say where."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from novate.nodes import FileRefused, csv_file
from novate.nodes.csv_file import read_csv


def write(folder: Path, content: bytes, name: str = "prices.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_columns_keep_the_line_each_row_ends_on(tmp_path: Path) -> None:
    path = write(tmp_path, b'\xef\xbb\xbfname,price\n\n"a\nb",1.5\nc,\n')
    file = read_csv(path)
    assert file.lines.tolist() == [4, 5]
    assert file.cells["name"] == ["a\nb", "c"]
    prices = file.numbers("price", may_be_empty=True)
    assert prices[0] == 1.5
    assert np.isnan(prices[1])


def test_a_compressed_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"price\n2\n"), "prices.csv.gz")
    assert read_csv(path).numbers("price").tolist() == [2.0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no rows"),
        (b"price,price\n1,2\n", "has two columns 'price'"),
        (b"price,Price \n1,2\n", "has two columns 'price'"),
        (b"price\n" + b"1" * 1_000_001, "line 2: has more than 1000000 characters"),
        (b"price\n" + b'"' + b"1" * 131_073, "is damaged: field larger than field limit"),
        (b"price\n", "has no rows"),
        (b"price,name\n1,a\n2\n", "line 3: has 1 cells where the header has 2"),
        (b"price\n\xff\n", "is not UTF-8"),
        (b'price\n"1\n', "is damaged"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(FileRefused, match=r"^prices\.csv") as refused:
        read_csv(write(tmp_path, content))
    assert said in str(refused.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    file = read_csv(write(tmp_path, b"cost,day\n1,2\n"))
    assert file.texts("day") == ["2"]
    for ask in (file.texts, file.numbers):
        with pytest.raises(FileRefused, match="has no column price; it has cost, day"):
            ask("price")


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(b"price\n1\n")[:-9]])
def test_a_damaged_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRefused, match=r"prices\.csv\.gz: "):
        read_csv(write(tmp_path, content, "prices.csv.gz"))


@pytest.mark.parametrize("line", [b"1\n", b"\n"])
def test_a_small_archive_of_a_file_without_end_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    monkeypatch.setattr(csv_file, "ROWS_MAX", 1_000)
    path = write(tmp_path, gzip.compress(b"price\n1\n" + 998 * line), "prices.csv.gz")
    assert len(read_csv(path).lines) == 1 + 998 * len(line.strip())
    path = write(tmp_path, gzip.compress(b"price\n" + 1_000 * line), "prices.csv.gz")
    with pytest.raises(FileRefused, match="line 1001: has more than 1000 lines"):
        read_csv(path)


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(FileRefused, match="cannot be read"):
            read_csv(path)


@pytest.mark.parametrize("cell", ["abc", "1_000", "1,5", "0x10", "$5"])
def test_a_cell_that_is_no_number_is_refused_by_line_and_field(tmp_path: Path, cell: str) -> None:
    path = write(tmp_path, f'price\n1\n"{cell}"\n'.encode())
    with pytest.raises(FileRefused) as refused:
        read_csv(path).numbers("price")
    assert str(refused.value) == f"prices.csv, line 3, field price: {cell!r} is not a number"
    assert (refused.value.line, refused.value.field, refused.value.value) == (3, "price", cell)


@pytest.mark.parametrize("cell", ["nan", "inf", "-Infinity", "1e999", " "])
def test_a_needed_number_is_finite(tmp_path: Path, cell: str) -> None:
    path = write(tmp_path, f"price,name\n1,a\n{cell},b\n".encode())
    with pytest.raises(FileRefused, match=r"line 3, field price: .* is not a finite number"):
        read_csv(path).numbers("price")
    assert not np.isfinite(read_csv(path).numbers("price", may_be_empty=True)[1])
