"""The Rust extension: keys and proofs of a program, the witness kernel, Poseidon2, sums."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Verdict: TypeAlias = tuple[list[tuple[int, int, int]], list[tuple[int, int, int]], bool]

class ProofRefused(Exception): ...

class Machine:
    def __new__(cls, program: bytes, full: bool, log_height: int) -> Machine: ...
    @property
    def security_bits(self) -> float: ...
    def prove(
        self, traces: Sequence[NDArray[np.uint32]], public_values: Sequence[Sequence[int]]
    ) -> list[int]: ...
    def verify(self, proof: bytes, public_values: Sequence[Sequence[int]]) -> None: ...

class Filler:
    def __new__(cls, program: bytes, plan: bytes) -> Filler: ...
    def fill(
        self, traces: Sequence[NDArray[np.uint32]], public_values: Sequence[Sequence[int]]
    ) -> list[NDArray[np.uint32]]: ...
    def check(
        self,
        traces: Sequence[NDArray[np.uint32]],
        public_values: Sequence[Sequence[int]],
        limit: int,
    ) -> tuple[list[tuple[int, int, int]], list[tuple[int, list[int], int, int, int]]]: ...
    def probe(
        self,
        traces: Sequence[NDArray[np.uint32]],
        public_values: Sequence[Sequence[int]],
        mutants: Sequence[Sequence[tuple[int, int, int, int]]],
        mend: bool,
    ) -> list[Verdict]: ...

def poseidon2_permute(state: Sequence[int]) -> list[int]: ...
def poseidon2_compress(left: Sequence[int], right: Sequence[int]) -> list[int]: ...
def poseidon2_sponge(tag: int, values: Sequence[int]) -> list[int]: ...
def poseidon2_permute_many(states: NDArray[np.uint32]) -> NDArray[np.uint32]: ...
def poseidon2_compress_many(
    left: NDArray[np.uint32], right: NDArray[np.uint32]
) -> NDArray[np.uint32]: ...
def secp256k1_witness(
    z: NDArray[np.uint8],
    r: NDArray[np.uint8],
    s: NDArray[np.uint8],
    x: NDArray[np.uint8],
    y: NDArray[np.uint8],
) -> dict[str, NDArray[Any]]: ...
def secp256k1_refusals(
    z: NDArray[np.uint8],
    r: NDArray[np.uint8],
    s: NDArray[np.uint8],
    x: NDArray[np.uint8],
    y: NDArray[np.uint8],
) -> list[str | None]: ...
def secp256k1_fixed() -> NDArray[np.uint8]: ...
def grouped_sums(
    cells: NDArray[np.int64],
    sized: int,
    group: NDArray[np.int64],
    row: NDArray[np.int64],
    weight: NDArray[np.int64],
    start: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]: ...
def least_sums(
    value: NDArray[np.int64],
    slope: NDArray[np.int64],
    first: NDArray[np.int64],
    place: NDArray[np.int64],
    turn: NDArray[np.int64],
    group: NDArray[np.int64],
    dips: NDArray[np.int64],
    row: NDArray[np.int64],
    weight: NDArray[np.int64],
    start: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
def bare_seconds(
    log_height: int, mixed: NDArray[np.uint32], bytes: NDArray[np.uint32]
) -> float: ...
def prove_seconds(
    program: bytes,
    log_height: int,
    traces: Sequence[NDArray[np.uint32]],
    public_values: Sequence[Sequence[int]],
) -> float: ...
