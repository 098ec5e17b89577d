"""Nothing of the held-out stretch reaches who asks for the other."""

from datetime import timedelta

import numpy as np
import pytest
from benchmarks.backtest import chains as chains_module
from benchmarks.backtest.chains import Chain, ahead, chains
from benchmarks.backtest.prices import Prices, hourly
from benchmarks.backtest.stretch import CHOICE, HELD_OUT, MEASURED, STRETCHES
from tests.shared_data import needs_shared_data

SECOND = timedelta(seconds=1)


def test_every_instant_after_the_first_belongs_to_one_stretch() -> None:
    for border in (CHOICE.chains_until, HELD_OUT.chains_after):
        for at in (border - SECOND, border, border + SECOND):
            assert sum(stretch.has_chain(at) for stretch in STRETCHES) == 1
    for at in (CHOICE.prices_until - SECOND, CHOICE.prices_until, CHOICE.prices_until + SECOND):
        assert sum(stretch.has_price(at) for stretch in STRETCHES) == 1


def test_the_border_itself_is_the_last_of_the_choice() -> None:
    assert CHOICE.has_chain(CHOICE.chains_until)
    assert not CHOICE.has_chain(CHOICE.chains_until + SECOND)
    assert not HELD_OUT.has_chain(CHOICE.chains_until)


def test_what_is_measured_begins_with_the_choice() -> None:
    assert MEASURED[0] is CHOICE
    assert set(MEASURED) <= set(STRETCHES)


@needs_shared_data
@pytest.mark.parametrize("underlying", ["BTC", "ETH"])
def test_hours_end_with_their_stretch(underlying: str) -> None:
    prices = hourly(underlying, CHOICE)
    assert prices.end_s.max() <= CHOICE.prices_until.timestamp()
    hours = prices.measured_in(CHOICE, 8)
    assert prices.end_s[hours + 8].max() <= CHOICE.prices_until.timestamp()
    assert prices.end_s[hours + 8].min() > CHOICE.prices_after.timestamp()


@needs_shared_data
def test_chains_end_with_their_stretch_and_files_beyond_are_not_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = []
    read = chains_module.read_option_chains

    def watched(path, **known):  # type: ignore[no-untyped-def]
        opened.append(path.name)
        return read(path, **known)

    monkeypatch.setattr(chains_module, "read_option_chains", watched)
    found = chains(CHOICE)
    assert {"BTC", "ETH"} == set(found)
    for every in found.values():
        assert all(CHOICE.has_chain(chain.at) for chain in every)
        assert [chain.at for chain in every] == sorted({chain.at for chain in every})
    snapshots = [name for name in opened if name.startswith("deribit_options_snapshot")]
    assert snapshots and max(snapshots) < "deribit_options_snapshot_20260205T0430"


def _prices(end_h: list[int], close: list[float]) -> Prices:
    values = np.array(close)
    start = int(CHOICE.prices_after.timestamp())
    return Prices("BTC", start + 3600 * np.array(end_h), values * 1.02, values * 0.99, values)


def test_an_hour_before_a_gap_is_not_measured() -> None:
    whole = _prices([1, 2, 3, 4], [100.0] * 4).measured_in(CHOICE, 2)
    broken = _prices([1, 2, 4, 5], [100.0] * 4).measured_in(CHOICE, 2)
    assert whole.tolist() == [0, 1]
    assert broken.tolist() == []


def test_excursions_are_the_extremes_of_the_hours_ahead_and_never_negative() -> None:
    prices = _prices([1, 2, 3, 4], [100.0, 110.0, 80.0, 100.0])
    fall, rise = prices.excursions(np.array([0, 2]), 1)
    assert fall == pytest.approx([0.0, 0.0])  # the low of the next hour is above the close
    assert rise == pytest.approx([1.10 * 1.02 - 1, 1.25 * 1.02 - 1])
    fall, _ = prices.excursions(np.array([0]), 2)
    assert fall == pytest.approx([1 - 0.8 * 0.99])


def test_the_chain_ahead_is_the_first_within_the_slack() -> None:
    start = CHOICE.chains_until
    every = [Chain(start + timedelta(hours=h), "BTC", ()) for h in (0, 4.4, 5.5, 6.5, 13.5)]
    assert ahead(every, 0, 6) is every[2]
    assert ahead(every, 0, 12) is every[4]
    assert ahead(every, 4, 6) is None
