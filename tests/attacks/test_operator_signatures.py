"""Signatures that nobody made: an operator shows what he has instead, and has no proof."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from tests.ledger.scene import (
    AFTER,
    ALICE,
    BOB,
    DOMAIN,
    PUBLISHERS,
    SECRETS,
    USD,
    Fill,
    expired,
    fill,
    opened,
    order,
    register,
    report,
    settle,
    traded,
    withdraw,
)

from novate.circuits.batch import Rows, _signed_message, signed_messages
from novate.circuits.secp256k1 import signature_rows
from novate.circuits.signed_message import SignedMessage
from novate.circuits.sponge import States
from novate.keys import Domain, Signature, public_key
from novate.ledger import (
    Batch,
    Message,
    MessageTag,
    Side,
    Signed,
    State,
    Transaction,
    UserWithdraw,
    Window,
    message_digest,
    sign,
)
from novate.units import IndexPrice

from .scene import DishonestBatch, Forgery, Operator, edited

MALLORY = bytes([0x66]) * 32
"""A key of the operator's own."""
NOT_OF_Z = {f"element {i} of the digest is of z" for i in range(8)}
TABLE = SignedMessage.name


@dataclass(frozen=True)
class Bearer:
    """A transaction that relies on one signed message more than the operator has."""

    honest: Transaction
    with_message: Callable[[Signed[Any]], Transaction]
    signed: Signed[Any]
    """The true one."""
    secret: bytes
    """Its signer's, whose other messages the operator has seen."""
    other: Message
    """Such another message."""
    table: str
    key_column: str
    """Where its rows say whose key it is."""
    where: str
    """The bus that knows whose key it must be."""
    state: State
    window: Window

    def batch(self, signed: Signed[Any]) -> Batch:
        """The honest transaction applied; shown, one that relies on this."""
        cheat = DishonestBatch.on(self.state, window=self.window)
        cheat.as_if(self.with_message(signed), self.honest)
        return cheat.close()


def bearers() -> dict[str, Bearer]:
    """Each transaction that relies on a signature, for each signer of it."""
    bid, offer = order(ALICE, Side.BUY), order(BOB, Side.SELL)
    request, first = withdraw(ALICE, USD).request, report(0)
    before = {"state": opened(), "window": opened().window}
    after = {"state": expired(traded()), "window": AFTER}
    return {
        "maker's order": Bearer(
            fill(), lambda s: Fill(s, offer).trade, bid, SECRETS[ALICE],
            replace(bid.message, nonce=7), "user_trade", "maker_key", "bus memory", **before,
        ),
        "taker's order": Bearer(
            fill(), lambda s: Fill(bid, s).trade, offer, SECRETS[BOB],
            replace(offer.message, nonce=7), "user_trade", "taker_key", "bus memory", **before,
        ),
        "request": Bearer(
            withdraw(ALICE, USD), lambda s: UserWithdraw(s, 1), request, SECRETS[ALICE],
            replace(request.message, nonce=7), "user_withdraw", "key", "bus memory", **before,
        ),
        "report": Bearer(
            settle(), lambda s: settle(reports=(s, report(1))), first, PUBLISHERS[0],
            replace(first.message, index=IndexPrice(1)),
            "settlement_report", "key", "bus publisher", **after,
        ),
    }  # fmt: skip


BEARERS = bearers()


@pytest.fixture(params=BEARERS)
def bearer(request: pytest.FixtureRequest) -> Bearer:
    """A transaction and the message it needs."""
    return BEARERS[request.param]


def place_of(bearer: Bearer, batch: Batch) -> int:
    """The row of the message among the signed ones."""
    return [s.message for s in signed_messages(batch)].index(bearer.signed.message)


def others_than(bearer: Bearer, batch: Batch) -> list[Signed[Any]]:
    """The other signed messages of the batch, whose signatures the operator has."""
    place = place_of(bearer, batch)
    return [signed for i, signed in enumerate(signed_messages(batch)) if i != place]


def test_the_true_signature_has_a_proof(operator: Operator, bearer: Bearer) -> None:
    operator.proves(bearer.batch(bearer.signed))


@pytest.mark.parametrize("signature", [Signature(1, 1), Signature(0, 0)])
def test_no_signature_is_no_signature(
    operator: Operator, bearer: Bearer, signature: Signature
) -> None:
    forged = replace(bearer.signed, signature=signature)
    assert operator.refused_by(bearer.batch(forged)) == {"bus signature"}


def test_a_message_that_is_not_even_shown_is_not_signed(operator: Operator, bearer: Bearer) -> None:
    batch = bearer.batch(bearer.signed)
    place = place_of(bearer, batch)

    def unshown(rows: Rows) -> None:
        del rows[TABLE][place]

    assert operator.refused_by(batch, unshown) == {"bus signed"}


def test_a_signature_of_another_key_is_that_of_another_key(
    operator: Operator, bearer: Bearer
) -> None:
    mine = sign(DOMAIN, bearer.signed.message, MALLORY)
    batch = bearer.batch(bearer.signed)
    place, others = place_of(bearer, batch), others_than(bearer, batch)
    key = mine.key.commitment

    def renamed(rows: Rows) -> None:
        rows[bearer.table][0][bearer.key_column] = key
        rows[TABLE][place]["key"] = key

    found = operator.refused_by(batch, renamed, forgery=Forgery(vouched=[mine, *others]))
    assert found == {bearer.where}


