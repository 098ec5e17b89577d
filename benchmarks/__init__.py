"""Measurements: each `run()` returns figures, kept in `latest/` with commit and machine."""
