"""The most naked options against all subsets of orders."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from novate.risk.sums import sums
from novate.risk.worst_fills import naked_after_e3

from .orders import composites, of
from .scene import accounts, held, synthetic

TABLE = synthetic().table()


@given(
    st.dictionaries(st.integers(0, 33), st.integers(-5_000, 5_000), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 33), st.integers(-5_000, 5_000)), max_size=5),
)
def test_naked_options_are_those_of_the_worst_subset(
    book: dict[int, int], sizes: list[tuple[int, int]]
) -> None:
    """Exactly, where every order is of one kind of option."""
    orders = [(row, size, 0, 0) for row, size in sizes]
    subsets = product((0, 1), repeat=len(orders))
    books = []
    for chosen in subsets:
        after = dict(book)
        for (row, size, _, _), is_filled in zip(orders, chosen, strict=True):
            after[row] = after.get(row, 0) + size * is_filled
        books.append(list(after.items()))
    naked = sums(TABLE, accounts(books)).naked_e3.max()
    assert naked_after_e3(TABLE, held(*book.items()), of(orders)).tolist() == [naked]


def test_an_order_short_of_one_kind_and_long_another_adds_what_it_is_short() -> None:
    table = composites()
    curved = table.listing.upside * table.listing.downside
    (reversal,) = np.flatnonzero(curved == -1)  # long a call, short a put
    (put_row, *_) = np.flatnonzero((table.listing.downside == 1) & (table.listing.group == 1))
    for size, held_e3, naked_e3 in ((100, 0, 100), (-100, 0, 100), (100, 300, 100), (100, -7, 107)):
        orders = of([(int(reversal), size, 0, 0)])
        book = held((int(put_row), held_e3))
        assert naked_after_e3(table, book, orders).tolist() == [naked_e3]
