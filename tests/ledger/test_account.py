"""Who owns an account, and which keys sign for it."""

import pytest

from novate.field import P, Tag, limbs24, sponge
from novate.ledger import Header, PublicKey
from novate.ledger.account import address_from_elements
from novate.units import OutOfRange

OWNER = bytes.fromhex("00112233445566778899aabbccddeeff01234567")


def test_a_header_is_the_owner_and_the_compartment() -> None:
    assert Header(OWNER).encode() == (
        0x001122,
        0x334455,
        0x667788,
        0x99AABB,
        0xCCDDEE,
        0xFF0123,
        0x4567,
        1,
    )
    assert Header.decode(Header(OWNER).encode()) == Header(OWNER)


def test_the_header_of_the_zero_address_is_not_an_absent_word() -> None:
    assert any(Header(bytes(20)).encode())


@pytest.mark.parametrize("length", [0, 19, 21, 32])
def test_an_owner_has_twenty_bytes(length: int) -> None:
    with pytest.raises(OutOfRange):
        Header(bytes(length))


@pytest.mark.parametrize("place", [0, 6])
def test_an_element_that_does_not_fit_its_bytes_is_no_address(place: int) -> None:
    elements = [0] * 7
    elements[place] = 2**24 if place < 6 else 2**16
    with pytest.raises(OutOfRange):
        address_from_elements(tuple(elements))
    elements[place] -= 1
    assert len(address_from_elements(tuple(elements))) == 20


def test_a_key_is_committed_to_with_both_coordinates() -> None:
    key = PublicKey(2**256 - 1, 5)
    assert key.commitment == sponge(Tag.KEY, [*limbs24(2**256 - 1), *limbs24(5)])
    assert key.commitment != PublicKey(5, 2**256 - 1).commitment
    assert all(0 <= element < P for element in key.commitment)


@pytest.mark.parametrize("coordinate", [-1, 2**256])
def test_a_coordinate_has_256_bits(coordinate: int) -> None:
    with pytest.raises(OutOfRange):
        PublicKey(coordinate, 0)
    with pytest.raises(OutOfRange):
        PublicKey(0, coordinate)
