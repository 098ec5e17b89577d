"""An object in a JSON file that knows where it stands: refusals name file, line and field."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from novate.nodes.csv_file import FileRefused
from novate.nodes.json_file import LinedObject


@dataclass(frozen=True, slots=True)
class JsonPlace:
    """One object of a file; its methods raise FileRefused."""

    path: Path
    name: str
    """How it is reached from the top, `ticks[0]`; empty for the top."""
    line: int
    cells: Mapping[str, Any]

    @classmethod
    def of(cls, path: Path, found: Any, name: str = "") -> "JsonPlace":
        """What was found there, which must be an object."""
        if not isinstance(found, LinedObject):
            raise FileRefused(path, "is not an object", field=name or None)
        return cls(path, name, found.line, found)

    def field(self, name: str) -> str:
        """How a field is reached from the top."""
        return f"{self.name}.{name}" if self.name and name else name or self.name

    def refusal(self, name: str, expected: str, *, value: Any = None) -> FileRefused:
        """Why a field cannot be used, with the value where it is short enough to show."""
        value = self.cells.get(name) if value is None else value
        told = None if value is None or isinstance(value, list | dict) else str(value)[:80]
        field = self.field(name) or None
        return FileRefused(self.path, expected, line=self.line, field=field, value=told)

    def require(self, names: Sequence[str]) -> None:
        """Refuse an object that lacks one of the fields, or has another."""
        for name in names:
            if name not in self.cells:
                raise self.refusal(name, "is missing")
        for name in self.cells:
            if name not in names:
                raise self.refusal(name, f"is not one of {', '.join(names)}")

    @contextmanager
    def told(self, name: str = "") -> Iterator[None]:
        """Name this place, or a field of it, when a value made here is refused."""
        try:
            yield
        except FileRefused:
            raise
        except ValueError as error:
            raise self.refusal(name, f"does not hold: {error}") from None

    def integer(self, name: str) -> int:
        """A whole number."""
        value = self.cells[name]
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise self.refusal(name, "is not a whole number")

    def items(self, name: str) -> list[Any]:
        """A list."""
        value = self.cells[name]
        if isinstance(value, list):
            return value
        raise self.refusal(name, "is not a list")

    def inner(self, name: str) -> "JsonPlace":
        """An object."""
        return self.of(self.path, self.cells[name], self.field(name))

    def objects(self, name: str) -> list["JsonPlace"]:
        """A list of objects."""
        return [
            self.of(self.path, one, f"{self.field(name)}[{at}]")
            for at, one in enumerate(self.items(name))
        ]

    def hexadecimal(self, name: str) -> bytes:
        """Bytes."""
        return self._bytes(name, self.cells[name])

    def hexadecimals(self, name: str) -> list[bytes]:
        """A list of bytes."""
        return [self._bytes(f"{name}[{at}]", one) for at, one in enumerate(self.items(name))]

    def _bytes(self, name: str, value: Any) -> bytes:
        if isinstance(value, str) and value.startswith("0x") and value.isalnum():
            with self.told(name):
                return bytes.fromhex(value[2:])
        raise self.refusal(name, "is not 0x and hexadecimal digits", value=value)
