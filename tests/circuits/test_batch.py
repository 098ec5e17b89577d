"""The walk of five transactions, as the ledger tells it and as the circuits prove it."""

from dataclasses import replace

import pytest
from tests.ledger.scene import (
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

from novate.air import Machine, ProofRefused, Security, check
from novate.circuits import batch_trace, program, public_values
from novate.ledger import Batch, Head, OpenBatch
from novate.units import Instant


def walk() -> list[Batch]:
    """Deposits, keys, two fills; settlement and withdrawals; a batch in which nothing happens."""
    expiry = Instant(AFTER.end.s)
    script = [
        (
            BEFORE,
            [
                deposit(0, ALICE, 10_000 * USD),
                deposit(1, BOB, 100_000 * USD),
                register(2, ALICE),
                register(3, BOB),
                fill(size_e3=333),
                fill(size_e3=334),
            ],
        ),
        (AFTER, [settle(), withdraw(ALICE, 1_000, expiry=expiry), withdraw(BOB, 7, expiry=expiry)]),
        (AFTER, []),
    ]
    head, batches = Head.genesis(genesis()), []
    for window, transactions in script:
        batch = OpenBatch(head, window)
        for transaction in transactions:
            assert hasattr(batch.apply(transaction), "changes"), transaction
        batches.append(batch.close())
        head = batches[-1].after
    return batches


WALK = walk()


@pytest.mark.parametrize("index", range(3))
def test_what_the_ledger_accepts_satisfies_every_table(index: int) -> None:
    assert check(program(), batch_trace(WALK[index])) == []


def test_a_proof_is_of_one_statement() -> None:
    machine = Machine(program(), security=Security.DEVELOPMENT)
    statement = WALK[1].statement
    proof = machine.prove(batch_trace(WALK[1]))
    machine.verify(proof, public_values(statement))
    for changed in (
        replace(statement, supply_after=statement.supply_after + 1),
        replace(statement, new_root=statement.old_root),
        replace(statement, chain_id=statement.chain_id + 1),
        replace(statement, batch_number=statement.batch_number + 1),
    ):
        with pytest.raises(ProofRefused, match="public value"):
            machine.verify(proof, public_values(changed))


@pytest.mark.parametrize(
    "field", ["supply_after", "new_root", "inbox_to", "window_end", "chunks", "withdrawals"]
)
def test_a_statement_that_the_batch_does_not_bear_breaks_a_table(field: str) -> None:
    statement = WALK[1].statement
    value = getattr(statement, field)
    other = statement.old_root if field == "new_root" else value + 1
    lie = replace(WALK[1], statement=replace(statement, **{field: other}))
    assert check(program(), batch_trace(lie))


PROGRAM_HASH = "5cc1bf6b3c9919798ab58684f98fe33917783979ebcc8ea0b8226927d1d6ef0d"
"""Of the venue's program: another one means that contracts and watchers must be told."""


def test_the_program_has_its_hash() -> None:
    assert program().hash.hex() == PROGRAM_HASH


def test_the_program_stands_at_a_hundred_bits() -> None:
    assert Machine(program()).security_bits >= 100
