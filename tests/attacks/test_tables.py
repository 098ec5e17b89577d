"""Every table of the venue under attack: each column changed, each constraint taken away.

The machine's own attacks around honest batches, every cheat of `tests/circuits`, and a prover who
chooses quotients must together show each constraint of each table necessary. The sentences that the
language adds to every table are shown so once, in `tests/air/test_attack.py`.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from novate.air.attack import AttackReport, attack
from novate.circuits import SIGNATURE_TABLES, program

from . import quotients
from .honest import traces

ROOT = Path(__file__).parents[2]
RANGE_TABLES = {"bytes", "narrow"}
CURVE = {table.name for table in SIGNATURE_TABLES}
TABLES = [table.name for table in program().tables if table.name not in RANGE_TABLES]


@pytest.fixture(scope="module")
def report() -> AttackReport:
    """What the machine's own attacks show. A batch is enough for the curve, whose rows are many."""
    before, after = traces()
    venue = attack(
        program(), [before, after], tables=[name for name in TABLES if name not in CURVE]
    )
    curve = attack(program(), after, tables=sorted(CURVE))
    found = {table.name: table for table in (*venue.tables, *curve.tables)}
    return AttackReport(tuple(found[name] for name in TABLES))


@pytest.fixture(scope="module")
def cheats(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[int]]:
    """The constraints that alone refused a cheat in the tests of the circuits, or a quotient."""
    target = tmp_path_factory.mktemp("cheats") / "shown.json"
    plugin = ["-p", "tests.attacks.recorder", "--shown", str(target)]
    command = [sys.executable, "-m", "pytest", "-q", "tests/circuits", *plugin]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    found = {name: set(shown) for name, shown in json.loads(target.read_text()).items()}
    for name, shown in quotients.shown().items():
        found.setdefault(name, set()).update(shown)
    return found


@pytest.mark.parametrize("name", TABLES)
def test_every_changed_cell_is_refused(report: AttackReport, name: str) -> None:
    assert report[name].mutants > 100
    assert report[name].survivors == []


@pytest.mark.parametrize("name", TABLES)
def test_every_constraint_is_necessary(
    report: AttackReport, cheats: dict[str, set[int]], name: str
) -> None:
    shown = {*report[name].necessary, *cheats.get(name, set())}
    left = {i: sentence for i, sentence in report[name].constraints.items() if i not in shown}
    assert left == {}


def test_the_report_is_told(
    report: AttackReport, cheats: dict[str, set[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Not a claim of its own: what the two above found, for whoever runs them."""
    by_machine = sum(len(table.constraints) - len(table.unproven) for table in report.tables)
    for table in report.tables:
        table.necessary |= dict.fromkeys(cheats.get(table.name, set()), "a cheat by hand")
    with capsys.disabled():
        print(f"\n{by_machine:,} constraints are shown necessary by the machine; with cheats:")
        print(report)
    assert report.mutants > 100_000
