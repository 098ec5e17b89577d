"""What a compartment decides about risk: the dials of the system, the shocks of an underlying."""

from dataclasses import dataclass
from typing import Final

from novate.units import Rounding, Usd, bounds, div, within

DAY_S: Final = 86_400
MONTH_S: Final = 30 * DAY_S

SETTLING_S: Final = bounds.SETTLEMENT_WINDOW_S
"""Before an expiry its settlement price is made: what is known of it no longer moves."""

HORIZON_S: Final = 6 * 3600
"""How long a position may have to be carried before it is closed: the shocks of an underlying are
chosen for six hours, counted from the last proven state and the last tick.
"""


@dataclass(frozen=True, slots=True)
class Dials:
    """The four dials of the system: margin against speed against risk."""

    margin_buffer_e6: int = 150_000
    """How much larger the shocks of initial margin are than those of maintenance margin."""
    settlement_latency_s: int = 900
    """Seconds from a trade to its final settlement on the base layer."""
    oracle_heartbeat_s: int = 60
    """Seconds a tick may be old."""
    liquidation_threshold_e6: int = 1_000_000
    """An account is flagged below this part of its maintenance margin."""

    def __post_init__(self) -> None:
        within("margin_buffer", self.margin_buffer_e6, high=bounds.RATE_SCALE + 1)
        within("settlement_latency", self.settlement_latency_s, low=1, high=7 * DAY_S + 1)
        within("oracle_heartbeat", self.oracle_heartbeat_s, low=1, high=DAY_S + 1)
        within(
            "liquidation_threshold",
            self.liquidation_threshold_e6,
            low=div(bounds.RATE_SCALE, 2, Rounding.FLOOR),
            high=2 * bounds.RATE_SCALE + 1,
        )


@dataclass(frozen=True, slots=True)
class RiskParameters:
    """The shocks and charges of one underlying; parts in millionths."""

    vol_up_e6: int
    """Rise of implied volatility at 30 days, as a part of itself; sqrt(30 d / tenor) scales it."""
    crowded: Usd
    """Net delta, in USD, above which a position is too large for its market."""
    range_e6: int = 80_000
    range_per_vol_e6: int = 80_000
    range_max_e6: int = 280_000
    """Spot range: a part of the index, and so much more for a volatility of one; at most."""
    vol_up_max_e6: int = 2_250_000
    vol_down_e6: int = 200_000
    vol_down_max_e6: int = 600_000
    least_option_e6: int = 2_000
    """Least scan of an option, long or short, as a part of its forward; at most its time value. The
    volatility of each strike may move against the account, however the columns net.
    """
    basis_e6: int = 3_000
    basis_per_year_e6: int = 20_000
    """Move of one forward against another, as a part of it: fixed, and by tenor."""
    value_e6: int = 20_000
    value_per_year_e6: int = 40_000
    """Discount on the market value of an expiry: fixed, and by tenor."""
    short_option_e6: int = 3_000
    """Charge for a naked short option, as a part of the index."""

    def __post_init__(self) -> None:
        one = bounds.RATE_SCALE
        eighth = div(one, 8, Rounding.FLOOR)
        within("range", self.range_e6, low=1, high=one)
        within("range_max", self.range_max_e6, low=self.range_e6, high=one)
        for name, high in (
            ("range_per_vol", one),
            ("vol_up", 4 * one),
            ("vol_up_max", 4 * one),
            ("vol_down", one),
            ("vol_down_max", one),
            ("least_option", eighth),
            ("basis", eighth),
            ("basis_per_year", eighth),
            ("value", eighth),
            ("value_per_year", eighth),
            ("short_option", eighth),
        ):
            within(name, getattr(self, f"{name}_e6"), high=high + 1)
        within("crowded", self.crowded.e6, low=1, high=1 << bounds.CROWDED_BITS)


CROWDED_RATE_E6: Final = 50_000
CROWDED_RATE_MAX_E6: Final = 100_000
"""Charge on a crowded delta: 5 % of it for each time it exceeds `crowded`, at most 10 %."""

CONFIDENCE_E6: Final = 550_000
"""Below this confidence of an expiry, what lacks to full confidence is charged on its notional."""

STABLE_E6: Final = 990_000
STABLE_FACTOR: Final = 4
"""Each 1 % that USDC is below 99 cents adds 4 % to the scan of initial margin."""

BTC: Final = RiskParameters(vol_up_e6=400_000, crowded=Usd(20_000_000 * 10**6))
ETH: Final = RiskParameters(vol_up_e6=300_000, crowded=Usd(10_000_000 * 10**6))
"""Chosen on the first of two stretches of history, and then held: docs/internals/backtest.md."""