def test_a_key_is_not_shown_as_another(operator: Operator, bearer: Bearer) -> None:
    mine = sign(DOMAIN, bearer.signed.message, MALLORY)
    batch = bearer.batch(bearer.signed)
    others = others_than(bearer, batch)

    def renamed(signatures: dict[str, Any]) -> None:
        signatures["signature"]["key"][0] = bearer.signed.key.commitment

    forgery = Forgery(vouched=[mine, *others], columns=renamed)
    assert operator.refused_by(batch, forgery=forgery) == {"bus permutation"}


def as_bytes(digest: Any) -> np.ndarray:
    """A digest as the integer that is signed, least significant byte first."""
    octets = b"".join(int(element).to_bytes(4, "little") for element in reversed(digest))
    return np.frombuffer(octets, dtype=np.uint8)


@pytest.mark.parametrize("whole", [False, True])
def test_a_signature_of_another_message_is_not_this_one(
    operator: Operator, bearer: Bearer, whole: bool
) -> None:
    replayed = sign(DOMAIN, bearer.other, bearer.secret)
    batch = bearer.batch(bearer.signed)
    others = others_than(bearer, batch)
    digest = message_digest(DOMAIN, bearer.signed.message)

    def relabelled(signatures: dict[str, Any]) -> None:
        signatures["signature"]["digest"][0] = digest
        if whole:
            z = signatures["signature"]["z"].copy()
            z[0] = as_bytes(digest)
            signatures["signature"]["z"] = z

    forgery = Forgery(vouched=[replayed, *others], columns=relabelled)
    found = operator.refused_by(batch, forgery=forgery)
    if whole:
        assert found == {"2*s*E + z*b = 0"}
    else:
        assert found and found <= NOT_OF_Z | {f"element {i} is canonical" for i in range(8)}


ELSEWHERE = {
    "another chain": replace(DOMAIN, chain_id=1),
    "another contract": Domain(DOMAIN.chain_id, bytes(20)),
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_message_for_another_venue_is_not_signed_for_this_one(
    operator: Operator, bearer: Bearer, where: str
) -> None:
    elsewhere = sign(ELSEWHERE[where], bearer.signed.message, bearer.secret)
    assert operator.refused_by(bearer.batch(elsewhere)) == {"bus signature"}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_message_says_for_which_venue_it_is(
    operator: Operator, bearer: Bearer, where: str
) -> None:
    domain = ELSEWHERE[where]
    elsewhere = sign(domain, bearer.signed.message, bearer.secret)
    batch = bearer.batch(bearer.signed)
    place, others = place_of(bearer, batch), others_than(bearer, batch)
    states = States()
    row = _signed_message(domain, elsewhere, states)
    valid = signature_rows(domain, [elsewhere], states)

    def there(rows: Rows) -> None:
        rows[TABLE][place] = row
        rows["poseidon2"] += [{"state": state} for state in states]

    def over_that(signatures: dict[str, Any]) -> None:
        for table, columns in valid.items():
            for name in set(columns) - {"signature"}:
                mended = signatures[table][name].copy()
                mended[: len(columns[name])] = columns[name]
                signatures[table][name] = mended

    forgery = Forgery(vouched=[bearer.signed, *others], columns=over_that)
    assert operator.refused_by(batch, there, forgery=forgery) == {"bus domain"}


CHANGED = {
    "maker's order": [
        {"maker_limit": 15_001}, {"maker_order_size": 2_001}, {"maker_fee_cap": 1_001},
        {"maker_nonce": 2}, {"maker_order_slot": 1}, {"maker_account": 3},
        {"maker_order_expiry": 1_766_736_001}, {"instrument": 3}, {"maker_buys": 0},
    ],
    "request": [
        {"amount": 2 * USD}, {"nonce": 2}, {"order_slot": 8}, {"account": 2},
        {"expiry": 1_766_736_001},
    ],
    "report": [
        {"index": 84_000_001}, {"published_at": 1_766_736_031}, {"underlying": 2},
        {"expiry": 1_766_735_999},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change"), [(name, change) for name, changes in CHANGED.items() for change in changes]
)
def test_every_field_of_a_message_is_signed(
    operator: Operator, name: str, change: dict[str, Any]
) -> None:
    bearer = BEARERS[name]
    found = operator.refused_by(bearer.batch(bearer.signed), edited(bearer.table, **change))
    assert "bus signed" in found


def test_a_request_is_no_order(operator: Operator) -> None:
    bearer = BEARERS["request"]
    batch = bearer.batch(bearer.signed)
    assert operator.refused_by(batch, edited(TABLE, tag=int(MessageTag.ORDER))) >= {"bus signed"}


def test_a_key_of_another_slot_does_not_sign(operator: Operator) -> None:
    bearer = BEARERS["request"]
    cheat = DishonestBatch.on(bearer.state)
    cheat.as_if(UserWithdraw(bearer.signed, 2), bearer.honest)
    assert operator.refused_by(cheat.close()) == {"bus signed"}
    named = edited(bearer.table, key=bearer.signed.key.commitment)
    assert operator.refused_by(cheat.close(), named) == {"bus memory"}


def test_a_replaced_key_signs_no_more(operator: Operator) -> None:
    bearer = BEARERS["request"]
    cheat = DishonestBatch.on(bearer.state)
    cheat.honest(register(6, ALICE, key=public_key(MALLORY)))
    old = {  # the ledger would refuse, so it is told that nothing was replaced
        at: bearer.state.word(at) for at in cheat.state.words if at == (ALICE, 1)
    }
    cheat.as_if(bearer.with_message(bearer.signed), bearer.honest, meanwhile=old)
    assert operator.refused_by(cheat.close()) == {"bus signed"}
    named = edited(bearer.table, key=bearer.signed.key.commitment)
    assert operator.refused_by(cheat.close(), named) == {"bus memory"}
