"""What a venue begins with: public, and all that is needed beside the chain's data."""

from collections.abc import Mapping
from dataclasses import dataclass

from novate.chain import Deployment
from novate.field import Word
from novate.instruments import Option
from novate.keys import Domain
from novate.ledger import Configuration, Head, encode_terms, genesis_state, root_of, terms_address


@dataclass(frozen=True, slots=True)
class Genesis:
    """The configuration and the listed instruments, by id."""

    configuration: Configuration
    listing: Mapping[int, Option]

    @property
    def root(self) -> Word:
        """The state root before the first batch: the same on every chain."""
        return root_of({terms_address(i): encode_terms(o) for i, o in self.listing.items()})

    def head(self, domain: Domain) -> Head:
        """Where the chain of batches starts."""
        state = genesis_state(configuration=self.configuration, domain=domain, listing=self.listing)
        return Head.genesis(state)


def domain_of(deployment: Deployment) -> Domain:
    """The chain and contract that messages for this deployment name."""
    return Domain(deployment.chain.chain_id, deployment.settlement.address)
