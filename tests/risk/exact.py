"""The margin model without rounding, to fifty digits: written from its papers, not from its code.

What a tick gives is taken as it is. So is, with a risk table, what the model *means* by its
integers: where they put forwards, volatilities and weights of the scenarios (`test_stressed` says
how far that is from the formulas), by how many whole milli-USD a linear contract moves, a delta
and a notional. Prices, sums and charges are never rounded here.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mpmath import floor, log, mp, mpf, ncdf, sqrt

from novate.instruments import Perpetual
from novate.risk import Dials, Listing, Market, RiskParameters, RiskTable
from novate.risk.stressed import Stressed, stressed
from novate.units import bounds

mp.dps = 50

DAY, MONTH, YEAR = 86_400, 30 * 86_400, bounds.YEAR_S
TAILS = ("-0.66", "-0.33", "0.5", "1", "2", "4")
THIRDS = (0, -1, 1, -2, 2, -3, 3)
UP, SAME, DOWN = "up", "same", "down"
QUIET = 1
"""The column in which nothing moves."""

COLUMNS = (
    *((thirds, vol) for thirds in THIRDS for vol in (UP, SAME, DOWN)),
    *((tail, UP) for tail in TAILS),
    (0, "front up"),
    (0, "front down"),
    (0, "tilt up"),
    (0, "tilt down"),
    (0, "wings up"),
    (0, "wings down"),
)
Book = Mapping[int, int]
"""Milli-contracts by row of the listing."""


def e6(value_e6: int) -> mpf:
    return mpf(int(value_e6)) / 10**6


def call(forward: mpf, strike: mpf, vol: mpf, tenor_s: int) -> mpf:
    s = vol * sqrt(mpf(tenor_s) / YEAR)
    if s == 0:
        return max(forward - strike, mpf(0))
    d1 = log(forward / strike) / s + s / 2
    # From the side that is out of the money, so that no digits cancel.
    if forward <= strike:
        return forward * ncdf(d1) - strike * ncdf(d1 - s)
    return forward - strike + strike * ncdf(s - d1) - forward * ncdf(-d1)


def tenor_factor(tenor_s: int) -> mpf:
    return sqrt(mpf(MONTH) / max(tenor_s, DAY))


def probability(forward: mpf, strike: mpf, vol: mpf, tenor_s: int) -> mpf:
    """That a call ends in the money, as its holder counts: its delta."""
    s = vol * sqrt(mpf(tenor_s) / YEAR)
    if s == 0:
        return mpf((forward > strike) + (forward >= strike)) / 2
    return ncdf(log(forward / strike) / s + s / 2)


@dataclass(frozen=True)
class Required:
    """Micro-USD."""

    scan: mpf
    basis: mpf
    value: mpf
    crowded: mpf
    short: mpf
    short_initial: mpf
    confidence: mpf
    funding: mpf
    maintenance: mpf
    initial: mpf
    worth: mpf


@dataclass(frozen=True)
class Exact:
    listing: Listing
    market: Market
    parameters: RiskParameters
    dials: Dials = field(default_factory=Dials)
    stable_e6: int = 10**6
    table: RiskTable | None = None
    world: Stressed | None = None

    @classmethod
    def of(cls, table: RiskTable, *, stable_e6: int = 10**6) -> "Exact":
        """What a table means, priced and summed exactly."""
        listing, market, shocks = table.listing, table.market, table.shocks
        world = stressed(listing, market, shocks)
        return cls(listing, market, shocks.parameters, shocks.dials, stable_e6, table, world)

    # The shocks.

    @cached_property
    def horizon(self) -> mpf:
        """How much longer or shorter a position has to be carried than the shocks assume."""
        chosen, assumed = Dials(), 6 * 3600
        asked = assumed + self.dials.settlement_latency_s + self.dials.oracle_heartbeat_s
        return sqrt(
            mpf(asked) / (assumed + chosen.settlement_latency_s + chosen.oracle_heartbeat_s)
        )

    @cached_property
    def spot_range(self) -> mpf:
        p = self.parameters
        wanted = e6(p.range_factor_e6) * e6(self.market.fortnight_vol_e6)
        clamped = min(max(wanted, e6(p.range_min_e6)), e6(p.range_max_e6))
        return min(clamped * self.horizon, 1 - mpf(1) / 10**6)

    def vol_up(self, vol: mpf, tenor_s: int) -> mpf:
        p, m = self.parameters, tenor_factor(tenor_s)
        rise = min(e6(p.vol_up_e6) * self.horizon * m, e6(p.vol_up_max_e6))
        return min(max(vol * (1 + rise), e6(p.vol_floor_e6) * min(mpf(1), m)), mpf(10))

    def vol_down(self, vol: mpf, tenor_s: int) -> mpf:
        p, m = self.parameters, tenor_factor(tenor_s)
        return vol * (1 - min(e6(p.vol_down_e6) * self.horizon * m, e6(p.vol_down_max_e6)))

    def place(self, strike_e3: int, forward_e3: int, tenor_s: int) -> mpf:
        """Where a strike lies on its smile, from -1 to 1."""
        width = 4 * e6(self.market.fortnight_vol_e6) * sqrt(mpf(tenor_s) / YEAR)
        k = log(mpf(strike_e3) / forward_e3)
        if width == 0:
            return mpf((k > 0) - (k < 0))
        return min(max(k / width, mpf(-1)), mpf(1))

    def vol(self, node: int, column: int) -> mpf:
        """Of a node in a scenario."""
        if self.world is not None:
            return e6(self.world.vol_e6[node, column])
        group = int(self.listing.node_group[node])
        vol, tenor_s = e6(self.market.vol_e6[node]), int(self.market.tenor_s[group])
        strike_e3, forward_e3 = self.listing.node_strike_e3[node], self.market.forward_e3[group]
        skew, twist = e6(self.parameters.skew_e6), e6(self.parameters.twist_e6)
        up, down = self.vol_up(vol, tenor_s), self.vol_down(vol, tenor_s)
        z = skew * self.place(int(strike_e3), int(forward_e3), tenor_s)
        twisted = [vol + twist * (up - vol), vol + twist * (down - vol)]
        if tenor_s > MONTH:
            twisted.reverse()
        smiles = [vol * (1 + z), vol * (1 - z), vol * (1 + abs(z)), vol * (1 - abs(z))]
        shock = COLUMNS[column][1]
        known = {UP: up, SAME: vol, DOWN: down}
        cut = [min(one, mpf(10)) for one in (*twisted, *smiles)]
        return known[shock] if shock in known else cut[column - 27]

    def move(self, column: int) -> mpf:
        """By which part of itself the index moves."""
        where, _ = COLUMNS[column]
        return mpf(where) if isinstance(where, str) else where * self.spot_range / 3

    def forward(self, group: int, column: int) -> mpf:
        if self.world is not None:
            return mpf(int(self.world.forward_e3[group, column]))
        forward_e3, shocked_e3 = self.market.forward_e3[group], self.market.shocked_e3[group]
        return int(forward_e3) + int(shocked_e3) * self.move(column)

    def weight(self, column: int) -> mpf:
        """What a gain or loss counts."""
        if self.world is not None:
            return e6(self.world.weight_e6[column])
        where, _ = COLUMNS[column]
        if not isinstance(where, str):
            return mpf(1)
        return min(e6(self.parameters.tail_weight_e6) * self.spot_range / abs(mpf(where)), mpf(1))

    # Instruments.

    def group(self, row: int) -> int:
        """0 of the perpetual, then the expiries in order."""
        maturity = self.listing.instruments[row].maturity
        if isinstance(maturity, Perpetual):
            return 0
        expiries = sorted(
            {
                one.maturity.s
                for one in self.listing.instruments
                if not isinstance(one.maturity, Perpetual)
            }
        )
        return 1 + expiries.index(maturity.s)

    @cached_property
    def groups(self) -> list[int]:
        return [self.group(row) for row in range(len(self.listing.instruments))]

    @cached_property
    def nodes(self) -> dict[tuple[int, int], int]:
        """By group and strike."""
        places = zip(
            self.listing.node_group.tolist(), self.listing.node_strike_e3.tolist(), strict=True
        )
        return {place: node for node, place in enumerate(places)}

    def worth(self, row: int, forward: mpf, column: int) -> mpf:
        """Milli-USD of one contract at the volatilities of a scenario."""
        payoff, group = self.listing.instruments[row].payoff, self.groups[row]
        worth = payoff.constant_e3 + payoff.slope * forward
        for kink in payoff.kinks:
            vol = self.vol(self.nodes[group, kink.strike_e3], column)
            tenor_s = int(self.market.tenor_s[group])
            worth += kink.turn * call(forward, mpf(kink.strike_e3), vol, tenor_s)
        return worth

    def mark(self, row: int) -> mpf:
        return self.worth(row, self.now(row), QUIET)

    def now(self, row: int) -> mpf:
        return mpf(int(self.market.forward_e3[self.groups[row]]))

    def entry(self, row: int, column: int) -> mpf:
        """What one contract gains in a scenario, in milli-USD."""
        after = self.worth(row, self.forward(self.groups[row], column), column)
        gain = self.weight(column) * (after - self.mark(row))
        return gain if self.table is None or self.is_option(row) else floor(gain)

    def delta(self, row: int) -> mpf:
        """What one contract gains when the underlying doubles, linearly, in milli-USD."""
        if self.table is not None:
            return mpf(int(self.table.contract.delta_e3[row]))
        return self.steepness(row)

    def steepness(self, row: int) -> mpf:
        payoff, group = self.listing.instruments[row].payoff, self.groups[row]
        share = mpf(payoff.slope)
        for kink in payoff.kinks:
            vol = self.vol(self.nodes[group, kink.strike_e3], QUIET)
            tenor_s = int(self.market.tenor_s[group])
            share += kink.turn * probability(self.now(row), mpf(kink.strike_e3), vol, tenor_s)
        return int(self.market.shocked_e3[group]) * share

    # Accounts.

    def required(self, book: Book) -> Required:
        p = self.parameters
        by_group: dict[int, dict[int, int]] = defaultdict(dict)
        for row, quantity_e3 in book.items():
            by_group[self.groups[row]][row] = quantity_e3
        gain = {
            group: [
                sum(quantity_e3 * self.entry(row, column) for row, quantity_e3 in part.items())
                for column in range(33)
            ]
            for group, part in by_group.items()
        }
        index, naked = mpf(int(self.market.index_e3)), self.naked(by_group)
        scan = max(
            mpf(0),
            *(-sum(gains[column] for gains in gain.values()) for column in range(29)),
            sum(max(mpf(0), -gains[29], -gains[30]) for gains in gain.values()),
            sum(max(mpf(0), -gains[31], -gains[32]) for gains in gain.values()),
            e6(p.short_option_min_e6) * index * naked,
        )
        basis, net = self.basis(by_group)
        value = sum(
            max(mpf(0), sum(q * self.mark(row) for row, q in part.items() if self.is_option(row)))
            * (e6(p.value_e6) + e6(p.value_per_year_e6) * self.market.tenor_s[group] / YEAR)
            for group, part in by_group.items()
        )
        crowded = self.crowded(net)
        short = naked * index * e6(p.short_option_e6)
        short_initial = naked * index * e6(p.short_option_initial_e6)
        confidence = sum(
            self.uncertain(group) * self.notional(part) for group, part in by_group.items()
        )
        funding = max(mpf(0), mpf(book.get(0, 0) * int(self.market.funding_e3)))
        both = basis + value + crowded + short
        maintenance = scan * 4 / 5
        return Required(
            scan=scan,
            basis=basis,
            value=value,
            crowded=crowded,
            short=short,
            short_initial=short_initial,
            confidence=confidence,
            funding=funding,
            maintenance=maintenance + both,
            initial=maintenance * self.factor + both + short_initial + confidence + funding,
            worth=sum((q * self.mark(row) for row, q in book.items()), mpf(0)),
        )

    @property
    def factor(self) -> mpf:
        """What initial margin asks of the maintenance margin's scan."""
        depeg = 4 * max(mpf(0), mpf("0.99") - e6(self.stable_e6))
        return (1 + e6(self.dials.margin_buffer_e6)) * (1 + depeg)

    def is_option(self, row: int) -> bool:
        return bool(self.listing.instruments[row].payoff.kinks)

    def naked(self, by_group: Mapping[int, Book]) -> int:
        """Milli-contracts of short calls and of short puts, each net in its expiry."""
        naked = 0
        for part in by_group.values():
            calls = puts = 0
            for row, quantity_e3 in part.items():
                payoff = self.listing.instruments[row].payoff
                if payoff.kinks:
                    calls += quantity_e3 * (payoff.slope + sum(one.turn for one in payoff.kinks))
                    puts -= quantity_e3 * payoff.slope
            naked += max(0, -calls) + max(0, -puts)
        return naked

    def basis(self, by_group: Mapping[int, Book]) -> tuple[mpf, mpf]:
        """The charge on hedged delta, and the net delta."""
        p = self.parameters
        deltas = {
            group: sum(quantity_e3 * self.delta(row) for row, quantity_e3 in part.items())
            for group, part in by_group.items()
        }
        whole = sum(
            abs(delta)
            * (e6(p.basis_e6) + e6(p.basis_per_year_e6) * self.market.tenor_s[group] / YEAR)
            for group, delta in deltas.items()
        )
        above = sum(max(mpf(0), delta) for delta in deltas.values())
        below = sum(max(mpf(0), -delta) for delta in deltas.values())
        share = 2 * min(above, below) / (above + below) if above + below else mpf(0)
        return share * whole, above - below

    def crowded(self, net: mpf) -> mpf:
        times = abs(net) / self.parameters.crowded.e6
        return abs(net) * min(mpf("0.1"), mpf("0.05") * max(mpf(0), times - 1))

    def uncertain(self, group: int) -> mpf:
        confidence = e6(self.market.confidence_e6[group])
        return 1 - confidence if confidence < mpf("0.55") else mpf(0)

    def notional(self, part: Book) -> mpf:
        return sum((abs(q) * self.size(row) for row, q in part.items()), mpf(0))

    def size(self, row: int) -> mpf:
        """Forward times options and linear contracts, or the mark if that is more; milli-USD."""
        if self.table is not None:
            return mpf(int(self.table.contract.gross_e3[row]))
        return max(self.now(row) * self.count(row), abs(self.mark(row)))

    def count(self, row: int) -> int:
        """How many options and linear contracts one contract is: each turn is a call, or a put with
        one of slope against it."""
        payoff = self.listing.instruments[row].payoff
        sign = 1 if payoff.slope > 0 else -1
        against = sum(max(0, -sign * kink.turn) for kink in payoff.kinks)
        calls = sum(abs(kink.turn) for kink in payoff.kinks)
        return calls + max(0, abs(payoff.slope) - against)

    def lack(self, book: Book) -> mpf:
        """What integers may ask less, in micro-USD: the charge for value is on marks as they are,
        so that it misses what they err, and rounds up."""
        assert self.table is not None
        error_e3 = self.table.contract.mark_error_e3
        rate = e6(self.table.group_rates_e6[:, 1].max())
        return rate * sum(abs(q) * int(error_e3[row]) for row, q in book.items())

    def excess(self, book: Book) -> mpf:
        """What integers may ask more than `required(book).initial`, in micro-USD.

        With |q| sizes, e the errors of entries and m of marks, both published: a column errs by
        e |q| and is charged e |q| for that; a weight of the hedged part is up to a thousandth too
        high, rates and factors up to a millionth, and what is rounded up up to one.
        """
        assert self.table is not None
        part, contract = self.required(book), self.table.contract
        sizes = {row: abs(q) for row, q in book.items()}
        e = sum(q * int(contract.entry_error_e3[row]) for row, q in sizes.items())
        m = sum(q * int(contract.mark_error_e3[row]) for row, q in sizes.items())
        gross, groups = self.notional(book), len({self.groups[row] for row in book})
        rates = self.table.group_rates_e6
        basis, value = e6(rates[:, 0].max()), e6(rates[:, 1].max())
        factor = self.factor
        scan = (2 * e + sum(sizes.values())) * factor * 4 / 5 + part.scan / 10**6
        rates_up = 4 * gross / 10**6
        return (
            scan
            + rates_up
            + basis * gross / 1000
            + 2 * value * m
            + 2 * sum(sizes.values())
            + factor
            + 4 * groups
            + 6
        )
