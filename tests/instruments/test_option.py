"""European options."""

import pytest

from novate.instruments import Instrument, Option, Payoff, Right, Underlying, call, put
from novate.units import Instant, Multiplier, Price

STRIKE, EXPIRY, HUNDREDTH = Price(850_000), Instant(1_766_736_000), Multiplier(10)


def test_the_codes_of_rights_never_change() -> None:
    assert (Right.CALL, Right.PUT) == (1, 2)


def test_a_put_gains_as_the_index_falls_and_a_call_as_it_rises() -> None:
    assert (Right.PUT.sign, Right.CALL.sign) == (1, -1)


@pytest.mark.parametrize(
    ("right", "payoff"), [(Right.CALL, call(STRIKE)), (Right.PUT, put(STRIKE))]
)
def test_an_option_is_an_instrument_that_pays_its_right(right: Right, payoff: Payoff) -> None:
    option = Option(Underlying.ETH, right, STRIKE, EXPIRY, HUNDREDTH)
    assert option.payoff == payoff
    assert option.instrument == Instrument(Underlying.ETH, HUNDREDTH, EXPIRY, payoff)
