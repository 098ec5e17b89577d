"""What a tick says of one underlying, as a risk table needs it."""

from dataclasses import dataclass, replace
from operator import index
from typing import Final

import numpy as np
import numpy.typing as npt

from novate.risk.listing import Listing
from novate.risk.parameters import SETTLING_S
from novate.units import Integers, bounds, within

FAR: Final = 8
"""So often a forward may be the index price, or the index price a forward. A quarter of the index
for a naked option is then at most twice its notional, as an entry is."""


class BadMarket(ValueError):
    """Prices, volatilities or tenors of which no risk table can be made."""


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Prices per contract of a listing's groups and volatilities of its nodes, at one instant.

    Shape: groups (G,), nodes (N,), as in the listing. Group 0 is the perpetual: its forward is the
    perpetual's mark and its tenor 0.

    The arrays are copies that cannot be written to, as a later table is told apart by them.

    Raises: BadMarket for numbers that are no integers.
    """

    index_e3: int
    """Index price times multiplier: milli-USD per contract."""
    tenor_s: Integers
    forward_e3: Integers
    shocked_e3: Integers
    """The part of each forward that still moves: in the last half hour before an expiry the rest is
    already in the settlement price."""
    confidence_e6: Integers
    vol_e6: Integers
    fortnight_vol_e6: int
    """At-the-money volatility 14 days out."""
    funding_e3: int = 0
    """What a long contract of the perpetual is expected to pay in the next eight hours."""

    def __post_init__(self) -> None:
        for name in ("tenor_s", "forward_e3", "shocked_e3", "confidence_e6", "vol_e6"):
            values = np.array(getattr(self, name))
            if values.dtype != np.int64:
                raise BadMarket(f"{name} is {values.dtype}; next: give integers of 64 bits")
            values.flags.writeable = False
            object.__setattr__(self, name, values)
        for name in ("index_e3", "fortnight_vol_e6", "funding_e3"):
            try:
                object.__setattr__(self, name, index(getattr(self, name)))
            except TypeError:
                value = getattr(self, name)
                raise BadMarket(f"{name} is {value!r}; next: give an integer") from None

    def part(self, groups: npt.NDArray[np.bool_], nodes: Integers) -> "Market":
        """What it says of some groups and nodes."""
        return replace(
            self,
            tenor_s=self.tenor_s[groups],
            forward_e3=self.forward_e3[groups],
            shocked_e3=self.shocked_e3[groups],
            confidence_e6=self.confidence_e6[groups],
            vol_e6=self.vol_e6[nodes],
        )

    def check(self, listing: Listing) -> None:
        """Refuse a market that does not fit the listing or leaves a range.

        Raises: BadMarket, OutOfRange.
        """
        for what, values, count in (
            ("tenor", self.tenor_s, listing.groups),
            ("forward", self.forward_e3, listing.groups),
            ("shocked part of the forward", self.shocked_e3, listing.groups),
            ("confidence", self.confidence_e6, listing.groups),
            ("volatility", self.vol_e6, len(listing.node_group)),
        ):
            if values.shape != (count,):
                raise BadMarket(f"{what} has shape {values.shape}; the listing needs ({count},)")
        price = 1 << bounds.CONTRACT_BITS
        within("index price", self.index_e3, low=1, high=price)
        _within_all("forward", self.forward_e3, low=1, high=price)
        _within_all("shocked part of the forward", self.shocked_e3, low=0, high=price)
        _within_all("tenor", self.tenor_s, low=0, high=1 << bounds.TENOR_BITS)
        _within_all("confidence", self.confidence_e6, low=0, high=bounds.RATE_SCALE + 1)
        _within_all("volatility", self.vol_e6, low=0, high=bounds.VOL_MAX_E6 + 1)
        within("14-day volatility", self.fortnight_vol_e6, low=0, high=bounds.VOL_MAX_E6 + 1)
        within("expected funding", self.funding_e3, low=1 - price, high=price)
        self._check_parts()
        self._check_tenors(listing)

    def _check_parts(self) -> None:
        """A forward that stands still needs no margin: it must be about to settle. One far from the
        index is in another unit."""
        far = (self.forward_e3 * FAR < self.index_e3) | (self.forward_e3 > self.index_e3 * FAR)
        for group in np.flatnonzero(far).tolist():
            raise BadMarket(
                f"the forward {self.forward_e3[group]} of group {group} is not within {FAR} times "
                f"the index price {self.index_e3}; next: give both in milli-USD per contract"
            )
        settles = (self.tenor_s <= SETTLING_S) & (np.arange(len(self.tenor_s)) > 0)
        least_e3 = np.where(settles, 0, self.forward_e3)
        wrong = (self.shocked_e3 < least_e3) | (self.shocked_e3 > self.forward_e3)
        for group in np.flatnonzero(wrong).tolist():
            raise BadMarket(
                f"the shocked part {self.shocked_e3[group]} of group {group}, with a tenor of "
                f"{self.tenor_s[group]} s, is outside [{least_e3[group]}, {self.forward_e3[group]}]"
            )

    def _check_tenors(self, listing: Listing) -> None:
        """All tenors count from one instant; what has expired waits for its settlement price."""
        if self.tenor_s[0]:
            raise BadMarket(f"the perpetual has a tenor of {self.tenor_s[0]} s; next: give 0")
        instant_s = listing.expiry_s[1:] - self.tenor_s[1:]
        is_open = self.tenor_s[1:] > 0
        first_s, last_s = (instant_s[is_open].min(initial=1 << 62), instant_s.max(initial=0))
        if is_open.any() and last_s > first_s:
            raise BadMarket(f"tenors count from {last_s} s and from {first_s} s since 1970")


def _within_all(what: str, values: Integers, *, low: int, high: int) -> None:
    if values.size:
        within(what, int(values.min()), low=low, high=high)
        within(what, int(values.max()), low=low, high=high)
