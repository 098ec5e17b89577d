"""What both margins are made of, in words that fit a table."""

from typing import Any, Final

from novate.cli.desk.figures import figures_table
from novate.cli.render import cents
from novate.risk import Explanation, Part
from novate.units import Usd

WORDS: Final = {
    "scan": "worst scenario",
    "basis": "forwards apart in it",
    "value": "option value at sale",
    "crowded": "crowded delta",
    "short": "naked short options",
    "confidence": "uncertain prices",
    "funding": "funding of 8 h",
    "flagged": "flagged at once",
    "capped": "more than can be lost",
}
"""By the names of the parts."""


def shown_parts(explanations: dict[str, Explanation]) -> dict[str, dict[str, Part]]:
    """Parts by words, of each underlying; without those of which none has anything."""
    return {
        words: {
            symbol: part
            for symbol, found in explanations.items()
            for part in found.parts
            if part.name == name
        }
        for name, words in WORDS.items()
        if any(
            part.name == name and (part.initial_e6 or part.maintenance_e6)
            for found in explanations.values()
            for part in found.parts
        )
    }


def parts_table(found: Explanation) -> Any:
    """Those of one underlying that are not nothing."""
    shown = [part for part in found.parts if part.initial_e6 or part.maintenance_e6]
    return figures_table(
        "What is required, USDC",
        ("", "initial", "maintenance"),
        [
            (part.words, cents(Usd(part.initial_e6)), cents(Usd(part.maintenance_e6)))
            for part in shown
        ],
        total=(
            "together",
            cents(Usd(int(found.requirement.initial_e6[0]))),
            cents(Usd(int(found.requirement.maintenance_e6[0]))),
        ),
    )


def part_fields(found: Explanation) -> list[dict[str, Any]]:
    """All of them for machines; money in millionths."""
    return [
        {"name": part.name, "initial_e6": part.initial_e6, "maintenance_e6": part.maintenance_e6}
        for part in found.parts
    ]
