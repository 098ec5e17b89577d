"""Files and posted data that somebody changed: each is refused by name, or is what it says."""

import os
import re
from collections import Counter
from dataclasses import replace
from random import Random

from tests.circuits.test_batch import WALK

from novate.air import Security
from novate.ledger import DataMismatch, DataSection, Statement, advance
from novate.nodes import BatchBundle, BundleRefused
from novate.nodes.bundle import HEAD_BYTES

CASES = int(os.environ.get("FUZZ_CASES", "100000"))
WORDS = (0, 1, 31, 32, 1 << 16, 98_304, 98_336, 1 << 24, (1 << 24) + 1, 1 << 31, (1 << 32) - 1)
EXPECTED_AND_FOUND = re.compile(r".+: expected .+, found .*", re.DOTALL)


def bundle(chance: Random) -> BatchBundle:
    """A batch of the walk with bytes of chance for a proof."""
    batch = chance.choice(WALK)
    proof = chance.randbytes(chance.choice((1, 5, 200)))
    level = chance.choice(tuple(Security))
    return BatchBundle(level, chance.randbytes(32), batch.statement, batch.section.data, proof)


def changed(whole: bytes, chance: Random, *, head: int) -> bytes:
    """The bytes, one or a few of them others, shorter or longer; more often near the beginning."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 2, 3))):
        if not data:
            break
        at = chance.randrange(min(len(data), chance.choice((head, len(data)))))
        match chance.randrange(6):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at : at + 4] = chance.choice(WORDS).to_bytes(4, "big")
            case 2:
                del data[at : at + chance.choice((1, 4, 32, 1 << 12))]
            case 3:
                data[at:at] = chance.randbytes(chance.choice((1, 4, 32)))
            case 4:
                data = data[: chance.randrange(len(data) + 1)]
            case _:
                data += bytes(chance.choice((1, 32)))
    return bytes(data)


def test_a_changed_bundle_is_refused_or_another_bundle() -> None:
    seen = Counter[str]()
    for number in range(CASES):
        chance = Random(f"bundles {number}")
        data = changed(bundle(chance).encoding, chance, head=HEAD_BYTES)
        try:
            found = BatchBundle.decode(data)
        except BundleRefused as refusal:
            assert EXPECTED_AND_FOUND.fullmatch(str(refusal)), (number, refusal)
            assert refusal.next_step
            seen[refusal.what] += 1
        else:
            # every bundle has one file, so what reads back is what was read
            assert found.encoding == data, number
            seen["another bundle"] += 1
    print(f"\n{CASES} bundles: {dict(seen)}")
    assert len(seen) > 5 or CASES < 1_000


def test_changed_data_is_refused_or_another_section() -> None:
    seen = Counter[str]()
    for number in range(CASES):
        chance = Random(f"data {number}")
        section = chance.choice(WALK).section
        counts = {
            "inbox": len(section.inbox),
            "withdrawals": len(section.withdrawals),
            "chunks": len(section.chunks),
        }
        if not chance.randrange(4):
            counts[chance.choice(tuple(counts))] += chance.choice((-1, 1, 2))
            counts = {kind: max(0, count) for kind, count in counts.items()}
        data = changed(section.data, chance, head=1 << 16)
        try:
            found = DataSection.parse(data, **counts)
        except ValueError as refusal:
            assert str(refusal)
            seen["refused"] += 1
        else:
            assert found.data == data, number
            seen["another section"] += 1
    print(f"\n{CASES} sections: {dict(seen)}")
    assert len(seen) == 2 or CASES < 1_000


def test_a_batch_with_a_changed_field_or_byte_leads_nowhere() -> None:
    """Statement and data of a batch: whatever is changed, the rebuilt state is not believed.

    But for the time, of which the data says nothing: the contract compares it with its own.
    """
    batch = WALK[1]
    fields = tuple(name for name in Statement.OFFSETS if not name.startswith("window"))
    for number in range(CASES // 20):
        chance = Random(f"advance {number}")
        statement, data = batch.statement, batch.section.data
        if chance.randrange(2):
            elements = list(statement.elements)
            place = Statement.OFFSETS[chance.choice(fields)]
            at = chance.randrange(place.start, place.stop)
            elements[at] = chance.choice((0, 1, 65_535, elements[at] ^ 1))
            try:
                statement = Statement.from_elements(elements)
            except ValueError:
                continue
        else:
            data = changed(data, chance, head=1 << 16)
        if (statement, data) == (batch.statement, batch.section.data):
            continue
        try:
            advance(batch.before, statement, data)
        except (DataMismatch, ValueError):
            continue
        raise AssertionError(f"case {number} was believed")
    assert advance(batch.before, replace(batch.statement), batch.section.data) == batch.after
