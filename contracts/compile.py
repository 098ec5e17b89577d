"""Compile the contracts and write their artifacts, or check that the written ones are these.

python contracts/compile.py            write
python contracts/compile.py --check    exit with 1, naming the differences
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VYPER = "0.4.3"
EVM_VERSION = "cancun"
CODE_LIMIT = 24_576

SHIPPED = ROOT / "src/novate/chain/artifacts"
MOCKS = ROOT / "tests/chain/artifacts"
SOURCES = {
    "src/Vault.vy": SHIPPED,
    "src/Inbox.vy": SHIPPED,
    "src/Settlement.vy": SHIPPED,
    "src/AttestedVerifier.vy": SHIPPED,
    "test/Token.vy": SHIPPED,
    "test/HostileToken.vy": MOCKS,
    "test/SilentToken.vy": MOCKS,
    "test/Door.vy": MOCKS,
}


def artifact(source: str) -> dict[str, Any]:
    """What is shipped of one contract: interface, code, and what it was made from."""
    import vyper
    from vyper.compiler import compile_from_file_input
    from vyper.compiler.input_bundle import FilesystemInputBundle
    from vyper.compiler.settings import Settings

    if vyper.__version__.split("+")[0] != VYPER:
        raise SystemExit(f"vyper {VYPER} is needed, found {vyper.__version__}")
    bundle = FilesystemInputBundle([HERE])
    file = bundle.load_file(HERE / source)
    out = compile_from_file_input(
        file,
        input_bundle=bundle,
        output_formats=["abi", "bytecode", "bytecode_runtime", "integrity"],
        settings=Settings(evm_version=EVM_VERSION),
    )
    size = (len(out["bytecode_runtime"]) - 2) // 2
    if size > CODE_LIMIT:
        raise SystemExit(f"{source}: {size} bytes of code, the limit is {CODE_LIMIT}")
    return {
        "contract": Path(source).stem,
        "source": f"contracts/{source}",
        "source_sha256": hashlib.sha256((HERE / source).read_bytes()).hexdigest(),
        "integrity": out["integrity"],
        "compiler": f"vyper {VYPER}",
        "evm_version": EVM_VERSION,
        "abi": out["abi"],
        "bytecode": out["bytecode"],
        "bytecode_runtime": out["bytecode_runtime"],
    }


def rendered(source: str) -> str:
    """The artifact as it is written: one canonical text."""
    return json.dumps(artifact(source), indent=1, sort_keys=True) + "\n"


def target(source: str) -> Path:
    """Where the artifact of `source` is kept."""
    return SOURCES[source] / f"{Path(source).stem}.json"


def differences() -> list[str]:
    """Artifacts that a fresh compilation does not reproduce, and files that are none."""
    wrong = [
        f"{target(source).relative_to(ROOT)} differs from a fresh compilation"
        for source in SOURCES
        if not target(source).is_file() or target(source).read_text() != rendered(source)
    ]
    expected = {target(source) for source in SOURCES}
    present = {path for folder in (SHIPPED, MOCKS) for path in folder.glob("*.json")}
    return wrong + [f"{path.relative_to(ROOT)} has no source" for path in present - expected]


def main(arguments: list[str]) -> int:
    """Write or check; the exit status."""
    match arguments:
        case ["--check"]:
            wrong = differences()
            print("\n".join(wrong) if wrong else f"{len(SOURCES)} artifacts reproduced")
            return 1 if wrong else 0
        case []:
            for source in SOURCES:
                target(source).parent.mkdir(parents=True, exist_ok=True)
                target(source).write_text(rendered(source))
                size = (len(json.loads(target(source).read_text())["bytecode_runtime"]) - 2) // 2
                print(f"{target(source).relative_to(ROOT)}: {size} bytes of code")
            return 0
        case _:
            print(__doc__)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
