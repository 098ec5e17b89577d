"""Ranges include their low end and exclude their high end."""

import pickle
from decimal import Decimal

import numpy as np
import pytest

from novate.units import (
    Instant,
    Multiplier,
    NotAnInteger,
    OutOfRange,
    Price,
    Qty,
    Rate,
    Tenor,
    Usd,
    Vol,
    within,
)


@pytest.mark.parametrize("value", [3, 4, 9])
def test_a_number_inside_passes(value: int) -> None:
    within("number", value, low=3, high=10)


@pytest.mark.parametrize("value", [2, 10, 11])
def test_a_number_outside_is_refused_with_its_range(value: int) -> None:
    with pytest.raises(OutOfRange) as refused:
        within("number", value, low=3, high=10)
    assert str(refused.value) == f"number {value} is outside [3, 10)"
    assert (refused.value.value, refused.value.low, refused.value.high) == (value, 3, 10)


def test_it_crosses_from_one_process_to_another() -> None:
    error = OutOfRange(what="price", value=-1, low=0, high=8)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.what, again.value, again.low, again.high) == ("price", -1, 0, 8)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (5.0, "float"),
        (float("nan"), "float"),
        (np.float64(5), "float64"),
        (np.int64(5), "int64"),
        (Decimal(5), "Decimal"),
        ("5", "str"),
        (None, "NoneType"),
    ],
)
def test_what_is_no_integer_of_any_size_is_refused_by_its_type(value: object, kind: str) -> None:
    within("number", 5, low=3, high=10)
    with pytest.raises(NotAnInteger, match=f"number is of type {kind}; next: give an int"):
        within("number", value, low=3, high=10)  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", [Price, Multiplier, Qty, Rate, Vol, Usd, Tenor, Instant])
def test_no_unit_takes_a_float(unit: type) -> None:
    unit(1)
    with pytest.raises(NotAnInteger):
        unit(1.0)


def test_what_it_says_crosses_from_one_process_to_another() -> None:
    again = pickle.loads(pickle.dumps(NotAnInteger("price", "float")))
    assert str(again) == "price is of type float; next: give an int, in the unit of its name"
