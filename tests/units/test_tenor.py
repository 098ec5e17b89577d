"""Time until an expiry."""

import pytest

from novate.units import Instant, OutOfRange, Tenor, bounds

TOP = (1 << bounds.TENOR_BITS) - 1


@pytest.mark.parametrize("s", [0, 1, TOP])
def test_a_tenor_starts_at_the_expiry_itself(s: int) -> None:
    assert Tenor(s).s == s
    assert Instant(1_000).until(Instant(1_000 + s)) == Tenor(s)


@pytest.mark.parametrize("s", [-1, TOP + 1, TOP + 2])
def test_an_expiry_in_the_past_or_too_far_off_has_no_tenor(s: int) -> None:
    with pytest.raises(OutOfRange, match=f"tenor {s} is outside"):
        Tenor(s)
    with pytest.raises(OutOfRange, match=f"tenor {s} is outside"):
        Instant(1_000).until(Instant(1_000 + s))


def test_a_tenor_is_written_in_days_and_hours() -> None:
    assert str(Tenor(0)) == "0 d 00:00:00"
    assert str(Tenor(86_400 + 2 * 3_600 + 3 * 60 + 4)) == "1 d 02:03:04"
