"""The bits of every law of the room, added up."""

import pytest

from novate import pricing
from novate.pricing.fortnight_vol import FORTNIGHT_S
from novate.pricing.mark import BASIS_PARTS, MEMORY_MAX_S, WINDOW_S
from novate.units import bounds


def top(bits: int) -> int:
    return (1 << bits) - 1


PRICE, TENOR, VOL = top(bounds.PRICE_BITS), top(bounds.TENOR_BITS), bounds.VOL_MAX_E6
ONE_Q28, E6 = 1 << bounds.FRACTION_BITS, 10**6
ROOT_YEARS = int(1.4588 * ONE_Q28)
"""The square root of the longest tenor."""
TOTAL_VOL = VOL * ROOT_YEARS // E6 + 1
LOGARITHM = int(23.58 * ONE_Q28)
"""34 ln 2 = 23.567."""
FROM_OCTAVE = int(0.4143 * (1 << bounds.PRICE_BITS))
"""How far a price can be from the nearest power of two."""
Z_E7 = bounds.SVI_Z_MAX * 10**7
DISTANCE_E7 = Z_E7 + top(bounds.SVI_PLACE_BITS) * 10
VARIANCE_E13 = VOL * VOL * 10

# The largest value of either side of each law, written as the terms that add up, and its bits.
LAWS = {
    "reduction_law": ([(2 << 30) * FROM_OCTAVE, 2 * PRICE], 64),
    "sqrt_law": ([top(62)], 62),
    "total_vol_law": ([VOL * ROOT_YEARS, E6], 53),
    "distance_law": ([LOGARITHM * ONE_Q28], 61),
    "time_value_law": ([PRICE * ONE_Q28, ONE_Q28 // 2], 62),
    "interpolation_law": ([PRICE * TENOR, TENOR], 60),
    "moneyness_law": ([LOGARITHM * 10**7, ROOT_YEARS], 56),
    "lean_law": ([E6 * DISTANCE_E7, E6], 51),
    "smile_vol_law": ([VARIANCE_E13, 20 * VOL + 10], 51),
    "fortnight_vol_law": ([VOL**2 * FORTNIGHT_S * TENOR, VOL**2 * FORTNIGHT_S * TENOR], 97),
    "basis_bound_law": ([PRICE, BASIS_PARTS], 35),
    "basis_law": ([2 * PRICE * 1000 * MEMORY_MAX_S, MEMORY_MAX_S], 62),
    "fixed_part_law": ([PRICE * WINDOW_S], 45),
    "variable_part_law": ([PRICE * WINDOW_S], 45),
}


@pytest.mark.parametrize("law", LAWS)
def test_every_sum_in_a_law_stays_below_its_width(law: str) -> None:
    terms, bits = LAWS[law]
    assert sum(terms) < 1 << bits


def test_every_law_is_added_up() -> None:
    assert set(LAWS) == {name for name in pricing.__all__ if name.endswith("_law")}
