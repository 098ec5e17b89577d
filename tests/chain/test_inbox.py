"""Inbox: records, their chain of hashes, accounts, and keys that only owners register."""

from typing import Literal

import pytest
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_hash.auto import keccak

from novate.chain import (
    DepositRequest,
    EmbeddedChain,
    Inconsistent,
    KeyRequest,
    Log,
    Receipt,
    read_inbox,
    register_key,
    registration_message,
)
from novate.ledger import ChainDeposit
from novate.units import OutOfRange, Usd, bounds

from .model import data_bytes, inbox_hash
from .scene import (
    ALICE,
    BOB,
    DAY,
    DEPLOYER,
    NOW,
    STRANGER,
    USD,
    A,
    B,
    Scene,
    mock,
    opened,
    refused,
    store,
)

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
POINTS = [
    (1, 2),
    (2**256 - 1, 2**256 - 1),
    (int.from_bytes(bytes(range(32)), "big"), int.from_bytes(bytes(range(100, 132)), "big")),
]


def test_records_and_hashes_are_those_of_the_formats(scene: Scene) -> None:
    for amount in (1, 65_536, 2**32, 999_999_999):
        scene.fund(ALICE, amount)
    scene.fund(BOB, 5)
    for slot, (x, y) in enumerate(POINTS, start=1):
        register_key(scene.deployment, ALICE, slot=slot, x=x, y=y, deadline=NOW)
        scene.key(1, slot, A, x, y)
    entries = read_inbox(scene.deployment)
    assert [[list(word) for word in entry.record] for entry in entries] == scene.inbox
    for position in range(len(scene.inbox) + 1):
        expected = inbox_hash(scene.inbox[:position])
        assert scene.deployment.inbox.call("hash_at", position) == expected


def test_the_largest_deposit_is_recorded_in_full() -> None:
    made = opened(EmbeddedChain(timestamp=NOW), cap_e6=2**63 - 1)
    made.fund(ALICE, 2**63 - 1)
    (entry,) = read_inbox(made.deployment)
    assert entry.request == DepositRequest(asset=0, amount_e6=2**63 - 1)
    assert [list(word) for word in entry.record] == made.inbox[0]


def test_entries_read_back_as_what_was_asked(scene: Scene) -> None:
    scene.fund(ALICE, 5 * USD)
    x, y = POINTS[2]
    register_key(scene.deployment, ALICE, slot=4, x=x, y=y, deadline=NOW)
    first, second = read_inbox(scene.deployment)
    assert (first.position, first.owner, first.account) == (0, A, 1)
    assert first.request == DepositRequest(asset=0, amount_e6=5 * USD)
    assert second.request == KeyRequest(slot=4, x=x, y=y)
    assert second.deadline == scene.deployment.inbox.call("deadline_at", 1) == NOW + 7 * DAY


def test_accounts_are_numbered_from_one_by_owner(scene: Scene) -> None:
    for payer in (BOB, ALICE, BOB):
        scene.fund(payer, 1)
    assert [entry.account for entry in read_inbox(scene.deployment)] == [1, 2, 1]
    assert scene.deployment.inbox.call("accounts") == 2


def test_only_the_vault_enters_deposits(scene: Scene) -> None:
    for caller in (ALICE, DEPLOYER):
        with refused("only the vault may enter deposits"):
            scene.deployment.inbox.send("enqueue_deposit", A, 1, sender=caller)
    door = mock(scene.chain, "Door")
    data = scene.deployment.inbox.interface.call("enqueue_deposit", (A, 1))
    with refused("only the vault may enter deposits"):
        door.send("forward", scene.deployment.inbox.address, data, sender=ALICE)


def test_positions_beyond_the_end_have_no_hash_and_no_deadline(scene: Scene) -> None:
    scene.fund(ALICE, 1)
    inbox = scene.deployment.inbox
    assert inbox.call("hash_at", 0) == bytes(32)
    inbox.call("hash_at", 1)
    with refused("inbox position: got 2, allowed 1"):
        inbox.call("hash_at", 2)
    inbox.call("deadline_at", 0)
    with refused("inbox position: got 1, allowed 1"):
        inbox.call("deadline_at", 1)


def test_anyone_may_carry_an_owners_signature(funded: Scene) -> None:
    register_key(funded.deployment, BOB, slot=1, x=1, y=2, deadline=NOW, sender=STRANGER)
    assert read_inbox(funded.deployment)[-1].owner == B


