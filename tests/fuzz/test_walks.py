"""Long random walks of the ledger: whatever is sent, money stays, and every batch has its proof.

A walk is a venue from genesis past expiry. Transactions are drawn so that about half are allowed;
what is refused changes nothing, and what a batch took in satisfies every table.
"""

import os
from collections import Counter
from dataclasses import dataclass, replace
from random import Random

from tests.ledger.scene import (
    ALICE,
    BOB,
    CALL,
    CAROL,
    EXPIRY,
    OTHER_PUT,
    OWNERS,
    PUT,
    SECRETS,
    UNLISTED,
    USD,
    Fill,
    deposit,
    genesis,
    order,
    register,
    report,
    settle,
    withdraw,
)

from novate.air import check
from novate.circuits import batch_trace, program
from novate.keys import public_key
from novate.ledger import (
    COLLATERAL_SLOT,
    INSTRUMENTS,
    Applied,
    ChainDeposit,
    ChainRegisterKey,
    Collateral,
    Head,
    Holder,
    OpenBatch,
    Side,
    State,
    SystemSettle,
    Transaction,
    UserTrade,
    UserWithdraw,
    Window,
    advance,
    key_address,
    position_address,
)
from novate.units import Instant, Price, Qty, Rate, bounds

WALKS = max(1, int(os.environ.get("FUZZ_CASES", "100000")) // 2_000)
TRADERS = (ALICE, BOB, CAROL)
INSTRUMENT_IDS = (PUT, CALL, OTHER_PUT, UNLISTED)
SLOTS = 3
"""Few, so that orders, nonces and positions meet again."""
BATCHES_BEFORE, BATCHES_AFTER, TRIES = 4, 3, 40


@dataclass
class Walk:
    """A venue on its way; everything follows from the number of the walk."""

    chance: Random
    said: Counter[str]

    def run(self) -> None:
        """From genesis until after expiry."""
        head = Head.genesis(genesis())
        start_s = EXPIRY.s - 60 * BATCHES_BEFORE
        for _ in range(BATCHES_BEFORE + BATCHES_AFTER):
            end_s = start_s + 60
            head = self._batch(head, Window(Instant(start_s), Instant(end_s)))
            start_s = end_s

    def _batch(self, head: Head, window: Window) -> Head:
        batch = OpenBatch(head, window)
        for _ in range(self.chance.randint(0, TRIES)):
            before = batch.state
            transaction = self._transaction(before)
            match batch.apply(transaction):
                case Applied():
                    self.said[type(transaction).__name__] += 1
                    require_sound(batch.state)
                case refusal:
                    self.said[refusal.code] += 1
                    assert batch.state == before
        closed = batch.close()
        assert check(program(), batch_trace(closed)) == []
        assert advance(head, closed.statement, closed.section.data) == closed.after
        self.said["batches"] += 1
        return closed.after

    def _transaction(self, state: State) -> Transaction:
        if self.chance.randrange(5):
            for account in TRADERS:
                if not state.is_open(account):
                    return deposit(state.venue.cursor, account, 1_000 * USD)
                if key_address(account, 1) not in state.words:
                    return register(state.venue.cursor, account)
        expired = state.window.start >= EXPIRY
        weights = (3, 1, 1 if expired else 12, 3, 5 if expired else 1)
        draws = (self._deposit, self._register, self._trade, self._withdraw, self._settle)
        (draw,) = self.chance.choices(draws, weights)
        return draw(state)

    def _deposit(self, state: State) -> Transaction:
        chance = self.chance
        amount_e6 = chance.choice((0, 1, 7 * USD, 900 * USD, 10**5 * USD, 10**7 * USD))
        if not chance.randrange(30):
            amount_e6 = chance.getrandbits(63)
        asset = int(not chance.randrange(12))
        account = chance.choice(TRADERS)
        # whoever comes first owns an account, and these are to trade
        other = chance.choice((account,) * 9 + TRADERS) if state.is_open(account) else account
        return deposit(self._position(state), account, amount_e6, asset=asset, owner=OWNERS[other])

    def _register(self, state: State) -> Transaction:
        account = self.chance.choice(TRADERS)
        key = public_key(SECRETS[self.chance.choice((account,) * 20 + TRADERS)])
        slot = self.chance.choice((1, 1, 1, 2, 4, 0, 5))
        return register(self._position(state), account, key_slot=slot, key=key)

    def _position(self, state: State) -> int:
        return max(0, state.venue.cursor + self.chance.choice((0,) * 12 + (-1, 1)))

    def _trade(self, state: State) -> Transaction:
        chance = self.chance
        instrument = chance.choice((PUT,) * 6 + INSTRUMENT_IDS)
        price = chance.choice((1, 15_000, 15_001, 333_333) if chance.randrange(12) else (0,))
        size = chance.choice((1, 333, 333, 1_000, 1_001))
        if not chance.randrange(10):
            size = chance.choice((0, (1 << bounds.QTY_BITS) - 1))
        buyer, seller = (chance.sample if chance.randrange(9) else chance.choices)(TRADERS, k=2)
        sides = [(buyer, Side.BUY), (seller, Side.SELL)]
        if not chance.randrange(15):
            sides[1] = (seller, Side.BUY)
        chance.shuffle(sides)
        maker, taker = (
            order(
                account,
                side,
                instrument=instrument if chance.randrange(20) else chance.choice(INSTRUMENT_IDS),
                limit=Price(chance.choice((price,) * 12 + (15_000, 400_000, 1))),
                size=Qty(chance.choice((size, size, 2_000, 5_000, 5_000))),
                fee_cap=Rate(chance.choice((1_000,) * 9 + (400,))),
                expiry=Instant(EXPIRY.s + chance.choice((10**4,) * 9 + (-(10**4),))),
                order_slot=chance.randrange(SLOTS),
                nonce=1 + state.venue.cursor // 2 + chance.randrange(-1, 3) ** 2,
            )
            for account, side in sides
        )
        slots = (chance.randrange(SLOTS), chance.randrange(SLOTS))
        if not chance.randrange(20):
            maker = replace(maker, signature=taker.signature)
        return Fill(maker, taker, price_e3=price, size_e3=size, slots=slots).trade

    def _withdraw(self, state: State) -> Transaction:
        chance = self.chance
        account = chance.choice(TRADERS)
        free_e6 = state.collateral(account).free_e6
        amount_e6 = chance.choice((0, 1, free_e6, free_e6 + 1, free_e6 // 3))
        expiry = Instant(state.window.end.s + chance.choice((0, 0, 0, 60, -1)))
        return withdraw(
            account,
            amount_e6,
            asset=int(not chance.randrange(12)),
            expiry=expiry,
            order_slot=chance.randrange(SLOTS),
            nonce=1 + state.venue.cursor // 2 + chance.randint(0, 9),
        )

    def _settle(self, state: State) -> Transaction:
        chance = self.chance
        instrument = chance.choice(INSTRUMENT_IDS)
        holders = [
            Holder(account, slot)
            for account in TRADERS
            for slot in range(SLOTS)
            if state.word(position_address(account, slot))[0] == instrument
        ]
        chance.shuffle(holders)
        if not chance.randrange(6) and holders:
            holders = chance.choice((holders[1:], [*holders, holders[0]]))
        published_at = Instant(state.window.end.s - chance.choice((0, 0, 1, 59, 601)))
        prices = (0, 79_999_999, 84_000_000, 84_999_999, 85_000_000, 90_000_001)
        signers = chance.sample(range(3), chance.choice((0, 1, 2, 2, 3, 3)))
        if not chance.randrange(12) and signers:
            signers.append(signers[0])
        reports = tuple(
            report(
                signer,
                chance.choice(prices[1:] if chance.randrange(9) else prices),
                published_at=published_at,
                underlying=1 + int(not chance.randrange(15)),
            )
            for signer in signers
        )
        return settle(instrument=instrument, reports=reports, holders=tuple(holders))


def require_sound(state: State) -> None:
    """Money is where it was, and every lock is covered."""
    held = [
        Collateral.decode(word)
        for address, word in state.words.items()
        if address.slot == COLLATERAL_SLOT and address.account < INSTRUMENTS
    ]
    assert sum(collateral.balance_e6 for collateral in held) == state.venue.supply_e6
    assert all(0 <= one.locked_e6 <= one.balance_e6 < 1 << bounds.USD_BITS for one in held)


def test_whatever_is_sent_money_stays_and_every_batch_satisfies_the_tables() -> None:
    said = Counter[str]()
    for number in range(WALKS):
        try:
            Walk(Random(f"walk {number}"), said).run()
        except AssertionError as error:
            raise AssertionError(f"walk {number}: {error}") from error
    print(f"\n{WALKS} walks: {dict(said)}")
    kinds = (ChainDeposit, ChainRegisterKey, UserTrade, UserWithdraw, SystemSettle)
    assert all(said[kind.__name__] for kind in kinds) or WALKS < 5
    assert len(said) > 25 or WALKS < 5
