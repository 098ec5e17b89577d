"""`novate demo`: one put from deposit to payout, proven, attested and settled as you watch."""

import json
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console

from novate.air import Machine, Security
from novate.chain import Chain, EmbeddedChain, RpcChain
from novate.circuits import program
from novate.cli.closing import Closing
from novate.cli.talk import Talk
from novate.cli.telling import Telling, bundle_name
from novate.nodes import TAKEN_AT, Walk

EMBEDDED = "embedded"


@click.command()
@click.option("--fast", is_flag=True, help="Small proofs that show the walk and convince nobody.")
@click.option(
    "--chain",
    "url",
    default=EMBEDDED,
    show_default=True,
    metavar="embedded|URL",
    help="A chain inside this process, or the JSON-RPC URL of a development node.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the proven batches.  [default: a new temporary folder]",
)
@click.option("--check", is_flag=True, help="Check every sentence on every row before each proof.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON; nothing else is said.")
def demo(fast: bool, url: str, out: Path | None, check: bool, as_json: bool) -> None:
    """Walk one put of a real chain from deposit to payout."""
    began = time.perf_counter()
    talk = Talk(quiet=as_json)
    folder = out or Path(tempfile.mkdtemp(prefix="novate-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    security = Security.DEVELOPMENT if fast else Security.FULL
    chain: Chain = EmbeddedChain(timestamp=TAKEN_AT.s) if url == EMBEDDED else RpcChain(url)

    with talk.stage("program", "building the tables and their keys"):
        machine = Machine(program(), security=security)
    walk = Walk(chain, machine, checked=check)
    telling = Telling(walk, talk, folder)
    telling.introduce(machine, url)
    telling.money_in()
    telling.trade()
    first = telling.settle()
    telling.expiry()
    telling.withdrawals()
    second = telling.settle()
    telling.money_out()
    talk.heading("The end")
    rebuilt = telling.rebuild()

    total_s = time.perf_counter() - began
    closing = Closing(walk, (first, second), machine.security_bits, rebuilt, total_s)
    if as_json:
        click.echo(json.dumps(closing.fields(), indent=2))
        return
    closing.show(Console(highlight=False, soft_wrap=True))
    flag = " --development" if fast else ""
    path = folder / bundle_name(first.batch.statement.batch_number)
    click.echo(f"Verify a batch yourself: novate verify {path}{flag}")
