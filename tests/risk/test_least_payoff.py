"""The least that options pay, against every settlement price where it could be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novate.instruments import Instrument, Payoff, Underlying, call, put
from novate.risk import (
    Dials,
    Health,
    Listing,
    Positions,
    RiskTable,
    account_requirement,
    health,
    margins,
    requirement,
)
from novate.risk.least_payoff import least_payoffs_e6, payoff_step_law
from novate.units import Instant, Multiplier, Price, bounds

from .scene import NOW_S, accounts, held, synthetic

SCENE = synthetic()
TABLE = SCENE.table()
A, B, C = 90_000_000, 100_000_000, 120_000_000

PAYOFFS = (
    call(Price(A)),
    call(Price(B)),
    put(Price(A)),
    put(Price(C)),
    call(Price(A)) - call(Price(C)),
    put(Price(B)) + call(Price(B)),
    Payoff(7_000, 0, ()) - call(Price(B)) + call(Price(C)),
    Payoff(0, 1, ()) - call(Price(B)),
    Payoff(-3_000_000, 2, ()) - call(Price(A)) - call(Price(B)),
    2 * call(Price(A)) - 4 * call(Price(B)) + 2 * call(Price(C)),
)
EXPIRIES = (NOW_S + 86_400, NOW_S + 864_000)
LISTING = Listing.of(
    Instrument(Underlying.BTC, Multiplier(1_000), Instant(expiry_s), payoff)
    for payoff in PAYOFFS
    for expiry_s in EXPIRIES
)
BOOKS = st.dictionaries(
    st.integers(0, len(LISTING.instruments) - 1), st.integers(-5_000, 5_000), min_size=1, max_size=6
)


def least(positions: Positions) -> tuple[int, bool]:
    """Of one account in the scene, and whether there is one."""
    one = account_requirement(TABLE, positions)
    least_e6, is_bounded = least_payoffs_e6(SCENE.listing, positions, np.array([one.is_bounded]))
    assert is_bounded.tolist() == [one.is_bounded]
    return int(least_e6[0]), one.is_bounded == 1


def values_e6(listing: Listing, book: dict[int, int], expiry_s: int, price_e3: int) -> int:
    """What the positions of an expiry pay where it settles."""
    return sum(
        size * listing.instruments[row].payoff.value_e6(price_e3 * bounds.PAYOFF_SCALE)
        for row, size in book.items()
        if listing.instruments[row].maturity == Instant(expiry_s)
    )


def slowly(listing: Listing, book: dict[int, int]) -> tuple[int, bool]:
    """The sum of the least at zero and at every strike, and whether it never falls beyond them."""
    least, is_bounded = 0, True
    payoffs = [instrument.payoff for instrument in listing.instruments]
    for expiry_s in EXPIRIES:
        prices = [0, A, B, C]
        found = [values_e6(listing, book, expiry_s, price_e3) for price_e3 in prices]
        assert all(value % 1000 == 0 for value in found)
        mine = {
            row: size
            for row, size in book.items()
            if size and listing.instruments[row].maturity == Instant(expiry_s)
        }
        may_owe = any(
            size * payoffs[row].value_e6(price_e3 * 1000) < 0
            for row, size in mine.items()
            for price_e3 in (*prices, C + 1)
        )
        rounded = min(found) // 1000 - max(len(mine) - 1, 0)
        least += min(rounded, 0) * may_owe
        is_bounded &= values_e6(listing, book, expiry_s, C + 1) >= found[-1]
    return least, is_bounded


@given(st.lists(BOOKS, min_size=1, max_size=5))
def test_the_least_is_that_of_every_expiry_at_its_worst_price(books: list[dict[int, int]]) -> None:
    wanted = [slowly(LISTING, book) for book in books]
    is_asked = np.array([is_bounded for _, is_bounded in wanted])
    least_e6, is_bounded = least_payoffs_e6(
        LISTING, accounts([list(book.items()) for book in books]), is_asked
    )
    assert is_bounded.tolist() == is_asked.tolist()
    for place, (least, _) in enumerate(wanted):
        assert least_e6[place] == least * is_asked[place]


@given(BOOKS, st.integers(0, 3_000 * C), st.integers(0, 3_000 * C))
def test_wherever_expiries_settle_no_less_is_paid(
    book: dict[int, int], near_e6: int, far_e6: int
) -> None:
    if not slowly(LISTING, book)[1]:
        return
    (least_e6,), _ = least_payoffs_e6(LISTING, held(*book.items()), np.array([True]))
    settled_e6 = 0
    for row, size in book.items():
        one, is_near = LISTING.instruments[row], LISTING.group[row] == 1
        price_e6 = near_e6 if is_near else far_e6
        settled_e6 += size * one.payoff.value_e6(price_e6) // 1000  # down, against the account
    assert settled_e6 >= least_e6


@pytest.mark.parametrize(
    ("book", "least_usd"),
    [
        ({("call", 100): 1_000}, 0),
        ({("put", 100): -1_000}, -100_000),
        ({("call", 100): 1_000, ("call", 120): -1_000}, 0),
        ({("call", 100): -1_000, ("call", 120): 1_000}, -20_000),
        ({("put", 80): 1_000, ("put", 100): -1_000}, -20_000),
        (
            {("put", 80): 1, ("put", 100): -1, ("call", 120): -1, ("call", 160): 1},
            -40,
        ),
        ({("call", 100): 1_000, ("call", 120): -2_000, ("call", 160): 1_000}, -20_000),
        ({("call", 100): -1_000}, None),
        ({("call", 100): 1_000, ("call", 120): -1_001}, None),
    ],
)
def test_books_that_desks_know_pay_at_least_what_desks_say(
    book: dict[tuple[str, int], int], least_usd: int | None
) -> None:
    rows = {
        (SCENE.call if right == "call" else SCENE.put)(1, strike): size
        for (right, strike), size in book.items()
    }
    owes = min(book.values()) < 0 and least_usd is not None
    wanted_e6 = (least_usd or 0) * 10**6 - (len(book) - 1) * owes
    assert least(held(*rows.items())) == (wanted_e6, least_usd is not None)


def test_what_is_paid_for_certain_is_no_cash() -> None:
    """A box pays its width whatever happens, one day: no other expiry may owe it before."""
    box = {
        SCENE.call(1, 80): 1_000,
        SCENE.call(1, 100): -1_000,
        SCENE.put(1, 100): 1_000,
        SCENE.put(1, 80): -1_000,
    }
    assert least(held(*box.items())) == (0, True)
    later = held(*box.items(), (SCENE.put(2, 80), -250))
    assert least(later) == (-20_000 * 10**6, True)


def test_expiries_do_not_pay_for_each_other() -> None:
    """A calendar: the far call may end worthless after the near one was paid."""
    book = held((SCENE.call(1, 100), -1_000), (SCENE.call(2, 100), 1_000))
    assert least(book) == (0, False)
    puts = held((SCENE.put(1, 100), -1_000), (SCENE.put(2, 100), 1_000))
    assert least(puts) == (-100_000 * 10**6, True)


@pytest.mark.parametrize("row", [SCENE.perp, SCENE.future(1)])
def test_who_holds_a_linear_contract_has_no_least(row: int) -> None:
    for size in (1, -1):
        assert least(held((row, size))) == (0, False)
    assert least(held((row, 0))) == (0, True)


@pytest.mark.parametrize(("size_e3", "is_bounded"), [((1 << 27) - 1, 1), (-(1 << 27) + 1, 0)])
def test_one_position_of_any_size_at_usual_prices_is_answered(
    size_e3: int, is_bounded: int
) -> None:
    positions = held((SCENE.call(1, 100), size_e3))
    _, found = least_payoffs_e6(SCENE.listing, positions, np.array([is_bounded == 1]))
    assert found.tolist() == [is_bounded]


def test_large_sizes_at_the_highest_strikes_are_answered_exactly_up_to_60_bits() -> None:
    highest = (1 << bounds.STRIKE_BITS) - 1
    largest = (1 << (bounds.QTY_BITS - 2)) - 1
    expiry = Instant(NOW_S + 86_400)
    puts = [
        Instrument(Underlying.BTC, Multiplier(1_000), expiry, put(Price(highest - place)))
        for place in range(6)
    ]
    listing = Listing.of(puts)
    for count in (1, 2, 3, 4):
        book = [(row, -largest) for row in range(count)]
        least_e6, is_bounded = least_payoffs_e6(listing, held(*book), np.array([True]))
        strikes = [one.payoff.constant_e3 for one in listing.instruments[:count]]
        exact = -largest * sum(strikes) - (count - 1)
        assert (least_e6.tolist(), is_bounded.tolist()) == (
            ([exact], [1]) if exact > -(1 << bounds.LEAST_PAYOFF_BITS) else ([0], [0])
        )


@given(
    here=st.integers(-(1 << 60), 1 << 60),
    slope=st.integers(-(1 << 30), 1 << 30),
    strike=st.integers(0, (1 << 34) - 1),
    run=st.integers(0, (1 << 34) - 1),
    wrong=st.integers(1, 1 << 40),
)
def test_a_payoff_steps_straight_and_nowhere_else(
    here: int, slope: int, strike: int, run: int, wrong: int
) -> None:
    there = here + slope * run
    assert payoff_step_law(here, slope, strike, strike + run, there) == 0
    assert payoff_step_law(here, slope, strike, strike + run, there + wrong) != 0


CURVED = np.flatnonzero(SCENE.listing.is_curved).tolist()
DIALS = [Dials(liquidation_threshold_e6=threshold) for threshold in (500_000, 10**6, 1_300_001)]
TABLES = [SCENE.table(dials=dials) for dials in DIALS]


@given(
    st.dictionaries(st.sampled_from(CURVED), st.integers(-5_000, 5_000), min_size=1, max_size=6),
    st.sampled_from(TABLES),
    st.integers(-(10**9), 10**9),
)
def test_with_cash_for_the_least_an_account_has_initial_margin_and_is_never_flagged(
    book: dict[int, int], table: RiskTable, more_e6: int
) -> None:
    """With a micro-USDC less it has the margin of any other."""
    positions = held(*book.items())
    one, (least_e6, is_bounded) = requirement(table, positions), least(positions)
    if not is_bounded:
        return
    found = margins(np.array([more_e6 - least_e6]), [one]).of(0)
    has_all = more_e6 >= 0 or found.equity.e6 >= int(one.uncapped_initial_e6[0])
    assert (found.equity >= found.initial) is has_all
    if has_all:
        assert health(found, table.shocks.dials) is Health.HEALTHY
    assert found.available.e6 >= more_e6
    assert 0 <= found.maintenance.e6 <= one.uncapped_maintenance_e6[0]
    assert found.maintenance <= found.initial
    marks_e6 = int(book_value(table, book))
    assert int(one.position_value_e6[0]) == max(marks_e6, least_e6)
    assert int(one.initial_e6[0]) == min(
        int(one.uncapped_initial_e6[0]), max(marks_e6, least_e6) - least_e6
    )


def book_value(table: RiskTable, book: dict[int, int]) -> int:
    """At the marks less what they may err."""
    return sum(
        size * int(table.mark_lo_e3[row] if size > 0 else table.mark_hi_e3[row])
        for row, size in book.items()
    )


def test_no_more_is_asked_than_can_be_lost_and_only_what_can_be_lost_is_capped() -> None:
    """A narrow spread, of which charges and scan would ask more; and the same with a perpetual."""
    spread = {SCENE.call(1, 100): 1_000, SCENE.call(1, 120): -1_000}
    one = account_requirement(TABLE, held(*spread.items()))
    assert one.initial_e6 == one.position_value_e6 + 1 < one.uncapped_initial_e6
    with_perp = account_requirement(TABLE, held((SCENE.perp, -1), *spread.items()))
    assert with_perp.initial_e6 == with_perp.uncapped_initial_e6 > one.initial_e6
