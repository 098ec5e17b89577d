"""The walk keeps every promise of the ledger, and ends in the same root each time."""

import pytest

from novate.chain import EmbeddedChain, Reverted
from novate.field import word_bytes
from novate.ledger import Position, Rejected
from novate.nodes import FILLS, OFFERED, LateChain, Walk
from novate.units import Qty, Usd

from .scene import accepted, begun, believer, bundle_of, paid_out, settled, traded

FINAL_ROOT = "5cfe59c435ab81886d61a38d23dd3655407aefec660df805570ccaf20e0d6132"
"""Of the whole walk on a fresh embedded chain: another one means that the protocol has changed."""


def test_the_walk_ends_in_the_same_root_each_time() -> None:
    walk = begun()
    settled(walk, bundle_of(traded(walk)))
    settled(walk, bundle_of(paid_out(walk)))
    assert word_bytes(walk.deployment.state_root).hex() == FINAL_ROOT


def test_money_is_only_moved() -> None:
    walk = begun()
    settled(walk, bundle_of(traded(walk)))
    settled(walk, bundle_of(paid_out(walk)))
    for person in walk.people:
        walk.claim(person)
    state = walk.sequencer.head.state
    left_e6 = state.fees.balance_e6 + state.fund.balance_e6
    owned_e6 = sum(person.wallet.tokens.e6 for person in walk.people)
    assert owned_e6 + left_e6 == sum(person.money.e6 for person in walk.people)
    assert state.venue.supply_e6 == left_e6
    vault = walk.deployment.vault.address
    assert walk.deployment.token.call("balanceOf", vault) == left_e6
    assert state.fund.balance_e6 == 1, "the sizes are chosen so that the payoff rounds"


def test_one_offer_is_filled_in_part_and_then_further() -> None:
    walk = begun()
    offer = walk.offer()
    account, slot = walk.writer.trader.account, offer.message.order_slot
    filled_e3 = 0
    for order_slot, size in enumerate(FILLS):
        accepted(walk.fill(offer, walk.bid(size, order_slot=order_slot), size))
        filled_e3 += size.e3
        state = walk.sequencer.batch.state
        assert state.order_slot(account, slot).filled_before_e3(1) == filled_e3
    assert 0 < filled_e3 < OFFERED.e3


def test_a_bid_that_is_filled_cannot_be_played_again() -> None:
    walk = begun()
    offer, bid = walk.offer(), walk.bid(FILLS[0], order_slot=0)
    accepted(walk.fill(offer, bid, FILLS[0]))
    again = walk.fill(offer, bid, Qty(1))
    assert isinstance(again, Rejected)
    assert again.code == "overfill"


def test_what_is_locked_for_the_strike_stays() -> None:
    walk = begun()
    offer, bid = walk.offer(), walk.bid(FILLS[0], order_slot=0)
    accepted(walk.fill(offer, bid, FILLS[0]))
    free = walk.free(walk.writer)
    refused = walk.withdraw(walk.writer, Usd(free.e6 + 1))
    assert isinstance(refused, Rejected)
    assert refused.code == "insufficient_collateral"
    accepted(walk.withdraw(walk.writer, free))


def test_after_the_payout_nobody_holds_anything() -> None:
    walk = begun()
    settled(walk, bundle_of(traded(walk)))
    batch = paid_out(walk)
    for person in walk.people:
        assert batch.after.state.position(person.trader.account, 0) == Position()
        assert batch.after.state.collateral(person.trader.account).balance_e6 == 0


def test_nothing_is_claimable_before_the_batch_is_settled_nor_twice_after() -> None:
    walk = begun()
    settled(walk, bundle_of(traded(walk)))
    bundle = bundle_of(paid_out(walk))
    assert walk.buyer.wallet.claimable == Usd(0)
    settled(walk, bundle)
    assert walk.buyer.wallet.claimable == Usd(2_261_965_940)
    walk.claim(walk.buyer)
    with pytest.raises(Reverted):
        walk.claim(walk.buyer)


def test_a_chain_whose_clock_is_past_the_expiry_is_refused() -> None:
    expiry = begun().quote.option.expiry
    with pytest.raises(LateChain, match="2025-12-26 08:00:00 UTC"):
        Walk(EmbeddedChain(timestamp=expiry.s), believer())
