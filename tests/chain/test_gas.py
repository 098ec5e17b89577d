"""Prague's price of calldata."""

import pytest

from novate.chain.gas import prague_gas


@pytest.mark.parametrize(
    ("cancun_gas", "calldata", "expected"),
    [
        (21_000, b"", 21_000),
        (181_000, b"\1" * 10_000, 421_000),  # only bytes: the floor
        (61_000, b"\0" * 10_000, 121_000),
        (420_999, b"\1" * 10_000, 421_000),  # just below, at, above
        (421_000, b"\1" * 10_000, 421_000),
        (421_001, b"\1" * 10_000, 421_001),
    ],
)
def test_a_transaction_costs_at_least_ten_a_token(
    cancun_gas: int, calldata: bytes, expected: int
) -> None:
    assert prague_gas(cancun_gas=cancun_gas, calldata=calldata) == expected
