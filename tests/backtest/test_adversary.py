"""Books made to lose: what the programs ask is what the models ask, and what is found is real."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import benchmarks
import numpy as np
import pytest
from benchmarks.backtest.adversary import LEAST_MARGIN, TARGETS, bets, neutral, page
from benchmarks.backtest.adversary.cheapest import FEWEST, OF_ALL, PART, cheapest, sides
from benchmarks.backtest.adversary.hunt import HINDSIGHT, SEARCHES, Case, hunt
from benchmarks.backtest.adversary.offer import LEAST_DELTA, Offer, in_lots
from benchmarks.backtest.adversary.outcome import Outcome
from benchmarks.backtest.adversary.program import Program
from benchmarks.backtest.adversary.target import Target
from benchmarks.backtest.books import NOTIONAL_USD
from benchmarks.backtest.chains import Chain, chains
from benchmarks.backtest.market import LEAST_DAYS
from benchmarks.backtest.novate_model import Novate
from benchmarks.backtest.stretch import CHOICE
from benchmarks.peers import Books, Kind
from tests.shared_data import needs_shared_data

from .test_books import AT
from .test_books import chain as full_chain

OURS, NO_LEAST, DERIBIT, DERIVE = TARGETS
EXACT = (OURS, NO_LEAST, DERIBIT)
LATEST = Path(benchmarks.__file__).parent / "latest" / "backtest.json"
CENT = 0.01
ROUNDED = 1e-4
"""What rounding to lots of a hundred dollars may change, as a part of a million."""


def chain(price: float = 100_000.0, vol: float = 0.5, hours: float = 0.0) -> Chain:
    """Few strikes, and an expiry that is over within six hours."""
    whole = full_chain(price, vol, hours, days=(0.2, 1.5, 7.0, 30.0, 90.0))
    thin = (replace(s, strikes=s.strikes[::2], vols=s.vols[::2]) for s in whole.smiles)
    return replace(whole, smiles=tuple(thin))


LATER = chain(price=98_500.0, vol=0.51, hours=6)
CASE = Case(chain(), (LATER, None))


@pytest.fixture(scope="module")
def offer() -> Offer:
    return Offer.of(chain())


def _program(target: Target, offer: Offer) -> Program:
    program = Program(offer)
    target.ask(program, offer)
    return program


def _some_books(offer: Offer, count: int) -> np.ndarray:
    """Of any shape, sizes and sides by lot, three quarters of the notional in each."""
    rng = np.random.default_rng(11)
    able = np.flatnonzero(offer.is_tradable)
    books = np.zeros((count, offer.is_tradable.size))
    for book in books:
        legs = rng.choice(able, 7, replace=False)
        book[legs] = rng.normal(size=legs.size)
        book *= 0.75 * NOTIONAL_USD / (np.abs(book).sum() * 100_000.0)
    return in_lots(books)


def test_what_is_offered_is_traded_and_near_enough_to_the_money(offer: Offer) -> None:
    reach, days = np.abs(offer.deltas), offer.days
    option = offer.is_tradable & offer.market.scene.is_option
    assert offer.is_tradable[0] and offer.market.scene.kinds[0] == Kind.PERPETUAL
    assert option.sum() > 100
    assert (reach[option] >= LEAST_DELTA).all() and (reach[option] <= 1 - LEAST_DELTA).all()
    assert (days[option] >= LEAST_DAYS).all()


def test_an_expiry_that_is_not_traded_any_more_is_not_offered() -> None:
    soon = Offer.of(chain(hours=0.2 * 24 - 1.9))
    assert soon.market.scene.tenors[0] * 365 < LEAST_DAYS
    assert not soon.is_tradable[soon.market.scene.expiries == 0].any()


@pytest.mark.parametrize("target", EXACT, ids=lambda t: t.model.name)
def test_a_program_asks_of_any_book_what_the_model_asks(target: Target, offer: Offer) -> None:
    program, books = _program(target, offer), _some_books(offer, 12)
    asked = target.model.margin(offer.market.scene, Books.of(books)).maintenance
    assert [program.asked(book) for book in books] == pytest.approx(asked, abs=CENT)
    assert asked.min() > 100


@needs_shared_data
@pytest.mark.parametrize("target", EXACT, ids=lambda t: t.model.name)
def test_so_it_does_on_a_chain_that_was_published(target: Target) -> None:
    offer = Offer.of(chains(CHOICE)["ETH"][0])
    index_price = offer.market.scene.index_price
    books = in_lots(_some_books(offer, 12) * (100_000.0 / index_price))
    program = _program(target, offer)
    asked = target.model.margin(offer.market.scene, Books.of(books)).maintenance
    assert [program.asked(book) for book in books] == pytest.approx(asked, abs=CENT)


def test_the_program_of_a_margin_that_is_not_convex_asks_at_least_as_much(offer: Offer) -> None:
    program, books = _program(DERIVE, offer), _some_books(offer, 12)
    asked = DERIVE.model.margin(offer.market.scene, Books.of(books)).maintenance
    of_program = np.array([program.asked(book) for book in books])
    assert (of_program >= asked - CENT).all()
    assert of_program == pytest.approx(asked, rel=0.05)


def test_an_expiry_that_will_be_gone_pays_for_nothing_in_the_program_either(offer: Offer) -> None:
    scene, book = offer.market.scene, np.zeros(offer.is_tradable.size)
    near = np.flatnonzero(offer.is_tradable & (scene.expiries == 0) & (scene.kinds == Kind.CALL))
    book[near[np.argmin(scene.strikes[near])]] = 4.0
    book[0] = -4.0
    asked = OURS.model.margin(scene, Books.of(book)).maintenance[0]
    assert _program(OURS, offer).asked(book) == pytest.approx(asked, abs=CENT)
    alone = Books.of(np.where(np.arange(book.size) == 0, book, 0.0))
    assert asked >= OURS.model.margin(scene, alone).maintenance[0] - CENT


@pytest.mark.parametrize("target", EXACT, ids=lambda t: t.model.name)
def test_what_the_program_expects_is_what_the_book_then_loses(target: Target, offer: Offer) -> None:
    program, gains = _program(target, offer), offer.gains(LATER)
    book = program.best(gains)
    expected = (-book @ gains - program.asked(book)) / NOTIONAL_USD
    found = Outcome.of(target.model, offer, book[None], [LATER, None])
    assert expected > 5 * ROUNDED
    assert found.loss[0] - found.maintenance == pytest.approx(expected, abs=ROUNDED)


def test_a_book_has_at_most_the_notional_and_only_what_is_offered(offer: Offer) -> None:
    book = _program(NO_LEAST, offer).best(offer.gains(LATER))
    assert np.abs(book).sum() * 100_000.0 == pytest.approx(NOTIONAL_USD)
    assert not book[~offer.is_tradable].any()


def test_rounding_to_lots_turns_no_leg_round_and_no_shortfall(offer: Offer) -> None:
    book = _program(NO_LEAST, offer).best(offer.gains(LATER))
    lots = in_lots(book)
    assert (lots * book >= 0).all()
    assert np.abs(lots - book).max() <= 0.0005 + 1e-12
    assert np.allclose(lots * 1000, np.round(lots * 1000), atol=1e-6)
    found = Outcome.of(NO_LEAST.model, offer, book[None], [LATER, None])
    assert found.beyond(0)[0] > 0


def test_each_model_is_hurt_most_by_its_own_best_book(offer: Offer) -> None:
    gains = offer.gains(LATER)
    books = np.array([_program(target, offer).best(gains) for target in EXACT])
    for i, target in enumerate(EXACT):
        beyond = Outcome.of(target.model, offer, books, [LATER, None]).beyond(0)
        assert beyond[i] >= beyond.max() - ROUNDED


def test_where_nothing_moves_and_no_time_passes_nothing_is_found(offer: Offer) -> None:
    gains = offer.gains(chain())
    book = _program(OURS, offer).best(gains)
    found = Outcome.of(OURS.model, offer, book[None], [chain(), None])
    assert found.is_held.tolist() == [0] and found.beyond(0).tolist() == [0]
    assert found.legs[0].endswith(": none")


def test_the_least_scan_covers_a_book_that_was_made_against_the_model_without_it(
    offer: Offer,
) -> None:
    program, rng = _program(NO_LEAST, offer), np.random.default_rng(3)
    books = cheapest(program, sides(offer, rng, 6))
    alone = (replace(s, vols=s.vols * rng.uniform(0.98, 1.02, s.vols.size)) for s in chain().smiles)
    later = replace(chain(), smiles=tuple(alone))  # each strike moves by itself
    without, with_it = (Outcome.of(t.model, offer, books, [later, None]) for t in (NO_LEAST, OURS))
    assert (without.beyond(0) > 0).any()
    assert with_it.beyond(0).max() == 0
    assert (with_it.maintenance > without.maintenance).all()


def test_where_there_is_no_later_chain_a_loss_is_not_known(offer: Offer) -> None:
    found = Outcome.of(OURS.model, offer, _some_books(offer, 3), [None, LATER])
    assert np.isnan(found.loss[0]).all() and np.isfinite(found.loss[1]).all()
    assert found.figures([0])["6h"] == {"known": 0}
    assert found.figures([1])["12h"]["known"] == 3


def test_a_book_is_told_by_its_instant_and_its_legs_the_largest_first(offer: Offer) -> None:
    book = np.zeros(offer.is_tradable.size)
    scene = offer.market.scene
    option = int(np.flatnonzero((scene.kinds == Kind.PUT) & (scene.expiries == 2))[0])
    book[0], book[option] = -1.5, 2.25
    strike = f"{scene.strikes[option]:g}"
    assert offer.in_words(book) == (
        f"2026-01-05 04:00: +2.250 BTC-12JAN26-{strike}-P, -1.500 BTC-PERPETUAL"
    )


def test_imagined_moves_are_seven_of_spot_four_of_the_smile_and_six_of_the_term() -> None:
    every = list(bets.imagined(chain()))
    assert Counter(name for name, _ in every) == {bets.SPOT: 7, bets.SMILE: 4, bets.TERM: 6}
    for _, later in every:
        assert later.at == AT + timedelta(hours=6)
        assert [s.expiry for s in later.smiles] == [s.expiry for s in chain().smiles[1:]]
    unmoved = [later for name, later in every if name == bets.SPOT][3]
    assert (unmoved.forwards == chain().forwards[1:]).all()
    tilted = next(later for name, later in every if name == bets.SMILE).smiles[2]
    assert tilted.vols[0] < 0.5 < tilted.vols[-1]
    assert tilted.vol(np.array([100_000.0]))[0] == pytest.approx(0.5, rel=0.01)
    twisted = [later for name, later in every if name == bets.TERM][1].smiles
    assert (twisted[0].vols > 0.5).all() and (twisted[-1].vols < 0.5).all()


def test_one_deviation_is_that_of_six_hours_at_the_volatility_of_14_days() -> None:
    moved = [later for name, later in bets.imagined(chain()) if name == bets.SPOT]
    rise = moved[5].index_price / 100_000.0 - 1
    assert rise == pytest.approx(0.5 * np.sqrt(6 / 8760))


def test_cheapest_books_keep_to_the_sides_that_were_drawn(offer: Offer) -> None:
    drawn = sides(offer, np.random.default_rng(5), 4)
    program = _program(OURS, offer)
    books = cheapest(program, drawn)
    scene = offer.market.scene
    for turn, (side, book) in enumerate(zip(drawn, books, strict=True)):
        expiries = np.unique(scene.expiries[side != 0])
        assert (expiries.size == 1) == (turn % 2 == 1)
        assert FEWEST <= np.abs(side).sum() <= OF_ALL
        assert (book[1:] * side[1:] >= 0).all() and not book[1:][side[1:] == 0].any()
        held = np.abs(book[1:]).sum() * scene.index_price
        assert PART * NOTIONAL_USD - 1 <= held <= NOTIONAL_USD + 1
        alike = side * NOTIONAL_USD / (np.abs(side).sum() * scene.index_price)
        assert program.asked(book) <= program.asked(alike) + CENT


def test_neutral_books_have_no_delta_come_in_pairs_and_are_of_the_notional(offer: Offer) -> None:
    books, scene = neutral.books(offer), offer.market.scene
    assert len(books) > 50
    assert books[::2] == pytest.approx(-books[1::2])
    assert np.abs(books).sum(axis=1) * scene.index_price == pytest.approx(NOTIONAL_USD)
    assert books @ offer.deltas == pytest.approx(0, abs=1e-9)


def test_a_risk_reversal_has_no_vega(offer: Offer) -> None:
    desk = neutral.Desk(offer)
    expiry = desk.expiries[-1]
    legs = [desk.option(expiry, kind, 0.25) for kind in (Kind.CALL, Kind.PUT)]
    book, opposite = desk.book(legs, [desk.vega])
    assert book @ desk.vega == pytest.approx(0, abs=1e-6)
    assert opposite.tolist() == (-book).tolist()
    assert list(desk.book([legs[0], legs[0]], [desk.vega])) == []


def test_the_same_chain_gives_the_same_books_and_figures() -> None:
    searches = (HINDSIGHT[0], bets.SPOT, LEAST_MARGIN)
    one, two = (hunt(CASE, TARGETS[:1], searches)[0] for _ in range(2))
    assert set(one) == set(searches)
    for name in searches:
        assert one[name].legs.tolist() == two[name].legs.tolist()
        assert (one[name].maintenance == two[name].maintenance).all()


def test_a_search_with_hindsight_needs_a_later_chain() -> None:
    found = hunt(CASE, TARGETS[:1], tuple(HINDSIGHT.values()))[0]
    assert list(found) == [HINDSIGHT[0]]


def test_every_search_is_told_on_the_page_or_in_the_figures_as_measured_last() -> None:
    figures = json.loads(LATEST.read_text())["figures"]
    made_to_lose, ladder = figures["books_made_to_lose"], figures["ladder"]
    assert set(made_to_lose) == {"choice", "held out"}
    for found in made_to_lose.values():
        for of_underlying in found.values():
            assert set(of_underlying) == set(SEARCHES)
            for of_search in of_underlying.values():
                assert list(of_search) == [target.model.name for target in TARGETS]
    text = page.PAGE.read_text()
    assert page.with_tables(text, made_to_lose, ladder) == text


def test_the_product_itself_is_attacked() -> None:
    assert isinstance(OURS.model, Novate) and OURS.model.name == "novate"
    assert not OURS.model.columns
