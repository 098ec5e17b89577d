"""What the functions of the room take."""

import numpy as np
import pytest

from novate.pricing import (
    NotBooleans,
    NotIntegers,
    call_delta_q28,
    call_e3,
    call_greeks,
    call_implied_vols,
    put_e3,
    put_greeks,
    put_implied_vols,
)
from novate.pricing.operand import operand, truths
from novate.units import OutOfRange, bounds

PRICE_TOP, TENOR_TOP = 1 << bounds.PRICE_BITS, 1 << bounds.TENOR_BITS


def test_integers_of_any_kind_become_arrays_of_64_bits() -> None:
    for values in (7, [1, 2], (3,), np.array([4], dtype=np.uint8), np.arange(5, dtype=np.int32)):
        assert operand("price", values, high=10).dtype == np.int64
    assert operand("price", [[0, 9]], high=10).shape == (1, 2)
    assert operand("price", [], high=10).dtype == np.int64


@pytest.mark.parametrize("values", [1.0, [1, 2.5], float("nan"), True, "7", [None], 1 << 70])
def test_what_is_no_integer_of_64_bits_is_refused(values: object) -> None:
    with pytest.raises(NotIntegers, match=r"price is .*; next: give integers"):
        operand("price", values, high=10)


@pytest.mark.parametrize("values", [True, [True, False], np.array([False]), []])
def test_what_is_true_or_false_is_taken(values: object) -> None:
    assert truths("is_call", values).dtype == np.bool_


@pytest.mark.parametrize("values", ["P", ["C", "P"], [1, 0], 1.5, None, [True, None]])
def test_what_is_neither_true_nor_false_is_refused(values: object) -> None:
    with pytest.raises(NotBooleans, match=r"is_call is .*; next: give True or False"):
        truths("is_call", values)


@pytest.mark.parametrize(
    ("values", "named"), [([3, -1, 12], -1), ([10], 10), (np.uint64(2**64 - 1), 2**64 - 1)]
)
def test_the_first_value_outside_is_named_with_the_limits(values: object, named: int) -> None:
    with pytest.raises(OutOfRange) as refusal:
        operand("price", values, high=10)
    assert (refusal.value.value, refusal.value.low, refusal.value.high) == (named, 0, 10)


@pytest.mark.parametrize("function", [call_e3, put_e3, call_delta_q28, call_greeks, put_greeks])
@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ((0, 1, 1, 1), "forward"),
        ((PRICE_TOP, 1, 1, 1), "forward"),
        ((1, 0, 1, 1), "strike"),
        ((1, PRICE_TOP, 1, 1), "strike"),
        ((1, 1, -1, 1), "volatility"),
        ((1, 1, bounds.VOL_MAX_E6 + 1, 1), "volatility"),
        ((1, 1, 1, -1), "tenor"),
        ((1, 1, 1, TENOR_TOP), "tenor"),
    ],
)
def test_every_door_refuses_what_is_outside(function, arguments, what: str) -> None:
    with pytest.raises(OutOfRange, match=what):
        function(*arguments)


@pytest.mark.parametrize("function", [call_e3, put_e3, call_delta_q28, call_greeks, put_greeks])
def test_every_door_takes_the_ends_of_its_ranges(function) -> None:
    function(1, PRICE_TOP - 1, bounds.VOL_MAX_E6, TENOR_TOP - 1)
    function(PRICE_TOP - 1, 1, 0, 0)


@pytest.mark.parametrize("function", [call_implied_vols, put_implied_vols])
def test_prices_to_invert_may_be_zero_and_not_less(function) -> None:
    function(0, 1, 1, 1)
    function(PRICE_TOP - 1, 1, PRICE_TOP - 1, TENOR_TOP - 1)
    for price in (-1, PRICE_TOP):
        with pytest.raises(OutOfRange, match="price"):
            function(price, 1, 1, 1)
