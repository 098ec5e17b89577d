"""Expiries are days, at 08:00 UTC."""

import pytest

from novate.instruments import Nameless, NameRefused, format_expiry, parse_expiry
from novate.units import Instant


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("26DEC25", "2025-12-26 08:00:00 UTC"),
        ("5DEC25", "2025-12-05 08:00:00 UTC"),
        ("29FEB28", "2028-02-29 08:00:00 UTC"),
    ],
)
def test_a_day_names_eight_in_the_morning(text: str, utc: str) -> None:
    assert str(parse_expiry(text)) == utc
    assert format_expiry(parse_expiry(text)) == text


@pytest.mark.parametrize(
    "text", ["05DEC25", "32DEC25", "29FEB27", "0DEC25", "26DEZ25", "26dec25", "26DEC2025", ""]
)
def test_what_is_not_such_a_day_is_refused(text: str) -> None:
    with pytest.raises(NameRefused, match="an expiry like 26DEC25"):
        parse_expiry(text)


@pytest.mark.parametrize("offset", [-1, 1, 3600])
def test_an_expiry_at_another_hour_has_no_name(offset: int) -> None:
    with pytest.raises(Nameless, match="has no name"):
        format_expiry(Instant(1_766_736_000 + offset))


@pytest.mark.parametrize(
    ("day", "name"),
    [(0, None), (10_956, None), (10_957, "1JAN00"), (47_481, "31DEC99"), (47_482, None)],
)
def test_an_expiry_of_another_century_has_no_name(day: int, name: str | None) -> None:
    expiry = Instant(day * 86_400 + 8 * 3_600)
    if name:
        assert (format_expiry(expiry), parse_expiry(name)) == (name, expiry)
    else:
        with pytest.raises(Nameless, match="has no name"):
            format_expiry(expiry)
