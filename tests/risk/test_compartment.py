"""Compartments: nothing of one counts in another."""

from dataclasses import replace

import numpy as np
import pytest

from novate.instruments import Underlying
from novate.risk import (
    BTC,
    ETH,
    MAJORS,
    Compartment,
    Dials,
    OtherCompartment,
    RiskParameters,
    margins,
    requirement,
    risk_table,
)
from novate.units import OutOfRange, bounds

from .scene import held, synthetic

SCENE = synthetic()
LISTED = SCENE.listing.instruments[0].underlying
BOOK = held((SCENE.perp, -1_000), (SCENE.call(1, 100), 500))
OTHER = Compartment(2, ((LISTED, BTC),))


def test_the_majors_are_bitcoin_and_ether_each_with_its_own_risk() -> None:
    assert MAJORS.number == 1
    assert MAJORS.risk_of(Underlying.BTC) == BTC
    assert MAJORS.risk_of(Underlying.ETH) == ETH


@pytest.mark.parametrize("dials", [Dials(), Dials(margin_buffer_e6=0)])
def test_a_table_of_a_compartment_has_its_parameters_its_dials_and_its_number(dials: Dials) -> None:
    compartment = Compartment(7, ((Underlying.SOL, ETH), (LISTED, BTC)), dials)
    table = compartment.table(SCENE.listing, SCENE.market)
    same = risk_table(SCENE.listing, SCENE.market, BTC, dials, compartment=7)
    assert np.array_equal(table.summand_e3, same.summand_e3)
    assert (table.shocks, table.compartment) == (same.shocks, 7)
    again = compartment.table(SCENE.listing, SCENE.market, previous=table)
    assert again.contract is table.contract


def test_an_underlying_that_a_compartment_does_not_list_is_refused() -> None:
    altcoins = Compartment(3, ((Underlying.SOL, ETH), (Underlying.XRP, ETH)))
    with pytest.raises(OtherCompartment, match=f"{LISTED} is not of compartment 3, .* SOL, XRP"):
        altcoins.table(SCENE.listing, SCENE.market)
    with pytest.raises(OtherCompartment):
        MAJORS.risk_of(Underlying.SOL)


def test_what_two_compartments_require_is_never_added_up() -> None:
    """Neither a gain nor a requirement of one counts in the other."""
    one = requirement(MAJORS.table(SCENE.listing, SCENE.market), BOOK)
    other = requirement(OTHER.table(SCENE.listing, SCENE.market), BOOK)
    cash_e6 = np.array([10**9])
    both = margins(cash_e6, [one, one])
    assert both.initial_e6[0] == 2 * one.initial_e6[0] > 0
    with pytest.raises(OtherCompartment, match=r"compartments \[1, 2\]"):
        margins(cash_e6, [one, other])


@pytest.mark.parametrize(
    "number", [0, 1 << bounds.COMPARTMENT_BITS, -1], ids=["none", "too large", "below zero"]
)
def test_a_number_that_no_compartment_has_is_refused(number: int) -> None:
    with pytest.raises(OutOfRange, match="compartment"):
        replace(MAJORS, number=number)
    replace(MAJORS, number=(1 << bounds.COMPARTMENT_BITS) - 1)


@pytest.mark.parametrize(
    "parameters", [(), ((LISTED, BTC), (LISTED, BTC)), ((LISTED, BTC), (LISTED, ETH))]
)
def test_a_compartment_names_each_of_its_underlyings_once(
    parameters: tuple[tuple[Underlying, RiskParameters], ...],
) -> None:
    with pytest.raises(ValueError, match="names each of its underlyings once"):
        Compartment(1, parameters)
