"""A file of signed reports, and what reading it makes sure of."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from novate.instruments import Underlying
from novate.keys import Domain
from novate.nodes import (
    FileRefused,
    ShownReports,
    TickFile,
    fingerprint,
    read_tick_file,
    write_tick_file,
)
from novate.oracle import (
    Band,
    FeedParameters,
    FeedReport,
    OracleParameters,
    Source,
    Subject,
    TickReport,
    oracle_tick,
    sign_report,
)
from novate.units import Instant, Price

from .chains import made_chain
from .ticks import DOMAIN, NOW, ONE_UNIT, PARAMETERS, SECRETS, changed, feed, signed

FILE = "ticks.json"


def one_expiry(at: Instant = NOW) -> FeedReport:
    return feed(made_chain(days=(30,)), at=at)


def shown(seconds: int = 0, **said: Any) -> ShownReports:
    """What all three report so many seconds later."""
    at = Instant(NOW.s + seconds)
    return ShownReports(at, signed(changed(one_expiry(at), 0, **said), at=at))


def write(folder: Path, *ticks: ShownReports) -> Path:
    path = folder / FILE
    write_tick_file(path, DOMAIN, PARAMETERS, ticks or (shown(),))
    return path


def altered(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The usual file after somebody changed it."""
    path = write(folder)
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told, indent=1))
    return path


def test_a_file_is_read_as_the_ticks_that_its_reports_make(tmp_path: Path) -> None:
    ticks = (shown(), shown(20, forward=Price(91_000_000)), shown(45))
    found = read_tick_file(write(tmp_path, *ticks))
    last = None
    for one, tick in zip(ticks, found.ticks, strict=True):
        last = oracle_tick(DOMAIN, PARAMETERS, one.reports, now=one.taken_at, last=last)
        assert tick == last
    assert (found.domain, found.parameters, found.last) == (DOMAIN, PARAMETERS, last)
    assert [tick.feeds[0].expiries[0].forward.e3 for tick in found.ticks] == [
        90_000_000, 91_000_000, 90_000_000,
    ]  # fmt: skip


def test_a_tick_is_held_to_the_band_around_the_one_before(tmp_path: Path) -> None:
    far = shown(1, forward=Price(120_000_000))
    two = replace(far, reports=far.reports[:2])
    found = read_tick_file(write(tmp_path, shown(), two))
    assert [one.code for one in found.last.refusals] == ["outside_band"]
    assert found.last.feeds[0].expiries[0].forward.e3 == 90_000_000
    found = read_tick_file(write(tmp_path, shown(), far))
    assert found.last.feeds[0].expiries[0].forward.e3 == 120_000_000


def test_the_same_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    path = write(tmp_path)
    text = path.read_bytes()
    found = read_tick_file(path)
    write_tick_file(path, found.domain, found.parameters, (shown(),))
    assert path.read_bytes() == text
    told = json.loads(text)
    assert list(told) == ["novate", "version", "oracle", "ticks"]
    assert set(told["oracle"]) == {"chain_id", "contract"} | {
        field.name for field in fields(OracleParameters)
    }


def test_reports_of_a_quorum_are_enough_and_the_others_are_told(tmp_path: Path) -> None:
    one = shown()
    forged = sign_report(Domain(1, DOMAIN.contract), one.reports[2].report, SECRETS[2])
    found = read_tick_file(write(tmp_path, replace(one, reports=(*one.reports, forged))))
    assert found.last.publishers == (0, 1, 2)
    assert [refusal.code for refusal in found.last.refusals] == ["wrong_signature"]


def forged(told: dict[str, Any]) -> None:
    """Two of three reports with their last bit, one of a confidence, turned."""
    reports = told["ticks"][0]["reports"]
    for number in (0, 2):
        reports[number] = reports[number][:-1] + f"{int(reports[number][-1], 16) ^ 1:x}"


