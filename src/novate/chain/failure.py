"""How talking to a base layer fails."""

from typing import Final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from novate.units import NamedError

_ERROR: Final = bytes.fromhex("08c379a0")
_PANIC: Final = bytes.fromhex("4e487b71")


class ChainFailure(NamedError):
    """The base layer did not do what was asked."""


class Reverted(ChainFailure):
    """A contract refused; `reason` is its own words."""

    def __init__(self, *, call: str, data: bytes) -> None:
        self.call, self.data, self.reason = call, data, revert_reason(data)
        super().__init__(f"{call} was refused: {self.reason}")


class Halted(ChainFailure):
    """Execution stopped without a word: gas ran out, or the code met something it cannot do."""

    def __init__(self, *, call: str, cause: str) -> None:
        self.call, self.cause = call, cause
        super().__init__(f"{call} stopped: {cause}")


class Unreachable(ChainFailure):
    """The node did not answer, or not in JSON-RPC."""

    def __init__(self, *, url: str, cause: str) -> None:
        self.url, self.cause = url, cause
        super().__init__(f"{url} cannot be used: {cause}")


class NodeError(ChainFailure):
    """The node answered with an error that is not a contract's refusal."""

    def __init__(self, *, method: str, code: int, message: str) -> None:
        self.method, self.code, self.message = method, code, message
        super().__init__(f"{method} failed with {code}: {message}")


class Inconsistent(ChainFailure):
    """What the chain says does not fit together; nothing should be built on it."""


def revert_reason(data: bytes) -> str:
    """The words in revert data: a reason string, a panic code, or what there is."""
    try:
        if data[:4] == _ERROR:
            return str(decode(["string"], data[4:])[0])
        if data[:4] == _PANIC:
            return f"panic {decode(['uint256'], data[4:])[0]:#04x}"
    except (DecodingError, UnicodeDecodeError):
        pass
    return f"data 0x{data.hex()}" if data else "no reason given"
