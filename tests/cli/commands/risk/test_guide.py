"""The guide tells the truth: its commands exist, and its example runs on a published chain."""

import json
import re
import shlex
from pathlib import Path

import pytest
from tests.shared_data import published

from novate.cli.commands.risk import risk
from novate.nodes import read_portfolio

from ...scene import invoke

ROOT = Path(__file__).resolve().parents[4]
GUIDE = ROOT / "docs" / "guides" / "risk.md"
EXAMPLE = ROOT / "docs" / "guides" / "portfolio.csv"
CHAIN = "deribit/btc_book_summary_2025-12-05.csv"
AT = ("--at", "2025-12-05T01:10:18Z")


def test_the_guide_has_a_row_for_every_command() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", GUIDE.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(risk.commands)


def test_the_help_of_the_group_lists_every_command_whole() -> None:
    text = " ".join(invoke("risk", "--help").out.split())
    assert "..." not in text.split("Commands:")[1]
    for name in risk.commands:
        assert f" {name} " in text


def test_every_option_that_the_guide_names_exists() -> None:
    named = set(re.findall(r"`(--[a-z-]+)", GUIDE.read_text()))
    known = {
        opt for command in risk.commands.values() for one in command.params for opt in one.opts
    }
    assert named <= known


def test_the_example_is_a_portfolio_that_needs_nothing_explained() -> None:
    found = read_portfolio(EXAMPLE)
    assert len(found.positions) == 6
    assert found.cash == 25_000
    assert not found.notices


def test_the_example_is_margined_on_a_published_chain() -> None:
    files = ("--portfolio", EXAMPLE, "--chain", published(CHAIN))
    shown = invoke("risk", "margin", *files, *AT, "--beside", "deribit,derive", "--json")
    assert shown.status == 0, shown.err
    found = json.loads(shown.out)
    assert found["health"] == "healthy"
    # less than a tenth of the notional: it hedges itself
    assert 0 < found["maintenance_e6"] < found["initial_e6"] < found["gross_e6"] // 10
    assert all(other["initial_e6"] > 0 for other in found["beside"])


def commands() -> list[list[str]]:
    """Every command of the guide's list, its variables replaced."""
    (block,) = re.findall(r"```sh\n(BOOK=.*?)```", GUIDE.read_text(), re.DOTALL)
    told = dict(re.findall(r"^(\w+)=(.*)$", block, re.MULTILINE))
    whole = block.replace("\\\n", "")
    lines = [line for line in whole.splitlines() if line.startswith("novate ")]
    for name, value in told.items():
        lines = [line.replace(f"${name}", value) for line in lines]
    return [shlex.split(line)[1:] for line in lines]


def test_the_list_of_the_guide_has_every_command_that_prints() -> None:
    assert {words[1] for words in commands()} == {*risk.commands} - {"report", "tick"}


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_of_the_guide_prints_figures_for_people_and_for_machines(
    words: list[str],
) -> None:
    here = [
        re.sub(r"^(\w+=)?\.\./shared/data/(.*)$", lambda m: f"{m[1] or ''}{published(m[2])}", word)
        for word in words
    ]
    here = [str(EXAMPLE) if word.endswith("portfolio.csv") else word for word in here]
    shown = invoke(*here)
    assert shown.status == 0, shown.err
    assert "│" in shown.out
    assert "Traceback" not in shown.err
    told = invoke(*here, "--json")
    assert told.status == 0
    assert not told.err
    assert json.loads(told.out)


def test_the_report_of_the_guide_is_written(tmp_path: Path) -> None:
    out = tmp_path / "risk-report.html"
    files = ("--portfolio", EXAMPLE, "--chain", published(CHAIN))
    shown = invoke("risk", "report", *files, *AT, "--out", out)
    assert shown.status == 0, shown.err
    text = out.read_text(encoding="utf-8")
    assert len(text) > 100_000
    assert "Risk of portfolio.csv" in text
