"""Where signed messages and batches are valid."""

from dataclasses import dataclass

from novate.field import address_elements, limbs16
from novate.units import bounds, within


def require_address(address: bytes) -> None:
    """Refuse what is not an address of the base layer.

    Raises: OutOfRange.
    """
    within("length of an address", len(address), low=20, high=21)


@dataclass(frozen=True, slots=True)
class Domain:
    """The chain and the settlement contract that every signed message names."""

    chain_id: int
    contract: bytes

    def __post_init__(self) -> None:
        within("chain id", self.chain_id, high=1 << bounds.CHAIN_ID_BITS)
        require_address(self.contract)

    @property
    def elements(self) -> tuple[int, ...]:
        """The eleven elements that bind a message to this place: chain id (4), contract (7)."""
        return (*limbs16(self.chain_id, 4), *address_elements(self.contract))
