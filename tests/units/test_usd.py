"""Cash."""

import pytest

from novate.units import OutOfRange, Usd


def test_cash_adds_subtracts_and_changes_sign() -> None:
    assert Usd(5) + Usd(-7) == Usd(-2)
    assert Usd(5) - Usd(7) == Usd(-2)
    assert -Usd(5) == Usd(-5)


def test_cash_does_not_add_to_a_plain_number() -> None:
    with pytest.raises((TypeError, AttributeError)):
        Usd(5) + 1  # type: ignore[operator]


@pytest.mark.parametrize("e6", [1 - 2**64, 0, 2**64 - 1])
def test_an_amount_below_the_bound_is_cash(e6: int) -> None:
    assert Usd(e6).e6 == e6


@pytest.mark.parametrize("e6", [-(2**64), 2**64, 2**64 + 1])
def test_an_amount_at_the_bound_is_refused(e6: int) -> None:
    with pytest.raises(OutOfRange):
        Usd(e6)


@pytest.mark.parametrize(
    ("e6", "text"),
    [(1_234_567_890, "1,234.567890 USDC"), (-1, "-0.000001 USDC"), (0, "0.000000 USDC")],
)
def test_cash_is_written_with_unit_and_thousands(e6: int, text: str) -> None:
    assert str(Usd(e6)) == text
