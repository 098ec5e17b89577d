"""Failures say what was refused and why."""

import pytest

from novate.chain import Reverted
from novate.chain.failure import revert_reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "no reason given"),
        ("08c379a0" + "20".zfill(64) + "5".zfill(64) + b"hello".hex().ljust(64, "0"), "hello"),
        ("4e487b71" + "11".zfill(64), "panic 0x11"),
        ("08c379a0" + "ff" * 10, "data 0x08c379a0" + "ff" * 10),
        ("08c379a0" + "20".zfill(64) + "2".zfill(64) + "fffe".ljust(64, "0"), None),
        ("12345678", "data 0x12345678"),
    ],
)
def test_revert_data_is_told_in_words(data: str, reason: str | None) -> None:
    raw = bytes.fromhex(data)
    assert revert_reason(raw) == (reason if reason is not None else f"data 0x{data}")


def test_a_refusal_names_the_call() -> None:
    assert str(Reverted(call="Vault.claim", data=b"")) == "Vault.claim was refused: no reason given"
