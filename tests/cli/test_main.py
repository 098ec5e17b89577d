"""One place turns an error into a status, and words for people."""

import click
import pytest

from novate import __version__
from novate.chain import Unreachable
from novate.cli.main import INTERRUPTED, main, novate, run

from .scene import invoke


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["air", "--help"], ["verify", "-h"]])
def test_help_is_a_result(arguments: list[str]) -> None:
    shown = invoke(*arguments)
    assert shown.status == 0
    assert "Usage: novate" in shown.out
    assert not shown.err


def test_the_help_lists_every_command_and_every_status() -> None:
    text = " ".join(invoke("--help").out.split())
    for command in ("air", "demo", "program", "risk", "verify"):
        assert f" {command} " in text
    assert "0 done, 1 a bug, 2 usage, 3 rejected or refused, 4 a node cannot be reached" in text
    assert "..." not in text.split("Commands:")[1], "a command's line is cut off"


def test_the_version_is_the_packages() -> None:
    assert invoke("--version").out == f"novate, version {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["settle"], "No such command 'settle'"),
        (["--loud"], "No such option '--loud'"),
        (["air", "show"], "Missing argument 'TABLE'"),
        (["verify"], "Missing argument 'FILE'"),
        (["program", "name"], "No such command 'name'"),
    ],
)
def test_wrong_usage_is_told_on_stderr_with_status_2(arguments: list[str], words: str) -> None:
    shown = invoke(*arguments)
    assert shown.status == 2
    assert words in shown.err
    assert not shown.out


@pytest.mark.parametrize("arguments", [[], ["air"], ["program"], ["risk"]])
def test_a_group_without_a_command_shows_its_help(arguments: list[str]) -> None:
    shown = invoke(*arguments)
    assert shown.status == 2
    assert "Commands:" in shown.err


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """A command `fail` that does so."""

    @click.command("fail")
    def fail() -> None:
        raise error

    monkeypatch.setitem(novate.commands, "fail", fail)


def test_an_error_that_nobody_expects_is_a_bug_with_its_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing(monkeypatch, AssertionError("the books do not balance"))
    shown = invoke("fail")
    assert shown.status == 1
    assert "Traceback" in shown.err
    assert "a bug: AssertionError: the books do not balance" in shown.err
    assert "next: please report it" in shown.err


def test_an_error_that_is_expected_has_words_and_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, Unreachable(url="http://nowhere", cause="nobody answers"))
    shown = invoke("fail")
    assert shown.status == 4
    assert "Traceback" not in shown.err
    assert "http://nowhere cannot be used: nobody answers\n  next: see whether" in shown.err
    assert not shown.out


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupted_command_ends_as_shells_expect(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    failing(monkeypatch, error)
    assert invoke("fail").status == INTERRUPTED == 130


def test_a_reader_that_has_seen_enough_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, BrokenPipeError())
    assert run(["fail"]) == 0


def test_the_process_ends_with_the_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["novate", "settle"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
