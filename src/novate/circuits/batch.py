"""A closed batch of the ledger as inputs of every table, and the program that proves it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from novate.air import Program, Trace, trace
from novate.circuits.buses import TIME_END
from novate.circuits.clock import Clock
from novate.circuits.configuration import Configuration
from novate.circuits.poseidon2 import Poseidon2
from novate.circuits.secp256k1 import TABLES as SECP256K1_TABLES
from novate.circuits.secp256k1 import signature_rows
from novate.circuits.section import PUBLIC as SECTION_PUBLIC
from novate.circuits.section import Section, times
from novate.circuits.signed_message import SignedMessage
from novate.circuits.sponge import States, absorb
from novate.circuits.statement import PublicValues
from novate.circuits.transactions import TABLES as TRANSACTION_TABLES
from novate.circuits.transactions import relied_on, transaction_rows
from novate.circuits.tree import TreeLeaf, TreeLevel, TreeNode
from novate.field import P, Tag, Word
from novate.keys import Domain
from novate.ledger import (
    VENUE_ADDRESS,
    Batch,
    Head,
    InboxRecord,
    Signed,
    Statement,
    message_elements,
)
from novate.units import bounds

Rows = dict[str, list[dict[str, Any]]]
"""Input rows by table."""

Columns = dict[str, dict[str, Any]]
"""Input columns by table: sequences or arrays, one value a row."""


@lru_cache(maxsize=1)
def program() -> Program:
    """The program of a batch: every table of the venue. Its hash is what a contract names."""
    return Program(
        [
            PublicValues,
            Configuration,
            Section,
            TreeNode,
            TreeLeaf,
            TreeLevel,
            Poseidon2,
            SignedMessage,
            *SECP256K1_TABLES,
            *TRANSACTION_TABLES,
        ]
    )


def public_values(statement: Statement) -> dict[str, list[int]]:
    """The public values of each table: all from the one statement."""
    fields = {name: statement.elements[place] for name, place in Statement.OFFSETS.items()}
    return {
        PublicValues.name: list(statement.elements),
        Configuration.name: list(fields["configuration_hash"]),
        Section.name: [element for name in SECTION_PUBLIC for element in fields[name]],
    }


def batch_trace(batch: Batch) -> Trace:
    """The traces of a closed batch: everything its proof needs, from the ledger's own record of
    it."""
    return trace(program(), batch_inputs(batch), public_values(batch.statement))


def batch_inputs(batch: Batch) -> Columns:
    """The input columns of every table but those that fill themselves."""
    states: States = {}
    domain, signed = batch.after.state.domain, signed_messages(batch)
    signatures = signature_rows(domain, signed, states)
    return signatures | columns(batch_rows(batch, states))


def columns(rows: Rows) -> Columns:
    """Rows as columns; a table without rows is left out."""
    return {
        name: {column: [row[column] for row in table] for column in table[0]}
        for name, table in rows.items()
        if table
    }


def signed_messages(batch: Batch) -> list[Signed[Any]]:
    """Every signed message the batch relies on, once."""
    messages = (m for step in batch.steps for m in relied_on(step.transaction))
    return list(dict.fromkeys(messages))


def batch_rows(batch: Batch, states: States) -> Rows:
    """The input rows of every table but the signatures'; `states` holds the permutations these
    need."""
    clock = Clock()
    clock.gap(VENUE_ADDRESS, 1)
    rows: Rows = defaultdict(list)
    withdrawals = 0
    for step in batch.steps:
        found = transaction_rows(step, clock, states, withdrawals=withdrawals)
        withdrawals += len(step.applied.withdrawals)
        for name, new in found.items():
            rows[name] += new
    domain = batch.after.state.domain
    for message in signed_messages(batch):
        rows[SignedMessage.name].append(_signed_message(domain, message, states))
    rows[PublicValues.name] = [_public_values(batch, clock)]
    rows[Configuration.name] = _configuration(batch, states)
    rows[Section.name] = _section(batch, states)
    nodes, leaves = _tree(batch, clock)
    rows[TreeNode.name], rows[TreeLeaf.name] = nodes, leaves
    for node in nodes:
        for side in ("old", "new"):
            states[(*node[f"{side}_left"], *node[f"{side}_right"])] = None
    rows[Poseidon2.name] = [{"state": state} for state in states]
    return rows


def _signed_message(domain: Domain, signed: Signed[Any], states: States) -> dict[str, Any]:
    elements = message_elements(domain, signed.message)
    outs = absorb(Tag.SIGNED, elements, states)
    return {
        "tag": elements[0],
        "domain": elements[1:12],
        "payload": elements[12:],
        "key": signed.key.commitment,
        "first_out": outs[0],
        "second_out": outs[1],
        "digest_out": outs[2],
    }


def _public_values(batch: Batch, clock: Clock) -> dict[str, Any]:
    fields = {name: batch.statement.elements[place] for name, place in Statement.OFFSETS.items()}
    return {
        "window_start": batch.statement.window_start,
        "window_end": batch.statement.window_end,
        "withdrawals": batch.statement.withdrawals,
        "chunks": batch.statement.chunks,
        "domain": fields["chain_id"] + fields["contract"],
        "venue_before": fields["inbox_from"] + fields["supply_before"] + (0, 0),
        "venue_after": fields["inbox_to"] + fields["supply_after"] + (0, 0),
        "gap": clock.gap(VENUE_ADDRESS, TIME_END),
    }


def _configuration(batch: Batch, states: States) -> list[dict[str, Any]]:
    words = batch.after.state.configuration.words
    elements = [element for word in words for element in word]
    capacity: tuple[int, ...] = (len(elements), Tag.CONFIGURATION, 0, 0, 0, 0, 0, 0)
    rows = []
    for index, (word, out) in enumerate(
        zip(words, absorb(Tag.CONFIGURATION, elements, states), strict=True)
    ):
        rows.append(
            {
                "word": word,
                "is_head": int(index == 0),
                "index": index,
                "publishers": len(words) - 1,
                "capacity": capacity,
                "out": out,
            }
        )
        capacity = out[8:]
    return rows


def _section(batch: Batch, states: States) -> list[dict[str, Any]]:
    section, z = batch.section, batch.statement.challenge
    elements = [element for word in section.words for element in word]
    outs = iter(absorb(Tag.DATA, elements, states))
    capacity: tuple[int, ...] = (len(elements), Tag.DATA, 0, 0, 0, 0, 0, 0)
    value: tuple[int, ...] = (0, 0, 0, 0)
    counts = [0, 0, 0]
    rows = []
    for kind, record in _records(batch):
        for part, word in enumerate(record):
            out = next(outs)
            rows.append(
                {
                    "kind": kind,
                    "part_low": part & 1,
                    "part_high": part >> 1,
                    "ends": int(part + 1 == len(record)),
                    "inbox": counts[0],
                    "withdrawals": counts[1],
                    "chunks": counts[2],
                    "word": word,
                    "capacity": capacity,
                    "out": out,
                    "value": value,
                }
            )
            capacity = out[8:]
            for half in (word[:4], word[4:]):
                product = times(value, z)
                value = tuple((a + b) % P for a, b in zip(product, half, strict=True))
        counts[kind] += 1
    return rows


def _records(batch: Batch) -> Iterator[tuple[int, InboxRecord | tuple[Word, Word]]]:
    section = batch.section
    for entry in section.inbox:
        yield 0, entry
    for withdrawal in section.withdrawals:
        yield 1, withdrawal.record
    for (account, slot), word in section.chunks:
        yield 2, ((account, slot, 0, 0, 0, 0, 0, 0), word)


def _tree(batch: Batch, clock: Clock) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    touched = sorted(clock.touched)
    posted = {address: i for i, (address, _) in enumerate(batch.section.chunks)}
    before, after = batch.before, batch.after
    leaves = [
        {
            "account": address.account,
            "slot": address.slot,
            "old": before.state.word(address),
            "new": after.state.word(address),
            "closed": clock.last(address),
            "posted": int(address in posted),
            "ordinal": posted.get(address, 0),
        }
        for address in touched
    ]
    nodes = []
    indices = {address.leaf for address in touched}
    for level in range(1, bounds.TREE_DEPTH + 1):
        parents = {index >> 1 for index in indices}
        nodes += [_node(before, after, level, index, indices) for index in sorted(parents)]
        indices = parents
    return nodes, leaves


def _node(before: Head, after: Head, level: int, index: int, touched: set[int]) -> dict[str, Any]:
    above = level - bounds.SLOT_BITS
    account, slot = (index, 0) if above >= 0 else divmod(index, 1 << -above)
    left, right = 2 * index, 2 * index + 1
    return {
        "level": level,
        "upper": int(above > 0),
        "account": account,
        "slot": slot,
        "old": before.tree.node(level=level, index=index),
        "new": after.tree.node(level=level, index=index),
        "old_left": before.tree.node(level=level - 1, index=left),
        "old_right": before.tree.node(level=level - 1, index=right),
        "new_left": after.tree.node(level=level - 1, index=left),
        "new_right": after.tree.node(level=level - 1, index=right),
        "left_touched": int(left in touched),
        "right_touched": int(right in touched),
    }
