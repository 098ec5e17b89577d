"""What can be traded, as a payoff at an instant."""

from novate.instruments.expiry import format_expiry, parse_expiry
from novate.instruments.name import format_name, parse_name
from novate.instruments.option import Option, Right
from novate.instruments.payoff import intrinsic_value_e6, moneyness_law, payoff, payoff_law
from novate.instruments.underlying import Underlying

__all__ = [
    "Option",
    "Right",
    "Underlying",
    "format_expiry",
    "format_name",
    "intrinsic_value_e6",
    "moneyness_law",
    "parse_expiry",
    "parse_name",
    "payoff",
    "payoff_law",
]
