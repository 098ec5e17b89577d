"""Derive PMRM_2 against the portfolios that its authors published."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from benchmarks.peers.derive_pmrm2 import Collateral, DerivePmrm2, naked_shorts
from benchmarks.peers.derive_pmrm2_parameters import SCRIPT, Parameters, Scenario, Vol
from benchmarks.peers.interface import Books, Kind, Scene

from .market import market, some_books
from .published import cases, published

YEAR_S = 365 * 86_400
AVERAGED_S = 1_800
FILE = "derive/pmrm2_portfolio_cases.json"
CASES = 104


def parameters_of(case: dict[str, Any]) -> Parameters:
    p = case["Parameters"]
    vol, skew, margin = p["VolShock"], p["SkewShock"], p["Margin"]
    basis, other = p["BasisContingency"], p["OtherContingency"]
    return Parameters(
        scenarios=tuple(
            Scenario(each["SpotShock"], Vol(each["VolShockDirection"]), each["DampeningFactor"])
            for each in p["Scenarios"]
        ),
        vol_up=vol["VOLRANGEUP"],
        vol_down=vol["VOLRANGEDOWN"],
        power_short=vol["SHORTTERMPOWER"],
        power_long=vol["LONGTERMPOWER"],
        days_min=vol["DTE_FLOOR"],
        vol_min_up=vol["MIN_VOL_EVAL_SHOCKED"],
        skew_linear_cap=skew["LINEAR_SCALE_CAP"],
        skew_linear_slope=skew["LINEAR_CBASE"],
        skew_absolute_cap=skew["ABS_SCALE_CAP"],
        skew_absolute_slope=skew["ABS_CBASE"],
        skew_reach_min=skew["MIN_K_STAR"],
        skew_width=skew["MIN_WIDTH_SCALE"],
        skew_vol=skew["VOL_PARAM_STATIC"],
        skew_vol_slope=skew["VOL_PARAM_SCALE"],
        maintenance_factor=margin["MM_LOSS_FACTOR"],
        initial_factor=margin["IM_LOSS_FACTOR"],
        long_discount=margin["BASE_STATIC_DISCOUNT"],
        short_mark_up=margin["BASE_STATIC_DISCOUNT_NEG"],
        long_rate_scale=margin["LONG_RATE_MULTSCALE"],
        short_rate_scale=margin["SHORT_RATE_MULTSCALE"],
        long_rate_added=margin["LONG_RATE_ADDSCALE"],
        short_rate_added=margin["SHORT_RATE_ADDSCALE"],
        basis_up=basis["SCENARIO_SPOT_UP"],
        basis_down=basis["SCENARIO_SPOT_DOWN"],
        basis_factor=basis["BASIS_CONT_ADD_FACTOR"],
        basis_factor_a_year=basis["BASIS_CONT_MULT_FACTOR"],
        peg_threshold=other["PEG_LOSS_THRESHOLD"],
        peg_factor=other["PEG_LOSS_FACTOR"],
        confidence_threshold=other["CONF_THRESHOLD"],
        confidence_factor=other["CONF_MARGIN"],
        perpetual_maintenance=other["MM_PERP_PERCENT"],
        perpetual_initial=other["IM_PERP_PERCENT"],
        option_maintenance=other["MM_OPTION_PERCENT"],
        option_initial=other["IM_OPTION_PERCENT"],
    )


def scene_of(case: dict[str, Any]) -> tuple[Scene, Books]:
    """The case's options, then its perpetual; unrealised gains of the perpetual are cash."""
    s = case["Scenario"]
    feeds, options = s["OptionFeeds"], s["Options"]
    index = {each["FeedExpiry"]: i for i, each in enumerate(feeds)}
    perpetuals = [s["NumPerps"]] if s["NumPerps"] else []
    scene = Scene(
        underlying="ETH",
        index_price=s["SpotPrice"],
        forwards=[each["Forward"] for each in feeds],
        tenors=[each["FeedExpiry"] / YEAR_S for each in feeds],
        confidences=[
            min(each["ForwardConfidence"], each["RateConfidence"], each["OptionVolConfidences"])
            for each in feeds
        ],
        rates=[each["Rate"] for each in feeds],
        averaged=[max(0, AVERAGED_S - each["FeedExpiry"]) / AVERAGED_S for each in feeds],
        kinds=[Kind.CALL if each["IsCall"] else Kind.PUT for each in options]
        + [Kind.PERPETUAL for _ in perpetuals],
        expiries=[index[each["Expiry"]] for each in options] + [-1 for _ in perpetuals],
        strikes=[each["Strike"] for each in options] + [0.0 for _ in perpetuals],
        vols=[each["MarkVol"] for each in options] + [0.0 for _ in perpetuals],
        marks=[0.0 for _ in options] + [s["PerpPrice"] for _ in perpetuals],
        index_confidence=s["SpotConfidence"],
        perpetual_confidence=s["PerpConfidence"],
        stable_price=s["StablePrice"],
    )
    quantities = [[each["Amount"] for each in options] + perpetuals]
    cash = s["Cash"] + s["UnrealisedPerpPNL"] + s["UnrealisedFunding"]
    return scene, Books(np.array(quantities), np.array([cash]))


