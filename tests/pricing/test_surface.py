"""The smile of one expiry."""

import dataclasses
from typing import Any

import pytest

from novate.pricing import Svi, SviRefused
from novate.units import OutOfRange

SMILE = Svi(a_e6=120_000, b_e6=250_000, rho_e6=-300_000, m_e6=50_000, s_e6=400_000)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"a_e6": 2**27 - 1}, None),
        ({"a_e6": 2**27}, OutOfRange),
        ({"a_e6": -(2**27)}, OutOfRange),
        ({"b_e6": -1}, OutOfRange),
        ({"b_e6": 0}, None),
        ({"b_e6": 2**24 - 1}, None),
        ({"b_e6": 2**24}, OutOfRange),
        ({"rho_e6": -(10**6)}, OutOfRange),
        ({"rho_e6": 1 - 10**6}, None),
        ({"rho_e6": 10**6 - 1}, None),
        ({"rho_e6": 10**6}, OutOfRange),
        ({"m_e6": -(2**26)}, OutOfRange),
        ({"m_e6": 2**26 - 1}, None),
        ({"m_e6": 2**26}, OutOfRange),
        ({"s_e6": 0}, OutOfRange),
        ({"s_e6": 1}, None),
        ({"s_e6": 2**26}, OutOfRange),
        ({"a_e6": 99, "b_e6": 0}, SviRefused),
        ({"a_e6": 100, "b_e6": 0}, None),
        # b s = 0.1 exactly and rho = 0: the bottom is a + 0.1.
        ({"a_e6": -99_901, "rho_e6": 0}, SviRefused),
        ({"a_e6": -99_900, "rho_e6": 0}, None),
        ({"a_e6": -95_294}, SviRefused),  # 0.1 sqrt(1 - 0.3**2) = 0.0953939...
        ({"a_e6": -95_293}, None),
    ],
)
def test_a_smile_has_its_ranges_and_a_least_variance_of_one_per_cent_squared(
    changes: dict[str, Any], refused: type[ValueError] | None
) -> None:
    if refused is None:
        dataclasses.replace(SMILE, **changes)
    else:
        with pytest.raises(refused):
            dataclasses.replace(SMILE, **changes)


@pytest.mark.parametrize(
    ("b_e6", "rho_e6", "tenor_s", "stands"),
    [
        (1_000_000, 0, 31_536_000, True),
        (2_000_000, 0, 31_536_000, True),  # b sqrt(T) (1 + |rho|) = 2 exactly
        (2_000_001, 0, 31_536_000, False),
        (2_000_000, 1, 31_536_000, False),
        (2_000_000, -1, 31_536_000, False),
        (2_000_000, 0, 31_536_001, False),
        (16_000_000, 500_000, 200_000, True),  # steep, but of two days
        (16_000_000, 500_000, 2_000_000, False),
    ],
)
def test_wings_grow_no_faster_than_twice_log_moneyness(
    b_e6: int, rho_e6: int, tenor_s: int, stands: bool
) -> None:
    smile = dataclasses.replace(SMILE, b_e6=b_e6, rho_e6=rho_e6)
    if stands:
        smile.require_wings(tenor_s)
    else:
        with pytest.raises(SviRefused, match=r"wing slope .* beyond"):
            smile.require_wings(tenor_s)


@pytest.mark.parametrize("tenor_s", [0, -1, 2**26])
def test_wings_are_of_a_tenor_in_range(tenor_s: int) -> None:
    with pytest.raises(OutOfRange):
        SMILE.require_wings(tenor_s)
