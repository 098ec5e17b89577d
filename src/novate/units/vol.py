"""Volatility."""

from dataclasses import dataclass

from novate.units.bounds import VOL_MAX_E6
from novate.units.out_of_range import within
from novate.units.rounding import floor_and_rest


@dataclass(frozen=True, slots=True, order=True)
class Vol:
    """An annual volatility; one step is 1e-6. From 0 to 1000 %, that included."""

    e6: int

    def __post_init__(self) -> None:
        within("volatility", self.e6, high=VOL_MAX_E6 + 1)

    def __str__(self) -> str:
        whole, step = floor_and_rest(self.e6, 10**4)
        return f"{whole}.{step:04d} %"
