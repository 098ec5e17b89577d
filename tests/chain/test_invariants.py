"""What always holds of the contracts, after any sequence of calls."""

import random
from dataclasses import dataclass, field

import pytest
from eth_account import Account

from novate.chain import EmbeddedChain, Reverted, address_of, claim, register_key

from .scene import NOW, USD, Scene, opened

OWNERS = [Account.from_key(bytes([i]) * 32) for i in range(41, 45)]
ADDRESSES = [address_of(owner) for owner in OWNERS]


@dataclass
class Books:
    """The same system kept as a few numbers."""

    scene: Scene
    deposited: int = 0
    supply: int = 0
    cursor: int = 0
    claimable: dict[bytes, int] = field(default_factory=lambda: dict.fromkeys(ADDRESSES, 0))
    wallets: dict[bytes, int] = field(default_factory=lambda: dict.fromkeys(ADDRESSES, 0))
    batches: int = 0

    def agree(self) -> None:
        """Compare every number with the contracts."""
        d = self.scene.deployment
        credited = sum(self.claimable.values())
        owed = self.deposited - sum(self.wallets.values())
        assert d.vault.call("liabilities") == owed
        assert d.vault.call("credited") == credited <= owed
        assert d.token.call("balanceOf", d.vault.address) >= owed
        for owner in ADDRESSES:
            assert d.vault.call("claimable", owner) == self.claimable[owner]
            assert d.token.call("balanceOf", owner) == self.wallets[owner]
        # What is inside, what waits in the inbox and what can be claimed is what is owed.
        waiting = sum(_amount(record) for record in self.scene.inbox[self.cursor :])
        assert self.supply + waiting + credited == owed
        assert d.settlement.call("supply") == self.supply
        assert d.settlement.call("inbox_position") == self.cursor <= d.inbox.call("size")
        assert d.inbox.call("size") == len(self.scene.inbox)
        assert d.batch_number == self.batches


def _amount(record: list[list[int]]) -> int:
    if record[0][0] != 1:
        return 0
    return sum(limb << 16 * i for i, limb in enumerate(record[1][2:6]))


def step(books: Books, chance: random.Random) -> None:
    """One call that is allowed, or one that is not."""
    scene, who = books.scene, chance.randrange(len(OWNERS))
    owner, address = OWNERS[who], ADDRESSES[who]
    match chance.randrange(6):
        case 0 | 1:
            amount = chance.randrange(1, 1_000 * USD)
            scene.fund(owner, amount)
            books.deposited += amount
        case 2 | 3:
            upto = chance.randint(books.cursor, len(scene.inbox))
            incoming = sum(_amount(record) for record in scene.inbox[books.cursor : upto])
            left = books.supply + incoming
            pays = []
            for receiver in chance.sample(ADDRESSES, chance.randrange(4)):
                amount = chance.randint(0, left)
                pays.append((receiver, amount))
                left -= amount
            scene.settle(scene.claim(upto=upto, pays=pays))
            books.supply, books.cursor, books.batches = left, upto, books.batches + 1
            for receiver, amount in pays:
                books.claimable[receiver] += amount
        case 4:
            if books.claimable[address]:
                books.wallets[address] += claim(scene.deployment, owner).amount_e6
                books.claimable[address] = 0
            else:
                with pytest.raises(Reverted):
                    claim(scene.deployment, owner)
        case _:
            account = scene.deployment.inbox.call("account_of", address)
            if account:
                x, y = chance.getrandbits(256), chance.getrandbits(256)
                register_key(scene.deployment, owner, slot=1, x=x, y=y, deadline=NOW)
                scene.key(account, 1, address, x, y)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_owed_that_is_not_held_and_nothing_is_counted_twice(seed: int) -> None:
    books, chance = Books(opened(EmbeddedChain(timestamp=NOW))), random.Random(seed)
    for _ in range(60):
        step(books, chance)
        books.agree()
