"""Batches read back from the chain, by whoever has its logs."""

import pytest

from novate.chain import EmbeddedChain, Inconsistent, Log, attach, read_batches

from .scene import ALICE, GENESIS, NOW, USD, A, B, Scene, mock, opened, posting


def test_batches_come_back_as_they_were_posted(funded: Scene) -> None:
    first = funded.claim(upto=1)
    funded.settle(first)
    second = funded.claim(pays=[(A, 5), (B, 6)])
    funded.settle(second)
    found = read_batches(attach(funded.chain, funded.deployment.settlement.address))
    assert [batch.posting for batch in found] == [posting(first), posting(second)]
    assert [batch.statement_hash for batch in found] == [first.hash, second.hash]
    assert [list(batch.old_root) for batch in found] == [GENESIS, first.new_root]
    assert [(batch.inbox_from, batch.chunks) for batch in found] == [(0, 1), (1, 1)]


def test_nothing_settled_is_nothing_read(scene: Scene) -> None:
    assert read_batches(scene.deployment) == ()


def test_a_batch_without_data_comes_back(scene: Scene) -> None:
    scene.settle(scene.claim().but(chunks=[]))
    assert read_batches(scene.deployment)[0].posting.data == b""


def test_data_posted_through_another_contract_is_found_all_the_same(funded: Scene) -> None:
    """Anyone may settle, also a contract whose transaction says nothing readable."""
    claim = funded.claim()
    d = funded.deployment
    call = d.settlement.interface.call(
        "settle", (posting(claim).header, claim.data, funded.proof(claim))
    )
    mock(funded.chain, "Door").send("forward", d.settlement.address, call, sender=ALICE)
    assert read_batches(d)[0].posting.data == claim.data


class Forgetful(EmbeddedChain):
    """A chain whose node leaves out the n-th log of each query."""

    lost: int | None = None

    def logs(self, *, address: bytes, topic: bytes, from_block: int = 0) -> tuple[Log, ...]:
        found = super().logs(address=address, topic=topic, from_block=from_block)
        return tuple(log for i, log in enumerate(found) if i != self.lost)


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_node_that_leaves_a_batch_out_is_found_out(lost: int) -> None:
    chain = Forgetful(timestamp=NOW)
    made = opened(chain)
    made.fund(ALICE, USD)
    for _ in range(3):
        made.settle(made.claim())
    assert len(read_batches(made.deployment)) == 3
    chain.lost = lost
    with pytest.raises(Inconsistent):
        read_batches(made.deployment)
