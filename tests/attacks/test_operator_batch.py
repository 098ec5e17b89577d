"""Batches whose transactions are honest and whose telling is not: an operator has no proof."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from tests.ledger.scene import (
    AFTER,
    ALICE,
    BEFORE,
    BOB,
    CONFIGURATION,
    DOMAIN,
    USD,
    accepted,
    deposit,
    expired,
    fill,
    genesis,
    opened,
    register,
    settle,
    traded,
    withdraw,
)

from novate.air import Machine, ProofRefused, Security, Trace
from novate.circuits import batch as told
from novate.circuits import program, public_values
from novate.circuits.batch import Rows
from novate.circuits.section import Section
from novate.circuits.transactions.chain_deposit import Deposit
from novate.circuits.transactions.user_withdraw import Withdraw
from novate.circuits.tree import TreeLeaf, TreeNode
from novate.field import P, Tag, sponge
from novate.keys import Domain
from novate.ledger import (
    Batch,
    Collateral,
    DataMismatch,
    DataSection,
    Head,
    OpenBatch,
    State,
    Statement,
    Transaction,
    advance,
    collateral_address,
    data_challenge,
    data_value,
)
from novate.units import Rate

from .scene import COUNTED, RANGES, DishonestBatch, Edit, Operator, posting

LEAF, NODE, SECTION = TreeLeaf.name, TreeNode.name, Section.name


@lru_cache(maxsize=1)
def walk() -> tuple[Head, Batch]:
    """A batch with something of everything: a deposit, a key, a settlement, a withdrawal."""
    head = Head.genesis(expired(traded()))
    batch = OpenBatch(head, AFTER)
    for transaction in (
        deposit(6, ALICE, 7 * USD),
        register(7, ALICE, key_slot=2),
        settle(),
        withdraw(BOB, 7, expiry=AFTER.end),
    ):
        assert hasattr(batch.apply(transaction), "changes")
    return head, batch.close()


def batch_of(state: State, *transactions: Transaction) -> Batch:
    """The honest batch of some transactions, before anything expires."""
    cheat = DishonestBatch.on(state)
    for transaction in transactions:
        cheat.honest(transaction)
    return cheat.close()


@pytest.fixture(scope="module")
def proof(operator: Operator) -> bytes:
    """Of the walk."""
    return operator.proof(walk()[1])


def other_value(statement: Statement, field: str) -> Any:
    """Another value of a field, of the same kind."""
    match getattr(statement, field):
        case int(number):
            return number + 1
        case bytes(octets):
            return bytes([octets[0] ^ 1]) + octets[1:]
        case elements:
            return ((elements[0] + 1) % P, *elements[1:])


def test_the_walk_has_a_proof(operator: Operator, proof: bytes) -> None:
    assert operator.accepts(proof, walk()[1].statement)


@pytest.mark.parametrize("element", range(Statement.LENGTH))
def test_a_proof_is_of_every_element_of_its_statement(
    operator: Operator, proof: bytes, element: int
) -> None:
    statement = walk()[1].statement
    values = public_values(statement)
    (name,) = (name for name, found in values.items() if len(found) == Statement.LENGTH)
    values[name][element] = (values[name][element] + 1) % P
    with pytest.raises(ProofRefused, match="public value"):
        operator.verify(proof, values)


@pytest.mark.parametrize("field", Statement.OFFSETS)
def test_a_proof_is_of_every_field_of_its_statement(
    operator: Operator, proof: bytes, field: str
) -> None:
    statement = walk()[1].statement
    lie = replace(statement, **{field: other_value(statement, field)})
    assert not operator.accepts(proof, lie)


BOUND = {
    "chain_id": {"bus domain"},
    "contract": {"bus domain"},
    "old_root": {"bus node"},
    "new_root": {"bus node"},
    "inbox_from": {"bus memory", "bus data"} | COUNTED,
    "inbox_to": {"bus memory"} | COUNTED,
    "configuration_hash": {"the digest is the configuration hash"},
    "window_start": {"bus window"},
    "window_end": {"bus window"},
    "withdrawals": {"as many withdrawals as stated", "the sponge starts with length and tag"},
    "chunks": {"as many chunks as stated", "the sponge starts with length and tag"},
    "supply_before": {"bus memory"},
    "supply_after": {"bus memory"},
    "commitment": {"the digest is the commitment"},
    "challenge": {"the value is the stated one"},
    "value": {"the value is the stated one"},
}
"""What refuses traces made for a statement that differs in one field."""

FREE = ("version", "batch_number", "inbox_hash_before", "inbox_hash_after")
"""What no table speaks about: a proof carries it, the contract says what it must be."""


def retold(statement: Statement) -> Batch:
    """The walk with another statement."""
    return replace(walk()[1], statement=statement)


@pytest.mark.parametrize("field", BOUND)
def test_traces_bear_no_other_statement(operator: Operator, field: str) -> None:
    statement = walk()[1].statement
    lie = replace(statement, **{field: other_value(statement, field)})
    assert operator.refused_by(retold(lie)) == BOUND[field]


def test_every_field_is_bound_by_a_table_or_by_the_contract() -> None:
    assert set(BOUND) | set(FREE) == set(Statement.OFFSETS)


@pytest.mark.parametrize("field", FREE)
def test_what_no_table_speaks_about_is_carried_to_the_contract(
    operator: Operator, proof: bytes, field: str
) -> None:
    head, batch = walk()
    lie = replace(batch.statement, **{field: other_value(batch.statement, field)})
    other = operator.proof(retold(lie))
    assert operator.accepts(other, lie)
    assert not operator.accepts(other, batch.statement)
    with pytest.raises(DataMismatch, match=field):
        advance(head, lie, batch.section.data)


def test_a_chosen_challenge_is_seen_by_who_recomputes_it(operator: Operator) -> None:
    head, batch = walk()
    z = (5, 0, 0, 0)
    chosen = replace(batch.statement, challenge=z, value=data_value(batch.section.words, z))
    assert operator.accepts(operator.proof(retold(chosen)), chosen)
    with pytest.raises(DataMismatch, match="challenge"):
        advance(head, chosen, batch.section.data)


def test_other_data_has_another_value(operator: Operator) -> None:
    """The operator proves one section and posts another."""
    _, batch = walk()
    (address, word), *others = batch.section.chunks
    posted = replace(batch.section, chunks=((address, (*word[:7], word[7] ^ 1)), *others))
    z = data_challenge(posted.data, batch.section.commitment)
    shown = replace(batch.statement, challenge=z, value=data_value(batch.section.words, z))
    proof = operator.proof(retold(shown))
    assert operator.accepts(proof, shown)
    asked = replace(shown, value=data_value(posted.words, z))
    assert asked.value != shown.value
    assert not operator.accepts(proof, asked)
    assert operator.refused_by(retold(asked)) == {"the value is the stated one"}


ELSEWHERE = [replace(DOMAIN, chain_id=1), Domain(DOMAIN.chain_id, bytes(20))]


@pytest.mark.parametrize("domain", ELSEWHERE)
def test_a_proof_of_another_venue_is_none_of_this_one(operator: Operator, domain: Domain) -> None:
    state = replace(genesis(), domain=domain)
    there = batch_of(state, deposit(0, ALICE, 7 * USD))
    here = batch_of(genesis(), deposit(0, ALICE, 7 * USD))
    proof = operator.proof(there)
    assert operator.accepts(proof, there.statement)
    assert not operator.accepts(proof, here.statement)


def test_a_proof_from_another_root_is_none_from_this_one(operator: Operator) -> None:
    rich = {collateral_address(ALICE): Collateral(10**12).encode()}
    invented = replace(opened(), words=opened().words.update(rich))
    there = batch_of(invented, withdraw(ALICE, 10_000 * USD))
    here = batch_of(opened(), withdraw(ALICE, 10_000 * USD))
    proof = operator.proof(there)
    assert operator.accepts(proof, there.statement)
    assert not operator.accepts(proof, here.statement)
    rooted = replace(there.statement, old_root=here.statement.old_root)
    assert operator.refused_by(replace(there, statement=rooted)) == {"bus node"}


OTHER_CONFIGURATIONS = {
    "a quorum of one": replace(CONFIGURATION, quorum=1),
    "no fees": replace(CONFIGURATION, maker_fee_rate=Rate(0), taker_fee_rate=Rate(0)),
    "a patient heartbeat": replace(CONFIGURATION, heartbeat_s=10**6),
    "publishers of the operator's": replace(
        CONFIGURATION, publishers=(*CONFIGURATION.publishers[:2], (1,) * 8)
    ),
    "one publisher more": replace(CONFIGURATION, publishers=(*CONFIGURATION.publishers, (1,) * 8)),
}


@pytest.mark.parametrize("what", OTHER_CONFIGURATIONS)
def test_the_configuration_is_the_one_stated(operator: Operator, what: str) -> None:
    state = replace(opened(), configuration=OTHER_CONFIGURATIONS[what])
    batch = batch_of(state, fill())
    proof = operator.proof(batch)
    true = replace(batch.statement, configuration_hash=CONFIGURATION.hash)
    assert operator.accepts(proof, batch.statement)
    assert not operator.accepts(proof, true)
    lie = replace(batch, statement=true)
    assert operator.refused_by(lie) == {"the digest is the configuration hash"}


def leaf_of(rows: Rows, address: Any) -> dict[str, Any]:
    """The row that opens a word."""
    (found,) = (row for row in rows[LEAF] if (row["account"], row["slot"]) == tuple(address))
    return found


def test_a_word_is_opened_once(operator: Operator) -> None:
    """Alice's balance is there twice: each copy pays a withdrawal."""
    batch = batch_of(opened(), withdraw(ALICE, USD), withdraw(ALICE, USD, nonce=2))
    at = collateral_address(ALICE)
    before = opened().word(at)

    def twice(rows: Rows) -> None:
        balance_e6 = opened().collateral(ALICE).balance_e6
        again = rows[Withdraw.name][1]
        again["balance"] = balance_e6
        again["gaps"] = [*again["gaps"][:3], again["time"] - 1, again["gaps"][4]]
        copy = leaf_of(rows, at) | {"old": before, "new": before, "posted": 0, "closed": 0}
        copy["closed"] = again["time"]
        rows[LEAF].append(copy)

    found = operator.refused_by(batch, twice)
    assert {"bus node"} <= found

    def path_too(rows: Rows) -> None:
        twice(rows)
        leaf = at.leaf
        rows[NODE] += [row for row in list(rows[NODE]) if leaf >> row["level"] == node_index(row)]

    assert "bus node" in operator.refused_by(batch, path_too)


