import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.air import Machine, ProofRefused, Security, trace

from .test_lowering import PAYMENT, PRODUCT

TRACES = trace(
    PAYMENT, {"payment": {"size": [5], "move": [7], "payment": [1], "dust": [10**10 - 35]}}
)
QUICK = Machine(PAYMENT, security=Security.DEVELOPMENT)
PROOF = QUICK.prove(TRACES)
FULL = Machine(PAYMENT)
FULL_PROOF = FULL.prove(TRACES)


def words(*values: int) -> bytes:
    """Lengths as a proof holds them."""
    return struct.pack(f"<{len(values)}I", *values)


START = words(3) + bytes(32)
TO_SUMCHECKS = START + words(0, 0) + bytes(20) + words(0, 0, 0)
TO_OPENINGS = TO_SUMCHECKS + words(0) + words(0, 0, 0) + bytes(4)
MANY = 2**32 - 1


def test_a_proof_verifies_at_its_own_level_only() -> None:
    QUICK.verify(PROOF, {})
    full = Machine(PAYMENT)
    assert full.security_bits >= 100
    full.verify(full.prove(TRACES), {})
    with pytest.raises(ProofRefused):
        full.verify(PROOF, {})


def test_a_proof_of_another_program_is_refused() -> None:
    with pytest.raises(ProofRefused):
        Machine(PRODUCT, security=Security.DEVELOPMENT).verify(PROOF, {})


@pytest.mark.parametrize(
    ("machine", "proof"), [(QUICK, PROOF), (FULL, FULL_PROOF)], ids=["development", "full"]
)
@settings(max_examples=150)
@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_a_changed_byte_is_refused_and_nothing_worse(
    machine: Machine, proof: bytes, place: float, change: int
) -> None:
    changed = bytearray(proof)
    changed[int(place * len(proof))] ^= change
    with pytest.raises(ProofRefused):
        machine.verify(bytes(changed), {})


def test_work_that_nobody_asked_for_is_refused() -> None:
    # after version and commitment: which tables, their heights, their public values
    tables = len(PAYMENT.tables)
    place = 4 + 32 + 4 + 1 + 8 * tables + 4 + 4 * tables
    assert PROOF[place : place + 4] == words(0)
    with pytest.raises(ProofRefused, match="work 1 where none is asked for"):
        QUICK.verify(PROOF[:place] + words(1) + PROOF[place + 4 :], {})


@settings(max_examples=50)
@given(st.binary(max_size=4_000))
def test_bytes_that_are_no_proof_are_refused(data: bytes) -> None:
    for hostile in (data, PROOF[: len(data)], PROOF + data + b"x"):
        with pytest.raises(ProofRefused):
            QUICK.verify(hostile, {})


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(START + words(8 * 2**20) + bytes(2**20), id="tables that are absent"),
        pytest.param(TO_SUMCHECKS + words(MANY, 0), id="sumchecks without a value"),
        pytest.param(TO_OPENINGS + words(0, 0) + bytes(4) + words(MANY, 0), id="commitments"),
        pytest.param(TO_OPENINGS + words(0, 0) + bytes(4) + words(1, MANY, 0, 0), id="queries"),
        pytest.param(
            TO_OPENINGS + words(40) + bytes(40 * 32) + words(0) + bytes(164) + words(1, 1, 0, 0),
            id="two to the fortieth rows of no width",
        ),
    ],
)
def test_lengths_that_ask_for_all_memory_are_refused_before_decoding(data: bytes) -> None:
    with pytest.raises(ProofRefused, match="another shape"):
        QUICK.verify(data, {})


def test_a_length_that_the_key_determines_is_that_length() -> None:
    # the number of tables, one up and one down, with the proof's own bytes around it
    for tables in (2, 4):
        with pytest.raises(ProofRefused, match=f"tables: {tables}, expected 3"):
            QUICK.verify(PROOF[:36] + words(tables) + PROOF[40:], {})
