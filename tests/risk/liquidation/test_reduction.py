"""What may be sent to the book for a flagged account."""

import pytest

from novate.risk.liquidation.reduction import ReductionRefused, band_e3, check_reduction
from novate.units import OutOfRange, bounds

ONE_Q20 = 1 << 20


@pytest.mark.parametrize(
    ("what", "mark_e3", "delta_q20", "band"),
    [
        ("a perpetual: 3.75 % of its mark", 100_000_000, ONE_Q20, 3_750_000),
        ("at the money: half of that, by its delta", 4_000_000, ONE_Q20 // 2, 1_875_000),
        ("a put's delta has a sign and the band has none", 4_000_000, -ONE_Q20 // 2, 1_875_000),
        ("in the money without gamma: its own mark counts", 99_999_999, 0, 3_749_999),
        ("a wing of 5 USD with a delta of 1/1000", 5_000, ONE_Q20 // 1000, 3_747),
        ("worthless", 0, 0, 0),
    ],
)
def test_the_band_is_what_a_quarter_of_the_range_does_to_the_price(
    what: str, mark_e3: int, delta_q20: int, band: int
) -> None:
    found = band_e3(mark_e3=mark_e3, forward_e3=100_000_000, delta_q20=delta_q20, range_e6=150_000)
    assert found == band, what


def test_what_the_delta_moves_is_rounded_down_too() -> None:
    half = ONE_Q20 // 2
    assert band_e3(mark_e3=0, forward_e3=9, delta_q20=half, range_e6=999_999) == 0  # of 4.5, a 4
    assert band_e3(mark_e3=0, forward_e3=10, delta_q20=half, range_e6=999_999) == 1


@pytest.mark.parametrize(
    ("delta_q20", "range_e6"),
    [(ONE_Q20 + 1, 150_000), (-ONE_Q20 - 1, 150_000), (0, 0), (0, 1_000_000)],
)
def test_a_delta_or_a_range_that_cannot_be_is_refused(delta_q20: int, range_e6: int) -> None:
    with pytest.raises(OutOfRange):
        band_e3(mark_e3=1, forward_e3=1, delta_q20=delta_q20, range_e6=range_e6)


FINE = {
    "size_e3": -40_000,
    "fill_e3": 100,
    "price_e3": 100_000,
    "mark_e3": 99_000,
    "band_e3": 1_000,
    "equity_e6": (43_000, 42_900),
    "initial_e6": (60_000, 59_850),
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"fill_e3": 40_000},
        {"size_e3": 40_000, "fill_e3": -100},
        {"price_e3": 98_000},
        {"equity_e6": (43_000, 42_850)},
        {"equity_e6": (43_000, 43_000), "initial_e6": (60_000, 59_999)},
    ],
)
def test_a_fill_that_closes_near_the_mark_and_helps_is_allowed(change: dict[str, int]) -> None:
    check_reduction(**(FINE | change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fill_e3": 40_001}, "does not reduce"),
        ({"fill_e3": -100}, "does not reduce"),
        ({"fill_e3": 0}, "does not reduce"),
        ({"size_e3": 0}, "does not reduce"),
        ({"price_e3": 100_001}, "further than 1000"),
        ({"price_e3": 97_999}, "further than 1000"),
        ({"initial_e6": (60_000, 60_000)}, "its hedge"),
        ({"equity_e6": (43_000, 42_849)}, "by more than"),
    ],
)
def test_a_fill_that_grows_strays_unhedges_or_costs_more_than_it_frees_is_refused(
    change: dict[str, int], said: str
) -> None:
    with pytest.raises(ReductionRefused, match=said):
        check_reduction(**(FINE | change))  # type: ignore[arg-type]


def test_every_product_fits_its_width() -> None:
    price = 1 << bounds.PRICE_BITS
    assert ONE_Q20 * price < 1 << 63
    assert price * bounds.RATE_SCALE < 1 << 63