def strange(told: dict[str, Any]) -> None:
    """Two reports by somebody else."""
    other = sign_report(DOMAIN, TickReport(NOW, (one_expiry(),)), bytes([9]) * 32)
    told["ticks"][0]["reports"][:2] = [f"0x{other.encode().hex()}"] * 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda told: told["ticks"][0]["reports"].pop(), None),
        (lambda told: told["ticks"][0]["reports"].reverse(), None),
        (
            lambda told: told["ticks"][0].update(reports=told["ticks"][0]["reports"][:1]),
            "1 reports count, 2 are needed$",
        ),
        (
            lambda told: told["ticks"][0].update(reports=told["ticks"][0]["reports"][:1] * 3),
            "1 reports count, 2 are needed$",
        ),
        (lambda told: told["ticks"][0].update(reports=[]), "0 reports count, 2 are needed$"),
        (forged, "1 reports count, 2 are needed; wrong_signature: publisher 0 .*publisher 2 did"),
        (strange, "1 reports count, 2 are needed; unregistered_signer: the key"),
        (lambda told: told["oracle"].update(chain_id=1), "wrong_signature: publisher 0 did"),
        (lambda told: told["oracle"]["publishers"].reverse(), None),
        (lambda told: told["ticks"][0].update(taken_at=NOW.s + 60), None),
        (lambda told: told["ticks"][0].update(taken_at=NOW.s + 61), "aged_report: publisher 0"),
        (lambda told: told["ticks"][0].update(taken_at=NOW.s - 1), "future_report: publisher 0"),
    ],
)
def test_a_file_whose_reports_make_no_tick_is_refused_with_the_reason_for_each(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], told: str | None
) -> None:
    path = altered(tmp_path, change)
    if told is None:
        assert len(read_tick_file(path).ticks) == 1
    else:
        place = rf"^ticks\.json, line \d+, field ticks\[0\]\.reports: make no tick: .*{told}"
        with pytest.raises(FileRefused, match=place):
            read_tick_file(path)


def test_reports_are_not_shown_twice(tmp_path: Path) -> None:
    again = replace(shown(), taken_at=Instant(NOW.s + 5))
    with pytest.raises(FileRefused, match=r"field ticks\[1\]\.reports: make no tick.* past_report"):
        read_tick_file(write(tmp_path, shown(), again))


def test_ticks_follow_one_another(tmp_path: Path) -> None:
    read_tick_file(write(tmp_path, shown(), shown(1)))
    with pytest.raises(FileRefused, match=r"field ticks\[1\]\.taken_at: .* is before the tick"):
        read_tick_file(write(tmp_path, shown(1), shown()))


GONE = object()


def put(told: Any, place: str, value: object) -> None:
    """Another value at a place like `oracle/feeds/0`; GONE takes what is there away."""
    *way, last = (int(step) if step.isdecimal() else step for step in place.split("/"))
    for step in way:
        told = told[step]
    if value is GONE:
        del told[last]
    else:
        told[last] = value


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        ("novate", "a tick", "novate: 'a tick' is not 'oracle ticks', version 1"),
        ("version", 2, "novate: 'oracle ticks' is not 'oracle ticks', version 1"),
        ("ticks", GONE, "ticks: is missing"),
        ("ticks", [], "ticks: holds no tick"),
        ("ticks", {}, "ticks: is not a list"),
        ("ticks/0", 7, "ticks[0]: is not an object"),
        ("extra", 1, "extra: '1' is not one of novate, version, oracle, ticks"),
        ("oracle/quorum", GONE, "oracle.quorum: is missing"),
        ("oracle/quorum", "2", "oracle.quorum: '2' is not a whole number"),
        ("oracle/quorum", True, "oracle.quorum: 'True' is not a whole number"),
        ("oracle/quorum", 2.5, "oracle.quorum: '2.5' is not a whole number"),
        ("oracle/quorum", 1, "oracle: does not hold: quorum 1 is outside [2, 4)"),
        ("oracle/contract", "0x12", "oracle.contract: '0x12' does not hold: length of an address"),
        ("oracle/contract", "12", "oracle.contract: '12' is not 0x and hexadecimal digits"),
        ("oracle/contract", "0x 12", "oracle.contract: '0x 12' is not 0x and hexadecimal digits"),
        ("oracle/contract", "0x0g", "oracle.contract: '0x0g' does not hold: non-hexadecimal"),
        ("oracle/publishers", "0x", "oracle.publishers: '0x' is not a list"),
        ("oracle/publishers/1", "0x12", "oracle.publishers: does not hold: a word has 32 bytes"),
        ("oracle/publishers/2", 12, "oracle.publishers[2]: '12' is not 0x and"),
        ("oracle/price_band", 1, "oracle.price_band: is not an object"),
        ("oracle/price_band/end_e6", GONE, "oracle.price_band.end_e6: is missing"),
        ("oracle/price_band/start_e6", 0, "oracle.price_band: does not hold: start of a band 0"),
        ("oracle/feeds/0/underlying", 0, "oracle.feeds[0]: does not hold: underlying 0"),
        ("oracle/feeds/0/sources", [], "oracle.feeds[0]: does not hold: number of sources 0"),
        ("oracle/feeds/0/sources/1/id", 1, "oracle.feeds[0]: does not hold: next source 1"),
        ("oracle/feeds/0/sources/1/weight", 0, "oracle.feeds[0].sources[1]: does not hold: weight"),
        ("ticks/0/taken_at", -1, "ticks[0].taken_at: '-1' does not hold"),
        ("ticks/0/reports/1", "0x1234", "ticks[0].reports[1]: does not hold: number of bytes"),
        ("ticks/0/reports/2", "0x" + 200 * "ff", "ticks[0].reports[2]: does not hold: coordinate"),
    ],
)
def test_what_does_not_hold_is_refused_with_file_line_and_field(
    tmp_path: Path, place: str, value: object, told: str
) -> None:
    path = altered(tmp_path, lambda told: put(told, place, value))
    with pytest.raises(FileRefused, match=rf"^ticks\.json, (line \d+, )?field {re.escape(told)}"):
        read_tick_file(path)


