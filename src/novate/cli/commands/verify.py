"""`novate verify`: whether a bundle shows what it claims, on any machine."""

import json
from pathlib import Path
from typing import Any

import click

from novate.air import Machine, Security
from novate.circuits import program
from novate.cli.render import hexadecimal, money
from novate.cli.talk import Talk
from novate.nodes import BUNDLE_BYTES_MAX, BatchBundle, Verified, require_claims
from novate.nodes import verify as verify_bundle
from novate.units import Instant, Usd

HASH_BYTES = 32


def hash_bytes(ctx: click.Context, parameter: click.Parameter, value: str | None) -> bytes | None:
    """A hash in hexadecimal, with or without 0x, as bytes."""
    if value is None:
        return None
    try:
        found = bytes.fromhex(value.removeprefix("0x"))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not hexadecimal") from None
    if len(found) != HASH_BYTES:
        raise click.BadParameter(f"a program hash has {HASH_BYTES} bytes, got {len(found)}")
    return found


@click.command(short_help="Verify the batch in FILE against a program hash.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--program",
    "program_hash",
    callback=hash_bytes,
    metavar="HASH",
    help="The program hash to verify against.  [default: this installation's]",
)
@click.option(
    "--development",
    is_flag=True,
    help="Verify at the level of development, which convinces nobody.",
)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def verify(file: Path, program_hash: bytes | None, development: bool, as_json: bool) -> None:
    """Verify the batch in FILE: data, statement and proof, against a program hash."""
    talk = Talk(quiet=as_json)
    with file.open("rb") as stream:
        data = stream.read(BUNDLE_BYTES_MAX + 1)
    bundle = BatchBundle.decode(data)
    installed = program().hash
    talk.line(
        "program",
        f"{hexadecimal(program_hash or installed)}"
        f"{'' if program_hash else ' (this installation; name another with --program)'}",
    )
    security = Security.DEVELOPMENT if development else Security.FULL
    require_claims(
        bundle, program_hash=program_hash or installed, installed=installed, security=security
    )
    with talk.stage("keys", "from the program alone"):
        machine = Machine(program(), security=security)
    with talk.stage("proof", f"verifying {len(bundle.proof):,} bytes"):
        verified = verify_bundle(bundle, machine, program_hash=program_hash or installed)
    if as_json:
        click.echo(json.dumps(_fields(bundle, verified), indent=2))
    else:
        _show(bundle, verified)


def _fields(bundle: BatchBundle, verified: Verified) -> dict[str, Any]:
    s = verified.statement
    return {
        "verified": True,
        "security": bundle.security.value,
        "security_bits": verified.security_bits,
        "program_hash": hexadecimal(bundle.program_hash),
        "statement_hash": hexadecimal(s.hash),
        "batch_number": s.batch_number,
        "chain_id": s.chain_id,
        "contract": hexadecimal(s.contract),
        "old_root": hexadecimal(s.old_root),
        "new_root": hexadecimal(s.new_root),
        "inbox_from": s.inbox_from,
        "inbox_to": s.inbox_to,
        "configuration_hash": hexadecimal(s.configuration_hash),
        "window_start": s.window_start,
        "window_end": s.window_end,
        "supply_before_e6": s.supply_before,
        "supply_after_e6": s.supply_after,
        "withdrawals": [
            {"owner": hexadecimal(w.owner), "account": w.account, "amount_e6": w.amount.e6}
            for w in verified.section.withdrawals
        ],
        "changed_words": s.chunks,
        "data_bytes": len(bundle.data),
        "proof_bytes": len(bundle.proof),
    }


def _show(bundle: BatchBundle, verified: Verified) -> None:
    s = verified.statement
    rows = [
        ("level", f"{bundle.security.value}, {verified.security_bits} proven bits"),
        ("program", hexadecimal(bundle.program_hash)),
        ("settlement", f"{hexadecimal(s.contract)} on chain {s.chain_id}"),
        ("window", f"{Instant(s.window_start)} to {Instant(s.window_end)}"),
        ("old root", hexadecimal(s.old_root)),
        ("new root", hexadecimal(s.new_root)),
        ("inbox", f"{s.inbox_to - s.inbox_from} entries consumed, {s.inbox_to} in all"),
        ("supply", f"{money(Usd(s.supply_before))} before, {money(Usd(s.supply_after))} after"),
        *(
            ("withdrawal", f"{money(w.amount)} to {hexadecimal(w.owner)}, account {w.account}")
            for w in verified.section.withdrawals
        ),
        ("data", f"{len(bundle.data):,} bytes, {s.chunks} changed words; the ones that are proven"),
        ("statement", hexadecimal(s.hash)),
    ]
    click.echo(f"verified: batch {s.batch_number} obeys every rule of the program")
    for label, text in rows:
        click.echo(f"  {label:<11} {text}")
    click.echo("  To see that it was settled, find this statement hash in the contract's log.")
