"""Funding payments: rounded against the account, conserved, and counted before they are made."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.pricing import NotIntegers
from novate.risk.funding_payment import (
    FundingClearing,
    funding_payment_law,
    funding_received_e6,
    with_funding,
)
from novate.risk.health import margins
from novate.risk.margin import requirement
from novate.risk.positions import BadPositions, Positions
from novate.units import Integers, OutOfRange, Qty, bounds

from .scene import accounts, held, synthetic

sizes = st.integers(1 - (1 << bounds.QTY_BITS), (1 << bounds.QTY_BITS) - 1)


moves = st.integers(
    1 - (1 << bounds.FUNDING_INDEX_BITS + 1), (1 << bounds.FUNDING_INDEX_BITS + 1) - 1
)


@given(st.lists(st.tuples(sizes, moves), min_size=1, max_size=20))
def test_payments_are_rounded_against_the_account_on_the_whole_range(
    rows: list[tuple[int, int]],
) -> None:
    size_e3, move_e9 = np.array(rows).T
    received_e6 = funding_received_e6(size_e3, move_e9)
    for (size, move), received in zip(rows, received_e6.tolist(), strict=True):
        dust = -size * move - received * 10**6
        assert 0 <= dust < 10**6
        assert funding_payment_law(size, move, received, dust) == 0


@pytest.mark.parametrize(
    ("size_e3", "move_e9", "received_e6"),
    [
        (1000, 104_167, -105),  # a long of one contract pays 104.167 micro-USDC, rounded up
        (-1000, 104_167, 104),
        (1000, -104_167, 104),
        (-1000, -104_167, -105),
        (1000, 104_000, -104),
        (0, 104_167, 0),
    ],
)
def test_a_payment_is_rounded_up_and_a_receipt_down(
    size_e3: int, move_e9: int, received_e6: int
) -> None:
    clearing, received = FundingClearing().settle(Qty(size_e3), move_e9)
    assert received == received_e6
    assert clearing.balance_e6 == -received_e6


def test_a_move_wider_than_two_indices_can_be_apart_is_refused() -> None:
    widest = (1 << bounds.FUNDING_INDEX_BITS + 1) - 1
    assert FundingClearing().settle(Qty(0), widest)
    for move_e9 in (widest + 1, -widest - 1):
        with pytest.raises(OutOfRange):
            FundingClearing().settle(Qty(0), move_e9)


def test_the_worked_example_of_the_papers() -> None:
    """10 contracts long, 10 short, after an hour in which the index moved 625,000,000."""
    clearing, paid_e6 = FundingClearing().settle(Qty(10_000), 625_000_000)
    assert paid_e6 == -6_250_000
    clearing, received_e6 = clearing.settle(Qty(-10_000), 625_000_000)
    assert received_e6 == 6_250_000
    assert clearing == FundingClearing()


SCENE = synthetic()
TABLE = SCENE.table()


def equity_e6(positions: Positions, cash_e6: Integers) -> Integers:
    return margins(cash_e6, [requirement(TABLE, positions)]).equity_e6


def test_equity_counts_funding_before_it_is_paid() -> None:
    """The same long, before it is touched: 6.25 USDC less, and the short 6.25 more."""
    books = accounts([[(0, 10_000)], [(0, -10_000)]])
    cash = np.zeros(2, dtype=np.int64)
    counted = with_funding(books, np.full(2, 625_000_000))
    moved = equity_e6(counted, cash) - equity_e6(books, cash)
    assert moved.tolist() == [-6_250_000, 6_250_000]


@given(
    st.lists(st.tuples(st.integers(-20_000, 20_000), st.integers(-(10**9), 10**9)), min_size=1),
)
def test_touching_a_position_leaves_its_equity_and_all_of_them_leave_dust(
    rows: list[tuple[int, int]],
) -> None:
    """Whoever is touched: what equity counted is what is paid, to the last unit."""
    books = accounts([[(SCENE.perp, size), (SCENE.call(1, 100), 1_000)] for size, _ in rows])
    move_e9 = np.array([[move, 0] for _, move in rows]).ravel()
    cash = np.arange(len(rows)) * 1_000
    counted = with_funding(books, move_e9)
    clearing = FundingClearing()
    received = []
    for size, move in rows:
        clearing, one = clearing.settle(Qty(size), move)
        received.append(one)
    assert np.array_equal(equity_e6(counted, cash), equity_e6(books, cash + np.array(received)))
    accrued_e6 = counted.cost_e6 - books.cost_e6
    assert accrued_e6.sum() == clearing.balance_e6
    owed_e12 = sum(size * move for size, move in rows)
    assert accrued_e6.sum() * 10**6 - clearing.dust_e12 == owed_e12


def test_accrued_funding_is_of_the_positions_and_in_integers() -> None:
    book = held((0, 1_000), (5, 1_000))
    assert with_funding(book, np.array([10**6, 0])).cost_e6.tolist() == [1_000, 0]
    with pytest.raises(NotIntegers, match="move of a funding index"):
        with_funding(book, np.array([0.5, 0]))
    for wrong in (np.array([1]), np.array([1, 2, 3]), np.array([[1, 2]])):
        with pytest.raises(BadPositions, match="next: say what the index"):
            with_funding(book, wrong)


def test_what_is_already_owed_stays_and_grows() -> None:
    book = Positions.of(np.array([0]), np.array([-1_000]), np.array([-100_000]))
    assert with_funding(book, np.array([1])).cost_e6.tolist() == [-100_000]  # receipts down
    assert with_funding(book, np.array([-1])).cost_e6.tolist() == [-99_999]  # payments up


def test_accrued_funding_beyond_62_bits_is_refused() -> None:
    widest = (1 << bounds.FUNDING_INDEX_BITS + 1) - 1
    most = (1 << bounds.QTY_BITS) - 1
    with pytest.raises(OutOfRange, match="accrued funding"):
        with_funding(held((0, most)), np.array([widest]))
    with pytest.raises(BadPositions, match="is not below"):
        with_funding(
            Positions.of(np.array([0]), np.array([most]), np.array([7 << 59])),
            np.array([widest * 7 // 16]),
        )
    for move_e9 in (widest + 1, -widest - 1):
        with pytest.raises(OutOfRange, match="move of a funding index"):
            with_funding(held((0, 1)), np.array([move_e9]))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),  # who trades with the one after
            st.integers(-1_000_000, 1_000_000),  # how much
            st.integers(-(10**9), 10**9),  # what the index moves before
        ),
        max_size=25,
    )
)
def test_what_payers_paid_and_receivers_got_is_what_the_untouched_still_owe(
    steps: list[tuple[int, int, int]],
) -> None:
    index_e9, clearing = 0, FundingClearing()
    size, touched, cash, fund = [0] * 4, [0] * 4, [0] * 4, 0

    def touch(account: int) -> None:
        nonlocal clearing
        clearing, received = clearing.settle(Qty(size[account]), index_e9 - touched[account])
        cash[account] += received
        touched[account] = index_e9

    def owed_e12() -> int:
        return sum(n * (index_e9 - at) for n, at in zip(size, touched, strict=True))

    for buyer, amount, moved in steps:
        index_e9 += moved
        seller = (buyer + 1) % 4
        touch(buyer)
        touch(seller)
        size[buyer] += amount
        size[seller] -= amount
        assert clearing.dust_e12 - clearing.balance_e6 * 10**6 == owed_e12()
        clearing, swept = clearing.sweep()
        fund += swept
        assert swept >= 0
        assert 0 <= clearing.dust_e12 < 10**6
        assert clearing.dust_e12 - clearing.balance_e6 * 10**6 == owed_e12()
        assert sum(cash) + clearing.balance_e6 + fund == 0
    for account in range(4):
        touch(account)
    assert 0 <= clearing.balance_e6 * 10**6 == clearing.dust_e12  # only dust is left
    assert sum(cash) + clearing.balance_e6 + fund == 0


def test_the_law_admits_no_neighbour() -> None:
    assert funding_payment_law(1000, 104_167, -105, 833_000) == 0
    assert funding_payment_law(1000, 104_167, -104, 833_000) != 0


def test_every_product_fits_its_width() -> None:
    size, index = (1 << bounds.QTY_BITS) - 1, (1 << bounds.FUNDING_INDEX_BITS) - 1
    move = 2 * index
    whole = -(-move // 10**6)
    assert size * whole + size + 1 < 1 << 63
    assert size * 10**6 < 1 << 63
    assert size * move + 2 * 10**6 < 1 << bounds.FUNDING_LAW_BITS
