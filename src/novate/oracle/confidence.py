"""How far a number of a tick is to be trusted: from 0 to a million, and less as doubts grow.

    confidence = stated * max(0, 1 - doubt - age / (2 * heartbeat))

`stated` is the lower median of what the publishers say of their own confidence; `doubt` is their
disagreement as a part of the disagreement at which nothing is left. An age of one heartbeat leaves
half, of two nothing. It falls with each of the two, never rises, and no minority of liars can lower
it below what the disagreement of the honest explains: the disagreement is the upper median of the
distances from the centre, and one honest distance is at least as great.

A circuit takes the quotients as witnesses with their laws, and `parts_law` and `one_part_law` for
the positive part.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from novate.oracle.median import upper_median
from novate.units import Instant, Rounding, Term, bounds, div, parts, within

_ONE = bounds.RATE_SCALE


def part_law(amount: Term, whole: Term, part: Term, excess: Term) -> Term:
    """Zero when `part` is `amount` in millionths of `whole`, rounded up; `excess` in [0, whole)."""
    return part * whole - amount * _ONE - excess


def confidence_law(stated: Term, kept: Term, confidence: Term, dust: Term) -> Term:
    """Zero when `confidence` is `kept` millionths of `stated`, rounded down; `dust` in [0, 1e6)."""
    return confidence * _ONE + dust - stated * kept


def part_e6(amount: int, whole: int) -> int:
    """`amount` in millionths of `whole`, rounded up.

    Range: amount at least 0, whole at least 1.
    """
    part = div(amount * _ONE, whole, Rounding.CEIL)
    excess = part * whole - amount * _ONE
    assert 0 <= excess < whole
    assert part_law(amount, whole, part, excess) == 0
    return part


def disagreement_e6(values: Sequence[int], centre: int) -> int:
    """How far the values lie from a centre: the upper median of the distances, as a part of it.

    Range: at least one value; centre at least 1.
    """
    return part_e6(upper_median([abs(value - centre) for value in values]), centre)


def doubt_e6(disagreement_e6: int, full_e6: int) -> int:
    """A disagreement as a part of the one at which nothing is left, from 0 to a million."""
    return part_e6(min(disagreement_e6, full_e6), full_e6)


def confidence_e6(stated_e6: int, doubt_e6: int, age_s: int, heartbeat_s: int) -> int:
    """The confidence in a number of this age, rounded down.

    Range: stated and doubt from 0 to a million; age at least 0; heartbeat at least 1.
    """
    kept_e6, _ = parts(_ONE - doubt_e6 - part_e6(age_s, 2 * heartbeat_s))
    confidence = div(stated_e6 * kept_e6, _ONE, Rounding.FLOOR)
    dust = stated_e6 * kept_e6 - confidence * _ONE
    assert 0 <= dust < _ONE
    assert confidence_law(stated_e6, kept_e6, confidence, dust) == 0
    return confidence


@dataclass(frozen=True, slots=True)
class Trust:
    """When a number was said, how sure its publishers were, how far apart, and what is left."""

    at: Instant
    """The lower median of the instants of the reports it is from."""
    stated_e6: int
    doubt_e6: int
    heartbeat_s: int

    def confidence_e6(self, now: Instant) -> int:
        """The confidence at an instant.

        Raises: OutOfRange for one before `at`: before it was said nobody was sure of anything.
        """
        return confidence_e6(self.stated_e6, self.doubt_e6, self.age_s(now), self.heartbeat_s)

    def age_s(self, now: Instant) -> int:
        """Seconds since it was said.

        Raises: OutOfRange for an instant before.
        """
        age_s = now.s - self.at.s
        within("age of a number", age_s, high=1 << bounds.TIME_BITS)
        return age_s
