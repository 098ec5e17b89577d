"""Bars: from files, on one grid, without prints that cannot be."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.shared_data import published

from novate.nodes import (
    FileRefused,
    PriceHistory,
    aligned,
    joined,
    read_price_history,
    read_volatility_history,
)

HEADER = "timestamp,open,high,low,close,volume"
HOURS = [f"2025-10-10 {hour:02d}:00:00" for hour in range(24)]


def write(folder: Path, rows: list[str], *, name: str = "bars.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def bars(count: int = 8) -> list[str]:
    return [f"{HOURS[n]},{100 + n},{103 + n},{99 + n},{101 + n},5" for n in range(count)]


def read(folder: Path, rows: list[str]) -> PriceHistory:
    return read_price_history(write(folder, rows))


@pytest.mark.parametrize(
    ("name", "count", "period_s", "missing", "excluded"),
    [
        ("btcusdt_1d_2017-08_2024-03.csv", 2_394, 86_400, 0, 0),
        ("btcusdt_1h_2017-08_2023-12.csv.gz", 55_597, 3_600, 0, 0),
        ("btcusdt_1h_2023-01_2025-01.csv.gz", 18_000, 3_600, 1, 0),
        ("btcusdt_perp_1w_to_2025-10-22.csv", 199, 604_800, 0, 0),
        ("ethusdt_1h_2017-08_2021-06.csv.gz", 33_411, 3_600, 17, 2),  # two prints of August 2017
        ("ethusdt_perp_30m_to_2025-10-22.csv", 1_000, 1_800, 0, 0),
    ],
)
def test_published_histories_are_read_whole(
    name: str, count: int, period_s: int, missing: int, excluded: int
) -> None:
    history = read_price_history(published(f"prices/{name}"))
    assert (len(history), history.period_s, history.missing) == (count, period_s, missing)
    assert len(history.excluded) == excluded
    assert (np.diff(history.opened_at_s) > 0).all()
    assert (history.low <= np.minimum(history.open, history.close)).all()
    assert (history.high >= np.maximum(history.open, history.close)).all()


def test_two_files_of_one_price_join_where_they_overlap() -> None:
    first = read_price_history(published("prices/btcusdt_1h_2017-08_2023-12.csv.gz"))
    second = read_price_history(published("prices/btcusdt_1h_2023-01_2025-01.csv.gz"))
    both = joined(first, second)
    overlap = int(np.isin(second.opened_at_s, first.opened_at_s).sum())
    assert overlap > 8_000
    assert len(both) == len(first) + len(second) - overlap
    assert both.close[: len(first)].tolist() == first.close.tolist()
    assert both.missing == 0
    here, there = aligned(first, second)
    assert len(here) == overlap
    # Two sources of the same market agree where they meet.
    assert np.abs(here.close / there.close - 1).max() < 0.01


@pytest.mark.parametrize("currency", ["BTC", "ETH"])
def test_a_volatility_index_is_in_fractions(currency: str) -> None:
    name = f"deribit/dvol_{currency}_daily_2025-09-19_2026-09-19.csv"
    history = read_volatility_history(published(name))
    assert len(history) == 366
    assert 0.3 < history.low.min() < history.high.max() < 1.1


def test_a_volatility_index_in_fractions_already_is_refused(tmp_path: Path) -> None:
    rows = [f"2025-10-{day:02d},0.53,0.6,0.5,0.55" for day in range(1, 9)]
    path = write(tmp_path, rows, header="date,open,high,low,close")
    with pytest.raises(FileRefused, match=r"out of range.*8 of 8 bars make no sense"):
        read_volatility_history(path)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ("{when},103,106,0,104,5", "out of range"),
        ("{when},103,106,-1,104,5", "out of range"),
        ("{when},103,99999999,102,104,5", "out of range"),
        ("{when},103,106,103.5,104,5", "low above the rest"),
        ("{when},103,103.9,102,104,5", "high below the rest"),
        ("{when},103,206,102,104,5", "absurd range"),
        ("{when},1040,1050,1020,1041,5", "far from its neighbours"),
        ("{when},10.4,10.5,10.2,10.41,5", "far from its neighbours"),
        ("2025-10-10 03:20:00,103,106,102,104,5", "off the grid"),
    ],
)
def test_a_bar_that_makes_no_sense_is_left_out_and_listed(
    tmp_path: Path, changed: str, reason: str
) -> None:
    rows = bars()
    rows[3] = changed.format(when=HOURS[3])
    history = read(tmp_path, rows)
    (excluded,) = history.excluded
    assert (excluded.line, excluded.reason) == (5, reason)
    assert len(history) == 7
    assert history.missing == 1


@pytest.mark.parametrize(
    "changed",
    [
        "{when},103,203.9,102,104,5",  # a range of just under two
        "{when},103,103.9,102,103.9,5",
        "{when},200,206,150,201,5",
        "2025-10-10T03:00:00+00:00,103,106,102,104,5",
        "2025-10-10T05:00:00+02:00,103,106,102,104,5",
        "1760065200,103,106,102,104,5",
    ],
)
def test_a_bar_at_the_edge_of_sense_stays(tmp_path: Path, changed: str) -> None:
    rows = bars()
    rows[3] = changed.format(when=HOURS[3])
    history = read(tmp_path, rows)
    assert history.excluded == ()
    assert history.opened_at_s.tolist() == read(tmp_path, bars()).opened_at_s.tolist()


def test_bars_out_of_order_are_sorted_and_bars_told_twice_do_not_stand(tmp_path: Path) -> None:
    assert read(tmp_path, bars()[::-1]).close.tolist() == read(tmp_path, bars()).close.tolist()
    again = read(tmp_path, [*bars(), f"{HOURS[3]},103,107,102,105,5"])
    assert [out.reason for out in again.excluded] == ["told twice"] * 2
    assert len(again) == 7


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["x,1,2,1,2,0"], "line 2, field timestamp: 'x' is not an instant"),
        (["1760065200000,1,2,1,2,0"], "field timestamp: '1760065200000' is not an instant"),
        (["20251010,1,2,1,2,0"], "field timestamp: '20251010' is not an instant"),  # a day
        (["946684799,1,2,1,2,0"], "field timestamp: '946684799' is not an instant"),
        (["4294967296,1,2,1,2,0"], "field timestamp: '4294967296' is not an instant"),
        (["1999-12-31,1,2,1,2,0"], "field timestamp: '1999-12-31' is not an instant"),
        (["0001-01-01T00:00:00+14:00,1,2,1,2,0"], "is not an instant"),
        ([f"{HOURS[0]},1,2,1,two,0"], "line 2, field close: 'two' is not a number"),
        ([f"{HOURS[0]},1,2,,2,0"], "line 2, field low: '' is not a finite number"),
        ([f"{HOURS[0]},1,2,1,nan,0"], "line 2, field close: 'nan' is not a finite number"),
        ([f"{HOURS[0]},1,2,1,2,0"], "fewer than two bars"),
    ],
)
def test_an_unreadable_cell_refuses_the_file(tmp_path: Path, rows: list[str], said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(tmp_path, rows)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("day,open,high,low,close,volume", "has no column of times"),
        ("timestamp,open,high,low,last,volume", "has no column close"),
    ],
)
def test_a_missing_column_refuses_the_file(tmp_path: Path, header: str, said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        read_price_history(write(tmp_path, bars(), header=header))


def test_hours_make_days_of_the_bars_there_are(tmp_path: Path) -> None:
    rows = [f"{HOURS[n]},{100 + n},{103 + n},{99 + n},{101 + n},5" for n in (22, 23)]
    rows.append("2025-10-11 00:00:00,125,126,124,125,5")
    days = read(tmp_path, rows).resampled(86_400)
    assert days.opened_at_s.tolist() == [1_760_054_400, 1_760_140_800]
    assert days.open.tolist() == [122, 125]
    assert days.high.tolist() == [126, 126]
    assert days.low.tolist() == [121, 124]
    assert days.close.tolist() == [124, 125]


@pytest.mark.parametrize("period_s", [0, -3_600, 1_800, 5_400])
def test_bars_do_not_make_shorter_or_crooked_ones(tmp_path: Path, period_s: int) -> None:
    with pytest.raises(ValueError, match="do not make bars"):
        read(tmp_path, bars()).resampled(period_s)


def test_the_first_and_the_last_instant_are_read(tmp_path: Path) -> None:
    rows = [f"{at},100,101,99,100,5" for at in ("946684800", "2000-01-02", "4294967295")]
    assert read(tmp_path, rows[:2]).opened_at_s.tolist() == [946_684_800, 946_771_200]
    assert read(tmp_path, rows[1:]).opened_at_s.tolist() == [946_771_200, 4_294_967_295]


def test_bars_that_open_at_other_instants_do_not_join(tmp_path: Path) -> None:
    hours = read(tmp_path, bars())
    halves = replace(hours, opened_at_s=hours.opened_at_s + 1_800)
    with pytest.raises(ValueError, match=r"opens 1800 s after whole periods of 3600 s, .* 0 s"):
        joined(hours, halves)
    later = replace(hours, opened_at_s=hours.opened_at_s + 8 * 3_600)
    assert len(joined(hours, later)) == 16


def test_bars_of_different_lengths_neither_join_nor_align(tmp_path: Path) -> None:
    hours = read(tmp_path, bars())
    two = hours.resampled(7_200)
    with pytest.raises(ValueError, match="do not join"):
        joined(hours, two)
    with pytest.raises(ValueError, match="resample them first"):
        aligned(hours, two)
    with pytest.raises(ValueError, match="no common instant"):
        aligned(hours.where(np.arange(3)), hours.where(np.arange(4, 8)))
