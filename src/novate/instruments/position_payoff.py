"""What a position is paid at settlement, and the laws of it."""

from typing import assert_never

from novate.instruments.instrument import Instrument
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


def payoff_law(value: Term, size: Term, payoff: Term, dust: Term) -> Term:
    """Zero when `payoff` is a contract's value times signed size, rounded down.

    `dust` is in [0, 1000). Down means: who is owed receives the floor, and who owes, whose payoff
    is negative, pays the ceiling.
    """
    return payoff * bounds.PAYOFF_SCALE + dust - value * size


def intrinsic_value_e6(option: Option, index: IndexPrice) -> int:
    """What one contract is worth at expiry in micro-USD: never below zero."""
    sign, strike_e3 = option.right.sign, option.strike.e3
    settlement_e6 = index.e3 * option.multiplier.e3
    intrinsic = option.payoff.value_e6(settlement_e6)
    shortfall = intrinsic - sign * (strike_e3 * bounds.PAYOFF_SCALE - settlement_e6)
    assert intrinsic >= 0 <= shortfall
    assert one_part_law(int(shortfall > 0), intrinsic, shortfall) == 0
    assert moneyness_law(sign, strike_e3, index.e3, option.multiplier.e3, intrinsic, shortfall) == 0
    return intrinsic


def payoff(terms: Option | Instrument, index: IndexPrice, size: Qty) -> Usd:
    """What a position receives at settlement, negative when it pays, always rounded down.

    Down is against the account: over positions that net to zero the roundings leave dust and
    never a deficit; the caller says who keeps it.

    Range: any position in a put, at most 2**61 micro-USDC; otherwise what a `Usd` holds.
    """
    match terms:
        case Option():
            value_e6 = intrinsic_value_e6(terms, index)
        case Instrument():
            value_e6 = terms.payoff.value_e6(index.e3 * terms.multiplier.e3)
        case _:
            assert_never(terms)
    payoff_e6 = div(value_e6 * size.e3, bounds.PAYOFF_SCALE, Rounding.FLOOR)
    dust = value_e6 * size.e3 - payoff_e6 * bounds.PAYOFF_SCALE
    assert 0 <= dust < bounds.PAYOFF_SCALE
    assert payoff_law(value_e6, size.e3, payoff_e6, dust) == 0
    return Usd(payoff_e6)
