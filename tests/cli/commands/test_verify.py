"""`novate verify`: a real bundle is accepted, a damaged one refused in words."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from novate.air import Machine, Security
from novate.circuits import program
from novate.nodes import BatchBundle
from novate.nodes.bundle import HEAD_BYTES

from ..scene import Demo, Shown, invoke


@lru_cache(maxsize=2)
def machine(security: Security) -> Machine:
    """A machine for all tests: its keys take seconds."""
    return Machine(program(), security=security)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made once."""
    made: Callable[..., Machine] = lambda program, *, security: machine(security)  # noqa: E731
    monkeypatch.setattr("novate.cli.commands.verify.Machine", made)


def verified(demo: Demo, *options: str) -> Shown:
    """What `novate verify` says of the demo's first batch."""
    return invoke("verify", demo.bundle, "--development", *options)


def test_a_batch_is_verified_from_its_file_alone(demo: Demo) -> None:
    shown = verified(demo)
    bundle = BatchBundle.decode(demo.bundle.read_bytes())
    assert shown.status == 0, shown.err
    assert "verified: batch 1 obeys every rule of the program" in shown.out
    assert f"0x{bundle.statement.hash.hex()}" in shown.out
    assert "supply      0.00 USDC before, 22,000.00 USDC after" in shown.out
    assert "inbox       4 entries consumed, 4 in all" in shown.out
    assert "this installation; name another with --program" in shown.err


def test_withdrawals_are_told_with_their_receivers(demo: Demo) -> None:
    shown = invoke("verify", demo.folder / "batch-2.novate", "--development")
    assert shown.status == 0
    assert "withdrawal  2,261.965940 USDC to 0x" in shown.out
    assert "withdrawal  19,737.718351 USDC to 0x" in shown.out


def test_the_result_for_machines_is_json_and_nothing_else(demo: Demo) -> None:
    shown = verified(demo, "--json")
    found, bundle = json.loads(shown.out), BatchBundle.decode(demo.bundle.read_bytes())
    assert not shown.err
    assert found["verified"] is True
    assert found["security"] == "development"
    assert found["security_bits"] == machine(Security.DEVELOPMENT).security_bits
    assert found["statement_hash"] == f"0x{bundle.statement.hash.hex()}"
    assert found["supply_after_e6"] == 22_000 * 10**6
    assert found["proof_bytes"] == len(bundle.proof)
    assert found["withdrawals"] == []


def test_a_small_proof_does_not_pass_for_a_full_one(demo: Demo) -> None:
    shown = invoke("verify", demo.bundle)
    assert shown.status == 3
    assert "level of the proof: expected full, found development" in shown.err
    assert "next: ask for a proof at full security" in shown.err
    assert not shown.out


def changed_proof(bundle: BatchBundle) -> BatchBundle:
    """Another commitment."""
    return replace(bundle, proof=bytes([bundle.proof[0] ^ 1]) + bundle.proof[1:])


def changed_root(bundle: BatchBundle) -> BatchBundle:
    """Another state to end in."""
    root = bundle.statement.new_root
    return replace(bundle, statement=replace(bundle.statement, new_root=(*root[1:], root[0])))


def changed_data(bundle: BatchBundle) -> BatchBundle:
    """Another word at the end."""
    return replace(bundle, data=bundle.data[:-1] + bytes([bundle.data[-1] ^ 1]))


def changed_program(bundle: BatchBundle) -> BatchBundle:
    """The hash of another program."""
    return replace(bundle, program_hash=bytes(32))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (changed_proof, "not verified: proof: expected a proof of this statement"),
        (changed_root, "not verified: proof: expected a proof of this statement"),
        (changed_data, "not verified: commitment of the data: expected"),
        (changed_program, "not verified: program hash: expected 0x"),
    ],
)
def test_a_damaged_bundle_is_refused_with_what_is_wrong(
    demo: Demo, tmp_path: Path, change: Callable[[BatchBundle], BatchBundle], words: str
) -> None:
    file = tmp_path / "damaged.novate"
    file.write_bytes(change(BatchBundle.decode(demo.bundle.read_bytes())).encoding)
    shown = invoke("verify", file, "--development")
    assert shown.status == 3
    assert words in shown.err
    assert "\n  next: " in shown.err
    assert not shown.out


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (lambda data: b"", "length of the file: expected 474 to"),
        (lambda data: data[: HEAD_BYTES - 1], "length of the file: expected 474 to"),
        (lambda data: data[:-1], "length of the file: expected"),
        (lambda data: data + b"x", "length of the file: expected"),
        (lambda data: b"# novate" + data[8:], "first bytes of a batch bundle"),
    ],
)
def test_a_file_that_is_no_bundle_is_refused_before_any_keys(
    demo: Demo, tmp_path: Path, cut: Callable[[bytes], bytes], words: str
) -> None:
    file = tmp_path / "other"
    file.write_bytes(cut(demo.bundle.read_bytes()))
    shown = invoke("verify", file)
    assert shown.status == 3
    assert words in shown.err
    assert "keys" not in shown.err


def test_a_program_that_is_named_must_be_the_bundles_and_this_installations(demo: Demo) -> None:
    ours = program().hash.hex()
    assert verified(demo, "--program", ours).status == 0
    assert verified(demo, "--program", f"0x{ours}").status == 0
    shown = verified(demo, "--program", "00" * 32)
    assert shown.status == 3
    assert f"program hash: expected 0x{'00' * 32}, found 0x{ours}" in shown.err
    assert "next: take the hash from the settlement contract" in shown.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--program", "0x12"], "a program hash has 32 bytes, got 1"),
        (["--program", "hello"], "'hello' is not hexadecimal"),
    ],
)
def test_a_hash_that_is_none_is_wrong_usage(demo: Demo, options: list[str], words: str) -> None:
    shown = verified(demo, *options)
    assert shown.status == 2
    assert words in shown.err


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        shown: Any = invoke("verify", path)
        assert shown.status == 2
        assert str(path) in shown.err
