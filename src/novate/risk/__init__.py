"""What a portfolio must hold, and what happens when it does not."""

from novate.risk.charge import charge_law, charged_e6
from novate.risk.compartment import MAJORS, Compartment, OtherCompartment
from novate.risk.desk.attribution import Attribution, attribution
from novate.risk.desk.explanation import (
    Explanation,
    Part,
    by_expiry,
    expiries_held,
    explain,
    way_name,
)
from novate.risk.desk.exposure import Exposure
from novate.risk.desk.hedge import Hedges, delta_vega_hedges, hedges
from novate.risk.desk.historical_days import HISTORICAL_DAYS, DayMove, day_moves
from novate.risk.desk.least_margin import Lowered, lower_margin
from novate.risk.desk.moves import BadMoves, Moves
from novate.risk.desk.order_statistic import Ranks, enclosing_ranks
from novate.risk.desk.profile import Profile, profile
from novate.risk.desk.saving import Savings, lots_e3, savings
from novate.risk.desk.sensitivity import Sensitivities, contract_greeks, sensitivities
from novate.risk.desk.settled_market import with_settled
from novate.risk.desk.standing import standing, standing_after_each
from novate.risk.desk.stress import Stress, StressGrid, stress, stress_grid
from novate.risk.desk.tail_risk import Bounded, LevelRisk, level_risk
from novate.risk.desk.trades import Filled, Trades, filled, filled_each, no_positions
from novate.risk.desk.valuation import profits_e6, values_e3
from novate.risk.desk.value_at_risk import ValueAtRisk, value_at_risk
from novate.risk.desk.what_if import WhatIf, buying_power_e3, what_if
from novate.risk.desk.windows import Windows, windows
from novate.risk.funding import (
    FundingIndex,
    FundingParameters,
    expected_funding_e3,
    funding_accrual_law,
    funding_cap_law,
    funding_e9,
)
from novate.risk.funding_payment import (
    FundingClearing,
    funding_payment_law,
    funding_received_e6,
    with_funding,
)
from novate.risk.health import (
    Health,
    Margin,
    Margins,
    flagged_below,
    health,
    is_accepted,
    is_withdrawable,
    margins,
)
from novate.risk.liquidation.account_slice import (
    SliceCash,
    SliceRefused,
    check_taker,
    cut_e3,
    insolvent_charge_law,
    slice_cash,
    slice_cut_law,
    solvent_charge_law,
)
from novate.risk.liquidation.compartment_cash import (
    CompartmentCash,
    cash_rate_law,
    credit_law,
    payout_e6,
    payout_law,
)
from novate.risk.liquidation.deleveraging import (
    CandidatesIncomplete,
    Deleveraging,
    deficit_charge_law,
    deficit_shares_e6,
    deleverage,
    hedge_tier_law,
    hedge_tiers,
)
from novate.risk.liquidation.haircut import (
    Cover,
    bearable_gain_e6,
    cover_shortfall,
    haircut_law,
    haircut_rate_law,
    variation_gain_e6,
)
from novate.risk.liquidation.insurance_fund import (
    InsuranceFund,
    Shortfall,
    fund_cover_law,
    fund_exhausted_law,
    open_need_e6,
)
from novate.risk.liquidation.lot_share import lot_share_law, row_start_law
from novate.risk.liquidation.portfolio import Portfolio, slice_cost_law
from novate.risk.liquidation.reduction import ReductionRefused, band_e3, check_reduction
from novate.risk.liquidation.rules import (
    Knot,
    LiquidationRules,
    flagged_since,
    is_below_threshold,
    largest_slice,
    largest_slice_law,
    taker_premium_e6,
    taker_premium_law,
)
from novate.risk.liquidation.take import Taken, take
from novate.risk.listing import Listing, NotOneUnderlying, UnlistedInstrument
from novate.risk.margin import Requirement, account_requirement, requirement
from novate.risk.market import BadMarket, Market
from novate.risk.open_orders import OpenOrders
from novate.risk.orders_need import OrdersNeed, orders_need
from novate.risk.parameters import BTC, ETH, Dials, RiskParameters
from novate.risk.positions import BadPositions, Positions
from novate.risk.scenario import COLUMNS, GRID, Scenario, column_name
from novate.risk.shock import horizon_s, spot_range_e6
from novate.risk.stressed import scenario_moves_e6
from novate.risk.sums import GrossTooLarge
from novate.risk.table import RiskTable, risk_table

