"""What Derive's governance sets for PMRM_2: scenarios, shocks, discounts and contingencies.

Source: `scripts/config-mainnet.sol` of derivexyz/v2-core @ 7736900 and the portfolio cases that are
published with it (reference/margin.md, 1.3). The table of docs.derive.xyz, Portfolio Margin
Parameters, could not be read.
"""

from dataclasses import dataclass, replace
from enum import Enum


class Vol(Enum):
    """What a scenario does to implied volatility."""

    UNCHANGED = "None"
    UP = "Up"
    DOWN = "Down"
    LINEAR = "LINEAR"
    ABSOLUTE = "ABS"


SKEWS = (Vol.LINEAR, Vol.ABSOLUTE)


@dataclass(frozen=True)
class Scenario:
    """A move of the spot (1.18 is 18% up), what vols do, and how much of the result counts."""

    spot: float
    vol: Vol
    dampening: float = 1.0


def _grid() -> tuple[Scenario, ...]:
    """The 33 scenarios of `config-mainnet.sol`: 23 regular, 8 tails, 2 of skew."""
    regular = [Scenario(1.18, Vol.UP), Scenario(0.82, Vol.UP)]
    for move in (1.135, 1.09, 1.045, 1.0, 0.955, 0.91, 0.865):
        regular += [Scenario(move, vol) for vol in (Vol.UP, Vol.UNCHANGED, Vol.DOWN)]
    # A linear position loses 77% of what 18% costs it in every tail: 0.77 * 0.18 = 0.1386.
    tails = [
        Scenario(1 + move, Vol.UP, 0.1386 / abs(move))
        for move in (-0.66, -0.33, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
    ]
    return (*regular, *tails, *(Scenario(1.0, skew) for skew in SKEWS))


@dataclass(frozen=True)
class Parameters:
    """What Derive's governance sets; the names are ours, the order that of the contract's structs.

    The numbers are those of the published portfolio cases (reference/margin.md, 1.3), with the 33
    scenarios of the deployment script; `SCRIPT` is that script throughout.
    """

    scenarios: tuple[Scenario, ...] = _grid()
    vol_up: float = 0.5
    vol_down: float = 0.275
    power_short: float = 0.30
    power_long: float = 0.13
    days_min: float = 1.0
    vol_min_up: float = 0.45
    skew_linear_cap: float = 0.15
    skew_linear_slope: float = -0.05
    skew_absolute_cap: float = 0.15
    skew_absolute_slope: float = -0.05
    skew_reach_min: float = 0.01
    skew_width: float = 4.0
    skew_vol: float = 0.6
    skew_vol_slope: float = -0.1
    maintenance_factor: float = 0.8
    initial_factor: float = 1.0
    long_discount: float = 0.95
    short_mark_up: float = 1.04
    long_rate_scale: float = 1.0
    short_rate_scale: float = 0.5
    long_rate_added: float = 0.08
    short_rate_added: float = 0.08
    basis_up: float = 1.045
    basis_down: float = 0.955
    basis_factor: float = 0.5
    basis_factor_a_year: float = 2.0
    peg_threshold: float = 0.98
    peg_factor: float = 2.0
    confidence_threshold: float = 0.55
    confidence_factor: float = 1.0
    perpetual_maintenance: float = 0.015
    perpetual_initial: float = 0.005
    option_maintenance: float = 0.003
    option_initial: float = 0.002


SCRIPT = replace(
    Parameters(),
    vol_down=0.3,
    vol_min_up=0.40,
    skew_linear_cap=0.25,
    skew_linear_slope=-0.1,
    skew_absolute_cap=0.25,
    skew_absolute_slope=-0.1,
    skew_vol_slope=0.0,
    long_rate_scale=0.0,
    short_rate_scale=0.0,
    long_rate_added=0.16,
    short_rate_added=0.16,
    peg_threshold=0.99,
    peg_factor=4.0,
    perpetual_maintenance=0.03,
    perpetual_initial=0.01,
)
"""`scripts/config-mainnet.sol`, except its discounts of 1.05 for longs and 0.95 for shorts: against
the library they would mark longs up and shorts down, so those of the published cases stay."""
