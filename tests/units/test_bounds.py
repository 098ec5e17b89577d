"""The bits of every law, added up: the widths that circuits lower the laws to."""

import pytest

from novate import instruments, ledger, units
from novate.units import bounds


def top(bits: int) -> int:
    return (1 << bits) - 1


PREMIUM = top(bounds.PRICE_BITS) * top(bounds.QTY_BITS)
LOCK = top(bounds.STRIKE_BITS) * top(bounds.QTY_BITS)
UNDERLYING = top(bounds.INDEX_BITS) * top(bounds.MULTIPLIER_BITS)
STRIKE_E6 = top(bounds.STRIKE_BITS) * bounds.PAYOFF_SCALE
BALANCE, AMOUNT, SIZE = top(bounds.USD_BITS), top(bounds.AMOUNT_BITS), top(bounds.QTY_BITS)

# The largest value of either side of each law, written as the terms that add up, and its bits.
LAWS = {
    "parts_law": ([top(bounds.MONEYNESS_BITS), top(bounds.MONEYNESS_BITS)], 63),
    "one_part_law": ([top(bounds.MONEYNESS_BITS), top(bounds.MONEYNESS_BITS)], 63),
    # Of what `div` takes in arrays: the rest is below the divisor.
    "quotient_law": ([top(62), top(62)], 63),
    "moneyness_law": ([UNDERLYING, STRIKE_E6], 63),
    "payoff_law": (
        [top(bounds.INTRINSIC_BITS) * SIZE, bounds.PAYOFF_SCALE],
        bounds.PAYOFF_LAW_BITS,
    ),
    "contract_value_law": (
        [
            top(bounds.PAYOFF_CONSTANT_BITS) * bounds.PAYOFF_SCALE,
            bounds.STEEPNESS_MAX * top(bounds.CONTRACT_VALUE_BITS),
        ],
        bounds.PAYOFF_VALUE_BITS,
    ),
    "premium_law": ([PREMIUM], bounds.NOTIONAL_BITS),
    "fee_law": (
        [top(bounds.NOTIONAL_BITS) * top(bounds.RATE_BITS), bounds.RATE_SCALE],
        bounds.FEE_LAW_BITS,
    ),
    "balance_law": ([BALANCE, AMOUNT], 65),
    "trade_balance_law": ([BALANCE, PREMIUM, top(bounds.FEE_BITS)], 64),
    "lock_law": ([BALANCE, LOCK], 64),
    "free_law": ([BALANCE, LOCK], 64),
    "position_law": ([SIZE, SIZE], bounds.QTY_BITS + 1),
    "nonce_law": ([top(bounds.NONCE_BITS), top(bounds.NONCE_BITS)], bounds.NONCE_BITS + 1),
    "resume_law": ([SIZE], bounds.QTY_BITS),
    "fill_law": ([SIZE, SIZE], bounds.QTY_BITS + 1),
    "room_law": ([SIZE, SIZE], bounds.QTY_BITS + 1),
    "limit_law": ([top(bounds.PRICE_BITS), top(bounds.PRICE_BITS)], bounds.PRICE_BITS + 1),
    "cursor_law": ([top(bounds.CURSOR_BITS), 1], bounds.CURSOR_BITS + 1),
    "supply_law": ([BALANCE, AMOUNT], 65),
}


@pytest.mark.parametrize("law", LAWS)
def test_every_sum_in_a_law_stays_below_its_width(law: str) -> None:
    terms, bits = LAWS[law]
    assert sum(terms) < 1 << bits


def test_every_law_is_added_up() -> None:
    public = {name for room in (units, instruments, ledger) for name in room.__all__}
    assert set(LAWS) == {name for name in public if name.endswith("_law")}


def test_a_fee_fits_its_width() -> None:
    most = top(bounds.NOTIONAL_BITS) * top(bounds.RATE_BITS)
    assert -(-most // bounds.RATE_SCALE) < 1 << bounds.FEE_BITS


def test_the_intrinsic_value_of_a_put_fits_its_width() -> None:
    assert top(bounds.STRIKE_BITS) * bounds.PAYOFF_SCALE < 1 << bounds.INTRINSIC_BITS


def test_the_payoff_of_a_put_is_a_notional() -> None:
    most = top(bounds.STRIKE_BITS) * bounds.PAYOFF_SCALE * top(bounds.QTY_BITS)
    assert -(-most // bounds.PAYOFF_SCALE) < 1 << bounds.NOTIONAL_BITS


def test_the_settlement_price_of_a_contract_fits_its_width() -> None:
    assert top(bounds.PRICE_BITS) * bounds.PAYOFF_SCALE < 1 << bounds.CONTRACT_VALUE_BITS


def test_an_address_is_as_deep_as_the_tree() -> None:
    assert bounds.ACCOUNT_BITS + bounds.SLOT_BITS == bounds.TREE_DEPTH == 32


def test_instruments_fit_behind_the_accounts_of_traders() -> None:
    first = (1 << bounds.TRADER_BITS) + (1 << bounds.INSTRUMENT_BITS)
    assert first + top(bounds.INSTRUMENT_BITS) < 1 << bounds.ACCOUNT_BITS


def test_what_sits_in_one_element_is_below_the_field() -> None:
    p = 2**31 - 2**27 + 1
    for bits in (bounds.NONCE_BITS, bounds.QTY_BITS + 1, bounds.MULTIPLIER_BITS, bounds.RATE_BITS):
        assert 1 << bits < p
