"""The contracts under attack: a real batch flipped part by part, replays, forged words, reentrancy
through tokens, and tokens that misbehave.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from tests.chain.ledger_scene import Venue, opened_venue, posting_of
from tests.chain.model import data_bytes, deposit_record, statement_hash
from tests.chain.scene import (
    ALICE,
    BOB,
    CONFIGURATION,
    DAY,
    DEPLOYER,
    GENESIS,
    NOW,
    PROGRAM,
    STRANGER,
    USD,
    WATCHERS,
    A,
    B,
    Scene,
    mock,
    mock_artifact,
    opened_on,
    posting,
    refused,
)

import novate.chain as chain_room
from novate.chain import (
    Contract,
    Deployment,
    EmbeddedChain,
    Posting,
    Reverted,
    address_of,
    artifact,
    attest,
    attested_proof,
    create,
    created_address,
    registration_message,
)
from novate.field import P
from novate.ledger import Batch, Statement, data_challenge, data_value

ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
UNSIGNED: Final = "signer is not a watcher"
"""Over another statement, a watcher's signature gives the address of nobody."""


@dataclass(frozen=True)
class Posted:
    """A closed batch with every kind of record, and the contracts that would take it."""

    venue: Venue
    batch: Batch

    @property
    def statement(self) -> Statement:
        return self.batch.statement

    @property
    def posting(self) -> Posting:
        return posting_of(self.batch)

    @property
    def elements(self) -> list[int]:
        """The elements of the data section."""
        data = self.posting.data
        return [int.from_bytes(data[i : i + 4], "big") for i in range(0, len(data), 4)]

    def attempt(self, posting: Posting, proof: bytes) -> None:
        """Settle and keep nothing, so that every attack meets the same contracts."""
        self.venue.deployment.settlement.call("settle", posting.header, posting.data, proof)

    def honest_proof(self) -> bytes:
        """What two watchers say of the batch itself."""
        return self.venue.proof(self.statement.hash)

    def corrupt_proof(self, posting: Posting) -> bytes:
        """What every watcher says who signs whatever the contract could make of a posting, numbers
        cut to their width."""
        size = self.venue.deployment.inbox.call("size")
        at = min(posting.inbox_to, size)
        head = 128 * (posting.inbox_to - self.statement.inbox_from) + 64 * posting.withdrawals
        words = [tuple(w) for w in _words(posting.data)]
        commitment = posting.commitment
        z = data_challenge(posting.data, tuple(e % P for e in commitment))  # type: ignore[arg-type]
        statement = replace(
            self.statement,
            batch_number=posting.batch_number % 2**32,
            new_root=posting.new_root,
            inbox_to=posting.inbox_to,
            inbox_hash_after=self.venue.deployment.inbox.call("hash_at", at),
            withdrawals=posting.withdrawals % 2**32,
            chunks=max(0, len(posting.data) - head) // 64,
            window_start=posting.window_start,
            window_end=posting.window_end,
            supply_after=posting.supply_after_e6 % 2**64,
            commitment=commitment,
            challenge=z,
            value=data_value(words, z),  # type: ignore[arg-type]
        )
        return self.venue.proof(statement.hash, WATCHERS)


