"""The parameters of the venue (formats.md, section 5)."""

from dataclasses import dataclass
from typing import Final

from novate.field import Tag, Word, sponge, word
from novate.ledger.words import u32
from novate.units import Rate, bounds, within

VERSION: Final = 1
"""The version of the protocol."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Fees, and who may report index prices."""

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