def node_index(row: dict[str, Any]) -> int:
    """Which node of its level a row is."""
    above = row["level"] - 8
    return row["account"] if above >= 0 else row["account"] << -above | row["slot"]


def test_a_word_is_closed_as_it_was_left(operator: Operator) -> None:
    """The tree keeps the balance that the memory has paid out."""
    batch = batch_of(opened(), withdraw(ALICE, USD))
    at = collateral_address(ALICE)

    def kept(rows: Rows) -> None:
        leaf = leaf_of(rows, at)
        leaf["new"] = leaf["old"]

    assert operator.refused_by(batch, kept) == {"bus node", "bus memory", "bus data"}

    def unopened(rows: Rows) -> None:
        rows[LEAF].remove(leaf_of(rows, at))

    assert {"bus node", "bus memory"} <= operator.refused_by(batch, unopened)


def test_a_word_that_is_not_touched_stays(operator: Operator) -> None:
    """A word changes in the tree though no transaction wrote it."""
    batch = batch_of(opened(), deposit(6, ALICE, 7 * USD))
    at = collateral_address(BOB)
    gift = Collateral(10**9).encode()
    words = batch.after.state.words.set(at, gift)
    after = replace(
        batch.after,
        state=replace(batch.after.state, words=words),
        tree=batch.after.tree.updated({at: gift}),
    )
    chunks = tuple(sorted((*batch.section.chunks, (at, gift))))
    lie = posting(replace(batch, after=after), replace(batch.section, chunks=chunks))
    found = operator.refused_by(lie)
    assert "bus data" in found
    assert "bus node" in found or any("stays as it is when untouched" in name for name in found)

    def opened_too(rows: Rows) -> None:
        leaf = {"account": at.account, "slot": at.slot, "old": opened().word(at), "new": gift}
        ordinal = [address for address, _ in chunks].index(at)
        rows[LEAF].append(leaf | {"closed": 0, "posted": 1, "ordinal": ordinal})

    assert "bus memory" in operator.refused_by(lie, opened_too)


