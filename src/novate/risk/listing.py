"""The instruments of one underlying as arrays, in the order that a risk table keeps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from novate.instruments import Instrument, Perpetual
from novate.units import Integers, NamedError, bounds


class UnlistedInstrument(NamedError, ValueError):
    """An instrument that the listing does not hold."""

    def __init__(self, instrument: Instrument) -> None:
        super().__init__(f"{instrument} is not listed; next: list it, or drop the position")
        self.instrument = instrument


class NotOneUnderlying(ValueError):
    """Instruments of several underlyings, or multipliers, where one is needed."""


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Instruments of one underlying and one multiplier.

    A *group* is what is delivered together: group 0 the perpetual, then each expiry in order. A
    *node* is a strike in a group. An instrument is worth `constant + slope * forward + the sum of
    turn * call` over its kinks, so calls at the nodes are all that is ever priced.

    Shape: groups (G,), nodes (N,), instruments (I,), kinks (K,).
    """

    instruments: tuple[Instrument, ...]
    """Sorted by group, so that the rows of an expiry are neighbours."""
    expiry_s: Integers
    """Of each group; 0 for the perpetual's."""
    node_group: Integers
    node_strike_e3: Integers
    group: Integers
    """Of each instrument."""
    constant_e3: Integers
    slope: Integers
    kink_instrument: Integers
    kink_node: Integers
    kink_turn: Integers
    upside: Integers
    """What an instrument with kinks gains per unit far above all strikes: 1 for a call."""
    downside: Integers
    """What an instrument with kinks gains per unit of a fall, far below: 1 for a put."""
    can_owe: Integers
    """1 where a long contract can come to owe something: linear ones, and payoffs below zero."""
    first_kink: Integers = field(init=False)
    """Where the kinks of each instrument begin, and the last one's end, (I + 1,)."""
    kink_strike_e3: Integers = field(init=False)

    def __post_init__(self) -> None:
        first = np.searchsorted(self.kink_instrument, np.arange(len(self.group) + 1))
        object.__setattr__(self, "first_kink", first)
        object.__setattr__(self, "kink_strike_e3", self.node_strike_e3[self.kink_node])

    @classmethod
    def of(cls, instruments: Iterable[Instrument]) -> "Listing":
        """The listing of distinct instruments.

        Raises: NotOneUnderlying, or ValueError for an instrument named twice.
        """
        found = tuple(sorted(instruments, key=_place))
        if len(set(found)) < len(found):
            twice = next(one for one in found if found.count(one) > 1)
            raise ValueError(f"{twice} is listed twice; next: list it once")
        _check_one_underlying(found)
        expiries = sorted({_expiry_s(one) for one in found} - {0})
        group_of = {expiry_s: number for number, expiry_s in enumerate([0, *expiries])}
        groups = [group_of[_expiry_s(one)] for one in found]
        kinks = [
            (row, group, kink.strike_e3, kink.turn)
            for row, (one, group) in enumerate(zip(found, groups, strict=True))
            for kink in one.payoff.kinks
        ]
        nodes = sorted({(group, strike_e3) for _, group, strike_e3, _ in kinks})
        node_of = {node: number for number, node in enumerate(nodes)}
        turns = [sum(kink.turn for kink in one.payoff.kinks) for one in found]
        is_curved = [bool(one.payoff.kinks) for one in found]
        return cls(
            instruments=found,
            expiry_s=_integers([0, *expiries]),
            node_group=_integers([group for group, _ in nodes]),
            node_strike_e3=_integers([strike_e3 for _, strike_e3 in nodes]),
            group=_integers(groups),
            constant_e3=_integers([one.payoff.constant_e3 for one in found]),
            slope=_integers([one.payoff.slope for one in found]),
            kink_instrument=_integers([row for row, _, _, _ in kinks]),
            kink_node=_integers([node_of[group, strike_e3] for _, group, strike_e3, _ in kinks]),
            kink_turn=_integers([turn for _, _, _, turn in kinks]),
            upside=_integers(
                [
                    curved * (one.payoff.slope + turn)
                    for one, turn, curved in zip(found, turns, is_curved, strict=True)
                ]
            ),
            downside=_integers(
                [-curved * one.payoff.slope for one, curved in zip(found, is_curved, strict=True)]
            ),
            can_owe=_integers([_can_owe(one) for one in found]),
        )

    @property
    def is_curved(self) -> npt.NDArray[np.bool_]:
        """Whether an instrument has kinks, (I,): whether it is an option, or made of some."""
        return np.diff(self.first_kink) > 0

    @property
    def groups(self) -> int:
        """How many groups there are, the perpetual's included."""
        return len(self.expiry_s)

    def sum_kinks(self, values: Integers) -> Integers:
        """Sums over the kinks of each instrument: (K, ...) to (I, ...)."""
        sums = np.zeros((len(self.group), *values.shape[1:]), dtype=np.int64)
        if len(values):
            curved = np.flatnonzero(self.is_curved)
            sums[curved] = np.add.reduceat(values, self.first_kink[curved], axis=0)
        return sums

    def part(self, groups: npt.NDArray[np.bool_]) -> "tuple[Listing, Integers, Integers]":
        """The instruments of some groups, with their rows and their nodes in this listing."""
        rows = np.flatnonzero(groups[self.group])
        nodes = np.flatnonzero(groups[self.node_group])
        kinks = np.flatnonzero(groups[self.group[self.kink_instrument]])
        place = np.cumsum(groups) - 1
        part = Listing(
            instruments=tuple(self.instruments[row] for row in rows),
            expiry_s=self.expiry_s[groups],
            node_group=place[self.node_group[nodes]],
            node_strike_e3=self.node_strike_e3[nodes],
            group=place[self.group[rows]],
            constant_e3=self.constant_e3[rows],
            slope=self.slope[rows],
            kink_instrument=np.searchsorted(rows, self.kink_instrument[kinks]),
            kink_node=np.searchsorted(nodes, self.kink_node[kinks]),
            kink_turn=self.kink_turn[kinks],
            upside=self.upside[rows],
            downside=self.downside[rows],
            can_owe=self.can_owe[rows],
        )
        return part, rows, nodes

    def rows(self, instruments: Sequence[Instrument]) -> Integers:
        """The row of each instrument.

        Raises: UnlistedInstrument.
        """
        row_of = {one: row for row, one in enumerate(self.instruments)}
        for one in instruments:
            if one not in row_of:
                raise UnlistedInstrument(one)
        return _integers([row_of[one] for one in instruments])


