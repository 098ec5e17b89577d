"""What stops a signed message from being used twice."""

import pytest

from novate.ledger import OrderSlot, fill_law, nonce_law, resume_law, room_law


@pytest.mark.parametrize("slot", [OrderSlot(), OrderSlot(1, 0), OrderSlot(2**30 - 1, 2**27 - 1)])
def test_a_slot_survives_the_way_there_and_back(slot: OrderSlot) -> None:
    assert OrderSlot.decode(slot.encode()) == slot


@pytest.mark.parametrize(
    "slot", [OrderSlot(2**30, 0), OrderSlot(0, 2**27), OrderSlot(-1, 0), OrderSlot(0, -1)]
)
def test_a_slot_beyond_its_widths_is_never_stored(slot: OrderSlot) -> None:
    with pytest.raises(AssertionError):
        slot.encode()


@pytest.mark.parametrize(("nonce", "before_e3"), [(5, 700), (6, 0), (7, 0)])
def test_an_equal_nonce_continues_and_a_higher_one_starts_again(nonce: int, before_e3: int) -> None:
    assert OrderSlot(5, 700).filled_before_e3(nonce) == before_e3


def test_a_lower_nonce_never_comes_this_far() -> None:
    with pytest.raises(AssertionError):
        OrderSlot(5, 700).filled_before_e3(4)


def test_the_laws_refuse_what_is_one_off() -> None:
    assert nonce_law(5, 2, 7) == 0 != nonce_law(5, 2, 8)
    assert resume_law(1, 700, 700) == 0 != resume_law(0, 700, 700)
    assert resume_law(0, 700, 0) == 0 != resume_law(1, 700, 0)
    assert fill_law(700, 300, 1_000) == 0 != fill_law(700, 300, 1_001)
    assert room_law(1_000, 700, 300) == 0 != room_law(1_000, 700, 299)
