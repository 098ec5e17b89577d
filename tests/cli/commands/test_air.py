"""`novate air`: a table as a specification, and what each costs."""

import json

import pytest

from novate.circuits import program

from ..scene import invoke

TABLES = [table.name for table in program().tables]


def test_a_trade_is_printed_as_its_rulebook() -> None:
    shown = invoke("air", "show", "user_trade")
    assert shown.status == 0
    assert not shown.err
    for words in (
        "table user_trade",
        "Soundness.",
        "maker: the fee is the premium times the rate, rounded up",
        "maker_fee*1000000 - premium*maker_fee_rate - maker_fee_dust = 0",
        "nobody trades with himself",
        "taker: nobody is short a call",
        "looks up signed: the holder of this key signed this message for this venue",
    ):
        assert words in shown.out
    assert max(len(line) for line in shown.out.splitlines()) <= 100


@pytest.mark.parametrize("table", TABLES)
def test_every_table_can_be_shown(table: str) -> None:
    shown = invoke("air", "show", table)
    assert shown.status == 0
    assert shown.out.startswith(f"table {table}\n")


def test_a_table_that_is_none_is_answered_with_those_there_are() -> None:
    shown = invoke("air", "show", "nonsense")
    assert shown.status == 2
    assert not shown.out
    assert "no table 'nonsense'; there are " in shown.err
    assert all(table in shown.err for table in TABLES)


def test_the_cost_of_every_table_is_shown_the_largest_first() -> None:
    shown = invoke("air", "cost")
    assert shown.status == 0
    heading, *lines, unit = shown.out.splitlines()
    assert heading.split()[:2] == ["table", "cells"]
    assert {line.split()[0] for line in lines} == set(TABLES)
    costs = [int(line.split()[-1].replace(",", "")) for line in lines]
    assert costs == sorted(costs, reverse=True)
    assert "costs are in cells: a lookup counts as 5.50" in unit


def test_the_costs_are_the_same_for_machines() -> None:
    found = json.loads(invoke("air", "cost", "--json").out)
    assert {table["name"] for table in found} == set(TABLES)
    _, first, *_ = invoke("air", "cost").out.splitlines()
    name, cells, messages, constraints, degree, cost = first.replace(",", "").split()
    assert found[0] == {
        "name": name,
        "cells": int(cells),
        "messages": int(messages),
        "constraints": int(constraints),
        "degree": int(degree),
        "cost": int(cost),
    }