def _can_owe(instrument: Instrument) -> bool:
    """Whether the payoff is below zero anywhere; a linear instrument is paid for later."""
    payoff = instrument.payoff
    corners_e3 = [0, *(kink.strike_e3 for kink in payoff.kinks)]
    return (
        not payoff.kinks
        or payoff.slope + sum(kink.turn for kink in payoff.kinks) < 0
        or any(payoff.value_e6(corner_e3 * bounds.PAYOFF_SCALE) < 0 for corner_e3 in corners_e3)
    )


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def _expiry_s(instrument: Instrument) -> int:
    return 0 if isinstance(instrument.maturity, Perpetual) else instrument.maturity.s


def _place(instrument: Instrument) -> tuple[object, ...]:
    payoff = instrument.payoff
    kinks = tuple((kink.strike_e3, kink.turn) for kink in payoff.kinks)
    return _expiry_s(instrument), kinks, payoff.slope, payoff.constant_e3


def _check_one_underlying(instruments: tuple[Instrument, ...]) -> None:
    kinds = {(one.underlying, one.multiplier) for one in instruments}
    if len(kinds) != 1:
        raise NotOneUnderlying(
            f"a listing holds one underlying with one multiplier, found {len(kinds)}: "
            + ", ".join(sorted(f"{underlying} x {multiplier}" for underlying, multiplier in kinds))
        )
