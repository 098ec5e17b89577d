"""Honest batches that use every table in many ways: what the attacks start from."""

from collections.abc import Iterable
from functools import lru_cache

from tests.ledger.scene import (
    AFTER,
    ALICE,
    BEFORE,
    BOB,
    CAROL,
    OTHER_PUT,
    PUT,
    USD,
    Fill,
    deposit,
    fill,
    genesis,
    order,
    register,
    report,
    settle,
    withdraw,
)

from novate.air import Trace
from novate.circuits import batch_trace
from novate.ledger import Applied, Batch, Head, Holder, OpenBatch, Side, Transaction, Window
from novate.units import Instant


def batch_of(head: Head, window: Window, transactions: Iterable[Transaction]) -> Batch:
    """A closed batch of transactions that the ledger accepts."""
    batch = OpenBatch(head, window)
    for transaction in transactions:
        result = batch.apply(transaction)
        assert isinstance(result, Applied), result.rejection
    return batch.close()


def _fills() -> Iterable[Transaction]:
    """Makers who buy and makers who sell; orders resumed, replaced, used up; positions opened,
    raised, turned over and closed."""
    bid, offer = order(ALICE, Side.BUY), order(BOB, Side.SELL)
    yield fill(maker=bid, taker=offer, size_e3=333)
    yield fill(maker=bid, taker=offer, size_e3=334)
    offered = order(ALICE, Side.SELL, order_slot=3, nonce=7)
    yield Fill(offered, order(CAROL, Side.BUY, order_slot=127, nonce=2), size_e3=1_000).trade
    back = order(ALICE, Side.BUY, order_slot=3, nonce=8)
    yield Fill(back, order(BOB, Side.SELL, nonce=2), size_e3=333).trade
    other = {"instrument": OTHER_PUT, "order_slot": 5}
    yield Fill(order(BOB, Side.SELL, **other), order(CAROL, Side.BUY, **other), slots=(1, 1)).trade


@lru_cache(maxsize=1)
def batches() -> tuple[Batch, Batch]:
    """A batch before expiry and one after it."""
    accounts = (ALICE, BOB, CAROL)
    opening = [
        *(deposit(i, account, 200_000 * USD) for i, account in enumerate(accounts)),
        *(register(3 + i, account) for i, account in enumerate(accounts)),
        deposit(6, BOB, 70_000 * USD),
    ]
    before = batch_of(Head.genesis(genesis()), BEFORE, [*opening, *_fills(), withdraw(CAROL, 5)])
    late = Instant(AFTER.end.s)
    others = (Holder(BOB, 1), Holder(CAROL, 1))
    closing: list[Transaction] = [
        settle(
            instrument=PUT,
            reports=tuple(report(i, 84_000_001 + i) for i in range(3)),
            holders=(Holder(BOB, 0), Holder(CAROL, 0)),
        ),
        settle(instrument=OTHER_PUT, holders=others),
        withdraw(CAROL, 1_000, expiry=late, nonce=2),
        withdraw(BOB, 7, expiry=late),
    ]
    return before, batch_of(before.after, AFTER, closing)


@lru_cache(maxsize=1)
def traces() -> tuple[Trace, Trace]:
    """Their traces, satisfied."""
    before, after = batches()
    return batch_trace(before), batch_trace(after)
