"""Tables that a measurement writes into a page, each between two marks."""

import re
from collections.abc import Sequence


def with_table(text: str, name: str, rows: str) -> str:
    """The page with a table of that name in place of the one between its two marks."""
    begin, end = f"<!-- figures of {name} -->\n", "<!-- end -->"
    found, count = re.subn(
        f"({begin}).*?({end})", lambda marks: marks[1] + rows + marks[2], text, flags=re.DOTALL
    )
    assert count == 1, f"the page has {count} places for the figures of {name}"
    return found


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells under a head."""
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]]) + "\n"
