"""A market made whole by settlement prices."""

from dataclasses import replace

import numpy as np
import pytest

from novate.risk import BadMarket, attribution, with_settled

from ..books import SCENE
from ..scene import held

LISTING, BEFORE = SCENE.listing, SCENE.market
TABLE = SCENE.table()
LATER = replace(
    BEFORE,
    tenor_s=np.maximum(BEFORE.tenor_s - BEFORE.tenor_s[1] - 60, 0),
    forward_e3=BEFORE.forward_e3 + 3_000_000,
    shocked_e3=BEFORE.forward_e3 + 3_000_000,
    vol_e6=BEFORE.vol_e6 + 10_000,
)
SETTLEMENT_E3 = np.array([0, 97_000_000, 0, 0])


def test_what_is_settled_has_its_price_and_the_rest_the_later_market() -> None:
    part, _, nodes = LISTING.part(SETTLEMENT_E3 == 0)
    known = LATER.part(SETTLEMENT_E3 == 0, nodes)
    known.check(part)
    whole = with_settled(LISTING, BEFORE, known, SETTLEMENT_E3)
    whole.check(LISTING)
    assert (whole.tenor_s[1], whole.forward_e3[1], whole.shocked_e3[1]) == (0, 97_000_000, 0)
    for name in ("tenor_s", "forward_e3", "shocked_e3", "confidence_e6"):
        ours, theirs = getattr(whole, name), getattr(LATER, name)
        assert np.array_equal(np.delete(ours, 1), np.delete(theirs, 1))
    was = LISTING.node_group == 1
    assert np.array_equal(whole.vol_e6[was], BEFORE.vol_e6[was])
    assert np.array_equal(whole.vol_e6[~was], LATER.vol_e6[~was])
    assert whole.index_e3 == LATER.index_e3


def test_a_put_settled_below_its_strike_gains_the_difference_less_its_mark() -> None:
    _, _, nodes = LISTING.part(SETTLEMENT_E3 == 0)
    whole = with_settled(LISTING, BEFORE, LATER.part(SETTLEMENT_E3 == 0, nodes), SETTLEMENT_E3)
    found = attribution(LISTING, BEFORE, whole, held((SCENE.put(1, 100), 1_000)))
    assert found.settlement_e6[0] == 1_000 * (3_000_000 - TABLE.mark_e3[SCENE.put(1, 100)])


def test_groups_that_are_neither_known_nor_settled_are_refused() -> None:
    with pytest.raises(BadMarket, match="4 groups later and 1 settled are not the 4"):
        with_settled(LISTING, BEFORE, LATER, SETTLEMENT_E3)
