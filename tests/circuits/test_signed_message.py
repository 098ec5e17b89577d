"""Signed messages in the circuit: one digest of everything, for one venue, under one key."""

from dataclasses import replace
from typing import Any

import pytest
from tests.ledger.scene import (
    AFTER,
    ALICE,
    DOMAIN,
    SECRETS,
    USD,
    fill,
    opened,
    order,
    report,
    settle,
    traded,
    withdraw,
)

from novate.circuits.batch import signed_messages
from novate.circuits.poseidon2 import Poseidon2
from novate.circuits.signed_message import MESSAGE_ELEMENTS, SignedMessage
from novate.circuits.sponge import States, absorb
from novate.field import P, Tag, sponge
from novate.keys import Domain
from novate.ledger import Batch, Side, Signed, message_digest, message_elements, sign

from .scene import Scene, batch_of, busy, structure_of
from .transactions.surroundings import sentences_of

Row = dict[str, Any]
OTHER_CHAIN = Domain(DOMAIN.chain_id + 1, DOMAIN.contract)
OTHER_CONTRACT = Domain(DOMAIN.chain_id, bytes(20))


def told(domain: Domain, signed: Signed[Any], states: States) -> Row:
    """The row of a message that was signed for a venue."""
    elements = message_elements(domain, signed.message)
    outs = absorb(Tag.SIGNED, elements, states)
    return {
        "tag": elements[0],
        "domain": elements[1:12],
        "payload": elements[12:],
        "key": signed.key.commitment,
        **dict(zip(("first_out", "second_out", "digest_out"), outs, strict=True)),
    }


def hashing(row: Row) -> tuple[Row, States]:
    """The row with the digest that its message has, and the permutations behind it."""
    states: States = {}
    message = (row["tag"], *row["domain"], *row["payload"])
    outs = absorb(Tag.SIGNED, message, states)
    return row | dict(zip(("first_out", "second_out", "digest_out"), outs, strict=True)), states


def lying(scene: Scene, row: Row, *, at: int = 0) -> set[str]:
    """What refuses another message in a row, its digest computed, when the rest is as it was."""
    row, states = hashing(row)
    rows = [dict(r) for r in scene.rows[SignedMessage.name]]
    rows[at] = row
    permuted = [*scene.rows[Poseidon2.name], *({"state": state} for state in states)]
    return scene.lying(signed_message=rows, poseidon2=permuted)


@pytest.mark.parametrize(
    "batch",
    [
        busy(),
        batch_of(opened(), fill()),
        batch_of(opened(), withdraw(ALICE, USD)),
        batch_of(traded(), settle(), window=AFTER),
        batch_of(opened(), fill(size_e3=1), fill(size_e3=2)),
    ],
)
def test_the_messages_of_a_batch_are_accepted_each_once(batch: Batch) -> None:
    scene = structure_of(batch)
    rows = scene.rows[SignedMessage.name]
    assert len(rows) == len({(row["payload"], row["key"]) for row in rows})
    for row, signed in zip(rows, signed_messages(batch), strict=True):
        assert row["digest_out"][:8] == message_digest(DOMAIN, signed.message)
    assert scene.refusals == set()


def test_all_it_says_it_says_to_others() -> None:
    """There is no sentence of its own: each of its messages is needed, as the lies below show."""
    assert sentences_of(SignedMessage) == set()


@pytest.mark.parametrize("column", ["tag", "payload", "key"])
def test_no_element_of_a_message_is_another(column: str) -> None:
    scene = structure_of(busy())
    row = scene.rows[SignedMessage.name][0]
    honest = (row[column],) if column == "tag" else row[column]
    assert lying(scene, row) == set()
    for at in range(len(honest)):
        lie = tuple((e + (i == at)) % P for i, e in enumerate(honest))
        changed = row | {column: lie[0] if column == "tag" else lie}
        assert lying(scene, changed) == {"bus signature", "bus signed"}


