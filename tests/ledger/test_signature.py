"""ECDSA over the digest of a message."""

from dataclasses import replace

import coincurve
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.ledger import (
    GROUP_ORDER,
    PublicKey,
    Signature,
    is_signed,
    is_valid,
    message_hash,
    public_key,
    sign,
)
from novate.units import OutOfRange

from .scene import ALICE, DOMAIN, SECRETS, report

SECRET = SECRETS[ALICE]
MESSAGE = report(0).message
GOOD = sign(DOMAIN, MESSAGE, SECRET)
HASH = message_hash(DOMAIN, MESSAGE)


def test_a_signed_message_is_recognised() -> None:
    assert is_signed(DOMAIN, GOOD)
    assert not is_signed(replace(DOMAIN, chain_id=1), GOOD)
    assert not is_signed(DOMAIN, replace(GOOD, message=replace(MESSAGE, underlying=2)))


def test_the_hash_is_below_the_order_of_the_group() -> None:
    assert len(HASH) == 32
    assert HASH[0] <= 0x78


def test_any_library_signs_and_verifies_the_same_bytes() -> None:
    key = coincurve.PrivateKey(SECRET)
    der = key.sign(HASH, hasher=None)
    assert key.public_key.verify(der, HASH, hasher=None)
    r_length = der[3]
    r = int.from_bytes(der[4 : 4 + r_length], "big")
    s = int.from_bytes(der[6 + r_length :], "big")
    assert is_valid(HASH, public_key(SECRET), Signature(r, s))


@pytest.mark.parametrize(
    ("r", "s"),
    [
        (0, GOOD.signature.s),
        (GROUP_ORDER, GOOD.signature.s),
        (GOOD.signature.r, 0),
        (GOOD.signature.r, GROUP_ORDER - GOOD.signature.s),
        (GOOD.signature.r, GROUP_ORDER),
        (GOOD.signature.r + 1, GOOD.signature.s),
        (GOOD.signature.r, GOOD.signature.s - 1),
        (2**256 - 1, 2**256 - 1),
    ],
)
def test_no_other_pair_is_a_signature(r: int, s: int) -> None:
    assert not is_valid(HASH, GOOD.key, Signature(r, s))
    assert is_valid(HASH, GOOD.key, GOOD.signature)


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
        PublicKey(GOOD.key.x, GOOD.key.y + 1),
        PublicKey(GOOD.key.y, GOOD.key.x),
        PublicKey(2**256 - 1, 2**256 - 1),
    ],
)
def test_a_key_off_the_curve_verifies_nothing(key: PublicKey) -> None:
    assert not is_valid(HASH, key, GOOD.signature)


def test_the_opposite_key_verifies_nothing() -> None:
    field = 2**256 - 2**32 - 977
    opposite = PublicKey(GOOD.key.x, field - GOOD.key.y)
    assert not is_valid(HASH, opposite, GOOD.signature)


@pytest.mark.parametrize("value", [-1, 2**256])
def test_r_and_s_have_256_bits(value: int) -> None:
    with pytest.raises(OutOfRange):
        Signature(value, 1)
    with pytest.raises(OutOfRange):
        Signature(1, value)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, GROUP_ORDER - 1))
def test_whoever_has_a_key_can_sign(secret: int) -> None:
    signed = sign(DOMAIN, MESSAGE, secret.to_bytes(32, "big"))
    assert is_signed(DOMAIN, signed)
    assert signed.signature.is_canonical
    assert not is_signed(DOMAIN, replace(signed, key=GOOD.key)) or secret == int.from_bytes(SECRET)


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
    assert not is_valid(HASH, GOOD.key, told)
    assert is_valid(HASH, GOOD.key, with_nonce(secret + 1, secret))


def test_what_is_no_private_key_signs_nothing() -> None:
    for secret in (bytes(32), b"\xff" * 32):
        with pytest.raises(ValueError):
            sign(DOMAIN, MESSAGE, secret)
