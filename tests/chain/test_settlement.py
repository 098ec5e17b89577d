"""Settlement: what moves the state root, and everything that does not."""

import random

import pytest

from novate.chain import EmbeddedChain, artifact, attested_proof, claimable_e6, create

from .model import Claim, Words, chunk_record, data_bytes, statement_hash
from .scene import (
    ALICE,
    BOB,
    CONFIGURATION,
    DAY,
    DEPLOYER,
    GENESIS,
    NOW,
    PROGRAM,
    USD,
    A,
    B,
    Scene,
    opened,
    posting,
    refused,
    store,
)


def test_the_contract_builds_exactly_the_statement_of_the_formats(funded: Scene) -> None:
    claim = funded.claim(pays=[(A, 100 * USD), (B, 1)])
    receipt = funded.settle(claim)
    (event,) = funded.deployment.settlement.events("BatchSettled", receipt.logs)
    assert event["statement_hash"] == claim.hash
    assert len(claim.elements) == 106


def test_a_batch_moves_root_number_cursor_supply_and_window(funded: Scene) -> None:
    claim = funded.claim(pays=[(A, 100 * USD)])
    funded.settle(claim)
    call = funded.deployment.settlement.call
    assert list(funded.deployment.state_root) == claim.new_root
    assert funded.deployment.batch_number == 1
    assert call("inbox_position") == 2
    assert call("supply") == 1_400 * USD
    assert (call("window_start"), call("window_end")) == (NOW - 50, NOW)


def test_withdrawals_are_credited_exactly_once(funded: Scene) -> None:
    claim = funded.claim(pays=[(A, 100 * USD), (B, 5), (A, 7)])
    funded.settle(claim)
    with refused("batch number: got 1, allowed 2"):
        funded.settle(claim)
    assert claimable_e6(funded.deployment, A) == 100 * USD + 7
    assert claimable_e6(funded.deployment, B) == 5
    assert funded.deployment.vault.call("credited") == 100 * USD + 12


def test_batches_follow_each_other(funded: Scene) -> None:
    funded.settle(funded.claim(upto=1))
    funded.fund(ALICE, 3)
    second = funded.claim(pays=[(B, 500 * USD)])
    assert (second.inbox_from, second.inbox_to, second.old_root) == (
        1,
        3,
        [100 + i for i in range(8)],
    )
    funded.settle(second)
    assert funded.deployment.settlement.call("supply") == 1_000 * USD + 3


def test_a_batch_without_inbox_records_withdrawals_or_data_settles(scene: Scene) -> None:
    scene.settle(scene.claim().but(chunks=[], commitment=[0] * 8))
    assert scene.deployment.batch_number == 1


@pytest.fixture(scope="module")
def still() -> Scene:
    """A scene that only sees refusals, so that many tests share it."""
    made = opened(EmbeddedChain(timestamp=NOW))
    made.fund(ALICE, 1_000 * USD)
    made.fund(BOB, 500 * USD)
    return made


def honest(scene: Scene) -> Claim:
    """A batch with every kind of record."""
    return scene.claim(pays=[(A, 100 * USD), (B, 5)])


def test_the_shared_batch_would_be_accepted(funded: Scene) -> None:
    funded.settle(honest(funded))


@pytest.mark.parametrize("element", range(106))
def test_a_proof_of_a_statement_with_any_element_changed_is_refused(
    still: Scene, element: int
) -> None:
    claim = honest(still)
    for change in (1, 2**20):
        elements = claim.elements
        elements[element] = (elements[element] + change) % 2013265921
        with refused("signer is not a watcher"):
            still.settle(claim, proof=attested_proof(still.words_of(statement_hash(elements))))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"batch_number": 2}, "batch number: got 2, allowed 1"),
        ({"batch_number": 0}, "batch number: got 0, allowed 1"),
        ({"new_root": (1, 2, 3, 4, 5, 6, 7, 8)}, "signer is not a watcher"),
        ({"inbox_to": 1}, "withdrawal record is malformed"),
        ({"inbox_to": 3}, "inbox position: got 3, allowed 2"),
        ({"withdrawals": 1}, "supply after"),
        ({"withdrawals": 3}, "withdrawal"),
        ({"withdrawals": 10**60}, "too many records"),
        ({"window_start": NOW - 49}, "signer is not a watcher"),
        ({"window_end": NOW - 1}, "signer is not a watcher"),
        ({"supply_after_e6": 1_400 * USD}, "supply after: got 1400000000, allowed 1399999995"),
        ({"commitment": (1, 2, 3, 4, 5, 6, 7, 8)}, "signer is not a watcher"),
    ],
)
def test_every_posted_field_is_checked_or_proven(
    still: Scene, change: dict[str, object], reason: str
) -> None:
    with refused(reason):
        still.settle(honest(still), **change)


