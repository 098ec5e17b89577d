"""Derive's standard margin against the portfolios that its authors published."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from benchmarks.peers.derive_standard import V3, DeriveStandard, Parameters
from benchmarks.peers.interface import Books, Kind, Scene

from .market import market, some_books
from .published import cases, published

YEAR_S = 365 * 86_400
AVERAGING_S = 3_600
FILE = "derive/srm_cases.json"
CASES = 28
UNIT = 1e18
COINS = ("ETH", "BTC")


def parameters(of_file: dict[str, Any]) -> Parameters:
    option, oracle, depeg = of_file["option"], of_file["oracle"], of_file["depeg"]
    assert len({oracle[f"{kind}Threshold"] for kind in ("perp", "option", "base")}) == 1
    return Parameters(
        perpetual_initial=of_file["perp"]["im"],
        perpetual_maintenance=of_file["perp"]["mm"],
        option_max=option["maxSpotReq"],
        option_min=option["minSpotReq"],
        call_maintenance=option["mmCallSpotReq"],
        put_maintenance=option["mmPutSpotReq"],
        put_maintenance_of_mark=option["MMPutMtMReq"],
        unpaired_initial=option["unpairedIMScale"],
        unpaired_maintenance=option["unpairedMMScale"],
        put_initial_of_maintenance=option["mmOffsetScale"],
        confidence_threshold=oracle["optionThreshold"],
        confidence_factor=oracle["OCFactor"],
        peg_threshold=depeg["threshold"],
        peg_factor=depeg["factor"],
        base_factor=of_file["base"]["marginFactor"],
        base_initial_factor=of_file["base"]["IMScale"],
    )


def scene_of(s: dict[str, Any], coin: str) -> tuple[Scene, Books]:
    """One coin's options of a case, then its perpetual."""
    rows = [i for i, each in enumerate(s["OptionUnderlying"]) if each == coin]
    ends = sorted({s["FeedExpiries"][i] for i in rows})
    of_end = {end: [i for i in rows if s["FeedExpiries"][i] == end] for end in ends}
    # In the last hour the contract prices against the expected settlement price.
    forwards = [
        s[f"SettlementPrice{coin}"] if end < AVERAGING_S else s["Forwards"][of_end[end][0]]
        for end in ends
    ]
    confidences = [
        min(
            s[kind][i]
            for i in of_end[end]
            for kind in ("ForwardConfidences", "OptionVolConfidences")
        )
        for end in ends
    ]
    spot_confidence, perpetual_confidence = s["SpotPerpConfidences"][COINS.index(coin)]
    kinds = [Kind.CALL if s["OptionIsCall"][i] else Kind.PUT for i in rows]
    scene = Scene(
        underlying=coin,
        index_price=s[f"{coin}SpotPrice"] / UNIT,
        forwards=np.array(forwards, dtype=float) / UNIT,
        tenors=np.array(ends, dtype=float) / YEAR_S,
        confidences=np.array(confidences, dtype=float) / UNIT,
        kinds=[*kinds, Kind.PERPETUAL],
        expiries=[*(ends.index(s["OptionExpiries"][i]) for i in rows), -1],
        strikes=np.array([*(s["OptionStrikes"][i] for i in rows), 0], dtype=float) / UNIT,
        vols=np.array([*(s["OptionVols"][i] for i in rows), 0], dtype=float) / UNIT,
        marks=np.array([*(0 for _ in rows), s["PerpPrice"][COINS.index(coin)]], dtype=float) / UNIT,
        index_confidence=spot_confidence / UNIT,
        perpetual_confidence=perpetual_confidence / UNIT,
        stable_price=s["USDCValue"] / UNIT,
    )
    amounts = [*(s["OptionAmounts"][i] for i in rows), s[f"Perps_{coin}"]]
    return scene, Books.of(np.array([amounts], dtype=float) / UNIT)


