"""Every rejection is whole: code, operands, next step, and a line in the reference."""

import inspect
import re
from pathlib import Path

import pytest

from novate.ledger import Rejection, rejection
from novate.ledger.rejection import InsufficientCollateral

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rejections.md"
REJECTIONS = [
    kind
    for _, kind in inspect.getmembers(rejection, inspect.isclass)
    if issubclass(kind, Rejection) and kind is not Rejection
]
ROWS = {
    row[0].strip("` "): [cell.strip() for cell in row[1:]]
    for row in re.findall(r"^\| (`\w+`) \| (.+) \| (.+) \| (.+) \|$", PAGE.read_text(), re.M)
}


def operands(kind: type[Rejection]) -> list[str]:
    return [name for name in inspect.signature(kind.__init__).parameters if name != "self"]


@pytest.mark.parametrize("kind", REJECTIONS, ids=lambda kind: kind.code)
def test_a_rejection_has_a_code_from_its_name_and_a_next_step(kind: type[Rejection]) -> None:
    assert kind.code == re.sub(r"(?<!^)([A-Z])", r"_\1", kind.__name__).lower()
    assert kind.next_step and not kind.next_step.endswith(".")


@pytest.mark.parametrize("kind", REJECTIONS, ids=lambda kind: kind.code)
def test_the_reference_tells_when_with_which_operands_and_what_next(kind: type[Rejection]) -> None:
    when, named, step = ROWS[kind.code]
    assert when == " ".join((kind.__doc__ or "").split())
    assert re.findall(r"`(\w+)`", named) == operands(kind)
    assert step == kind.next_step[0].upper() + kind.next_step[1:] + "."


def test_the_reference_lists_nothing_else() -> None:
    assert set(ROWS) == {kind.code for kind in REJECTIONS}


def test_a_message_carries_the_numbers() -> None:
    refused = InsufficientCollateral(
        account=7, available_e6=1_187_400_000, required_e6=1_600_000_000
    )
    assert str(refused) == (
        "account 7 is short by 412.600000 USDC: "
        "it has 1,187.400000 USDC and needs 1,600.000000 USDC"
    )
    assert (refused.available_e6, refused.required_e6) == (1_187_400_000, 1_600_000_000)
