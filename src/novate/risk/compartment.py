"""Compartments: what shares one cash and one fund, and answers for nothing else.

An account belongs to one, and so do its margins: a table, and what positions require by it, carry
its number, and whatever brings two together is an error. Underlyings of one compartment are added
up, none paying for another.
"""

from dataclasses import dataclass
from typing import Final

from novate.instruments import Underlying
from novate.risk.listing import Listing
from novate.risk.market import Market
from novate.risk.parameters import BTC, ETH, Dials, RiskParameters
from novate.risk.table import RiskTable, risk_table
from novate.units import bounds, within


class OtherCompartment(ValueError):
    """Something of one compartment brought to another."""


@dataclass(frozen=True, slots=True)
class Compartment:
    """The underlyings that may be traded in one, with what is decided about their risk.

    Raises: OutOfRange for a number beyond 16 bits, or 0; ValueError for no underlying, or one told
            twice.
    """

    number: int
    parameters: tuple[tuple[Underlying, RiskParameters], ...]
    dials: Dials = Dials()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        within("compartment", self.number, low=1, high=1 << bounds.COMPARTMENT_BITS)
        named = [underlying for underlying, _ in self.parameters]
        if not named or len(set(named)) < len(named):
            raise ValueError(
                f"compartment {self.number} names each of its underlyings once, at least one: "
                f"{[str(underlying) for underlying in named]}"
            )

    def risk_of(self, underlying: Underlying) -> RiskParameters:
        """The shocks and charges of one of its underlyings.

        Raises: OtherCompartment.
        """
        for listed, parameters in self.parameters:
            if listed == underlying:
                return parameters
        listed_here = ", ".join(str(listed) for listed, _ in self.parameters)
        raise OtherCompartment(
            f"{underlying} is not of compartment {self.number}, which lists {listed_here}"
        )

    def table(
        self, listing: Listing, market: Market, *, previous: RiskTable | None = None
    ) -> RiskTable:
        """The risk table of one of its underlyings at a tick.

        Raises: OtherCompartment; BadMarket, OutOfRange.
        """
        parameters = self.risk_of(listing.instruments[0].underlying)
        return risk_table(
            listing, market, parameters, self.dials, compartment=self.number, previous=previous
        )


MAJORS: Final = Compartment(1, ((Underlying.BTC, BTC), (Underlying.ETH, ETH)))
"""The first: bitcoin and ether."""
