"""Where signed messages and batches are valid."""

import pytest

from novate.field import address_elements
from novate.keys import Domain
from novate.units import OutOfRange


@pytest.mark.parametrize(
    ("chain_id", "fits"), [(-1, False), (0, True), (2**64 - 1, True), (2**64, False)]
)
def test_a_chain_id_has_64_bits(chain_id: int, fits: bool) -> None:
    if fits:
        Domain(chain_id, bytes(20))
    else:
        with pytest.raises(OutOfRange):
            Domain(chain_id, bytes(20))


@pytest.mark.parametrize("length", [0, 19, 21])
def test_a_contract_has_an_address(length: int) -> None:
    Domain(1, bytes(20))
    with pytest.raises(OutOfRange):
        Domain(1, bytes(length))


def test_the_elements_of_a_place_are_its_chain_and_its_contract() -> None:
    contract = bytes(range(20))
    place = Domain(2**48 + 5, contract)
    assert place.elements == (5, 0, 0, 1, *address_elements(contract))
    assert place.elements != Domain(2**48 + 5, bytes(20)).elements
