"""The embedded machine of revm, through pyrevm: fast, where its wheel exists."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pyrevm
from eth_hash.auto import keccak

from novate.chain.machine import Execution
from novate.chain.receipt import Address

_REVERT: Final = re.compile(r"Revert \{ gas_used: (\d+), output: 0x([0-9a-f]*) \}")
_WRITTEN: Final = re.compile(r"StorageChange \{ address: 0x([0-9a-f]{40}), key: (\d+), ")
_EMPTY_CODE: Final = bytes(keccak(b""))


class Revm:
    """`Machine` on pyrevm. Cancun is the newest fork that its revm knows (later names pass in
    silence and change nothing), hence the repricing in `gas`.

    pyrevm keeps one journal for its whole life, so a second transaction would find every slot of
    the first still warm and be priced too low. Here each transaction starts from an empty journal:
    what it wrote is read off, all is taken back, and the writes go to the database below, which
    pyrevm reaches only while an account is absent from the journal. Hence no look without
    `_untouched`.
    """

    def __init__(self, *, chain_id: int, gas_limit: int) -> None:
        self._block_gas = 4 * gas_limit
        self._nonces: dict[Address, int] = {}
        self._codes: dict[Address, bytes] = {}
        self._evm = pyrevm.EVM(
            env=pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=chain_id)),
            gas_limit=gas_limit,
            spec_id="CANCUN",
        )

    def set_block(self, *, number: int, timestamp: int) -> None:
        self._evm.set_block_env(
            pyrevm.BlockEnv(number=number, timestamp=timestamp, gas_limit=self._block_gas)
        )

    def nonce(self, address: Address) -> int:
        return self._nonces.get(address, 0)

    def code(self, address: Address) -> bytes:
        return self._codes.get(address, b"")

    def transact(self, *, sender: Address, to: Address | None, data: bytes, gas: int) -> Execution:
        with self._untouched():
            execution = self._run(sender=sender, to=to, data=data, gas=gas)
            writes = self._writes() if execution.failure is None else {}
            created = execution.created
            code = bytes(self._evm.get_code(_hex(created)) or b"") if created else b""
        for (address, slot), value in writes.items():
            with self._untouched():
                self._evm.insert_account_storage(_hex(address), slot, value)
        if created is not None:
            self._keep(created, nonce=1, code=code)
        self._keep(sender, nonce=self.nonce(sender) + 1, code=b"")
        return execution

    def view(self, *, sender: Address, to: Address, data: bytes, gas: int) -> Execution:
        with self._untouched():
            return self._run(sender=sender, to=to, data=data, gas=gas)

    @contextmanager
    def _untouched(self) -> Iterator[None]:
        """Whatever happens inside leaves the journal empty, as it was."""
        start = self._evm.snapshot()
        try:
            yield
        finally:
            self._evm.revert(start)
            self._evm.reset_transient_storage()

    def _writes(self) -> dict[tuple[Address, int], int]:
        """The slots in the journal with their values; pyrevm shows the journal only as text."""
        text = self._evm.journal_str
        slots = {
            (bytes.fromhex(address), int(slot))
            for address, slot in _WRITTEN.findall(text, text.rindex("journal: ["))
        }
        return {(a, slot): self._evm.storage(_hex(a), slot) for a, slot in slots}

    def _keep(self, address: Address, *, nonce: int, code: bytes) -> None:
        self._nonces[address] = nonce
        if code:
            self._codes[address] = code
        info = pyrevm.AccountInfo(
            nonce=nonce,
            code_hash=bytes(keccak(code)) if code else _EMPTY_CODE,
            code=code or None,
        )
        with self._untouched():
            self._evm.insert_account_info(_hex(address), info)

    def _run(self, *, sender: Address, to: Address | None, data: bytes, gas: int) -> Execution:
        try:
            if to is None:
                created = self._evm.deploy(_hex(sender), data, gas=gas)
                return self._succeeded(output=b"", created=bytes.fromhex(created[2:]))
            output = self._evm.message_call(_hex(sender), _hex(to), calldata=data, gas=gas)
            return self._succeeded(output=bytes(output), created=None)
        except RuntimeError as error:
            return _failed(error, gas)

    def _succeeded(self, *, output: bytes, created: Address | None) -> Execution:
        result = self._evm.result
        assert result is not None
        logs = tuple(
            (bytes.fromhex(log.address[2:]), tuple(map(bytes, log.data[0])), bytes(log.data[1]))
            for log in result.logs
        )
        return Execution(None, output, result.gas_used, logs, created)


def _failed(error: RuntimeError, gas: int) -> Execution:
    """pyrevm tells a failure only in words; the revert data is in them."""
    found = _REVERT.search(str(error))
    if found is None:
        return Execution(str(error), b"", gas, (), None)
    return Execution("revert", bytes.fromhex(found[2]), int(found[1]), (), None)


def _hex(address: Address) -> str:
    return "0x" + address.hex()
