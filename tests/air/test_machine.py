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


@settings(max_examples=150)
@given(st.integers(0, len(FULL_PROOF) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_and_nothing_worse(place: int, change: int) -> None:
    # at full security: development parameters grind nothing, so a grinding witness is unbound there
    changed = bytearray(FULL_PROOF)
    changed[place] ^= change
    with pytest.raises(ProofRefused):
        FULL.verify(bytes(changed), {})


@settings(max_examples=50)
@given(st.binary(max_size=4_000))
def test_bytes_that_are_no_proof_are_refused(data: bytes) -> None:
    for hostile in (data, PROOF[: len(data)], PROOF + data + b"x"):
        with pytest.raises(ProofRefused):
            QUICK.verify(hostile, {})
