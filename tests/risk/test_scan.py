"""The scan of both margins: the largest of all losses, and more when USDC is cheap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.risk.scan import (
    ONE,
    initial_losses_e6,
    initial_scan_e6,
    maintenance_losses_e6,
    maintenance_scan_e6,
)
from novate.risk.sums import sums

from .scene import accounts
from .test_margin import ALL_DIALS, BOOKS, SCENE, Book


@pytest.mark.parametrize("stable_e6", [ONE, 940_001, 0])
@pytest.mark.parametrize("dials", ALL_DIALS)
@given(books=st.lists(BOOKS, min_size=1, max_size=3))
@settings(max_examples=30)
def test_each_scan_is_the_largest_of_all_its_losses_and_never_negative(
    dials: str, stable_e6: int, books: list[Book]
) -> None:
    table = SCENE.table(dials=ALL_DIALS[dials])
    many = sums(table, accounts([list(book.items()) for book in books]))
    losses, maintenance = initial_losses_e6(table, many, stable_e6), maintenance_losses_e6(many)
    assert losses.shape == (len(books), 1 + 19 + 1)
    assert maintenance.shape == (len(books), 1 + 17 + 1)
    scan_e6, initial_e6 = maintenance_scan_e6(many), initial_scan_e6(table, many, stable_e6)
    assert np.array_equal(scan_e6, maintenance.max(axis=1))
    assert np.array_equal(initial_e6, losses.max(axis=1))
    assert scan_e6.min() >= 0
    buffer_e6 = ONE + ALL_DIALS[dials].margin_buffer_e6
    assert np.all(initial_e6.astype(object) * ONE >= scan_e6.astype(object) * buffer_e6)
