"""What a portfolio must hold, and what happens when it does not."""

from novate.risk.charge import charge_law, charged_e6
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
from novate.risk.listing import Listing, NotOneUnderlying, UnlistedInstrument
from novate.risk.margin import Requirement, account_requirement, requirement
from novate.risk.market import BadMarket, Market
from novate.risk.open_orders import OpenOrders, OrdersNeed, orders_need
from novate.risk.parameters import BTC, ETH, Dials, RiskParameters
from novate.risk.positions import BadPositions, Positions
from novate.risk.scenario import COLUMNS, GRID, Scenario, column_name
from novate.risk.shock import limited_range_e6, spot_range_e6
from novate.risk.sums import GrossTooLarge
from novate.risk.table import RiskTable, risk_table

__all__ = [
    "BTC",
    "COLUMNS",
    "ETH",
    "GRID",
    "BadMarket",
    "BadPositions",
    "Dials",
    "GrossTooLarge",
    "Health",
    "Listing",
    "Margin",
    "Margins",
    "Market",
    "NotOneUnderlying",
    "OpenOrders",
    "OrdersNeed",
    "Positions",
    "Requirement",
    "RiskParameters",
    "RiskTable",
    "Scenario",
    "UnlistedInstrument",
    "account_requirement",
    "charge_law",
    "charged_e6",
    "column_name",
    "flagged_below",
    "health",
    "is_accepted",
    "is_withdrawable",
    "limited_range_e6",
    "margins",
    "orders_need",
    "requirement",
    "risk_table",
    "spot_range_e6",
]