__all__ = [
    "BTC",
    "COLUMNS",
    "ETH",
    "GRID",
    "HISTORICAL_DAYS",
    "MAJORS",
    "Attribution",
    "BadMarket",
    "BadMoves",
    "BadPositions",
    "Bounded",
    "CandidatesIncomplete",
    "Compartment",
    "CompartmentCash",
    "Cover",
    "DayMove",
    "Deleveraging",
    "Dials",
    "Explanation",
    "Exposure",
    "Filled",
    "FundingClearing",
    "FundingIndex",
    "FundingParameters",
    "GrossTooLarge",
    "Health",
    "Hedges",
    "InsuranceFund",
    "Knot",
    "LevelRisk",
    "LiquidationRules",
    "Listing",
    "Lowered",
    "Margin",
    "Margins",
    "Market",
    "Moves",
    "NotOneUnderlying",
    "OpenOrders",
    "OrdersNeed",
    "OtherCompartment",
    "Part",
    "Portfolio",
    "Positions",
    "Profile",
    "Ranks",
    "ReductionRefused",
    "Requirement",
    "RiskParameters",
    "RiskTable",
    "Savings",
    "Scenario",
    "Sensitivities",
    "Shortfall",
    "SliceCash",
    "SliceRefused",
    "Stress",
    "StressGrid",
    "Taken",
    "Trades",
    "UnlistedInstrument",
    "ValueAtRisk",
    "WhatIf",
    "Windows",
    "account_requirement",
    "attribution",
    "band_e3",
    "bearable_gain_e6",
    "buying_power_e3",
    "by_expiry",
    "cash_rate_law",
    "charge_law",
    "charged_e6",
    "check_reduction",
    "check_taker",
    "column_name",
    "contract_greeks",
    "cover_shortfall",
    "credit_law",
    "cut_e3",
    "day_moves",
    "deficit_charge_law",
    "deficit_shares_e6",
    "deleverage",
    "delta_vega_hedges",
    "enclosing_ranks",
    "expected_funding_e3",
    "expiries_held",
    "explain",
    "filled",
    "filled_each",
    "flagged_below",
    "flagged_since",
    "fund_cover_law",
    "fund_exhausted_law",
    "funding_accrual_law",
    "funding_cap_law",
    "funding_e9",
    "funding_payment_law",
    "funding_received_e6",
    "haircut_law",
    "haircut_rate_law",
    "health",
    "hedge_tier_law",
    "hedge_tiers",
    "hedges",
    "horizon_s",
    "insolvent_charge_law",
    "is_accepted",
    "is_below_threshold",
    "is_withdrawable",
    "largest_slice",
    "largest_slice_law",
    "level_risk",
    "lot_share_law",
    "lots_e3",
    "lower_margin",
    "margins",
    "no_positions",
    "open_need_e6",
    "orders_need",
    "payout_e6",
    "payout_law",
    "profile",
    "profits_e6",
    "requirement",
    "risk_table",
    "row_start_law",
    "savings",
    "scenario_moves_e6",
    "sensitivities",
    "slice_cash",
    "slice_cost_law",
    "slice_cut_law",
    "solvent_charge_law",
    "spot_range_e6",
    "standing",
    "standing_after_each",
    "stress",
    "stress_grid",
    "take",
    "taker_premium_e6",
    "taker_premium_law",
    "value_at_risk",
    "values_e3",
    "variation_gain_e6",
    "way_name",
    "what_if",
    "windows",
    "with_funding",
    "with_settled",
]
