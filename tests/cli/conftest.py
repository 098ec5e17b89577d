"""Fixtures of the command line's tests."""

from .scene import demo, pretending

__all__ = ["demo", "pretending"]
