"""Tables on stdout, and the same figures as JSON."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

TOGETHER = "together"
"""The name of what is summed over underlyings."""

WIDTH_MAX = 10_000
"""Columns of characters that no table has."""


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
    """Print on stdout; a table as wide as it is, so that no figure is cut on a narrow terminal."""
    console = Console(highlight=False, soft_wrap=True)
    for one in what:
        if isinstance(one, Table):
            room = console.options.update(width=WIDTH_MAX)
            console.width = max(console.width, console.measure(one, options=room).maximum)
        console.print(one, markup=isinstance(one, Table))


def show_json(fields: dict[str, Any]) -> None:
    """Print for machines."""
    click.echo(json.dumps(fields, indent=2, allow_nan=False))
