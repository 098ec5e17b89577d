"""Prices of contracts, prices of the underlying, multipliers."""

import pytest

from novate.units import IndexPrice, Multiplier, OutOfRange, Price, Qty, Rounding, Usd


def test_price_times_quantity_is_exact_cash() -> None:
    assert Price(15_123).times(Qty(777)) == Usd(15_123 * 777)
    assert Price(15_123).times(Qty(-777)) == Usd(-15_123 * 777)


@pytest.mark.parametrize(
    ("index_e3", "multiplier_e3", "floor_e3", "ceil_e3"),
    [
        (85_000_001, 10, 850_000, 850_001),
        (85_000_100, 10, 850_001, 850_001),
        (2**34 - 1, 1_000, 2**34 - 1, 2**34 - 1),
        (0, 2**28 - 1, 0, 0),
    ],
)
def test_an_index_price_times_a_multiplier_is_the_price_of_a_contract(
    index_e3: int, multiplier_e3: int, floor_e3: int, ceil_e3: int
) -> None:
    index, multiplier = IndexPrice(index_e3), Multiplier(multiplier_e3)
    assert index.per_contract(multiplier, Rounding.FLOOR) == Price(floor_e3)
    assert index.per_contract(multiplier, Rounding.CEIL) == Price(ceil_e3)


def test_a_contract_that_is_worth_too_much_has_no_price() -> None:
    with pytest.raises(OutOfRange):
        IndexPrice(2**34 - 1).per_contract(Multiplier(1_001), Rounding.FLOOR)


def test_a_price_does_not_add_to_a_quantity() -> None:
    with pytest.raises(TypeError):
        Price(1) + Qty(1)  # type: ignore[operator]


def test_prices_of_different_things_do_not_compare() -> None:
    with pytest.raises(TypeError):
        assert Price(1) < IndexPrice(2)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [(Price, 0, 2**34), (IndexPrice, 0, 2**34), (Multiplier, 1, 2**28)],
)
def test_a_price_lies_in_its_range(
    kind: type[Price] | type[IndexPrice] | type[Multiplier], low: int, high: int
) -> None:
    assert kind(low).e3 == low
    assert kind(high - 1).e3 == high - 1
    for outside in (low - 1, high, high + 1):
        with pytest.raises(OutOfRange):
            kind(outside)


def test_prices_are_written_with_unit_and_thousands() -> None:
    assert str(Price(1_234_567)) == "1,234.567 USD per contract"
    assert str(IndexPrice(85_000_001)) == "85,000.001 USD"
    assert str(Multiplier(10)) == "0.010 per contract"
