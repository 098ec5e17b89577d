"""Where and when a batch is valid: its chain and contract, its time window, its parameters."""

from dataclasses import dataclass

from novate.field import Tag, Word, sponge, word
from novate.ledger.account import require_owner
from novate.ledger.words import u32
from novate.units import Instant, Rate, bounds, within


@dataclass(frozen=True, slots=True)
class Domain:
    """The settlement contract that every signed message names."""

    chain_id: int
    contract: bytes

    def __post_init__(self) -> None:
        within("chain id", self.chain_id, high=1 << bounds.CHAIN_ID_BITS)
        require_owner(self.contract)


@dataclass(frozen=True, slots=True)
class Window:
    """The time a batch claims.

    What must not be over is judged at its end, what must be over at its start.
    """

    start: Instant
    end: Instant

    def __post_init__(self) -> None:
        within("window start", self.start.s, high=self.end.s + 1)


@dataclass(frozen=True, slots=True)
class Configuration:
    """Parameters of the venue: fees, and who may report index prices (formats.md, section 5)."""

    maker_fee_rate: Rate
    taker_fee_rate: Rate
    quorum: int
    heartbeat_s: int
    publishers: tuple[Word, ...]
    """Key commitments, all different."""

    def __post_init__(self) -> None:
        within("number of publishers", len(self.publishers), low=1, high=bounds.PUBLISHERS_MAX + 1)
        within("quorum", self.quorum, low=1, high=len(self.publishers) + 1)
        within("heartbeat", self.heartbeat_s, high=1 << bounds.TIME_BITS)
        if len(set(self.publishers)) != len(self.publishers):
            raise ValueError("a publisher is listed twice")

    @property
    def words(self) -> tuple[Word, ...]:
        """The parameters in one word, then one word per publisher."""
        rates = (self.maker_fee_rate.e6, self.taker_fee_rate.e6)
        count = len(self.publishers)
        return (word(VERSION, *rates, self.quorum, count, *u32(self.heartbeat_s)), *self.publishers)

    @property
    def hash(self) -> Word:
        """What the statement names."""
        return sponge(Tag.CONFIGURATION, (element for w in self.words for element in w))


VERSION = 1
"""The version of the protocol."""
