"""`novate demo`: one put from deposit to payout, proven, attested and settled as you watch."""

import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console

from novate.air import Machine, Security
from novate.chain import Attestation, Chain, EmbeddedChain, Enqueued, RpcChain
from novate.circuits import program
from novate.cli.closing import Closing
from novate.cli.render import change, contracts, hexadecimal, money, percent, price, seconds, short
from novate.cli.talk import Talk
from novate.ledger import Applied, Rejected, Side, lower_median
from novate.nodes import (
    FILLS,
    OFFERED,
    SOURCE,
    TAKEN_AT,
    Audience,
    BatchBundle,
    Person,
    Proven,
    SettledBatch,
    Stage,
    Walk,
)
from novate.units import Qty, Usd

EMBEDDED = "embedded"
REPLAYED = Qty(1_000)
TOO_MUCH = Usd(15_000 * 10**6)


@click.command()
@click.option("--fast", is_flag=True, help="Small proofs that show the walk and convince nobody.")
@click.option(
    "--chain",
    "url",
    default=EMBEDDED,
    show_default=True,
    metavar="embedded|URL",
    help="A chain inside this process, or the JSON-RPC URL of a development node.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the proven batches.  [default: a new temporary folder]",
)
@click.option("--check", is_flag=True, help="Check every sentence on every row before each proof.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON; nothing else is said.")
def demo(fast: bool, url: str, out: Path | None, check: bool, as_json: bool) -> None:
    """Walk one put of a real chain from deposit to payout."""
    began = time.perf_counter()
    talk = Talk(quiet=as_json)
    folder = out or Path(tempfile.mkdtemp(prefix="novate-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    security = Security.DEVELOPMENT if fast else Security.FULL
    chain: Chain = EmbeddedChain(timestamp=TAKEN_AT.s) if url == EMBEDDED else RpcChain(url)

    with talk.stage("program", "building the tables and their keys"):
        machine = Machine(program(), security=security)
    walk = Walk(chain, machine, checked=check)
    telling = Telling(walk, talk, folder)
    telling.introduce(machine, url)
    telling.money_in()
    telling.trade()
    first = telling.settle()
    telling.expiry()
    telling.withdrawals()
    second = telling.settle()
    telling.money_out()
    telling.rebuild()

    closing = Closing(walk, (first, second), machine.security_bits, time.perf_counter() - began)
    if as_json:
        click.echo(json.dumps(closing.fields(), indent=2))
        return
    talk.heading("The end")
    closing.show(Console(highlight=False))
    click.echo(f"All of it took {seconds(closing.total_s)}.")
    flag = " --development" if fast else ""
    click.echo(f"Verify a batch yourself: novate verify {folder / name(first)}{flag}")


def name(settled: SettledBatch) -> str:
    """Of the file of a batch."""
    return f"batch-{settled.batch.statement.batch_number}.novate"


class Telling(Audience):
    """Goes through the walk and tells it in a trader's words."""

    def __init__(self, walk: Walk, talk: Talk, folder: Path) -> None:
        self._walk, self._talk, self._folder = walk, talk, folder
        self._stage = ExitStack()

    def introduce(self, machine: Machine, url: str) -> None:
        """What is traded, where, and what the words of this system are worth."""
        walk, line = self._walk, self._talk.line
        quote, deployment = walk.quote, walk.deployment
        per_unit = f"{quote.option.strike.e3 // quote.option.multiplier.e3:,} USD"
        line("program", hexadecimal(machine.program.hash))
        line("security", f"{machine.security.value}: {machine.security_bits} proven bits")
        self._talk.heading("The market")
        line("sample", f"{len(walk.quotes)} BTC puts as an exchange showed them at {TAKEN_AT}")
        line("", f"source: {SOURCE}")
        line("put", f"{quote.instrument_name}: strike {per_unit}, expiry {quote.option.expiry}")
        line("", f"one contract is {quote.option.multiplier.e3 / 1000:g} BTC, paid in USDC")
        line(
            "mark",
            f"{price(quote.mark)} per contract, bid {price(quote.bid)}, ask {price(quote.ask)}, "
            f"implied vol {quote.mark_iv} %",
        )
        self._talk.heading("The base layer")
        line("chain", f"{url}, chain id {deployment.chain.chain_id}, clock {walk.now}")
        for contract in ("vault", "inbox", "settlement", "verifier"):
            line(contract, hexadecimal(getattr(deployment, contract).address))
        line("mode", "attested: 2 of 3 watchers verify a proof and sign before a batch counts")

    def money_in(self) -> None:
        """Deposits, keys, and the sequencer's look at the inbox."""
        self._talk.heading("Money in")
        for person in self._walk.people:
            arrival = self._walk.enter(person)
            account = arrival.deposit.account
            self._talk.line(
                person.name,
                f"deposits {money(person.deposit)} of {money(person.money)}: account {account}, "
                f"{_gas(arrival.deposit)}",
            )
            self._talk.line("", f"registers a session key in slot 1, {_gas(arrival.registration)}")
        _, steps = self._walk.open_batch()
        self._talk.line("sequencer", f"takes {len(steps)} entries from the inbox, in order")

    def trade(self) -> None:
        """One offer, filled in part and then further; and two things that are refused."""
        walk, talk = self._walk, self._talk
        talk.heading("Trade")
        offer = walk.offer()
        sells = f"offers to sell {contracts(OFFERED)} contracts at {price(walk.quote.mark)}"
        talk.line(walk.writer.name, f"{sells}, signed with the session key")
        bids = []
        filled_e3 = 0
        for order_slot, size in enumerate(FILLS):
            bid = walk.bid(size, order_slot=order_slot)
            bids.append(bid)
            talk.line(walk.buyer.name, f"bids for {contracts(size)} at the same price")
            before = [self._balance(person) for person in walk.people]
            filled_e3 += size.e3
            self._require(walk.fill(offer, bid, size))
            talk.good(
                "filled",
                f"{contracts(size)} at {price(walk.quote.mark)}; the offer stands at "
                f"{contracts(Qty(filled_e3))} of {contracts(OFFERED)}",
            )
            for person, was in zip(walk.people, before, strict=True):
                self._moved(person, was)
        self._refused(
            f"{walk.buyer.name}'s first bid is played again for {contracts(REPLAYED)}",
            walk.fill(offer, bids[0], REPLAYED),
        )
        self._refused(
            f"{walk.writer.name} asks for {money(TOO_MUCH)}", walk.withdraw(walk.writer, TOO_MUCH)
        )

    def expiry(self) -> None:
        """Time passes, publishers sign, the put pays."""
        walk, talk = self._walk, self._talk
        option = walk.quote.option
        talk.heading("Expiry")
        talk.line("clock", f"{walk.expire()}; the put expired at {option.expiry}")
        walk.open_batch()
        reports = walk.reports()
        for number, signed in enumerate(reports, start=1):
            talk.line(f"publisher {number}", f"signs {signed.message.index}")
        talk.line("", "these prices are the demo's assumption: the sample does not reach that far")
        before = [self._balance(person) for person in walk.people]
        self._require(walk.pay_out(reports))
        median = lower_median([signed.message.index for signed in reports])
        talk.good("settled", f"{walk.quote.instrument_name} at {median}, the median")
        for person, was in zip(walk.people, before, strict=True):
            talk.line("", f"{person.name} {change(self._balance(person) - was)}")
        fund = Usd(walk.sequencer.batch.state.fund.balance_e6)
        talk.line("", f"rounding leaves {money(fund)} to the dust fund")

    def withdrawals(self) -> None:
        """Both take everything out."""
        for person in self._walk.people:
            amount = self._walk.free(person)
            self._require(self._walk.withdraw(person, amount))
            self._talk.line(person.name, f"asks for all of it: {money(amount)}")

    def settle(self) -> SettledBatch:
        """Close the batch and follow it to the chain."""
        walk, talk = self._walk, self._talk
        number = walk.sequencer.head.batch_number
        talk.heading(f"Batch {number}")
        with self._stage:
            settled = walk.settle_batch(self)
        statement = settled.batch.statement
        talk.good(
            "settled",
            f"in block {settled.receipt.block}, {settled.receipt.gas_used:,} gas; state root "
            f"{short(statement.old_root)} to {short(statement.new_root)}",
        )
        return settled

    def staged(self, stage: Stage, cells: int | None) -> None:
        """Show the stage until the next one begins."""
        self._stage.close()
        size = f", {cells:,} cells" if cells and stage is Stage.PROOF else ""
        self._stage.enter_context(self._talk.stage(stage.name.lower(), f"{stage.value}{size}"))

    def proven(self, proven: Proven) -> None:
        """Keep the bundle."""
        self._stage.close()
        path = self._folder / f"batch-{proven.bundle.statement.batch_number}.novate"
        path.write_bytes(proven.bundle.encoding)
        self._talk.good("proven", f"{len(proven.bundle.proof):,} bytes; bundle in {path}")
        if BatchBundle.decode(path.read_bytes()) != proven.bundle:
            raise AssertionError("a bundle does not read back as it was written")

    def attested(self, attestation: Attestation) -> None:
        """Name the watcher."""
        self._talk.good(
            "attested",
            f"watcher {short(attestation.watcher)} verified the proof, rebuilt the state, signed",
        )

    def money_out(self) -> None:
        """From the vault to the wallets."""
        self._talk.heading("Money out")
        for person in self._walk.people:
            claimed = self._walk.claim(person)
            self._talk.line(
                person.name,
                f"claims {money(Usd(claimed.amount_e6))} from the vault, "
                f"{claimed.receipt.gas_used:,} gas; wallet {money(person.wallet.tokens)}",
            )

    def rebuild(self) -> None:
        """The state once more, from what everybody can read."""
        self._talk.heading("Rebuilt from the chain's data alone")
        head = self._walk.rebuilt()
        root = self._walk.deployment.state_root
        if not head.root == root == self._walk.sequencer.head.root:
            raise AssertionError("the rebuilt state has another root")
        self._talk.line("words", f"{len(head.state.words)} in the state")
        self._talk.good("root", f"{hexadecimal(root)}: the same in contract, sequencer and rebuild")

    def _balance(self, person: Person) -> Usd:
        state = self._walk.sequencer.batch.state
        return Usd(state.collateral(person.trader.account).balance_e6)

    def _moved(self, person: Person, before: Usd) -> None:
        state, configuration = self._walk.sequencer.batch.state, self._walk.genesis.configuration
        collateral = state.collateral(person.trader.account)
        maker = person is self._walk.writer
        rate = configuration.maker_fee_rate if maker else configuration.taker_fee_rate
        side = Side.SELL if maker else Side.BUY
        lock = f", {money(Usd(collateral.locked_e6))} locked for the strike" if maker else ""
        self._talk.line(
            "",
            f"{person.name} {change(self._balance(person) - before)}: "
            f"{'receives' if side is Side.SELL else 'pays'} the premium, "
            f"fee {percent(rate)} of it{lock}",
        )

    def _require(self, result: Applied | Rejected) -> None:
        match result:
            case Rejected(rejection):
                raise rejection

    def _refused(self, attempt: str, result: Applied | Rejected) -> None:
        assert isinstance(result, Rejected), f"{attempt}, and nobody refuses"
        self._talk.line("attempt", attempt)
        self._talk.refusal("refused", f"{result.code}: {result.rejection}")
        self._talk.line("", f"next: {result.rejection.next_step}")


def _gas(enqueued: Enqueued) -> str:
    return f"{enqueued.receipt.gas_used:,} gas"
