"""Every way the oracle says no."""

import dataclasses

import pytest

from novate import oracle
from novate.oracle import Refusal, TooFewReports

REFUSALS = [
    named
    for name in oracle.__all__
    if isinstance(named := getattr(oracle, name), type)
    and issubclass(named, Refusal)
    and named is not Refusal
]


def test_no_two_refusals_share_a_code() -> None:
    assert len({refusal.code for refusal in REFUSALS}) == len(REFUSALS) == 14


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_says_every_one_of_its_numbers_and_the_next_step(refusal: type[Refusal]) -> None:
    for field in dataclasses.fields(refusal):
        assert f"{{self.{field.name}}}" in refusal.said
    assert refusal.next_step


def test_a_refusal_reads_as_a_sentence() -> None:
    assert str(TooFewReports(counted=2, quorum=3)) == "2 reports count, 3 are needed"
