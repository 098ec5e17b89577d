"""ECDSA over a digest of 32 bytes."""

from dataclasses import replace

import coincurve
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.field import Tag, sponge, word_bytes
from novate.keys import (
    FIELD_ORDER,
    GROUP_ORDER,
    PublicKey,
    Signature,
    is_valid,
    public_key,
    sign_digest,
)
from novate.units import OutOfRange

SECRET = bytes([0x11]) * 32
KEY = public_key(SECRET)
HASH = word_bytes(sponge(Tag.SIGNED, range(24)))
GOOD = sign_digest(HASH, SECRET)


def test_a_signed_digest_is_recognised() -> None:
    assert is_valid(HASH, KEY, GOOD)
    assert not is_valid(bytes([HASH[0] ^ 1]) + HASH[1:], KEY, GOOD)
    assert not is_valid(HASH, KEY, replace(GOOD, s=GOOD.s + 1))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_digest_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError):
        sign_digest(bytes(length), SECRET)
    assert sign_digest(bytes(32), SECRET).is_canonical


def test_any_library_signs_and_verifies_the_same_bytes() -> None:
    key = coincurve.PrivateKey(SECRET)
    der = key.sign(HASH, hasher=None)
    assert key.public_key.verify(der, HASH, hasher=None)
    r_length = der[3]
    r = int.from_bytes(der[4 : 4 + r_length], "big")
    s = int.from_bytes(der[6 + r_length :], "big")
    assert is_valid(HASH, KEY, Signature(r, s))


@pytest.mark.parametrize(
    ("r", "s"),
    [
        (0, GOOD.s),
        (GROUP_ORDER, GOOD.s),
        (GOOD.r, 0),
        (GOOD.r, GROUP_ORDER - GOOD.s),
        (GOOD.r, GROUP_ORDER),
        (GOOD.r + 1, GOOD.s),
        (GOOD.r, GOOD.s - 1),
        (2**256 - 1, 2**256 - 1),
    ],
)
def test_no_other_pair_is_a_signature(r: int, s: int) -> None:
    assert not is_valid(HASH, KEY, Signature(r, s))
    assert is_valid(HASH, KEY, GOOD)


@pytest.mark.parametrize(
    ("s", "canonical"),
    [(1, True), (GROUP_ORDER // 2, True), (GROUP_ORDER // 2 + 1, False), (0, False)],
)
def test_s_is_the_low_one(s: int, canonical: bool) -> None:
    assert Signature(1, s).is_canonical is canonical


@pytest.mark.parametrize(
    "key",
    [
        PublicKey(0, 0),
        PublicKey(KEY.x, KEY.y + 1),
        PublicKey(KEY.y, KEY.x),
        PublicKey(2**256 - 1, 2**256 - 1),
    ],
)
def test_a_key_off_the_curve_verifies_nothing(key: PublicKey) -> None:
    assert not is_valid(HASH, key, GOOD)


def test_the_opposite_key_verifies_nothing() -> None:
    opposite = PublicKey(KEY.x, FIELD_ORDER - KEY.y)
    assert not is_valid(HASH, opposite, GOOD)


@pytest.mark.parametrize("value", [-1, 2**256])
def test_r_and_s_have_256_bits(value: int) -> None:
    with pytest.raises(OutOfRange):
        Signature(value, 1)
    with pytest.raises(OutOfRange):
        Signature(1, value)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, GROUP_ORDER - 1))
def test_whoever_has_a_key_can_sign(secret: int) -> None:
    signature = sign_digest(HASH, secret.to_bytes(32, "big"))
    assert signature.is_canonical
    assert is_valid(HASH, public_key(secret.to_bytes(32, "big")), signature)
    assert not is_valid(HASH, KEY, signature) or secret == int.from_bytes(SECRET, "big")


LAMBDA = 0x5363AD4CC05C30E0A5261C028812645A122E22EA20816678DF02967C1B23BD72
"""A cube root of one modulo the order of the group."""


def with_nonce(nonce: int, secret: int) -> Signature:
    """The signature of the hash that a signer with this nonce makes, low s."""
    r = public_key(nonce.to_bytes(32, "big")).x % GROUP_ORDER
    s = pow(nonce, -1, GROUP_ORDER) * (int.from_bytes(HASH, "big") + r * secret) % GROUP_ORDER
    return Signature(r, min(s, GROUP_ORDER - s))


@pytest.mark.parametrize("sign_of_root", [1, -1])
@pytest.mark.parametrize("root", [1, LAMBDA, LAMBDA * LAMBDA % GROUP_ORDER])
def test_a_nonce_that_is_the_key_times_a_sixth_root_of_one_is_refused(
    root: int, sign_of_root: int
) -> None:
    secret = int.from_bytes(SECRET, "big")
    told = with_nonce(sign_of_root * root * secret % GROUP_ORDER, secret)
    assert told.is_canonical
    assert not is_valid(HASH, KEY, told)
    assert is_valid(HASH, KEY, with_nonce(secret + 1, secret))


def test_what_is_no_private_key_signs_nothing() -> None:
    for secret in (bytes(32), b"\xff" * 32):
        with pytest.raises(ValueError):
            sign_digest(HASH, secret)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_signs_nothing(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        sign_digest(HASH, b"\x01" * length)
