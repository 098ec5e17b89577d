"""The table of the normal distribution, computed again."""

import numpy as np
import pytest
from mpmath import mp, mpf, nint, npdf

from novate.pricing import normal_table
from novate.pricing.normal_table import DENSITY_Q31, LAST_NODE, MILLS_Q31, TABLE_BITS

from .exact import mills


def density_row(y: mpf) -> list[mpf]:
    """`phi` and its derivatives, by Hermite's polynomials, over factorials."""
    return [n * npdf(y) for n in (mpf(1), -y, (y * y - 1) / 2, (3 * y - y**3) / 6)]


def mills_row(y: mpf) -> list[mpf]:
    """`M` and its derivatives over factorials, from `M' = y M - 1` differentiated twice."""
    m = mills(y)
    return [m, y * m - 1, ((1 + y * y) * m - y) / 2, ((3 * y + y**3) * m - 2 - y * y) / 6]


@pytest.mark.parametrize(("table", "row"), [(DENSITY_Q31, density_row), (MILLS_Q31, mills_row)])
def test_every_entry_is_the_nearest_to_its_exact_value(table, row) -> None:
    for node in range(LAST_NODE + 1):
        exact = [int(nint(value * 2**TABLE_BITS)) for value in row(mpf(node) / 64)]
        assert table[:, node].tolist() == exact, f"node {node}"


def test_another_entry_would_be_noticed() -> None:
    exact = [int(nint(value * 2**TABLE_BITS)) for value in mills_row(mpf(1) / 64)]
    assert MILLS_Q31[:, 2].tolist() != exact
    assert (MILLS_Q31[:, 1] + 1).tolist() != exact


def test_pi_is_pi() -> None:
    assert int(mp.floor(mp.pi * 2**128)) == normal_table._PI


def test_nobody_can_write_into_the_table() -> None:
    with pytest.raises(ValueError, match="read-only"):
        DENSITY_Q31[0, 0] = 0
    assert np.all(np.diff(MILLS_Q31[0]) < 0)
