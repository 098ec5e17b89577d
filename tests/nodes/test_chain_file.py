"""The layouts of published chains, and cells that are unreadable or contradict each other."""

import csv
import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.shared_data import DATA, needs_shared_data, published

from novate.nodes import FileRefused, read_option_chains
from novate.units import Instant

from .chains import COLUMNS, write_snapshot

SNAPSHOTS = sorted(path.name for path in (DATA / "deribit").glob("*_snapshot_*.csv"))
TAKEN_AT = Instant(1_764_897_018)  # 2025-12-05 01:10:18 UTC, for a file that does not say it


def utc(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


@needs_shared_data
@pytest.mark.parametrize("name", SNAPSHOTS)
def test_every_published_snapshot_is_two_whole_chains(name: str) -> None:
    path = published(f"deribit/{name}")
    chains = read_option_chains(path)
    assert [chain.currency for chain in chains] == ["BTC", "ETH"]
    assert sum(len(chain.strike) for chain in chains) == len(path.read_text().splitlines()) - 1
    for chain in chains:
        assert chain.exclusion_counts == {}
        assert np.isfinite(chain.forward).all()
        # Near the published underlying, and near enough to be no other expiry's.
        assert np.abs(chain.forward / chain.published_underlying - 1).max() < 0.005
        assert 0 < chain.tenor_s.min() < 2 * 86_400


def test_the_sequence_has_the_forwards_that_others_found() -> None:
    path = published("deribit/chain_sequence_2026-02-03_2026-02-08.csv.gz")
    chains = read_option_chains(path)
    assert len(chains) == 48
    assert [chain.currency for chain in chains[:2]] == ["BTC", "ETH"]
    assert sum(len(chain.strike) for chain in chains) == 40_358
    with gzip.open(path, "rt", encoding="utf-8") as file:
        told = {
            tuple(row[name] for name in ("snapshot_utc", "currency", "expiry_utc")): float(
                row["parity_forward"]
            )
            for row in csv.DictReader(file)
        }
    found = {
        (utc(chain.taken_at_s), chain.currency, utc(expiry_s)): forward
        for chain in chains
        for expiry_s, forward in chain.forwards.items()
    }
    assert found.keys() == told.keys()
    apart = np.array([abs(found[key] / told[key] - 1) for key in told])
    # Their median has no weights: it differs where the strikes of one file are of several instants.
    assert apart.max() < 5e-4
    assert np.quantile(apart, 0.5) < 1e-7
    assert np.quantile(apart, 0.9) < 1e-6


def test_a_book_summary_knows_its_instant_and_has_no_volatility() -> None:
    (chain,) = read_option_chains(published("deribit/eth_book_summary_2024-01-08.csv"))
    assert (chain.currency, len(chain.strike), chain.index) == ("ETH", 684, 2222.19)
    assert chain.taken_at_s == 1_704_712_781.429
    assert np.isnan(chain.mark_iv).all()


def test_a_priced_book_must_be_told_its_instant() -> None:
    path = published("deribit/btc_book_summary_2025-12-05.csv")
    (chain,) = read_option_chains(path, taken_at=TAKEN_AT)
    assert (chain.currency, len(chain.strike), len(chain.forwards)) == ("BTC", 676, 11)
    assert 0.36 < chain.mark_iv.min() < chain.mark_iv.max() < 1.71  # per cent in the file
    with pytest.raises(FileRefused, match="field taken_at: does not say when it was taken"):
        read_option_chains(path)


def test_a_snapshot_is_not_told_its_instant(tmp_path: Path) -> None:
    path = write_snapshot(tmp_path)
    read_option_chains(path)
    with pytest.raises(FileRefused, match="field taken_at: says itself when it was taken"):
        read_option_chains(path, taken_at=TAKEN_AT)


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("strike", "80k", "'80k' is not a number"),
        ("strike", "nan", "'nan' is not a finite number"),
        ("strike", "", "'' is not a finite number"),
        ("mark_price", "n/a", "'n/a' is not a number"),
        ("underlying", "", "'' is not a finite number"),
        ("option_type", "Call", "'Call' is not one of call, C, put, P"),
        ("currency", "btc", "'btc' is not a currency like BTC"),
        ("timestamp", "yesterday", "'yesterday' is not an instant with a time zone"),
        ("timestamp", "2026-01-15T09:21:30", "is not an instant with a time zone"),
        ("expiry_datetime", "27MAR26", "'27MAR26' is not an instant with a time zone"),
    ],
)
def test_an_unreadable_cell_refuses_the_file_by_line_and_field(
    tmp_path: Path, column: str, cell: str, said: str
) -> None:
    path = write_snapshot(tmp_path, change=lambda rows: rows[3].__setitem__(column, cell))
    with pytest.raises(FileRefused) as refused:
        read_option_chains(path)
    assert str(refused.value).startswith(f"chain.csv, line 5, field {column}: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("strike", "81000"),
        ("option_type", "put"),
        ("currency", "ETH"),
        ("expiry_datetime", "2026-03-28T08:00:00+00:00"),
        ("expiry_datetime", "2026-03-27T09:00:00+00:00"),
        ("instrument_name", "BTC-27MAR26-80000-P"),
        ("instrument_name", "ETH_USDC-27MAR26-80000-C"),
    ],
)
def test_a_row_that_contradicts_its_name_refuses_the_file(
    tmp_path: Path, column: str, cell: str
) -> None:
    path = write_snapshot(tmp_path, change=lambda rows: rows[3].__setitem__(column, cell))
    with pytest.raises(FileRefused, match=r"line 5, field instrument_name: .* contradicts its row"):
        read_option_chains(path)


@pytest.mark.parametrize(
    "name", ["BTC-27MAR26-80000", "BTC-27MAR26-80000-C-X", "BTC-32MAR26-80000-C", "BTC-PERPETUAL"]
)
def test_a_name_that_is_no_option_refuses_the_file(tmp_path: Path, name: str) -> None:
    path = write_snapshot(
        tmp_path, change=lambda rows: rows[3].__setitem__("instrument_name", name)
    )
    with pytest.raises(FileRefused, match="is not an option like"):
        read_option_chains(path)


@pytest.mark.parametrize("missing", [name for name in COLUMNS if name != "implied_volatility"])
def test_a_missing_column_refuses_the_file_by_name(tmp_path: Path, missing: str) -> None:
    path = write_snapshot(tmp_path, columns=[name for name in COLUMNS if name != missing])
    with pytest.raises(FileRefused, match=f"has no column {missing}"):
        read_option_chains(path)


def test_a_file_of_no_known_layout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="is no layout of an option chain"):
        read_option_chains(path)


def test_options_paid_in_usdc_are_in_usd_already(tmp_path: Path) -> None:
    def in_usd(rows: list[dict[str, str]]) -> None:
        for row in rows:
            row["instrument_name"] = row["instrument_name"].replace("BTC-", "BTC_USDC-")
            for column in ("bid_price", "ask_price", "mark_price"):
                row[column] = str(float(row[column]) * 80_000)

    (chain,) = read_option_chains(write_snapshot(tmp_path, change=in_usd))
    assert not chain.is_coin_quoted
    assert chain.mark[0] == pytest.approx(800)
    assert chain.forward[0] == pytest.approx(80_000)
