"""A contract's functions and events by name: values in, bytes out, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_hash.auto import keccak

from novate.chain.receipt import Log


@dataclass(frozen=True, slots=True)
class Event:
    """A decoded log."""

    name: str
    fields: Mapping[str, Any]
    log: Log

    def __getitem__(self, field: str) -> Any:
        return self.fields[field]


class Interface:
    """What can be said to a contract, from its ABI. Addresses are bytes, structs are tuples."""

    def __init__(self, contract: str, abi: Sequence[Mapping[str, Any]]) -> None:
        self.contract = contract
        self._functions = {entry["name"]: entry for entry in abi if entry["type"] == "function"}
        self._events = {entry["name"]: entry for entry in abi if entry["type"] == "event"}
        constructors = [entry for entry in abi if entry["type"] == "constructor"]
        self._constructor_inputs = constructors[0]["inputs"] if constructors else []

    def constructor(self, arguments: Sequence[Any]) -> bytes:
        """What follows the creation code."""
        return encode(_types(self._constructor_inputs), arguments)

    def call(self, function: str, arguments: Sequence[Any]) -> bytes:
        """The calldata of a call."""
        types = _types(self._functions[function]["inputs"])
        return bytes(keccak(_signature(function, types)))[:4] + encode(types, arguments)

    def answer(self, function: str, data: bytes) -> Any:
        """What a function returned: nothing, one value, or several as a tuple."""
        outputs = self._functions[function]["outputs"]
        values = _decoded(_types(outputs), data)
        return values[0] if len(outputs) == 1 else values or None

    def topic(self, event: str) -> bytes:
        """The first topic of an event's logs."""
        return bytes(keccak(_signature(event, _types(self._events[event]["inputs"]))))

    def event(self, name: str, log: Log) -> Event:
        """The event in a log with its topic."""
        inputs = self._events[name]["inputs"]
        indexed = [entry for entry in inputs if entry["indexed"]]
        plain = [entry for entry in inputs if not entry["indexed"]]
        # Indexed values of our events are all static, so each topic is one encoded value.
        values = _decoded(_types(indexed), b"".join(log.topics[1:]))
        values += _decoded(_types(plain), log.data)
        names = [entry["name"] for entry in indexed + plain]
        return Event(name, dict(zip(names, values, strict=True)), log)


def _types(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    return [_type(entry) for entry in entries]


def _type(entry: Mapping[str, Any]) -> str:
    """The canonical type: a struct is the tuple of its components."""
    kind = str(entry["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_types(entry['components']))}){kind.removeprefix('tuple')}"


def _signature(name: str, types: Sequence[str]) -> bytes:
    return f"{name}({','.join(types)})".encode()


def _decoded(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    values = decode(types, data)
    return tuple(_native(kind, value) for kind, value in zip(types, values, strict=True))


def _native(kind: str, value: Any) -> Any:
    """eth_abi decodes addresses to text; here they are bytes, also inside arrays."""
    if kind == "address":
        return bytes.fromhex(value[2:])
    if kind.startswith("address["):
        return tuple(_native("address", item) for item in value)
    return value
