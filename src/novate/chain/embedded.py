"""A base layer inside this process: every transaction is a block of its own, time stands still
until it is moved.
"""

from typing import Final, Literal

from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak

from novate.chain.base_layer import ZERO_ADDRESS, address_of
from novate.chain.failure import Halted, Reverted
from novate.chain.gas import GAS_LIMIT, prague_gas
from novate.chain.machine import Execution, Machine
from novate.chain.receipt import Address, Block, Log, Receipt

MachineName = Literal["fastest", "pyrevm", "py-evm"]

DEVELOPMENT_CHAIN_ID: Final = 31337
"""What development chains call themselves."""


def _machine(name: MachineName, chain_id: int) -> Machine:
    if name != "py-evm":
        try:
            from novate.chain.revm import Revm
        except ImportError:
            if name == "pyrevm":
                raise
        else:
            return Revm(chain_id=chain_id, gas_limit=GAS_LIMIT)
    # Imported here because it takes a second, which nobody should pay who does not use it.
    from novate.chain.py_evm import PyEvm

    return PyEvm(chain_id=chain_id, gas_limit=GAS_LIMIT)


class EmbeddedChain:
    """`Chain` on pyrevm or py-evm. Gas costs nothing, and any key may send."""

    def __init__(
        self,
        *,
        timestamp: int,
        chain_id: int = DEVELOPMENT_CHAIN_ID,
        machine: MachineName = "fastest",
    ) -> None:
        self._chain_id = chain_id
        self._machine = _machine(machine, chain_id)
        self._block = Block(0, timestamp)
        self._logs: list[Log] = []

    @property
    def chain_id(self) -> int:
        return self._chain_id

    def block(self) -> Block:
        return self._block

    def set_time(self, timestamp: int) -> None:
        assert timestamp >= self._block.timestamp, "time does not run backwards"
        self._block = Block(self._block.number, timestamp)

    def nonce(self, address: Address) -> int:
        return self._machine.nonce(address)

    def code(self, address: Address) -> bytes:
        return self._machine.code(address)

    def call(self, *, to: Address, data: bytes, sender: Address = ZERO_ADDRESS) -> bytes:
        self._machine.set_block(number=self._block.number, timestamp=self._block.timestamp)
        execution = self._machine.view(sender=sender, to=to, data=data, gas=GAS_LIMIT)
        return _checked(execution, to).output

    def send(self, *, sender: LocalAccount, to: Address | None, data: bytes) -> Receipt:
        block = Block(self._block.number + 1, self._block.timestamp)
        self._machine.set_block(number=block.number, timestamp=block.timestamp)
        execution = self._machine.transact(
            sender=address_of(sender), to=to, data=data, gas=GAS_LIMIT
        )
        _checked(execution, to)
        self._block = block
        # One transaction a block: the block's number identifies it.
        transaction = bytes(keccak(b"embedded transaction" + block.number.to_bytes(8, "big")))
        logs = tuple(Log(*log, block.number, transaction) for log in execution.logs)
        self._logs.extend(logs)
        gas = prague_gas(cancun_gas=execution.gas_used, calldata=data)
        return Receipt(transaction, block.number, gas, logs, execution.created)

    def logs(self, *, address: Address, topic: bytes, from_block: int = 0) -> tuple[Log, ...]:
        return tuple(
            log
            for log in self._logs
            if log.block >= from_block and log.address == address and log.topics[:1] == (topic,)
        )


def _checked(execution: Execution, to: Address | None) -> Execution:
    call = f"call to 0x{to.hex()}" if to is not None else "contract creation"
    match execution.failure:
        case None:
            return execution
        case "revert":
            raise Reverted(call=call, data=execution.output)
        case cause:
            raise Halted(call=call, cause=cause)