def collaterals_of(case: dict[str, Any]) -> list[Collateral]:
    s = case["Scenario"]
    return [
        Collateral(
            value=each["Amount"] * each["Price"] / s["StablePrice"],
            maintenance_haircut=each["MMHaircut"],
            initial_haircut=each["IMHaircut"],
            confidence=each["Confidence"],
            moves=each["IsRiskCancelling"],
        )
        for each in s["Collaterals"]
    ]


def names() -> list[str]:
    """The published cases by name; where they are absent, one test says so and skips."""
    return list(cases(FILE)) or ["absent"]


def size_of(result: dict[str, Any]) -> float:
    """The largest of the published figures: sums of such terms carry its rounding."""
    losses = [result[key] for key in ("reg_losses", "tail_losses", "skew_losses")]
    figures = [float(each[-1]) for rows in losses for each in rows]
    figures += [result[key] for key in ("Cash", "OptionMTM", "CollateralMTM", "OracleCont")]
    figures += [float(each) for each in result["OptionMTMPerExpiry"]]
    return max(1.0, *(abs(each) for each in figures))


def test_there_are_as_many_cases_as_the_data_says() -> None:
    assert len(published(FILE)) == CASES


@pytest.mark.parametrize("name", names())
def test_every_scenario_loss_and_both_margins_are_those_published(name: str) -> None:
    case = published(FILE)[name]
    model = DerivePmrm2(parameters_of(case))
    scene, books = scene_of(case)
    collaterals = collaterals_of(case)
    found = model.assess(scene, books, collaterals)
    required = model.requirement(scene, found)
    result = case["Result"]
    equity = books.cash + found.option_value + sum(each.value for each in collaterals)
    kinds = ("reg_losses", "tail_losses", "skew_losses")
    published_losses = [float(each[-1]) for kind in kinds for each in result[kind]]
    close = {"rtol": 0.0, "atol": 1e-12 * size_of(result)}
    np.testing.assert_allclose(found.scenario_pnl[0], published_losses, **close)
    np.testing.assert_allclose(found.basis_pnl[0], result["ForwardContingency"], **close)
    np.testing.assert_allclose(found.option_value[0], result["OptionMTM"], **close)
    np.testing.assert_allclose(-found.confidence_charge[0], result["OracleCont"], **close)
    assert equity[0] == pytest.approx(result["PortfolioMTM"], rel=1e-12, abs=0)
    # Two of the file's margins cancel to zero; all others are good to 1e-12 of themselves.
    assert equity[0] - required.initial[0] == pytest.approx(result["IM"], rel=1e-12, abs=1e-9)
    assert equity[0] - required.maintenance[0] == pytest.approx(result["MM"], rel=1e-12, abs=1e-9)


