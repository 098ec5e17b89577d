"""One transaction at work on the state."""

import pytest

from novate.ledger import Address, Unsettled
from novate.ledger.draft import Draft
from novate.ledger.rejection import UnknownInstrument

from .scene import ALICE, LISTING, PUT, UNLISTED, opened


def test_a_draft_reads_what_it_wrote_and_leaves_the_state_alone() -> None:
    state = opened()
    draft, address = Draft(state), Address(ALICE, 200)
    assert draft.read(address) == (0,) * 8
    draft.write(address, (1,) * 8)  # type: ignore[arg-type]
    assert draft.read(address) == (1,) * 8
    assert state.word(address) == (0,) * 8


def test_a_draft_remembers_every_word_it_touched_in_order() -> None:
    draft = Draft(opened())
    draft.write(Address(3, 3), (1,) * 8)  # type: ignore[arg-type]
    draft.read(Address(2, 2))
    draft.read(Address(3, 3))
    assert list(draft.touched) == [Address(3, 3), Address(2, 2)]
    assert list(draft.written) == [Address(3, 3)]


def test_an_instrument_that_is_not_listed_is_refused() -> None:
    draft = Draft(opened())
    assert draft.option(PUT) == LISTING[PUT]
    assert draft.settlement(PUT) == Unsettled()
    with pytest.raises(UnknownInstrument):
        draft.option(UNLISTED)
