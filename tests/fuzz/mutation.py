"""Proofs that somebody changed: each mutant follows from its number alone, so that it can be made
again."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from random import Random

from novate.field import P

from .encoding import DIGEST, EXTENSION, WORD, Part, Walk, with_words

SEED = "proofs"
WORDS = (0, 1, 2, 255, 1 << 16, (1 << 24) - 1, P - 1, P, P + 1, 1 << 31, (1 << 32) - 1)
"""What lengths and elements are least expected to be."""


@dataclass(frozen=True)
class Subject:
    """A proof to be changed, and others to change it with: of the same program or of another."""

    proof: bytes
    sibling: bytes
    """Of the same program at the same level, for another batch."""
    strangers: tuple[bytes, ...]
    """Of other programs, or at another level."""

    @cached_property
    def parts(self) -> list[Part]:
        """The lengths and the runs of the proof."""
        return Walk(self.proof).parts

    @cached_property
    def lengths(self) -> list[Part]:
        """The lengths of the proof."""
        return [part for part in self.parts if part.is_length]

    def word(self, offset: int) -> int:
        """The word that stands at an offset."""
        return int.from_bytes(self.proof[offset : offset + WORD], "little")


def flipped_bits(subject: Subject, chance: Random) -> bytes:
    """One to four bits are the other ones."""
    changed = bytearray(subject.proof)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def other_bytes(subject: Subject, chance: Random) -> bytes:
    """A few bytes next to each other are random."""
    start = chance.randrange(len(subject.proof))
    end = min(len(subject.proof), start + chance.choice((1, 2, 4, 16, 64)))
    return subject.proof[:start] + chance.randbytes(end - start) + subject.proof[end:]


def other_words(subject: Subject, chance: Random) -> bytes:
    """One to three words are among the least expected."""
    words = [
        (_place(subject, chance), chance.choice(WORDS)) for _ in range(chance.choice((1, 1, 1, 3)))
    ]
    return with_words(subject.proof, words)


def other_lengths(subject: Subject, chance: Random) -> bytes:
    """One or two lengths are a little different, or nothing, or enormous."""
    words = []
    for _ in range(chance.choice((1, 1, 2))):
        part = chance.choice(subject.lengths)
        found = subject.word(part.start)
        near = (found + 1, max(0, found - 1), 2 * found, found // 2)
        words.append((part.start, chance.choice((*near, *WORDS))))
    return with_words(subject.proof, words)


def another_reading(subject: Subject, chance: Random) -> bytes:
    """An element is written as itself plus p: the same element, if it were taken."""
    runs = [part for part in subject.parts if not part.is_length and part.end - part.start >= WORD]
    while True:
        part = chance.choice(runs)
        offset = part.start + WORD * chance.randrange((part.end - part.start) // WORD)
        if subject.word(offset) + P < 1 << 32:
            return with_words(subject.proof, [(offset, subject.word(offset) + P)])


def truncated(subject: Subject, chance: Random) -> bytes:
    """The end is missing, from anywhere or from where a part starts."""
    anywhere = chance.randrange(len(subject.proof))
    return subject.proof[: chance.choice((anywhere, chance.choice(subject.parts).start))]


def extended(subject: Subject, chance: Random) -> bytes:
    """Something follows the end: zeros, chance, or the proof again."""
    count = chance.choice((1, 3, WORD, DIGEST, 1 << 16))
    return subject.proof + chance.choice((bytes(count), chance.randbytes(count), subject.proof))


def spliced(subject: Subject, chance: Random) -> bytes:
    """The beginning of one proof and the end of another, at one offset or at two."""
    other = chance.choice((subject.sibling, *subject.strangers))
    left = chance.choice(subject.parts).end
    right = chance.choice((left, chance.randrange(len(other))))
    first, second = chance.choice(((subject.proof, other), (other, subject.proof)))
    return first[:left] + second[right:]


def transplanted(subject: Subject, chance: Random) -> bytes:
    """One part is that of a proof of the same program."""
    differing = [
        part
        for part in subject.parts
        if subject.proof[part.start : part.end] != subject.sibling[part.start : part.end]
    ]
    part = chance.choice(differing)
    new = subject.sibling[part.start : part.end]
    return subject.proof[: part.start] + new + subject.proof[part.end :]


def rearranged(subject: Subject, chance: Random) -> bytes:
    """A part is dropped, repeated, or has changed places with the next of its size."""
    at = chance.randrange(len(subject.parts))
    part = subject.parts[at]
    before, mine, after = _cut(subject.proof, part)
    match chance.randrange(3):
        case 0:
            return before + after
        case 1:
            return before + mine + mine + after
        case _:
            size = part.end - part.start
            later = [p for p in subject.parts[at + 1 :] if p.end - p.start == size]
            if not later:
                return before + after
            middle, other, rest = _cut(after, Part("", *_shifted(later[0], part.end), False))
            return before + other + middle + mine + rest


def blanked(subject: Subject, chance: Random) -> bytes:
    """A part, a stretch or everything is one byte over and over."""
    start, size = chance.randrange(len(subject.proof)), chance.choice((WORD, EXTENSION, 1 << 12))
    part = chance.choice(subject.parts)
    start, end = chance.choice(
        ((start, start + size), (part.start, part.end), (part.start, len(subject.proof)))
    )
    end = min(end, len(subject.proof))
    fill = bytes([chance.choice((0, 0, 0, 1, 0x7F, 0xFF))])
    return subject.proof[:start] + fill * (end - start) + subject.proof[end:]


def unrelated(subject: Subject, chance: Random) -> bytes:
    """No proof at all, or one of another program or another level."""
    noise = chance.randbytes(chance.choice((0, 1, 3, 4, 40, 1 << 12)))
    head = subject.proof[: chance.randrange(200)]
    return chance.choice((*subject.strangers, noise, head + noise, bytes(len(subject.proof))))


KINDS: tuple[Callable[[Subject, Random], bytes], ...] = (
    flipped_bits,
    other_bytes,
    other_words,
    other_lengths,
    another_reading,
    truncated,
    extended,
    spliced,
    transplanted,
    rearranged,
    blanked,
    unrelated,
)
"""The kinds of mutants, each as often as the others."""


def mutant(subject: Subject, number: int) -> tuple[str, bytes]:
    """The kind and the bytes of the mutant of this number; never the proof itself."""
    chance = Random(f"{SEED} {number}")
    kind = KINDS[number % len(KINDS)]
    while True:
        changed = kind(subject, chance)
        if changed not in (subject.proof, subject.sibling):
            return kind.__name__, changed


def _place(subject: Subject, chance: Random) -> int:
    return WORD * chance.randrange(len(subject.proof) // WORD)


def _cut(proof: bytes, part: Part) -> tuple[bytes, bytes, bytes]:
    return proof[: part.start], proof[part.start : part.end], proof[part.end :]


def _shifted(part: Part, origin: int) -> tuple[int, int]:
    return part.start - origin, part.end - origin
