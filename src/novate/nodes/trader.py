"""A session key at work for an account: signs orders and withdrawal requests."""

from collections import Counter

from novate.keys import Domain, PublicKey, public_key
from novate.ledger import USDC, Order, Party, Side, Signed, UserWithdraw, WithdrawRequest, sign
from novate.units import Instant, Price, Qty, Rate, Usd


class Trader:
    """Counts the nonces of its order slots, so that each new message replaces the one before."""

    def __init__(self, *, domain: Domain, account: int, key_slot: int, secret: bytes) -> None:
        self._domain, self._secret = domain, secret
        self.account, self.key_slot = account, key_slot
        self._nonces: Counter[int] = Counter()

    @property
    def key(self) -> PublicKey:
        """What the owner registers."""
        return public_key(self._secret)

    def order(
        self,
        *,
        instrument: int,
        side: Side,
        limit: Price,
        size: Qty,
        fee_cap: Rate,
        expiry: Instant,
        order_slot: int,
    ) -> Signed[Order]:
        """A signed order; it replaces what the order slot held."""
        order = Order(
            account=self.account,
            instrument=instrument,
            side=side,
            limit=limit,
            size=size,
            fee_cap=fee_cap,
            expiry=expiry,
            order_slot=order_slot,
            nonce=self._next_nonce(order_slot),
        )
        return sign(self._domain, order, self._secret)

    def party(self, order: Signed[Order], *, position_slot: int) -> Party:
        """This account's side of a fill."""
        return Party(order, self.key_slot, position_slot)

    def withdrawal(self, amount: Usd, *, expiry: Instant, order_slot: int) -> UserWithdraw:
        """A signed request to let free USDC out to the account's owner."""
        nonce = self._next_nonce(order_slot)
        request = WithdrawRequest(self.account, USDC, amount, expiry, order_slot, nonce)
        return UserWithdraw(sign(self._domain, request, self._secret), self.key_slot)

    def _next_nonce(self, order_slot: int) -> int:
        self._nonces[order_slot] += 1
        return self._nonces[order_slot]
