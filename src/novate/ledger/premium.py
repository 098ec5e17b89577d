"""What a fill costs: premium and fee."""

from novate.units import Price, Qty, Rate, Rounding, Term, bounds, div


def premium_law(price: Term, size: Term, premium: Term) -> Term:
    """Zero when `premium` is price times size: milli-USD x milli-contracts, exact in micro-USDC."""
    return premium - price * size


def fee_law(premium: Term, rate: Term, fee: Term, dust: Term) -> Term:
    """Zero when `fee` is the rate's part of the premium, rounded up.

    `dust` in [0, 10**6) is what rounding adds.
    """
    return fee * bounds.RATE_SCALE - premium * rate - dust


def premium_e6(price: Price, size: Qty) -> int:
    """What the buyer pays the seller, in micro-USDC."""
    paid_e6 = price.times(size).e6
    assert premium_law(price.e3, size.e3, paid_e6) == 0
    return paid_e6


def fee_e6(premium_e6: int, rate: Rate) -> int:
    """What one side pays the venue, in micro-USDC: rounded up, so never less than the rate."""
    paid_e6 = div(premium_e6 * rate.e6, bounds.RATE_SCALE, Rounding.CEIL)
    dust = paid_e6 * bounds.RATE_SCALE - premium_e6 * rate.e6
    assert 0 <= dust < bounds.RATE_SCALE
    assert fee_law(premium_e6, rate.e6, paid_e6, dust) == 0
    return paid_e6
