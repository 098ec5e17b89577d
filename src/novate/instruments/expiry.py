"""Expiries as the market writes them: a day, always at 08:00 UTC."""

import re
from datetime import UTC, datetime
from typing import Final

from novate.instruments.name_refused import Nameless, NameRefused
from novate.units import Instant

_MONTHS: Final = (
    "JAN",
    "FEB",
    "MAR",
    "APR",
    "MAY",
    "JUN",
    "JUL",
    "AUG",
    "SEP",
    "OCT",
    "NOV",
    "DEC",
)
_HOUR: Final = 8
_YEARS: Final = range(2000, 2100)
_EXPECTED: Final = "an expiry like 26DEC25"
_DAY: Final = re.compile(r"([1-9]|[12][0-9]|3[01])([A-Z]{3})([0-9]{2})")


def parse_expiry(text: str) -> Instant:
    """The instant that `26DEC25` names: 08:00 UTC of that day of this century.

    Raises: NameRefused for anything that is not such a day.
    """
    found = _DAY.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        raise NameRefused(text, expected=_EXPECTED)
    year, month = _YEARS[int(found[3])], _MONTHS.index(found[2]) + 1
    try:
        moment = datetime(year, month, int(found[1]), _HOUR, tzinfo=UTC)
    except ValueError:
        raise NameRefused(text, expected=f"{_EXPECTED}: that month has no such day") from None
    return Instant(int(moment.timestamp()))


def format_expiry(expiry: Instant) -> str:
    """The name of an expiry, `26DEC25`.

    Raises: Nameless unless it is 08:00 UTC of a day from 2000 to 2099.
    """
    moment = datetime.fromtimestamp(expiry.s, UTC)
    if (moment.hour, moment.minute, moment.second) != (_HOUR, 0, 0) or moment.year not in _YEARS:
        raise Nameless(f"{expiry} has no name: expiries are at 08:00 UTC, from 2000 to 2099")
    year = moment.year - _YEARS.start
    return f"{moment.day}{_MONTHS[moment.month - 1]}{year:02d}"
