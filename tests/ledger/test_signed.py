"""Messages with the signature of who stands behind them."""

from dataclasses import replace

import pytest

from novate.field import word_bytes
from novate.keys import is_valid, public_key
from novate.ledger import is_signed, message_digest, message_hash, sign

from .scene import ALICE, BOB, DOMAIN, SECRETS, report

SECRET = SECRETS[ALICE]
MESSAGE = report(0).message
GOOD = sign(DOMAIN, MESSAGE, SECRET)


def test_a_signed_message_is_recognised() -> None:
    assert is_signed(DOMAIN, GOOD)
    assert not is_signed(replace(DOMAIN, chain_id=1), GOOD)
    assert not is_signed(DOMAIN, replace(GOOD, message=replace(MESSAGE, underlying=2)))
    assert not is_signed(DOMAIN, replace(GOOD, key=public_key(SECRETS[BOB])))


def test_what_is_signed_is_the_digest_of_the_message() -> None:
    hashed = message_hash(DOMAIN, MESSAGE)
    assert hashed == word_bytes(message_digest(DOMAIN, MESSAGE))
    assert is_valid(hashed, public_key(SECRET), GOOD.signature)


def test_the_hash_is_below_the_order_of_the_group() -> None:
    hashed = message_hash(DOMAIN, MESSAGE)
    assert len(hashed) == 32
    assert hashed[0] <= 0x78


def test_what_is_no_private_key_signs_nothing() -> None:
    for secret in (bytes(32), b"\xff" * 32):
        with pytest.raises(ValueError):
            sign(DOMAIN, MESSAGE, secret)
