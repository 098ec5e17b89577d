"""Option values and Greeks, integers in and integers out."""

from novate.pricing.surface import Svi, SviRefused

__all__ = [
    "Svi",
    "SviRefused",
]
