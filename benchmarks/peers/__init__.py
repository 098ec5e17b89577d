"""Margin models of other venues, to compare ours with: floats, and no part of the product."""