def test_a_key_needs_an_account(scene: Scene) -> None:
    with refused("owner has no account: deposit first"):
        register_key(scene.deployment, ALICE, slot=1, x=1, y=2, deadline=NOW)


@pytest.mark.parametrize(("slot", "accepted"), [(0, False), (1, True), (4, True), (5, False)])
def test_key_slots_are_one_to_four(funded: Scene, slot: int, accepted: bool) -> None:
    if accepted:
        register_key(funded.deployment, ALICE, slot=slot, x=1, y=2, deadline=NOW)
    else:
        with refused(f"key slot: got {slot}, allowed 4"):
            register_key(funded.deployment, ALICE, slot=slot, x=1, y=2, deadline=NOW)


@pytest.mark.parametrize(("deadline", "accepted"), [(NOW - 1, False), (NOW, True), (NOW + 1, True)])
def test_a_registration_is_good_up_to_its_deadline(
    funded: Scene, deadline: int, accepted: bool
) -> None:
    if accepted:
        register_key(funded.deployment, ALICE, slot=1, x=1, y=2, deadline=deadline)
    else:
        with refused(f"block time: got {NOW}, allowed {deadline}"):
            register_key(funded.deployment, ALICE, slot=1, x=1, y=2, deadline=deadline)


def sent(
    scene: Scene,
    signer: LocalAccount = ALICE,
    *,
    high_s: bool = False,
    v_shift: int = 0,
    nonce: int = 0,
    **sent_fields: object,
) -> Receipt:
    """Sign one message, send another."""
    signed_fields = {"owner": A, "slot": 1, "x": 1, "y": 2, "nonce": 0, "deadline": NOW}
    message = registration_message(scene.deployment, **signed_fields)  # type: ignore[arg-type]
    signed = signer.sign_typed_data(full_message=message)
    v, s = signed.v, signed.s
    if high_s:
        v, s = 55 - v, ORDER - s
    fields = {
        "owner": A,
        "slot": 1,
        "x": (1).to_bytes(32, "big"),
        "y": (2).to_bytes(32, "big"),
        "nonce": nonce,
        "deadline": NOW,
    } | sent_fields
    return scene.deployment.inbox.send(
        "register_key",
        *fields.values(),
        v + v_shift,
        signed.r.to_bytes(32, "big"),
        s.to_bytes(32, "big"),
        sender=STRANGER,
    )


def test_the_signature_is_the_owners_over_every_field(funded: Scene) -> None:
    for change in (
        {"owner": B},
        {"slot": 2},
        {"x": bytes(32)},
        {"y": bytes(32)},
        {"deadline": NOW + 1},
    ):
        with refused("signature is not the owner's"):
            sent(funded, **change)
    with refused("signature is not the owner's"):
        sent(funded, BOB)
    sent(funded)


def test_the_domain_is_the_one_that_wallets_compute(funded: Scene) -> None:
    message = registration_message(
        funded.deployment, owner=A, slot=1, x=1, y=2, nonce=0, deadline=NOW
    )
    signable = encode_typed_data(full_message=message)
    assert funded.deployment.inbox.call("domain_separator") == signable.header
    fields = (A, 1, (1).to_bytes(32, "big"), (2).to_bytes(32, "big"), 0, NOW)
    kind = keccak(
        b"RegisterKey(address owner,uint256 slot,bytes32 x,bytes32 y,"
        b"uint256 nonce,uint256 deadline)"
    )
    padded = [f.to_bytes(32, "big") if isinstance(f, int) else f.rjust(32, b"\0") for f in fields]
    assert signable.body == keccak(kind + b"".join(padded))


def test_a_registration_is_taken_once(funded: Scene) -> None:
    with refused("nonce: got 1, allowed 0"):
        sent(funded, nonce=1)
    sent(funded)
    with refused("nonce: got 0, allowed 1"):
        sent(funded)
    with refused("signature is not the owner's"):
        sent(funded, nonce=1)


def test_only_one_form_of_a_signature_is_taken(funded: Scene) -> None:
    with refused("signature s is not the lower one"):
        sent(funded, high_s=True)
    with refused("signature v: got "):
        sent(funded, v_shift=-27)
    sent(funded)


