"""`novate risk`: what a portfolio must hold, why, and what would change it."""

import click

from novate.cli.commands.risk.attribute import attribute
from novate.cli.commands.risk.explain import explain
from novate.cli.commands.risk.hedge import hedge
from novate.cli.commands.risk.margin import margin
from novate.cli.commands.risk.report import report
from novate.cli.commands.risk.stress import stress
from novate.cli.commands.risk.surface import surface
from novate.cli.commands.risk.tick import tick
from novate.cli.commands.risk.var import var
from novate.cli.commands.risk.what_if import what_if


@click.group()
def risk() -> None:
    """Margin, stress and hedges of a portfolio, from files alone."""


for command in (attribute, explain, hedge, margin, report, stress, surface, tick, var, what_if):
    risk.add_command(command)
