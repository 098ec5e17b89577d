"""Programs and plans that somebody changed: a refusal or a machine, and nothing else.

A program is only ever what the language built, and a proof is checked against its hash. All the
same no bytes may bring the process down.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import numpy as np
import pytest
from tests.air.scene import program as scene_program
from tests.air.test_lowering import PAYMENT, PRODUCT

from novate import _stark
from novate.air import Program

CASES = int(os.environ.get("FUZZ_CASES", "100000")) // 20
"""A machine takes milliseconds; a proof, microseconds."""
SLOWEST_S = 5.0
LOG_HEIGHT = 16
WORDS = (0, 1, 2, 7, 255, 1 << 15, 1 << 16, 1 << 24, (1 << 24) + 1, (1 << 31) - 1, (1 << 32) - 1)


def programs() -> list[Program]:
    """A payment, a product of 256 bits, and tables with lookups and public values."""
    return [PAYMENT, PRODUCT, scene_program()]


def changed(whole: bytes, chance: Random) -> bytes:
    """The bytes, one or a few of them others, some missing, some twice."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                at -= at % 4
                data[at : at + 4] = chance.choice(WORDS).to_bytes(4, "little")
            case 2:
                del data[at : at + chance.choice((1, 4, 12, 64))]
            case 3:
                data[at:at] = data[at : at + chance.choice((4, 12, 64))]
            case _:
                data[at : at + 4] = chance.randbytes(4)
    return bytes(data)


def refused_or_made(data: bytes) -> bool:
    """Whether a program was refused.

    Raises: whatever is neither a refusal nor a machine.
    """
    try:
        _stark.Machine(data, False, LOG_HEIGHT)
    except ValueError as refusal:
        assert str(refusal)
        return True
    return False


def test_a_changed_program_is_refused_or_another_program() -> None:
    encodings, slowest, refused = [built.encoding for built in programs()], 0.0, 0
    for number in range(CASES):
        data = changed(encodings[number % len(encodings)], Random(f"programs {number}"))
        began = time.thread_time()
        try:
            refused += refused_or_made(data)
        except BaseException as error:
            raise AssertionError(f"case {number} raises {type(error).__name__}: {error}") from error
        slowest = max(slowest, time.thread_time() - began)
    print(f"\n{CASES} programs, {refused} refused; slowest {slowest:.3f} s")
    assert slowest < SLOWEST_S
    assert refused


def test_a_changed_plan_is_refused_or_fills() -> None:
    refused = 0
    for number in range(CASES):
        chance = Random(f"plans {number}")
        built = programs_of_plans()[number % 3]
        encoding, plan = built.encoding, built.plan
        if chance.randrange(3):
            plan = changed(plan, chance)
        else:
            encoding = changed(encoding, chance)
        try:
            refused += not fills(built, encoding, plan, chance)
        except BaseException as error:
            raise AssertionError(f"case {number} raises {type(error).__name__}: {error}") from error
    print(f"\n{CASES} plans, {refused} refused")
    assert refused


PLANNED = programs()


def programs_of_plans() -> list[Program]:
    """The programs, each lowered once."""
    return PLANNED


def fills(built: Program, encoding: bytes, plan: bytes, chance: Random) -> bool:
    """Whether a filler was made; then it has filled and checked a few rows of chance."""
    try:
        filler = _stark.Filler(encoding, plan)
    except ValueError:
        return False
    traces = [
        np.array(
            [[chance.randrange(1 << 30) for _ in table.cells] for _ in range(2)], dtype=np.uint32
        )
        for table in built.tables
    ]
    publics = [[0] * table.table.public_values for table in built.tables]
    try:
        filled = filler.fill(traces, publics)
        filler.check(filled, publics, 4)
    except ValueError as refusal:
        assert str(refusal)
    return True


def word(*values: int) -> bytes:
    """Words as a program has them."""
    return b"".join(value.to_bytes(4, "little") for value in values)


def name(text: str) -> bytes:
    """A name as a program has it."""
    return word(len(text)) + text.encode()


def chain(nodes: list[tuple[int, int, int]], *, public_values: int = 0) -> bytes:
    """A program of one table with one cell, whose one sentence is the last node."""
    table = name("chain") + word(1) + name("cell") + word(public_values, len(nodes))
    table += b"".join(word(*node) for node in nodes)
    sentence = word(1) + name("it is zero") + word(len(nodes) - 1)
    return b"novate-1" + word(0, 1) + table + sentence + word(0)


LOCAL, ADD, MULTIPLY = 1, 7, 9
CHAINS = {
    "a sum of a million terms": [(LOCAL, 0, 0)] + [(ADD, i, 0) for i in range(1_000_000)],
    "a sum that doubles a hundred times": [(LOCAL, 0, 0)] + [(ADD, i, i) for i in range(100)],
    "a power beyond any degree": [(LOCAL, 0, 0)] + [(MULTIPLY, i, i) for i in range(70)],
}
MAKE = """
import resource, sys
from novate import _stark
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
try:
    _stark.Machine(sys.stdin.buffer.read(), False, 16)
except ValueError as refusal:
    print("refused:", refusal)
else:
    print("made")
"""


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("a sum of a million terms", "refused"),
        ("a sum that doubles a hundred times", ""),
        ("a power beyond any degree", "refused"),
    ],
)
def test_a_program_of_a_long_chain_ends_nothing_but_itself(what: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MAKE],
        input=chain(CHAINS[what]),
        capture_output=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stderr[-400:]
    assert done.stdout.decode().startswith(said)
