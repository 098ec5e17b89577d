from novate.air import Program, check, lookup, trace
from novate.circuits.buses import COMPRESSION, PERMUTATION
from novate.circuits.poseidon2 import Poseidon2
from novate.field import P, permute

from .transactions.surroundings import counterpart


def test_the_table_permutes_as_the_backend_and_not_otherwise() -> None:
    asks = counterpart("asks", PERMUTATION, lookup)
    compresses = counterpart("compresses", COMPRESSION, lookup)
    program = Program([Poseidon2, asks, compresses])
    states = [[0] * 16, [P - 1] * 16, list(range(16))]
    outs = [list(permute(state)) for state in states]
    fed = [
        [(a + b) % P for a, b in zip(o[:8], s, strict=False)]
        for o, s in zip(outs, states, strict=True)
    ]
    halves = {"left": [s[:8] for s in states], "right": [s[8:] for s in states]}

    def findings(outs: list[list[int]]) -> list[object]:
        inputs = {
            "poseidon2": {"state": states},
            "asks": {"state": states, "out": outs},
            "compresses": {**halves, "out": fed},
        }
        return list(check(program, trace(program, inputs)))

    assert findings(outs) == []
    outs[1][3] = (outs[1][3] + 1) % P
    assert findings(outs)
