"""Quantity."""

import pytest

from novate.units import OutOfRange, Qty


@pytest.mark.parametrize("e3", [1 - 2**27, 0, 2**27 - 1])
def test_a_size_below_the_bound_is_a_quantity(e3: int) -> None:
    assert Qty(e3).e3 == e3


@pytest.mark.parametrize("e3", [-(2**27), 2**27, 2**27 + 1])
def test_a_size_at_the_bound_is_refused(e3: int) -> None:
    with pytest.raises(OutOfRange):
        Qty(e3)


def test_a_quantity_is_written_in_contracts() -> None:
    assert str(Qty(-1_234_500)) == "-1,234.500 contracts"
    assert str(Qty(7)) == "0.007 contracts"
