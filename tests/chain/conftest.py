"""Fixtures of the chain's tests."""

from .scene import funded, scene

__all__ = ["funded", "scene"]
