"""The records of the inbox and the chain of hashes over them."""

from eth_hash.auto import keccak

from novate.field import word_bytes
from novate.ledger import EMPTY_INBOX, inbox_hash, inbox_transaction

from .scene import ALICE, OWNERS, deposit, register


def test_a_deposit_is_posted_as_the_formats_say() -> None:
    first, second, third, fourth = deposit(0, ALICE, 2**48 + 3).record
    owner = OWNERS[ALICE]
    pieces = [int.from_bytes(owner[i : i + 3], "big") for i in range(0, 20, 3)]
    assert first == (1, ALICE, 0, *pieces[:5])
    assert second == (*pieces[5:], 3, 0, 0, 1, 0, 0)
    assert third == fourth == (0,) * 8


def test_a_key_fills_its_payload() -> None:
    entry = register(0, ALICE)
    elements = [element for word in entry.record for element in word]
    assert elements[:3] == [2, ALICE, 1]
    assert elements[10:] == list(entry.key.elements)


def test_each_hash_covers_the_one_before_the_position_and_the_record() -> None:
    record = deposit(0, ALICE, 5).record
    data = b"".join(word_bytes(word) for word in record)
    assert bytes(32) == EMPTY_INBOX
    one = inbox_hash(EMPTY_INBOX, 0, record)
    assert one == keccak(bytes(32) + bytes(32) + data)
    assert inbox_hash(one, 1, record) == keccak(one + (1).to_bytes(32, "big") + data)


def test_an_entry_becomes_its_transaction() -> None:
    for entry in (deposit(3, ALICE, 5), register(3, ALICE)):
        assert inbox_transaction(3, entry.record) == entry
