"""A batch, from open to closed."""

import pytest

from novate.ledger import (
    EMPTY_INBOX,
    VENUE_ADDRESS,
    Applied,
    Batch,
    BatchFull,
    DataSection,
    Head,
    OpenBatch,
    Rejected,
    data_challenge,
    data_value,
    header_address,
    inbox_hash,
    key_address,
    root_of,
)

from .scene import (
    AFTER,
    ALICE,
    BEFORE,
    BOB,
    USD,
    deposit,
    fill,
    genesis,
    register,
    settle,
    withdraw,
)

DAY_ONE = (
    deposit(0, ALICE, 10_000 * USD),
    register(1, ALICE),
    deposit(2, BOB, 10_000 * USD),
    register(3, BOB),
    fill(),
)
DAY_TWO = (settle(), withdraw(ALICE, 100 * USD, expiry=AFTER.end))


def walk() -> tuple[Head, Batch, Batch]:
    """Two batches: deposits and a trade, then payout and a withdrawal."""
    head = Head.genesis(genesis())
    first = OpenBatch(head, BEFORE)
    for transaction in DAY_ONE:
        assert isinstance(first.apply(transaction), Applied)
    one = first.close()
    second = OpenBatch(one.after, AFTER)
    for later in DAY_TWO:
        assert isinstance(second.apply(later), Applied)
    return head, one, second.close()


def test_a_batch_starts_where_the_one_before_ended() -> None:
    head, one, two = walk()
    assert one.statement.old_root == head.root == root_of(head.state.words)
    assert one.statement.new_root == two.statement.old_root == root_of(one.after.state.words)
    assert two.statement.new_root == two.after.root == root_of(two.after.state.words)
    assert (one.statement.batch_number, two.statement.batch_number) == (1, 2)


def test_the_inbox_is_consumed_in_order_under_its_hash() -> None:
    _, one, two = walk()
    expected = EMPTY_INBOX
    for position, transaction in enumerate(DAY_ONE[:4]):
        expected = inbox_hash(expected, position, transaction.record)  # type: ignore[union-attr]
    assert (one.statement.inbox_from, one.statement.inbox_to) == (0, 4)
    assert (one.statement.inbox_hash_before, one.statement.inbox_hash_after) == (
        EMPTY_INBOX,
        expected,
    )
    assert two.statement.inbox_hash_after == expected


def test_the_data_section_lists_every_changed_word_once_by_address() -> None:
    _, one, two = walk()
    for batch in (one, two):
        addresses = [address for address, _ in batch.section.chunks]
        assert addresses == sorted(set(addresses))
        words = {**batch.before.state.words, **dict(batch.section.chunks)}
        assert {a: w for a, w in words.items() if any(w)} == dict(batch.after.state.words)
        unchanged = [a for a, w in batch.section.chunks if batch.before.state.word(a) == w]
        assert not unchanged


def test_what_is_only_read_is_touched_and_not_posted() -> None:
    _, _, two = walk()
    read = {header_address(ALICE), key_address(ALICE, 1)}
    assert read <= set(two.touched)
    assert not read & {address for address, _ in two.section.chunks}


def test_a_withdrawal_leaves_through_the_data_section() -> None:
    _, one, two = walk()
    assert [w.amount.e6 for w in two.section.withdrawals] == [100 * USD]
    assert two.statement.supply_after == two.statement.supply_before - 100 * USD
    assert one.statement.supply_after == 20_000 * USD
    assert two.statement.withdrawals == 1


def test_the_statement_evaluates_the_posted_data() -> None:
    _, one, _ = walk()
    statement, section = one.statement, one.section
    assert statement.commitment == section.commitment
    assert statement.challenge == data_challenge(section.data, section.commitment)
    assert statement.value == data_value(section.words, statement.challenge)


def test_a_refused_transaction_leaves_no_trace() -> None:
    batch = OpenBatch(Head.genesis(genesis()), BEFORE)
    before = batch.state
    assert isinstance(batch.apply(fill()), Rejected)
    assert batch.state == before
    assert batch.close().steps == ()


def test_an_empty_batch_posts_the_venue_and_changes_nothing() -> None:
    head = Head.genesis(genesis())
    batch = OpenBatch(head, BEFORE).close()
    venue = head.state.word(VENUE_ADDRESS)
    assert batch.section == DataSection((), (), ((VENUE_ADDRESS, venue),))
    assert batch.statement.chunks == 1
    assert batch.after.root == head.root
    assert batch.after.batch_number == head.batch_number + 1


def test_the_same_transactions_give_the_same_statement() -> None:
    assert [b.statement.data for b in walk()[1:]] == [b.statement.data for b in walk()[1:]]


def test_a_batch_takes_what_may_be_posted_and_no_more() -> None:
    whole = len(walk()[1].section.data)
    room = OpenBatch(Head.genesis(genesis()), BEFORE, data_bytes_max=whole)
    for transaction in DAY_ONE:
        assert isinstance(room.apply(transaction), Applied)
    assert room.close() == walk()[1]
    tight = OpenBatch(Head.genesis(genesis()), BEFORE, data_bytes_max=whole - 1)
    for transaction in DAY_ONE[:-1]:
        assert isinstance(tight.apply(transaction), Applied)
    before = tight.state
    with pytest.raises(BatchFull, match=f"{whole:,} bytes, at most {whole - 1:,}"):
        tight.apply(DAY_ONE[-1])
    assert tight.state is before
    assert tight.close().steps == walk()[1].steps[:-1]


def test_a_word_that_is_written_again_takes_no_more_room() -> None:
    whole = len(walk()[1].section.data)
    batch = OpenBatch(Head.genesis(genesis()), BEFORE, data_bytes_max=whole)
    for transaction in (*DAY_ONE[:-1], fill(size_e3=400), fill(size_e3=600)):
        assert isinstance(batch.apply(transaction), Applied)
    assert len(batch.close().section.data) == whole
