"""What a compartment decides about risk: the dials of the system, the shocks of an underlying."""

from dataclasses import dataclass
from typing import Final

from novate.units import Usd, bounds, within

DAY_S: Final = 86_400
MONTH_S: Final = 30 * DAY_S

SETTLING_S: Final = 1_800
"""Before an expiry its settlement price is made: what is known of it no longer moves."""

HORIZON_S: Final = 6 * 3600
"""How long a position may have to be carried before it is closed: the shocks of an underlying are
chosen for six hours, counted from the last proven state and the last tick."""


@dataclass(frozen=True, slots=True)
class Dials:
    """The four dials of the system: margin against speed against risk."""

    margin_buffer_e6: int = 250_000
    """What initial margin asks beyond the maintenance margin's scan, as a part of it."""
    settlement_latency_s: int = 900
    """Seconds from a trade to its final settlement on the base layer."""
    oracle_heartbeat_s: int = 60
    """Seconds a tick may be old."""
    liquidation_threshold_e6: int = 1_000_000
    """An account is flagged below this part of its maintenance margin."""

    def __post_init__(self) -> None:
        within("margin_buffer", self.margin_buffer_e6, high=4 * bounds.RATE_SCALE + 1)
        within("settlement_latency", self.settlement_latency_s, low=1, high=7 * DAY_S + 1)
        within("oracle_heartbeat", self.oracle_heartbeat_s, low=1, high=DAY_S + 1)
        within(
            "liquidation_threshold",
            self.liquidation_threshold_e6,
            low=bounds.RATE_SCALE // 2,
            high=2 * bounds.RATE_SCALE + 1,
        )


@dataclass(frozen=True, slots=True)
class RiskParameters:
    """The shocks and charges of one underlying; parts in millionths."""

    range_factor_e6: int
    """Spot range as a part of 30-day at-the-money volatility."""
    range_min_e6: int
    range_max_e6: int
    vol_up_e6: int
    """Rise of implied volatility at 30 days, as a part of itself; sqrt(30 d / tenor) scales it."""
    vol_floor_e6: int
    """Volatility shocked up is at least this at 30 days and before."""
    crowded: Usd
    """Net delta, in USD, above which a position is too large for its market."""
    vol_up_max_e6: int = 2_250_000
    vol_down_e6: int = 250_000
    vol_down_max_e6: int = 600_000
    tail_weight_e6: int = 500_000
    """Loss of a linear position in a tail, as a part of its loss at the end of the range."""
    skew_e6: int = 150_000
    """Change of volatility at the end of a smile, as a part of itself."""
    twist_e6: int = 500_000
    """Part of the volatility shocks that a twist of the term structure uses."""
    basis_e6: int = 3_000
    basis_per_year_e6: int = 40_000
    """Move of one forward against another, as a part of it: fixed, and by tenor."""
    value_e6: int = 20_000
    value_per_year_e6: int = 40_000
    """Discount on the market value of an expiry: fixed, and by tenor."""
    short_option_min_e6: int = 10_000
    """Least scan of a naked short option, as a part of the index."""
    short_option_e6: int = 2_000
    """Charge for a naked short option in both margins, as a part of the index."""
    short_option_initial_e6: int = 1_000
    """Charge for a naked short option in initial margin alone."""

    def __post_init__(self) -> None:
        one = bounds.RATE_SCALE
        within("range_min", self.range_min_e6, low=1, high=one)
        within("range_max", self.range_max_e6, low=self.range_min_e6, high=one)
        for name, high in (
            ("range_factor", one),
            ("vol_up", 4 * one),
            ("vol_up_max", 4 * one),
            ("vol_down", one),
            ("vol_down_max", one),
            ("vol_floor", bounds.VOL_MAX_E6),
            ("tail_weight", one),
            ("skew", one),
            ("twist", one),
            ("basis", one // 8),
            ("basis_per_year", one // 8),
            ("value", one // 8),
            ("value_per_year", one // 8),
            ("short_option_min", one // 4),
            ("short_option", one // 8),
            ("short_option_initial", one // 8),
        ):
            within(name, getattr(self, f"{name}_e6"), high=high + 1)
        within("crowded", self.crowded.e6, low=1, high=1 << bounds.CROWDED_BITS)


MAINTENANCE_E6: Final = 800_000
"""Maintenance margin's part of the scan. With the default buffer of a quarter, initial margin's
part is one.
"""

CROWDED_RATE_E6: Final = 50_000
CROWDED_RATE_MAX_E6: Final = 100_000
"""Charge on a crowded delta: 5 % of it for each time it exceeds `crowded`, at most 10 %."""

CONFIDENCE_E6: Final = 550_000
"""Below this confidence of an expiry, what lacks to full confidence is charged on its notional."""

STABLE_E6: Final = 990_000
STABLE_FACTOR: Final = 4
"""Each 1 % that USDC is below 99 cents adds 4 % to the scan of initial margin."""

BTC: Final = RiskParameters(
    range_factor_e6=300_000,
    range_min_e6=150_000,
    range_max_e6=280_000,
    vol_up_e6=500_000,
    vol_floor_e6=400_000,
    crowded=Usd(20_000_000 * 10**6),
)
ETH: Final = RiskParameters(
    range_factor_e6=300_000,
    range_min_e6=180_000,
    range_max_e6=340_000,
    vol_up_e6=450_000,
    vol_floor_e6=500_000,
    crowded=Usd(10_000_000 * 10**6),
)
