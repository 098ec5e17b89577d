"""The embedded machine of py-evm: pure Python, everywhere."""

from typing import Any, Final

from eth.constants import BLANK_ROOT_HASH
from eth.db.atomic import AtomicDB
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.cancun import CancunVM
from eth.vm.forks.cancun.state import CancunState
from eth.vm.spoof import SpoofTransaction
from eth_typing import Address as EthAddress
from eth_typing import BlockNumber, Hash32

from novate.chain.machine import Execution
from novate.chain.receipt import Address

_NOBODY: Final = EthAddress(bytes(20))


class PyEvm:
    """`Machine` on py-evm, under the same Cancun rules as `Revm`."""

    def __init__(self, *, chain_id: int, gas_limit: int) -> None:
        self._chain_id, self._gas_limit = chain_id, gas_limit
        self._state = CancunState(AtomicDB(), self._context(0, 0), BLANK_ROOT_HASH)

    def _context(self, number: int, timestamp: int) -> ExecutionContext:
        return ExecutionContext(
            coinbase=_NOBODY,
            timestamp=timestamp,
            block_number=BlockNumber(number),
            difficulty=0,
            mix_hash=Hash32(bytes(32)),
            gas_limit=4 * self._gas_limit,
            prev_hashes=(),
            chain_id=self._chain_id,
            base_fee_per_gas=0,
            excess_blob_gas=0,
        )

    def set_block(self, *, number: int, timestamp: int) -> None:
        self._state.execution_context = self._context(number, timestamp)

    def nonce(self, address: Address) -> int:
        return int(self._state.get_nonce(EthAddress(address)))

    def code(self, address: Address) -> bytes:
        return bytes(self._state.get_code(EthAddress(address)))

    def transact(self, *, sender: Address, to: Address | None, data: bytes, gas: int) -> Execution:
        execution = self._run(sender=sender, to=to, data=data, gas=gas)
        # Ends the transaction: its changes become the original values that prices refer to.
        self._state.lock_changes()
        return execution

    def view(self, *, sender: Address, to: Address, data: bytes, gas: int) -> Execution:
        snapshot = self._state.snapshot()
        execution = self._run(sender=sender, to=to, data=data, gas=gas)
        self._state.revert(snapshot)
        return execution

    def _run(self, *, sender: Address, to: Address | None, data: bytes, gas: int) -> Execution:
        unsigned = CancunVM.get_transaction_builder().create_unsigned_transaction(
            nonce=self.nonce(sender),
            gas_price=0,
            gas=gas,
            to=EthAddress(to or b""),
            value=0,
            data=data,
        )
        transaction: Any = SpoofTransaction(unsigned, from_=sender, gas_price=0)
        computation: Any = self._state.apply_transaction(transaction)
        return _execution(computation, transaction, is_creation=to is None)


def _execution(computation: Any, transaction: Any, *, is_creation: bool) -> Execution:
    spent = transaction.gas - computation.get_gas_remaining()
    # Refunds are limited to a fifth of what was spent (EIP-3529).
    used = spent - min(computation.get_gas_refund(), spent // 5)
    if computation.is_error:
        reverted = type(computation.error).__name__ == "Revert"
        return Execution(
            "revert" if reverted else repr(computation.error),
            bytes(computation.output) if reverted else b"",
            used,
            (),
            None,
        )
    logs = tuple(
        (bytes(address), tuple(topic.to_bytes(32, "big") for topic in topics), bytes(data))
        for address, topics, data in computation.get_log_entries()
    )
    created = bytes(computation.msg.storage_address) if is_creation else None
    return Execution(None, bytes(computation.output), used, logs, created)
