"""A real node: the walk of the embedded machines once more, on anvil."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from novate.chain import (
    EmbeddedChain,
    RpcChain,
    Unreachable,
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

pytestmark = pytest.mark.skipif(
    ANVIL is None,
    reason="anvil is not on PATH: npm install @foundry-rs/anvil, then set NOVATE_ANVIL to its path",
)


@pytest.fixture
def node() -> Iterator[RpcChain]:
    """A node of its own, its clock at NOW, with money for the scene's keys."""
    assert ANVIL is not None
    port = 18_545 + os.getpid() % 1_000
    command = [ANVIL, "--port", str(port), "--timestamp", str(NOW - 1_000), "--silent"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        chain = started(f"http://127.0.0.1:{port}")
        chain.set_time(NOW)
        for account in (DEPLOYER, ALICE, BOB, STRANGER):
            chain._node.ask("anvil_setBalance", account.address, hex(10**20))
        yield chain
    finally:
        process.terminate()
        process.wait(10)


def started(url: str) -> RpcChain:
    """The node, as soon as it answers."""
    for _ in range(200):
        try:
            return RpcChain(url)
        except Unreachable:
            time.sleep(0.05)
    raise AssertionError("anvil did not start")


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
