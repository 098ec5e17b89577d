"""Where a proof's bytes say lengths: the backend's encoding of a proof, walked without decoding it.

A proof is little-endian words of 4 bytes, but for one bitmap: lengths and heights, elements, and
runs of them whose number follows from a length before.
"""

from collections.abc import Iterator
from dataclasses import dataclass

WORD = 4
EXTENSION = 4 * WORD
DIGEST = 8 * WORD


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a proof: one length, or the run of elements that lengths before it announce."""

    name: str
    start: int
    end: int
    is_length: bool


class Walk:
    """Goes through a proof once and notes its parts."""

    def __init__(self, proof: bytes) -> None:
        self.proof = proof
        self.parts: list[Part] = []
        self._at = 0
        self._proof()
        assert self._at == len(proof), "the walk does not end where the proof does"

    def offset(self, name: str) -> int:
        """Where the first part of this name starts."""
        return next(part.start for part in self.parts if part.name == name)

    def _length(self, name: str) -> int:
        value = int.from_bytes(self.proof[self._at : self._at + WORD], "little")
        self.parts.append(Part(name, self._at, self._at + WORD, True))
        self._at += WORD
        return value

    def _run(self, name: str, size: int) -> None:
        if size:
            self.parts.append(Part(name, self._at, self._at + size, False))
            self._at += size

    def _list(self, name: str, size: int) -> int:
        count = self._length(f"number of {name}")
        self._run(name, count * size)
        return count

    def _proof(self) -> None:
        self._length("version of the encoding")
        self._run("commitment of the main trace", DIGEST)
        self._tables()
        self._interactions()
        self._constraints()
        self._stacking()
        self._opening()

    def _tables(self) -> None:
        tables = self._length("number of tables")
        start = self._at
        self._run("which tables are present", -(-tables // 8))
        bitmap = int.from_bytes(self.proof[start : self._at], "little")
        for _ in range(bitmap.bit_count()):
            self._length("height")
            self._list("cached commitments", DIGEST)
        for _ in range(self._length("number of lists of public values")):
            self._list("public values", WORD)

    def _interactions(self) -> None:
        self._run("work and denominator of the interactions", WORD + EXTENSION)
        layers = self._list("claims of layers", 4 * EXTENSION)
        for layer in range(1, layers):
            self._run("polynomials of a layer", layer * 3 * EXTENSION)

    def _constraints(self) -> None:
        tables = self._list("numerators", EXTENSION)
        self._run("denominators", tables * EXTENSION)
        self._list("coefficients of the first round", EXTENSION)
        if rounds := self._length("number of rounds"):
            values = self._length("values a round")
            for _ in range(rounds):
                self._run("values of a round", values * EXTENSION)
        for _ in range(tables):
            for _ in range(self._length("number of parts")):
                self._list("column openings", EXTENSION)

    def _stacking(self) -> None:
        self._list("coefficients of the first stacked round", EXTENSION)
        self._list("stacked rounds", 2 * EXTENSION)
        for _ in range(self._length("number of stacked matrices")):
            self._list("stacked openings", EXTENSION)

    def _opening(self) -> None:
        self._run("work of the batching", WORD)
        folds = self._list("folds", 2 * EXTENSION)
        rounds = self._list("codewords", DIGEST) + 1
        self._run("values out of the domain", (rounds - 1) * EXTENSION)
        self._run("work of the folds", folds * WORD)
        self._run("work of the queries", rounds * WORD)
        rows = 1 << folds // rounds
        matrices = self._length("number of opened matrices")
        queries = self._length("number of first queries")
        depth = self._length("depth of the first paths")
        widths = [self._length("width of an opened matrix") for _ in range(matrices)]
        for width in widths:
            for _ in range(queries):
                self._run("opened rows", rows * width * WORD)
        for _ in range(matrices * queries):
            self._run("first path", depth * DIGEST)
        counts = [self._opened_codeword(rows) for _ in range(rounds - 1)]
        depth = self._length("depth of the next paths")
        for i, count in enumerate(counts):
            for _ in range(count):
                self._run("path", (depth - i) * DIGEST)
        self._list("coefficients of the last polynomial", EXTENSION)

    def _opened_codeword(self, rows: int) -> int:
        count = self._length("number of queries")
        for _ in range(count):
            self._run("opened codeword", rows * EXTENSION)
        return count


def with_words(proof: bytes, words: Iterator[tuple[int, int]]) -> bytes:
    """The proof with these words, (offset, value), in their places."""
    changed = bytearray(proof)
    for offset, value in words:
        changed[offset : offset + WORD] = value.to_bytes(WORD, "little")
    return bytes(changed)
