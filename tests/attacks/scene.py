"""An operator who cheats. He makes whole batches and their traces; what he lacks are the traders'
keys and the base layer's memory.

A dishonest batch is told by the ledger with one rule left out, and filled like an honest one, so
that state, tree, data, statement and memory all fit each other and only that rule is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from tests.circuits.transactions.surroundings import names
from tests.ledger.scene import BEFORE

from novate.air import Machine, ProofRefused, Trace, check, trace, witness
from novate.air.kind import Element
from novate.circuits import batch as told
from novate.circuits import program, public_values
from novate.circuits.batch import Rows, columns, signed_messages
from novate.circuits.clock import Clock
from novate.circuits.secp256k1 import signature_rows
from novate.circuits.sponge import States
from novate.field import P, Word
from novate.ledger import (
    Address,
    Applied,
    Batch,
    Configuration,
    DataSection,
    Head,
    OpenBatch,
    Signed,
    State,
    Statement,
    Step,
    Transaction,
    Window,
    apply,
    is_signed,
    transition,
)
from novate.ledger.batch import head_after, statement_of
from novate.ledger.state import with_words

RANGES = frozenset({"bus narrow", "bus byte_pair", "bus u16"})
"""Where an integer is looked up to be as small as its column says."""

COUNTED = frozenset(
    {"as many inbox records as the inbox moved", "the sponge starts with length and tag"}
)
"""What the data section says when the inbox moved by another number than that of its records."""

Edit = Callable[[Rows], None]
"""What a cheat changes in the rows of a batch, once the ledger has told them."""

Finish = Callable[[Trace], None]
"""What a cheat changes in the cells, once everything is filled."""


class DishonestBatch(OpenBatch):
    """A batch in the making whose operator applies one thing and shows another."""

    @classmethod
    def on(cls, state: State, *, window: Window = BEFORE) -> DishonestBatch:
        """The batch after this state."""
        return cls(Head.genesis(state), window)

    def honest(self, transaction: Transaction) -> None:
        """Apply what the rules allow."""
        result = self.apply(transaction)
        assert isinstance(result, Applied), result.rejection

    def as_if(
        self,
        shown: Transaction,
        applied: Transaction | None = None,
        *,
        under: Configuration | None = None,
        meanwhile: Mapping[Address, Word] | None = None,
        rewrite: Mapping[Address, Word] | None = None,
    ) -> None:
        """Change the state as the one transaction would, and prove that the other did.

        It is applied under another configuration and as if some words were others, if these are
        given; the words of `rewrite` are then put in their places.
        """
        true = self._state
        imagined = replace(
            true,
            words=with_words(true.words, meanwhile or {}),
            configuration=under or true.configuration,
        )
        result = apply(imagined, applied or shown)
        assert isinstance(result, Applied), result.rejection
        written = {at: new for at, (_, new) in result.changes.items()} | dict(rewrite or {})
        changes = {
            at: (true.word(at), new) for at, new in sorted(written.items()) if true.word(at) != new
        }
        self._state = replace(true, words=with_words(true.words, written))
        touched = tuple(dict.fromkeys((*result.touched, *written)))
        dishonest = Applied(self._state, changes, touched, result.inbox, result.withdrawals)
        self._steps.append(Step(shown, dishonest))


@contextmanager
def unchecked(module: ModuleType, *rules: str) -> Iterator[None]:
    """A ledger that does not ask for some rules of a transaction, nor for conservation."""
    kept = tuple(rule for rule in module.CHECKS if rule.__name__ not in rules)
    assert len(kept) == len(module.CHECKS) - len(rules)
    with (
        patch.object(module, "CHECKS", kept),
        patch.object(transition, "balances_moved_e6", transition.supply_moved_e6),
    ):
        yield


def edited(table: str, **changes: Any) -> Edit:
    """The first row of a table with these columns, given or computed."""

    def edit(rows: Rows) -> None:
        rows[table][0] |= changes

    return edit


def both(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(rows: Rows) -> None:
        for one in edits:
            one(rows)

    return edit


def posting(batch: Batch, section: DataSection) -> Batch:
    """The same batch with other data, and the statement that goes with them."""
    after = replace(head_after(batch.before, batch.after.state, section), tree=batch.after.tree)
    statement = statement_of(batch.before, after, section)
    return replace(batch, after=after, section=section, statement=statement)


@dataclass(frozen=True)
class Forgery:
    """What a cheat shows in the place of signatures he does not have."""

    vouched: Sequence[Signed[Any]] | None = None
    """The signatures proven; the valid ones of the batch if not said otherwise."""
    columns: Callable[[dict[str, Any]], None] = lambda signatures: None
    """What he changes in the columns of the proven ones."""


class Operator:
    """Fills traces of dishonest batches, checks them, and sends them through the prover."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def proves(self, batch: Batch, *edits: Edit) -> None:
        """The batch satisfies every table and has a proof that verifies."""
        self.verifies(self._trace(batch, both(*edits), Forgery()), batch.statement)

    def verifies(self, filled: Trace, statement: Statement) -> None:
        """The traces hold and their proof is accepted for the statement."""
        assert names(check(program(), filled)) == set()
        self._machine.verify(self._machine.prove(filled), public_values(statement))

    def proof(self, batch: Batch) -> bytes:
        """The proof of an honest batch."""
        return self._machine.prove(self._trace(batch, both(), Forgery()))

    def verify(self, proof: bytes, claimed: dict[str, list[int]]) -> None:
        """Ask the machine.

        Raises: ProofRefused.
        """
        self._machine.verify(proof, claimed)

    def accepts(self, proof: bytes, statement: Statement) -> bool:
        """Whether the proof verifies for a statement."""
        try:
            self.verify(proof, public_values(statement))
        except ProofRefused:
            return False
        return True

    def refused_by(
        self,
        batch: Batch,
        *edits: Edit,
        forgery: Forgery | None = None,
        finish: Finish = lambda filled: None,
        spilled: bool = False,
    ) -> set[str]:
        """The sentences and buses that refuse a dishonest batch, which also has no proof.

        An integer that does not fit its column is cut to its width, or, `spilled`, left too large
        in its highest limb, modulo p.
        """
        filled = self._trace(batch, both(*edits), forgery or Forgery(), spilled=spilled)
        finish(filled)
        found = names(check(program(), filled))
        self._has_no_proof(filled, batch.statement, found)
        return found

    def _has_no_proof(self, filled: Trace, statement: Statement, found: set[str]) -> None:
        try:
            proof = self._machine.prove(filled)
        except RuntimeError as error:
            # all that the prover looks at is whether messages cancel out: the sum is not sent
            assert "non-zero root sum" in str(error)
            assert any(name.startswith("bus ") for name in found)
            return
        with pytest.raises(ProofRefused):
            self._machine.verify(proof, public_values(statement))

    def _trace(self, batch: Batch, edit: Edit, forgery: Forgery, *, spilled: bool = False) -> Trace:
        domain, states = batch.after.state.domain, States()
        vouched = forgery.vouched
        if vouched is None:
            vouched = [signed for signed in signed_messages(batch) if is_signed(domain, signed)]
        with liberties(spilled=spilled):
            signatures = signature_rows(domain, vouched, states)
            forgery.columns(signatures)
            rows = told.batch_rows(batch, states)
            edit(rows)
            inputs = signatures | columns(rows)
            return trace(program(), inputs, public_values(batch.statement))


@contextmanager
def liberties(*, spilled: bool) -> Iterator[None]:
    """Filling without the courtesy of refusing what cannot be proven."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(witness, "_in_kind", lambda *_: None))
        stack.enter_context(patch.object(Clock, "gap", _any_gap))
        if spilled:
            stack.enter_context(patch.object(witness, "_put", _spill))
        yield


def _any_gap(clock: Clock, address: Address, time: int) -> int:
    gap = time - 1 - clock.last(address)
    clock._last[address] = time
    return gap


_cut = witness._put


def _spill(table: Any, name: str, placed: Any, values: np.ndarray, rows: np.ndarray) -> None:
    if values.ndim == 2 or isinstance(placed.kind, Element):
        _cut(table, name, placed, values, rows)
        return
    shifted = values.astype(object) + placed.offset
    highest = max(placed.limbs, key=lambda limb: limb.position)
    for limb in placed.limbs:
        rest = shifted >> limb.position
        part = rest % P if limb is highest else rest & ((1 << limb.bits) - 1)
        rows[:, limb.cell] = part.astype(np.uint32)
