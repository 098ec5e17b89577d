"""The state of the venue."""

import pytest

from novate.ledger import Address, Collateral, OrderSlot, Position, Unsettled, Venue, genesis_state
from novate.ledger.state import with_words
from novate.units import OutOfRange

from .scene import ALICE, CONFIGURATION, DOMAIN, LISTING, PUT, UNLISTED, genesis, opened


def test_the_genesis_state_holds_the_listed_instruments_and_nothing_else() -> None:
    state = genesis()
    assert len(state.words) == len(LISTING)
    assert state.option(PUT) == LISTING[PUT]
    assert state.is_listed(PUT) and not state.is_listed(UNLISTED)
    assert state.venue == Venue(0, 0)


@pytest.mark.parametrize("instrument", [0, 2**22])
def test_an_instrument_has_an_id(instrument: int) -> None:
    with pytest.raises(OutOfRange):
        genesis_state(
            configuration=CONFIGURATION, domain=DOMAIN, listing={instrument: LISTING[PUT]}
        )


def test_what_was_never_written_is_empty() -> None:
    state = genesis()
    assert not state.is_open(ALICE)
    assert state.collateral(ALICE) == state.fees == state.fund == Collateral(0)
    assert state.position(ALICE, 0) == Position()
    assert state.order_slot(ALICE, 0) == OrderSlot()
    assert state.settlement(PUT) == Unsettled()
    assert opened().is_open(ALICE)


def test_an_absent_word_is_taken_out() -> None:
    words = genesis().words
    more = with_words(words, {Address(1, 1): (1,) * 8})  # type: ignore[dict-item]
    assert len(more) == len(words) + 1
    assert with_words(more, {Address(1, 1): (0,) * 8}) == words  # type: ignore[dict-item]
    assert with_words(words, {Address(1, 1): (0,) * 8}) == words  # type: ignore[dict-item]
