"""Keys that sign, and the word that stands for one."""

import coincurve
import pytest

from novate.field import P, Tag, limbs24, sponge
from novate.keys import GROUP_ORDER, PublicKey, public_key
from novate.units import OutOfRange


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


@pytest.mark.parametrize("secret", [1, 2, GROUP_ORDER - 1])
def test_a_public_key_is_the_point_of_the_private_one(secret: int) -> None:
    point = coincurve.PrivateKey.from_int(secret).public_key.point()
    assert public_key(secret.to_bytes(32, "big")) == PublicKey(*point)


@pytest.mark.parametrize("secret", [0, GROUP_ORDER, 2**256 - 1])
def test_what_is_no_private_key_has_no_public_one(secret: int) -> None:
    with pytest.raises(ValueError):
        public_key(secret.to_bytes(32, "big"))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_private_key_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match=f"32 bytes, and this has {length}"):
        public_key(b"\x01" * length)
