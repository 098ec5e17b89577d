"""Artifacts: what is shipped is what the sources compile to."""

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from novate.chain import artifact

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ["AttestedVerifier", "Inbox", "Settlement", "Token", "Vault"]


@pytest.mark.skipif(
    importlib.util.find_spec("vyper") is None,
    reason="vyper is not installed: pip install vyper==0.4.3",
)
def test_a_fresh_compilation_gives_the_shipped_bytes() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "contracts/compile.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SHIPPED)
def test_an_artifact_names_its_source_and_fits_the_code_limit(name: str) -> None:
    shipped = artifact(name)
    folder = "test" if name == "Token" else "src"
    source = (ROOT / f"contracts/{folder}/{name}.vy").read_bytes()
    assert shipped.source_sha256 == hashlib.sha256(source).hexdigest()
    assert shipped.compiler == "vyper 0.4.3"
    assert 0 < len(shipped.bytecode_runtime) <= 24_576
