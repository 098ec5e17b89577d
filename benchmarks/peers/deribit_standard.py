"""Deribit's standard margin: each position alone, a rate that grows with its size.

Source: support article "Linear Perpetual" (25944738177565) and the option formulas of the help
text; reference/margin.md, 2.1.
Verified: the article's worked table of perpetuals.
Emulated: the option formulas are published in coins a contract; here they are taken in dollars,
with the expiry's forward as the underlying price. Dated futures have the rate of the perpetual.

Deribit compares the requirement with the margin balance, which is equity without option value (API
reference, account summary: 302.62729214 is 302.61869214 less -0.0086); here that value is added.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.peers.interface import Books, Floats, Kind, Requirement, Scene


@dataclass(frozen=True)
class Parameters:
    """Rates of one underlying: of futures and perpetuals, and a slope per coin of position."""

    initial: float
    maintenance: float
    slope: float
    option_max: float = 0.15
    option_min: float = 0.10
    option_maintenance: float = 0.075

    def initial_rate(self, position: Floats) -> Floats:
        """The part of a position's notional that opening it takes."""
        return self.initial + self.slope * np.abs(position)

    def maintenance_rate(self, position: Floats) -> Floats:
        """The part of a position's notional below which it is liquidated."""
        return self.maintenance + self.slope * np.abs(position)


PUBLISHED: Mapping[str, Parameters] = {
    "BTC": Parameters(initial=0.02, maintenance=0.01, slope=5e-5),
    "ETH": Parameters(initial=0.02, maintenance=0.01, slope=4e-6),
    "SOL": Parameters(initial=0.04, maintenance=0.02, slope=5e-6),
}


class DeribitStandard:
    """Deribit standard margin in US dollars."""

    def __init__(
        self, parameters: Mapping[str, Parameters] = PUBLISHED, name: str = "deribit_standard"
    ) -> None:
        self.name = name
        self.parameters = parameters

    def margin(self, scene: Scene, books: Books) -> Requirement:
        """What each book must hold: options bought are worth their mark, and back nothing."""
        p, quantities = self.parameters[scene.underlying], books.quantities
        linear = quantities[:, ~scene.is_option]
        notional = np.abs(linear) * scene.marks[~scene.is_option]
        sold = np.maximum(0.0, -quantities)
        initial, maintenance = self.short_options(scene)
        marked = quantities @ scene.option_marks
        return Requirement(
            marked + (notional * p.initial_rate(linear)).sum(axis=1) + sold @ initial,
            marked + (notional * p.maintenance_rate(linear)).sum(axis=1) + sold @ maintenance,
        )

    def short_options(self, scene: Scene) -> tuple[Floats, Floats]:
        """Initial and maintenance of one unit sold; nothing where the instrument is no option."""
        p, is_call = self.parameters[scene.underlying], scene.kinds == Kind.CALL
        underlying = scene.by_instrument(scene.forwards, scene.index_price)
        out_of_the_money = np.maximum(
            0.0, np.where(is_call, scene.strikes - underlying, underlying - scene.strikes)
        )
        least = np.where(
            is_call,
            p.option_maintenance * underlying,
            p.option_maintenance * np.maximum(underlying, scene.marks),
        )
        maintenance = least + scene.marks
        initial = scene.marks + np.maximum(
            p.option_max * underlying - out_of_the_money, p.option_min * underlying
        )
        initial = np.where(is_call, initial, np.maximum(initial, maintenance))
        return np.where(scene.is_option, initial, 0.0), np.where(scene.is_option, maintenance, 0.0)
