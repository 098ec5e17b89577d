import numpy as np

from novate.units import Integers


def test_integers_are_signed_and_have_64_bits() -> None:
    values: Integers = np.array([-(2**63), 2**63 - 1], dtype=np.int64)
    assert values.itemsize == 8
    assert values[0] < 0 < values[1]
