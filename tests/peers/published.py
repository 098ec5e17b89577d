"""Published vectors, read from beside the repository: their licences keep them out of it."""

import json
from functools import cache
from typing import Any

from tests import shared_data


@cache
def published(path: str) -> Any:
    """The contents of a file of vectors; the test is skipped where there is none."""
    return json.loads(shared_data.published(path).read_text())


def cases(path: str) -> dict[str, Any]:
    """Named cases, for a parametrised test; none where the data is absent."""
    if not shared_data.DATA.is_dir():
        return {}
    contents = published(path)
    return dict(contents.get("cases", contents))
