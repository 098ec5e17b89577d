"""What an option pays at expiry, and the laws of it."""

from novate.instruments.option import Option
from novate.units import (
    IndexPrice,
    Qty,
    Rounding,
    Term,
    Usd,
    bounds,
    div,
    one_part_law,
    parts,
)


def moneyness_law(
    sign: Term, strike: Term, index: Term, multiplier: Term, intrinsic: Term, shortfall: Term
) -> Term:
    """Zero when `intrinsic - shortfall` is how far the option is in the money.

    `sign` is +1 for a put and -1 for a call; since its square is one it multiplies the short side
    of the equation, and the degree stays two. With `one_part_law(is_out, intrinsic, shortfall)`
    this makes `intrinsic` the positive part: `max(0, strike * 1000 - index * multiplier)` for a
    put.
    """
    return sign * (intrinsic - shortfall) - strike * bounds.PAYOFF_SCALE + index * multiplier


def payoff_law(intrinsic: Term, size: Term, payoff: Term, dust: Term) -> Term:
    """Zero when `payoff` is intrinsic value times signed size, rounded down; `dust` in [0, 1000).

    Down means: a long receives the floor and a short, whose payoff is negative, pays the ceiling.
    """
    return payoff * bounds.PAYOFF_SCALE + dust - intrinsic * size


def intrinsic_value_e6(option: Option, index: IndexPrice) -> int:
    """What one contract is worth at expiry in micro-USD: never below zero."""
    strike_e6 = option.strike.e3 * bounds.PAYOFF_SCALE
    underlying_e6 = index.e3 * option.multiplier.e3
    moneyness_e6 = option.right.sign * (strike_e6 - underlying_e6)
    intrinsic, shortfall = parts(moneyness_e6)
    assert one_part_law(int(moneyness_e6 < 0), intrinsic, shortfall) == 0
    assert (
        moneyness_law(
            option.right.sign,
            option.strike.e3,
            index.e3,
            option.multiplier.e3,
            intrinsic,
            shortfall,
        )
        == 0
    )
    return intrinsic


def payoff(option: Option, index: IndexPrice, size: Qty) -> Usd:
    """What a position receives at expiry, negative when it pays, always rounded down.

    Down is against the account: over positions that net to zero the roundings leave dust and
    never a deficit; the caller says who keeps it.

    Range: any position in a put, at most 2**61 micro-USDC; in a call, what a `Usd` holds.
    """
    intrinsic_e6 = intrinsic_value_e6(option, index)
    payoff_e6 = div(intrinsic_e6 * size.e3, bounds.PAYOFF_SCALE, Rounding.FLOOR)
    dust = intrinsic_e6 * size.e3 - payoff_e6 * bounds.PAYOFF_SCALE
    assert 0 <= dust < bounds.PAYOFF_SCALE
    assert payoff_law(intrinsic_e6, size.e3, payoff_e6, dust) == 0
    return Usd(payoff_e6)