@pytest.mark.parametrize("domain", [OTHER_CHAIN, OTHER_CONTRACT])
def test_a_message_for_another_venue_is_none_for_this(domain: Domain) -> None:
    """Signed by the right key, with its digest and its signature: only the domain is wrong."""
    scene = structure_of(batch_of(opened(), fill()))
    foreign = sign(domain, order(ALICE, Side.BUY).message, SECRETS[ALICE])
    row = told(domain, foreign, {})
    signatures = [
        *scene.around["provides signature"],
        {"digest": row["digest_out"][:8], "key": row["key"]},
    ]
    helped = replace(scene, around=scene.around | {"provides signature": signatures})
    assert row["payload"] == scene.rows[SignedMessage.name][0]["payload"]
    assert lying(helped, row) == {"bus domain"}


def test_another_key_signed_nothing() -> None:
    scene = structure_of(batch_of(opened(), fill()))
    alice, bob = scene.rows[SignedMessage.name]
    for row, key in ((alice, bob["key"]), (bob, alice["key"])):
        at = scene.rows[SignedMessage.name].index(row)
        assert lying(scene, row | {"key": key}, at=at) == {"bus signature", "bus signed"}


@pytest.mark.parametrize("column", ["first_out", "second_out", "digest_out"])
@pytest.mark.parametrize("at", [0, 7, 8, 15])
def test_the_digest_is_the_sponges(column: str, at: int) -> None:
    scene = structure_of(batch_of(opened(), fill()))
    rows = [dict(row) for row in scene.rows[SignedMessage.name]]
    out = list(rows[0][column])
    out[at] = (out[at] + 1) % P
    rows[0][column] = tuple(out)
    digest = {"bus signature"} if column == "digest_out" and at < 8 else set()
    assert scene.lying(signed_message=rows) == {"bus permutation"} | digest


def test_the_sponge_starts_with_length_and_tag() -> None:
    """A digest of another length, or of another meaning, is none of a message, though signed."""
    scene = structure_of(batch_of(opened(), fill()))
    row = scene.rows[SignedMessage.name][0]
    elements = (row["tag"], *row["domain"], *row["payload"])
    assert sponge(Tag.SIGNED, elements) == row["digest_out"][:8]
    assert len(elements) == MESSAGE_ELEMENTS == 24
    for tag, length in ((Tag.KEY, 24), (Tag.SIGNED, 23), (Tag.SIGNED, 32)):
        states: States = {}
        taken = elements[:length] + (0,) * (length - len(elements))
        outs = absorb(tag, taken, states)[:3]
        lie = row | dict(zip(("first_out", "second_out", "digest_out"), outs, strict=True))
        signatures = [
            *scene.around["provides signature"],
            {"digest": outs[2][:8], "key": row["key"]},
        ]
        helped = replace(scene, around=scene.around | {"provides signature": signatures})
        permuted = [*scene.rows[Poseidon2.name], *({"state": state} for state in states)]
        rows = [lie, *scene.rows[SignedMessage.name][1:]]
        found = helped.lying(signed_message=rows, poseidon2=permuted)
        assert found == {"bus permutation"}


def test_a_message_serves_any_number_of_transactions() -> None:
    scene = structure_of(batch_of(opened(), fill(size_e3=1), fill(size_e3=2)))
    assert len(scene.rows[SignedMessage.name]) == 2
    asked = scene.around["looks up signed"]
    many = replace(scene, around=scene.around | {"looks up signed": asked * 5})
    assert many.refusals == set()


def test_what_nobody_signed_is_not_told() -> None:
    scene = structure_of(batch_of(traded(), settle(), window=AFTER))
    asked = scene.around["looks up signed"]
    third = report(2)
    other = {
        "tag": int(third.message.tag),
        "payload": third.message.payload,
        "key": third.key.commitment,
    }
    many = replace(scene, around=scene.around | {"looks up signed": [*asked, other]})
    assert many.refusals == {"bus signed"}
    order_of_bob = asked[0] | {"tag": 1}
    wrong = replace(scene, around=scene.around | {"looks up signed": [*asked, order_of_bob]})
    assert wrong.refusals == {"bus signed"}
