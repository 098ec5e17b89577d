"""The bits of every law, added up: the widths that circuits lower the laws to."""

import pytest

from novate.units import bounds


def top(bits: int) -> int:
    return (1 << bits) - 1


@pytest.mark.parametrize(
    ("law", "terms", "bits"),
    [
        ("premium_law", [top(bounds.PRICE_BITS) * top(bounds.QTY_BITS)], bounds.NOTIONAL_BITS),
        ("lock_law", [top(bounds.STRIKE_BITS) * top(bounds.QTY_BITS)], bounds.NOTIONAL_BITS),
        (
            "fee_law",
            [top(bounds.NOTIONAL_BITS) * top(bounds.RATE_BITS), bounds.RATE_SCALE],
            bounds.FEE_LAW_BITS,
        ),
        (
            "moneyness_law",
            [top(bounds.INDEX_BITS) * top(bounds.MULTIPLIER_BITS)],
            bounds.MONEYNESS_BITS,
        ),
        (
            "moneyness_law in signed 64 bits",
            [
                top(bounds.INDEX_BITS) * top(bounds.MULTIPLIER_BITS),
                top(bounds.STRIKE_BITS) * bounds.PAYOFF_SCALE,
            ],
            63,
        ),
        (
            "payoff_law of a put",
            [top(bounds.INTRINSIC_BITS) * top(bounds.QTY_BITS), bounds.PAYOFF_SCALE],
            bounds.PAYOFF_LAW_BITS,
        ),
        (
            "trade_balance_law",
            [top(bounds.USD_BITS), top(bounds.NOTIONAL_BITS), top(bounds.FEE_BITS)],
            65,
        ),
        ("free_law after a trade", [top(bounds.USD_BITS), top(bounds.NOTIONAL_BITS)], 64),
        ("supply_law", [top(bounds.USD_BITS), top(bounds.AMOUNT_BITS)], 65),
        ("fill_law", [top(bounds.QTY_BITS), top(bounds.QTY_BITS)], 28),
        ("nonce_law", [top(bounds.NONCE_BITS), top(bounds.NONCE_BITS)], 31),
    ],
)
def test_every_sum_in_a_law_stays_below_its_width(law: str, terms: list[int], bits: int) -> None:
    assert sum(terms) < 1 << bits, law


def test_a_fee_fits_its_width() -> None:
    most = top(bounds.NOTIONAL_BITS) * top(bounds.RATE_BITS)
    assert -(-most // bounds.RATE_SCALE) < 1 << bounds.FEE_BITS


def test_the_intrinsic_value_of_a_put_fits_its_width() -> None:
    assert top(bounds.STRIKE_BITS) * bounds.PAYOFF_SCALE < 1 << bounds.INTRINSIC_BITS


def test_the_payoff_of_a_put_is_a_notional() -> None:
    most = top(bounds.STRIKE_BITS) * bounds.PAYOFF_SCALE * top(bounds.QTY_BITS)
    assert -(-most // bounds.PAYOFF_SCALE) < 1 << bounds.NOTIONAL_BITS


def test_an_address_is_as_deep_as_the_tree() -> None:
    assert bounds.ACCOUNT_BITS + bounds.SLOT_BITS == bounds.TREE_DEPTH == 32


def test_instruments_fit_behind_the_accounts_of_traders() -> None:
    first = (1 << bounds.TRADER_BITS) + (1 << bounds.INSTRUMENT_BITS)
    assert first + top(bounds.INSTRUMENT_BITS) < 1 << bounds.ACCOUNT_BITS


def test_what_sits_in_one_element_is_below_the_field() -> None:
    p = 2**31 - 2**27 + 1
    for bits in (bounds.NONCE_BITS, bounds.QTY_BITS + 1, bounds.MULTIPLIER_BITS, bounds.RATE_BITS):
        assert 1 << bits < p
