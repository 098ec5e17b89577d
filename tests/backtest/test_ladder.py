"""The model without a part of it."""

from dataclasses import fields

import numpy as np
import pytest
from benchmarks.backtest import ladder
from benchmarks.backtest.books import recipes
from benchmarks.backtest.ladder import NEAR, NEAR_UNCHANGED, RUNGS, STILL, TAILS, Asked
from benchmarks.backtest.market import Market, market
from benchmarks.backtest.novate_model import PARAMETERS, Novate, margins_of
from benchmarks.peers.interface import Floats

from novate.risk import COLUMNS, GRID, RiskParameters

from .test_books import chain

DIGIT = 1e-7
"""Of a notional: what integers round."""
PARTS = [
    i
    for i, rung in enumerate(RUNGS)
    if rung.name.startswith("no ") and rung.name != "no largest range"
]
"""Rungs that lack something; the others have something else."""


@pytest.fixture(scope="module")
def held() -> Market:
    return market(chain(), recipes())


@pytest.fixture(scope="module")
def asked(held: Market) -> tuple[Floats, Floats]:
    every = margins_of(RUNGS, held.scene, held.books)
    return (
        np.array([one.initial for one in every]) / held.notional,
        np.array([one.maintenance for one in every]) / held.notional,
    )


def test_the_first_rung_is_the_product_and_names_are_distinct(held: Market) -> None:
    names = [rung.name for rung in RUNGS]
    assert len(set(names)) == len(names) == 14
    own = Novate().margin(held.scene, held.books)
    first = margins_of(RUNGS[:1], held.scene, held.books)[0]
    assert (first.initial == own.initial).all() and (first.maintenance == own.maintenance).all()


@pytest.mark.parametrize("rung", PARTS, ids=[RUNGS[i].name for i in PARTS])
def test_without_a_part_no_book_is_asked_for_more(asked: tuple[Floats, Floats], rung: int) -> None:
    initial, maintenance = asked
    assert (initial[rung] <= initial[0] + DIGIT).all()
    assert (maintenance[rung] <= maintenance[0] + DIGIT).all()
    is_felt = RUNGS[rung].name != "no near moves with volatility unchanged"  # but by an adversary
    assert (initial[rung] < initial[0] - DIGIT).any() == is_felt


def test_columns_are_told_by_what_happens_in_them() -> None:
    assert sorted(TAILS) == [c for c in range(COLUMNS) if GRID[c].is_tail]
    assert {abs(GRID[c].move_mille) for c in NEAR} == {100, 300}
    assert len(NEAR) == 8 and len(NEAR_UNCHANGED) == 4
    assert GRID[STILL].move_mille == 0 and GRID[STILL].vol == 0 and GRID[STILL].is_near


def test_a_column_that_repeats_another_asks_nothing_of_its_own(held: Market) -> None:
    table, row = Novate(columns=NEAR | TAILS).table(held.scene)
    whole, _ = Novate().table(held.scene)
    for column in NEAR:
        assert (table.summand_e3[:, column] == whole.entry_e3[:, STILL]).all()
    for column in TAILS:
        assert (table.summand_e3[:, column] == 0).all() and whole.entry_e3[:, column].any()
    others = [c for c in range(whole.summand_e3.shape[1]) if c not in NEAR | TAILS]
    assert (table.summand_e3[:, others] == whole.summand_e3[:, others]).all()
    assert row.size == held.scene.kinds.size


def test_a_rung_changes_what_it_names_and_nothing_else() -> None:
    for underlying, parameters in ladder.changed(least_option_e6=0).items():
        differs = {
            field.name
            for field in fields(RiskParameters)
            if getattr(parameters, field.name) != getattr(PARAMETERS[underlying], field.name)
        }
        assert differs == {"least_option_e6"}


def test_a_calm_market_counts_for_those_that_were_left_out() -> None:
    row = (np.array([[0.1]]), np.array([[0.1]]), np.array([[0.3], [np.nan]]))
    calm = (np.array([[0.2]]), np.array([[0.2]]), np.array([[0.25], [0.1]]))
    found = Asked.of([row, calm], np.array([1.0, 3.0])).figures(0)
    assert found["initial"] == 17.5
    assert found["6h"] == {"breaches": 4, "shortfall": 35.0}
    assert found["12h"] == {"breaches": 0, "shortfall": 0.0}
