"""What a tick says, and what is refused of it."""

import re
from dataclasses import replace

import numpy as np
import pytest

from novate.risk import BTC, BadMarket, Market, risk_table
from novate.risk.market import FAR
from novate.risk.parameters import SETTLING_S
from novate.units import OutOfRange, bounds

from .scene import DAY_S, Scene, synthetic

PRICE = 1 << bounds.CONTRACT_BITS


def refused(scene: Scene, **changes: object) -> str:
    with pytest.raises((BadMarket, OutOfRange)) as refusal:
        risk_table(scene.listing, replace(scene.market, **changes), BTC)  # type: ignore[arg-type]
    return str(refusal.value)


def one_of(values: np.ndarray, place: int, value: int) -> np.ndarray:
    changed = values.copy()
    changed[place] = value
    return changed


@pytest.mark.parametrize("name", ["tenor_s", "forward_e3", "shocked_e3", "confidence_e6", "vol_e6"])
@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.uint64, np.bool_, object])
def test_arrays_of_other_than_64_bit_integers_are_refused(name: str, dtype: type) -> None:
    scene = synthetic()
    told = refused(scene, **{name: getattr(scene.market, name).astype(dtype)})
    assert told == f"{name} is {np.dtype(dtype)}; next: give integers of 64 bits"


def test_not_a_number_is_refused() -> None:
    scene = synthetic()
    assert "float64" in refused(scene, vol_e6=np.full(len(scene.market.vol_e6), np.nan))
    assert "nan" in refused(scene, index_e3=float("nan"))


@pytest.mark.parametrize("name", ["index_e3", "fortnight_vol_e6", "funding_e3"])
@pytest.mark.parametrize("value", [0.5, 1.0, "1", None])
def test_numbers_that_are_no_integers_are_refused(name: str, value: object) -> None:
    assert refused(synthetic(), **{name: value}) == f"{name} is {value!r}; next: give an integer"


@pytest.mark.parametrize("name", ["tenor_s", "forward_e3", "shocked_e3", "confidence_e6", "vol_e6"])
def test_arrays_of_another_length_or_shape_are_refused(name: str) -> None:
    scene = synthetic()
    values = getattr(scene.market, name)
    for wrong in (values[:-1], np.append(values, values[-1]), values[None, :]):
        assert f"the listing needs ({len(values)},)" in refused(scene, **{name: wrong})


@pytest.mark.parametrize(
    ("name", "place", "value", "told"),
    [
        ("forward_e3", 1, 0, f"forward 0 is outside [1, {PRICE})"),
        ("forward_e3", 1, -5, f"forward -5 is outside [1, {PRICE})"),
        ("forward_e3", 1, PRICE, f"forward {PRICE} is outside"),
        ("shocked_e3", 1, -1, "shocked part of the forward -1 is outside"),
        ("confidence_e6", 2, -1, "confidence -1 is outside [0, 1000001)"),
        ("confidence_e6", 2, 1_000_001, "confidence 1000001 is outside"),
        ("vol_e6", 3, -1, "volatility -1 is outside [0, 10000001)"),
        ("vol_e6", 3, 10_000_001, "volatility 10000001 is outside"),
        ("tenor_s", 3, -1, "tenor -1 is outside [0, 67108864)"),
        ("tenor_s", 3, 1 << 26, "tenor 67108864 is outside"),
    ],
)
def test_numbers_beyond_their_range_are_refused(
    name: str, place: int, value: int, told: str
) -> None:
    scene = synthetic()
    assert told in refused(scene, **{name: one_of(getattr(scene.market, name), place, value)})


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("fortnight_vol_e6", 0, bounds.VOL_MAX_E6),
        ("funding_e3", 1 - PRICE, PRICE - 1),
    ],
)
def test_single_numbers_keep_their_range(name: str, low: int, high: int) -> None:
    scene = synthetic()
    for value in (low, high):
        assert risk_table(scene.listing, replace(scene.market, **{name: value}), BTC)
    for value in (low - 1, high + 1):
        assert f"{value} is outside" in refused(scene, **{name: value})


@pytest.mark.parametrize("index_e3", [0, -1, PRICE])
def test_an_index_beyond_its_range_is_refused(index_e3: int) -> None:
    assert f"index price {index_e3} is outside [1, {PRICE})" in refused(
        synthetic(), index_e3=index_e3
    )


