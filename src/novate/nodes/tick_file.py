"""A file of signed reports: the oracle they are for, and one tick after the other as it was shown.

    {"novate": "oracle ticks", "version": 1,
     "oracle": {"chain_id": 1, "contract": "0x...", "publishers": ["0x...", ...], "quorum": 2, ...},
     "ticks": [{"taken_at": 1768468891, "reports": ["0x...", ...]}, ...]}

Reading makes the ticks anew: every signature, quorum, band and age is checked, each tick after the
one before it, so nothing in the file is believed except which reports were shown, and when. But it
also says who the publishers are. Their oracle has a fingerprint for that: whoever must not trust
the file's author asks for the one they know.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from novate.field import word_bytes, word_from_bytes
from novate.instruments import Underlying
from novate.keys import Domain
from novate.nodes.csv_file import FileRefused
from novate.nodes.json_file import read_json
from novate.nodes.json_place import JsonPlace
from novate.oracle import (
    Band,
    FeedParameters,
    NoTick,
    OracleParameters,
    OracleTick,
    SignedTickReport,
    Source,
    Subject,
    oracle_tick,
)
from novate.units import Instant, Multiplier

TICK_FILE: Final = "oracle ticks"
TICK_FILE_VERSION: Final = 1

_BANDS: Final = ("price_band", "variance_band")
_DIALS: Final = (
    "quorum", "unlock_quorum", "oracle_heartbeat_s", "source_age_s", "clamp_e6", "price_doubt_e6",
    "variance_doubt_e6",
)  # fmt: skip
_ORACLE: Final = ("chain_id", "contract", "publishers", "feeds", *_DIALS, *_BANDS)
_BAND: Final = tuple(field.name for field in fields(Band))


@dataclass(frozen=True, slots=True)
class ShownReports:
    """The reports that a venue was shown at an instant."""

    taken_at: Instant
    reports: tuple[SignedTickReport, ...]


@dataclass(frozen=True, slots=True)
class TickFile:
    """What a file of signed reports comes to: its oracle, and each tick that was verified."""

    source: Path
    domain: Domain
    parameters: OracleParameters
    ticks: tuple[OracleTick, ...]

    @property
    def last(self) -> OracleTick:
        """The tick that stands."""
        return self.ticks[-1]

    @property
    def fingerprint(self) -> str:
        """That of its oracle."""
        return fingerprint(self.domain, self.parameters)


def fingerprint(domain: Domain, parameters: OracleParameters) -> str:
    """One name for who may report, for which venue, and by which rules: SHA-256 of that part of a
    tick file, in JSON without spaces and with sorted keys.
    """
    told = json.dumps(_oracle_fields(domain, parameters), sort_keys=True, separators=(",", ":"))
    return f"0x{hashlib.sha256(told.encode('ascii')).hexdigest()}"


def write_tick_file(
    path: Path, domain: Domain, parameters: OracleParameters, shown: Sequence[ShownReports]
) -> None:
    """Write what `read_tick_file` reads, the same bytes for the same.

    Raises: OSError.
    """
    told = {
        "novate": TICK_FILE,
        "version": TICK_FILE_VERSION,
        "oracle": _oracle_fields(domain, parameters),
        "ticks": [
            {
                "taken_at": one.taken_at.s,
                "reports": [f"0x{report.encode().hex()}" for report in one.reports],
            }
            for one in shown
        ],
    }
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="ascii")


def read_tick_file(path: Path | str, *, known: str | None = None) -> TickFile:
    """The ticks that the reports of a file make; `known` is the fingerprint that it must have.

    Raises: FileRefused for what is no such file, another oracle than the known one, or reports of
    which a tick is not made; it names the place and says why each report does not count.
    """
    path = Path(path)
    whole = JsonPlace.of(path, read_json(path))
    whole.require(("novate", "version", "oracle", "ticks"))
    if (whole.cells["novate"], whole.cells["version"]) != (TICK_FILE, TICK_FILE_VERSION):
        raise whole.refusal("novate", f"is not {TICK_FILE!r}, version {TICK_FILE_VERSION}")
    domain, parameters = _read_oracle(whole.inner("oracle"))
    found = fingerprint(domain, parameters)
    if known is not None and known != found:
        raise FileRefused(
            path, f"is of the oracle {found}, not of {known}; next: ask for reports of that one"
        )
    ticks: list[OracleTick] = []
    for place in whole.objects("ticks"):
        ticks.append(_tick(place, domain, parameters, ticks[-1] if ticks else None))
    if not ticks:
        raise whole.refusal("ticks", "holds no tick")
    return TickFile(path, domain, parameters, tuple(ticks))


def _oracle_fields(domain: Domain, parameters: OracleParameters) -> dict[str, Any]:
    return {
        "chain_id": domain.chain_id,
        "contract": f"0x{domain.contract.hex()}",
        "publishers": [f"0x{word_bytes(key).hex()}" for key in parameters.publishers],
        "feeds": [
            {
                "underlying": feed.subject.underlying.id,
                "multiplier_e3": feed.subject.multiplier.e3,
                "sources": [{"id": one.id, "weight": one.weight} for one in feed.sources],
            }
            for feed in parameters.feeds
        ],
        **{name: getattr(parameters, name) for name in _DIALS},
        **{
            name: {part: getattr(getattr(parameters, name), part) for part in _BAND}
            for name in _BANDS
        },
    }


def _read_oracle(place: JsonPlace) -> tuple[Domain, OracleParameters]:
    place.require(_ORACLE)
    with place.told("contract"):
        domain = Domain(place.integer("chain_id"), place.hexadecimal("contract"))
    with place.told("publishers"):
        publishers = tuple(word_from_bytes(data) for data in place.hexadecimals("publishers"))
    feeds = tuple(_read_feed(one) for one in place.objects("feeds"))
    numbers: dict[str, Any] = {name: place.integer(name) for name in _DIALS}
    numbers |= {name: _read_band(place.inner(name)) for name in _BANDS}
    with place.told():
        return domain, OracleParameters(publishers=publishers, feeds=feeds, **numbers)


def _read_feed(place: JsonPlace) -> FeedParameters:
    place.require(("underlying", "multiplier_e3", "sources"))
    sources = tuple(_read_source(one) for one in place.objects("sources"))
    with place.told():
        underlying = Underlying(place.integer("underlying"))
        return FeedParameters(
            Subject(underlying, Multiplier(place.integer("multiplier_e3"))), sources
        )


def _read_source(place: JsonPlace) -> Source:
    place.require(("id", "weight"))
    with place.told():
        return Source(place.integer("id"), place.integer("weight"))


def _read_band(place: JsonPlace) -> Band:
    place.require(_BAND)
    with place.told():
        return Band(*(place.integer(name) for name in _BAND))


def _tick(
    place: JsonPlace, domain: Domain, parameters: OracleParameters, last: OracleTick | None
) -> OracleTick:
    place.require(("taken_at", "reports"))
    with place.told("taken_at"):
        now = Instant(place.integer("taken_at"))
    if last is not None and now < last.taken_at:
        raise place.refusal("taken_at", f"is before the tick before it, of {last.taken_at.s}")
    reports = []
    for number, data in enumerate(place.hexadecimals("reports")):
        with place.told(f"reports[{number}]"):
            reports.append(SignedTickReport.decode(data))
    made = oracle_tick(domain, parameters, reports, now=now, last=last)
    if isinstance(made, NoTick):
        why = [f"{one.code}: {one}" for one in made.refusals]
        raise place.refusal("reports", f"make no tick: {'; '.join([str(made.reason), *why])}")
    return made
