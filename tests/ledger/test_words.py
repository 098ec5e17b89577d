"""Integers inside words."""

import pytest

from novate.ledger.words import ZERO, u32, u48, u64


def test_wide_integers_are_limbs_least_significant_first() -> None:
    assert u32(2**16 + 2) == (2, 1)
    assert u48(2**32 + 3) == (3, 0, 1)
    assert u64(2**64 - 1) == (65_535,) * 4
    assert ZERO == (0,) * 8


@pytest.mark.parametrize(("write", "bits"), [(u32, 32), (u48, 48), (u64, 64)])
def test_an_integer_beyond_its_limbs_is_refused(write: object, bits: int) -> None:
    write(2**bits - 1)  # type: ignore[operator]
    for value in (2**bits, -1):
        with pytest.raises(ValueError):
            write(value)  # type: ignore[operator]