def figures_of(case: dict[str, Any], model: DeriveStandard) -> tuple[float, float, float]:
    """Initial and maintenance margin and worth of a published portfolio."""
    s, r = case["Scenario"], case["Result"]
    cash = (s["Cash"] + r["UnrealizedPNL"] + r["UnsettledFunding"]) / UNIT
    initial = maintenance = worth = cash
    for coin in COINS:
        scene, books = scene_of(s, coin)
        base = s[f"w{coin}"] / UNIT
        margins = model.margins(scene, books, base)
        initial += margins.initial[0]
        maintenance += margins.maintenance[0]
        worth += margins.option_value[0] + base * scene.index_price / scene.stable_price
    return initial, maintenance, worth


def expected_of(case: dict[str, Any]) -> tuple[float, float, float]:
    r = case["Result"]
    return r["realIM"] / UNIT, r["realMM"] / UNIT, r["PortfolioMtM"] / UNIT


def size_of(case: dict[str, Any]) -> float:
    """The largest of the published figures: sums of such terms carry its rounding."""
    return max(1.0, *(abs(float(each)) / UNIT for each in case["Result"].values()))


def names() -> list[str]:
    return list(cases(FILE)) or ["absent"]


def test_there_are_as_many_cases_as_the_data_says() -> None:
    assert len(published(FILE)["cases"]) == CASES


@pytest.mark.parametrize("name", names())
def test_both_margins_and_the_worth_are_those_published(name: str) -> None:
    file = published(FILE)
    case = file["cases"][name]
    found = figures_of(case, DeriveStandard(parameters(file["_params"])))
    np.testing.assert_allclose(found, expected_of(case), rtol=0, atol=1e-12 * size_of(case))


def disagreements(changed: dict[str, float]) -> int:
    file = published(FILE)
    model = DeriveStandard(replace(parameters(file["_params"]), **changed))
    wrong = 0
    for case in file["cases"].values():
        found, close = figures_of(case, model), 1e-9 * size_of(case)
        wrong += not np.allclose(found, expected_of(case), rtol=0, atol=close)
    return wrong


@pytest.mark.parametrize(
    "changed",
    [
        {"perpetual_initial": 0.07},
        {"perpetual_maintenance": 0.06},
        {"option_max": 0.16},
        {"option_min": 0.11},
        {"call_maintenance": 0.08},
        {"put_maintenance": 0.08},
        {"put_maintenance_of_mark": 0.5},
        {"put_initial_of_maintenance": 1.5},
        {"unpaired_initial": 1.0},
        {"unpaired_maintenance": 1.0},
        {"confidence_threshold": 0.05},
        {"confidence_factor": 0.5},
        {"peg_threshold": 0.99},
        {"peg_factor": 1.0},
        {"base_factor": 0.2},
        {"base_initial_factor": 0.9},
    ],
)
def test_another_parameter_disagrees_with_some_published_case(changed: dict[str, float]) -> None:
    assert not disagreements({})
    assert disagreements(changed)


def test_many_books_are_margined_as_each_alone() -> None:
    scene, quantities = market(), some_books()
    for model in (DeriveStandard(), DeriveStandard(V3)):
        together = model.margin(scene, Books.of(quantities))
        alone = [model.margin(scene, Books.of(each)) for each in quantities]
        for name in ("initial", "maintenance"):
            expected = [getattr(each, name)[0] for each in alone]
            np.testing.assert_allclose(getattr(together, name), expected, rtol=1e-9, atol=1e-6)


def test_bought_options_must_be_paid_and_back_nothing() -> None:
    scene = market()
    bought = np.where(scene.is_option, np.abs(some_books()), 0.0)
    required = DeriveStandard().margin(scene, Books.of(bought))
    np.testing.assert_allclose(required.initial, bought @ scene.option_marks, rtol=1e-12)


def test_a_spread_asks_for_no_more_than_its_largest_loss() -> None:
    scene = market()
    row = np.zeros(scene.kinds.size)
    row[0], row[2] = -1.0, 1.0  # sells the call at 100, buys the call at 110
    margins = DeriveStandard().margins(scene, Books.of(row))
    assert margins.initial[0] == pytest.approx(-10.0)
    alone = np.where(row < 0, row, 0.0)
    assert DeriveStandard().margins(scene, Books.of(alone)).initial[0] < -10.0
