"""The end of the demo on stdout: who has what, what each batch took, and all of it as JSON."""

from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from novate.cli.render import change, hexadecimal, money, seconds
from novate.ledger import Head, UserTrade
from novate.nodes import Person, SettledBatch, Walk
from novate.units import Usd


@dataclass(frozen=True, slots=True)
class Purse:
    """What somebody owned before and after."""

    name: str
    before: Usd
    after: Usd


@dataclass(frozen=True, slots=True)
class Closing:
    """Everything that the end of the demo shows."""

    walk: Walk
    settled: tuple[SettledBatch, ...]
    security_bits: int
    rebuilt: Head
    """From genesis and the chain's data alone; its root is the contract's."""
    total_s: float

    @property
    def purses(self) -> tuple[Purse, ...]:
        """Wallets of the traders, and what stays in the vault for the venue."""
        state = self.walk.sequencer.head.state
        return (
            *(_purse(person) for person in self.walk.people),
            Purse("fees", Usd(0), Usd(state.fees.balance_e6)),
            Purse("dust fund", Usd(0), Usd(state.fund.balance_e6)),
        )

    def show(self, console: Console) -> None:
        """Print the tables, and what was rebuilt."""
        console.print(self._balances())
        console.print(self._batches())
        console.print(
            f"State rebuilt from the chain's data alone: {len(self.rebuilt.state.words)} words, "
            f"root {hexadecimal(self.rebuilt.root)},\n"
            "the same in contract, sequencer and rebuild."
        )
        console.print(f"All of it took {seconds(self.total_s)}.")

    def _balances(self) -> Table:
        table = Table("", "before", "after", "result", title="Balances", title_justify="left")
        for column in table.columns[1:]:
            column.justify = "right"
        for purse in self.purses:
            row = (purse.before, purse.after)
            table.add_row(purse.name, *map(money, row), change(purse.after - purse.before))
        before = Usd(sum(purse.before.e6 for purse in self.purses))
        after = Usd(sum(purse.after.e6 for purse in self.purses))
        table.add_section()
        table.add_row("sum", money(before), money(after), change(after - before))
        return table

    def _batches(self) -> Table:
        table = Table("", title="Batches", title_justify="left")
        for settled in self.settled:
            table.add_column(f"batch {settled.batch.statement.batch_number}", justify="right")
        for label, values in _figures(self.settled).items():
            table.add_row(label, *values)
        table.add_row("proven bits", *(str(self.security_bits) for _ in self.settled))
        return table

    def fields(self) -> dict[str, Any]:
        """The same for machines; money in millionths."""
        return {
            "demo_seconds": round(self.total_s, 3),
            "security_bits": self.security_bits,
            "state_root": hexadecimal(self.walk.sequencer.head.root),
            "rebuilt_root": hexadecimal(self.rebuilt.root),
            "program_hash": hexadecimal(self.walk.deployment.program_hash),
            "balances_e6": {
                purse.name: {"before": purse.before.e6, "after": purse.after.e6}
                for purse in self.purses
            },
            "batches": [_fields(settled) for settled in self.settled],
        }


def _purse(person: Person) -> Purse:
    return Purse(person.name, person.money, person.wallet.tokens)


def fills(settled: SettledBatch) -> int:
    """Trades in a batch."""
    return sum(isinstance(step.transaction, UserTrade) for step in settled.batch.steps)


def _figures(batches: tuple[SettledBatch, ...]) -> dict[str, list[str]]:
    return {
        "transactions": [str(len(b.batch.steps)) for b in batches],
        "fills": [str(fills(b)) for b in batches],
        "changed words": [str(b.batch.statement.chunks) for b in batches],
        "cells": [f"{b.proven.cells:,}" for b in batches],
        "witness": [seconds(b.proven.witness_s) for b in batches],
        "proof": [seconds(b.proven.proof_s) for b in batches],
        "own verification": [seconds(b.proven.verification_s) for b in batches],
        "watchers' work": [seconds(b.attestation_s) for b in batches],
        "proof size": [f"{len(b.proven.bundle.proof):,} bytes" for b in batches],
        "posted data": [f"{len(b.proven.bundle.data):,} bytes" for b in batches],
        "settlement gas": [f"{b.receipt.gas_used:,}" for b in batches],
    }


def _fields(settled: SettledBatch) -> dict[str, Any]:
    statement, proven = settled.batch.statement, settled.proven
    return {
        "batch_number": statement.batch_number,
        "transactions": len(settled.batch.steps),
        "fills": fills(settled),
        "changed_words": statement.chunks,
        "cells": proven.cells,
        "witness_seconds": round(proven.witness_s, 3),
        "proof_seconds": round(proven.proof_s, 3),
        "verification_seconds": round(proven.verification_s, 4),
        "attestation_seconds": round(settled.attestation_s, 3),
        "proof_bytes": len(proven.bundle.proof),
        "data_bytes": len(proven.bundle.data),
        "gas": settled.receipt.gas_used,
    }
