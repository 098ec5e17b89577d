"""Keys of a program, proofs, and their verification at a stated level of security."""

from __future__ import annotations

from enum import Enum

from novate import _stark
from novate.air.program import Program
from novate.air.witness import Trace
from novate.field import P

SECURITY_BITS = 100
"""What the calculator must report for a program at full security; less does not build."""

LOG_HEIGHT = 18
"""Tables of up to 2**18 rows; higher makes smaller proofs and longer commitments."""


class Security(Enum):
    """How much a proof is worth."""

    FULL = "full"
    DEVELOPMENT = "development"


class ProofRefused(Exception):
    """The proof does not show these public values for this program at this level of security."""


class NotSecure(Exception):
    """The program would have fewer proven bits than we accept."""


class Machine:
    """Proves and verifies one program; the verifying key follows from the program and the level
    alone.

    Raises: NotSecure when full security is asked and the calculator reports less than 100 bits.
    """

    def __init__(
        self, program: Program, *, security: Security = Security.FULL, log_height: int = LOG_HEIGHT
    ) -> None:
        self.program = program
        self.security = security
        full = security is Security.FULL
        self._machine = _stark.Machine(program.encoding, full, log_height)
        if full and self.security_bits < SECURITY_BITS:
            raise NotSecure(
                f"the program has {self.security_bits} proven bits of security, fewer than "
                f"{SECURITY_BITS}: fewer columns, constraints or messages, or a higher table"
            )

    @property
    def security_bits(self) -> int:
        """Proven bits, rounded down, by the backend's own calculator from the verifying key."""
        return int(self._machine.security_bits)

    def prove(self, trace: Trace) -> bytes:
        """A proof of the traces. Traces that break a sentence give bytes that do not verify."""
        return bytes(self._machine.prove(trace.cells, trace.public_values))

    def verify(self, proof: bytes, public_values: dict[str, list[int]]) -> None:
        """Accept exactly a proof of these public values.

        Raises: ProofRefused, saying what was expected and found; never anything else, whatever the
        bytes.
        """
        expected = {table.name: table.table.public_values for table in self.program.tables}
        for name, values in public_values.items():
            if name not in expected:
                raise ProofRefused(f"no table {name} in this program, so no public values of it")
            if not all(isinstance(value, int) and 0 <= value < P for value in values):
                raise ProofRefused(f"table {name}: public values {values}, expected elements")
        lists = [list(public_values.get(name, [])) for name in expected]
        try:
            self._machine.verify(proof, lists)
        except _stark.ProofRefused as refusal:
            raise ProofRefused(str(refusal)) from None