@pytest.mark.parametrize(
    ("field", "reason"),
    [("new_root", "new root is not a word"), ("commitment", "commitment is not a word")],
)
def test_a_root_or_commitment_with_a_non_canonical_element_is_refused(
    still: Scene, field: str, reason: str
) -> None:
    for place in range(8):
        for element in (2013265921, 2**32 - 1):
            word = [1] * 8
            word[place] = element
            with refused(reason):
                still.settle(honest(still), **{field: tuple(word)})


def test_posted_data_altered_in_any_byte_is_refused(still: Scene) -> None:
    claim = honest(still)
    proof = still.proof(claim)
    for place in range(len(claim.data)):
        data = bytearray(claim.data)
        data[place] ^= 1
        with refused(""):
            still.settle(claim, proof, data=bytes(data))


@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize("element", [2013265921, 2**32 - 1])
def test_a_data_element_not_below_p_is_refused(still: Scene, place: int, element: int) -> None:
    """Even where it stands for the same value modulo p, and watchers signed that value."""
    word = [7] * 8
    word[place] = element
    claim = honest(still).but(chunks=[chunk_record(1, 8, word)])
    with refused("data has an element that is not below p"):
        still.settle(claim)
    word[place] = 2013265920
    still.deployment.settlement.call(
        "settle",
        posting(fine := claim.but(chunks=[chunk_record(1, 8, word)])).header,
        fine.data,
        still.proof(fine),
    )


def test_data_of_another_length_is_refused(still: Scene) -> None:
    claim = honest(still)
    for data, reason in (
        (claim.data[:-32], "data ends inside a record"),
        (claim.data[:-64], "signer is not a watcher"),
        (claim.data + bytes(1), "data ends inside a record"),
        (claim.data + bytes(64), "signer is not a watcher"),
        (claim.data[:300], "bytes of records: got 384, allowed 300"),
        (b"", "bytes of records: got 384, allowed 0"),
    ):
        with refused(reason):
            still.settle(claim, still.proof(claim), data=data)


def swapped(inbox: list[Words]) -> list[Words]:
    """The records in another order."""
    return inbox[::-1]


def invented(inbox: list[Words]) -> list[Words]:
    """A deposit of one more."""
    changed = [[list(word) for word in record] for record in inbox]
    changed[0][1][2] += 1
    return changed


def repeated(inbox: list[Words]) -> list[Words]:
    """The first record twice."""
    return [inbox[0], inbox[0]]


@pytest.mark.parametrize("change", [swapped, invented, repeated])
def test_inbox_records_other_than_the_inbox_holds_are_refused(still: Scene, change: object) -> None:
    claim = honest(still)
    claim = claim.but(inbox=change(claim.inbox))  # type: ignore[operator]
    with refused("inbox records differ from the inbox"):
        still.settle(claim)


def test_a_skipped_inbox_record_is_refused(funded: Scene) -> None:
    """The second record alone, as if the first had been consumed."""
    claim = funded.claim()
    skipped = claim.but(inbox=claim.inbox[1:], inbox_to=1, supply_after=500 * USD)
    with refused("inbox records differ from the inbox"):
        funded.settle(skipped)