def _words(data: bytes) -> Iterator[list[int]]:
    for start in range(0, len(data) // 32 * 32, 32):
        word = data[start : start + 32]
        yield [int.from_bytes(word[i : i + 4], "big") % P for i in range(0, 32, 4)]


def posted_on(chain: EmbeddedChain, program_hash: bytes = PROGRAM) -> Posted:
    """A second batch: a deposit, a key that it replaces, two withdrawals, and what they change."""
    venue = opened_venue(chain, program_hash)
    venue.register()
    venue.settled()
    venue.deployment.token.send("mint", A, 7 * USD, sender=DEPLOYER)
    venue.deployment.token.send("approve", venue.deployment.vault.address, 7 * USD, sender=ALICE)
    venue.deployment.vault.send("deposit", B, 7 * USD, sender=ALICE)
    venue.register()
    return Posted(venue, venue.closed(venue.withdraw(400 * USD, 1), venue.withdraw(70_000, 2)))


@pytest.fixture(scope="module")
def posted() -> Posted:
    return posted_on(EmbeddedChain(timestamp=NOW))


def test_the_batch_itself_is_taken(posted: Posted) -> None:
    posted.attempt(posted.posting, posted.honest_proof())
    posted.attempt(posted.posting, posted.corrupt_proof(posted.posting))
    statement = posted.statement
    assert (statement.inbox_from, statement.inbox_to, statement.withdrawals) == (3, 5, 2)
    assert statement.chunks >= 4


# Statement and posting.


@pytest.mark.parametrize("field", Statement.OFFSETS)
def test_a_proof_of_a_statement_with_another_field_is_refused(posted: Posted, field: str) -> None:
    place = Statement.OFFSETS[field]
    for element in range(place.start, place.stop):
        for change in (1, P - 1, 1 << 15):
            elements = list(posted.statement.elements)
            elements[element] = (elements[element] + change) % P
            with refused(UNSIGNED):
                posted.attempt(
                    posted.posting, posted.venue.proof(statement_hash(elements), WATCHERS)
                )


FLIPPED: Final[list[tuple[str, Callable[[Posting], Any], str]]] = [
    ("batch_number", lambda p: p.batch_number - 1, "batch number: got 1, allowed 2"),
    ("batch_number", lambda p: p.batch_number + 1, "batch number: got 3, allowed 2"),
    ("batch_number", lambda p: p.batch_number + 2**32, "batch number: got 4294967298, allowed 2"),
    ("new_root", lambda p: (p.new_root[0] ^ 1, *p.new_root[1:]), UNSIGNED),
    ("new_root", lambda p: p.new_root[1:] + p.new_root[:1], UNSIGNED),
    ("new_root", lambda p: (P, *p.new_root[1:]), "new root is not a word"),
    ("inbox_to", lambda p: 2, "inbox position: got 2, allowed 3"),
    ("inbox_to", lambda p: p.inbox_to - 1, "withdrawal record is malformed"),
    ("inbox_to", lambda p: p.inbox_to + 1, "inbox position: got 6, allowed 5"),
    ("withdrawals", lambda p: p.withdrawals - 1, "supply after: got"),
    ("withdrawals", lambda p: p.withdrawals + 1, "supply after: got"),
    ("withdrawals", lambda p: 1_536, "bytes of records: got"),
    ("withdrawals", lambda p: 1_537, "too many records"),
    ("withdrawals", lambda p: 2**255, "too many records"),
    ("window_start", lambda p: p.window_start - 1, "window start before the last"),
    ("window_start", lambda p: p.window_start + 1, "window start: got"),
    ("window_end", lambda p: p.window_end - 1, "window start: got"),
    ("window_end", lambda p: p.window_end + 1, UNSIGNED),
    ("window_end", lambda p: p.window_end + 61, "window end: got"),
    ("supply_after_e6", lambda p: p.supply_after_e6 + 1, "supply after: got"),
    ("supply_after_e6", lambda p: p.supply_after_e6 - 1, "supply after: got"),
    ("supply_after_e6", lambda p: p.supply_after_e6 + 2**64, "supply after: got"),
    ("commitment", lambda p: (p.commitment[0] ^ 1, *p.commitment[1:]), UNSIGNED),
    ("commitment", lambda p: (*p.commitment[:7], P), "commitment is not a word"),
]
PROVEN: Final = (UNSIGNED,)


@pytest.mark.parametrize(("field", "change", "reason"), FLIPPED)
def test_a_posting_with_another_field_is_refused(
    posted: Posted, field: str, change: Callable[[Posting], Any], reason: str
) -> None:
    lie = replace(posted.posting, **{field: change(posted.posting)})
    assert lie != posted.posting
    with refused(reason):
        posted.attempt(lie, posted.honest_proof())


def test_every_field_of_a_posting_is_attacked() -> None:
    assert {field for field, _, _ in FLIPPED} == set(Posting.__dataclass_fields__) - {"data"}


@pytest.mark.parametrize(
    ("field", "change", "reason"), [case for case in FLIPPED if case[2] not in PROVEN]
)
def test_what_the_contract_checks_itself_no_watcher_can_sign_away(
    posted: Posted, field: str, change: Callable[[Posting], Any], reason: str
) -> None:
    lie = replace(posted.posting, **{field: change(posted.posting)})
    with refused(reason):
        posted.attempt(lie, posted.corrupt_proof(lie))


@pytest.mark.parametrize(("field", "change"), [case[:2] for case in FLIPPED if case[2] in PROVEN])
def test_the_rest_stands_on_the_verifier_alone(
    posted: Posted, field: str, change: Callable[[Posting], Any]
) -> None:
    """What a depositor trusts: enough watchers who sign a false root would be believed."""
    lie = replace(posted.posting, **{field: change(posted.posting)})
    posted.attempt(lie, posted.corrupt_proof(lie))


# The data section. Offsets in words: two inbox records of 4, two withdrawals of 2, then chunks.


def part_of(word: int) -> str:
    """What a word of the posted section belongs to."""
    return "inbox" if word < 8 else "withdrawal" if word < 12 else "chunk"


def expected(word: int, element: int, value: int, before: int) -> tuple[str, ...]:
    """Why a changed element is refused, whoever signed for it; `UNSIGNED` when nobody did."""
    if word < 8:
        return ("inbox records differ from the inbox",)
    if word >= 12:
        return (UNSIGNED,) if value < P else ("data has an element that is not below p",)
    owner = word % 2 == 0
    widths = [24] * 6 + [16, 0] if owner else [16] * 4 + [24, 0, 0, 0]
    if value >> widths[element]:
        return ("withdrawal record is malformed",)
    if owner or element == 4:  # the receiver, and the account that pays
        return (UNSIGNED,)
    return ("supply after: got", "withdrawal: got")


@pytest.mark.parametrize("part", ["inbox", "withdrawal", "chunk"])
def test_data_with_another_element_is_refused(posted: Posted, part: str) -> None:
    elements, proof = posted.elements, posted.honest_proof()
    for at, before in enumerate(elements):
        word, element = divmod(at, 8)
        if part_of(word) != part:
            continue
        for value in {(before + 1) % P, before ^ 1, before ^ 1 << 15, P, 2**32 - 1} - {before}:
            changed = [*elements[:at], value, *elements[at + 1 :]]
            lie = replace(posted.posting, data=b"".join(e.to_bytes(4, "big") for e in changed))
            reasons = expected(word, element, value, before)
            with pytest.raises(Reverted) as found:
                posted.attempt(lie, proof)
            assert found.value.reason.startswith(reasons), (word, element, found.value.reason)
            if UNSIGNED not in reasons:
                with pytest.raises(Reverted) as found:
                    posted.attempt(lie, posted.corrupt_proof(lie))
                assert found.value.reason.startswith(reasons), (word, element, found.value.reason)


def cut(posted: Posted) -> dict[str, list[bytes]]:
    """The records of the section, by kind."""
    data = posted.posting.data
    return {
        "inbox": [data[:128], data[128:256]],
        "withdrawals": [data[256:320], data[320:384]],
        "chunks": [data[i : i + 64] for i in range(384, len(data), 64)],
    }


def joined(records: dict[str, list[bytes]]) -> bytes:
    return b"".join(record for kind in records.values() for record in kind)


@pytest.mark.parametrize(
    ("kind", "swapped", "dropped", "repeated"),
    [
        ("inbox", *["inbox records differ from the inbox"] * 3),
        # the record of a word is read as the second withdrawal, and would pay somebody its balance
        ("withdrawals", UNSIGNED, "supply after: got", "supply after: got"),
        ("chunks", *[UNSIGNED] * 3),
    ],
)
def test_records_swapped_dropped_or_repeated_are_refused(
    posted: Posted, kind: str, swapped: str, dropped: str, repeated: str
) -> None:
    records, proof = cut(posted), posted.honest_proof()
    first, second, *rest = records[kind]
    for changed, reason in (
        ([second, first, *rest], swapped),
        ([second, *rest], dropped),
        ([first, first, *rest], repeated),
    ):
        lie = replace(posted.posting, data=joined(records | {kind: changed}))
        with refused(reason):
            posted.attempt(lie, proof)


def test_a_record_of_another_kind_is_refused(posted: Posted) -> None:
    """The word of a balance reads like a withdrawal of that balance: only the counts, which are
    public values, tell them apart."""
    *_, last = cut(posted)["withdrawals"]
    first, *_ = cut(posted)["chunks"]
    for withdrawals, record, sign in ((1, last, 1), (3, first, -1)):
        limbs = [int.from_bytes(record[i : i + 4], "big") for i in range(32, 48, 4)]
        amount = sum(limb << 16 * i for i, limb in enumerate(limbs))
        assert amount > 0
        for supply, reason in (
            (posted.posting.supply_after_e6, "supply after: got"),
            (posted.posting.supply_after_e6 + sign * amount, UNSIGNED),
        ):
            lie = replace(posted.posting, withdrawals=withdrawals, supply_after_e6=supply)
            with refused(reason):
                posted.attempt(lie, posted.honest_proof())


def test_data_of_every_shorter_length_is_refused(posted: Posted) -> None:
    data, proof = posted.posting.data, posted.honest_proof()
    for length in range(len(data)):
        with pytest.raises(Reverted) as found:
            posted.attempt(replace(posted.posting, data=data[:length]), proof)
        reasons = ("bytes of records: got", "data ends inside a record", UNSIGNED)
        assert found.value.reason.startswith(reasons[0] if length < 384 else reasons[1:])


# Replays: what was good once, or is good elsewhere.


def test_a_settled_batch_is_never_settled_again() -> None:
    made = posted_on(EmbeddedChain(timestamp=NOW))
    posting, proof = made.posting, made.honest_proof()
    made.venue.settled(made.venue.withdraw(400 * USD, 1), made.venue.withdraw(70_000, 2))
    with refused("batch number: got 2, allowed 3"):
        made.attempt(posting, proof)
    with refused("withdrawal record is malformed"):  # the inbox records: no new ones are there
        made.attempt(replace(posting, batch_number=3), proof)
    # Without them it is well formed, and stands on another root.
    supply = posting.supply_after_e6 - 400 * USD - 70_000
    again = replace(posting, batch_number=3, data=posting.data[256:], supply_after_e6=supply)
    with refused(UNSIGNED):
        made.attempt(again, proof)


@pytest.mark.parametrize(
    ("chain_id", "program_hash"), [(31_337, bytes([9]) * 32), (1, PROGRAM), (31_338, PROGRAM)]
)
def test_a_batch_of_another_chain_or_program_is_refused_at_the_same_address(
    posted: Posted, chain_id: int, program_hash: bytes
) -> None:
    other = posted_on(EmbeddedChain(timestamp=NOW, chain_id=chain_id), program_hash)
    ours, theirs = posted.venue.deployment, other.venue.deployment
    assert ours.settlement.address == theirs.settlement.address
    assert ours.verifier.address == theirs.verifier.address
    other.attempt(other.posting, other.honest_proof())
    with refused(UNSIGNED):
        posted.attempt(other.posting, other.honest_proof())
    with refused(UNSIGNED):
        other.attempt(posted.posting, posted.honest_proof())


def test_a_batch_of_another_contract_on_the_same_chain_is_refused() -> None:
    chain = EmbeddedChain(timestamp=NOW)
    one, other = posted_on(chain), posted_on(chain)
    assert one.statement.old_root == other.statement.old_root
    with refused(UNSIGNED):
        one.attempt(other.posting, other.honest_proof())
    # Not even where the watchers' words are about this contract's batch, for the other verifier.
    words = other.venue.proof(one.statement.hash)
    with refused(UNSIGNED):
        one.attempt(one.posting, words)


@pytest.mark.parametrize(
    "changes",
    [{"chain_id": 1}, {"verifier": A}, {"program_hash": bytes(32)}, {"statement_hash": bytes(32)}],
)
def test_a_word_about_anything_else_does_not_count(
    posted: Posted, changes: dict[str, object]
) -> None:
    deployment = posted.venue.deployment
    settings: dict[str, Any] = {
        "chain_id": deployment.chain.chain_id,
        "verifier": deployment.verifier.address,
        "program_hash": PROGRAM,
        "statement_hash": posted.statement.hash,
    }
    good = [attest(watcher, **settings) for watcher in WATCHERS]
    posted.attempt(posted.posting, attested_proof(good[:2]))
    by_address = sorted(WATCHERS, key=address_of)
    for place in range(2):
        watcher = by_address[place]
        bad = attest(watcher, **(settings | changes))
        others = [word for word in good if word.watcher != address_of(watcher)]
        with refused("signer"):
            posted.attempt(posted.posting, attested_proof([bad, *others]))


# The words of watchers.


def test_a_proof_with_any_bit_flipped_is_refused(posted: Posted) -> None:
    proof = posted.honest_proof()
    reasons = (
        "signers are not in strictly rising order",
        UNSIGNED,
        "signature s is not the lower one",
        "signature v: got ",
    )
    for bit in range(8 * len(proof)):
        changed = bytearray(proof)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Reverted) as found:
            posted.attempt(posted.posting, bytes(changed))
        assert found.value.reason.startswith(reasons), found.value.reason


