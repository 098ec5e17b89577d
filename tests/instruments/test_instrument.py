"""What can be traded."""

import pytest

from novate.instruments import (
    FINEST,
    LINEAR,
    Instrument,
    Payoff,
    Perpetual,
    Tick,
    Underlying,
    call,
    future,
    perpetual,
    put,
)
from novate.units import Instant, Multiplier, Price, Qty

EXPIRY, HUNDREDTH = Instant(1_766_736_000), Multiplier(10)
STRADDLE = call(Price(850_000)) + put(Price(850_000))


def straddle(**changes: object) -> Instrument:
    terms = {
        "underlying": Underlying.BTC,
        "multiplier": HUNDREDTH,
        "maturity": EXPIRY,
        "payoff": STRADDLE,
        "tick": FINEST,
    }
    return Instrument(**(terms | changes))  # type: ignore[arg-type]


def test_instruments_of_the_same_terms_are_the_same() -> None:
    assert straddle() == straddle(payoff=put(Price(850_000)) + call(Price(850_000)))
    assert len({straddle(), straddle()}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"underlying": Underlying.ETH},
        {"multiplier": Multiplier(11)},
        {"maturity": Instant(EXPIRY.s + 1)},
        {"payoff": LINEAR},
        {"tick": Tick(step=Price(5_000), lot=Qty(10))},
    ],
)
def test_instruments_of_other_terms_are_others(change: dict[str, object]) -> None:
    assert straddle() != straddle(**change)


def test_a_future_and_a_perpetual_differ_in_their_maturity() -> None:
    dated, undated = future(Underlying.BTC, HUNDREDTH, EXPIRY), perpetual(Underlying.BTC, HUNDREDTH)
    assert (dated.payoff, undated.payoff) == (LINEAR, LINEAR)
    assert (dated.maturity, undated.maturity) == (EXPIRY, Perpetual())


@pytest.mark.parametrize("payoff", [STRADDLE, call(Price(1)), LINEAR - call(Price(1))])
def test_a_perpetual_has_no_kinks(payoff: Payoff) -> None:
    assert straddle(payoff=payoff).payoff == payoff
    with pytest.raises(ValueError, match="no kinks"):
        straddle(payoff=payoff, maturity=Perpetual())


def test_an_instrument_is_written_with_its_terms() -> None:
    assert str(future(Underlying.BTC, HUNDREDTH, EXPIRY)) == (
        "BTC, 0.010 per contract, 2025-12-26 08:00:00 UTC, pays S"
    )
    assert str(perpetual(Underlying(7), HUNDREDTH)) == (
        "underlying 7, 0.010 per contract, perpetual, pays S"
    )
