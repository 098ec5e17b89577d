"""A report with the signature of its publisher."""

from dataclasses import replace

import pytest

from novate.field import Tag, sponge, word_bytes
from novate.keys import FIELD_ORDER, GROUP_ORDER, Domain, Signature, is_valid, public_key
from novate.oracle import (
    ReportRefused,
    SignedTickReport,
    is_report_signed,
    report_digest,
    report_elements,
    sign_report,
)
from novate.units import Rate

from .scene import DOMAIN, SECRETS, feed, quote, report, signed

GOOD = signed(0)
OTHER_VENUES = {
    "another chain": replace(DOMAIN, chain_id=1),
    "another contract": Domain(DOMAIN.chain_id, bytes(20)),
}


def test_the_digest_is_the_sponge_over_place_and_report() -> None:
    elements = (*DOMAIN.elements, *report_elements(GOOD.report))
    assert report_digest(DOMAIN, GOOD.report) == sponge(Tag.TICK, elements)
    assert is_valid(word_bytes(sponge(Tag.TICK, elements)), GOOD.key, GOOD.signature)


def test_a_signed_report_is_recognised() -> None:
    assert is_report_signed(DOMAIN, GOOD)
    assert not is_report_signed(DOMAIN, replace(GOOD, key=public_key(SECRETS[1])))


@pytest.mark.parametrize("venue", OTHER_VENUES)
def test_a_report_for_another_venue_is_not_signed_for_this_one(venue: str) -> None:
    elsewhere = sign_report(OTHER_VENUES[venue], GOOD.report, SECRETS[0])
    assert is_report_signed(OTHER_VENUES[venue], elsewhere)
    assert not is_report_signed(DOMAIN, elsewhere)


def test_every_number_of_a_report_is_signed() -> None:
    other = report(feed(expiries=(quote(confidence=Rate(1)),)))
    assert not is_report_signed(DOMAIN, replace(GOOD, report=other))


def test_a_signed_report_is_read_back() -> None:
    assert SignedTickReport.decode(GOOD.encode()) == GOOD


@pytest.mark.parametrize("length", [0, 1, 127, 128, 129])
def test_bytes_cut_short_are_refused(length: int) -> None:
    with pytest.raises(ReportRefused):
        SignedTickReport.decode(GOOD.encode()[:length])


def test_a_signature_or_a_key_has_one_encoding() -> None:
    high = Signature(GOOD.signature.r, GROUP_ORDER - GOOD.signature.s)
    with pytest.raises(ReportRefused, match="signature"):
        SignedTickReport.decode(replace(GOOD, signature=high).encode())
    wide = replace(GOOD.key, x=GOOD.key.x % 2**32 + FIELD_ORDER)
    with pytest.raises(ReportRefused, match="coordinate"):
        SignedTickReport.decode(replace(GOOD, key=wide).encode())