def test_a_changed_word_is_posted(operator: Operator) -> None:
    batch = batch_of(opened(), deposit(6, ALICE, 7 * USD))
    at = collateral_address(ALICE)
    hidden = tuple(chunk for chunk in batch.section.chunks if chunk[0] != at)
    lie = posting(batch, replace(batch.section, chunks=hidden))
    assert lie.statement.new_root == batch.statement.new_root
    assert operator.refused_by(lie) == {"an unposted word did not change"}


def test_what_is_posted_is_what_changed(operator: Operator) -> None:
    batch = batch_of(opened(), deposit(6, ALICE, 7 * USD))
    at = collateral_address(ALICE)
    other = tuple(
        (address, Collateral(1).encode() if address == at else word)
        for address, word in batch.section.chunks
    )
    lie = posting(batch, replace(batch.section, chunks=other))
    assert operator.refused_by(lie) == {"bus data"}


def test_a_word_that_did_not_change_may_be_posted_and_changes_nothing(operator: Operator) -> None:
    """It costs the operator gas; the state rebuilt is the same."""
    batch = batch_of(opened(), deposit(6, ALICE, 7 * USD))
    at = next(a for a in batch.touched if a not in dict(batch.section.chunks))
    more = tuple(sorted((*batch.section.chunks, (at, opened().word(at)))))
    generous = posting(batch, replace(batch.section, chunks=more))
    operator.proves(generous)
    rebuilt = advance(batch.before, generous.statement, generous.section.data)
    assert rebuilt.root == batch.after.root


