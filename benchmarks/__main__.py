"""`python -m benchmarks NAME`: measure, and write `benchmarks/latest/NAME.json`."""

import datetime
import importlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NOT_MEASURED = {"__init__", "__main__", "signatures", "walk"}
MEASURED_ROOMS = {"backtest"}


def names() -> list[str]:
    """What there is to measure."""
    modules = {path.stem for path in HERE.glob("*.py")} - NOT_MEASURED
    return sorted(modules | MEASURED_ROOMS)


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def commit() -> str:
    """The commit that is measured, marked when the tree differs from it."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or "unknown"


def main() -> int:
    """Run one measurement; 0 when it is written, 2 when it does not exist."""
    if len(sys.argv) != 2 or sys.argv[1] not in names():
        print(f"usage: python -m benchmarks NAME, one of {', '.join(names())}", file=sys.stderr)
        return 2
    name = sys.argv[1]
    measured = commit()
    figures = importlib.import_module(f"benchmarks.{name}").run()
    facts = {
        "benchmark": name,
        "commit": measured,
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{processor()}, {len(os.sched_getaffinity(0))} cores",
        "python": platform.python_version(),
    }
    (HERE / "latest").mkdir(exist_ok=True)
    target = HERE / "latest" / f"{name}.json"
    target.write_text(json.dumps(facts | {"figures": figures}, indent=2) + "\n")
    print(target.read_text(), end="")
    return 0


sys.exit(main())
