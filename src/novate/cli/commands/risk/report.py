"""`novate risk report`: all about the risk of a portfolio, as one HTML file."""

from pathlib import Path

import click

from novate.cli.desk.figures import show_json
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.report.page import MARK
from novate.cli.report.risk_report import risk_report


@click.command(short_help="One HTML file with everything; opens offline, prints on A4.")
@with_inputs
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("risk-report.html"),
    show_default=True,
    help="Where to write it.",
)
def report(inputs: Inputs, out: Path) -> None:
    """Write payoff, stress, margin, scenarios, surface and Greeks of a portfolio into one file."""
    _require_free(out)
    held = inputs.read()
    with inputs.talk.stage("report", "drawing"):
        text = risk_report(held)
    out.write_text(text, encoding="utf-8")
    size = len(text.encode())
    if inputs.as_json:
        show_json(
            {
                "report": str(out),
                "bytes": size,
                "initial_e6": held.margin.initial.e6,
                "maintenance_e6": held.margin.maintenance.e6,
                "health": held.health.value,
                "notices": list(held.notices),
            }
        )
    else:
        click.echo(f"{out}: {size:,} bytes; open it in any browser")


def _require_free(out: Path) -> None:
    """Refuse to write over what is no report.

    Raises: click.BadParameter.
    """
    if not out.exists():
        if not out.parent.is_dir():
            raise click.BadParameter(f"--out: there is no folder {str(out.parent)!r}")
        return
    with out.open("rb") as file:
        first = file.readline(200)
    if MARK.encode() not in first:
        raise click.BadParameter(
            f"--out: {str(out)!r} exists and is no risk report; name another file"
        )