def test_a_consumed_inbox_record_is_not_consumed_again(funded: Scene) -> None:
    funded.settle(funded.claim())
    again = funded.claim().but(inbox=funded.inbox[:1], inbox_to=1, supply_after=2_500 * USD)
    with refused("inbox position: got 1, allowed 2"):
        funded.settle(again)


def test_withdrawals_beyond_the_supply_are_refused(still: Scene) -> None:
    claim = still.claim(pays=[(A, 1_500 * USD)])
    still.deployment.settlement.call(
        "settle", posting(claim).header, claim.data, still.proof(claim)
    )
    claim = still.claim(pays=[(A, 1_500 * USD)])
    over = claim.but(withdrawals=still.claim(pays=[(A, 1_500 * USD + 1)]).withdrawals)
    with refused("withdrawal: got 1500000001, allowed 1500000000"):
        still.settle(over)


@pytest.mark.parametrize(
    ("word", "place", "element"),
    [
        *((0, place, 1 << 24) for place in range(6)),  # six parts of 3 bytes, one of 2
        (0, 6, 1 << 16),
        (0, 7, 1),  # another asset
        *((1, place, 1 << 16) for place in range(4)),
        (1, 4, 1 << 24),
        *((1, place, 1) for place in (5, 6, 7)),
    ],
)
def test_a_malformed_withdrawal_record_is_refused(
    still: Scene, word: int, place: int, element: int
) -> None:
    claim = honest(still)
    record = [list(w) for w in claim.withdrawals[0]]
    record[word][place] = element
    with refused("withdrawal record is malformed"):
        still.settle(claim.but(withdrawals=[record, claim.withdrawals[1]]))


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (NOW, NOW, None),
        (NOW, NOW + 60, None),  # the end may be a minute ahead
        (NOW, NOW + 61, "window end"),
        (NOW, NOW - 1, "window start"),
        (NOW - 7 * DAY, NOW, None),  # the start may be a week old
        (NOW - 7 * DAY - 1, NOW, "window start before the oldest"),
        (NOW - 7 * DAY, NOW - 3_599, None),  # the end may be an hour old
        (NOW - 3_600, NOW - 3_600, None),
        (NOW - 7 * DAY, NOW - 3_601, f"window end before the oldest: got {NOW - 3_601}, allowed"),
        (NOW - 3_601, NOW - 3_601, f"got {NOW - 3_601}, allowed {NOW - 3_600}"),
        # of two faults the first in order is told
        (NOW - 7 * DAY - 1, NOW - 3_601, "window start before the oldest"),
        (NOW - 3_600, NOW - 3_601, "window start: got"),
        (2**255, 2**256 - 1, "window end"),
    ],
)
def test_a_window_starts_within_a_week_and_ends_within_an_hour(
    still: Scene, start: int, end: int, reason: str | None
) -> None:
    claim = honest(still).but(window_start=NOW, window_end=NOW)
    if reason is not None:
        with refused(reason):
            still.settle(claim, b"", window_start=start, window_end=end)
    else:
        claim = claim.but(window_start=start, window_end=end)
        still.deployment.settlement.call(
            "settle", posting(claim).header, claim.data, still.proof(claim)
        )


@pytest.mark.parametrize(
    ("end", "accepted"), [(2**32 - 2, True), (2**32 - 1, True), (2**32, False)]
)
def test_batches_end_with_their_clock_in_2106(end: int, accepted: bool) -> None:
    made = opened(EmbeddedChain(timestamp=2**32 - 5))
    claim = made.claim().but(window_start=2**32 - 5, window_end=2**32 - 5)
    if accepted:
        made.settle(claim.but(window_end=end))
    else:
        with refused("number exceeds 32 bits"):
            made.settle(claim, window_end=end)


INBOX_SIZE_SLOT = 0
"""Where the inbox stores `size`, its first variable."""


@pytest.mark.parametrize(("count", "reason"), [(1_536, "bytes of records"), (1_537, "too many")])
def test_a_batch_has_at_most_1536_records_of_a_kind(count: int, reason: str) -> None:
    made = opened(EmbeddedChain(timestamp=NOW))
    with refused(reason):
        made.settle(made.claim(), b"", withdrawals=count)
    store(made.deployment.inbox, INBOX_SIZE_SLOT, count)
    with refused(reason):
        made.settle(made.claim(), b"", inbox_to=count)


