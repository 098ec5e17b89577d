"""The margin model without rounding, to fifty digits: written from its papers, not from its code.

What a tick gives is taken as it is. So is, with a risk table, what the model *means* by its
integers: where they put forwards, volatilities and tenors of the scenarios (`test_stressed` says
how far that is from the formulas), by how many whole milli-USD a linear contract moves, a delta
and a notional. Prices, sums, rates and charges are never rounded here.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from mpmath import ceil, floor, log, mp, mpf, ncdf, sqrt

from novate.instruments import Perpetual
from novate.risk import Dials, Listing, Market, RiskParameters, RiskTable
from novate.risk.charge import GroupCharge
from novate.risk.stressed import Stressed, stressed
from novate.units import bounds

mp.dps = 50

HOUR, DAY, MONTH, YEAR = 3_600, 86_400, 30 * 86_400, bounds.YEAR_S
UP, SAME, DOWN = "up", "same", "down"


@dataclass(frozen=True)
class Column:
    """By how many ranges the index moves, what volatility does, whether the time that closing may
    take has passed, whether a quarter counts, and whether move and shock have the buffer."""

    ranges: mpf
    vol: str
    is_later: bool = False
    is_tail: bool = False
    is_buffered: bool = False

    @property
    def part(self) -> mpf:
        return mpf(1) / 4 if self.is_tail else mpf(1)

    @property
    def is_near(self) -> bool:
        return abs(self.ranges) < 1


LATER, TAIL, BUFFERED = "is_later", "is_tail", "is_buffered"

GRID = tuple(
    Column(mpf(ranges), vol, **dict.fromkeys(words, True))
    for ranges, vol, *words in (
        ("0", SAME, LATER),
        ("0", UP),
        ("0", DOWN, LATER),
        ("-0.1", DOWN, LATER),
        ("-0.1", SAME, LATER),
        ("0.1", DOWN, LATER),
        ("0.1", SAME, LATER),
        ("-0.3", DOWN, LATER),
        ("-0.3", SAME, LATER),
        ("0.3", DOWN, LATER),
        ("0.3", SAME, LATER),
        ("-1", UP),
        ("1", UP),
        ("-1", DOWN, LATER),
        ("1", DOWN, LATER),
        ("-4", SAME, TAIL),
        ("4", SAME, TAIL),
        ("-1", UP, BUFFERED),
        ("1", UP, BUFFERED),
    )
)

Book = Mapping[int, int]
"""Milli-contracts by row of the listing."""


def e6(value_e6: int) -> mpf:
    return mpf(int(value_e6)) / 10**6


@cache
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
    initial_scan: mpf
    value: mpf
    crowded: mpf
    short: mpf
    confidence: mpf
    funding: mpf
    maintenance: mpf
    initial: mpf
    worth: mpf


@dataclass(frozen=True, eq=False)
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

    @property
    def horizon_s(self) -> int:
        """How long closing may take: six hours at the usual dials."""
        usual = Dials()
        latency_s = self.dials.settlement_latency_s - usual.settlement_latency_s
        heartbeat_s = self.dials.oracle_heartbeat_s - usual.oracle_heartbeat_s
        return 6 * HOUR + latency_s + heartbeat_s

    @property
    def horizon(self) -> mpf:
        """How much further things move than in the six hours that the shocks were chosen for; both
        are counted from the last proven state and the last tick."""
        usual = Dials()
        before_s = usual.settlement_latency_s + usual.oracle_heartbeat_s
        return sqrt(mpf(self.horizon_s + before_s) / (6 * HOUR + before_s))

    @property
    def buffer(self) -> mpf:
        return 1 + e6(self.dials.margin_buffer_e6)

    @property
    def unrounded_range(self) -> mpf:
        p = self.parameters
        line = e6(p.range_e6) + e6(p.range_per_vol_e6) * e6(self.market.fortnight_vol_e6)
        return min(line, e6(p.range_max_e6)) * self.horizon

    @property
    def spot_range(self) -> mpf:
        """Up to a twentieth of a point, and below a half."""
        return min(ceil(self.unrounded_range * 2_000) / 2_000, mpf("0.4995"))

    def rise(self, tenor_s: int) -> mpf:
        p = self.parameters
        return min(e6(p.vol_up_e6) * self.horizon * tenor_factor(tenor_s), e6(p.vol_up_max_e6))

    def fall(self, tenor_s: int) -> mpf:
        p = self.parameters
        return min(e6(p.vol_down_e6) * self.horizon * tenor_factor(tenor_s), e6(p.vol_down_max_e6))

    def shocked(self, vol: mpf, way: str, tenor_s: int, *, is_buffered: bool = False) -> mpf:
        times = self.buffer if is_buffered else mpf(1)
        if way == UP:
            return min(vol * (1 + self.rise(tenor_s) * times), mpf(10))
        if way == DOWN:
            return vol * (1 - min(self.fall(tenor_s) * times, mpf(1)))
        return vol

    def shock_error(self, vol: mpf, tenor_s: int) -> mpf:
        """How far from here integers may put a shocked volatility: two factors are rounded up at
        2**-20, of the horizon and of the tenor, and a shock at a millionth as often, once more
        with the buffer, and at last the volatility."""
        at_30_days = max(e6(self.parameters.vol_up_e6), e6(self.parameters.vol_down_e6))
        shock = tenor_factor(tenor_s) * (at_30_days + 1) + at_30_days * self.horizon + 1
        return (1 + vol * (shock * self.buffer + 1)) / 10**6

    def vol(self, node: int, column: int | None) -> mpf:
        """Of a node in a scenario, or now."""
        if column is None:
            return e6(self.market.vol_e6[node])
        if self.world is not None:
            return e6(self.world.vol_e6[node, column])
        vol, scenario = e6(self.market.vol_e6[node]), GRID[column]
        tenor_s = int(self.market.tenor_s[self.listing.node_group[node]])
        return self.shocked(vol, scenario.vol, tenor_s, is_buffered=scenario.is_buffered)

    def move(self, column: int) -> mpf:
        """By which part of itself the index moves."""
        scenario = GRID[column]
        return scenario.ranges * self.spot_range * (self.buffer if scenario.is_buffered else 1)

    def forward(self, group: int, column: int | None) -> mpf:
        """At least a milli-USD, in a scenario or now."""
        if column is None:
            return mpf(int(self.market.forward_e3[group]))
        if self.world is not None:
            return mpf(int(self.world.forward_e3[group, column]))
        forward_e3, shocked_e3 = self.market.forward_e3[group], self.market.shocked_e3[group]
        return max(int(forward_e3) + int(shocked_e3) * self.move(column), mpf(1))

    def tenor_s(self, group: int, column: int | None) -> int:
        """In a scenario, or now."""
        tenor_s = int(self.market.tenor_s[group])
        if column is not None and self.world is not None:
            return int(self.world.tenor_s[group, column])
        is_later = column is not None and GRID[column].is_later
        return max(tenor_s - is_later * self.horizon_s, 0)

    # Instruments.

    def group(self, row: int) -> int:
        """0 of the perpetual, then the expiries in order."""
        maturity = self.listing.instruments[row].maturity
        return 0 if isinstance(maturity, Perpetual) else 1 + self.expiries.index(maturity.s)

    @cached_property
    def expiries(self) -> list[int]:
        maturities = (one.maturity for one in self.listing.instruments)
        return sorted({one.s for one in maturities if not isinstance(one, Perpetual)})

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

    def worth(self, row: int, column: int | None) -> mpf:
        """Milli-USD of one contract in a scenario, or now."""
        payoff, group = self.listing.instruments[row].payoff, self.groups[row]
        forward, tenor_s = self.forward(group, column), self.tenor_s(group, column)
        worth = payoff.constant_e3 + payoff.slope * forward
        for kink in payoff.kinks:
            vol = self.vol(self.nodes[group, kink.strike_e3], column)
            worth += kink.turn * call(forward, mpf(kink.strike_e3), vol, tenor_s)
        return worth

    def mark(self, row: int) -> mpf:
        return self.worth(row, None)

    def entry(self, row: int, column: int) -> mpf:
        """What one contract gains in a scenario, in milli-USD, as far as it counts."""
        gain = GRID[column].part * (self.worth(row, column) - self.mark(row))
        return gain if self.table is None or self.is_option(row) else floor(gain)

    def least(self, row: int) -> mpf:
        """What the scan counts of one contract at least, in milli-USD: of each call that it is made
        of, long or short, a part of the forward, and no more than its time value."""
        payoff, group = self.listing.instruments[row].payoff, self.groups[row]
        forward, tenor_s = self.forward(group, None), self.tenor_s(group, None)
        least = mpf(0)
        for kink in payoff.kinks:
            strike = mpf(kink.strike_e3)
            price = call(
                forward, strike, self.vol(self.nodes[group, kink.strike_e3], None), tenor_s
            )
            time_value = price - max(forward - strike, mpf(0))
            part = forward * e6(self.parameters.least_option_e6)
            least += abs(kink.turn) * min(part, time_value)
        return least

    def delta(self, row: int) -> mpf:
        """What one contract gains when the underlying doubles, linearly, in milli-USD."""
        if self.table is not None:
            return mpf(int(self.table.contract.delta_e3[row]))
        return self.steepness(row)

    def steepness(self, row: int) -> mpf:
        payoff, group = self.listing.instruments[row].payoff, self.groups[row]
        share = mpf(payoff.slope)
        for kink in payoff.kinks:
            vol = self.vol(self.nodes[group, kink.strike_e3], None)
            forward, tenor_s = self.forward(group, None), self.tenor_s(group, None)
            share += kink.turn * probability(forward, mpf(kink.strike_e3), vol, tenor_s)
        return int(self.market.shocked_e3[group]) * share

    # Accounts.

    def required(self, book: Book) -> Required:
        parts = self.parts(book)
        basis, value = self.basis(parts), self.value(parts)
        scan, initial_scan = self.scans(book, basis)
        net = sum((q * self.delta(row) for row, q in book.items()), mpf(0))
        crowded = self.crowded(net)
        short = self.naked(parts) * int(self.market.index_e3) * e6(self.parameters.short_option_e6)
        confidence = sum(
            (self.uncertain(group) * self.notional(part) for group, part in parts.items()), mpf(0)
        )
        funding = max(mpf(0), mpf(book.get(0, 0) * int(self.market.funding_e3)))
        both = value + crowded + short
        maintenance = scan + both
        # Nobody may open what would be flagged at once.
        flagged = maintenance * e6(self.dials.liquidation_threshold_e6)
        return Required(
            scan=scan,
            initial_scan=initial_scan,
            value=value,
            crowded=crowded,
            short=short,
            confidence=confidence,
            funding=funding,
            maintenance=maintenance,
            initial=max(initial_scan + both + confidence + funding, flagged),
            worth=sum((q * self.mark(row) for row, q in book.items()), mpf(0)),
        )

    def parts(self, book: Book) -> dict[int, dict[int, int]]:
        """The book, group by group."""
        parts: dict[int, dict[int, int]] = defaultdict(dict)
        for row, quantity_e3 in book.items():
            parts[self.groups[row]][row] = quantity_e3
        return parts

    def scans(self, book: Book, basis: mpf) -> tuple[mpf, mpf]:
        """Of maintenance and of initial margin."""
        maintenance = sum((abs(q) * self.least(row) for row, q in book.items()), mpf(0))
        buffered = mpf(0)
        for column, scenario in enumerate(GRID):
            loss = mpf(0)
            for group, part in self.parts(book).items():
                gain = sum((q * self.entry(row, column) for row, q in part.items()), mpf(0))
                loss -= min(gain, mpf(0)) if self.is_gone(group) else gain
            loss += basis if scenario.is_near else 0
            if scenario.is_buffered:
                buffered = max(buffered, loss)
            else:
                maintenance = max(maintenance, loss)
        return maintenance, max(maintenance * self.buffer, buffered) * self.depeg

    def is_gone(self, group: int) -> bool:
        """Whether a group expires before a position can be closed."""
        return group > 0 and int(self.market.tenor_s[group]) <= self.horizon_s

    @property
    def depeg(self) -> mpf:
        """4 % for each 1 % that a dollar coin lacks to 99 cents."""
        return 1 + 4 * max(mpf(0), mpf("0.99") - e6(self.stable_e6))

    def is_option(self, row: int) -> bool:
        return bool(self.listing.instruments[row].payoff.kinks)

    def naked(self, parts: Mapping[int, Book]) -> int:
        """Milli-contracts of short calls and of short puts, each net in its expiry."""
        naked = 0
        for part in parts.values():
            calls = puts = 0
            for row, quantity_e3 in part.items():
                payoff = self.listing.instruments[row].payoff
                if payoff.kinks:
                    calls += quantity_e3 * (payoff.slope + sum(one.turn for one in payoff.kinks))
                    puts -= quantity_e3 * payoff.slope
            naked += max(0, -calls) + max(0, -puts)
        return naked

    def years(self, group: int) -> mpf:
        return mpf(int(self.market.tenor_s[group])) / YEAR

    def basis_rate(self, group: int) -> mpf:
        p = self.parameters
        return e6(p.basis_e6) + e6(p.basis_per_year_e6) * self.years(group)

    def value_rate(self, group: int) -> mpf:
        p = self.parameters
        return e6(p.value_e6) + e6(p.value_per_year_e6) * self.years(group)

    def group_delta(self, part: Book) -> mpf:
        return sum((q * self.delta(row) for row, q in part.items()), mpf(0))

    def basis(self, parts: Mapping[int, Book]) -> mpf:
        """Loss when every forward moves against the account."""
        return sum(
            (abs(self.group_delta(part)) * self.basis_rate(group) for group, part in parts.items()),
            mpf(0),
        )

    def options_worth(self, part: Book) -> mpf:
        """What options of a group are worth, where that is something."""
        worth = sum((q * self.mark(row) for row, q in part.items() if self.is_option(row)), mpf(0))
        return max(worth, mpf(0))

    def value(self, parts: Mapping[int, Book]) -> mpf:
        return sum(
            (self.options_worth(part) * self.value_rate(group) for group, part in parts.items()),
            mpf(0),
        )

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
        forward = self.forward(self.groups[row], None)
        return max(forward * self.count(row), abs(self.mark(row)))

    def count(self, row: int) -> int:
        """How many options and linear contracts one contract is: each turn is a call, or a put with
        one of slope against it."""
        payoff = self.listing.instruments[row].payoff
        sign = 1 if payoff.slope > 0 else -1
        against = sum(max(0, -sign * kink.turn) for kink in payoff.kinks)
        calls = sum(abs(kink.turn) for kink in payoff.kinks)
        return calls + max(0, abs(payoff.slope) - against)

    # How much more integers may ask, in micro-USD.

    def maintenance_excess(self, book: Book) -> mpf:
        """Loss, basis and charges of maintenance margin, as far as they may be above the exact."""
        return self.loss_excess(book) + self.basis_excess(book) + self.charge_excess(book)

    def initial_excess(self, book: Book) -> mpf:
        """The same of initial margin: a loss is that much larger by buffer and price of USDC, each
        rounded up, and what an uncertain group is charged is rounded up too."""
        loss = self.buffer * (self.loss_excess(book) + self.basis_excess(book)) + 1
        asked = self.depeg * loss + 1 + self.charge_excess(book) + len(self.parts(book))
        threshold = e6(self.dials.liquidation_threshold_e6)
        return max(asked, threshold * self.maintenance_excess(book) + 1)

    def loss_excess(self, book: Book) -> mpf:
        """A column errs by the error of its entries, and is charged as much for that; the least of
        an option by that of its mark, or one unit, and as much."""
        assert self.table is not None
        error_e3 = self.table.contract.entry_error_e3
        return 2 * mpf(sum(abs(q) * int(error_e3[row]) for row, q in book.items()))

    def basis_excess(self, book: Book) -> mpf:
        """Each group's rate is rounded up, and what it makes of a delta."""
        return sum(
            (
                abs(self.group_delta(part))
                * (self.asked_rate(group, GroupCharge.BASIS) - self.basis_rate(group))
                + 1
                for group, part in self.parts(book).items()
            ),
            mpf(0),
        )

    def charge_excess(self, book: Book) -> mpf:
        """Of value: marks, rates and products; of a crowd: a rate and its product; of a naked
        option: a milli-USD for each."""
        assert self.table is not None
        error_e3 = self.table.contract.mark_error_e3
        parts, excess = self.parts(book), mpf(0)
        for group, part in parts.items():
            error = sum(abs(q) * int(error_e3[row]) for row, q in part.items())
            rate = self.asked_rate(group, GroupCharge.VALUE)
            rise = rate - self.value_rate(group)
            excess += 2 * error * rate + self.options_worth(part) * rise + 1
        net = abs(sum(self.group_delta(part) for part in parts.values()))
        if net > self.parameters.crowded.e6:
            excess += net / 10**6 + 1
        return excess + self.naked(parts)

    def asked_rate(self, group: int, kind: GroupCharge) -> mpf:
        assert self.table is not None
        return e6(self.table.group_rates_e6[group, kind])
