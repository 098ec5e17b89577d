"""`novate program`: the program whose proofs this installation makes and verifies."""

import json

import click

from novate.circuits import program as batch_program
from novate.cli.render import hexadecimal


@click.group()
def program() -> None:
    """The program that proofs are relative to."""


@program.command("hash")
@click.option("--json", "as_json", is_flag=True, help="The hash as JSON.")
def hash_(as_json: bool) -> None:
    """Print the program hash; a settlement contract names the one whose proofs it takes."""
    found = hexadecimal(batch_program().hash)
    click.echo(json.dumps({"program_hash": found}) if as_json else found)
