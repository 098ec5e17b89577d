"""The end of the demo: what was owned before is owned after, by somebody."""

import json
from pathlib import Path

import pytest

from .scene import invoke


@pytest.mark.usefixtures("pretending")
def test_the_balances_sum_to_what_was_there(tmp_path: Path) -> None:
    found = json.loads(invoke("demo", "--json", "--out", tmp_path).out)["balances_e6"]
    assert list(found) == ["Alice", "Bob", "fees", "dust fund"]
    before, after = (sum(purse[when] for purse in found.values()) for when in ("before", "after"))
    assert before == after == 23_500 * 10**6


@pytest.mark.usefixtures("pretending")
def test_every_figure_of_a_batch_is_there(tmp_path: Path) -> None:
    batches = json.loads(invoke("demo", "--json", "--out", tmp_path).out)["batches"]
    for number, batch in enumerate(batches, start=1):
        assert batch["batch_number"] == number
        assert batch.keys() >= {
            *("transactions", "fills", "changed_words", "cells", "gas"),
            *("witness_seconds", "proof_seconds", "verification_seconds", "attestation_seconds"),
            *("proof_bytes", "data_bytes"),
        }
