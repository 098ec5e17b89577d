"""An owner on the base layer: money in, session keys, money out."""

from eth_account.signers.local import LocalAccount

from novate.chain import (
    Address,
    Claimed,
    Deployment,
    Enqueued,
    address_of,
    claim,
    claimable_e6,
    deposit,
    register_key,
)
from novate.keys import PublicKey
from novate.units import Usd


class Wallet:
    """The key that owns an account. It signs nothing inside the venue: that is a session key's."""

    def __init__(self, deployment: Deployment, key: LocalAccount) -> None:
        self._deployment, self._key = deployment, key

    @property
    def address(self) -> Address:
        """Where withdrawals go."""
        return address_of(self._key)

    @property
    def tokens(self) -> Usd:
        """USDC in the wallet itself."""
        return Usd(int(self._deployment.token.call("balanceOf", self.address)))

    @property
    def claimable(self) -> Usd:
        """What settled withdrawals left for this owner in the vault."""
        return Usd(claimable_e6(self._deployment, self.address))

    def deposit(self, amount: Usd) -> Enqueued:
        """Move USDC into the vault; the first time, the inbox assigns an account."""
        return deposit(self._deployment, self._key, amount_e6=amount.e6)

    def register(self, key: PublicKey, *, key_slot: int, deadline_s: int) -> Enqueued:
        """Let a session key sign for the account."""
        return register_key(
            self._deployment, self._key, slot=key_slot, x=key.x, y=key.y, deadline=deadline_s
        )

    def claim(self) -> Claimed:
        """Take all that is claimable out of the vault."""
        return claim(self._deployment, self._key)
