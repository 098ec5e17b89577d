"""`novate risk report`: all about the risk of a portfolio, as one HTML file."""

from pathlib import Path

import click

from novate.cli.desk.figures import show_json
from novate.cli.desk.inputs import Inputs, with_inputs
from novate.cli.desk.out_file import out_flag, require_free, writing
from novate.cli.report.page import MARK
from novate.cli.report.risk_report import risk_report


@click.command(short_help="One HTML file with everything; opens offline, prints on A4.")
@with_inputs
@out_flag("risk-report.html")
def report(inputs: Inputs, out: Path) -> None:
    """Write payoff, stress, margin, scenarios, surface and Greeks of a portfolio into one file."""
    require_free(out, mark=MARK, what="risk report")
    held = inputs.read()
    with inputs.talk.stage("report", "drawing"):
        text = risk_report(held)
    with writing(out):
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