def test_one_watcher_is_not_two(posted: Posted) -> None:
    """Neither twice, nor in the other form of the same signature, nor beside a stranger."""
    word = posted.venue.proof(posted.statement.hash, WATCHERS[:1])
    r, s, v = word[:32], int.from_bytes(word[32:64], "big"), word[64]
    other_form = r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    stranger = posted.venue.proof(posted.statement.hash, (STRANGER,))
    strangers = sorted([(address_of(WATCHERS[0]), word), (address_of(STRANGER), stranger)])
    for proof, reason in (
        (b"", "number of signatures: got 0, allowed 2"),
        (word, "number of signatures: got 1, allowed 2"),
        (word + word, "signers are not in strictly rising order"),
        (word + other_form, "signature s is not the lower one"),
        (other_form + word, "signature s is not the lower one"),
        (b"".join(signature for _, signature in strangers), UNSIGNED),
        (word + bytes(65), "signature v: got 0, allowed 28"),
        (word + bytes(64) + b"\x1b", "signers are not in strictly rising order"),
    ):
        with refused(reason):
            posted.attempt(posted.posting, proof)


def test_a_verifier_that_says_no_is_believed() -> None:
    chain = EmbeddedChain(timestamp=NOW)
    scene, door = hostile_scene(chain), mock(chain, "Door")
    nonce = chain.nonce(address_of(DEPLOYER))
    vault, settlement = (created_address(address_of(DEPLOYER), nonce + i) for i in (1, 2))
    inbox = create(chain, artifact("Inbox"), vault, creator=DEPLOYER)
    token = scene.deployment.token.address
    create(chain, artifact("Vault"), token, inbox.address, settlement, 10**12, creator=DEPLOYER)
    words = [PROGRAM, data_bytes([CONFIGURATION]), data_bytes([GENESIS])]
    made = create(
        chain,
        artifact("Settlement"),
        inbox.address,
        vault,
        door.address,
        *words,
        creator=DEPLOYER,
    )
    claim = scene.claim(upto=0).but(batch_number=1, inbox=[], inbox_to=0, supply_after=0)
    with refused("verifier refused the proof"):
        made.call("settle", posting(claim).header, claim.data, b"")


