"""`novate air`: the circuits as a specification, and what they cost."""

import click

from novate.air import cost_report
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
        raise click.BadParameter(f"no table {table}: one of {', '.join(names)}")
    click.echo(specification(program[table]))


@air.command("cost")
def cost() -> None:
    """Print the cost of a row of each table, the largest first."""
    click.echo(cost_report(batch_program()))
