"""What both margins are made of, in words that fit a table."""

from typing import Any, Final

from novate.risk import Explanation, Part

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


def part_fields(found: Explanation) -> list[dict[str, Any]]:
    """All of them for machines; money in millionths."""
    return [
        {"name": part.name, "initial_e6": part.initial_e6, "maintenance_e6": part.maintenance_e6}
        for part in found.parts
    ]
