"""Open, self-custodial settlement for crypto derivatives, proven by a STARK.

Nothing is imported from here but the version; `ARCHITECTURE.md` names the rooms.
"""

import json
import platform
from pathlib import Path

__all__ = ["__version__"]

__version__ = "0.1.0"

# What x86-64-v3 adds to the processors before it, as Linux names it.
_X86_64_V3 = frozenset({"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"})


def _missing_instructions(cpuinfo: str) -> frozenset[str]:
    """What x86-64-v3 needs and the first processor of `/proc/cpuinfo` lacks."""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "flags":
            return _X86_64_V3 - frozenset(value.split())
    return frozenset()


def _refuse_older_processor(note: Path, cpuinfo: Path) -> None:
    """Name the reason now: the prover of a wheel would only die of an illegal instruction.

    `make wheel` leaves the note in the wheel; a build from source suits the machine it was made on.
    """
    if not (note.exists() and cpuinfo.exists()):
        return
    built_for = json.loads(note.read_text())["processor"]
    missing = _missing_instructions(cpuinfo.read_text())
    if missing:
        raise ImportError(
            f"this wheel of novate is built for {built_for} processors, and this one "
            f"({platform.machine()}) lacks {', '.join(sorted(missing))}; "
            "next: build it here from source, with `make setup`"
        )


_refuse_older_processor(Path(__file__).with_name("built_for.json"), Path("/proc/cpuinfo"))
