"""Tables on stdout, and the same figures as JSON."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

WIDTH = 200
"""Columns of a table when nobody looks at it on a terminal: none is wrapped."""


def figures_table(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    total: Sequence[str] | None = None,
) -> Table:
    """A table with labels on the left and figures on the right."""
    table = Table(*headings, title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(*row)
    if total is not None:
        table.add_section()
        table.add_row(*total)
    return table


def show(*what: Table | str) -> None:
    """Print on stdout."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = WIDTH
    for one in what:
        console.print(one, markup=isinstance(one, Table))


def show_json(fields: dict[str, Any]) -> None:
    """Print for machines."""
    click.echo(json.dumps(fields, indent=2))
