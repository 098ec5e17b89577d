"""Positions as arrays, and arrays that are none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.risk import BadPositions, Positions
from novate.units import bounds

LIMIT = 1 << bounds.QTY_BITS


def of(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@given(st.permutations(range(6)))
def test_positions_may_come_in_any_order(order: list[int]) -> None:
    account, row = of(5, 5, 5, -2, -2, 9)[order], of(0, 3, 7, 3, 1, 0)[order]
    quantity_e3, cost_e6 = (
        of(10, -20, 30, 40, -50, 60)[order],
        of(1, 2, 3, 4, 5, 6)[order],
    )
    found = Positions.many(account, row, quantity_e3, cost_e6)
    assert found.row.tolist() == [1, 3, 0, 3, 7, 0]
    assert found.quantity_e3.tolist() == [-50, 40, 10, -20, 30, 60]
    assert found.cost_e6.tolist() == [5, 4, 1, 2, 3, 6]
    assert found.start.tolist() == [0, 2, 5]
    assert found.accounts == 3


def test_one_account_is_the_simplest_of_many() -> None:
    found = Positions.of(of(3, 1), of(10, 20))
    assert (found.row.tolist(), found.quantity_e3.tolist()) == ([1, 3], [20, 10])
    assert (found.cost_e6.tolist(), found.start.tolist()) == ([0, 0], [0])


def test_lists_of_integers_are_taken_as_arrays() -> None:
    assert Positions.of([3, 1], [10, 20]).row.tolist() == [1, 3]  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [LIMIT, -LIMIT, 1 << 62, -(1 << 63)])
def test_a_size_beyond_27_bits_is_refused(size: int) -> None:
    with pytest.raises(BadPositions, match=rf"{size} milli-contracts is not below 2\*\*27"):
        Positions.of(of(0), of(size))
    with pytest.raises(BadPositions, match="is not below"):
        Positions.apart(of(0), of(size))


@pytest.mark.parametrize("size", [LIMIT - 1, 1 - LIMIT, 0])
def test_a_size_within_27_bits_is_allowed(size: int) -> None:
    assert Positions.of(of(0), of(size)).quantity_e3.tolist() == [size]


@pytest.mark.parametrize(
    ("row", "quantity_e3", "told"),
    [
        (of(0, 1), of(1), "not of one length"),
        (of([0, 1]), of([1, 1]), "not of one length"),
        (of(), of(), "no position; an account without any needs no margin"),
        (np.array([0.0]), of(1), "row is float64"),
        (of(0), np.array([1.5]), "quantity is float64"),
        (of(0), np.array([np.nan]), "quantity is float64"),
        (of(0), np.array([1], dtype=np.int32), "quantity is int32"),
        (of(0), np.array([True]), "quantity is bool"),
        (of(-1), of(1), "row -1 is below 0"),
        (of(2, 0, 2), of(1, 1, -1), "has two positions in row 2; next: net them"),
    ],
)
def test_arrays_that_are_no_positions_are_refused(
    row: np.ndarray, quantity_e3: np.ndarray, told: str
) -> None:
    with pytest.raises(BadPositions, match=told):
        Positions.of(row, quantity_e3)


def test_two_accounts_may_hold_the_same_row() -> None:
    assert Positions.many(of(0, 1), of(2, 2), of(1, 1)).accounts == 2


@pytest.mark.parametrize(
    ("cost_e6", "is_refused"),
    [
        ([1 << 61], False),
        ([-(1 << 61)], False),
        ([(1 << 62) - 2048], False),
        ([1 << 62], True),
        ([-(1 << 63)], True),
        ([1 << 60] * 3, False),
        ([1 << 60] * 4, True),
        ([(1 << 63) - 1] * 2000, True),
        ([1 << 60, -(1 << 60)] * 2, True),
    ],
)
def test_what_an_account_has_still_to_pay_fits_62_bits(
    cost_e6: list[int], is_refused: bool
) -> None:
    row, quantity_e3 = np.arange(len(cost_e6)), np.ones(len(cost_e6), dtype=np.int64)
    cost = np.array(cost_e6, dtype=np.int64)
    if is_refused:
        with pytest.raises(BadPositions, match=r"what is to be paid, \d+ micro-USD"):
            Positions.of(row, quantity_e3, cost)
    else:
        assert Positions.of(row, quantity_e3, cost).cost_e6.tolist() == cost_e6


def test_what_each_of_many_has_to_pay_is_its_own() -> None:
    assert Positions.many(np.arange(8), np.zeros(8, np.int64), of(*[1] * 8), of(*[1 << 60] * 8))


@given(
    st.lists(
        st.tuples(st.integers(-2, 2), st.integers(0, 3), st.integers(-9, 9), st.integers(-99, 99)),
        min_size=1,
        max_size=12,
    )
)
def test_positions_of_an_account_in_one_row_are_netted_and_none_is_dropped(
    pieces: list[tuple[int, int, int, int]],
) -> None:
    found = Positions.netted(*(of(*column) for column in zip(*pieces, strict=True)))
    places = sorted({(account, row) for account, row, _, _ in pieces})
    assert found.row.tolist() == [row for _, row in places]
    accounts = sorted({account for account, _ in places})
    assert [accounts[place] for place in found.account] == [account for account, _ in places]
    for column, values in ((2, found.quantity_e3), (3, found.cost_e6)):
        assert values.tolist() == [
            sum(piece[column] for piece in pieces if piece[:2] == place) for place in places
        ]


def test_netting_beyond_27_bits_is_refused() -> None:
    ones = of(0, 0)
    with pytest.raises(BadPositions, match="is not below"):
        Positions.netted(ones, ones, of(LIMIT - 1, 1), ones)


def test_positions_apart_are_accounts_of_one_each_in_the_order_given() -> None:
    found = Positions.apart(of(3, 1, 3), of(1, 2, -1))
    assert found.row.tolist() == [3, 1, 3]
    assert found.start.tolist() == [0, 1, 2]
    assert Positions.apart(of(), of()).accounts == 0
    with pytest.raises(BadPositions, match="row -2 is below 0"):
        Positions.apart(of(-2), of(1))
    with pytest.raises(BadPositions, match="not of one length"):
        Positions.apart(of(1), of(1, 2))


def test_a_column_of_a_wider_array_is_taken_too() -> None:
    wide = np.arange(12).reshape(4, 3)
    assert not wide[:, 0].flags.contiguous
    found = Positions.apart(wide[:, 0], wide[:, 1])
    assert found.row.flags.contiguous
    assert found.quantity_e3.flags.contiguous
    assert found.row.tolist() == [0, 3, 6, 9]
