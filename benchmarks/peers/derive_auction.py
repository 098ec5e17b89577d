"""Derive's liquidation: a falling price for a slice while solvent, a rising payment after that.

Source: `DutchAuction.sol` of derivexyz/v2-core @ 7736900, read for its behaviour.
Verified: six published auctions of up to three bids, and four unit vectors.
Amounts are US dollars: `worth` is mark-to-market value with cash, `margin` the distance to
maintenance margin (negative under it), `reserved` the cash that earlier bids paid in.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """The schedule; docs.derive.xyz and `config-mainnet.sol` (reference/margin.md, 1.4)."""

    start: float = 0.95
    fast_end: float = 0.70
    fast_s: float = 900.0
    slow_s: float = 43_200.0
    insolvent_s: float = 3_600.0
    fee_rate: float = 0.10
    buffer: float = 0.15


@dataclass(frozen=True)
class Account:
    """What is auctioned."""

    worth: float
    margin: float
    reserved: float = 0.0

    def after(self, part: float, paid: float) -> "Account":
        """Without `part` of everything but the reserved cash, which grows by what was paid."""
        kept = 1 - part
        return Account(
            worth=(self.worth - self.reserved) * kept + self.reserved + paid,
            margin=(self.margin - self.reserved) * kept + self.reserved + paid,
            reserved=self.reserved + paid,
        )


@dataclass(frozen=True)
class Auction:
    """The prices of an auction, by its seconds since the start."""

    parameters: Parameters = Parameters()

    def discount(self, elapsed_s: float) -> float:
        """The part of an account's worth that is asked for it: fast at first, then slowly, to 0."""
        p = self.parameters
        if elapsed_s < p.fast_s:
            return p.start - (p.start - p.fast_end) * elapsed_s / p.fast_s
        return max(0.0, p.fast_end * (1 - (elapsed_s - p.fast_s) / p.slow_s))

    def buffered(self, account: Account) -> float:
        """The distance to where an auction ends: maintenance margin and a part of it more."""
        return account.margin + self.parameters.buffer * (account.margin - account.worth)

    def largest_part(self, account: Account, discount: float) -> float:
        """The part, of all but the reserved cash, whose sale ends the auction: no more is sold."""
        missing = max(0.0, -self.buffered(account))
        if missing == 0.0:
            return 0.0
        return missing / (missing + account.worth * discount + account.reserved * (1 - discount))

    def ask(self, account: Account, elapsed_s: float) -> float:
        """The price of the whole of a solvent account, without its reserved cash."""
        return (account.worth - account.reserved) * self.discount(elapsed_s)

    def fee(self, account: Account) -> float:
        """What the insurance fund takes when the auction of a solvent account starts."""
        part = self.largest_part(account, 1.0)
        return part * abs(account.worth) * self.parameters.fee_rate

    def payment(self, account: Account, elapsed_s: float) -> float:
        """What the insurance fund pays for taking the whole of an insolvent account."""
        debt, short = max(0.0, -account.worth), max(0.0, -account.margin)
        grown = min(1.0, elapsed_s / self.parameters.insolvent_s)
        return debt + (short - debt) * grown
