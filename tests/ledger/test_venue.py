"""Inbox cursor and supply."""

import pytest

from novate.ledger import Venue, cursor_law, supply_law


@pytest.mark.parametrize("venue", [Venue(), Venue(2**30 - 1, 2**63 - 1), Venue(7, 5)])
def test_the_venue_survives_the_way_there_and_back(venue: Venue) -> None:
    assert Venue.decode(venue.encode()) == venue


@pytest.mark.parametrize("venue", [Venue(-1, 0), Venue(2**30, 0), Venue(0, -1), Venue(0, 2**63)])
def test_a_cursor_or_supply_beyond_its_width_is_never_stored(venue: Venue) -> None:
    with pytest.raises(AssertionError):
        venue.encode()


def test_the_laws_refuse_what_is_one_off() -> None:
    assert cursor_law(4, 5) == 0 != cursor_law(4, 6)
    assert supply_law(10, 5, 3, 12) == 0 != supply_law(10, 5, 3, 13)
