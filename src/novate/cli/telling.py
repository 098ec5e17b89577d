"""The walk told in a trader's words, on stderr, while it happens."""

from contextlib import ExitStack
from pathlib import Path

from novate.air import Machine
from novate.chain import Attestation, Enqueued
from novate.cli.render import contracts, hexadecimal, money, percent, price, short
from novate.cli.talk import Talk
from novate.instruments import payoff
from novate.ledger import Applied, Collateral, Head, Rejected
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
from novate.oracle import lower_median
from novate.units import IndexPrice, Qty, Usd

ONE = Qty(1_000)
REPLAYED = ONE
TOO_MUCH = Usd(15_000 * 10**6)


def bundle_name(batch_number: int) -> str:
    """Of the file of a batch."""
    return f"batch-{batch_number}.novate"


class Telling(Audience):
    """Goes through the walk, step by step, and says what each one did to whose money."""

    def __init__(self, walk: Walk, talk: Talk, folder: Path) -> None:
        self._walk, self._talk, self._folder = walk, talk, folder
        self._stage = ExitStack()

    def introduce(self, machine: Machine, url: str) -> None:
        """What is traded, where, and what the words of this system are worth."""
        walk, line = self._walk, self._talk.line
        quote, deployment = walk.quote, walk.deployment
        multiplier_e3 = quote.option.multiplier.e3
        line("program", hexadecimal(machine.program.hash))
        line("security", f"{machine.security.value}: {machine.security_bits} proven bits")
        self._talk.heading("The market")
        line("sample", f"{len(walk.quotes)} BTC puts as an exchange showed them at {TAKEN_AT}")
        line("", f"source: {SOURCE}")
        line(
            "put",
            f"{quote.instrument_name}: strike {quote.option.strike.e3 // multiplier_e3:,} USD, "
            f"expiry {quote.option.expiry}, forward {quote.underlying:,} USD",
        )
        line(
            "contract",
            f"{multiplier_e3 / 1000:g} BTC, so its strike is {price(quote.option.strike)}; "
            "paid and settled in USDC",
        )
        line(
            "mark",
            f"{price(quote.mark)} a contract, bid {price(quote.bid)}, ask {price(quote.ask)}, "
            f"implied volatility {quote.mark_iv} %",
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
                f"deposits {money(person.deposit)} of a wallet of {money(person.money)}: "
                f"account {account}, {_gas(arrival.deposit)}",
            )
            self._talk.line("", f"registers a session key in slot 1, {_gas(arrival.registration)}")
        _, steps = self._walk.open_batch()
        self._talk.line("sequencer", f"takes {len(steps)} entries from the inbox, in order")

    def trade(self) -> None:
        """One offer, filled in part and then further; and two things that are refused."""
        walk, talk, mark = self._walk, self._talk, price(self._walk.quote.mark)
        talk.heading("Trade")
        offer = walk.offer()
        talk.line(
            walk.writer.name,
            f"offers to sell {contracts(OFFERED)} puts at {mark}, the mark; signed with his "
            "session key",
        )
        bids = []
        filled_e3 = 0
        for order_slot, size in enumerate(FILLS):
            bid = walk.bid(size, order_slot=order_slot)
            bids.append(bid)
            talk.line(walk.buyer.name, f"bids for {contracts(size)} at the same price")
            before = [self._collateral(person) for person in walk.people]
            filled_e3 += size.e3
            self._require(walk.fill(offer, bid, size))
            talk.good(
                "filled",
                f"{contracts(size)} puts at {mark}; of the offer {contracts(Qty(filled_e3))} of "
                f"{contracts(OFFERED)} are filled",
            )
            premium = walk.quote.mark.times(size)
            for person, was in zip(walk.people, before, strict=True):
                self._filled(person, was, premium)
        held = contracts(Qty(filled_e3))
        talk.line(
            "positions", f"{walk.buyer.name} long {held} puts, {walk.writer.name} short {held}"
        )
        self._refused(
            f"{walk.buyer.name}'s first bid is played again for {contracts(REPLAYED)}",
            walk.fill(offer, bids[0], REPLAYED),
        )
        self._refused(
            f"{walk.writer.name} asks for {money(TOO_MUCH)}, more than his puts leave free",
            walk.withdraw(walk.writer, TOO_MUCH),
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
            talk.line(f"publisher {number}", f"signs {signed.message.index} for one BTC")
        talk.line("", "these prices are the demo's assumption: the sample does not reach that far")
        before = [self._collateral(person) for person in walk.people]
        self._require(walk.pay_out(reports))
        median = IndexPrice(lower_median([signed.message.index.e3 for signed in reports]))
        talk.good(
            "settled",
            f"{walk.quote.instrument_name} at {median}, the median: "
            f"{money(payoff(option, median, ONE))} a contract",
        )
        for person, was in zip(walk.people, before, strict=True):
            self._paid_out(person, was)
        fund = Usd(walk.sequencer.batch.state.fund.balance_e6)
        talk.line("", f"rounding leaves {money(fund)} to the dust fund")

    def withdrawals(self) -> None:
        """Both take everything out."""
        for person in self._walk.people:
            amount = self._walk.free(person)
            self._require(self._walk.withdraw(person, amount))
            self._talk.line(person.name, f"withdraws everything: {money(amount)}")

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
        path = self._folder / bundle_name(proven.bundle.statement.batch_number)
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

    def rebuild(self) -> Head:
        """The state once more, from what everybody can read on the chain."""
        with self._talk.stage("rebuild", "the state, from genesis and the chain's data alone"):
            head = self._walk.rebuilt()
        if not head.root == self._walk.deployment.state_root == self._walk.sequencer.head.root:
            raise AssertionError("the rebuilt state has another root")
        return head

    def _collateral(self, person: Person) -> Collateral:
        return self._walk.sequencer.batch.state.collateral(person.trader.account)

    def _filled(self, person: Person, before: Collateral, premium: Usd) -> None:
        """What a fill did to one side: what is not premium is the venue's fee."""
        after, configuration = self._collateral(person), self._walk.genesis.configuration
        moved = Usd(after.balance_e6 - before.balance_e6)
        balance = f"balance {money(Usd(after.balance_e6))}"
        if person is self._walk.writer:
            fee, rate = premium - moved, percent(configuration.maker_fee_rate)
            verb, pays = "receives", "pays "
            balance += f", of which {money(Usd(after.locked_e6))} is locked: strike times size"
        else:
            fee, rate = -moved - premium, percent(configuration.taker_fee_rate)
            verb, pays = "pays", ""
        self._talk.line(
            "",
            f"{person.name} {verb} the premium of {money(premium)} and {pays}the venue a fee "
            f"of {money(fee)} ({rate}); {balance}",
        )

    def _paid_out(self, person: Person, before: Collateral) -> None:
        after = self._collateral(person)
        moved = Usd(after.balance_e6 - before.balance_e6)
        freed = Usd(before.locked_e6 - after.locked_e6)
        released = f"; his lock of {money(freed)} is released" if freed.e6 else ""
        verb = "receives" if moved.e6 >= 0 else "pays"
        amount = moved if moved.e6 >= 0 else -moved
        self._talk.line("", f"{person.name} {verb} {money(amount)}{released}")

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
