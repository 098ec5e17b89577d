"""A chain: forwards by parity, prices in USD, and quotes that are left out with their reason."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from novate.nodes import FileRefused, OptionChain, parity_forward, read_option_chains
from novate.nodes.parity import weighted_median

from .chains import FORWARD, write_snapshot

Rows = list[dict[str, str]]


def chain_after(folder: Path, change: Callable[[Rows], object] = lambda rows: None) -> OptionChain:
    (chain,) = read_option_chains(write_snapshot(folder, change=change))
    return chain


def test_a_chain_is_sorted_and_in_usd_by_the_forward_of_parity(tmp_path: Path) -> None:
    chain = chain_after(tmp_path, lambda rows: rows.reverse())
    assert chain.currency == "BTC"
    assert chain.strike.tolist() == [70e3, 70e3, 80e3, 80e3, 90e3, 90e3]
    assert chain.is_call.tolist() == [False, True] * 3
    assert chain.forward == pytest.approx([FORWARD] * 6)
    assert chain.mark[0] == pytest.approx(0.01 * FORWARD)  # and not times the published 80,004.5
    assert chain.mark[1] - chain.mark[0] == pytest.approx(FORWARD - 70e3)
    assert chain.bid[0] == pytest.approx(0.009 * FORWARD)
    assert chain.ask[0] == pytest.approx(0.011 * FORWARD)
    assert chain.mark_iv.tolist() == [0.23] * 6
    assert chain.index == 79_500.25
    assert chain.published_underlying.tolist() == [80_004.5] * 6
    assert chain.tenor_s[0] == pytest.approx(6_129_509.972359, abs=1e-6)
    assert chain.excluded == ()


@pytest.mark.parametrize(
    ("row", "column", "cell", "reason", "detail"),
    [
        (0, "bid_price", "0.02", "crossed", "bid_price 0.02 is above the ask 0.011"),
        (0, "bid_price", "-0.001", "too low", "bid_price -0.001 is not above 0"),
        (0, "ask_price", "-1", "crossed", "bid_price 0.009 is above the ask -1"),
        (1, "mark_price", "-0.1", "too low", "mark_price -0.1 is not above 0"),
        (1, "mark_price", "inf", "infinite", "mark_price inf is infinite"),
        (1, "ask_price", "1e308", "too high", "ask_price 1e+308 is not below 17179869.18"),
        (1, "mark_price", "1.03", "more than it can be worth", "mark_price 1.03 is above 1"),
        (1, "mark_price", "12500", "more than it can be worth", "mark_price 12500 is above 1"),
        (1, "mark_price", "0.05", "less than it is worth", "is below 0.125049"),
        (2, "mark_price", "0.4", "far from its quotes", "mark_price 0.4 is far outside 0.039 .. 0"),
        (2, "implied_volatility", "23", "volatility out of range", "23 is outside [0.01, 10.0]"),
        (2, "implied_volatility", "0.0099", "volatility out of range", "0.0099 is outside"),
        (2, "implied_volatility", "0", "volatility out of range", "0 is outside"),
        (3, "underlying", "81000", "stale", "underlying 81000 is over 1% from 80004.5"),
        (3, "underlying", "-5", "too low", "underlying -5 is not above 0"),
        (3, "underlying", "0", "too low", "underlying 0 is not above 0"),
        (3, "index_price", "0", "too low", "index_price 0 is not above 0"),
        (3, "index_price", "120000", "far from the forward", "120000 is over 29% from 80004.5, "),
        (3, "index_price", "79.5", "far from the forward", "index_price 79.5 is over 29% from 800"),
        (3, "underlying", "17179869.184", "too high", "is not below 17179869.18"),
        (3, "index_price", "1e300", "too high", "index_price 1e+300 is not below 17179869.18"),
        (2, "implied_volatility", "0.5", "another price than its volatility",
         "implied_volatility 0.5 makes it worth 0.0877"),
        (3, "open_interest", "-1", "too low", "open_interest -1 is not above 0"),
    ],
)  # fmt: skip
def test_a_bad_quote_is_left_out_and_listed(
    tmp_path: Path, row: int, column: str, cell: str, reason: str, detail: str
) -> None:
    def change(rows: Rows) -> None:
        rows[row][column] = cell

    chain = chain_after(tmp_path, change)
    (excluded,) = chain.excluded
    assert (excluded.line, excluded.reason) == (row + 2, reason)
    assert detail in excluded.detail
    assert chain.exclusion_counts == {reason: 1}
    assert len(chain.strike) == 5
    assert excluded.what not in chain.instrument_names


@pytest.mark.parametrize(
    ("row", "column", "cell"),
    [
        (0, "bid_price", "0.011"),  # locked, not crossed
        (0, "bid_price", ""),
        (0, "bid_price", "0"),
        (0, "ask_price", "0.0"),
        (0, "mark_price", "0"),
        (0, "mark_price", ""),
        (1, "mark_price", "nan"),
        (2, "implied_volatility", ""),
        (3, "underlying", "80800"),
        (3, "index_price", ""),
        (3, "index_price", "88500"),  # 9.6 % off
        (3, "index_price", "67500"),  # 18.5 %, in 71 days
        (2, "implied_volatility", "0.3"),
        (3, "open_interest", "0"),
    ],
)
def test_a_quote_at_the_edge_of_sense_stays(
    tmp_path: Path, row: int, column: str, cell: str
) -> None:
    def change(rows: Rows) -> None:
        rows[row][column] = cell

    chain = chain_after(tmp_path, change)
    assert chain.excluded == ()
    assert len(chain.strike) == 6


@pytest.mark.parametrize("vol", ["10", "0.01"])
def test_the_most_and_the_least_volatility_stay_where_no_mark_contradicts_them(
    tmp_path: Path, vol: str
) -> None:
    def change(rows: Rows) -> None:
        rows[2].update(implied_volatility=vol, mark_price="")

    assert chain_after(tmp_path, change).excluded == ()


@pytest.mark.parametrize("column", ["bid_price", "ask_price"])
@pytest.mark.parametrize("cell", ["", "0"])
def test_a_side_that_nobody_quotes_is_not_a_price_of_zero(
    tmp_path: Path, column: str, cell: str
) -> None:
    def change(rows: Rows) -> None:
        rows[0][column] = cell

    chain = chain_after(tmp_path, change)
    assert np.isnan(chain.bid if column == "bid_price" else chain.ask)[0]


def test_a_quote_told_twice_stands_once_and_two_that_differ_do_not_stand(tmp_path: Path) -> None:
    again = chain_after(tmp_path, lambda rows: rows.append(dict(rows[0])))
    assert again.exclusion_counts == {"duplicate": 1}
    assert [out.line for out in again.excluded] == [8]
    assert len(again.strike) == 6

    other = chain_after(tmp_path, lambda rows: rows.append({**rows[0], "ask_price": "0.0111"}))
    assert other.exclusion_counts == {"contradicted": 2}
    assert len(other.strike) == 5


def test_an_expired_option_is_left_out(tmp_path: Path) -> None:
    def change(rows: Rows) -> None:
        rows.append({**rows[0], "instrument_name": "BTC-15JAN26-70000-P"})
        rows[-1]["expiry_datetime"] = "2026-01-15T08:00:00+00:00"

    chain = chain_after(tmp_path, change)
    assert chain.exclusion_counts == {"expired": 1}
    assert "expiry_datetime" in chain.excluded[0].detail


@pytest.mark.parametrize(
    ("column", "scale", "said"),
    [
        ("implied_volatility", 100, "field implied_volatility: volatility out of range"),
        ("mark_price", FORWARD, "field mark_price: more than it can be worth"),
        ("index_price", 0.001, "field index_price: far from the forward"),
        ("implied_volatility", 4, "field implied_volatility: another price than its volatility"),
        ("underlying", 1000, "field underlying: too high"),
    ],
)
def test_a_column_in_the_wrong_unit_is_refused(
    tmp_path: Path, column: str, scale: float, said: str
) -> None:
    def change(rows: Rows) -> None:
        for row in rows:
            row[column] = str(float(row[column]) * scale)

    with pytest.raises(FileRefused, match=said) as refused:
        chain_after(tmp_path, change)
    assert "of the 6 quotes of this chain: is the column what it says, in its unit?" in str(
        refused.value
    )
    assert refused.value.line is not None


def test_half_of_a_chain_may_be_bad_and_not_more(tmp_path: Path) -> None:
    def spoil(count: int) -> Callable[[Rows], None]:
        def change(rows: Rows) -> None:
            for row in rows[:count]:
                row["bid_price"] = "0.9"

        return change

    assert chain_after(tmp_path, spoil(3)).exclusion_counts == {"crossed": 3}
    with pytest.raises(FileRefused, match="crossed"):
        chain_after(tmp_path, spoil(4))


def named(row: dict[str, str], **cells: str) -> dict[str, str]:
    """A row as another option, whose name says so too."""
    row = {**row, **cells}
    strike, day = row["strike"].removesuffix(".0"), row["expiry_datetime"][:10]
    expiry = f"{datetime.fromisoformat(day):%-d%b%y}".upper()
    letter = row["option_type"][0].upper()
    return {**row, "instrument_name": f"BTC-{expiry}-{strike.replace('.', 'd')}-{letter}"}


@pytest.mark.parametrize(
    ("cells", "reason", "detail"),
    [
        ({"strike": "80000.0001"}, "strike between steps", "80000.0001 is no whole multiple of 0"),
        ({"strike": "0.0001"}, "strike between steps", "strike 0.0001 is no whole multiple of 0"),
        ({"strike": "17179869.184"}, "strike out of range", "is outside (0, 17179869.18)"),
        ({"strike": "1e300"}, "strike out of range", "strike 1e+300 is outside (0, 17179869.18)"),
        ({"expiry_datetime": "2028-03-04T08:00:00+00:00"}, "expires too late",
         "1835769600 is not within 67108864 s after 1768468890"),
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_is_left_out(
    tmp_path: Path, cells: dict[str, str], reason: str, detail: str
) -> None:
    chain = chain_after(tmp_path, lambda rows: rows.append(named(rows[2], **cells)))
    assert chain.exclusion_counts == {reason: 1}
    assert detail in chain.excluded[0].detail
    assert len(chain.strike) == 6


@pytest.mark.parametrize(
    "cells",
    [
        {"strike": "80000.001"},
        {"strike": "79999.999"},
        {"expiry_datetime": "2028-03-01T08:00:00+00:00", "implied_volatility": "0.1"},
    ],
)
def test_an_option_that_can_just_be_stays(tmp_path: Path, cells: dict[str, str]) -> None:
    chain = chain_after(tmp_path, lambda rows: rows.append(named(rows[2], **cells)))
    assert chain.excluded == ()
    assert len(chain.strike) == 7


def test_marks_that_say_another_forward_than_the_underlying_are_left_out(tmp_path: Path) -> None:
    """Each of them is something that an option can be worth."""

    def dearer(off: float) -> Callable[[Rows], None]:
        def change(rows: Rows) -> None:
            for row in rows:
                if row["option_type"] == "call":
                    mark = float(row["mark_price"]) + off
                    row.update(mark_price=f"{mark:.8f}", bid_price="", ask_price="")
                row.update(implied_volatility="" if off else "0.23")

        return change

    # A call dearer by x of the coin says a forward that is about x higher.
    assert chain_after(tmp_path, dearer(0.015)).excluded == ()
    with pytest.raises(FileRefused, match=r"marks without parity, mark_price .* a forward of 820"):
        chain_after(tmp_path, dearer(0.025))


def test_a_chain_without_marks_finds_its_forward_in_mid_prices(tmp_path: Path) -> None:
    def change(rows: Rows) -> None:
        for row in rows:
            row["mark_price"] = ""

    assert chain_after(tmp_path, change).forward == pytest.approx([FORWARD] * 6, rel=1e-6)


def test_an_expiry_without_a_pair_has_no_forward_but_prices_in_usd(tmp_path: Path) -> None:
    chain = chain_after(tmp_path, lambda rows: rows.__delitem__(slice(1, None)))
    assert np.isnan(chain.forward).all()
    assert chain.forwards == {}
    assert chain.mark[0] == pytest.approx(0.01 * 80_004.5)


def test_one_bad_strike_does_not_move_the_forward() -> None:
    strike = np.array([60e3, 70e3, 80e3, 90e3, 100e3])
    true = 1 - strike / FORWARD
    bent = true + np.array([0, 0, 0.004, 0, 0])
    for told in (true, bent):
        found = parity_forward(strike, told, near=80_100.0, is_coin_quoted=True)
        assert found == pytest.approx(FORWARD, rel=1e-12)
    in_usd = parity_forward(strike, FORWARD - strike, near=np.nan, is_coin_quoted=False)
    assert in_usd == pytest.approx(FORWARD)


def test_no_pair_gives_no_forward() -> None:
    nothing = np.array([])
    assert np.isnan(parity_forward(nothing, nothing, near=1.0, is_coin_quoted=True))
    impossible = parity_forward(np.array([5.0]), np.array([1.0]), near=1.0, is_coin_quoted=True)
    assert np.isnan(impossible)


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([1, 2, 3], [1, 1, 1], 2),
        ([3, 1, 2], [1, 1, 1], 2),
        ([1, 2], [1, 1], 1.5),
        ([1, 2, 3], [1, 1, 3], 3),
        ([1, 2, 3], [1, 1, 2], 2.5),
        ([7], [0.1], 7),
    ],
)
def test_half_of_the_weight_is_on_either_side_of_a_weighted_median(
    values: list[float], weights: list[float], expected: float
) -> None:
    assert weighted_median(np.array(values, float), np.array(weights, float)) == expected


def test_rows_can_be_chosen_and_the_clock_moved(tmp_path: Path) -> None:
    chain = chain_after(tmp_path)
    calls = chain.where(chain.is_call)
    assert calls.instrument_names == tuple(n for n in chain.instrument_names if n.endswith("C"))
    assert calls.mark.tolist() == chain.mark[chain.is_call].tolist()
    later = chain.at(chain.taken_at_s + 60)
    assert (chain.tenor_s - later.tenor_s).tolist() == [60.0] * 6