def test_windows_do_not_go_back(funded: Scene) -> None:
    funded.settle(funded.claim())
    with refused("window start before the last"):
        funded.settle(funded.claim().but(window_start=NOW - 51))
    with refused("window end before the last"):
        funded.settle(funded.claim().but(window_end=NOW - 1))
    funded.settle(funded.claim())


def test_the_last_window_binds_for_an_hour_and_the_clock_after_it(funded: Scene) -> None:
    chain = funded.chain
    assert isinstance(chain, EmbeddedChain)
    funded.settle(funded.claim())
    before = {"window_start": NOW - 51, "window_end": NOW}
    for late, reason in (
        (3_599, "window start before the last"),
        (3_600, "window start before the last"),
        (3_601, "window end before the oldest"),
    ):
        chain.set_time(NOW + late)
        with refused(reason):
            funded.settle(funded.claim().but(**before))
    funded.settle(funded.claim().but(window_start=NOW - 50, window_end=NOW + 1))


def test_a_batch_that_leaves_an_overdue_record_is_refused(funded: Scene) -> None:
    chain = funded.chain
    assert isinstance(chain, EmbeddedChain)
    chain.set_time(NOW + 7 * DAY)
    at = funded.claim(upto=1)
    funded.deployment.settlement.call("settle", posting(at).header, at.data, funded.proof(at))
    chain.set_time(NOW + 7 * DAY + 1)
    with refused("overdue inbox record left"):
        funded.settle(funded.claim(upto=1))
    funded.settle(funded.claim())


def test_a_batch_of_another_chain_or_contract_is_refused(still: Scene) -> None:
    claim = honest(still)
    for other in (claim.but(chain_id=1), claim.but(contract=A), claim.but(version=2)):
        with refused("signer is not a watcher"):
            still.settle(claim, still.proof(other))


@pytest.mark.parametrize(
    "changes",
    [{"chain_id": 1}, {"verifier": A}, {"program_hash": bytes(32)}],
)
def test_words_for_another_chain_verifier_or_program_are_refused(
    still: Scene, changes: dict[str, object]
) -> None:
    claim = honest(still)
    with refused("signer is not a watcher"):
        still.settle(claim, still.proof(claim, **changes))


def test_the_value_at_z_agrees_with_the_model_on_random_data(still: Scene) -> None:
    """Extremes included: all elements p - 1, where lanes are fullest."""
    chance = random.Random(1)
    base = honest(still)
    for size in (1, 2, 3, 20):
        for largest in (False, True):
            chunks = [
                [
                    [2013265920 if largest else chance.randrange(2013265921) for _ in range(8)]
                    for _ in range(2)
                ]
                for _ in range(size)
            ]
            commitment = [chance.randrange(2013265921) for _ in range(8)]
            claim = base.but(chunks=chunks, commitment=commitment)
            still.deployment.settlement.call(
                "settle", posting(claim).header, claim.data, still.proof(claim)
            )


def test_the_largest_data_fits_a_transaction(funded: Scene) -> None:
    claim = funded.claim()
    count = (98_304 - len(data_bytes([w for r in claim.inbox for w in r]))) // 64
    chunks = [chunk_record(i, 8, [2013265920] * 8) for i in range(count)]
    receipt = funded.settle(claim.but(chunks=chunks))
    assert receipt.gas_used < 2**24


def test_the_constructor_names_what_does_not_fit(still: Scene) -> None:
    deployment, artifact_ = still.deployment, artifact("Settlement")
    inbox, vault = deployment.inbox.address, deployment.vault.address
    words = [PROGRAM, data_bytes([CONFIGURATION]), data_bytes([GENESIS])]
    with refused("vault belongs to another settlement"):
        create(
            still.chain,
            artifact_,
            inbox,
            vault,
            deployment.verifier.address,
            *words,
            creator=DEPLOYER,
        )
