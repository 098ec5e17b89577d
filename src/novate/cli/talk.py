"""What is said while something happens: to stderr, so that results stay alone on stdout."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

LABEL_COLUMNS = 14


class Talk:
    """A voice on stderr: headings, labelled lines, and stages that take a while."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)

    def heading(self, text: str) -> None:
        """A new part of the story."""
        self._console.print()
        self._console.print(text, style="bold", markup=False)

    def line(self, label: str, text: str, *, style: str | None = None) -> None:
        """A fact, under a label; the same label needs no repetition."""
        self._console.print(f"  {label:<{LABEL_COLUMNS}}{text}", style=style, markup=False)

    def good(self, label: str, text: str) -> None:
        """Something has been shown to be so."""
        self.line(label, text, style="green")

    def refusal(self, label: str, text: str) -> None:
        """Something was refused, as it should be."""
        self.line(label, text, style="yellow")

    @contextmanager
    def stage(self, label: str, text: str) -> Iterator[None]:
        """Show that work goes on, and afterwards how long it took."""
        began = time.perf_counter()
        if self._console.is_terminal:
            with Progress(
                TextColumn(f"  {label:<{LABEL_COLUMNS}}", markup=False),
                SpinnerColumn(),
                TextColumn(text, markup=False),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            ) as progress:
                progress.add_task("", total=None)
                yield
        else:
            yield
        self.line(label, f"{text}: {time.perf_counter() - began:.1f} s")
