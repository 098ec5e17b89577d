"""Time."""

import pytest

from novate.units import Instant, OutOfRange


def test_instants_are_ordered() -> None:
    assert Instant(1) < Instant(2)
    assert Instant(2) <= Instant(2)


@pytest.mark.parametrize("s", [-1, 2**32, 2**32 + 1])
def test_a_moment_outside_32_bits_is_refused(s: int) -> None:
    with pytest.raises(OutOfRange):
        Instant(s)


def test_an_instant_shows_utc() -> None:
    assert str(Instant(1_766_736_000)) == "2025-12-26 08:00:00 UTC"
    assert str(Instant(0)) == "1970-01-01 00:00:00 UTC"
    assert str(Instant(2**32 - 1)) == "2106-02-07 06:28:15 UTC"
