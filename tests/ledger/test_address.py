"""Where each word lives."""

import pytest

from novate.ledger import (
    FEES,
    FEES_ADDRESS,
    FUND,
    FUND_ADDRESS,
    INSTRUMENTS,
    VENUE,
    VENUE_ADDRESS,
    Address,
    collateral_address,
    header_address,
    key_address,
    order_address,
    position_address,
    settlement_address,
    terms_address,
)
from novate.ledger.address import require_instrument, require_trader
from novate.units import OutOfRange


def test_words_are_where_the_formats_put_them() -> None:
    assert header_address(7) == Address(7, 0)
    assert (key_address(7, 1), key_address(7, 4)) == (Address(7, 1), Address(7, 4))
    assert collateral_address(7) == Address(7, 8)
    assert (position_address(7, 0), position_address(7, 63)) == (Address(7, 16), Address(7, 79))
    assert (order_address(7, 0), order_address(7, 127)) == (Address(7, 128), Address(7, 255))
    assert Address(2**23, 0) == VENUE_ADDRESS
    assert Address(2**23 + 1, 8) == FEES_ADDRESS
    assert Address(2**23 + 2, 8) == FUND_ADDRESS
    assert terms_address(1) == Address(2**23 + 2**22 + 1, 0)
    assert settlement_address(2**22 - 1) == Address(2**24 - 1, 1)


def test_the_accounts_of_the_venue_are_no_traders() -> None:
    for account in (VENUE, FEES, FUND, INSTRUMENTS, INSTRUMENTS + 1):
        with pytest.raises(OutOfRange):
            require_trader(account)


def test_the_leaf_is_the_account_then_the_slot() -> None:
    assert Address(1, 2).leaf == 258
    assert Address(2**24 - 1, 255).leaf == 2**32 - 1


@pytest.mark.parametrize(
    ("account", "fits"), [(0, False), (1, True), (2**23 - 1, True), (2**23, False)]
)
def test_traders_have_the_lower_half_of_the_accounts(account: int, fits: bool) -> None:
    if fits:
        require_trader(account)
    else:
        with pytest.raises(OutOfRange):
            require_trader(account)


@pytest.mark.parametrize(
    ("instrument", "fits"), [(0, False), (1, True), (2**22 - 1, True), (2**22, False)]
)
def test_instruments_are_counted_from_one(instrument: int, fits: bool) -> None:
    if fits:
        require_instrument(instrument)
    else:
        with pytest.raises(OutOfRange):
            require_instrument(instrument)
