"""`novate air`: the circuits as a specification, and what they cost."""

import json
from dataclasses import asdict
from typing import Any

import click

from novate.air import TableCost, cost_report, costs
from novate.air import show as specification
from novate.circuits import program as batch_program


@click.group()
def air() -> None:
    """The tables whose sentences every proof shows."""


@air.command("show")
@click.argument("table")
def show(table: str) -> None:
    """Print TABLE as a specification: columns, sentences, messages."""
    program = batch_program()
    names = [lowered.name for lowered in program.tables]
    if table not in names:
        raise click.BadParameter(f"no table {table!r}; there are {', '.join(names)}")
    click.echo(specification(program[table]))


@air.command("cost")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def cost(as_json: bool) -> None:
    """Print the cost of a row of each table, the largest first."""
    program = batch_program()
    if as_json:
        click.echo(json.dumps([_fields(table) for table in costs(program)], indent=2))
    else:
        click.echo(cost_report(program))


def _fields(table: TableCost) -> dict[str, Any]:
    fields = asdict(table)
    del fields["rows"]
    return fields
