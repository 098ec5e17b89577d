import os
import subprocess
import sys

from novate.air import Program

from .test_lowering import Payment

SAY_HASH = "from tests.air.test_lowering import PAYMENT; print(PAYMENT.hash.hex())"


def test_the_hash_is_the_same_under_every_hash_seed() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", SAY_HASH],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for seed in ("0", "1", "77")
    }
    assert found == {Program([Payment]).hash.hex()}


PAYMENT_HASH = "15cb43bf1b60f12630c8044ea96b9b85049cf72e8804e2a53610eaa405dff89a"


def test_the_encoding_is_the_same_on_every_machine() -> None:
    # another hash of the same table is another encoding or layout: it goes under Protocol
    assert Program([Payment]).hash.hex() == PAYMENT_HASH