# Session keys.

REGISTRATION: Final = {"owner": A, "slot": 1, "x": 7, "y": 8, "nonce": 0, "deadline": NOW + DAY}


def signed_registration(deployment: Deployment) -> tuple[int, bytes, bytes]:
    """Alice's signature (v, r, s) under the registration, for one inbox."""
    message = registration_message(deployment, **REGISTRATION)  # type: ignore[arg-type]
    signed = ALICE.sign_typed_data(full_message=message)
    return signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")


def registration(signature: tuple[int, bytes, bytes], **changes: Any) -> list[Any]:
    """The arguments of `register_key`."""
    fields: dict[str, Any] = {**REGISTRATION, **changes}
    fields |= {name: fields[name].to_bytes(32, "big") for name in ("x", "y")}
    return [*fields.values(), *signature]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"owner": B}, "signature is not the owner's"),
        ({"owner": bytes(20)}, "owner has no account: deposit first"),
        ({"owner": address_of(STRANGER)}, "owner has no account: deposit first"),
        ({"slot": 2}, "signature is not the owner's"),
        ({"slot": 0}, "key slot: got 0, allowed 4"),
        ({"slot": 5}, "key slot: got 5, allowed 4"),
        ({"slot": 1 + 2**32}, "key slot: got 4294967297, allowed 4"),
        ({"x": 6}, "signature is not the owner's"),
        ({"y": 9}, "signature is not the owner's"),
        ({"nonce": 1}, "nonce: got 1, allowed 0"),
        ({"deadline": NOW}, "signature is not the owner's"),
        ({"deadline": 2**256 - 1}, "signature is not the owner's"),
        ({"deadline": NOW - 1}, f"block time: got {NOW}, allowed {NOW - 1}"),
    ],
)
def test_a_registration_with_another_field_is_refused(changes: dict[str, Any], reason: str) -> None:
    deployment = hostile_scene(EmbeddedChain(timestamp=NOW)).deployment
    signature = signed_registration(deployment)
    deployment.inbox.call("register_key", *registration(signature))
    with refused(reason):
        deployment.inbox.call("register_key", *registration(signature, **changes))


