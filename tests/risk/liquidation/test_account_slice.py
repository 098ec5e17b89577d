"""A slice of a flagged account: what is cut, who pays, and what is left."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from novate.pricing import NotIntegers
from novate.risk.liquidation.account_slice import (
    SliceCash,
    SliceRefused,
    check_taker,
    cut_e3,
    insolvent_charge_law,
    slice_cash,
    slice_cut_law,
    solvent_charge_law,
)
from novate.risk.liquidation.rules import ONE, WHOLE, LiquidationRules, largest_slice
from novate.risk.parameters import Dials
from novate.units import Integers, OutOfRange, bounds

USUAL = LiquidationRules()
USD = 10**6


@pytest.mark.parametrize(
    ("size_e3", "lot_e3", "part", "cut"),
    [
        (7_000, 1_000, WHOLE // 7, 0),  # 0.99... lots
        (7_000, 1_000, WHOLE // 7 + 1, 1_000),
        (-7_000, 1_000, WHOLE // 7 + 1, -1_000),
        (7_000, 1_000, WHOLE - 1, 6_000),
        (7_000, 1_000, WHOLE, 7_000),
        (-7_000, 1_000, WHOLE, -7_000),
        (10, 1, WHOLE // 2, 5),
        (0, 1, WHOLE, 0),
        (101, 100, WHOLE, 101),  # an odd rest goes with the last
        (-1, 100, WHOLE, -1),
        (101, 100, WHOLE - 1, 100),  # and stays with the part before
        (-199, 100, WHOLE - 1, -100),
        (99, 100, WHOLE - 1, 0),
    ],
)
def test_a_cut_is_whole_lots_towards_less_and_all_is_all(
    size_e3: int, lot_e3: int, part: int, cut: int
) -> None:
    assert cut_e3(np.array([size_e3]), np.array([lot_e3]), part).tolist() == [cut]


@pytest.mark.parametrize(
    ("size_e3", "lot_e3", "part", "said"),
    [
        (100, 100, 0, "part of an account 0"),
        (100, 100, WHOLE + 1, "part of an account"),
        (100, 0, WHOLE, "lot 0"),
        (100, 1 << bounds.QTY_BITS, WHOLE, "lot"),
        (1 << bounds.QTY_BITS, 1, WHOLE, "size"),
        (-1 << bounds.QTY_BITS, 1, WHOLE, "size"),
    ],
)
def test_what_cannot_be_cut_is_refused(size_e3: int, lot_e3: int, part: int, said: str) -> None:
    with pytest.raises(OutOfRange, match=said):
        cut_e3(np.array([size_e3]), np.array([lot_e3]), part)
    with pytest.raises(NotIntegers, match="size"):
        cut_e3(np.array([0.5]), np.array([lot_e3]), part)


@given(
    st.integers(1 - (1 << bounds.QTY_BITS), (1 << bounds.QTY_BITS) - 1),
    st.integers(1, (1 << bounds.QTY_BITS) - 1),
    st.integers(1, WHOLE - 1),
)
def test_no_position_however_odd_keeps_an_account_from_being_cut(
    size: int, lot: int, part: int
) -> None:
    cut = int(cut_e3(np.array([size]), np.array([lot]), part)[0])
    assert cut % lot == 0
    lots, exact = abs(cut) // lot, abs(size) * part
    assert slice_cut_law(abs(size), part, lot, lots, exact - lots * lot * WHOLE) == 0
    assert 0 <= exact - lots * lot * WHOLE < lot * WHOLE
    assert cut * size >= 0
    rest = size - cut
    assert cut_e3(np.array([rest]), np.array([lot]), WHOLE).tolist() == [rest]


def test_the_law_of_a_cut_admits_no_neighbour() -> None:
    for lots, is_law in ((1, False), (2, True), (3, False)):
        rest = -slice_cut_law(7_000, WHOLE // 3, 1_000, lots, 0)
        assert (0 <= rest < 1_000 * WHOLE) is is_law


def cash(equity_usd: int, left_usd: int, part: int, premium: int) -> SliceCash:
    return slice_cash(
        equity_e6=equity_usd * USD,
        maintenance_e6=10_000 * USD,
        maintenance_after_e6=left_usd * USD,
        value_e6=1_234 * USD,
        part=part,
        premium_e6=premium,
        rules=USUAL,
    )


@pytest.mark.parametrize(
    ("equity_usd", "premium", "premium_usd", "charge_usd"),
    [
        (9_000, 20_000, 40, 80),  # a fifth is taken: 2 % of 2,000 for the taker, 2 % for the fund
        (5_000, 480_000, 960, 1_000),  # E = G * M: all equity goes, pro rata
        (4_900, 480_000, 960, 980),  # what is left of the fee
        (4_800, 480_000, 960, 960),
        (4_700, 480_000, 960, 940),  # the fund adds a fifth of 100
        (0, 480_000, 960, 0),
        (-1_000, 480_000, 960, -200),  # and pays a fifth of the debt
    ],
)
def test_the_account_pays_premium_and_fee_or_all_its_equity_pro_rata(
    equity_usd: int, premium: int, premium_usd: int, charge_usd: int
) -> None:
    moved = cash(equity_usd, 8_000, WHOLE // 5 + 1, premium)
    assert moved.premium_e6 == premium_usd * USD
    assert moved.charge_e6 == charge_usd * USD
    assert moved.taker_e6 + moved.account_e6 + moved.fund_e6 == 0


def test_premium_and_fee_are_on_what_the_slice_relieved_and_at_most_its_part() -> None:
    part = WHOLE // 5 + 1
    assert cash(9_000, 9_999, part, 20_000).charge_e6 == 40_000  # lots cut the slice to 1 USD
    most = cash(9_000, 8_000 - 1, part, 20_000)
    assert most == cash(9_000, 5_000, part, 20_000)
    assert most.charge_e6 == 80_000_001  # of 2,000.000001: a part is a step above a fifth


def test_the_part_of_the_margin_that_is_paid_on_is_rounded_down() -> None:
    moved = slice_cash(
        equity_e6=2,
        maintenance_e6=3,
        maintenance_after_e6=0,
        value_e6=0,
        part=WHOLE // 2,
        premium_e6=ONE,
        rules=USUAL,
    )
    assert moved.premium_e6 == 1  # of 1.5


@pytest.mark.parametrize("left_usd", [10_000, 10_001])
def test_a_slice_that_relieves_nothing_is_refused(left_usd: int) -> None:
    with pytest.raises(SliceRefused, match="cut no hedge"):
        cash(9_000, left_usd, WHOLE // 5, 20_000)


def test_a_part_is_above_zero_and_at_most_the_largest() -> None:
    largest = largest_slice(9_000 * USD, 10_000 * USD, 20_000, USUAL)
    assert cash(9_000, 8_000, largest, 20_000)
    for part in (0, -1, largest + 1):
        with pytest.raises(SliceRefused, match="largest slice"):
            cash(9_000, 8_000, part, 20_000)


def test_an_account_that_is_well_is_not_taken() -> None:
    with pytest.raises(SliceRefused, match=r"\(0, 0\]"):
        cash(10_000, 8_000, 1, 20_000)


@pytest.mark.parametrize(("part", "is_taken"), [(WHOLE - 1, False), (WHOLE, True)])
def test_a_debt_without_margin_is_taken_whole_and_without_premium(
    part: int, is_taken: bool
) -> None:
    debt = {"equity_e6": -7, "maintenance_e6": 0, "maintenance_after_e6": 0, "value_e6": 3}
    if is_taken:
        moved = slice_cash(**debt, part=part, premium_e6=ONE, rules=USUAL)
        assert (moved.premium_e6, moved.charge_e6, moved.fund_e6) == (0, -7, -7)
    else:
        with pytest.raises(SliceRefused):
            slice_cash(**debt, part=part, premium_e6=ONE, rules=USUAL)


@pytest.mark.parametrize(("equity_usd", "is_covered"), [(99, False), (100, True), (101, True)])
def test_a_taker_holds_initial_margin_after_the_take(equity_usd: int, is_covered: bool) -> None:
    if is_covered:
        check_taker(equity_after_e6=equity_usd, initial_after_e6=100)
    else:
        with pytest.raises(SliceRefused, match="initial margin"):
            check_taker(equity_after_e6=equity_usd, initial_after_e6=100)


def test_the_laws_of_a_charge_admit_no_neighbour() -> None:
    for charge, is_law in ((80, False), (81, True), (82, False)):
        assert (0 <= solvent_charge_law(2_001, 40_100, charge, 0) < ONE) is is_law
    for charge, is_law in ((-201, False), (-200, True), (-199, False)):
        assert (0 <= insolvent_charge_law(2_001, -1_000, 10_000, charge, 0) < 10_000) is is_law


@dataclass
class Book:
    """Positions with a margin of the same kind as ours: the worst of linear scenarios."""

    size_e3: Integers
    lot_e3: Integers
    loss_e3: Integers
    """(positions, scenarios)"""

    def maintenance_e6(self, size_e3: Integers) -> int:
        return max(0, int((size_e3 @ self.loss_e3).max()))

    def lots_e6(self, part: int) -> Fraction:
        """What cutting to lots can add to the margin of the rest: each rest at its own worst."""
        exact = [Fraction(abs(size) * part, WHOLE) for size in self.size_e3.tolist()]
        cut = np.abs(cut_e3(self.size_e3, self.lot_e3, part)).tolist()
        worst = np.abs(self.loss_e3).max(axis=1).tolist()
        return sum(
            ((e - c) * w for e, c, w in zip(exact, cut, worst, strict=True)), start=Fraction(0)
        )


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Books that need margin: where every scenario is a gain, the other side is taken."""
    count = draw(st.integers(1, 4))
    lots = draw(st.lists(st.integers(1, 300), min_size=count, max_size=count))
    sign = draw(st.lists(st.sampled_from([1, -1]), min_size=count, max_size=count))
    lot_e3 = draw(st.lists(st.sampled_from([1, 100, 1_000]), min_size=count, max_size=count))
    losses = st.lists(st.integers(-(1 << 24), 1 << 24), min_size=5, max_size=5)
    loss_e3 = draw(st.lists(losses, min_size=count, max_size=count))
    size_e3 = np.array(sign) * np.array(lots) * np.array(lot_e3)
    book = Book(size_e3, np.array(lot_e3), np.array(loss_e3))
    if not book.maintenance_e6(size_e3):
        book.size_e3 = -size_e3
    assume(book.maintenance_e6(book.size_e3))
    return book


