"""`novate`: the entry point, and the one place where an error becomes a status."""

import sys
import traceback
from collections.abc import Sequence

import click
from rich.console import Console

from novate import __version__
from novate.cli.commands.air import air
from novate.cli.commands.demo import demo
from novate.cli.commands.program import program
from novate.cli.commands.risk import risk
from novate.cli.commands.verify import verify
from novate.cli.exit_code import ExitCode, ending

INTERRUPTED = 130


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Status: 0 done, 1 a bug, 2 usage, 3 rejected or refused, 4 a node cannot be reached.",
)
@click.version_option(__version__, prog_name="novate")
def novate() -> None:
    """Crypto options, settled so that nobody has to be trusted with the outcome."""


for command in (air, demo, program, risk, verify):
    novate.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """The status with which these arguments end."""
    try:
        novate.main(args=list(arguments), prog_name="novate", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return ExitCode.DONE
    except Exception as error:
        return _told(error)
    return ExitCode.DONE


def _told(error: Exception) -> int:
    end = ending(error)
    if end.code is ExitCode.BUG:
        traceback.print_exception(error)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(end.happened, style="red", markup=False)
    console.print(f"  next: {end.next_step}", markup=False)
    return end.code


def main() -> None:
    """Run with the arguments of the process."""
    sys.exit(run(sys.argv[1:]))
