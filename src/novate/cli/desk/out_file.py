"""The file that a command writes: never over what is of another kind, and never half in silence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from novate.cli.desk.flags import Flag

HEAD_BYTES = 200
"""Within these a file tells its kind."""


def out_flag(name: str) -> Flag:
    """The option that names it."""
    return click.option(
        "--out",
        type=click.Path(dir_okay=False, path_type=Path),
        default=Path(name),
        show_default=True,
        help="Where to write it.",
    )


def require_free(out: Path, *, mark: str, what: str) -> None:
    """Refuse to write over a file that is not of the same kind, which has `mark` near its begin.

    Raises: click.BadParameter.
    """
    if not out.parent.is_dir():
        raise _refusal(f"there is no folder {str(out.parent)!r}")
    if out.exists():
        with writing(out), out.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if mark.encode() not in head:
            raise _refusal(f"{str(out)!r} exists and is no {what}; name another file")


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """What goes wrong with the file within is told by its name.

    Raises: click.BadParameter.
    """
    try:
        yield
    except OSError as error:
        raise _refusal(f"{str(out)!r} cannot be written: {error.strerror or error}") from None


def _refusal(why: str) -> click.BadParameter:
    return click.BadParameter(why, param_hint="'--out'")
