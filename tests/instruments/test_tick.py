"""Which prices and sizes an order may name."""

import pytest

from novate.instruments import FINEST, Tick, TickStep
from novate.units import OutOfRange, Price, Qty, Rounding

# Steps of 5 USD, of 20 USD above 1,000 USD; lots of 0.01 contracts.
WIDENING = Tick(Price(5_000), Qty(10), (TickStep(Price(1_000_000), Price(20_000)),))


@pytest.mark.parametrize(
    ("price_usd", "floor_usd", "ceil_usd"),
    [
        (0, 0, 0),
        (4, 0, 5),
        (5, 5, 5),
        (6, 5, 10),
        (995, 995, 995),
        (999, 995, 1_000),
        (1_000, 1_000, 1_000),
        (1_001, 1_000, 1_020),
        (1_005, 1_000, 1_020),
        (1_020, 1_020, 1_020),
    ],
)
def test_prices_are_on_a_grid_that_widens(price_usd: int, floor_usd: int, ceil_usd: int) -> None:
    price = Price(price_usd * 1_000)
    assert WIDENING.price(price, Rounding.FLOOR) == Price(floor_usd * 1_000)
    assert WIDENING.price(price, Rounding.CEIL) == Price(ceil_usd * 1_000)


@pytest.mark.parametrize(("price_usd", "step_usd"), [(999, 5), (1_000, 5), (1_001, 20)])
def test_a_step_holds_up_to_the_price_above_which_the_next_one_does(
    price_usd: int, step_usd: int
) -> None:
    assert WIDENING.step_at(Price(price_usd * 1_000)) == Price(step_usd * 1_000)


@pytest.mark.parametrize(
    ("size_e3", "lots_e3"), [(9, 0), (10, 10), (19, 10), (-9, 0), (-10, -10), (-19, -10), (0, 0)]
)
def test_a_size_never_becomes_more_than_was_asked_for(size_e3: int, lots_e3: int) -> None:
    assert WIDENING.size(Qty(size_e3)) == Qty(lots_e3)


def test_the_finest_tick_takes_every_price_and_size() -> None:
    for rounding in Rounding:
        assert FINEST.price(Price(1_234_567), rounding) == Price(1_234_567)
    assert FINEST.size(Qty(-7)) == Qty(-7)


def test_above_the_highest_step_there_is_no_price() -> None:
    top = Price(2**34 - 1)
    assert WIDENING.price(top, Rounding.FLOOR) == Price(17_179_860_000)
    with pytest.raises(OutOfRange, match="price"):
        WIDENING.price(top, Rounding.CEIL)


@pytest.mark.parametrize(("step_e3", "lot_e3"), [(0, 1), (1, 0), (1, -1)])
def test_a_step_and_a_lot_are_above_zero(step_e3: int, lot_e3: int) -> None:
    with pytest.raises(OutOfRange, match=r"step|lot"):
        Tick(Price(step_e3), Qty(lot_e3))


def test_a_coarser_step_is_above_zero_too() -> None:
    with pytest.raises(OutOfRange, match="step"):
        TickStep(Price(1_000), Price(0))


@pytest.mark.parametrize(
    "coarser",
    [
        pytest.param([(0, 5)], id="from zero"),
        pytest.param([(1_001, 2)], id="off its own grid"),
        pytest.param([(1_000, 5), (1_000, 10)], id="twice from one price"),
        pytest.param([(2_000, 5), (1_000, 10)], id="not ascending"),
        pytest.param([(1_000, 5), (2_000, 4)], id="finer further up"),
    ],
)
def test_a_grid_widens_each_step_from_a_price_of_its_own(coarser: list[tuple[int, int]]) -> None:
    steps = tuple(TickStep(Price(above_e3), Price(step_e3)) for above_e3, step_e3 in coarser)
    with pytest.raises(ValueError, match="coarser"):
        Tick(Price(1), Qty(1), steps)
