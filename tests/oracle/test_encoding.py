"""One encoding of a report, and one report in it."""

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novate.field import P
from novate.oracle import (
    REPORT_ELEMENTS_MAX,
    ReportRefused,
    TickReport,
    decode_report,
    encode_report,
    report_elements,
)
from novate.units import Instant, Price

from .scene import BTC, ETH, NOW, SMILE, SOON, feed, quote, report, sources
from .strategies import tick_reports

ONE = report(feed(sources=sources(5, ids=(7,)), expiries=(quote(forward=Price(2**16 + 1)),)))
ELEMENTS = report_elements(ONE)


def written(elements: tuple[int, ...]) -> bytes:
    """Elements as bytes, whatever they are."""
    return b"".join(element.to_bytes(4, "big") for element in elements)


def with_element(place: int, element: int) -> bytes:
    """The encoding of `ONE` with another element at a place."""
    return written((*ELEMENTS[:place], element, *ELEMENTS[place + 1 :]))


def test_a_report_is_written_as_the_page_says() -> None:
    seen, at = NOW.s - 2, NOW.s
    head = (1, at & 0xFFFF, at >> 16, 1)
    source = (7, 5, 0, seen & 0xFFFF, seen >> 16)
    smile = (120_000, 250_000, P - 300_000, 50_000, 400_000)
    expiry = (SOON.s & 0xFFFF, SOON.s >> 16, 1, 1, 40_000, *smile, 950_000)
    assert (*head, 1, 1_000, 1, 1, *source, *expiry) == ELEMENTS
    assert encode_report(ONE) == written(ELEMENTS)


@settings(max_examples=200, deadline=None)
@given(tick_reports)
def test_a_report_is_read_back(said: TickReport) -> None:
    assert decode_report(encode_report(said)) == said


@settings(max_examples=400, deadline=None)
@given(tick_reports, st.data())
def test_bytes_that_are_read_are_the_bytes_that_would_be_written(
    said: TickReport, data: st.DataObject
) -> None:
    good = encode_report(said)
    place = data.draw(st.integers(0, len(good) - 1))
    changed = bytearray(good)
    changed[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(ReportRefused):
        read = decode_report(bytes(changed))
        assert encode_report(read) == bytes(changed)
        assert read != said


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=60), st.binary(max_size=90))
def test_any_bytes_are_a_report_or_refused_by_name(elements: list[int], rest: bytes) -> None:
    for data in (written(tuple(elements)), rest, encode_report(ONE)[: len(elements)] + rest):
        with contextlib.suppress(ReportRefused):
            assert encode_report(decode_report(data)) == data


@pytest.mark.parametrize("length", range(4 * len(ELEMENTS)))
def test_a_report_cut_short_is_refused(length: int) -> None:
    with pytest.raises(ReportRefused):
        decode_report(encode_report(ONE)[:length])


@pytest.mark.parametrize("rest", [b"\x00", bytes(4), bytes(400)])
def test_what_follows_a_report_is_refused(rest: bytes) -> None:
    with pytest.raises(ReportRefused, match=r"elements follow|number of bytes"):
        decode_report(encode_report(ONE) + rest)


@pytest.mark.parametrize(
    ("place", "element", "said"),
    [
        (0, 0, "version"),
        (0, 2, "version"),
        (1, 2**16, "limb"),
        (2, P - 1, "limb"),
        (3, 0, "number of feeds"),
        (3, 2, "ends early"),
        (3, 17, "number of feeds"),
        (4, 0, "underlying"),
        (4, 2**16, "underlying"),
        (5, 0, "multiplier"),
        (5, P, "element 5"),
        (6, 17, "number of sources"),
        (7, 33, "number of expiries"),
        (7, 10_000, "number of expiries"),
        (8, 0, "source"),
        (10, 2**15, "price of a source"),
        (14, 1, "tenor"),
        (16, 2**15, "forward"),
        (17, 2**20, "rate"),
        (17, 2**29, "29 bits"),
        (18, P - 120_000, "variance"),
        (19, P - 1, "b_e6"),
        (20, 10**6, "rho"),
        (22, 0, "s_e6"),
        (23, 10**6 + 1, "confidence"),
    ],
)
def test_an_element_outside_its_range_is_refused_with_its_value(
    place: int, element: int, said: str
) -> None:
    with pytest.raises(ReportRefused, match=said):
        decode_report(with_element(place, element))
    assert decode_report(with_element(place, ELEMENTS[place])) == ONE


def test_a_zero_price_cannot_be_written() -> None:
    for place in (9, 15):
        zero = (*ELEMENTS[:place], 0, 0, *ELEMENTS[place + 2 :])
        with pytest.raises(ReportRefused, match=r"price|forward"):
            decode_report(written(zero))


def test_parts_out_of_order_or_told_twice_are_refused() -> None:
    two = report_elements(report(feed(BTC), feed(ETH)))
    half = (len(two) - 4) // 2
    first, second = two[4 : 4 + half], two[4 + half :]
    for feeds in ((second, first), (first, first)):
        with pytest.raises(ReportRefused, match="do not rise"):
            decode_report(written((*two[:4], *feeds[0], *feeds[1])))


def test_the_longest_report_has_the_stated_length_and_one_byte_more_is_refused() -> None:
    full = feed(
        sources=sources(ids=range(1, 17)),
        expiries=tuple(quote(Instant(SOON.s + i), smile=SMILE) for i in range(32)),
    )
    subjects = (replace(BTC, multiplier=replace(BTC.multiplier, e3=1 + i)) for i in range(16))
    longest = report(*(replace(full, subject=subject) for subject in subjects))
    data = encode_report(longest)
    assert len(data) == 4 * REPORT_ELEMENTS_MAX == 27_920
    assert decode_report(data) == longest
    with pytest.raises(ReportRefused, match="number of bytes"):
        decode_report(data + bytes(4))