def test_a_publisher_is_listed_once(tmp_path: Path) -> None:
    first = json.loads(write(tmp_path).read_text())["oracle"]["publishers"][0]
    path = altered(tmp_path, lambda told: put(told, "oracle/publishers/2", first))
    with pytest.raises(FileRefused, match="field oracle: does not hold: a publisher is listed twi"):
        read_tick_file(path)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"novate": "oracle ticks"}', "\x00"])
def test_what_is_no_tick_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / FILE
    path.write_text(text)
    with pytest.raises(FileRefused, match=r"^ticks\.json"):
        read_tick_file(path)


def test_a_known_oracle_is_asked_for_by_its_fingerprint(tmp_path: Path) -> None:
    path = write(tmp_path)
    known = fingerprint(DOMAIN, PARAMETERS)
    found = read_tick_file(path, known=known)
    assert isinstance(found, TickFile)
    assert found.fingerprint == known
    other = fingerprint(DOMAIN, replace(PARAMETERS, quorum=3))
    with pytest.raises(FileRefused, match=f"is of the oracle {known}, not of {other}"):
        read_tick_file(path, known=other)


def test_a_fingerprint_is_made_of_the_file_alone(tmp_path: Path) -> None:
    path = write(tmp_path)
    oracle = json.loads(path.read_text())["oracle"]
    told = json.dumps(oracle, sort_keys=True, separators=(",", ":")).encode()
    assert read_tick_file(path).fingerprint == "0x" + hashlib.sha256(told).hexdigest()


def test_a_fingerprint_tells_every_oracle_apart() -> None:
    more = FeedParameters(Subject(Underlying.ETH, ONE_UNIT), (Source(1),))
    different: dict[str, Any] = {
        "publishers": PARAMETERS.publishers[::-1],
        "quorum": 3,
        "unlock_quorum": 2,
        "feeds": (*PARAMETERS.feeds, more),
        "oracle_heartbeat_s": 61,
        "source_age_s": 61,
        "clamp_e6": 1,
        "price_band": Band(1, 500, 500_000),
        "variance_band": Band(1, 500, 500_000),
        "price_doubt_e6": 1,
        "variance_doubt_e6": 1,
    }
    assert set(different) == {field.name for field in fields(OracleParameters)}
    others = [replace(PARAMETERS, **{name: value}) for name, value in different.items()]
    found = {fingerprint(DOMAIN, one) for one in (PARAMETERS, *others)}
    found |= {fingerprint(Domain(1, DOMAIN.contract), PARAMETERS)}
    found |= {fingerprint(Domain(DOMAIN.chain_id, bytes(20)), PARAMETERS)}
    assert len(found) == 3 + len(different)
