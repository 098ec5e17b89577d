"""A publisher of index prices: signs what it sees at an expiry."""

from novate.instruments import Underlying
from novate.keys import Domain, PublicKey, public_key
from novate.ledger import Report, Signed, sign
from novate.units import IndexPrice, Instant


class Publisher:
    """One of the signers that the configuration names; a quorum of them makes a price."""

    def __init__(self, *, domain: Domain, secret: bytes) -> None:
        self._domain, self._secret = domain, secret

    @property
    def key(self) -> PublicKey:
        """What the configuration holds a commitment to."""
        return public_key(self._secret)

    def report(
        self, *, underlying: Underlying, expiry: Instant, index: IndexPrice, published_at: Instant
    ) -> Signed[Report]:
        """The signed word that the index was this at the expiry."""
        report = Report(underlying.id, expiry, index, published_at)
        return sign(self._domain, report, self._secret)
