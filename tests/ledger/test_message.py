"""What people sign."""

from dataclasses import replace

import pytest

from novate.field import Tag, address_elements, sponge
from novate.keys import Domain
from novate.ledger import (
    MessageTag,
    Order,
    Report,
    Side,
    WithdrawRequest,
    message_digest,
    message_elements,
)
from novate.units import IndexPrice, Instant, OutOfRange, Price, Qty, Rate, Usd

DOMAIN = Domain(2**48 + 5, bytes(range(20)))
ORDER = Order(
    account=7,
    instrument=9,
    side=Side.SELL,
    limit=Price(2**33 + 3),
    size=Qty(2_000),
    fee_cap=Rate(1_000),
    expiry=Instant(2**31 + 4),
    order_slot=127,
    nonce=2**30 - 1,
)
REQUEST = WithdrawRequest(7, 0, Usd(2**48 + 1), Instant(6), 3, 8)
REPORT = Report(1, Instant(6), IndexPrice(2**32 + 2), Instant(65_537))
PLACE = (5, 0, 0, 1, *address_elements(bytes(range(20))))


def test_messages_are_written_as_the_formats_say() -> None:
    order = (1, *PLACE, 7, 9, 2, 3, 0, 2, 2_000, 1_000, 4, 2**15, 127, 2**30 - 1)
    request = (2, *PLACE, 7, 0, 1, 0, 0, 1, 6, 0, 3, 8, 0, 0)
    report = (3, *PLACE, 1, 6, 0, 2, 0, 1, 1, 1, 0, 0, 0, 0)
    assert message_elements(DOMAIN, ORDER) == order
    assert message_elements(DOMAIN, REQUEST) == request
    assert message_elements(DOMAIN, REPORT) == report
    assert len(order) == len(request) == len(report) == 24


def test_the_digest_is_the_sponge_over_the_message() -> None:
    assert message_digest(DOMAIN, ORDER) == sponge(Tag.SIGNED, message_elements(DOMAIN, ORDER))


def test_every_message_names_its_kind_and_its_place() -> None:
    assert (MessageTag.ORDER, MessageTag.WITHDRAW, MessageTag.REPORT) == (1, 2, 3)
    elsewhere = replace(DOMAIN, chain_id=1)
    assert message_digest(DOMAIN, ORDER) != message_digest(elsewhere, ORDER)


@pytest.mark.parametrize(("side", "direction"), [(Side.BUY, 1), (Side.SELL, -1)])
def test_a_side_has_a_direction(side: Side, direction: int) -> None:
    assert side.direction == direction


@pytest.mark.parametrize(
    "change",
    [
        {"account": 0},
        {"account": 2**23},
        {"instrument": 0},
        {"instrument": 2**22},
        {"size": Qty(-1)},
        {"order_slot": -1},
        {"order_slot": 128},
        {"nonce": 0},
        {"nonce": 2**30},
    ],
)
def test_an_order_that_no_account_can_have_cannot_be_written_down(
    change: dict[str, object],
) -> None:
    with pytest.raises(OutOfRange):
        replace(ORDER, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change", [{"account": 0}, {"asset": 256}, {"amount": Usd(-1)}, {"nonce": 0}]
)
def test_a_request_that_no_account_can_have_cannot_be_written_down(
    change: dict[str, object],
) -> None:
    with pytest.raises(OutOfRange):
        replace(REQUEST, **change)  # type: ignore[arg-type]


def test_the_underlying_of_a_report_is_an_id() -> None:
    with pytest.raises(OutOfRange):
        replace(REPORT, underlying=2**16)