def test_a_registration_with_any_bit_of_its_signature_flipped_is_refused() -> None:
    deployment = hostile_scene(EmbeddedChain(timestamp=NOW)).deployment
    inbox, (v, r, s) = deployment.inbox, signed_registration(deployment)
    inbox.call("register_key", *registration((v, r, s)))
    reasons = (
        "signature is not the owner's",
        "signature s is not the lower one",
        "signature v: got ",
    )
    for bit in range(520):
        changed = bytearray(r + s + bytes([v]))
        changed[bit // 8] ^= 1 << bit % 8
        forged = (changed[64], bytes(changed[:32]), bytes(changed[32:64]))
        with pytest.raises(Reverted) as found:
            inbox.call("register_key", *registration(forged))
        assert found.value.reason.startswith(reasons), found.value.reason
    other_form = (55 - v, r, (ORDER - int.from_bytes(s, "big")).to_bytes(32, "big"))
    with refused("signature s is not the lower one"):
        inbox.call("register_key", *registration(other_form))


@pytest.mark.parametrize("chain_id", [1, 31_338])
def test_a_registration_for_the_same_inbox_on_another_chain_is_refused(chain_id: int) -> None:
    here = hostile_scene(EmbeddedChain(timestamp=NOW)).deployment
    there = hostile_scene(EmbeddedChain(timestamp=NOW, chain_id=chain_id)).deployment
    assert here.inbox.address == there.inbox.address
    signature = signed_registration(there)
    there.inbox.call("register_key", *registration(signature))
    with refused("signature is not the owner's"):
        here.inbox.call("register_key", *registration(signature))


def test_a_registration_is_good_until_its_deadline() -> None:
    chain = EmbeddedChain(timestamp=NOW)
    deployment = hostile_scene(chain).deployment
    arguments = registration(signed_registration(deployment))
    for late in (-1, 0, 1):
        chain.set_time(NOW + DAY + late)
        if late <= 0:
            deployment.inbox.call("register_key", *arguments)
    with refused(f"block time: got {NOW + DAY + 1}, allowed {NOW + DAY}"):
        deployment.inbox.call("register_key", *arguments)


def test_a_registration_is_good_once() -> None:
    inbox = (deployment := hostile_scene(EmbeddedChain(timestamp=NOW)).deployment).inbox
    arguments = registration(signed_registration(deployment))
    inbox.send("register_key", *arguments, sender=STRANGER)
    with refused("nonce: got 0, allowed 1"):
        inbox.send("register_key", *arguments, sender=STRANGER)


# Tokens that call back.


def hostile_scene(chain: EmbeddedChain) -> Scene:
    """A system on a hostile token, on its best behaviour so far: Alice, Bob and the token itself
    have deposited, and Alice and the token have something to claim.
    """
    token = mock(chain, "HostileToken", 6)
    scene = opened_on(chain, token.address)
    for holder in (A, B, token.address):
        token.send("mint", holder, 1_000, sender=DEPLOYER)
    vault = scene.deployment.vault
    for account, (payer, owner) in enumerate([(ALICE, A), (BOB, B), (ALICE, token.address)], 1):
        vault.send("deposit", owner, 100, sender=payer)
        scene.inbox.append(deposit_record(account, owner, 100))
    scene.settle(scene.claim(pays=[(A, 50), (token.address, 40)]))
    vault.send("deposit", B, 5, sender=BOB)
    scene.inbox.append(deposit_record(2, B, 5))
    return scene


def hostile(scene: Scene) -> Contract:
    """The token, with all that it can be told."""
    return Contract(
        scene.chain, scene.deployment.token.address, mock_artifact("HostileToken").interface
    )


def books(scene: Scene) -> dict[str, Any]:
    """Everything that money and history depend on."""
    d = scene.deployment
    holders = {"alice": A, "bob": B, "token": d.token.address, "vault": d.vault.address}
    return {
        **{name: d.token.call("balanceOf", holder) for name, holder in holders.items()},
        **{f"claimable by {n}": d.vault.call("claimable", h) for n, h in holders.items()},
        "liabilities": d.vault.call("liabilities"),
        "credited": d.vault.call("credited"),
        "inbox": [d.inbox.call("hash_at", i) for i in range(d.inbox.call("size") + 1)],
        "accounts": d.inbox.call("accounts"),
        "nonce": d.inbox.call("nonces", A),
        "batch": d.batch_number,
        "root": d.state_root,
        "supply": d.settlement.call("supply"),
    }


def deposits(scene: Scene) -> None:
    """Alice deposits 10."""
    scene.deployment.vault.send("deposit", A, 10, sender=ALICE)


def claims(scene: Scene) -> None:
    """Alice claims her 50."""
    scene.deployment.vault.send("claim", A, sender=ALICE)


OUTER: Final = {"deposit": deposits, "claim": claims}


def settling(scene: Scene, pays: list[tuple[bytes, int]]) -> tuple[Any, ...]:
    """The arguments of `settle` for the next batch."""
    claim = scene.claim(pays=pays)
    return posting(claim).header, claim.data, scene.proof(claim)


REFUSED, HARMLESS, AS_BEFORE = "refused", "tells something", "does what it would have done before"
Attempt = tuple[Callable[[Scene], Any], str]


def each(outcome: str, *names: str) -> dict[str, Attempt]:
    """Functions without arguments, and what comes of calling them."""
    return {name: (lambda scene: (), outcome) for name in names}


ENTERED: Final[dict[str, dict[str, Attempt]]] = {
    "Vault": {
        "deposit": (lambda s: (B, 5), REFUSED),
        "credit": (lambda s: (B, 5), REFUSED),
        "claim": (lambda s: (B,), REFUSED),
        "claimable": (lambda s: (B,), REFUSED),
        **each(REFUSED, "liabilities", "credited"),
        **each(HARMLESS, "token", "inbox", "settlement", "cap"),
    },
    "Inbox": {
        "enqueue_deposit": (lambda s: (B, 5), REFUSED),
        "register_key": (lambda s: registration(signed_registration(s.deployment)), AS_BEFORE),
        "hash_at": (lambda s: (1,), HARMLESS),
        "deadline_at": (lambda s: (1,), HARMLESS),
        "account_of": (lambda s: (A,), HARMLESS),
        "nonces": (lambda s: (A,), HARMLESS),
        **each(HARMLESS, "domain_separator", "DEADLINE", "vault", "size", "accounts"),
    },
    "Settlement": {
        "settle": (lambda s: settling(s, []), AS_BEFORE),
        **each(HARMLESS, "TOLERANCE", "WINDOW_AGE", "WINDOW_LAG", "FORCED_RECORDS"),
        **each(HARMLESS, "inbox", "vault", "verifier", "program_hash"),
        **each(HARMLESS, "configuration_hash", "state_root", "batch_number", "inbox_position"),
        **each(HARMLESS, "supply", "window_start", "window_end"),
    },
    "AttestedVerifier": {
        "verify": (
            lambda s: (PROGRAM, bytes(32), attested_proof(s.words_of(bytes(32)))),
            HARMLESS,
        ),
        "attestation_digest": (lambda s: (PROGRAM, bytes(32)), HARMLESS),
        "watchers": (lambda s: (0,), HARMLESS),
        "is_watcher": (lambda s: (A,), HARMLESS),
        **each(HARMLESS, "threshold"),
    },
}
"""Every external function: what a token calls it with during a transfer, and what comes of it."""


def contract_of(scene: Scene, name: str) -> Contract:
    """One of the four contracts."""
    d = scene.deployment
    return dict(zip(ENTERED, (d.vault, d.inbox, d.settlement, d.verifier), strict=True))[name]


@pytest.mark.parametrize("contract", ENTERED)
def test_every_external_function_is_entered_again(contract: str) -> None:
    text = (Path(chain_room.__file__).parent / "artifacts" / f"{contract}.json").read_text()
    external = {part["name"] for part in json.loads(text)["abi"] if part["type"] == "function"}
    assert set(ENTERED[contract]) == external


@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.parametrize(
    ("contract", "function"),
    [(contract, function) for contract, functions in ENTERED.items() for function in functions],
)
def test_a_token_that_calls_back_gains_nothing(outer: str, contract: str, function: str) -> None:
    """Either it is refused, or it could as well have called before the transfer."""
    arguments, outcome = ENTERED[contract][function]
    scene, alone = (hostile_scene(EmbeddedChain(timestamp=NOW)) for _ in range(2))
    entered, token, made = contract_of(scene, contract), hostile(scene), arguments(scene)
    call = entered.interface.call(function, made)
    token.send("call_back", entered.address, call, sender=DEPLOYER)
    OUTER[outer](scene)
    assert token.call("attempts") == 1
    assert token.call("reentered") is (outcome != REFUSED)
    if outcome == AS_BEFORE:
        contract_of(alone, contract).send(function, *made, sender=STRANGER)
    OUTER[outer](alone)
    assert books(scene) == books(alone)


@pytest.mark.parametrize("outer", OUTER)
def test_a_batch_with_withdrawals_is_not_settled_during_a_transfer(outer: str) -> None:
    scene = hostile_scene(EmbeddedChain(timestamp=NOW))
    settlement, made = scene.deployment.settlement, settling(scene, [(B, 5)])
    call = settlement.interface.call("settle", made)
    hostile(scene).send("call_back", settlement.address, call, sender=DEPLOYER)
    OUTER[outer](scene)
    assert hostile(scene).call("reentered") is False
    assert scene.deployment.batch_number == 1
    settlement.send("settle", *made, sender=STRANGER)  # for the moment alone it was refused
    assert scene.deployment.batch_number == 2


# Tokens that misbehave.

DEPOSIT_10, CLAIM_50 = ("deposit", A, 10), ("claim", A)


@pytest.mark.parametrize(
    ("fee_in", "fee_out", "answer", "call", "reason"),
    [
        # what arrives is not what left
        (1, 0, True, DEPOSIT_10, "tokens received: got 9, allowed 10"),
        (0, 1, True, CLAIM_50, "tokens paid: got 51, allowed 50"),
        # it says yes and moves nothing to the vault
        (10, 0, True, DEPOSIT_10, "tokens received: got 0, allowed 10"),
        # it says no, whatever it moves
        (0, 0, False, DEPOSIT_10, "token refused the transfer"),
        (0, 0, False, CLAIM_50, "token refused the transfer"),
        # it reverts
        (10**9, 0, True, DEPOSIT_10, "no reason given"),
        (10**9, 0, True, CLAIM_50, "no reason given"),
        (0, 10**9, True, DEPOSIT_10, "no reason given"),
        (0, 10**9, True, CLAIM_50, "no reason given"),
    ],
)
def test_a_token_that_takes_a_fee_lies_or_reverts_is_refused_and_changes_nothing(
    fee_in: int, fee_out: int, answer: bool, call: tuple[Any, ...], reason: str
) -> None:
    scene = hostile_scene(EmbeddedChain(timestamp=NOW))
    hostile(scene).send("misbehave", fee_in, fee_out, answer, sender=DEPLOYER)
    before = books(scene)
    with refused(reason):
        scene.deployment.vault.send(*call, sender=ALICE)
    assert books(scene) == before
    hostile(scene).send("misbehave", 0, 0, True, sender=DEPLOYER)
    scene.deployment.vault.send(*call, sender=ALICE)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (DEPOSIT_10, "tokens received: got 11, allowed 10"),
        (CLAIM_50, "tokens paid: got 49, allowed 50"),
    ],
)
def test_a_token_that_gives_the_vault_more_than_it_moved_is_refused(
    call: tuple[Any, ...], reason: str
) -> None:
    """A balance that changes during a transfer, as a rebasing token's may."""
    scene = hostile_scene(EmbeddedChain(timestamp=NOW))
    token, vault = hostile(scene), scene.deployment.vault
    gift = token.interface.call("mint", (vault.address, 1))
    token.send("call_back", token.address, gift, sender=DEPLOYER)
    before = books(scene)
    with refused(reason):
        vault.send(*call, sender=ALICE)
    assert books(scene) == before


