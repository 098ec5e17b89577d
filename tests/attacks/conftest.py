"""One machine for every dishonest batch: what it refuses does not depend on how hard a proof is to
guess."""

import pytest

from novate.air import Machine, Security
from novate.circuits import program

from .scene import Operator


@pytest.fixture(scope="session")
def operator() -> Operator:
    """Owns the prover, and is not to be trusted."""
    return Operator(Machine(program(), security=Security.DEVELOPMENT))
