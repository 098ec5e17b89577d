"""Market data and vectors that others published: where they are, and how a test asks for them.

They lie beside the repository, because their licences keep them out of it, or in the folder that
NOVATE_SHARED_DATA names. A test without them is skipped, and says so.
"""

import os
from pathlib import Path
from typing import Final

import pytest

BESIDE: Final = Path(__file__).resolve().parents[2] / "shared" / "data"
DATA: Final = Path(os.environ.get("NOVATE_SHARED_DATA") or BESIDE)

_WITHOUT: Final = "; next: put the published data there, or name its folder in NOVATE_SHARED_DATA"

needs_shared_data: Final = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"there is no {DATA}{_WITHOUT}"
)
"""For tests that read it by way of others, or whose cases are the files found there."""


def published(name: str, *, data: Path = DATA) -> Path:
    """A file of the data, `deribit/btc_book_summary_2025-12-05.csv`.

    Without its folder the test is skipped. In a folder that is there a name that is not is an error
    of the test, which would otherwise never run again and never tell.
    """
    path = data / name
    if not path.parent.is_dir():
        pytest.skip(f"there is no {path.parent}{_WITHOUT}")
    if not path.is_file():
        pytest.fail(f"{path.parent} has no {path.name}; next: spell it as it is, or bring it there")
    return path
