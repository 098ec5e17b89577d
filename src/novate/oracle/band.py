"""How far a number may move between two ticks, and what opens the way beyond.

A band is a last line against what a quorum can get wrong together: a typing error, a data vendor,
a stolen majority. It must not stop a real crash, which is when prices are needed most. So it opens
in two ways: by itself, as the last number grows old; and at once, when a larger quorum of
publishers, each by what it says itself, stands beyond the band on the same side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from novate.oracle.parameters import Band
from novate.oracle.refusal import OutsideBand, Refusal, Unprecedented
from novate.oracle.subject import Subject
from novate.units import Term, bounds

_ONE = bounds.RATE_SCALE


def band_law(smaller: Term, larger: Term, allowed: Term, left: Term) -> Term:
    """Zero when the larger of two numbers is within the band of the smaller; `left >= 0`.

    The same both ways, so that what is allowed up is allowed down again. Which of the two is the
    larger is a bit of the witness, and `left >= 0` would fail for the wrong choice outside.
    """
    return smaller * (_ONE + allowed) - larger * _ONE - left


@dataclass(frozen=True, slots=True)
class Precedent:
    """The last number that was taken, and its age."""

    value: int
    age_s: int


def is_within(value: int, last: int, allowed_e6: int) -> bool:
    """Whether a number may follow the last one."""
    smaller, larger = min(value, last), max(value, last)
    left = smaller * (_ONE + allowed_e6) - larger * _ONE
    assert band_law(smaller, larger, allowed_e6, left) == 0
    return left >= 0


def outside(
    subject: Subject,
    what: str,
    value: int,
    stated: Sequence[int],
    *,
    band: Band,
    last: Precedent | None,
    unlock_quorum: int,
) -> Refusal | None:
    """Why a number cannot be taken, or None when it can; `stated` is what each publisher says.

    Range: positive numbers.
    """
    if last is None:
        if len(stated) >= unlock_quorum:
            return None
        return Unprecedented(
            subject=subject,
            what=what,
            value=value,
            quotes=len(stated),
            unlock_quorum=unlock_quorum,
        )
    allowed_e6 = band.allowed_e6(last.age_s)
    if is_within(value, last.value, allowed_e6):
        return None
    beyond = sum(
        (one > last.value) == (value > last.value) and not is_within(one, last.value, allowed_e6)
        for one in stated
    )
    if beyond >= unlock_quorum:
        return None
    return OutsideBand(
        subject=subject,
        what=what,
        last=last.value,
        value=value,
        allowed_e6=allowed_e6,
        beyond=beyond,
        unlock_quorum=unlock_quorum,
    )
