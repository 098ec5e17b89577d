"""The embedded machines: both give the same answers, addresses, logs and gas."""

from dataclasses import replace

import pytest

from novate.chain import EmbeddedChain, Halted, Reverted, address_of, claim, register_key

from .scene import ALICE, BOB, DEPLOYER, NOW, STRANGER, USD, A, B, Scene, mock, opened, refused


def walk(chain: EmbeddedChain) -> list[object]:
    """Everything from creation to payment, with one refusal on the way."""
    scene = opened(chain)
    told: list[object] = [scene.fund(ALICE, 1_000 * USD), scene.fund(BOB, 500 * USD)]
    registered = register_key(scene.deployment, ALICE, slot=1, x=2**255, y=3, deadline=NOW)
    scene.key(1, 1, A, 2**255, 3)
    told += [registered, scene.settle(scene.claim(upto=1))]
    with refused("batch number: got 9, allowed 2") as _:
        scene.settle(scene.claim().but(batch_number=9))
    chain.set_time(NOW + 100)
    told += [scene.settle(scene.claim(pays=[(A, 100 * USD), (B, 1)]))]
    told += [claim(scene.deployment, ALICE, recipient=B)]
    told += [scene.deployment.state_root, scene.deployment.token.call("balanceOf", B)]
    told += [
        chain.logs(address=scene.deployment.settlement.address, topic=topic)
        for topic in (scene.deployment.settlement.interface.topic("BatchSettled"),)
    ]
    told += [chain.nonce(address_of(account)) for account in (DEPLOYER, ALICE, BOB, STRANGER)]
    return told


def test_both_machines_tell_the_same_story_to_the_last_unit_of_gas() -> None:
    pytest.importorskip("pyrevm", reason="pyrevm has no wheel for this platform")
    first = walk(EmbeddedChain(timestamp=NOW, machine="pyrevm"))
    second = walk(EmbeddedChain(timestamp=NOW, machine="py-evm"))
    assert first == second


@pytest.fixture(params=["pyrevm", "py-evm"])
def chain(request: pytest.FixtureRequest) -> EmbeddedChain:
    if request.param == "pyrevm":
        pytest.importorskip("pyrevm", reason="pyrevm has no wheel for this platform")
    return EmbeddedChain(timestamp=NOW, machine=request.param)


def test_a_second_transaction_is_priced_like_the_first(chain: EmbeddedChain) -> None:
    """Nothing that one transaction touched is warm for the next."""
    token = mock(chain, "SilentToken")
    token.send("mint", A, 5, sender=DEPLOYER)
    gas = [token.send("mint", A, 5, sender=DEPLOYER).gas_used for _ in range(3)]
    assert gas[0] == gas[1] == gas[2]


def test_views_and_refusals_leave_no_trace(chain: EmbeddedChain) -> None:
    token = mock(chain, "SilentToken")
    before, nonce = chain.block(), chain.nonce(bytes(20))
    token.call("mint", A, 5)
    with pytest.raises(Reverted):
        token.send("transfer", B, 1, sender=ALICE)
    assert token.call("balanceOf", A) == token.call("balanceOf", B) == 0
    assert chain.block() == before
    assert chain.nonce(bytes(20)) == nonce


def test_every_transaction_is_a_block_and_time_stands_still(chain: EmbeddedChain) -> None:
    token = mock(chain, "SilentToken")
    number = chain.block().number
    token.send("mint", A, 5, sender=DEPLOYER)
    assert chain.block() == replace(chain.block(), number=number + 1, timestamp=NOW)
    chain.set_time(NOW + 9)
    assert chain.block().timestamp == NOW + 9
    with pytest.raises(AssertionError, match="backwards"):
        chain.set_time(NOW)


def test_code_that_cannot_run_is_named(chain: EmbeddedChain) -> None:
    # INVALID as creation code: all gas is gone, and no reason is left.
    with pytest.raises(Halted, match="contract creation stopped"):
        chain.send(sender=DEPLOYER, to=None, data=bytes.fromhex("fe"))
    assert chain.nonce(address_of(DEPLOYER)) == 1


def test_chains_know_their_number(chain: EmbeddedChain) -> None:
    assert chain.chain_id == 31337
    scene: Scene = opened(chain)
    assert scene.chain is chain
