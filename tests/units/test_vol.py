"""Volatility."""

import pytest

from novate.units import OutOfRange, Vol, bounds


@pytest.mark.parametrize("e6", [0, 1, bounds.VOL_MAX_E6 - 1, bounds.VOL_MAX_E6])
def test_a_volatility_reaches_its_maximum(e6: int) -> None:
    assert Vol(e6).e6 == e6


@pytest.mark.parametrize("e6", [-1, bounds.VOL_MAX_E6 + 1, 1 << bounds.VOL_BITS])
def test_a_volatility_beyond_it_is_refused(e6: int) -> None:
    with pytest.raises(OutOfRange, match="volatility"):
        Vol(e6)


def test_a_volatility_is_written_in_percent() -> None:
    assert str(Vol(453_200)) == "45.3200 %"
    assert str(Vol(bounds.VOL_MAX_E6)) == "1000.0000 %"
