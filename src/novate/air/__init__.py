"""A small language of integer tables, and the prover behind it. It has never heard of money."""

from novate.air.check import BrokenSentence, Finding, UnbalancedMessage, check
from novate.air.cost import TableCost, cost_report, costs
from novate.air.expression import Expression, limbs, limbs16
from novate.air.kind import below, bit, choice, element, signed, unsigned, vector
from novate.air.lowering import InverseOf, LawRefused, ProgramRefused
from novate.air.machine import Machine, NotSecure, ProofRefused, Security
from novate.air.program import Program
from novate.air.show import show
from novate.air.statement import (
    Bus,
    Statement,
    equal,
    equals,
    first,
    followed,
    last,
    lookup,
    lookup_bus,
    modular,
    permutation_bus,
    provide,
    receive,
    send,
    when,
    zero,
)
from novate.air.table import Chosen, Row, Table
from novate.air.witness import InputRefused, Trace, trace

__all__ = [
    "BrokenSentence",
    "Bus",
    "Chosen",
    "Expression",
    "Finding",
    "InputRefused",
    "InverseOf",
    "LawRefused",
    "Machine",
    "NotSecure",
    "Program",
    "ProgramRefused",
    "ProofRefused",
    "Row",
    "Security",
    "Statement",
    "Table",
    "TableCost",
    "Trace",
    "UnbalancedMessage",
    "below",
    "bit",
    "check",
    "choice",
    "cost_report",
    "costs",
    "element",
    "equal",
    "equals",
    "first",
    "followed",
    "last",
    "limbs",
    "limbs16",
    "lookup",
    "lookup_bus",
    "modular",
    "permutation_bus",
    "provide",
    "receive",
    "send",
    "show",
    "signed",
    "trace",
    "unsigned",
    "vector",
    "when",
    "zero",
]
