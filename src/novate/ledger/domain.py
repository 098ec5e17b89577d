"""Where signed messages and batches are valid."""

from dataclasses import dataclass

from novate.ledger.account import require_owner
from novate.units import bounds, within


@dataclass(frozen=True, slots=True)
class Domain:
    """The chain and the settlement contract that every signed message names."""

    chain_id: int
    contract: bytes

    def __post_init__(self) -> None:
        within("chain id", self.chain_id, high=1 << bounds.CHAIN_ID_BITS)
        require_owner(self.contract)
