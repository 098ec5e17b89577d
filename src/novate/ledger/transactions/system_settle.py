"""The payoff of an expired option, at an index price that a quorum of publishers signed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from novate.instruments import Option, payoff
from novate.ledger.address import (
    FUND_ADDRESS,
    collateral_address,
    position_address,
    require_instrument,
    require_trader,
    settlement_address,
)
from novate.ledger.collateral import Collateral, balance_law, lock_law
from novate.ledger.draft import Draft
from novate.ledger.listing import Settled, Unsettled
from novate.ledger.message import Report
from novate.ledger.position import Position
from novate.ledger.rejection import (
    AlreadySettled,
    BadSignature,
    InsufficientCollateral,
    NoPosition,
    NoQuorum,
    PositionsDoNotNet,
    RepeatedSigner,
    StaleReport,
    TooEarly,
    UnknownPublisher,
    WrongReport,
    ZeroPrice,
)
from novate.ledger.signed import Signed, is_signed
from novate.oracle import lower_median
from novate.units import IndexPrice, Qty, bounds, within


@dataclass(frozen=True, slots=True)
class Holder:
    """A position to be paid out."""

    account: int
    position_slot: int

    def __post_init__(self) -> None:
        require_trader(self.account)
        within("position slot", self.position_slot, high=bounds.POSITION_SLOTS)


@dataclass(frozen=True, slots=True)
class SystemSettle:
    """Holders of one expired instrument, who net to zero.

    The first settlement of an instrument carries the reports; the following ones carry none.
    """

    instrument: int
    reports: tuple[Signed[Report], ...]
    holders: tuple[Holder, ...]

    def __post_init__(self) -> None:
        require_instrument(self.instrument)


def apply(settle: SystemSettle, draft: Draft) -> None:
    """Fix the settlement price if it is not yet, and pay out the holders.

    Raises: the first rejection, in protocol order.
    """
    for check in CHECKS:
        check(settle, draft)

    match draft.settlement(settle.instrument):
        case Settled(index):
            pass
        case Unsettled():
            prices_e3 = [signed.message.index.e3 for signed in settle.reports]
            index = IndexPrice(lower_median(prices_e3))
            draft.write(settlement_address(settle.instrument), Settled(index).encode())

    option = draft.option(settle.instrument)
    paid_out_e6 = sum(_pay_out(holder, option, index, draft) for holder in settle.holders)
    # Longs receive the floor and shorts pay the ceiling of sizes that net to zero: what is left
    # belongs to nobody, and it is never less than nothing.
    dust_e6 = -paid_out_e6
    assert dust_e6 >= 0
    before = Collateral.decode(draft.read(FUND_ADDRESS))
    after = Collateral(before.balance_e6 + dust_e6)
    assert balance_law(before.balance_e6, dust_e6, 0, after.balance_e6) == 0
    draft.write(FUND_ADDRESS, after.encode())


def _pay_out(holder: Holder, option: Option, index: IndexPrice, draft: Draft) -> int:
    """Close a position and give its signed payoff: pay it, release what covered it.

    Raises: InsufficientCollateral. A put's lock covers its payoff, so this is the last line, never
    reached.
    """
    position = draft.position(holder.account, holder.position_slot)
    before = draft.collateral(holder.account)
    payoff_e6 = payoff(option, index, Qty(position.size_e3)).e6
    if before.balance_e6 + payoff_e6 < 0:
        raise InsufficientCollateral(
            account=holder.account, available_e6=before.balance_e6, required_e6=-payoff_e6
        )

    released_e6 = option.strike.e3 * position.short_e3
    after = Collateral(before.balance_e6 + payoff_e6, before.locked_e6 - released_e6)
    assert balance_law(before.balance_e6, payoff_e6, 0, after.balance_e6) == 0
    lock = (position.short_e3, 0, before.locked_e6, after.locked_e6)
    assert lock_law(option.strike.e3, *lock) == 0
    draft.write(collateral_address(holder.account), after.encode())
    draft.write(position_address(holder.account, holder.position_slot), Position().encode())
    return payoff_e6


def check_instrument(settle: SystemSettle, draft: Draft) -> None:
    """The instrument is listed, and expired before the batch began."""
    expiry = draft.option(settle.instrument).expiry
    if expiry > draft.window.start:
        raise TooEarly(instrument=settle.instrument, expiry=expiry, window_start=draft.window.start)


def check_not_settled_again(settle: SystemSettle, draft: Draft) -> None:
    """The settlement price is fixed once."""
    match draft.settlement(settle.instrument):
        case Settled(index) if settle.reports:
            raise AlreadySettled(instrument=settle.instrument, index=index)


def check_publishers(settle: SystemSettle, draft: Draft) -> None:
    """The reports are of registered publishers."""
    publishers = draft.state.configuration.publishers
    for i, signed in enumerate(settle.reports):
        if signed.key.commitment not in publishers:
            raise UnknownPublisher(report=i)


def check_distinct_publishers(settle: SystemSettle, draft: Draft) -> None:
    """One publisher counts once."""
    publishers = draft.state.configuration.publishers
    seen: set[int] = set()
    for signed in settle.reports:
        publisher = publishers.index(signed.key.commitment)
        if publisher in seen:
            raise RepeatedSigner(publisher=publisher)
        seen.add(publisher)


def check_signatures(settle: SystemSettle, draft: Draft) -> None:
    """The publishers signed these reports, for this chain and contract."""
    for i, signed in enumerate(settle.reports):
        if not is_signed(draft.state.domain, signed):
            raise BadSignature(signer=f"report {i}")


def check_subject(settle: SystemSettle, draft: Draft) -> None:
    """The reports are about the underlying at this expiry."""
    option = draft.option(settle.instrument)
    for i, signed in enumerate(settle.reports):
        report = signed.message
        if (report.underlying, report.expiry) != (option.underlying.id, option.expiry):
            raise WrongReport(report=i, instrument=settle.instrument)


def check_freshness(settle: SystemSettle, draft: Draft) -> None:
    """The reports are from after expiry, not from after the batch, no older than the heartbeat."""
    expiry, end = draft.option(settle.instrument).expiry, draft.window.end
    oldest_s = end.s - draft.state.configuration.heartbeat_s
    for i, signed in enumerate(settle.reports):
        published_at = signed.message.published_at
        if not (expiry <= published_at <= end and oldest_s <= published_at.s):
            raise StaleReport(report=i, published_at=published_at, window_end=end)


def check_prices(settle: SystemSettle, draft: Draft) -> None:
    """No report is of zero."""
    for i, signed in enumerate(settle.reports):
        if signed.message.index.e3 == 0:
            raise ZeroPrice(report=i)


def check_quorum(settle: SystemSettle, draft: Draft) -> None:
    """Enough publishers agree that there is a price."""
    quorum, count = draft.state.configuration.quorum, len(settle.reports)
    match draft.settlement(settle.instrument):
        case Unsettled() if count < quorum:
            raise NoQuorum(reports=count, quorum=quorum)


def check_holders(settle: SystemSettle, draft: Draft) -> None:
    """There are holders, and each names a position in this instrument that nobody named before."""
    if not settle.holders:
        raise NoPosition(instrument=settle.instrument, holder=0)
    seen: set[Holder] = set()
    for i, holder in enumerate(settle.holders):
        position = draft.position(holder.account, holder.position_slot)
        if position.instrument != settle.instrument or holder in seen:
            raise NoPosition(instrument=settle.instrument, holder=i)
        seen.add(holder)


def check_net(settle: SystemSettle, draft: Draft) -> None:
    """Longs and shorts cancel out."""
    sum_e3 = sum(draft.position(h.account, h.position_slot).size_e3 for h in settle.holders)
    if sum_e3:
        raise PositionsDoNotNet(instrument=settle.instrument, sum_e3=sum_e3)


CHECKS: Final[tuple[Callable[[SystemSettle, Draft], None], ...]] = (
    check_instrument,
    check_not_settled_again,
    check_publishers,
    check_distinct_publishers,
    check_signatures,
    check_subject,
    check_freshness,
    check_prices,
    check_quorum,
    check_holders,
    check_net,
)
"""In protocol order; a check looks at every report or holder before the next check begins."""