def disagreements(changed: dict[str, float]) -> int:
    """How many published cases a model with some parameters changed gets wrong."""
    count = 0
    for case in published(FILE).values():
        model = DerivePmrm2(replace(parameters_of(case), **changed))
        scene, books = scene_of(case)
        found = model.assess(scene, books, collaterals_of(case))
        result = case["Result"]
        figures = [*found.scenario_pnl[0], found.basis_pnl[0], found.confidence_charge[0]]
        figures += [found.maintenance_charge[0], model.requirement(scene, found).maintenance[0]]
        kinds = ("reg_losses", "tail_losses", "skew_losses")
        expected = [float(each[-1]) for kind in kinds for each in result[kind]]
        expected += [result["ForwardContingency"], -result["OracleCont"]]
        charges = (result[f"MM{part}Cont"] for part in ("Perp", "Option", "Base"))
        expected += [-sum(charges), result["PortfolioMTM"] - result["MM"]]
        count += not np.allclose(figures, expected, rtol=0, atol=1e-9 * size_of(result))
    return count


@pytest.mark.parametrize(
    "changed",
    [
        {"vol_up": 0.51},
        {"long_discount": 0.96},
        {"short_mark_up": 1.05},
        {"skew_linear_cap": 0.16},
        {"basis_factor": 0.6},
        {"maintenance_factor": 0.81},
        {"option_maintenance": 0.004},
        {"confidence_threshold": 0.99},
    ],
)
def test_another_parameter_disagrees_with_some_published_case(changed: dict[str, float]) -> None:
    assert not disagreements({})
    assert disagreements(changed)


def test_a_linear_position_loses_the_same_in_every_tail() -> None:
    tails = [each for each in Parameters().scenarios if each.dampening < 1]
    assert len(Parameters().scenarios) == 33
    assert len(tails) == 8
    losses = [abs(each.spot - 1) * each.dampening for each in tails]
    np.testing.assert_allclose(losses, 0.77 * 0.18, rtol=1e-12)


def test_many_books_are_margined_as_each_alone() -> None:
    scene, quantities = market(), some_books()
    for model in (DerivePmrm2(), DerivePmrm2(SCRIPT)):
        together = model.margin(scene, Books.of(quantities))
        alone = [model.margin(scene, Books.of(each)) for each in quantities]
        for name in ("initial", "maintenance"):
            expected = [getattr(each, name)[0] for each in alone]
            np.testing.assert_allclose(getattr(together, name), expected, rtol=1e-9, atol=1e-6)


def test_nothing_is_required_of_an_empty_book() -> None:
    required = DerivePmrm2().margin(market(), Books.of(np.zeros((2, market().kinds.size))))
    assert not required.initial.any()
    assert not required.maintenance.any()


def test_bought_options_ask_for_no_more_than_they_are_worth() -> None:
    scene = market()
    bought = np.where(scene.is_option, np.abs(some_books()), 0.0)
    required = DerivePmrm2().margin(scene, Books.of(bought))
    assert np.all(required.initial <= bought @ scene.option_marks * (1 + 1e-12))


@pytest.mark.parametrize(
    ("quantities", "naked"),
    [
        ({"C100": -2, "P100": 2}, 0),
        ({"C100": -2, "P100": 1}, 1),
        ({"C100": -2, "P100": -1}, 3),
        ({"C100": 2, "P100": -1}, 0),
        ({"C100": -2, "C110": 2}, 2),
        ({"C100": 2, "P100": 1}, 0),
    ],
)
def test_an_option_sold_is_naked_unless_bought_at_its_strike(
    quantities: dict[str, float], naked: float
) -> None:
    scene = market()
    names = ["C100", "P100", "C110", "P110"]
    row = np.zeros((1, scene.kinds.size))
    row[0, :4] = [quantities.get(name, 0) for name in names]
    assert naked_shorts(scene, row)[0] == naked
