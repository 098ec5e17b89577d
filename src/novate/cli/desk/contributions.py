"""What each position of a holding loses where initial margin is decided."""

from typing import Any

import numpy as np

from novate.cli.desk.figures import figures_table
from novate.cli.desk.holding import Holding
from novate.cli.render import cents
from novate.risk import Explanation
from novate.units import Usd


def contributions_table(holding: Holding, found: Explanation) -> Any:
    """The largest first, with what forwards apart add, and their sum: the scan."""
    scan_e6 = int(found.requirement.initial_scan_e6[0])
    order = np.argsort(-found.contribution_e6, kind="stable").tolist()
    names, size_e3 = holding.names, holding.positions.quantity_e3
    rows = [
        (
            names[place],
            f"{size_e3[place] / 1000:,.3f}",
            cents(Usd(int(found.contribution_e6[place]))),
            _share(int(found.contribution_e6[place]), scan_e6),
        )
        for place in order
    ]
    if found.basis_e6:
        basis_e6 = found.basis_e6
        rows.append(("forwards apart", "", cents(Usd(basis_e6)), _share(basis_e6, scan_e6)))
    return figures_table(
        "What each position loses where initial margin is decided, USDC; hedges below zero",
        ("", "quantity", "loss", "of the scan"),
        rows,
        total=("scan", "", cents(Usd(scan_e6)), _share(scan_e6, scan_e6)),
    )


def contribution_fields(holding: Holding, found: Explanation) -> list[dict[str, Any]]:
    """The same for machines, in the order of the positions; money in millionths."""
    return [
        {"instrument": name, "quantity_e3": size, "loss_e6": loss}
        for name, size, loss in zip(
            holding.names,
            holding.positions.quantity_e3.tolist(),
            found.contribution_e6.tolist(),
            strict=True,
        )
    ]


def _share(part_e6: int, whole_e6: int) -> str:
    return f"{100 * part_e6 / whole_e6:.1f} %" if whole_e6 else ""
