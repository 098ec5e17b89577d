"""Rates."""

import pytest

from novate.units import OutOfRange, Rate


@pytest.mark.parametrize("e6", [0, 1, 2**20 - 1])
def test_a_rate_below_the_bound_is_a_rate(e6: int) -> None:
    assert Rate(e6).e6 == e6


@pytest.mark.parametrize("e6", [-1, 2**20, 2**20 + 1])
def test_a_rate_at_the_bound_is_refused(e6: int) -> None:
    with pytest.raises(OutOfRange):
        Rate(e6)


def test_a_rate_is_written_in_percent() -> None:
    assert str(Rate(300)) == "0.0300 %"
    assert str(Rate(1_000_000)) == "100.0000 %"
