"""A contract on a chain, spoken to by the names in its interface."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from novate.chain.artifact import Artifact
from novate.chain.base_layer import ZERO_ADDRESS, Chain
from novate.chain.failure import Halted, Inconsistent, Reverted
from novate.chain.interface import Event, Interface
from novate.chain.receipt import Address, Log, Receipt


@dataclass(frozen=True, slots=True)
class Contract:
    """An address and what can be said to it."""

    chain: Chain
    address: Address
    interface: Interface

    def call(self, function: str, *arguments: Any, sender: Address = ZERO_ADDRESS) -> Any:
        """What a function answers, leaving no trace. Raises: Reverted, Halted."""
        data = self.interface.call(function, arguments)
        try:
            answer = self.chain.call(to=self.address, data=data, sender=sender)
        except Reverted as error:
            raise Reverted(call=self._name(function), data=error.data) from error
        except Halted as error:
            raise Halted(call=self._name(function), cause=error.cause) from error
        if not answer and not self.chain.code(self.address):
            raise Inconsistent(f"no {self.interface.contract} at 0x{self.address.hex()}")
        return self.interface.answer(function, answer)

    def send(self, function: str, *arguments: Any, sender: LocalAccount) -> Receipt:
        """Call a function in a transaction. Raises: Reverted, Halted; then nothing changed."""
        data = self.interface.call(function, arguments)
        try:
            return self.chain.send(sender=sender, to=self.address, data=data)
        except Reverted as error:
            raise Reverted(call=self._name(function), data=error.data) from error
        except Halted as error:
            raise Halted(call=self._name(function), cause=error.cause) from error

    def events(self, name: str, logs: Sequence[Log]) -> tuple[Event, ...]:
        """This contract's events of one name, among the logs of a receipt."""
        topic = self.interface.topic(name)
        return tuple(
            self.interface.event(name, log)
            for log in logs
            if log.address == self.address and log.topics[:1] == (topic,)
        )

    def history(self, name: str, *, from_block: int = 0) -> tuple[Event, ...]:
        """All events of one name so far, oldest first."""
        logs = self.chain.logs(
            address=self.address, topic=self.interface.topic(name), from_block=from_block
        )
        return self.events(name, logs)

    def _name(self, function: str) -> str:
        return f"{self.interface.contract}.{function}"


def create(chain: Chain, artifact: Artifact, *arguments: Any, creator: LocalAccount) -> Contract:
    """Put a contract on the chain. Raises: Reverted when its constructor refuses."""
    data = artifact.bytecode + artifact.interface.constructor(arguments)
    try:
        receipt = chain.send(sender=creator, to=None, data=data)
    except Reverted as error:
        raise Reverted(call=f"creation of {artifact.name}", data=error.data) from error
    assert receipt.created is not None
    return Contract(chain, receipt.created, artifact.interface)
