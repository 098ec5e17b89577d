"""How the program ends: a class for scripts, and words for people."""

from dataclasses import dataclass
from enum import IntEnum

from novate.air import NotSecure, ProofRefused
from novate.chain import Halted, Inconsistent, NodeError, Reverted, Unreachable
from novate.cli.desk.peers import PeersAbsent, UnknownPeer
from novate.cli.report.theme import DrawingMissing
from novate.ledger import DataMismatch, Rejection
from novate.nodes import (
    AttestationRefused,
    BundleRefused,
    ChainRefused,
    FileRefused,
    LateChain,
    NothingToFit,
)


class ExitCode(IntEnum):
    """The status of the process."""

    DONE = 0
    BUG = 1
    USAGE = 2
    REJECTED = 3
    UNREACHABLE = 4


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the program stops: what happened, and the next step."""

    code: ExitCode
    happened: str
    next_step: str


def ending(error: Exception) -> Ending:
    """The ending that an error means."""
    match error:
        case Rejection():
            return Ending(ExitCode.REJECTED, f"rejected: {error}", error.next_step)
        case BundleRefused():
            return Ending(ExitCode.REJECTED, f"not verified: {error}", error.next_step)
        case AttestationRefused():
            return Ending(
                ExitCode.REJECTED,
                f"a watcher does not sign: {error}",
                "prove the batch again on the chain's present state, with the deployed program",
            )
        case ProofRefused() | NotSecure() | DataMismatch() | Inconsistent():
            return Ending(ExitCode.REJECTED, f"refused: {error}", "do not build on what was given")
        case Reverted() | Halted():
            return Ending(
                ExitCode.REJECTED,
                f"the base layer refused: {error}",
                "read the contract's reason; nothing has changed on the chain",
            )
        case LateChain():
            return Ending(
                ExitCode.USAGE,
                str(error),
                "start a fresh development node with an earlier clock: "
                "anvil --timestamp 1764897018",
            )
        case FileRefused() | ChainRefused() | NothingToFit():
            return _told(ExitCode.REJECTED, error, "mend that place in the file, or leave it out")
        case PeersAbsent() | UnknownPeer() | DrawingMissing():
            return _told(ExitCode.USAGE, error, "install what is missing, or do without")
        case Unreachable() | NodeError():
            return Ending(
                ExitCode.UNREACHABLE,
                str(error),
                "see whether the node runs and the URL is right, or leave --chain out",
            )
        case _:
            return Ending(
                ExitCode.BUG,
                f"a bug: {type(error).__name__}: {error}",
                "please report it with the lines above; nothing was settled after it",
            )


def _told(code: ExitCode, error: Exception, otherwise: str) -> Ending:
    """The ending of an error whose message may itself say the next step."""
    happened, _, next_step = str(error).partition("; next: ")
    return Ending(code, happened, next_step or otherwise)
