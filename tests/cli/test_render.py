"""Money with unit and thousands, sizes, rates and hashes as people read them."""

import pytest

from novate.cli.render import (
    cents,
    change,
    contracts,
    hexadecimal,
    money,
    percent,
    price,
    seconds,
    short,
)
from novate.units import Price, Qty, Rate, Usd


@pytest.mark.parametrize(
    ("e6", "text"),
    [
        (0, "0.00 USDC"),
        (1, "0.000001 USDC"),
        (9_999, "0.009999 USDC"),
        (10_000, "0.01 USDC"),  # a cent
        (10_001, "0.010001 USDC"),
        (1_234_500_000, "1,234.50 USDC"),
        (-656_796_698, "-656.796698 USDC"),
        (-10_000, "-0.01 USDC"),
        (2**63 - 1, "9,223,372,036,854.775807 USDC"),
    ],
)
def test_money_shows_cents_or_all_that_there_is(e6: int, text: str) -> None:
    assert money(Usd(e6)) == text


@pytest.mark.parametrize(
    ("e6", "text"),
    [
        (0, "0.00"),
        (4_999, "0.00"),  # half a cent
        (5_000, "0.01"),
        (-4_999, "0.00"),
        (-5_000, "-0.01"),
        (1_234_567_890, "1,234.57"),
        (-1_999_995_000, "-2,000.00"),
    ],
)
def test_a_column_of_money_is_to_the_nearest_cent(e6: int, text: str) -> None:
    assert cents(Usd(e6)) == text


@pytest.mark.parametrize(
    ("e6", "text"), [(5, "+0.000005 USDC"), (0, "0.00 USDC"), (-5, "-0.000005 USDC")]
)
def test_a_change_has_its_sign(e6: int, text: str) -> None:
    assert change(Usd(e6)) == text


def test_sizes_prices_and_rates() -> None:
    assert contracts(Qty(17_345)) == "17.345"
    assert price(Price(22_752)) == "22.752 USD"
    assert price(Price(1_234_567)) == "1,234.567 USD"
    assert [percent(Rate(e6)) for e6 in (0, 300, 500, 10_000)] == [
        "0.00 %",
        "0.03 %",
        "0.05 %",
        "1.00 %",
    ]


def test_hashes_are_whole_or_told_apart() -> None:
    assert hexadecimal(bytes([0, 1, 255])) == "0x0001ff"
    assert hexadecimal((1, 0, 0, 0, 0, 0, 0, 2)) == "0x00000001" + "00" * 24 + "00000002"
    assert short(bytes(range(20))) == "0x00010203…1213"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0456, "0.046 s"), (0.9994, "0.999 s"), (1, "1.0 s"), (59.96, "60.0 s")]
)
def test_seconds_are_as_exact_as_they_matter(value: float, text: str) -> None:
    assert seconds(value) == text
