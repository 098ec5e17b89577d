"""Talk goes to stderr, and is silent when asked to be."""

import pytest

from novate.cli.talk import LABEL_COLUMNS, Talk


def test_everything_said_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk()
    talk.heading("Trade")
    talk.line("Bob", "offers [1] of 2")
    talk.good("filled", "1")
    talk.refusal("refused", "no")
    with talk.stage("proof", "proving"):
        pass
    shown = capsys.readouterr()
    assert not shown.out
    lines = shown.err.splitlines()
    assert lines[:2] == ["", "Trade"]
    assert lines[2] == "  " + "Bob".ljust(LABEL_COLUMNS) + "offers [1] of 2"
    assert lines[-1].endswith("proving: 0.0 s")


def test_a_quiet_talk_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk(quiet=True)
    talk.heading("Trade")
    talk.good("filled", "1")
    with talk.stage("proof", "proving"):
        talk.line("Bob", "waits")
    shown = capsys.readouterr()
    assert not shown.out + shown.err


def test_a_stage_that_fails_does_not_say_that_it_is_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ValueError), Talk().stage("proof", "proving"):
        raise ValueError
    assert "proving" not in capsys.readouterr().err