def test_a_registration_for_another_inbox_is_refused(funded: Scene) -> None:
    other = opened(funded.chain)
    other.fund(ALICE, 1)
    message = registration_message(
        other.deployment, owner=A, slot=1, x=1, y=2, nonce=0, deadline=NOW
    )
    signed = ALICE.sign_typed_data(full_message=message)
    fields = (A, 1, (1).to_bytes(32, "big"), (2).to_bytes(32, "big"), 0, NOW, signed.v)
    rs = (signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big"))
    with refused("signature is not the owner's"):
        funded.deployment.inbox.send("register_key", *fields, *rs, sender=STRANGER)
    other.deployment.inbox.send("register_key", *fields, *rs, sender=STRANGER)


SIZE_SLOT, ACCOUNTS_SLOT = 0, 1
"""Where `size` and `accounts`, the first variables of the inbox, are stored."""


@pytest.mark.parametrize(("given", "accepted"), [(-2, True), (-1, True), (0, False)])
def test_there_are_as_many_accounts_as_the_ledger_has_for_traders(
    scene: Scene, given: int, accepted: bool
) -> None:
    inbox, most = scene.deployment.inbox, (1 << bounds.TRADER_BITS) - 1
    scene.fund(ALICE, 1)
    store(inbox, ACCOUNTS_SLOT, most + given)
    assert inbox.call("accounts") == most + given
    if accepted:
        scene.fund(BOB, 1)
        account = inbox.call("account_of", B)
        assert account == most + given + 1
        assert ChainDeposit(1, account, 0, B, Usd(1)).account == account
    else:
        with refused(f"account number: got {most + 1}, allowed {most}"):
            scene.fund(BOB, 1)
        with pytest.raises(OutOfRange):
            ChainDeposit(1, most + 1, 0, B, Usd(1))
        scene.fund(ALICE, 1)  # who has one keeps it


@pytest.mark.parametrize("machine", ["pyrevm", "py-evm"])
@pytest.mark.parametrize(("room", "accepted"), [(2, True), (1, True), (0, False), (-1, False)])
def test_the_inbox_takes_as_many_records_as_the_ledger_can_consume(
    machine: Literal["pyrevm", "py-evm"], room: int, accepted: bool
) -> None:
    if machine == "pyrevm":
        pytest.importorskip("pyrevm", reason="pyrevm has no wheel for this platform")
    made = opened(EmbeddedChain(timestamp=NOW, machine=machine))
    inbox, size = made.deployment.inbox, bounds.INBOX_ENTRIES - room
    made.fund(ALICE, 1)
    store(inbox, SIZE_SLOT, size)
    assert inbox.call("size") == size
    if accepted:
        made.fund(ALICE, 1)
        assert inbox.call("size") == size + 1
        position = inbox.history("Enqueued")[-1]["position"]
        assert ChainDeposit(position, 1, 0, A, Usd(1)).position == size
    else:
        reason = f"inbox records: got {size + 1}, allowed {bounds.INBOX_ENTRIES}"
        with refused(reason):
            made.fund(ALICE, 1)
        with refused(reason):
            register_key(made.deployment, ALICE, slot=1, x=1, y=2, deadline=NOW)
        assert inbox.call("size") == size
        with pytest.raises(OutOfRange):
            ChainDeposit(size, 1, 0, A, Usd(1))


class Tampered(EmbeddedChain):
    """A chain whose node changes the words of the first log."""

    tamper = False

    def logs(self, *, address: bytes, topic: bytes, from_block: int = 0) -> tuple[Log, ...]:
        first, *rest = super().logs(address=address, topic=topic, from_block=from_block)
        if not self.tamper:
            return (first, *rest)
        data = bytearray(first.data)
        data[60] ^= 1
        return (
            Log(first.address, first.topics, bytes(data), first.block, first.transaction),
            *rest,
        )


def test_a_node_that_lies_about_records_is_found_out() -> None:
    chain = Tampered(timestamp=NOW)
    made = opened(chain)
    made.fund(ALICE, 1)
    assert len(read_inbox(made.deployment)) == 1
    chain.tamper = True
    with pytest.raises(Inconsistent, match="inbox entry 0 does not follow"):
        read_inbox(made.deployment)


def test_a_record_is_four_words(funded: Scene) -> None:
    (event, _) = funded.deployment.inbox.history("Enqueued")
    assert b"".join(event["words"]) == data_bytes(funded.inbox[0])
