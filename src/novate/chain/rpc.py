"""A base layer behind a JSON-RPC node."""

import time
from typing import Any

from eth_account.signers.local import LocalAccount

from novate.chain.base_layer import ZERO_ADDRESS, address_of
from novate.chain.failure import Halted, Unreachable
from novate.chain.gas import GAS_LIMIT
from novate.chain.node import Node
from novate.chain.receipt import Address, Block, Log, Receipt


class RpcChain:
    """`Chain` by URL. Keys stay here: transactions are signed before they are sent."""

    def __init__(self, url: str, *, receipt_timeout_s: float = 120.0) -> None:
        self._node = Node(url)
        self._receipt_timeout_s = receipt_timeout_s
        self._chain_id = _number(self._node.ask("eth_chainId"))

    @property
    def chain_id(self) -> int:
        return self._chain_id

    def block(self) -> Block:
        block = self._node.ask("eth_getBlockByNumber", "latest", False)
        return Block(_number(block["number"]), _number(block["timestamp"]))

    def set_time(self, timestamp: int) -> None:
        self._node.ask("evm_setNextBlockTimestamp", timestamp)
        self._node.ask("evm_mine")

    def nonce(self, address: Address) -> int:
        return _number(self._node.ask("eth_getTransactionCount", _hex(address), "pending"))

    def code(self, address: Address) -> bytes:
        return _bytes(self._node.ask("eth_getCode", _hex(address), "latest"))

    def call(self, *, to: Address, data: bytes, sender: Address = ZERO_ADDRESS) -> bytes:
        fields = {"from": _hex(sender), "to": _hex(to), "data": _hex(data)}
        return _bytes(self._node.ask("eth_call", fields, "latest"))

    def send(self, *, sender: LocalAccount, to: Address | None, data: bytes) -> Receipt:
        fields: dict[str, Any] = {"from": sender.address, "data": _hex(data)}
        if to is not None:
            fields["to"] = _hex(to)
        # The estimate runs the call on the newest state: a refusal shows here and costs nothing.
        estimate = _number(self._node.ask("eth_estimateGas", fields))
        raw = self._signed(sender, to, data, gas=min(estimate + estimate // 4, GAS_LIMIT))
        transaction = self._node.ask("eth_sendRawTransaction", _hex(raw))
        receipt = self._awaited(transaction)
        if _number(receipt["status"]) != 1:
            self._node.ask("eth_call", fields, receipt["blockNumber"])
            raise Halted(call=f"transaction {transaction}", cause="it failed in its block")
        return _receipt(receipt)

    def _signed(self, sender: LocalAccount, to: Address | None, data: bytes, *, gas: int) -> bytes:
        base = _number(self._node.ask("eth_getBlockByNumber", "latest", False)["baseFeePerGas"])
        tip = _number(self._node.ask("eth_maxPriorityFeePerGas"))
        transaction: dict[str, Any] = {
            "type": 2,
            "chainId": self._chain_id,
            "nonce": self.nonce(address_of(sender)),
            "gas": gas,
            # Twice the base fee outlasts six full blocks of rising fees.
            "maxFeePerGas": 2 * base + tip,
            "maxPriorityFeePerGas": tip,
            "value": 0,
            "data": data,
        }
        if to is not None:
            transaction["to"] = to
        return bytes(sender.sign_transaction(transaction).raw_transaction)

    def _awaited(self, transaction: str) -> dict[str, Any]:
        deadline = time.monotonic() + self._receipt_timeout_s
        while time.monotonic() < deadline:
            receipt = self._node.ask("eth_getTransactionReceipt", transaction)
            if isinstance(receipt, dict):
                return receipt
            time.sleep(0.05)
        raise Unreachable(url=self._node.url, cause=f"no receipt of {transaction} in time")

    def logs(self, *, address: Address, topic: bytes, from_block: int = 0) -> tuple[Log, ...]:
        query = {
            "address": _hex(address),
            "topics": [_hex(topic)],
            "fromBlock": hex(from_block),
            "toBlock": "latest",
        }
        return tuple(map(_log, self._node.ask("eth_getLogs", query)))


def _receipt(fields: dict[str, Any]) -> Receipt:
    created = fields.get("contractAddress")
    return Receipt(
        transaction=_bytes(fields["transactionHash"]),
        block=_number(fields["blockNumber"]),
        gas_used=_number(fields["gasUsed"]),
        logs=tuple(map(_log, fields["logs"])),
        created=_bytes(created) if created else None,
    )


def _log(fields: dict[str, Any]) -> Log:
    return Log(
        address=_bytes(fields["address"]),
        topics=tuple(map(_bytes, fields["topics"])),
        data=_bytes(fields["data"]),
        block=_number(fields["blockNumber"]),
        transaction=_bytes(fields["transactionHash"]),
    )


def _number(text: str) -> int:
    return int(text, 16)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _hex(data: bytes) -> str:
    return "0x" + data.hex()
