"""Published data is looked for in one place, and who cannot find it says so."""

import re
from pathlib import Path

import pytest
from tests.shared_data import DATA, needs_shared_data, published

from .source import ROOT, told

OWN_WORDS = re.compile(r"""["'](\.\./)*shared["'/]""")
"""A string that begins with the folder; prose may name it."""


def data_complaints(texts: dict[str, str]) -> list[str]:
    """Only `tests/shared_data.py` says where the data is."""
    return [
        f"{path}:{number} says where published data is; next: import it from tests.shared_data"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if OWN_WORDS.search(line)
    ]


def test_a_second_way_to_the_data_is_refused() -> None:
    assert data_complaints({"a.py": 'DATA = ROOT.parent / "shared" / "data"'})
    assert data_complaints({"a.py": 'CHAIN = ROOT / "../shared/data/deribit/chain.csv"'})
    assert not data_complaints({"a.py": "from tests.shared_data import DATA"})
    assert not data_complaints({"a.py": '"""Traps: `../shared/data/README.md`."""'})


def test_one_module_says_where_the_data_is() -> None:
    own = {Path("tests/shared_data.py"), Path("tests/house/test_shared_data.py")}
    paths = [
        path.relative_to(ROOT)
        for folder in ("tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]
    texts = {str(path): (ROOT / path).read_text() for path in paths if path not in own}
    complaints = data_complaints(texts)
    assert not complaints, told(complaints)


def test_a_file_of_the_data_is_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "deribit").mkdir()
    (tmp_path / "deribit" / "chain.csv").touch()
    found = published("deribit/chain.csv", data=tmp_path)
    assert found == tmp_path / "deribit" / "chain.csv"


def test_without_the_data_a_test_is_skipped_and_says_how_to_get_it(tmp_path: Path) -> None:
    for data in (tmp_path, tmp_path / "absent"):
        with pytest.raises(pytest.skip.Exception, match="NOVATE_SHARED_DATA"):
            published("deribit/chain.csv", data=data)


def test_a_name_that_the_data_does_not_have_fails_and_is_not_skipped(tmp_path: Path) -> None:
    (tmp_path / "deribit").mkdir()
    (tmp_path / "deribit" / "chain.csv").mkdir()
    for name in ("deribit/chian.csv", "deribit/chain.csv"):
        with pytest.raises(pytest.fail.Exception, match=r"has no chi?a"):
            published(name, data=tmp_path)


def test_the_mark_skips_exactly_where_there_is_no_data() -> None:
    assert needs_shared_data.mark.args == (not DATA.is_dir(),)
