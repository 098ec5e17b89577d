"""The public values of a batch."""

from dataclasses import fields

import pytest
from eth_hash.auto import keccak

from novate.field import P
from novate.ledger import Head, OpenBatch, Statement

from .scene import BEFORE, fill, opened

STATEMENT = Statement(
    version=1,
    batch_number=2**16 + 2,
    chain_id=31_337,
    contract=bytes(range(20)),
    old_root=(1,) * 8,  # type: ignore[arg-type]
    new_root=(2,) * 8,  # type: ignore[arg-type]
    inbox_from=3,
    inbox_to=4,
    inbox_hash_before=bytes(range(32)),
    inbox_hash_after=bytes(range(32, 64)),
    configuration_hash=(5,) * 8,  # type: ignore[arg-type]
    window_start=6,
    window_end=2**32 - 1,
    withdrawals=7,
    chunks=8,
    supply_before=9,
    supply_after=2**63 - 1,
    commitment=(10,) * 8,  # type: ignore[arg-type]
    challenge=(11, 12, 13, 14),
    value=(15, 16, 17, P - 1),
)


def test_the_fields_stand_where_the_formats_put_them() -> None:
    starts = {name: place.start for name, place in Statement.OFFSETS.items()}
    assert starts == {
        "version": 0,
        "batch_number": 1,
        "chain_id": 3,
        "contract": 7,
        "old_root": 14,
        "new_root": 22,
        "inbox_from": 30,
        "inbox_to": 32,
        "inbox_hash_before": 34,
        "inbox_hash_after": 50,
        "configuration_hash": 66,
        "window_start": 74,
        "window_end": 76,
        "withdrawals": 78,
        "chunks": 80,
        "supply_before": 82,
        "supply_after": 86,
        "commitment": 90,
        "challenge": 98,
        "value": 102,
    }
    assert len(STATEMENT.elements) == Statement.LENGTH == 106
    assert [f.name for f in fields(Statement)] == list(Statement.OFFSETS)


def test_wide_fields_are_limbs() -> None:
    elements = STATEMENT.elements
    assert elements[1:3] == (2, 1)
    assert elements[34:36] == (0x0001, 0x0203)  # a hash has its most significant limb first
    assert elements[76:78] == (65_535, 65_535)


def test_a_statement_survives_the_way_there_and_back() -> None:
    assert Statement.from_elements(STATEMENT.elements) == STATEMENT
    assert Statement.from_bytes(STATEMENT.data) == STATEMENT
    assert len(STATEMENT.data) == 424
    assert STATEMENT.hash == keccak(STATEMENT.data)


@pytest.mark.parametrize("place", range(106))
def test_every_element_is_in_the_hash(place: int) -> None:
    elements = list(STATEMENT.elements)
    elements[place] = elements[place] + 1 if elements[place] < 65_535 else 0
    assert Statement.from_elements(elements).hash != STATEMENT.hash


@pytest.mark.parametrize(
    ("place", "value"), [(0, P), (1, 2**16), (7, 2**24), (13, 2**16), (34, 2**16), (0, -1)]
)
def test_an_element_without_meaning_in_its_place_is_refused(place: int, value: int) -> None:
    elements = list(STATEMENT.elements)
    elements[place] = value
    with pytest.raises(ValueError):
        Statement.from_elements(elements)


@pytest.mark.parametrize("length", [0, 423, 425])
def test_a_statement_has_one_length(length: int) -> None:
    with pytest.raises(ValueError):
        Statement.from_bytes(bytes(length))
    with pytest.raises(ValueError):
        Statement.from_elements([0] * (length % 106))


def test_a_batch_states_what_it_did() -> None:
    batch = OpenBatch(Head.genesis(opened()), BEFORE)
    batch.apply(fill())
    statement = batch.close().statement
    assert statement.withdrawals == 0 and statement.chunks == 7
    assert statement.supply_before == statement.supply_after > 0
    assert (statement.window_start, statement.window_end) == (BEFORE.start.s, BEFORE.end.s)
