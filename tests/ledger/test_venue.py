"""Inbox cursor and supply."""

import pytest

from novate.ledger import Venue, cursor_law, supply_law


@pytest.mark.parametrize("venue", [Venue(), Venue(2**32 - 1, 2**63 - 1), Venue(7, 5)])
def test_the_venue_survives_the_way_there_and_back(venue: Venue) -> None:
    assert Venue.decode(venue.encode()) == venue


@pytest.mark.parametrize("supply_e6", [-1, 2**63])
def test_a_supply_beyond_its_width_is_never_stored(supply_e6: int) -> None:
    with pytest.raises(AssertionError):
        Venue(0, supply_e6).encode()


def test_the_laws_refuse_what_is_one_off() -> None:
    assert cursor_law(4, 5) == 0 != cursor_law(4, 6)
    assert supply_law(10, 5, 3, 12) == 0 != supply_law(10, 5, 3, 13)
