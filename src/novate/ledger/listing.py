"""A listed instrument: its terms, and its settlement once there is one."""

from dataclasses import dataclass

from novate.field import Word, from_limbs16, word
from novate.instruments import Option, Right, Underlying
from novate.ledger.words import ZERO, u32, u48
from novate.units import IndexPrice, Instant, Multiplier, Price


def encode_terms(option: Option) -> Word:
    """The word that lists an option."""
    return word(
        option.underlying.id,
        option.right,
        *u48(option.strike.e3),
        *u32(option.expiry.s),
        option.multiplier.e3,
    )


def decode_terms(stored: Word) -> Option:
    """The option that a word lists; the word is not absent."""
    return Option(
        underlying=Underlying(stored[0]),
        right=Right(stored[1]),
        strike=Price(from_limbs16(stored[2:5])),
        expiry=Instant(from_limbs16(stored[5:7])),
        multiplier=Multiplier(stored[7]),
    )


@dataclass(frozen=True, slots=True)
class Unsettled:
    """No settlement price yet."""

    def encode(self) -> Word:
        """The absent word."""
        return ZERO


@dataclass(frozen=True, slots=True)
class Settled:
    """The settlement price, which stands for ever."""

    index: IndexPrice

    def encode(self) -> Word:
        """The word of a settlement."""
        return word(1, *u48(self.index.e3))


Settlement = Unsettled | Settled


def decode_settlement(stored: Word) -> Settlement:
    """The settlement in a word."""
    if stored == ZERO:
        return Unsettled()
    assert stored[0] == 1
    return Settled(IndexPrice(from_limbs16(stored[1:4])))
