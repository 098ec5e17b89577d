"""The tables of results: what was measured last, cell by cell."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import benchmarks
import pytest
from benchmarks.backtest import result_page
from benchmarks.backtest.books import FAMILIES
from benchmarks.backtest.evidence import HORIZONS, NAMES
from benchmarks.backtest.frozen import DRAWN, PUBLISHED, at_the_freeze
from benchmarks.backtest.marked_table import markdown
from benchmarks.backtest.perpetuals import WITHIN_H
from benchmarks.backtest.result_page import COMPARED, PAGE, PERPETUAL, TITLES, decimal, with_tables
from benchmarks.backtest.stretch import MEASURED

FIGURES = json.loads((Path(benchmarks.__file__).parent / "latest" / "backtest.json").read_text())[
    "figures"
]
STRETCHES = ("choice", "held out")


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]


def test_the_page_shows_the_figures_that_were_measured_last() -> None:
    text = PAGE.read_text()
    assert with_tables(text, FIGURES) == text


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize(
    "path",
    [
        (PUBLISHED, "models", "novate", "initial", "mean"),
        (DRAWN, "models", "span", "12h", "shortfall"),
        (DRAWN, "stormiest_tenth", "derive_pmrm2", "6h", "breaches"),
        (DRAWN, "by_family", "far strangle", "novate", "maintenance"),
        (PUBLISHED, "by_family", "iron condor", "deribit_portfolio", "initial"),
        (PERPETUAL, "models", "novate", "1h", "breaches"),
    ],
    ids="/".join,
)
def test_another_figure_is_another_page(stretch: str, path: tuple[str, ...]) -> None:
    changed = deepcopy(FIGURES)
    place: Any = changed[stretch]["ETH"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] += 1
    text = PAGE.read_text()
    assert with_tables(text, changed) != text


def test_another_crash_is_another_page() -> None:
    changed = deepcopy(FIGURES)
    changed["held out"]["BTC"][PERPETUAL]["crashes"]["2021-05-19"]["novate"]["initial_peak"] += 1
    text = PAGE.read_text()
    assert with_tables(text, changed) != text


def test_tables_are_of_all_that_is_measured() -> None:
    assert tuple(stretch.name for stretch in MEASURED) == STRETCHES
    assert set(TITLES) == set(NAMES) > set(COMPARED)
    assert result_page.OPTION_HOURS == HORIZONS and result_page.PERPETUAL_HOURS == WITHIN_H


def test_families_are_numbers() -> None:
    for stretch in STRETCHES:
        for underlying in result_page.UNDERLYINGS:
            for kind in (PUBLISHED, DRAWN):
                found = FIGURES[stretch][underlying][kind]["by_family"]
                assert list(found) == list(dict.fromkeys(FAMILIES))
                for models in found.values():
                    assert list(models) == list(NAMES)
                    for of_model in models.values():
                        assert list(of_model) == [
                            "initial",
                            "maintenance",
                            *(f"{h}h_{of}" for h in HORIZONS for of in ("breaches", "shortfall")),
                        ]
                        assert all(isinstance(value, int | float) for value in of_model.values())


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("kind", [PUBLISHED, DRAWN])
def test_breaches_of_the_families_are_those_of_all_books(stretch: str, kind: str) -> None:
    for underlying in result_page.UNDERLYINGS:
        found = FIGURES[stretch][underlying][kind]
        for name in NAMES:
            for hours in HORIZONS:
                of_families = [family[name] for family in found["by_family"].values()]
                whole = found["models"][name][f"{hours}h"]
                assert sum(one[f"{hours}h_breaches"] for one in of_families) == whole["breaches"]
                told = sum(one[f"{hours}h_shortfall"] for one in of_families)
                assert told == pytest.approx(whole["shortfall"], abs=0.005 * len(of_families))


@pytest.mark.parametrize("kind", [PUBLISHED, DRAWN])
def test_a_row_shows_the_model_as_it_was_frozen_below_what_it_is(kind: str) -> None:
    _, _, ours, frozen, *_ = _rows(result_page.of_options(FIGURES["held out"], "held out", kind))
    btc = at_the_freeze("held out", kind, "BTC")
    assert ours[0] == "**novate**" and frozen[0] == "as frozen (427ca56)"
    assert frozen[1] == decimal(btc["initial"]["mean"]) and float(frozen[1]) < float(ours[1])
    assert frozen[3] == f"{btc['12h']['breaches']}: {decimal(btc['12h']['shortfall'])}"


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("kind", [PUBLISHED, DRAWN])
def test_since_the_freeze_breaches_are_the_same(stretch: str, kind: str) -> None:
    for underlying in result_page.UNDERLYINGS:
        frozen = at_the_freeze(stretch, kind, underlying)
        ours = FIGURES[stretch][underlying][kind]["models"]["novate"]
        for hours in HORIZONS:
            before, today = frozen[f"{hours}h"], ours[f"{hours}h"]
            assert today["breaches"] == before["breaches"]
            assert today["shortfall"] == pytest.approx(before["shortfall"], rel=1e-3, abs=0.01)


def test_a_family_without_a_breach_says_so() -> None:
    family = {"initial": 1.0, "maintenance": 0.5, "6h_breaches": 0, "6h_shortfall": 0.0}
    family |= {"12h_breaches": 3, "12h_shortfall": 0.001}
    of = {PUBLISHED: {"by_family": {"vertical": dict.fromkeys(COMPARED, family)}}}
    table = result_page.of_families({"BTC": of, "ETH": of}, PUBLISHED)
    assert _rows(table)[2] == ["vertical", *["1.00/0.50; 0; 3: 0.00"] * 6]


@pytest.mark.parametrize(
    ("value", "digits", "told"),
    [(4.135, 2, "4.14"), (4.445, 2, "4.45"), (4.444, 2, "4.44"), (0, 2, "0.00"), (74.5, 0, "75")],
)
def test_half_of_a_digit_goes_up(value: float, digits: int, told: str) -> None:
    assert decimal(value, digits) == told


def test_a_table_has_a_rule_below_its_head() -> None:
    assert markdown(["", "b"], [["c", "d"]]) == "|  | b |\n|---|---|\n| c | d |\n"
