"""The command line: asks and shows, decides nothing."""

__all__: list[str] = []
