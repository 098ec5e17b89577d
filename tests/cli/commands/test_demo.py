"""`novate demo`: one put from deposit to payout, with real proofs once and without them else."""

import json
from pathlib import Path

import pytest

from novate.chain import RpcChain, Unreachable
from novate.nodes import BatchBundle

from ..scene import Demo, invoke


def test_the_walk_ends_with_its_tables_and_the_rebuilt_state(demo: Demo) -> None:
    shown = demo.shown
    assert shown.status == 0, shown.err
    rows = [line for line in shown.out.splitlines() if line.startswith("│")]
    table = {cells[0]: cells[1:] for cells in (_cells(row) for row in rows)}
    assert table["Alice"] == ["2,500.00 USDC", "2,761.965940 USDC", "+261.965940 USDC"]
    assert table["Bob"] == ["21,000.00 USDC", "20,737.718351 USDC", "-262.281649 USDC"]
    assert table["fees"][1] == "0.315708 USDC"
    assert table["dust fund"][1] == "0.000001 USDC"
    assert table["sum"] == ["23,500.00 USDC", "23,500.00 USDC", "0.00 USDC"]
    assert table["fills"] == ["2", "0"]
    for row in ("cells", "witness", "proof", "proof size", "proven bits", "settlement gas"):
        assert len(table[row]) == 2 and all(table[row]), row
    root = BatchBundle.decode((demo.folder / "batch-2.novate").read_bytes()).statement.new_root
    words = b"".join(element.to_bytes(4, "big") for element in root).hex()
    assert f"State rebuilt from the chain's data alone: 45 words, root 0x{words}" in shown.out
    assert f"novate verify {demo.bundle} --development" in shown.out


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("│").split("│")]


def test_the_folder_holds_a_bundle_for_each_batch(demo: Demo) -> None:
    assert sorted(path.name for path in demo.folder.iterdir()) == [
        "batch-1.novate",
        "batch-2.novate",
    ]


@pytest.mark.usefixtures("pretending")
def test_the_figures_for_machines_are_json_and_nothing_else(tmp_path: Path) -> None:
    shown = invoke("demo", "--json", "--out", tmp_path / "new")
    found = json.loads(shown.out)
    assert shown.status == 0
    assert not shown.err
    assert found["rebuilt_root"] == found["state_root"]
    assert found["balances_e6"]["Alice"] == {"before": 2_500_000_000, "after": 2_761_965_940}
    assert [batch["fills"] for batch in found["batches"]] == [2, 0]
    assert [batch["cells"] for batch in found["batches"]] == [12_345] * 2
    assert all(batch["gas"] > 100_000 for batch in found["batches"])
    assert (tmp_path / "new" / "batch-1.novate").is_file()


@pytest.mark.usefixtures("pretending")
def test_a_chain_that_nobody_runs_is_status_4() -> None:
    shown = invoke("demo", "--chain", "http://127.0.0.1:9")
    assert shown.status == 4
    assert "http://127.0.0.1:9 cannot be used" in shown.err
    assert "next: see whether the node runs and the URL is right, or leave --chain out" in shown.err
    assert "Traceback" not in shown.err


def test_a_chain_is_asked_before_keys_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_early(*_: object, **__: object) -> None:
        raise AssertionError("keys take a while; the chain is asked first")

    monkeypatch.setattr("novate.cli.commands.demo.Machine", too_early)
    with pytest.raises(Unreachable):
        RpcChain("http://127.0.0.1:9")
    assert invoke("demo", "--chain", "http://127.0.0.1:9").status == 4


def test_a_folder_that_is_a_file_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    shown = invoke("demo", "--out", file)
    assert shown.status == 2
    assert "is a file" in shown.err
