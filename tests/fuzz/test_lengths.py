"""Lengths in a proof: each is compared with what the verifying key asks for before memory is taken.

The backend's decoder believes them. Where things of no size are announced, no bytes need to follow,
so a proof of a few kilobytes could ask for more memory than there is; the process ends there, and
no handler catches it. So these proofs are verified in a process of their own, with little memory.
"""

import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest
from tests.air.test_lowering import PAYMENT

from novate.air import Machine, ProofRefused

from .encoding import DIGEST, EXTENSION, WORD, Part, Walk, with_words
from .mutation import WORDS
from .test_proofs import payment_trace

MEMORY_BYTES = 3 << 30
"""Of addresses: the keys take one part in ten."""
SECONDS_MAX = 120
MOST = (1 << 32) - 1
FOLDS = 40
EXPECTED_AND_FOUND = re.compile(
    r"\d+( bytes)?, expected (at least )?\d+"  # ours
    r"|\bshould (have|be) .*\d+.*\bbut\b.*\d+"  # the backend's
    r"|expected: \d+, actual: \d+"
)

VERIFY = """
import resource, sys
from tests.fuzz.test_lengths import machine
from novate.air import ProofRefused
proof = sys.stdin.buffer.read()
verifier = machine()
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
try:
    verifier.verify(proof, {{}})
except ProofRefused:
    print("refused")
"""


@lru_cache(maxsize=1)
def machine() -> Machine:
    """Verifies payments, at full security."""
    return Machine(PAYMENT)


@lru_cache(maxsize=1)
def proof() -> bytes:
    """Of one payment."""
    return machine().prove(payment_trace(PAYMENT, 5))


def words(*values: int) -> bytes:
    """Words as a proof has them."""
    return b"".join(value.to_bytes(WORD, "little") for value in values)


def promises() -> dict[str, bytes]:
    """Proofs that announce more than they hold."""
    walk, at = Walk(proof()), Walk(proof()).offset
    absent = 8 * (16 << 20)
    folded = words(FOLDS) + bytes(2 * EXTENSION * FOLDS) + words(0) + bytes(WORD * (FOLDS + 1))
    return {
        "rounds of no values": with_words(
            proof(), [(at("number of rounds"), MOST), (at("values a round"), 0)]
        ),
        "matrices without queries": with_words(
            proof(), [(at("number of opened matrices"), MOST), (at("number of first queries"), 0)]
        ),
        "queries for rows of no width": with_words(
            proof(), [(at("number of first queries"), MOST), (at("width of an opened matrix"), 0)]
        ),
        "so many folds in a round that it has 2**40 rows": (
            proof()[: at("number of folds")] + folded + words(1, 1, 0, 0)
        ),
        "tables that are absent": proof()[: at("number of tables")]
        + words(absent)
        + bytes(absent // 8),
        "more bytes than any proof has": proof() + bytes(64 << 20),
        "paths that grow shorter than nothing": with_words(
            proof(), [(at("depth of the next paths"), 0)]
        ),
        "one list after the other": proof()[: walk.parts[0].end]
        + bytes(DIGEST)
        + words(3)
        + b"\x07"
        + words(4, MOST),
    }


@pytest.mark.parametrize("name", promises())
def test_a_promise_of_more_than_the_bytes_hold_takes_no_memory(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", VERIFY.format(memory=MEMORY_BYTES)],
        input=promises()[name],
        capture_output=True,
        timeout=SECONDS_MAX,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"refused\n"), done.stderr[-400:]


def test_a_process_with_little_memory_verifies_the_proof_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-c", VERIFY.format(memory=MEMORY_BYTES)],
        input=proof(),
        capture_output=True,
        timeout=SECONDS_MAX,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b""), done.stderr[-400:]


def lengths() -> list[Part]:
    """Every length of the proof."""
    return [part for part in Walk(proof()).parts if part.is_length]


@pytest.mark.parametrize("index", range(len(lengths())))
def test_another_length_is_refused_with_what_was_expected_and_found(index: int) -> None:
    part = lengths()[index]
    found = int.from_bytes(proof()[part.start : part.end], "little")
    for other in {found + 1, max(0, found - 1), *WORDS} - {found}:
        with pytest.raises(ProofRefused) as refusal:
            machine().verify(with_words(proof(), [(part.start, other)]), {})
        told = str(refusal.value)
        # a little higher a table may have a proof as long; its sentences fail then
        assert EXPECTED_AND_FOUND.search(told) or part.name == "height", told


@pytest.mark.parametrize("missing", [1, 4, 1_000, 100_000])
def test_a_proof_that_ends_early_is_refused_with_how_long_it_is(missing: int) -> None:
    short = proof()[:-missing]
    with pytest.raises(ProofRefused, match=rf"ends at byte {len(short)}, expected at least \d+"):
        machine().verify(short, {})


@pytest.mark.parametrize("more", [1, 4, 1_000])
def test_a_proof_that_goes_on_is_refused_with_how_long_it_is(more: int) -> None:
    long = proof() + bytes(more)
    with pytest.raises(ProofRefused, match=rf"{len(long)} bytes, expected {len(proof())}"):
        machine().verify(long, {})