def test_a_word_that_nobody_touched_is_not_posted(operator: Operator) -> None:
    batch = batch_of(opened(), deposit(6, ALICE, 7 * USD))
    at = collateral_address(BOB)
    more = tuple(sorted((*batch.section.chunks, (at, opened().word(at)))))
    lie = posting(batch, replace(batch.section, chunks=more))
    assert operator.refused_by(lie) == {"bus data"}


def test_a_word_is_posted_once(operator: Operator) -> None:
    batch = batch_of(opened(), deposit(6, ALICE, 7 * USD))
    doubled = (*batch.section.chunks, batch.section.chunks[0])
    lie = posting(batch, replace(batch.section, chunks=doubled))
    assert operator.refused_by(lie) == {"bus data"}


def section_of(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Edit:
    """The data section with its rows changed."""

    def edit(rows: Rows) -> None:
        rows[SECTION] = change(rows[SECTION])

    return edit


Records = list[tuple[int, tuple[Any, ...]]]
"""Words of the data section by record, with the code of its kind."""


def as_posted() -> Records:
    """The records of the walk: two of the inbox, a withdrawal, then chunks."""
    return list(told._records(walk()[1]))


ORDERS: dict[str, tuple[Callable[[Records], Records], set[str]]] = {
    "chunks, then the inbox": (
        lambda records: records[3:] + records[:3],
        {"inbox records come first"},
    ),
    "a withdrawal, then the inbox": (
        lambda records: [records[2], *records[:2], *records[3:]],
        {"inbox records come first"},
    ),
    "chunks, then a withdrawal": (
        lambda records: [*records[:2], *records[3:], records[2]],
        {"withdrawals come before chunks"},
    ),
    "the inbox the other way round": (
        lambda records: [records[1], records[0], *records[2:]],
        {"bus data"},
    ),
    "chunks the other way round": (
        lambda records: records[:3] + records[:2:-1],
        {"bus data"},
    ),
}


def test_what_is_posted_has_one_order(operator: Operator) -> None:
    """The whole section told again in another order, to the commitment and the value."""
    batch = walk()[1]
    for what, (change, refusal) in ORDERS.items():
        records = change(as_posted())
        words = [word for _, record in records for word in record]
        statement = replace(
            batch.statement,
            commitment=sponge(Tag.DATA, [element for word in words for element in word]),
            value=data_value(words, batch.statement.challenge),
        )
        with (
            patch.object(told, "_records", lambda _, records=records: iter(records)),
            patch.object(DataSection, "words", tuple(words)),
        ):
            assert operator.refused_by(retold(statement)) == refusal, what


def test_records_are_whole(operator: Operator) -> None:
    _, batch = walk()
    found = operator.refused_by(batch, section_of(lambda rows: rows[:-1]))
    assert "the last record is whole" in found
    found = operator.refused_by(batch, section_of(lambda rows: rows[:3] + rows[4:]))
    assert "parts follow each other" in found


@pytest.mark.parametrize("at", [0, 1])
def test_the_sponge_runs_over_all_words(operator: Operator, at: int) -> None:
    _, batch = walk()

    def left_out(rows: Rows) -> None:
        rows[SECTION][at + 1]["capacity"] = rows[SECTION][at]["capacity"]

    found = operator.refused_by(batch, left_out)
    assert "the sponge goes on from its capacity" in found


def test_accesses_follow_time(operator: Operator) -> None:
    """A withdrawal before the deposit that it takes from."""
    state = accepted(opened(), withdraw(ALICE, 10_000 * USD)).state
    batch = batch_of(state, deposit(6, ALICE, USD), withdraw(ALICE, USD, nonce=2))

    def swapped(rows: Rows) -> None:
        first, second = rows[Deposit.name][0], rows[Withdraw.name][0]
        first["time"], second["time"] = second["time"], first["time"]

    assert "bus memory" in operator.refused_by(batch, swapped)


@pytest.mark.parametrize("spilled", [False, True])
def test_a_loan_from_oneself_is_none(operator: Operator, spilled: bool) -> None:
    """Two deposits take from each other: a ring that no leaf opened."""
    batch = batch_of(opened(), deposit(6, ALICE, USD), deposit(7, ALICE, USD))

    def ring(rows: Rows) -> None:
        first, second = rows[Deposit.name]
        first["gaps"] = [*first["gaps"][:2], first["time"] - 1 - second["time"]]
        first["balance"] = second["balance"] + USD
        second["gaps"] = [*second["gaps"][:2], 0]

    found = operator.refused_by(batch, ring, spilled=spilled)
    assert "bus memory" in found or (spilled and found <= RANGES)


def test_there_is_one_statement(operator: Operator) -> None:
    _, batch = walk()

    def two(rows: Rows) -> None:
        rows["public_values"].append(dict(rows["public_values"][0]))

    assert "there is one statement" in operator.refused_by(batch, two)


def cell(table: str, name: str) -> int:
    """The place of a cell in its table."""
    return program()[table].cells.index(name)


def test_padding_does_not_speak(operator: Operator) -> None:
    """A deposit in a row that does not count."""
    batch = batch_of(genesis(), deposit(0, ALICE, 7 * USD))

    def padded(filled: Trace) -> None:
        rows = filled[Deposit.name]
        rows[1] = rows[0]
        rows[1, cell(Deposit.name, "real")] = 0

    # its constants are none there, so the rules of a deposit do not hold
    assert "the amount is not zero" in operator.refused_by(batch, finish=padded)


def test_padding_does_not_count_again(operator: Operator) -> None:
    batch = batch_of(genesis(), deposit(0, ALICE, 7 * USD))

    def risen(filled: Trace) -> None:
        rows = filled[Deposit.name]
        rows[2] = rows[0]

    found = operator.refused_by(batch, finish=risen)
    assert "real never rises" in found


def test_padding_provides_nothing(operator: Operator) -> None:
    """A signed message that nobody signed, in a row that does not count, asked for by a fill."""
    batch = batch_of(opened(), fill())

    def hidden(filled: Trace) -> None:
        name = "signed_message"
        rows, real = filled[name], cell(name, "real")
        last = int(rows[:, real].sum()) - 1
        rows[last, real] = 0

    found = operator.refused_by(batch, finish=hidden)
    assert "only such rows provide signed" in found


def grown(cells: np.ndarray, columns: dict[str, Any], names: list[str]) -> np.ndarray:
    """A table twice as high: its own rows, then these, which nobody needs to look up."""
    more = np.zeros_like(cells)
    for name, values in columns.items():
        more[:, names.index(name)] = values
    return np.concatenate([cells, more])


BEYOND: dict[str, tuple[Callable[[np.ndarray], dict[str, Any]], str]] = {
    "bytes": (
        lambda i: {"a": 256 + (i >> 8), "b": i & 255, "wraps": i & 255 == 255},
        "a ends at 255",
    ),
    "narrow": (lambda i: {"bits": 15, "size": 1 << 15, "value": 1 + i}, "value ends at 0"),
    "tree_level": (lambda i: {"level": 33 + i, "upper": 1}, "levels end at 32"),
}
"""How a counted table could go on, and what it would no longer say."""


@pytest.mark.parametrize("table", BEYOND)
def test_a_counted_table_has_one_height(operator: Operator, table: str) -> None:
    """A higher one would hold integers that are too wide, or levels below the words."""
    batch = batch_of(genesis(), deposit(0, ALICE, 7 * USD))
    rows, sentence = BEYOND[table]

    place = [lowered.name for lowered in program().tables].index(table)

    def higher(filled: Trace) -> None:
        cells = filled.cells[place]
        more = rows(np.arange(len(cells)))
        filled.cells[place] = grown(cells, more, program()[table].cells)

    assert sentence in operator.refused_by(batch, finish=higher)

    def lower(filled: Trace) -> None:
        filled.cells[place] = filled.cells[place][: len(filled.cells[place]) // 2].copy()

    assert operator.refused_by(batch, finish=lower)


def test_nothing_happens_without_its_row(operator: Operator) -> None:
    """Every word changes, and no transaction is there to have changed it."""
    batch = batch_of(opened(), deposit(6, ALICE, 7 * USD))

    def silent(rows: Rows) -> None:
        del rows[Deposit.name]

    assert operator.refused_by(batch, silent) == {"bus memory", "bus data"}


@pytest.mark.parametrize("table", ["public_values", "configuration", "section"])
def test_what_a_batch_always_has_is_there(operator: Operator, table: str) -> None:
    batch = batch_of(genesis(), deposit(0, ALICE, 7 * USD))

    def absent(rows: Rows) -> None:
        del rows[table]

    assert "there is a row" in operator.refused_by(batch, absent)


def test_a_proof_is_of_one_batch(operator: Operator) -> None:
    first = batch_of(genesis(), deposit(0, ALICE, 7 * USD))
    second = OpenBatch(first.after, BEFORE)
    assert hasattr(second.apply(deposit(1, ALICE, 7 * USD)), "changes")
    again = second.close()
    proof = operator.proof(first)
    assert operator.accepts(proof, first.statement)
    assert not operator.accepts(proof, again.statement)


def test_a_window_does_not_end_before_it_starts(operator: Operator) -> None:
    batch = batch_of(genesis(), deposit(0, ALICE, 7 * USD))
    start, end = batch.statement.window_start, batch.statement.window_end
    turned = replace(batch.statement, window_start=end, window_end=start)

    def of_no_length(rows: Rows) -> None:
        rows["public_values"][0]["length"] = 0

    refused = operator.refused_by(replace(batch, statement=turned), of_no_length)
    assert refused == {"the window does not end before it starts"}


def test_a_proof_at_another_level_is_refused(operator: Operator, proof: bytes) -> None:
    full = Machine(program(), security=Security.FULL)
    with pytest.raises(ProofRefused):
        full.verify(proof, public_values(walk()[1].statement))
