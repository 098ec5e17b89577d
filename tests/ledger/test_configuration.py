"""The parameters of the venue."""

from dataclasses import replace

import pytest

from novate.field import Tag, sponge
from novate.units import OutOfRange, Rate

from .scene import CONFIGURATION


def test_the_configuration_is_a_word_of_parameters_and_a_word_per_publisher() -> None:
    words = CONFIGURATION.words
    assert words[0] == (1, 300, 500, 2, 3, 600, 0, 0)
    assert words[1:] == CONFIGURATION.publishers
    assert CONFIGURATION.hash == sponge(Tag.CONFIGURATION, [e for w in words for e in w])


@pytest.mark.parametrize(
    "change",
    [
        {"maker_fee_rate": Rate(301)},
        {"taker_fee_rate": Rate(501)},
        {"quorum": 3},
        {"heartbeat_s": 601},
        {"publishers": CONFIGURATION.publishers[:2]},
        {"publishers": CONFIGURATION.publishers[::-1]},
    ],
)
def test_every_parameter_is_in_the_hash(change: dict[str, object]) -> None:
    assert replace(CONFIGURATION, **change).hash != CONFIGURATION.hash  # type: ignore[arg-type]


@pytest.mark.parametrize(("quorum", "fits"), [(0, False), (1, True), (3, True), (4, False)])
def test_a_quorum_is_possible_and_not_empty(quorum: int, fits: bool) -> None:
    if fits:
        replace(CONFIGURATION, quorum=quorum)
    else:
        with pytest.raises(OutOfRange):
            replace(CONFIGURATION, quorum=quorum)


@pytest.mark.parametrize(("count", "fits"), [(1, True), (16, True), (17, False)])
def test_there_are_one_to_sixteen_publishers(count: int, fits: bool) -> None:
    publishers = tuple((i, *[1] * 7) for i in range(count))
    if fits:
        replace(CONFIGURATION, publishers=publishers, quorum=1)
    else:
        with pytest.raises(OutOfRange):
            replace(CONFIGURATION, publishers=publishers, quorum=1)


def test_a_publisher_is_listed_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        replace(CONFIGURATION, publishers=CONFIGURATION.publishers[:1] * 2)
