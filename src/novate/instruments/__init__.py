"""What can be traded, as a payoff at an instant."""

from novate.instruments.expiry import format_expiry, parse_expiry
from novate.instruments.instrument import Instrument, Maturity, Perpetual, future, perpetual
from novate.instruments.name import format_name, parse_name, parse_option
from novate.instruments.name_refused import Nameless, NameRefused
from novate.instruments.option import Option, Right
from novate.instruments.payoff import LINEAR, Kink, Payoff, call, contract_value_law, put
from novate.instruments.position_payoff import (
    intrinsic_value_e6,
    moneyness_law,
    payoff,
    payoff_law,
)
from novate.instruments.tick import FINEST, Tick, TickStep
from novate.instruments.underlying import REGISTRY, Registry, Underlying

__all__ = [
    "FINEST",
    "LINEAR",
    "REGISTRY",
    "Instrument",
    "Kink",
    "Maturity",
    "NameRefused",
    "Nameless",
    "Option",
    "Payoff",
    "Perpetual",
    "Registry",
    "Right",
    "Tick",
    "TickStep",
    "Underlying",
    "call",
    "contract_value_law",
    "format_expiry",
    "format_name",
    "future",
    "intrinsic_value_e6",
    "moneyness_law",
    "parse_expiry",
    "parse_name",
    "parse_option",
    "payoff",
    "payoff_law",
    "perpetual",
    "put",
]
