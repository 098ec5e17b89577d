"""A real node: the walk of the embedded machines once more, on anvil."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import islice

import pytest

from novate.chain import (
    EmbeddedChain,
    RpcChain,
    attach,
    claim,
    read_batches,
    read_inbox,
    register_key,
)

from .model import chunk_record
from .scene import (
    ALICE,
    BOB,
    DEPLOYER,
    NOW,
    STRANGER,
    USD,
    A,
    B,
    Scene,
    opened,
    refused,
)

ANVIL = os.environ.get("NOVATE_ANVIL") or shutil.which("anvil")

LISTENING = re.compile(r"Listening on (\S+)")

pytestmark = pytest.mark.skipif(
    ANVIL is None,
    reason="anvil is not on PATH: npm install -g @foundry-rs/anvil, or name it in NOVATE_ANVIL",
)


@pytest.fixture
def node() -> Iterator[RpcChain]:
    """A node of its own on a free port, its clock at NOW, with money for the scene's keys."""
    assert ANVIL is not None
    command = [ANVIL, "--port", "0", "--timestamp", str(NOW - 1_000)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            (place,) = islice(filter(None, map(LISTENING.match, process.stdout)), 1)
            chain = RpcChain(f"http://{place[1]}")
            chain.set_time(NOW)
            for account in (DEPLOYER, ALICE, BOB, STRANGER):
                chain._node.ask("anvil_setBalance", account.address, hex(10**20))
            yield chain
        finally:
            process.terminate()


def walk(scene: Scene) -> list[tuple[str, int]]:
    """Deposit, register, settle, claim; the gas of each."""
    gas = [("first deposit", scene.fund(ALICE, 1_000 * USD).gas_used)]
    gas += [("deposit", scene.fund(ALICE, 500 * USD).gas_used)]
    x, y = 2**255 + 12345, 2**254 + 54321
    registered = register_key(scene.deployment, ALICE, slot=1, x=x, y=y, deadline=NOW + 3_600)
    scene.key(1, 1, A, x, y)
    gas += [("register", registered.receipt.gas_used)]
    window = {"window_start": NOW - 50, "window_end": NOW}
    chunks = [chunk_record(i, 8, [2013265920] * 8) for i in range(40)]
    batch = scene.claim(pays=[(A, 100 * USD)]).but(chunks=chunks, **window)
    gas += [("settle", scene.settle(batch).gas_used)]
    gas += [("claim", claim(scene.deployment, ALICE, recipient=B).receipt.gas_used)]
    return gas


def test_a_node_and_the_embedded_chain_agree_on_state_data_and_gas(node: RpcChain) -> None:
    real, embedded = opened(node), opened(EmbeddedChain(timestamp=NOW))
    assert walk(real) == walk(embedded)
    assert real.deployment.state_root == embedded.deployment.state_root
    found = read_batches(attach(node, real.deployment.settlement.address))
    told = read_batches(embedded.deployment)
    assert [batch.posting for batch in found] == [batch.posting for batch in told]
    there, here = read_inbox(real.deployment), read_inbox(embedded.deployment)
    assert [entry.record for entry in there] == [entry.record for entry in here]
    assert real.deployment.token.call("balanceOf", B) == 100 * USD


def test_a_refusal_on_a_node_carries_the_reason_and_costs_nothing(node: RpcChain) -> None:
    scene = opened(node)
    nonce = node.nonce(A)
    with refused("nothing to claim"):
        claim(scene.deployment, ALICE)
    with refused("amount is zero"):
        scene.deployment.vault.call("deposit", A, 0)
    assert node.nonce(A) == nonce


def test_a_transaction_that_fails_after_all_is_told(node: RpcChain) -> None:
    """The estimate was made on a state that is gone when the transaction is mined."""
    scene = opened(node)
    ask, nonce = node._node.ask, node.nonce(A)

    def hopeful(method: str, *parameters: object) -> object:
        return hex(200_000) if method == "eth_estimateGas" else ask(method, *parameters)

    node._node.ask = hopeful  # type: ignore[method-assign]
    with refused("nothing to claim"):
        claim(scene.deployment, ALICE)
    assert node.nonce(A) == nonce + 1
