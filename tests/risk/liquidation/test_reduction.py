"""What may be sent to the book for a flagged account."""

import pytest

from novate.risk.liquidation.reduction import ReductionRefused, band_e3, check_reduction
from novate.units import OutOfRange, bounds

LIMIT = 1 << bounds.RISK_ENTRY_BITS


@pytest.mark.parametrize(
    ("what", "mark_e3", "delta_e3", "band"),
    [
        ("a perpetual: 3.75 % of its mark", 100_000_000, 100_000_000, 3_750_000),
        ("at the money: half of that, by its delta", 4_000_000, 50_000_000, 1_875_000),
        ("a put's delta has a sign and the band has none", 4_000_000, -50_000_000, 1_875_000),
        ("in the money without gamma: its own mark counts", 99_999_999, 0, 3_749_999),
        ("a wing of 5 USD with a delta of 1/1000", 5_000, 100_000, 3_750),
        ("rounded down", 26, 27, 1),
        ("worthless", 0, 0, 0),
    ],
)
def test_the_band_is_what_a_quarter_of_the_range_does_to_the_price(
    what: str, mark_e3: int, delta_e3: int, band: int
) -> None:
    assert band_e3(mark_e3=mark_e3, delta_e3=delta_e3, range_e6=150_000) == band, what


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mark_e3": LIMIT}, "mark"),
        ({"delta_e3": LIMIT}, "delta"),
        ({"delta_e3": -LIMIT}, "delta"),
        ({"range_e6": 0}, "spot range"),
        ({"range_e6": 1_000_000}, "spot range"),
    ],
)
def test_what_the_risk_table_cannot_hold_is_refused(change: dict[str, int], named: str) -> None:
    most = {"mark_e3": LIMIT - 1, "delta_e3": LIMIT - 1, "range_e6": 999_999}
    assert band_e3(**most) == (LIMIT - 1) * 999_999 // 4_000_000
    with pytest.raises(OutOfRange, match=named):
        band_e3(**(most | change))


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
    assert LIMIT * bounds.RATE_SCALE < 1 << 63
