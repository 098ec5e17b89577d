"""One option for one question: Black's formula with typed values in and out.

Whoever values a table takes the functions on arrays, which these are in a single row:

    >>> from novate.instruments import Right
    >>> from novate.pricing import OptionOnForward
    >>> from novate.units import Price, Tenor, Vol
    >>> month = Tenor(30 * 86_400)
    >>> put = OptionOnForward(Right.PUT, Price(92_000_000), strike=Price(85_000_000), tenor=month)
    >>> print(put.price(Vol(550_000)))
    2,745.569 USD per contract
    >>> print(put.greeks(Vol(550_000)).vega)
    88.895737 USDC
    >>> print(put.implied_vol(Price(2_500_000)))
    52.2195 %
"""

from dataclasses import dataclass
from typing import Final

from novate.instruments import Option, Right
from novate.pricing.black76 import call_e3, put_e3
from novate.pricing.greeks import call_greeks, put_greeks
from novate.pricing.implied_vol import Implied, call_implied_vols, put_implied_vols
from novate.pricing.surface import Svi, implied_vol_e6
from novate.units import Instant, NamedError, Price, Tenor, Usd, Vol, bounds, nearest, within

_HIGHEST: Final = Vol(bounds.VOL_MAX_E6)


class NoImpliedVol(NamedError, ValueError):
    """A price that implies no volatility, or a stretch of them; which of both, `implied` says."""

    def __init__(self, price: Price, implied: Implied, why: str) -> None:
        super().__init__(f"{price} implies no volatility: {why}")
        self.price, self.implied, self.why = price, implied, why


@dataclass(frozen=True, slots=True)
class ContractGreeks:
    """Sensitivities of one long contract, in the conventions and with the error of `Greeks`."""

    delta_e6: int
    """US dollars per dollar of the forward, in millionths, to the nearest; a put's is negative."""
    gamma_e9: int
    """Change of delta per dollar of the forward, in steps of 1e-9."""
    vega: Usd
    """Per volatility point."""
    theta: Usd
    """Of a day, or of what is left if less; never positive."""
    rho: Usd
    """Per point of an annual rate."""


@dataclass(frozen=True, slots=True)
class OptionOnForward:
    """A European option on a forward, some time before its expiry; prices are per contract.

    Range: forward and strike from 0.001 USD.

    Raises: OutOfRange.
    """

    right: Right
    forward: Price
    strike: Price
    tenor: Tenor

    def __post_init__(self) -> None:
        for what, price in (("forward", self.forward), ("strike", self.strike)):
            within(what, price.e3, low=1, high=1 << bounds.PRICE_BITS)

    @classmethod
    def of(cls, option: Option, forward: Price, now: Instant) -> "OptionOnForward":
        """A listed option, at a forward per contract and an instant.

        Raises: OutOfRange, also for an option that has expired.
        """
        return cls(option.right, forward, option.strike, now.until(option.expiry))

    def price(self, vol: Vol) -> Price:
        """The undiscounted value, to the nearest 0.001 USD; error as of `call_e3`."""
        value_e3 = call_e3 if self.right is Right.CALL else put_e3
        return Price(int(value_e3(self.forward.e3, self.strike.e3, vol.e6, self.tenor.s)))

    def greeks(self, vol: Vol) -> ContractGreeks:
        """How the value moves."""
        greeks = call_greeks if self.right is Right.CALL else put_greeks
        found = greeks(self.forward.e3, self.strike.e3, vol.e6, self.tenor.s)
        return ContractGreeks(
            delta_e6=nearest(int(found.delta_q28) * 10**6, bounds.FRACTION_BITS),
            gamma_e9=int(found.gamma_e9),
            vega=Usd(int(found.vega_e6)),
            theta=Usd(int(found.theta_e6)),
            rho=Usd(int(found.rho_e6)),
        )

    def implied_vol(self, price: Price) -> Vol:
        """The lowest volatility whose value reaches the price: that of a step less does not.

        Raises: NoImpliedVol.
        """
        vols = call_implied_vols if self.right is Right.CALL else put_implied_vols
        found = vols(price.e3, self.forward.e3, self.strike.e3, self.tenor.s)
        implied, low, above = Implied(int(found.implied)), int(found.vol_e6), int(found.above_e6)
        if implied is Implied.VOL:
            return Vol(low)
        raise NoImpliedVol(price, implied, self._why_not(implied, low, above))

    def _why_not(self, implied: Implied, low_e6: int, above_e6: int) -> str:
        right, bound = ("call", self.forward) if self.right is Right.CALL else ("put", self.strike)
        match implied:
            case Implied.BELOW_INTRINSIC:
                return f"the intrinsic value is {self.price(Vol(0))}"
            case Implied.INTRINSIC:
                return f"it is the intrinsic value, as of all up to {Vol(above_e6 - 1)}"
            case Implied.FLAT:
                return f"it is the value of all from {Vol(low_e6)} to {Vol(above_e6 - 1)}"
            case Implied.ABOVE_VOL_MAX:
                return f"{_HIGHEST} gives {self.price(_HIGHEST)}"
            case _:
                return f"no {right} is worth more than {bound}"

    def smile_vol(self, smile: Svi) -> Vol:
        """The volatility of its expiry's smile at its strike, rounded down.

        Raises: OutOfRange at expiry, where there is no smile.
        """
        return Vol(int(implied_vol_e6(smile, self.forward.e3, self.strike.e3, self.tenor.s)))