@pytest.mark.parametrize("index_e3", [1, PRICE // 2])
def test_the_least_and_a_large_index_are_allowed(index_e3: int) -> None:
    assert synthetic(index_e3=index_e3, strikes=(100, 200)).table()


def test_volatilities_and_confidences_at_their_limits_are_allowed() -> None:
    scene = synthetic()
    for vol_e6 in (0, bounds.VOL_MAX_E6):
        assert scene.but(vol_e6=vol_e6).table()
    for confidence_e6 in (0, bounds.RATE_SCALE):
        assert scene.but(confidence_e6=confidence_e6).table()


@pytest.mark.parametrize(
    ("tenor_s", "part", "is_refused"),
    [
        (SETTLING_S + 1, 0.5, True),
        (SETTLING_S, 0.5, False),
        (0, 0.5, False),
        (0, 0.0, False),
        (0, 1.0, False),
        (SETTLING_S, 1.01, True),
        (DAY_S, 1.0, False),
    ],
)
def test_a_forward_stands_still_only_while_it_settles(
    tenor_s: int, part: float, is_refused: bool
) -> None:
    scene = synthetic(tenors_s=(tenor_s, 25 * DAY_S))
    still = int(scene.market.forward_e3[1] * part)
    shocked_e3 = one_of(scene.market.forward_e3, 1, still)
    if is_refused:
        assert f"the shocked part {still} of group 1" in refused(scene, shocked_e3=shocked_e3)
    else:
        assert scene.but(shocked_e3=shocked_e3).table()


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_forward_in_another_unit_than_the_index_is_refused(place: int) -> None:
    scene = synthetic()
    for times, is_refused in ((FAR, False), (FAR + 1, True)):
        for forward_e3 in (scene.market.index_e3 * times, -(-scene.market.index_e3 // times)):
            forwards_e3 = one_of(scene.market.forward_e3, place, forward_e3)
            changes = {"forward_e3": forwards_e3, "shocked_e3": forwards_e3}
            if is_refused:
                assert "give both in milli-USD per contract" in refused(scene, **changes)
            else:
                assert scene.but(**changes).table()


def test_the_perpetual_never_settles() -> None:
    scene = synthetic()
    for part in (0, -1):
        shocked_e3 = one_of(scene.market.forward_e3, 0, scene.market.forward_e3[0] - 1 + part)
        assert "of group 0" in refused(scene, shocked_e3=shocked_e3)
    assert "the perpetual has a tenor of 1 s" in refused(
        scene, tenor_s=one_of(scene.market.tenor_s, 0, 1)
    )


def test_all_tenors_count_from_one_instant() -> None:
    scene = synthetic()
    tenor_s = scene.market.tenor_s
    for place in (1, 2, 3):
        for step in (-1, 1):
            changed = one_of(tenor_s, place, tenor_s[place] + step)
            assert "tenors count from" in refused(scene, tenor_s=changed)
    assert "tenors count from" in refused(scene, tenor_s=tenor_s[[0, 3, 2, 1]])
    later = np.maximum(tenor_s - TENOR_OF_FIRST, 0)
    assert scene.but(tenor_s=later).table()


TENOR_OF_FIRST = int(synthetic().market.tenor_s[1])


def test_an_expiry_still_to_come_cannot_have_no_tenor() -> None:
    scene = synthetic()
    assert "tenors count from" in refused(scene, tenor_s=one_of(scene.market.tenor_s, 2, 0))


def test_what_has_expired_waits_for_its_settlement_price() -> None:
    scene = synthetic()
    assert scene.but(tenor_s=np.array([0, 0, 5, 5 + 135 * DAY_S])).table()
    assert scene.but(tenor_s=0).table()


def test_a_market_is_not_changed_behind_the_back_of_its_table() -> None:
    scene = synthetic()
    forward_e3 = scene.market.forward_e3.copy()
    market = replace(scene.market, forward_e3=forward_e3, shocked_e3=forward_e3)
    table = risk_table(scene.listing, market, BTC)
    forward_e3[1] -= 1000
    assert market.forward_e3[1] == forward_e3[1] + 1000
    with pytest.raises(ValueError, match="read-only"):
        market.forward_e3[1] = 1
    again = replace(market, forward_e3=forward_e3, shocked_e3=forward_e3)
    updated = risk_table(scene.listing, again, BTC, previous=table)
    fresh = risk_table(scene.listing, again, BTC)
    assert np.array_equal(updated.entry_e3, fresh.entry_e3)
    assert not np.array_equal(updated.entry_e3, table.entry_e3)


def test_a_part_says_what_the_whole_says() -> None:
    scene = synthetic()
    groups = np.array([False, True, False, True])
    listing, _, nodes = scene.listing.part(groups)
    part = scene.market.part(groups, nodes)
    assert isinstance(part, Market)
    assert part.forward_e3.tolist() == scene.market.forward_e3[[1, 3]].tolist()
    assert part.tenor_s.tolist() == scene.market.tenor_s[[1, 3]].tolist()
    assert len(part.vol_e6) == len(listing.node_group) == len(scene.market.vol_e6) * 2 // 3
    assert part.index_e3 == scene.market.index_e3


def test_a_refusal_says_value_and_limits() -> None:
    scene = synthetic()
    told = refused(scene, index_e3=0)
    assert re.fullmatch(r"index price 0 is outside \[1, \d+\)", told)
