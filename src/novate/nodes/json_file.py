"""A JSON file whose objects know their line, so that refusals can name it."""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from itertools import accumulate
from json.decoder import JSONObject  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any, Final

from novate.nodes.csv_file import FileRefused

BYTES_MAX: Final = 64_000_000
NUMBER_MAX: Final = 100
"""Characters of a number, and decimal places that its exponent moves it."""


class LinedObject(dict[str, Any]):
    """A JSON object and the line of its opening brace."""

    line: int = 0


def read_json(path: Path) -> Any:
    """What stands in the file: objects as `LinedObject`, numbers as `int` or `Decimal`, exactly.

    Raises: FileRefused for a file that cannot be read, is not JSON or not UTF-8, tells a key twice,
    holds NaN, an infinity or a number beyond all use, or is nested too deeply.
    """
    try:
        if path.stat().st_size > BYTES_MAX:
            raise FileRefused(path, f"has more than {BYTES_MAX:,} bytes")
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text, cls=_decoder(text))
    except UnicodeDecodeError as error:
        raise FileRefused(path, f"is not UTF-8: {error.reason}") from None
    except json.JSONDecodeError as error:
        raise FileRefused(path, f"is not JSON: {error.msg}", line=error.lineno) from None
    except RecursionError:
        raise FileRefused(path, "is nested too deeply") from None
    except OSError as error:
        raise FileRefused(path, f"cannot be read: {error.strerror or error}") from None


def _decoder(text: str) -> type[json.JSONDecoder]:
    """A decoder for one text: the standard one, with places and without leniency.

    The C scanner does not tell places, and the one in Python asks `parse_object` with them.
    """

    ends = list(accumulate(len(line) + 1 for line in text.split("\n")))

    def no_constant(name: str) -> Any:
        raise json.JSONDecodeError(f"{name} is no number", text, text.index(name))

    def exact(number: str) -> Decimal:
        mantissa, _, exponent = number.lower().partition("e")
        if len(mantissa) > NUMBER_MAX or len(exponent) > 4 or abs(int(exponent or 0)) > NUMBER_MAX:
            told = f"{number[:40]} is no number of at most {NUMBER_MAX} digits"
            raise json.JSONDecodeError(told, text, text.index(number))
        return Decimal(number)

    def whole(number: str) -> int:
        return int(exact(number))

    def lined(state: tuple[str, int], *rest: Any) -> tuple[LinedObject, int]:
        pairs, end = JSONObject(state, *rest)
        found = LinedObject(pairs)
        found.line = bisect_right(ends, state[1] - 1) + 1
        if len(found) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            twice = next(name for name, count in counts.items() if count > 1)
            raise json.JSONDecodeError(f"an object tells {twice!r} twice", text, state[1])
        return found, end

    class Decoder(json.JSONDecoder):
        def __init__(self) -> None:
            # `list` leaves an object as its pairs, for `lined` to see them all.
            super().__init__(
                object_pairs_hook=list,
                parse_float=exact,
                parse_int=whole,
                parse_constant=no_constant,
            )
            self.parse_object = lined
            make: Callable[[json.JSONDecoder], Callable[[str, int], tuple[Any, int]]] = (
                py_make_scanner
            )
            self.scan_once = make(self)

    return Decoder
