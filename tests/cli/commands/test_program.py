"""`novate program hash`: what a settlement contract is deployed with."""

import json

from novate.circuits import program

from ..scene import invoke


def test_the_hash_is_the_programs_and_nothing_else_is_printed() -> None:
    shown = invoke("program", "hash")
    assert (shown.status, shown.out, shown.err) == (0, f"0x{program().hash.hex()}\n", "")


def test_the_hash_is_the_same_for_machines() -> None:
    found = json.loads(invoke("program", "hash", "--json").out)
    assert found == {"program_hash": f"0x{program().hash.hex()}"}
