"""`novate program`: the program whose proofs this installation makes and verifies."""

import click

from novate.circuits import program as batch_program
from novate.cli.render import hexadecimal


@click.group()
def program() -> None:
    """The program that proofs are relative to."""


@program.command("hash")
def hash_() -> None:
    """Print the program hash; a settlement contract names the one whose proofs it takes."""
    click.echo(hexadecimal(batch_program().hash))