def test_what_a_token_takes_from_others_is_no_business_of_the_vault() -> None:
    """It pays and receives exactly; a payer who is charged more, or a receiver who gets less, knows
    the token."""
    scene = hostile_scene(EmbeddedChain(timestamp=NOW))
    token, vault = hostile(scene), scene.deployment.vault
    held, owed = token.call("balanceOf", vault.address), vault.call("liabilities")
    token.send("misbehave", 0, 1, True, sender=DEPLOYER)
    vault.send(*DEPOSIT_10, sender=ALICE)
    assert token.call("balanceOf", vault.address) - held == 10
    token.send("misbehave", 1, 0, True, sender=DEPLOYER)
    vault.send(*CLAIM_50, sender=ALICE)
    assert token.call("balanceOf", vault.address) - held == -40
    assert vault.call("liabilities") - owed == -40


def test_a_token_that_returns_nothing_serves_the_whole_way() -> None:
    chain = EmbeddedChain(timestamp=NOW)
    token = mock(chain, "SilentToken")
    scene = opened_on(chain, token.address)
    token.send("mint", A, 100, sender=DEPLOYER)
    scene.deployment.vault.send("deposit", A, 100, sender=ALICE)
    scene.inbox.append(deposit_record(1, A, 100))
    scene.settle(scene.claim(pays=[(A, 30)]))
    scene.deployment.vault.send("claim", B, sender=ALICE)
    assert token.call("balanceOf", B) == 30
    assert token.call("balanceOf", scene.deployment.vault.address) == 70
    with refused("no reason given"):  # it reverts where a balance is too small
        scene.deployment.vault.send("deposit", A, 1, sender=ALICE)
