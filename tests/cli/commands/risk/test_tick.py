"""`novate risk tick`: from a chain to a file of signed reports, and what it is good for."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.shared_data import published

from novate.nodes import read_tick_file

from ...scene import Shown, invoke
from .scene import chain_rows, later, risk_json, write_chain

KEYS = [f"{place:064x}" for place in (7, 8, 9)]


def tick(folder: Path, *options: str | Path, chain: Path | None = None) -> Shown:
    """What the command says of the usual chain; the file is `ticks.json`."""
    chain = chain or write_chain(folder)
    out = folder / "ticks.json"
    return invoke("risk", "tick", "--chain", chain, "--out", out, *options)


def tick_json(folder: Path, *options: str | Path, chain: Path | None = None) -> Any:
    shown = tick(folder, *options, "--json", chain=chain)
    assert shown.status == 0, shown.err
    assert not shown.err
    return json.loads(shown.out)


def write_keys(folder: Path, *keys: str) -> Path:
    path = folder / "keys.txt"
    path.write_text("".join(f"{key}\n" for key in keys or KEYS))
    return path


def test_the_file_holds_a_tick_of_every_chain(tmp_path: Path) -> None:
    told = tick_json(tmp_path)
    found = read_tick_file(tmp_path / "ticks.json", known=told["oracle"])
    assert len(found.ticks) == 1
    assert found.last.publishers == (0, 1, 2)
    assert (found.parameters.quorum, found.parameters.unlock_quorum) == (2, 3)
    assert list(told["feeds"]) == ["BTC", "ETH"]
    assert told["feeds"]["BTC"]["index_e3"] == 95_000_000
    expiries = told["feeds"]["ETH"]["expiries"]
    assert [one["expiry"] for one in expiries] == ["30JAN26", "27MAR26"]
    # 3,300 USD at 5 % a year, as the chain was made
    assert expiries[1]["rate_e6"] == pytest.approx(50_000, abs=500)
    assert expiries[1]["at_the_money_e6"] == pytest.approx(500_000, abs=5_000)
    assert told["held_back"] == []


def test_the_tables_show_what_was_agreed_and_say_what_it_is_for(tmp_path: Path) -> None:
    shown = tick(tmp_path)
    assert shown.status == 0, shown.err
    assert "BTC: index 95,000.00 USD of 3 sources; as agreed" in shown.out
    assert "3 reports of 2026-01-15 09:21:30 UTC, for trying out; the oracle is 0x" in shown.out
    assert "For trying out" in invoke("risk", "tick", "--help").out


@pytest.mark.parametrize("spelling", ["--chain", "--tick"])
def test_margin_by_the_tick_is_margin_by_the_chain_but_for_the_fit(
    tmp_path: Path, spelling: str
) -> None:
    told = tick_json(tmp_path)
    by_chain = risk_json("margin", tmp_path)
    shown = invoke(
        "risk", "margin", "--portfolio", tmp_path / "portfolio.csv", "--json", "--oracle",
        told["oracle"], spelling, tmp_path / "ticks.json",
    )  # fmt: skip
    assert shown.status == 0, shown.err
    by_tick = json.loads(shown.out)
    assert by_tick["cash_e6"] == by_chain["cash_e6"]
    assert by_tick["initial_e6"] == pytest.approx(by_chain["initial_e6"], rel=0.02)
    assert any("a tick of 3 publishers" in notice for notice in by_tick["notices"])


def test_a_tick_of_another_oracle_is_refused(tmp_path: Path) -> None:
    first, second = (tick_json(tmp_path)["oracle"] for _ in range(2))
    assert first != second  # fresh keys each time
    shown = invoke("risk", "surface", "--tick", tmp_path / "ticks.json", "--oracle", first)
    assert shown.status == 3
    assert f"is of the oracle {second}, not of {first}" in shown.err


@pytest.mark.parametrize(
    ("publishers", "quorum", "unlock"), [("1", 1, 1), ("2", 2, 2), ("5", 3, 4), ("16", 9, 10)]
)
def test_as_many_publishers_as_asked_for_and_a_majority_is_a_quorum(
    tmp_path: Path, publishers: str, quorum: int, unlock: int
) -> None:
    told = tick_json(tmp_path, "--publishers", publishers, "--symbol", "BTC")
    parameters = read_tick_file(tmp_path / "ticks.json").parameters
    assert told["publishers"] == len(parameters.publishers) == int(publishers)
    assert (parameters.quorum, parameters.unlock_quorum) == (quorum, unlock)
    assert list(told["feeds"]) == ["BTC"]


@pytest.mark.parametrize(
    ("sources", "confidence_e6"), [("1", 500_000), ("2", 500_000), ("3", 10**6)]
)
def test_one_index_price_stands_for_as_many_sources_as_asked_for(
    tmp_path: Path, sources: str, confidence_e6: int
) -> None:
    feed = tick_json(tmp_path, "--sources", sources)["feeds"]["BTC"]
    assert feed["sources"] == int(sources)
    assert feed["confidence_e6"] == confidence_e6


def test_keys_of_a_file_sign_and_never_twice_of_one_second(tmp_path: Path) -> None:
    keys = write_keys(tmp_path)
    venue = "1:0x" + "12" * 20
    first = tick_json(tmp_path, "--keys", keys, "--venue", venue)
    assert read_tick_file(tmp_path / "ticks.json").domain.chain_id == 1
    assert tick_json(tmp_path, "--keys", keys, "--venue", venue) == first
    shown = tick(tmp_path, "--keys", keys, "--venue", venue, "--sources", "2")
    assert shown.status == 2
    assert "key 1: a report of 2026-01-15 09:21:30 UTC may not be signed" in shown.err
    # for another venue, and of the next snapshot, it may
    assert tick(tmp_path, "--keys", keys, "--sources", "2").status == 0
    next_chain = write_chain(tmp_path, "next.csv", at=later(0.1))
    tick_json(tmp_path, "--keys", keys, "--venue", venue, "--sources", "2", chain=next_chain)
    journals = sorted((tmp_path / "keys.txt.journals").iterdir())
    assert len(journals) == 6
    assert not any(key in path.read_text() for path in journals for key in KEYS)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (["12"], "keys.txt, line 1: is no private key of 32 bytes"),
        ([KEYS[0], "00" * 32], "keys.txt, line 2: is no private key of 32 bytes"),
        ([KEYS[0], "key"], "keys.txt, line 2: is no private key of 32 bytes"),
        ([KEYS[0], KEYS[1], KEYS[0]], "keys.txt, line 3: is a key that is told before"),
        ([""], "keys.txt: has 0 keys, not 1 to 16"),
        ([f"{place:064x}" for place in range(1, 18)], "keys.txt: has 17 keys, not 1 to 16"),
    ],
)
def test_what_is_no_key_is_refused_and_no_key_is_shown(
    tmp_path: Path, keys: list[str], told: str
) -> None:
    shown = tick(tmp_path, "--keys", write_keys(tmp_path, *keys))
    assert shown.status == 3
    assert told in shown.err
    assert KEYS[0] not in shown.err
    assert not (tmp_path / "ticks.json").exists()


@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        (("--symbol", "SOL"), 3, "has no chain of SOL; it has BTC, ETH"),
        (("--venue", "1:0x12"), 2, "is not a chain id and the 20 bytes of a contract"),
        (("--publishers", "17"), 2, "17 is not in the range 1<=x<=16"),
        (("--index", "BTC=3000000"), 3, "makes no report: price of a source"),
        (("--out", "ticks.csv"), 2, "'ticks.csv' does not end in .json"),
        (("--out", "nowhere/ticks.json"), 2, "there is no folder 'nowhere'"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, options: tuple[str, ...], status: int, told: str
) -> None:
    shown = tick(tmp_path, *options)
    assert shown.status == status
    assert told in " ".join(shown.err.split())


def test_publishers_are_made_or_named_and_not_both(tmp_path: Path) -> None:
    shown = tick(tmp_path, "--keys", write_keys(tmp_path), "--publishers", "3")
    assert shown.status == 2
    assert "exclude each other" in shown.err


def test_only_a_tick_file_is_written_over(tmp_path: Path) -> None:
    out = tmp_path / "ticks.json"
    out.write_text('{"cash": 1}')
    shown = tick(tmp_path)
    assert shown.status == 2
    assert "exists and is no tick file" in shown.err
    assert out.read_text() == '{"cash": 1}'
    out.unlink()
    assert tick(tmp_path).status == 0
    assert tick(tmp_path).status == 0


def test_chains_far_apart_are_not_one_tick(tmp_path: Path) -> None:
    def delayed(seconds: int) -> Path:
        moved = chain_rows(at=later(seconds / 86_400))

        def change(rows: list[dict[str, str]]) -> None:
            rows[:] = [
                after if row["currency"] == "ETH" else row
                for row, after in zip(rows, moved, strict=True)
            ]

        return write_chain(tmp_path, f"{seconds}.csv", change=change)

    options = ("--at", "2026-01-15T10:00:00Z")
    assert tick(tmp_path, *options, chain=delayed(60)).status == 0
    shown = tick(tmp_path, *options, chain=delayed(61))
    assert shown.status == 2
    assert "more than 60 s apart: BTC at 2026-01-15 09:21:30 UTC, ETH at" in shown.err
    assert tick(tmp_path, *options, "--symbol", "ETH", chain=delayed(61)).status == 0


def test_a_chain_without_an_index_takes_its_nearest_forward_and_says_so(tmp_path: Path) -> None:
    chain = published("deribit/btc_book_summary_2025-12-05.csv")
    options = ("--at", "2025-12-05T01:10:18Z")
    shown = tick(tmp_path, *options, chain=chain)
    assert shown.status == 0, shown.err
    assert "BTC: the file has no index price; taken as 92,529.93 USD, the forward of 6DEC25" in (
        " ".join(shown.err.split())
    )
    told = tick_json(tmp_path, *options, "--index", "BTC=92500", chain=chain)
    assert told["feeds"]["BTC"]["index_e3"] == 92_500_000
