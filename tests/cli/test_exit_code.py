"""Every error ends with its status and a next step."""

from pathlib import Path

import pytest

from novate.air import NotSecure, ProofRefused
from novate.chain import Halted, Inconsistent, NodeError, Reverted, Unreachable
from novate.cli.desk.peers import PeersAbsent, UnknownPeer
from novate.cli.exit_code import ExitCode, ending
from novate.cli.report.theme import DrawingMissing
from novate.ledger import DataMismatch
from novate.ledger.rejection import ZeroAmount
from novate.nodes import (
    AttestationRefused,
    BundleRefused,
    ChainRefused,
    FileRefused,
    LateChain,
    NothingToFit,
)
from novate.units import Instant

CASES = [
    (ZeroAmount(), ExitCode.REJECTED, "rejected: "),
    (BundleRefused(what="format", expected=1, found=2), ExitCode.REJECTED, "not verified: format"),
    (
        AttestationRefused(what="old root", expected=1, found=2),
        ExitCode.REJECTED,
        "a watcher does not sign: old root: expected 1, found 2",
    ),
    (ProofRefused("the openings"), ExitCode.REJECTED, "refused: the openings"),
    (NotSecure("80 bits"), ExitCode.REJECTED, "refused: 80 bits"),
    (
        DataMismatch(batch_number=2, field="new_root", claimed=1, rebuilt=2),
        ExitCode.REJECTED,
        "refused: batch 2 claims new_root 1, its data gives 2",
    ),
    (Inconsistent("logs lack a batch"), ExitCode.REJECTED, "refused: logs lack a batch"),
    (Reverted(call="Vault.claim", data=b""), ExitCode.REJECTED, "the base layer refused: Vault"),
    (Halted(call="Vault.claim", cause="out of gas"), ExitCode.REJECTED, "the base layer refused"),
    (LateChain(clock=Instant(9), expiry=Instant(8)), ExitCode.USAGE, "1970-01-01 00:00:09 UTC"),
    (
        FileRefused(Path("a.csv"), "is not a number", line=3, field="size", value="x"),
        ExitCode.REJECTED,
        "a.csv, line 3, field size: 'x' is not a number",
    ),
    (ChainRefused("a.csv has no index price"), ExitCode.REJECTED, "a.csv has no index price"),
    (NothingToFit("a.csv, BTC: no expiry"), ExitCode.REJECTED, "a.csv, BTC: no expiry"),
    (DrawingMissing(), ExitCode.USAGE, "charts need matplotlib, which is not installed"),
    (PeersAbsent(), ExitCode.USAGE, "no models of other venues in "),
    (UnknownPeer("no model 'x'"), ExitCode.USAGE, "no model 'x'"),
    (Unreachable(url="http://x", cause="y"), ExitCode.UNREACHABLE, "http://x cannot be used: y"),
    (NodeError(method="m", code=-1, message="z"), ExitCode.UNREACHABLE, "m failed with -1: z"),
    (AssertionError("it is so"), ExitCode.BUG, "a bug: AssertionError: it is so"),
    (KeyError("x"), ExitCode.BUG, "a bug: KeyError: 'x'"),
]


@pytest.mark.parametrize(("error", "code", "words"), CASES)
def test_an_error_says_what_happened_and_what_to_do(
    error: Exception, code: ExitCode, words: str
) -> None:
    end = ending(error)
    assert end.code is code
    assert words in end.happened
    assert len(end.next_step.split()) > 2


def test_a_message_that_says_the_next_step_keeps_it_apart() -> None:
    end = ending(FileRefused(Path("a.csv"), "has two chains; next: choose one with --at"))
    assert (end.happened, end.next_step) == ("a.csv: has two chains", "choose one with --at")
    end = ending(FileRefused(Path("a.csv"), "has no rows"))
    assert (end.happened, end.next_step) == (
        "a.csv: has no rows",
        "mend that place in the file, or leave it out",
    )


def test_the_statuses_are_the_promised_ones() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "BUG": 1,
        "USAGE": 2,
        "REJECTED": 3,
        "UNREACHABLE": 4,
    }
    assert {code for _, code, _ in CASES} == set(ExitCode) - {ExitCode.DONE}
