"""What turning each dial of the system does: margin, flagged accounts, and losses beyond margin.

`make bench ONLY=dials` writes `benchmarks/latest/dials.json`, and the chart and tables of
docs/concepts/dials.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.backtest import dial_page
from benchmarks.backtest.dial_evidence import DialEvidence, drawn, published, thresholds
from benchmarks.backtest.dial_perpetuals import perpetuals
from benchmarks.backtest.prices import DATA, FILES
from benchmarks.backtest.stretch import CHOICE
from benchmarks.peers.interface import Floats
from novate.risk import Dials, horizon_s

Table = dict[str, Any]
CHOSEN = Dials()
MINUTE, HOUR = 60, 3600
ALIKE = 1.01
"""A book whose initial margin is so near to its maintenance margin has no distance between them: it
loses all that it can lose within the range, or what binds is not a move of the index."""


@dataclass(frozen=True)
class Dial:
    """One dial: its field, and the values to which it is turned, all else as chosen."""

    name: str
    field: str
    values: Mapping[str, int]

    def settings(self) -> dict[str, Dials]:
        """All dials at each of the values."""
        return {name: replace(CHOSEN, **{self.field: x}) for name, x in self.values.items()}


DIALS = (
    Dial(
        "margin_buffer",
        "margin_buffer_e6",
        {f"{part} %": part * 10_000 for part in (0, 5, 10, 15, 25, 35, 50)},
    ),
    Dial(
        "settlement_latency",
        "settlement_latency_s",
        {"1 min": MINUTE, "15 min": 15 * MINUTE}
        | {f"{hours} h": hours * HOUR for hours in (1, 4, 12, 24)},
    ),
    Dial(
        "oracle_heartbeat",
        "oracle_heartbeat_s",
        {"10 s": 10, "1 min": MINUTE, "10 min": 10 * MINUTE}
        | {f"{hours} h": hours * HOUR for hours in (1, 3, 6)},
    ),
    Dial(
        "liquidation_threshold",
        "liquidation_threshold_e6",
        {f"{tenths / 10}": tenths * 100_000 for tenths in (8, 9, 10, 11, 12)},
    ),
)
TOGETHER = {
    "default": CHOSEN,
    "1 h, buffer 25 %": replace(CHOSEN, settlement_latency_s=HOUR, margin_buffer_e6=250_000),
    "4 h": replace(CHOSEN, settlement_latency_s=4 * HOUR),
    "threshold 1.1, buffer 25 %": replace(
        CHOSEN, liquidation_threshold_e6=1_100_000, margin_buffer_e6=250_000
    ),
}
"""Two dials turned at once, beside what they are compared with."""
TURNED = {dial.name: dial.settings() for dial in DIALS} | {"together": TOGETHER}
SETTINGS = tuple(dict.fromkeys(one for each in TURNED.values() for one in each.values()))
KINDS = ("published", "drawn_synthetic", "perpetuals")


def run() -> Table:
    """All figures, of the choice stretch alone."""
    if not DATA.is_dir():
        raise SystemExit(f"no data at {DATA}: prices and chains are read from there")
    real = published(SETTINGS)
    evidence = {
        underlying: dict(
            zip(
                KINDS,
                (real[underlying], drawn(SETTINGS, underlying), perpetuals(SETTINGS, underlying)),
                strict=True,
            )
        )
        for underlying in FILES
    }
    figures = {name: at_each(settings, evidence) for name, settings in TURNED.items()}
    dial_page.write(figures)
    return {
        "what": {
            "stretch": CHOICE.name,
            "books": {
                underlying: {kind: one.weight.size for kind, one in kinds.items()}
                for underlying, kinds in evidence.items()
            },
            "unit": "margins in percent of notional, books in percent; "
            "shortfall in USD per million USD of notional, a mean over all books",
        }
    } | figures


def closing_h(dials: Dials) -> float:
    """Hours from the last proven state and the last tick until a position is closed: six, the
    latency and the heartbeat. Shocks grow with the square root of it."""
    chosen_s = CHOSEN.settlement_latency_s + CHOSEN.oracle_heartbeat_s
    return (horizon_s(dials) + chosen_s) / HOUR


def at_each(
    settings: Mapping[str, Dials], evidence: Mapping[str, Mapping[str, DialEvidence]]
) -> Table:
    """All figures at each setting, by underlying and kind of market."""
    return {
        name: {"is_default": dials == CHOSEN, "hours": round(closing_h(dials), 3)}
        | {
            underlying: {kind: at_setting(one, dials) for kind, one in kinds.items()}
            for underlying, kinds in evidence.items()
        }
        for name, dials in settings.items()
    }


def at_setting(evidence: DialEvidence, dials: Dials) -> Table:
    """Margins, flags and shortfalls when all dials stand so."""
    i = SETTINGS.index(dials)
    initial, maintenance = evidence.initial[i], evidence.maintenance[i]
    flag = thresholds([dials])[0, 0] * maintenance
    hours = closing_h(dials)
    as_chosen = evidence.maintenance[SETTINGS.index(CHOSEN)]
    is_alike = initial <= ALIKE * maintenance
    return {
        "initial": _percent(mean(evidence, initial)),
        "maintenance": _percent(mean(evidence, maintenance)),
        "at_flag": _percent(mean(evidence, flag)),
        "flagged_within_6h": _percent(mean(evidence, evidence.flagged[i])),
        "without_distance": _percent(mean(evidence, is_alike.astype(float))),
        "without_distance_flagged_within_6h": _percent(
            mean(evidence, np.where(is_alike, evidence.flagged[i], np.nan))
        ),
        "others_flagged_within_6h": _percent(
            mean(evidence, np.where(is_alike, np.nan, evidence.flagged[i]))
        ),
        "who_holds_initial": beyond(evidence, initial, hours),
        "who_stands_at_the_flag": beyond(evidence, flag, hours),
        "who_holds_maintenance_of_the_default": beyond(evidence, as_chosen, hours),
    }


def beyond(evidence: DialEvidence, held: Floats, hours: float) -> Table:
    """How many books lose more than they hold until then, and how much more.

    Between two hours the line between both is read; beyond the last one nothing is known.
    """
    over = np.maximum(evidence.loss - held, 0.0)
    is_over = np.where(np.isfinite(over), over > 0, np.nan)
    breached = read(evidence, is_over, hours)
    short = read(evidence, over, hours)
    return {"breached": _percent(breached, 4), "shortfall": _rounded(1e6 * short, 3)}


def read(evidence: DialEvidence, values: Floats, hours: float) -> float:
    """The mean over books, hours x books, at any time up to the last known."""
    means = [mean(evidence, row) for row in values]
    return float(np.interp(hours, evidence.hours, means, right=np.nan))


def mean(evidence: DialEvidence, values: Floats) -> float:
    """Over all books of which it is known, each for as many as it stands for."""
    known = np.isfinite(values)
    weight = evidence.weight[known]
    return float(values[known] @ weight / weight.sum()) if known.any() else np.nan


def _percent(part: float, digits: int = 3) -> float | None:
    return _rounded(100 * part, digits)


def _rounded(value: float, digits: int) -> float | None:
    return None if np.isnan(value) else round(value, digits)