@dataclass
class Flagged:
    """A flagged account, and the hour."""

    book: Book
    equity_e6: int
    maintenance_e6: int
    premium_e6: int
    rules: LiquidationRules

    @property
    def largest(self) -> int:
        return largest_slice(self.equity_e6, self.maintenance_e6, self.premium_e6, self.rules)

    def taken(self, part: int) -> tuple[SliceCash, int]:
        """The cash of a slice, and the maintenance margin after; skips what is refused."""
        cut = cut_e3(self.book.size_e3, self.book.lot_e3, part)
        after = self.book.maintenance_e6(self.book.size_e3 - cut)
        assume(after < self.maintenance_e6 or part == WHOLE)
        moved = slice_cash(
            equity_e6=self.equity_e6,
            maintenance_e6=self.maintenance_e6,
            maintenance_after_e6=after,
            value_e6=int((cut * self.book.loss_e3[:, 0]).sum()),  # any mark will do
            part=part,
            premium_e6=self.premium_e6,
            rules=self.rules,
        )
        return moved, after


@st.composite
def flagged_accounts(draw: st.DrawFn) -> Flagged:
    book = draw(books())
    rules = LiquidationRules(
        Dials(liquidation_threshold_e6=draw(st.sampled_from([ONE // 2, ONE, 1_100_000, 2 * ONE]))),
        buffer_e6=draw(st.sampled_from([1, 150_000, ONE])),
        fee_e6=draw(st.sampled_from([0, 20_000, ONE // 8])),
        whole_below_e6=0,
    )
    maintenance = book.maintenance_e6(book.size_e3)
    ratio = rules.dials.liquidation_threshold_e6 * draw(st.integers(-ONE // 4, ONE - 1)) // ONE
    equity = ratio * maintenance // ONE
    premium = draw(st.sampled_from([0, 20_000, 250_000, 777_777, ONE]))
    return Flagged(book, equity, maintenance, premium, rules)


@given(flagged_accounts())
def test_after_the_largest_slice_equity_is_on_target_but_for_lots_and_a_step(
    account: Flagged,
) -> None:
    part = account.largest
    moved, after = account.taken(part)
    target = Fraction(account.rules.target_e6, ONE)
    grain = Fraction(account.maintenance_e6, WHOLE)
    left = account.equity_e6 - moved.charge_e6
    if part < WHOLE:
        assert left >= target * (after - account.book.lots_e6(part) - grain) - 1
    else:
        assert after == 0 <= left


@given(flagged_accounts(), st.integers(1, 100))
def test_a_slice_never_makes_health_worse(account: Flagged, percent: int) -> None:
    moved, after = account.taken(max(1, account.largest * percent // 100))
    equity, before = account.equity_e6, account.maintenance_e6
    left = equity - moved.charge_e6
    if equity >= 0:
        assert left * before >= equity * after - before  # E' >= E * M' / M - 1
    else:
        assert left >= equity
    if equity < before:
        assert after - left <= before - equity  # what lacks to maintenance never grows


@given(flagged_accounts(), st.integers(1, 100))
def test_cash_and_equity_are_conserved_exactly(account: Flagged, percent: int) -> None:
    moved, _ = account.taken(max(1, account.largest * percent // 100))
    assert moved.taker_e6 + moved.account_e6 + moved.fund_e6 == 0
    assert moved.taker_e6 + moved.value_e6 == moved.premium_e6  # the taker's equity
    assert moved.account_e6 - moved.value_e6 == -moved.charge_e6  # the account's
    assert moved.premium_e6 >= 0
    cost_e6 = account.premium_e6 + account.rules.fee_e6
    if account.equity_e6 * ONE >= cost_e6 * account.maintenance_e6:
        assert moved.fund_e6 >= 0  # solvent: the fund never pays


@given(flagged_accounts())
def test_a_whole_insolvent_account_costs_the_fund_the_premium_it_cannot_pay(
    account: Flagged,
) -> None:
    cost_e6 = account.premium_e6 + account.rules.fee_e6
    account.equity_e6 = min(account.equity_e6, cost_e6 * account.maintenance_e6 // ONE - 1)
    assert account.largest == WHOLE
    moved, after = account.taken(WHOLE)
    assert after == 0
    assert account.equity_e6 - moved.charge_e6 == 0  # neither equity nor debt is left
    premium_e6 = account.premium_e6 * account.maintenance_e6 // ONE
    assert moved.fund_e6 == account.equity_e6 - premium_e6


@given(flagged_accounts(), st.lists(st.integers(1, WHOLE), max_size=4))
def test_an_insolvent_account_costs_the_fund_no_more_in_many_slices_than_in_one(
    account: Flagged, parts: list[int]
) -> None:
    """At one premium; a micro-USDC a slice is what rounding may add."""
    account.equity_e6 = min(account.equity_e6, -1)
    at_once = account.equity_e6 - account.premium_e6 * account.maintenance_e6 // ONE
    fund, slices = 0, 0
    for part in [*parts, WHOLE]:
        cut = cut_e3(account.book.size_e3, account.book.lot_e3, part)
        after = account.book.maintenance_e6(account.book.size_e3 - cut)
        if account.largest and (after < account.maintenance_e6 or part == WHOLE):
            moved, account.maintenance_e6 = account.taken(part)
            fund, slices = fund + moved.fund_e6, slices + 1
            account.equity_e6 -= moved.charge_e6
            account.book.size_e3 = account.book.size_e3 - cut
    assert account.equity_e6 == account.maintenance_e6 == 0
    assert fund >= at_once - slices


def test_the_worked_example_of_the_papers() -> None:
    """40 short perpetuals of 0.1 BTC; see docs/concepts/liquidation.md."""
    equity, maintenance = 43_000 * USD, 48_000 * USD
    part = largest_slice(equity, maintenance, 20_000, USUAL)
    assert part * 10**4 // WHOLE == 2289  # 22.89 %
    cut = cut_e3(np.array([-40_000]), np.array([100]), part)
    assert cut.tolist() == [-9_100]
    after = maintenance * 30_900 // 40_000
    moved = slice_cash(
        equity_e6=equity,
        maintenance_e6=maintenance,
        maintenance_after_e6=after,
        value_e6=0,
        part=part,
        premium_e6=20_000,
        rules=USUAL,
    )
    assert (after, moved.premium_e6, moved.charge_e6) == (37_080 * USD, 218_400_000, 436_800_000)
    left = equity - moved.charge_e6
    assert left == 42_563_200_000
    lots = Fraction(1_200 * USD * part * 40 * 10, WHOLE * 10) - 1_200 * USD * Fraction(91, 10)
    assert left >= Fraction(115, 100) * (after - lots - 1) - 1


def test_every_product_fits_its_width() -> None:
    maintenance, size = (1 << bounds.MAINTENANCE_BITS) - 1, (1 << bounds.QTY_BITS) - 1
    assert size * WHOLE < 1 << 63
    assert maintenance * (ONE + ONE // 8) + ONE < 1 << 78
    equity = (1 << bounds.USD_BITS) - 1
    assert maintenance * equity + maintenance < 1 << bounds.CHARGE_LAW_BITS
    assert maintenance * WHOLE < 1 << bounds.SLICE_LAW_BITS
