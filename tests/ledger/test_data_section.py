"""What a batch posts."""

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from novate.field import P, Tag, sponge, word_bytes
from novate.ledger import Address, DataSection, Withdrawal, data_challenge, data_value
from novate.ledger.data_section import times
from novate.units import Usd

from .scene import ALICE, OWNERS, deposit, register

SECTION = DataSection(
    inbox=(deposit(0, ALICE, 5).record, register(1, ALICE).record),
    withdrawals=(Withdrawal(OWNERS[ALICE], 0, Usd(7), ALICE),),
    chunks=((Address(1, 8), (1, 2, 3, 4, 5, 6, 7, 8)), (Address(2, 0), (0,) * 8)),  # type: ignore[arg-type]
)
EMPTY = DataSection((), (), ())
COUNTS = {"inbox": 2, "withdrawals": 1, "chunks": 2}


def test_records_stand_in_their_order() -> None:
    words = SECTION.words
    assert len(words) == 2 * 4 + 2 + 2 * 2
    assert words[0][:3] == (1, ALICE, 0)
    assert words[4][:3] == (2, ALICE, 1)
    assert words[8][7] == 0 and words[9][:5] == (7, 0, 0, 0, ALICE)
    assert words[10:] == ((1, 8, *[0] * 6), (1, 2, 3, 4, 5, 6, 7, 8), (2, 0, *[0] * 6), (0,) * 8)


def test_a_section_survives_the_way_there_and_back() -> None:
    assert DataSection.parse(SECTION.data, **COUNTS) == SECTION
    assert DataSection.parse(b"", inbox=0, withdrawals=0, chunks=0) == EMPTY


@pytest.mark.parametrize("change", [-1, 1, 32])
def test_a_section_of_another_length_is_refused(change: int) -> None:
    data = SECTION.data + bytes(change) if change > 0 else SECTION.data[:change]
    with pytest.raises(ValueError, match="announced"):
        DataSection.parse(data, **COUNTS)


def changed(word: int, element: int, value: int) -> bytes:
    data = bytearray(SECTION.data)
    start = 32 * word + 4 * element
    data[start : start + 4] = value.to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("word", "element", "value", "why"),
    [
        (0, 0, P, "not an element"),
        (9, 5, 1, "must be zero"),
        (10, 2, 1, "must be zero"),
        (10, 0, 2**24, "outside"),
        (10, 1, 256, "outside"),
        (8, 0, 2**24, "outside"),
    ],
)
def test_data_that_this_ledger_would_not_write_is_refused(
    word: int, element: int, value: int, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        DataSection.parse(changed(word, element, value), **COUNTS)


def test_a_chunk_is_posted_once() -> None:
    twice = DataSection((), (), (SECTION.chunks[0], SECTION.chunks[0]))
    with pytest.raises(ValueError, match="posted twice"):
        DataSection.parse(twice.data, inbox=0, withdrawals=0, chunks=2)


def test_the_commitment_is_over_all_elements() -> None:
    elements = [element for word in SECTION.words for element in word]
    assert SECTION.commitment == sponge(Tag.DATA, elements)
    assert EMPTY.commitment == (0,) * 8


def test_the_challenge_follows_from_the_posted_bytes_and_the_commitment() -> None:
    h = int.from_bytes(keccak(keccak(SECTION.data) + word_bytes(SECTION.commitment)), "big")
    z = data_challenge(SECTION.data, SECTION.commitment)
    assert z == tuple(((h >> (64 * i)) & (2**64 - 1)) % P for i in range(4))
    assert z != data_challenge(SECTION.data + b"\0", SECTION.commitment)
    assert z != data_challenge(SECTION.data, (0,) * 8)


def test_the_value_is_the_polynomial_with_the_first_word_highest() -> None:
    z = (0, 1, 0, 0)  # X itself: shifts coefficients, and X**4 = 11
    words = ((1, 0, 0, 0, 2, 0, 0, 0),)
    assert data_value(words, z) == (2, 1, 0, 0)  # type: ignore[arg-type]
    assert data_value((), z) == (0, 0, 0, 0)
    two = (*words, (0, 0, 0, 1, 0, 0, 0, 0))
    # 1 X**3 + 2 X**2 + X**3 X + 0
    assert data_value(two, z) == (11, 0, 2, 1)  # type: ignore[arg-type]


extension = st.tuples(*[st.integers(0, P - 1)] * 4)


@given(extension, extension, extension)
def test_the_extension_is_a_ring(a: tuple, b: tuple, c: tuple) -> None:  # type: ignore[type-arg]
    assert times(a, b) == times(b, a)
    assert times(times(a, b), c) == times(a, times(b, c))
    assert times(a, (1, 0, 0, 0)) == a
    total = tuple((x + y) % P for x, y in zip(b, c, strict=True))
    apart = zip(times(a, b), times(a, c), strict=True)
    assert times(a, total) == tuple((x + y) % P for x, y in apart)  # type: ignore[arg-type]


def test_the_fourth_power_of_x_is_eleven() -> None:
    x = (0, 1, 0, 0)
    assert times(times(x, x), times(x, x)) == (11, 0, 0, 0)
