"""What a number means, how big it may be, and which way it rounds."""

from novate.units import bounds
from novate.units.binary_places import down, nearest
from novate.units.choice import larger, smaller
from novate.units.instant import Instant
from novate.units.integers import Integers
from novate.units.law import Term, one_part_law, parts, parts_law
from novate.units.named_error import NamedError
from novate.units.out_of_range import NotAnInteger, OutOfRange, within
from novate.units.price import IndexPrice, Multiplier, Price
from novate.units.qty import Qty
from novate.units.rate import Rate
from novate.units.rounding import Rounding, div, floor_and_rest, quotient_law
from novate.units.tenor import Tenor
from novate.units.usd import Usd
from novate.units.vol import Vol

__all__ = [
    "IndexPrice",
    "Instant",
    "Integers",
    "Multiplier",
    "NamedError",
    "NotAnInteger",
    "OutOfRange",
    "Price",
    "Qty",
    "Rate",
    "Rounding",
    "Tenor",
    "Term",
    "Usd",
    "Vol",
    "bounds",
    "div",
    "down",
    "floor_and_rest",
    "larger",
    "nearest",
    "one_part_law",
    "parts",
    "parts_law",
    "quotient_law",
    "smaller",
    "within",
]
