"""Instruments as arrays: groups, nodes, kinks, and what can come to owe."""

import numpy as np
import pytest

from novate.instruments import (
    LINEAR,
    Instrument,
    Option,
    Payoff,
    Right,
    Underlying,
    call,
    future,
    perpetual,
    put,
)
from novate.risk import Listing, NotOneUnderlying, UnlistedInstrument
from novate.units import Instant, Multiplier, Price

from .scene import NOW_S, ONE_UNIT, option, real, synthetic

EXPIRY, LATER = Instant(NOW_S + 100), Instant(NOW_S + 200)
PERP = perpetual(Underlying.BTC, ONE_UNIT)
A, B, C = Price(80_000), Price(100_000), Price(120_000)


def paying(payoff: Payoff, expiry: Instant = EXPIRY) -> Instrument:
    return Instrument(Underlying.BTC, ONE_UNIT, expiry, payoff)


def test_groups_are_the_perpetual_and_then_each_expiry_in_order() -> None:
    listing = Listing.of([paying(call(B), LATER), PERP, paying(put(A)), paying(LINEAR, LATER)])
    assert listing.expiry_s.tolist() == [0, EXPIRY.s, LATER.s]
    assert listing.group.tolist() == [0, 1, 2, 2]
    assert listing.instruments[0] == PERP
    assert listing.groups == 3


def test_the_order_in_which_instruments_are_named_changes_nothing() -> None:
    instruments = synthetic().listing.instruments
    again = Listing.of(reversed(instruments))
    assert again.instruments == instruments
    assert again.node_strike_e3.tolist() == synthetic().listing.node_strike_e3.tolist()


def test_a_listing_without_a_perpetual_still_has_its_group() -> None:
    listing = Listing.of([paying(call(B))])
    assert listing.expiry_s.tolist() == [0, EXPIRY.s]
    assert listing.group.tolist() == [1]


def test_a_call_and_a_put_share_a_node() -> None:
    listing = Listing.of([paying(call(B)), paying(put(B)), paying(call(B), LATER)])
    assert listing.node_group.tolist() == [1, 2]
    assert listing.node_strike_e3.tolist() == [B.e3, B.e3]
    assert listing.kink_node.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("payoff", "upside", "downside", "can_owe", "is_curved"),
    [
        (call(B), 1, 0, 0, True),
        (put(B), 0, 1, 0, True),
        (-call(B), -1, 0, 1, True),
        (-put(B), 0, -1, 1, True),
        (call(A) - call(B), 0, 0, 0, True),
        (call(B) - call(A), 0, 0, 1, True),
        (call(A) - 2 * call(B), -1, 0, 1, True),
        (call(B) + put(A), 1, 1, 0, True),
        (call(A) - 2 * call(B) + call(C), 0, 0, 0, True),
        (LINEAR, 0, 0, 1, False),
        (-LINEAR, 0, 0, 1, False),
        (LINEAR - call(B), 0, -1, 0, True),  # a covered call, worth min(S, strike)
        (Payoff(5, 0, ()), 0, 0, 1, False),
        (Payoff(-1, 0, ()) + call(A), 1, 0, 1, True),
    ],
)
def test_an_instrument_says_what_it_gains_beyond_its_strikes_and_whether_it_can_owe(
    payoff: Payoff, upside: int, downside: int, can_owe: int, is_curved: bool
) -> None:
    listing = Listing.of([paying(payoff)])
    assert listing.upside.tolist() == [upside]
    assert listing.downside.tolist() == [downside]
    assert listing.can_owe.tolist() == [can_owe]
    assert listing.is_curved.tolist() == [is_curved]


def test_what_can_owe_is_what_is_below_zero_somewhere() -> None:
    settlements_e6 = np.arange(0, 400_000_001, 1_000_000)
    for payoff in (call(A) - call(C), put(C) - put(A), call(B) + put(B), -call(C) + call(A)):
        lowest = payoff.value_e6(settlements_e6).min()
        assert (lowest < 0) == bool(Listing.of([paying(payoff)]).can_owe[0])


def test_sums_over_kinks_are_those_of_each_instrument() -> None:
    listing = Listing.of([PERP, paying(call(A) - 2 * call(B) + call(C)), paying(put(B))])
    turns = listing.sum_kinks(listing.kink_turn)
    assert turns.tolist() == [sum(k.turn for k in one.payoff.kinks) for one in listing.instruments]
    wide = listing.sum_kinks(listing.kink_turn[:, None] * np.array([1, 10]))
    assert wide.tolist() == [[turn, 10 * turn] for turn in turns.tolist()]


def test_a_listing_without_kinks_sums_to_nothing() -> None:
    listing = Listing.of([PERP, future(Underlying.BTC, ONE_UNIT, EXPIRY)])
    assert listing.sum_kinks(listing.kink_turn).tolist() == [0, 0]


def test_an_instrument_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="is listed twice; next: list it once"):
        Listing.of([PERP, paying(call(B)), PERP])


@pytest.mark.parametrize(
    "stranger",
    [
        perpetual(Underlying.ETH, ONE_UNIT),
        perpetual(Underlying.BTC, Multiplier(10)),
        Option(Underlying.ETH, Right.CALL, B, EXPIRY, ONE_UNIT).instrument,
    ],
)
def test_another_underlying_or_multiplier_is_refused(stranger: Instrument) -> None:
    with pytest.raises(NotOneUnderlying, match="one underlying with one multiplier, found 2"):
        Listing.of([PERP, stranger])


def test_a_listing_of_nothing_is_refused() -> None:
    with pytest.raises(NotOneUnderlying, match="found 0"):
        Listing.of([])


def test_rows_find_instruments_and_refuse_others() -> None:
    listing = synthetic().listing
    some = [listing.instruments[row] for row in (7, 0, 7)]
    assert listing.rows(some).tolist() == [7, 0, 7]
    stranger = option(Right.CALL, NOW_S + 5, 100_000_000, 100)
    with pytest.raises(UnlistedInstrument, match="is not listed; next: list it") as refusal:
        listing.rows([*some, stranger])
    assert refusal.value.instrument == stranger


@pytest.mark.parametrize("chosen", [[1], [2, 3], [0, 2], [0, 1, 2, 3]])
def test_a_part_is_the_listing_of_its_groups(chosen: list[int]) -> None:
    whole = synthetic().listing
    groups = np.isin(np.arange(whole.groups), chosen)
    part, rows, nodes = whole.part(groups)
    assert part.instruments == tuple(whole.instruments[row] for row in rows)
    assert part.node_strike_e3.tolist() == whole.node_strike_e3[nodes].tolist()
    assert part.expiry_s.tolist() == whole.expiry_s[chosen].tolist()
    for kink, instrument in enumerate(part.kink_instrument.tolist()):
        node = part.kink_node[kink]
        kinks = {one.strike_e3: one.turn for one in part.instruments[instrument].payoff.kinks}
        assert kinks[int(part.node_strike_e3[node])] == part.kink_turn[kink]
        assert part.node_group[node] == part.group[instrument]


def test_the_rows_of_a_group_are_neighbours_on_a_published_chain() -> None:
    listing = real().listing
    assert np.all(np.diff(listing.group) >= 0)
    assert np.all(np.diff(listing.kink_instrument) >= 0)
    assert np.all(listing.node_group[listing.kink_node] == listing.group[listing.kink_instrument])
