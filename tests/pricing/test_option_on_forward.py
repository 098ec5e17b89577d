"""One option for one question."""

import doctest
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared_data import published

from novate.instruments import Option, Right, Underlying
from novate.pricing import (
    ContractGreeks,
    Implied,
    NoImpliedVol,
    OptionOnForward,
    Svi,
    call_e3,
    call_greeks,
    implied_vol_e6,
    option_on_forward,
    put_e3,
    put_greeks,
)
from novate.units import Instant, Multiplier, OutOfRange, Price, Tenor, Usd, Vol, bounds

from .exact import ONE_Q28
from .points import PRICE_MAX, TENOR_MAX

MONTH = Tenor(30 * 86_400)
SMILE = Svi(a_e6=120_000, b_e6=250_000, rho_e6=-300_000, m_e6=50_000, s_e6=400_000)


def call(strike_usd: int, tenor: Tenor = MONTH) -> OptionOnForward:
    return OptionOnForward(Right.CALL, Price(100_000_000), Price(strike_usd * 1_000), tenor)


def put(strike_usd: int, tenor: Tenor = MONTH) -> OptionOnForward:
    return OptionOnForward(Right.PUT, Price(100_000_000), Price(strike_usd * 1_000), tenor)


prices = st.integers(1, PRICE_MAX)
options = st.builds(
    OptionOnForward,
    st.sampled_from(Right),
    prices.map(Price),
    prices.map(Price),
    st.integers(0, TENOR_MAX).map(Tenor),
)
vols = st.integers(0, bounds.VOL_MAX_E6).map(Vol)


def test_the_example_is_true() -> None:
    found = doctest.testmod(option_on_forward)
    assert (found.attempted, found.failed) == (8, 0)


@given(options, vols)
def test_it_answers_what_the_functions_on_arrays_answer(option: OptionOnForward, vol: Vol) -> None:
    is_call = option.right is Right.CALL
    arguments = (option.forward.e3, option.strike.e3, vol.e6, option.tenor.s)
    assert option.price(vol).e3 == (call_e3 if is_call else put_e3)(*arguments)
    greeks, found = (call_greeks if is_call else put_greeks)(*arguments), option.greeks(vol)
    assert found == ContractGreeks(
        found.delta_e6,
        int(greeks.gamma_e9),
        Usd(int(greeks.vega_e6)),
        Usd(int(greeks.theta_e6)),
        Usd(int(greeks.rho_e6)),
    )
    assert abs(found.delta_e6 * ONE_Q28 - int(greeks.delta_q28) * 10**6) * 2 <= ONE_Q28


@given(options, vols)
def test_a_price_implies_the_least_volatility_that_reaches_it_or_says_why_none(
    option: OptionOnForward, vol: Vol
) -> None:
    price = option.price(vol)
    try:
        found = option.implied_vol(price)
    except NoImpliedVol as why:
        assert why.implied in (Implied.FLAT, Implied.INTRINSIC)
    else:
        assert option.price(found) >= price > option.price(Vol(found.e6 - 1))


@pytest.mark.parametrize(
    ("option", "price_e3", "implied", "why"),
    [
        (call(90_000), 9_999_999, Implied.BELOW_INTRINSIC, "intrinsic value is 10,000.000 USD"),
        (call(90_000), 10_000_000, Implied.INTRINSIC, "intrinsic value, as of all up to 7.79"),
        (put(80_000, Tenor(86_400)), 1, Implied.FLAT, "all from 87.6192 % to 92.2385 %"),
        (call(90_000), 100_000_000, Implied.ABOVE_VOL_MAX, "1000.0000 % gives 85,"),
        (call(90_000), 100_000_001, Implied.ABOVE_BOUND, "no call is worth more than 100,000.000"),
        (put(90_000), 90_000_001, Implied.ABOVE_BOUND, "no put is worth more than 90,000.000"),
        (call(90_000, Tenor(0)), 10_000_000, Implied.INTRINSIC, "all up to 1000.0000 %"),
        (call(90_000, Tenor(0)), 10_000_001, Implied.ABOVE_VOL_MAX, "gives 10,000.000 USD"),
    ],
)
def test_a_price_that_implies_no_volatility_says_why(
    option: OptionOnForward, price_e3: int, implied: Implied, why: str
) -> None:
    with pytest.raises(NoImpliedVol, match=why) as refusal:
        option.implied_vol(Price(price_e3))
    assert (refusal.value.implied, refusal.value.price) == (implied, Price(price_e3))


@pytest.mark.parametrize("price_e3", [0, 1])
@pytest.mark.parametrize("what", ["forward", "strike"])
def test_forward_and_strike_are_above_zero(what: str, price_e3: int) -> None:
    terms = {"forward": Price(5), "strike": Price(5), what: Price(price_e3)}
    if price_e3:
        OptionOnForward(Right.PUT, tenor=MONTH, **terms)
    else:
        with pytest.raises(OutOfRange, match=what):
            OptionOnForward(Right.PUT, tenor=MONTH, **terms)


EXPIRY = Instant(1_766_736_000)


@pytest.mark.parametrize(("left_s", "is_alive"), [(1, True), (0, True), (-1, False)])
def test_a_listed_option_is_valued_until_its_expiry(left_s: int, is_alive: bool) -> None:
    listed = Option(Underlying.BTC, Right.PUT, Price(90_000_000), EXPIRY, Multiplier(1_000))
    now, forward = Instant(EXPIRY.s - left_s), Price(100_000_000)
    if is_alive:
        assert OptionOnForward.of(listed, forward, now) == put(90_000, Tenor(left_s))
    else:
        with pytest.raises(OutOfRange, match="tenor"):
            OptionOnForward.of(listed, forward, now)


def test_the_values_and_deltas_that_derive_publishes_are_ours() -> None:
    """Those whose numbers are in range: two have a price of 2**128, two none, one 2500 %.

    Source: the tests of lyra-utils, with their results discounted.
    """
    cases = json.loads(published("derive/math_and_auction_vectors.json").read_text())
    found = 0
    for case in cases["black76"]["cases"]:
        forward, strike, vol = (float(case.get(name, 0)) for name in ("F", "K", "vol"))
        if min(forward, strike) > 0 and vol <= 10:
            found += 1
            terms = Price(int(forward * 1_000)), Price(int(strike * 1_000)), Tenor(case["T_s"])
            for right, kind in ((Right.CALL, "call"), (Right.PUT, "put")):
                price = OptionOnForward(right, *terms).price(Vol(int(vol * 1e6)))
                assert abs(price.e3 - float(case[kind]) / float(case["disc"]) * 1_000) <= 0.6
            delta = OptionOnForward(Right.CALL, *terms).greeks(Vol(int(vol * 1e6))).delta_e6
            assert abs(delta - float(case["call_delta_undisc"]) * 1e6) <= 0.6
    assert found == 4


def test_a_smile_gives_the_volatility_of_a_mark_and_none_at_expiry() -> None:
    vol = call(95_000).smile_vol(SMILE)
    assert vol.e6 == implied_vol_e6(SMILE, 100_000_000, 95_000_000, MONTH.s)
    with pytest.raises(OutOfRange, match="tenor of a smile"):
        call(95_000, Tenor(0)).smile_vol(SMILE)
