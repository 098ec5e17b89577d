"""A bundle has one file, and no bytes get further than a typed refusal."""

import random
from dataclasses import replace

import pytest

from novate.air import Security
from novate.ledger import Statement
from novate.nodes import BUNDLE_BYTES_MAX, BatchBundle, BundleRefused
from novate.nodes.bundle import (
    DATA_BYTES_MAX,
    HEAD_BYTES,
    MAGIC,
    PROOF_BYTES_MAX,
    STATEMENT_BYTES,
)

LEVEL = len(MAGIC) + 1
STATEMENT = len(MAGIC) + 2 + 32
DATA_LENGTH = STATEMENT + STATEMENT_BYTES
PROOF_LENGTH = DATA_LENGTH + 4


def bundle(*, data: bytes = bytes(64), proof: bytes = b"proof") -> BatchBundle:
    """A bundle of small numbers."""
    statement = Statement.from_elements([i % 7 for i in range(Statement.LENGTH)])
    return BatchBundle(Security.FULL, bytes(range(32)), statement, data, proof)


def with_bytes(at: int, value: bytes) -> bytes:
    """The file with some bytes replaced."""
    data = bundle().encoding
    return data[:at] + value + data[at + len(value) :]


@pytest.mark.parametrize("security", Security)
@pytest.mark.parametrize("data", [b"", bytes(32), bytes(DATA_BYTES_MAX)])
def test_a_bundle_reads_back_as_it_was_written(security: Security, data: bytes) -> None:
    written = replace(bundle(data=data), security=security)
    assert BatchBundle.decode(written.encoding) == written


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "length of the file"),
        (bundle().encoding[: HEAD_BYTES - 1], "length of the file"),
        (bundle().encoding[:-1], "length of the file"),
        (bundle().encoding + b"\0", "length of the file"),
        (with_bytes(0, b"N"), "first bytes"),
        (with_bytes(len(MAGIC), b"\2"), "format"),
        (with_bytes(LEVEL, b"\0"), "level of the proof"),
        (with_bytes(LEVEL, b"\3"), "level of the proof"),
        (with_bytes(STATEMENT, b"\xff" * 4), "statement"),
        # A count is two limbs of 16 bits; 2**16 in one of them is another writing of a number.
        (with_bytes(STATEMENT + 4, bytes.fromhex("00010000")), "statement"),
        (with_bytes(DATA_LENGTH, (DATA_BYTES_MAX + 32).to_bytes(4, "big")), "data section"),
        (with_bytes(DATA_LENGTH, b"\xff" * 4), "data section"),
        (with_bytes(DATA_LENGTH, (33).to_bytes(4, "big")), "data section"),
        (with_bytes(DATA_LENGTH, (96).to_bytes(4, "big")), "length of the file"),
        (with_bytes(PROOF_LENGTH, (0).to_bytes(4, "big")), "length of the proof"),
        (with_bytes(PROOF_LENGTH, (PROOF_BYTES_MAX + 1).to_bytes(4, "big")), "of the proof"),
        (with_bytes(PROOF_LENGTH, (6).to_bytes(4, "big")), "length of the file"),
    ],
)
def test_bytes_that_are_no_bundle_are_refused_by_name(data: bytes, what: str) -> None:
    with pytest.raises(BundleRefused) as refusal:
        BatchBundle.decode(data)
    assert what in refusal.value.what
    assert str(refusal.value.expected) != str(refusal.value.found)


def test_a_file_above_the_limit_is_refused_for_its_length_alone() -> None:
    with pytest.raises(BundleRefused, match="length of the file"):
        BatchBundle.decode(bytes(BUNDLE_BYTES_MAX + 1))


def test_hostile_bytes_get_a_refusal_or_mean_exactly_themselves() -> None:
    chance = random.Random(4)
    honest = bundle().encoding
    for _ in range(20_000):
        hostile = bytearray(honest)
        for _ in range(chance.randint(1, 4)):
            hostile[chance.randrange(len(hostile))] = chance.randrange(256)
        cut = chance.choice([len(hostile), chance.randrange(len(hostile))])
        data = bytes(hostile[:cut])
        try:
            decoded = BatchBundle.decode(data)
        except BundleRefused:
            continue
        assert decoded.encoding == data
