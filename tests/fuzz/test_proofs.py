"""Proofs that somebody changed are refused, whatever was changed, at no cost to speak of.

`FUZZ_CASES` says how many are tried. A case that fails is made again from its number.
"""

import os
import resource
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import pytest
from tests.air.test_lowering import PAYMENT, PRODUCT
from tests.circuits.test_batch import WALK

from novate.air import Machine, Program, ProofRefused, Security, Trace, trace
from novate.circuits import batch_trace, program, public_values

from .mutation import KINDS, Subject, mutant

CASES = int(os.environ.get("FUZZ_CASES", "100000"))
BATCH_SHARE = 19
"""One case in so many changes the proof of a whole batch; the others, of one payment. It has no
factor in common with the number of kinds, so that every kind meets both."""

CHUNK = 500
SLOWEST_S = 2.0
"""Processor time that no refusal may take; the honest batch takes a twentieth."""
MEMORY_GROWTH_MAX = 512 << 20
"""Bytes by which all cases together may raise the peak of this process."""


@dataclass(frozen=True)
class Target:
    """A machine, the public values it is asked about, and the proofs to be changed."""

    machine: Machine
    claimed: dict[str, list[int]]
    subject: Subject

    def complaint(self, number: int) -> tuple[str, str | None, float]:
        """The kind of a case, what is wrong with its refusal, and the seconds it took."""
        kind, changed = mutant(self.subject, number)
        began = time.thread_time()
        try:
            self.machine.verify(changed, self.claimed)
        except ProofRefused as refusal:
            wrong = None if str(refusal) else "says nothing"
        except BaseException as error:
            wrong = f"raises {type(error).__name__}: {error}"
        else:
            wrong = "is accepted"
        return kind, wrong, time.thread_time() - began


def payment_trace(built: Program, size: int) -> Trace:
    """The trace of one payment."""
    dust = 10**10 - 7 * size
    columns = {"size": [size], "move": [7], "payment": [1], "dust": [dust]}
    return trace(built, {"payment": columns})


class Targets:
    """The machines, made when they are first asked for."""

    @cached_property
    def payment(self) -> Target:
        """One payment, among a few kilobytes of other payments."""
        machine = Machine(PAYMENT)
        quick = Machine(PAYMENT, security=Security.DEVELOPMENT)
        product = Machine(PRODUCT)
        other = trace(PRODUCT, {"product": {"a": [2], "b": [3], "c": [6]}})
        strangers = (quick.prove(payment_trace(PAYMENT, 5)), product.prove(other))
        proofs = (machine.prove(payment_trace(PAYMENT, size)) for size in (5, 6))
        return Target(machine, {}, Subject(*proofs, strangers))

    @cached_property
    def batch(self) -> Target:
        """A settlement and two withdrawals, next to the batch before it."""
        machine = Machine(program())
        sibling, proof = (machine.prove(batch_trace(batch)) for batch in WALK[:2])
        claimed = public_values(WALK[1].statement)
        return Target(machine, claimed, Subject(proof, sibling, (self.payment.subject.proof,)))

    def of(self, number: int) -> Target:
        """What the case of this number changes."""
        return self.payment if number % BATCH_SHARE else self.batch


TARGETS = Targets()


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


@pytest.mark.parametrize("name", ["payment", "batch"])
def test_the_proofs_to_be_changed_verify(name: str) -> None:
    target = getattr(TARGETS, name)
    target.machine.verify(target.subject.proof, target.claimed)
    assert target.machine.security is Security.FULL


def test_a_changed_proof_is_refused_whatever_was_changed() -> None:
    for target in (TARGETS.payment, TARGETS.batch):
        target.machine.verify(target.subject.proof, target.claimed)
    before = _peak_bytes()
    complaints, slowest, tried = [], 0.0, Counter[str]()

    def chunk(start: int) -> list[tuple[int, str, str | None, float]]:
        numbers = range(start, min(start + CHUNK, CASES))
        return [(number, *TARGETS.of(number).complaint(number)) for number in numbers]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for results in pool.map(chunk, range(0, CASES, CHUNK)):
            for number, kind, wrong, seconds in results:
                tried[kind] += 1
                slowest = max(slowest, seconds)
                if wrong:
                    complaints.append(f"case {number} ({kind}) {wrong}")
    grown = _peak_bytes() - before
    print(f"\n{CASES} cases: {dict(tried)}; slowest {slowest:.3f} s; {grown >> 20} MiB more")
    assert not complaints, complaints[:20]
    assert slowest < SLOWEST_S
    assert grown < MEMORY_GROWTH_MAX
    assert set(tried) == {kind.__name__ for kind in KINDS[:CASES]}
