"""`novate risk`: what a portfolio must hold, why, and what would change it."""

import click

from novate.cli.commands.risk.margin import margin


@click.group()
def risk() -> None:
    """Margin, stress and hedges of a portfolio, from files alone."""


for command in (margin,):
    risk.add_command(command)
