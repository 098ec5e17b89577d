"""An error comes back whole from another process. Of one that does not, nobody hears, and who waits
for that process waits for ever."""

import importlib
import pickle
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FunctionType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

import pytest

from novate.air.check import BrokenSentence
from novate.air.expression import Expression, Operation
from novate.instruments import Instrument, Underlying, perpetual
from novate.ledger import Rejection
from novate.ledger.rejection import BadSignature
from novate.pricing import Implied
from novate.units import IndexPrice, Instant, Multiplier, NamedError, Price, Qty, Rate, Usd

from .source import modules, told

SAMPLES: Final[dict[Any, object]] = {
    BrokenSentence: BrokenSentence("accounts", "sum", 3, (("cash", 7),)),
    Expression: Expression(Operation.CONSTANT, value=7),
    Implied: Implied.FLAT,
    IndexPrice: IndexPrice(7),
    Instant: Instant(7),
    Instrument: perpetual(Underlying(1), Multiplier(7)),
    Path: Path("chain.csv"),
    Price: Price(7),
    Qty: Qty(7),
    Rate: Rate(7),
    Rejection: BadSignature(signer="maker"),
    Usd: Usd(7),
    bytes: b"seven",
    int: 7,
    object: (7, "seven"),
    str: "seven",
}
"""What an error can be told, by the type that its constructor names."""


def sample(hint: Any) -> object:
    """Something of a type: of a union its first, of a collection one element."""
    match get_origin(hint), get_args(hint):
        case origin, (first, *_) if origin is UnionType:
            return sample(first)
        case origin, (first,) if origin in (list, Iterable):
            return [sample(first)]
    return SAMPLES[hint]


def error_of(kind: type[BaseException]) -> BaseException:
    """One of its kind, told all that it can be told."""
    if not isinstance(kind.__init__, FunctionType):
        return kind("what happened")
    hints = get_type_hints(kind.__init__)
    return kind(**{name: sample(hint) for name, hint in hints.items() if name != "return"})


def whole(error: BaseException) -> tuple[object, ...]:
    """All that is to come back, as it is shown: not every field can be compared."""
    return type(error), str(error), repr(error.args), repr(vars(error))


def return_complaints(kinds: Iterable[type[BaseException]]) -> list[str]:
    """Each comes back as what it was, says the same and knows the same."""
    complaints = []
    for kind in kinds:
        name = f"{kind.__module__}.{kind.__qualname__}"
        try:
            error = error_of(kind)
        except KeyError as missing:
            complaints.append(f"{name} is told a {missing}; next: add one to SAMPLES")
            continue
        try:
            back = whole(pickle.loads(pickle.dumps(error)))
        except Exception as why:  # whatever a constructor says of what it is not used to
            back = (f"{type(why).__name__}: {why}",)
        if back != whole(error):
            complaints.append(
                f"{name} is {whole(error)} and comes back as {back}; next: derive it from "
                "NamedError, and let it keep only what crosses to another process"
            )
    return complaints


def kinds_of_errors() -> Iterator[type[BaseException]]:
    """Every class of error in the package."""
    for module in modules():
        name = "novate." + module.path.removesuffix(".py").removesuffix("/__init__")
        name = name.replace("/", ".")
        if not name.endswith(".__main__"):
            for member in vars(importlib.import_module(name)).values():
                if isinstance(member, type) and issubclass(member, BaseException):
                    yield from [member] if member.__module__ == name else []


class ToldByName(ValueError):
    """Its class is called again without the name."""

    def __init__(self, *, size: int) -> None:
        super().__init__(f"{size} is too large")


class ToldTwice(ValueError):
    """Its text is told again, as if it were the size."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} is too large")


class Forgetful(ValueError):
    """Its class is called again with what it once was told, and a field is lost."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} is too large")
        self.size = size

    def __reduce__(self) -> tuple[Any, ...]:
        return ValueError, self.args


class Bound(NamedError):
    """It keeps what cannot leave its process."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} is too large")
        self.lock = threading.Lock()


class Unheard(NamedError):
    """It is told what nobody has a sample of."""

    def __init__(self, size: complex) -> None:
        super().__init__(f"{size} is too large")


class Told(NamedError, ValueError):
    """As errors of the package are."""

    def __init__(self, *, size: int, near: list[Price] | None = None) -> None:
        super().__init__(f"{size} is too large")
        self.size, self.near = size, near


class Sentence(ValueError):
    """Told its text and nothing else."""


@pytest.mark.parametrize("kind", [ToldByName, ToldTwice, Forgetful, Bound, Unheard])
def test_an_error_that_does_not_come_back_whole_is_refused(kind: type[BaseException]) -> None:
    assert len(return_complaints([kind])) == 1


@pytest.mark.parametrize("kind", [Told, Sentence])
def test_an_error_that_comes_back_whole_is_allowed(kind: type[BaseException]) -> None:
    assert not return_complaints([kind])


def test_every_error_comes_back_whole() -> None:
    kinds = sorted(kinds_of_errors(), key=lambda kind: (kind.__module__, kind.__qualname__))
    assert {NamedError, Rejection} < set(kinds)
    complaints = return_complaints(kinds)
    assert not complaints, told(complaints)
