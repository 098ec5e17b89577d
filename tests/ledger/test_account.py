"""Who owns an account."""

import pytest

from novate.ledger import Header
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
