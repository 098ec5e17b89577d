"""What leaves through the data section."""

import pytest

from novate.ledger import Withdrawal
from novate.units import OutOfRange, Usd

from .scene import ALICE, OWNERS

WITHDRAWAL = Withdrawal(OWNERS[ALICE], 0, Usd(2**63 + 7), ALICE)


def test_a_withdrawal_survives_the_way_there_and_back() -> None:
    assert Withdrawal.from_record(WITHDRAWAL.record) == WITHDRAWAL


def test_a_withdrawal_is_posted_as_the_formats_say() -> None:
    first, second = WITHDRAWAL.record
    assert first[7] == 0
    assert second == (7, 0, 0, 2**15, ALICE, 0, 0, 0)


def test_an_owner_that_is_no_address_is_refused() -> None:
    first, second = WITHDRAWAL.record
    with pytest.raises(OutOfRange):
        Withdrawal.from_record(((2**24, *first[1:]), second))  # type: ignore[arg-type]
