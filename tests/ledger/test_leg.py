"""What a fill does to one account."""

from dataclasses import replace

import pytest

from novate.ledger import Collateral, OrderSlot, Position, Side, limit_law
from novate.ledger.draft import Draft
from novate.ledger.leg import Leg, leg
from novate.units import Price, Qty, Rate

from .scene import ALICE, BOB, USD, opened, order, traded


def bob_sells(size_e3: int = 1_000) -> Leg:
    return leg(
        order(BOB, Side.SELL).message,
        position_slot=0,
        price=Price(15_000),
        size=Qty(size_e3),
        fee_rate=Rate(500),
        draft=Draft(opened()),
    )


@pytest.mark.parametrize(("direction", "limit", "price", "slack"), [(1, 9, 7, 2), (-1, 5, 7, 2)])
def test_slack_is_how_much_better_than_the_limit_the_price_is(
    direction: int, limit: int, price: int, slack: int
) -> None:
    assert limit_law(direction, limit, price, slack) == 0
    assert limit_law(-direction, limit, price, slack) != 0


def test_a_leg_is_the_account_after_the_fill() -> None:
    side = bob_sells()
    assert side.filled == OrderSlot(1, 1_000)
    assert side.position == Position(1, -1_000)
    assert side.fee_e6 == 7_500
    collateral = Collateral(10_015 * USD - 7_500, 850 * USD)
    assert (side.balance_e6, side.locked_e6) == (collateral.balance_e6, collateral.locked_e6)
    assert collateral.encode() in dict(side.words).values()


def test_a_lock_that_is_not_covered_is_never_written() -> None:
    side = replace(bob_sells(), balance_e6=850 * USD - 1)
    with pytest.raises(AssertionError):
        assert side.words


def test_a_leg_counts_on_from_the_slot() -> None:
    side = leg(
        order(ALICE, Side.BUY).message,
        position_slot=0,
        price=Price(15_000),
        size=Qty(1_000),
        fee_rate=Rate(300),
        draft=Draft(traded()),
    )
    assert side.filled == OrderSlot(1, 2_000)
    assert side.position == Position(1, 2_000)
