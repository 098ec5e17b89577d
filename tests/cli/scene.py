"""Commands run as a shell would run them, with what they say and the status they leave."""

from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.nodes.scene import Believer

from novate.cli.main import run


@dataclass(frozen=True)
class Shown:
    """What a command left behind."""

    status: int
    out: str
    err: str


def invoke(*arguments: str | Path) -> Shown:
    """Run `novate` with these arguments."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run([str(argument) for argument in arguments])
    return Shown(status, out.getvalue(), err.getvalue())


class Pretender(Believer):
    """Proves anything in no time, and believes it: for what a demo says besides its proofs."""

    def __init__(self, program: Any, *, security: Any) -> None:
        super().__init__(program_hash=program.hash, security=security)

    def prove(self, trace: object) -> bytes:
        """Something that is no proof."""
        return b"a proof"


@pytest.fixture
def pretending(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo with a machine that pretends, so that it takes no time."""
    monkeypatch.setattr("novate.cli.commands.demo.Machine", Pretender)
    monkeypatch.setattr("novate.cli.commands.demo.program", lambda: SimpleNamespace(hash=bytes(32)))
    trace = SimpleNamespace(total_cells=12_345)
    monkeypatch.setattr("novate.nodes.prover.batch_trace", lambda batch: trace)
    monkeypatch.setattr("novate.nodes.prover.public_values", lambda statement: {})
    monkeypatch.setattr("novate.nodes.verification.public_values", lambda statement: {})


@dataclass(frozen=True)
class Demo:
    """A demo with real proofs, small ones, and the folder it left."""

    shown: Shown
    folder: Path

    @property
    def bundle(self) -> Path:
        """Its first batch."""
        return self.folder / "batch-1.novate"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One demo for all tests of a session."""
    folder = tmp_path_factory.mktemp("demo")
    return Demo(invoke("demo", "--fast", "--out", folder), folder)
