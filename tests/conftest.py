"""Tests say the same thing every time: properties are searched from a fixed seed."""

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")
