"""Compiled contracts, as they lie in the package (written by contracts/compile.py)."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from novate.chain.interface import Interface


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract."""

    name: str
    interface: Interface
    bytecode: bytes
    """What creates it; the constructor's arguments follow."""
    bytecode_runtime: bytes
    """What it runs, before the values that its constructor fixes are appended."""
    source_sha256: str
    compiler: str

    @classmethod
    def from_json(cls, text: str) -> "Artifact":
        """The artifact that contracts/compile.py wrote."""
        fields: dict[str, Any] = json.loads(text)
        return cls(
            name=fields["contract"],
            interface=Interface(fields["contract"], fields["abi"]),
            bytecode=bytes.fromhex(fields["bytecode"][2:]),
            bytecode_runtime=bytes.fromhex(fields["bytecode_runtime"][2:]),
            source_sha256=fields["source_sha256"],
            compiler=fields["compiler"],
        )


def artifact(name: str) -> Artifact:
    """A contract of this package: Vault, Inbox, Settlement, AttestedVerifier; Token for tests."""
    return Artifact.from_json((files("novate.chain") / "artifacts" / f"{name}.json").read_text())
